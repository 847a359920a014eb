"""Log events of CloudWatch Logs, as a subscription hands them to Firehose."""

import cases

OWNER = "111122223333"
FIRST_MESSAGE = 1795410000000  # milliseconds: 23 November 2026, 05:00 UTC

CONTROL = {
    "messageType": "CONTROL_MESSAGE",
    "owner": "CloudwatchLogs",
    "logGroup": "",
    "logStream": "",
    "subscriptionFilters": [],
    "logEvents": [
        {
            "id": "",
            "timestamp": FIRST_MESSAGE,
            "message": "CWL CONTROL MESSAGE: Checking health of destination Firehose.",
        }
    ],
}


def envelope(group, stream, messages):
    """A batch of texts of one stream; a message that is not text is put as the JSON that it is."""
    return {
        "messageType": "DATA_MESSAGE",
        "owner": OWNER,
        "logGroup": group,
        "logStream": stream,
        "subscriptionFilters": ["to-devo"],
        "logEvents": [event(n, text_of(m)) for n, m in enumerate(messages)],
    }


def event(number, message=None):
    """An event, one that lost its message if that is None."""
    e = {
        "id": f"{39010000000000000000000000000000000000000000000000000000 + number}",
        "timestamp": FIRST_MESSAGE + 250 * number,
    }
    if message is not None:
        e["message"] = message
    return e


def text_of(message):
    return message if isinstance(message, str) else cases.compact(message)


def members(*envelopes):
    """What Firehose writes when it does not decompress: a gzip member each."""
    return b"".join(cases.packed(cases.compact(e)) for e in envelopes)


def plain(*envelopes):
    """What Firehose writes when it decompresses: one after another, nothing between them."""
    return "".join(cases.compact(e) for e in envelopes)


def service(name, folder, tag, group, streams, elsewhere=()):
    """The testdata of a service whose objects are envelopes under a folder.

    streams are names of streams and their messages, at least two. tag is
    text, or a function of a stream's name.
    """
    s = cases.Service(name)
    tag_of = tag if callable(tag) else lambda stream: tag
    batches = [envelope(group, stream, messages) for stream, messages in streams]
    records = [cases.tagged(tag_of(stream), [text_of(m) for m in messages]) for stream, messages in streams]
    file = "to-s3-1-2026-11-23-05-00-12-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
    s.case("members", f"{folder}/2026/11/23/05/{file}", members(batches[0], *batches[1:], CONTROL), sum(records, []))
    s.case(
        "decompressed",
        f"logs/{folder}/cluster=prod/year=2026/month=11/day=23/{file}.gz",
        plain(*reversed(batches)),
        sum(reversed(records), []),
    )
    s.case("empty", f"{folder}/2026/11/23/06/{file}", members(CONTROL), [])
    broken = envelope(group, streams[0][0], streams[0][1][:1])
    broken["logEvents"].append(event(1))
    s.case(
        "damaged",
        f"{folder}/2026/11/23/07/{file}",
        members(broken, batches[1]),
        [*records[0][:1], (cases.UNPARSED, cases.compact(event(1))), *records[1]],
    )
    s.elsewhere(f"my-{folder}/2026/11/23/05/{file}", *elsewhere)
    return s
