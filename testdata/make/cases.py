"""Objects of a service and the records they must give, as files under testdata/.

The records come from Python's own json and csv and from plain string work,
never from the project's parsers: the one is the other's oracle.

    s = Service("aws_waf")
    s.case("acl", "AWSLogs/…/x.log.gz", jsonl(events), [("cloud.aws.waf.logs", compact(e)) for e in events])
    s.elsewhere("AWSLogs/…/another service's key")
"""

import gzip
import json
import pathlib
import shutil
import zlib

TESTDATA = pathlib.Path(__file__).resolve().parent.parent

UNPARSED = "my.app.s3collector.unparsed"
BAD_TAG = "my.app.s3collector.badtag"

FILES = ("key", "object", "records", "error", "routing")

services = []


class Service:
    """The testdata of one service: cases, and keys that are not its own."""

    def __init__(self, name):
        self.name = name
        self.cases = {}
        self.lists = {}
        services.append(self)

    def case(self, name, key, content, records, error=None, routing=None):
        """An object's key and content, and the (tag, text) of each record.

        A text content whose key ends in .gz is packed by the test; bytes that
        are packed already are stored as they are. error is what the object's
        failure must say, if it ends in one; routing is the entry's to use in
        place of its tag.
        """
        if name in self.cases:
            raise ValueError(f"{self.name} has two cases {name}")
        if isinstance(content, str):
            content = content.encode()
        files = {
            "key": key.encode() + b"\n",
            "object": content,
            "records": "".join(f"{tag}\t{wire(text)}\n" for tag, text in records).encode(errors="surrogateescape"),
        }
        if error is not None:
            files["error"] = error.encode() + b"\n"
        if routing is not None:
            files["routing"] = routing.encode() + b"\n"
        self.cases[name] = files

    def elsewhere(self, *keys):
        """Keys that look like the service's and must not match."""
        self.lists["elsewhere"] = keys

    def ignored(self, *keys):
        """Keys of the service that hold nothing to collect."""
        self.lists["ignored"] = keys

    def refused(self, *keys):
        """Keys of the service that it cannot read."""
        self.lists["refused"] = keys

    def stale(self):
        """The files that are not what write would make; what is packed may be so by another version of zlib."""
        home = TESTDATA / self.name
        found = [case.name for case in home.iterdir() if case.is_dir() and case.name not in self.cases]
        for name, files in self.cases.items():
            for file in FILES:
                path = home / name / file
                there = path.read_bytes() if path.exists() else None
                if plain(there) != plain(files.get(file)):
                    found.append(f"{name}/{file}")
        return [f"{self.name}/{file}" for file in found]

    def write(self):
        """Make the files, and remove cases that are no more."""
        home = TESTDATA / self.name
        home.mkdir(exist_ok=True)
        for old in home.iterdir():
            if old.is_dir() and old.name not in self.cases:
                shutil.rmtree(old)
        for name, files in self.cases.items():
            (home / name).mkdir(exist_ok=True)
            for file in FILES:
                path = home / name / file
                if file in files:
                    path.write_bytes(files[file])
                else:
                    path.unlink(missing_ok=True)
        for name in ("elsewhere", "ignored", "refused"):
            if name in self.lists:
                (home / name).write_text("".join(key + "\n" for key in self.lists[name]))
            else:
                (home / name).unlink(missing_ok=True)


def stands_for(name, *members, elsewhere):
    """A service that stands for others: it has their good objects, and what the first one has of empty and damaged."""
    s = Service(name)
    for m in members:
        form = m.name.removeprefix(name + "_")
        for case, files in m.cases.items():
            if case not in ("empty", "damaged"):
                s.cases[f"{form}_{case}"] = files
            elif m is members[0]:
                s.cases[case] = files
    s.elsewhere(*elsewhere)
    for kind in ("ignored", "refused"):
        keys = dict.fromkeys(key for m in members for key in m.lists.get(kind, ()))
        if keys:
            s.lists[kind] = list(keys)
    return s


def plain(content):
    """What is in gzip, as far as that is whole; anything else as it is."""
    if content is None or not content.startswith(b"\x1f\x8b"):
        return content
    out = b""
    while content.startswith(b"\x1f\x8b"):
        inflate = zlib.decompressobj(wbits=31)
        out += inflate.decompress(content)
        content = inflate.unused_data
    return out + content


def wire(text):
    """A record as `collector try` prints it: on one line."""
    if not any(c in text for c in "\n\r\0"):
        return text
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\0", "\\0")


def compact(value):
    """JSON without spaces, in the order of the value's own members."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def jsonl(values):
    """JSON lines."""
    return "".join(compact(v) + "\n" for v in values)


def lines(texts):
    """Lines that each end in LF."""
    return "".join(t + "\n" for t in texts)


def tagged(tag, values):
    """The records that values give under one tag: text as it is, others as compact JSON."""
    return [(tag, v if isinstance(v, str) else compact(v)) for v in values]


def packed(content):
    """One gzip member, the same whenever it is made."""
    if isinstance(content, str):
        content = content.encode()
    return gzip.compress(content, mtime=0)


def truncated(content, keep):
    """A gzip member that ends after so many bytes of its content, which is stored uncompressed."""
    if isinstance(content, str):
        content = content.encode()
    header, block = 10, 5
    return gzip.compress(content, compresslevel=0, mtime=0)[: header + block + keep]
