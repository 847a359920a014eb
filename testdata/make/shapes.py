"""Services whose objects are of one of a few shapes: an object of each kind that a service must show."""

import csv
import io

from cases import UNPARSED, Service, compact, jsonl, lines, packed


def json_lines(name, tag, good, elsewhere, ignored=()):
    """Services of JSON lines.

    good is {case: (key, events)}; tag is every event's, or a function that gives it.
    """
    s = Service(name)
    of = tag if callable(tag) else lambda event: tag
    for case, (key, events) in good.items():
        s.case(case, key, jsonl(events), [(of(e), compact(e)) for e in elements(events)])
    (key, events), *_ = good.values()
    first, last = events[0], events[-1]
    half = compact(first)[: len(compact(first)) // 2]
    s.case("empty", key, "", [])
    s.case(
        "damaged",
        key,
        jsonl([first]) + half + "\n" + jsonl([last]),
        [(of(first), compact(first)), (UNPARSED, half), (of(last), compact(last))],
    )
    finish(s, elsewhere, ignored)
    return s


def elements(documents):
    """The records that documents are: an array is its elements."""
    return [e for d in documents for e in (d if isinstance(d, list) else [d])]


def json_documents(name, tag, good, elsewhere, ignored=()):
    """The same for JSON documents without anything between them, which cannot go on behind a fault."""
    s = Service(name)
    of = tag if callable(tag) else lambda event: tag
    for case, (key, events) in good.items():
        s.case(case, key, "".join(map(compact, events)), [(of(e), compact(e)) for e in events])
    (key, (first, *_)), *_ = good.values()
    text = compact(first)
    s.case("empty", key, "", [])
    s.case("damaged", key, text + text[:-2], [(of(first), text)], error="truncated")
    finish(s, elsewhere, ignored)
    return s


def text_lines(name, tag, good, elsewhere, ignored=()):
    """Services of lines, none of which can be wrong: what is damaged is the packing."""
    s = Service(name)
    of = tag if callable(tag) else lambda text: tag
    for case, (key, texts) in good.items():
        s.case(case, key, lines(texts), [(of(t), t) for t in texts])
    key, texts = next(pair for pair in good.values() if pair[0].endswith(".gz"))
    s.case("empty", key, "", [])
    s.case("damaged", key, torn(lines(texts)), [(of(t), t) for t in texts], error="truncated gzip")
    finish(s, elsewhere, ignored)
    return s


def torn(content):
    """A gzip member whose last four bytes, its length, are missing."""
    return packed(content)[:-4]


def finish(s, elsewhere, ignored):
    s.elsewhere(*elsewhere)
    if ignored:
        s.ignored(*ignored)


def rows(name, tag, good, elsewhere, ignored=()):
    """Services of CSV with a header, each row of which becomes a JSON object.

    good is {case: (key, [row, …])} with a dictionary for each row.
    """
    s = Service(name)
    of = tag if callable(tag) else lambda row: tag
    for case, (key, table) in good.items():
        s.case(case, key, csv_text(table), [(of(r), compact(r)) for r in table])
    (key, (first, *_)), *_ = good.values()
    header, _, row = csv_text([first]).partition("\n")
    s.case("empty", key, header + "\n", [])
    s.case(
        "damaged",
        key,
        header + "\n" + row + '"1","2"\n' + row,
        [(of(first), compact(first)), (UNPARSED, '"1","2"'), (of(first), compact(first))],
    )
    finish(s, elsewhere, ignored)
    return s


def csv_text(table):
    """A header and the rows, every value in quotes."""
    out = io.StringIO()
    writer = csv.DictWriter(out, table[0], quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()
