"""Writes the small parquet and avro files of this directory's parent, and beside
each the JSON lines that must come out of it, which are made from the values and
not from the files.

    pip install pyarrow==26.0.1 fastavro==1.13.1 cramjam==2.14.0 backports.zstd==1.8.0
    python columnar.py ..
"""

import base64
import datetime as dt
import decimal
import itertools
import json
import math
import pathlib
import random
import sys
import uuid

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq

out = pathlib.Path(sys.argv[1])
D = decimal.Decimal
EPOCH = dt.datetime(1970, 1, 1)


class Raw(str):
    """Text that is JSON already."""


def dump(v):
    """v as compact JSON, members that are None left out."""
    if isinstance(v, Raw):
        return str(v)
    if isinstance(v, dict):
        return "{" + ",".join(json.dumps(str(k), ensure_ascii=False) + ":" + dump(x) for k, x in v.items() if x is not OMIT) + "}"
    if isinstance(v, (list, tuple)):
        return "[" + ",".join("null" if x is None else dump(x) for x in v) + "]"
    if isinstance(v, bytes):
        return '"' + base64.b64encode(v).decode() + '"'
    if isinstance(v, D):
        return format(v, "f")
    return json.dumps(v, ensure_ascii=False)


OMIT = object()


def fields(row):
    return {k: OMIT if v is None else v for k, v in row.items()}


def write_lines(name, rows):
    (out / (name + ".jsonl")).write_text("".join(dump(r) + "\n" for r in rows), encoding="utf-8")


def number(f):
    """f as the shortest number, without an exponent where it is of usual size."""
    if math.isnan(f):
        return "NaN"
    if math.isinf(f):
        return "Infinity" if f > 0 else "-Infinity"
    if f == 0:
        return Raw("-0" if math.copysign(1, f) < 0 else "0")
    if 1e-6 <= abs(f) < 1e21:
        text = format(D(repr(f)), "f")
        return Raw(text.rstrip("0").rstrip(".") if "." in text else text)
    mantissa, exponent = repr(f).split("e")
    return Raw(mantissa.removesuffix(".0") + "e" + exponent)


def stamp(n, per_second, zone):
    """n units since 1970, by the standard library's calendar."""
    seconds, rest = divmod(n, per_second)
    digits = len(str(per_second)) - 1
    return (EPOCH + dt.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + "." + str(rest).rjust(digits, "0") + zone


def clock(n, per_second, zone):
    seconds, rest = divmod(n, per_second)
    digits = len(str(per_second)) - 1
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:0{digits}}{zone}"


UNITS = {"ms": 1000, "us": 10**6, "ns": 10**9}


def scalars(n, seed):
    """n rows of every type that is no list, group or map: what arrow is given,
    its type, and what must come out."""
    r = random.Random(seed)
    cols = {}

    def column(name, typ, make, show=lambda v: v, nullable=True):
        values = [None if nullable and r.random() < 0.2 else make() for _ in range(n)]
        cols[name] = (pa.array(values, typ), [OMIT if v is None else show(v) for v in values])

    column("required", pa.string(), lambda: r.choice(["a", "b", "c"]), nullable=False)
    column("bool", pa.bool_(), lambda: r.random() < 0.5)
    for bits in (8, 16, 32, 64):
        lo, hi = -(1 << bits - 1), (1 << bits - 1) - 1
        column(f"i{bits}", getattr(pa, f"int{bits}")(), lambda: r.choice([lo, hi, 0, r.randint(lo, hi)]))
        column(f"u{bits}", getattr(pa, f"uint{bits}")(), lambda: r.choice([0, 2 * hi + 1, r.randint(0, 2 * hi + 1)]))
    column("f32", pa.float32(), lambda: r.choice([0.5, -2.25, 1024.0, math.inf, -0.0]), number)
    column("f64", pa.float64(), lambda: r.choice([r.uniform(-1e9, 1e9), 1e300, 1e-9, math.nan, -math.inf, 3.0]), number)
    column("f16", pa.float16(), lambda: r.choice([0.5, -2.25, 1024.0, math.inf, 2.0**-24, -0.0]),
           lambda v: Raw("5.9604645e-08") if v == 2.0**-24 else number(v))
    texts = ["", "plain", "quote \" and \\", "tab\tline\nreturn\r\x00\x1f\x7f", "é😀\u2028", "x" * 50]
    column("text", pa.string(), lambda: r.choice(texts) + str(r.randint(0, 9)))
    column("bytes", pa.binary(), lambda: r.randbytes(r.randint(0, 9)))
    column("fixed", pa.binary(5), lambda: r.randbytes(5))
    column("id", pa.uuid(), lambda: r.randbytes(16), lambda v: str(uuid.UUID(bytes=v)))
    for precision, scale in ((4, 2), (18, 6), (38, 10), (76, 20), (5, 0)):
        top = 10**precision - 1
        make = pa.decimal256 if precision > 38 else pa.decimal128
        column(
            f"d{precision}_{scale}", make(precision, scale),
            lambda: D(r.choice([0, 1, -1, top, -top, r.randint(-top, top)])).scaleb(-scale, decimal.Context(prec=100)),
        )
    column("day", pa.date32(), lambda: r.choice([-719162, -1, 0, 59, 2932896, r.randint(-50000, 50000)]),
           lambda v: str(dt.date(1970, 1, 1) + dt.timedelta(days=v)))
    for unit, per in UNITS.items():
        span = min(2**62, 200 * 365 * 86400 * per)
        column(f"at_{unit}", pa.timestamp(unit, "UTC"), lambda: r.randint(-span, span), lambda v: stamp(v, per, "Z"))
        column(f"local_{unit}", pa.timestamp(unit), lambda: r.randint(-span, span), lambda v: stamp(v, per, ""))
        typ = pa.time32(unit) if unit == "ms" else pa.time64(unit)
        column(f"time_{unit}", typ, lambda: r.randint(0, 86400 * per - 1), lambda v: clock(v, per, ""))
    column("nothing", pa.null(), lambda: None)
    return cols


def nested(n, seed):
    r = random.Random(seed)

    def some(p, make):
        return None if r.random() < p else make()

    def items(make, p=0.3):
        return [make() for _ in range(r.choice([0, 0, 1, 2, 5]))] if r.random() > p else None

    t = pa.schema([
        ("g", pa.struct([("a", pa.int32()), ("h", pa.struct([("b", pa.string()), ("c", pa.list_(pa.int32()))]))])),
        ("l", pa.list_(pa.string())),
        ("ll", pa.list_(pa.list_(pa.int64()))),
        ("lg", pa.list_(pa.struct([("x", pa.int32()), ("y", pa.list_(pa.string()))]))),
        ("m", pa.map_(pa.string(), pa.int32())),
        ("mi", pa.map_(pa.int32(), pa.list_(pa.bool_()))),
        ("ml", pa.list_(pa.map_(pa.string(), pa.struct([("z", pa.float64())])))),
        pa.field("must", pa.list_(pa.field("element", pa.int32(), nullable=False)), nullable=False),
    ])
    rows, shown = [], []
    for _ in range(n):
        word = lambda: r.choice(["", "a", "é", "\"q\""])
        row = {
            "g": some(0.3, lambda: {"a": some(0.3, lambda: r.randint(0, 9)),
                                    "h": some(0.3, lambda: {"b": some(0.3, word), "c": items(lambda: some(0.3, lambda: r.randint(0, 9)))})}),
            "l": items(lambda: some(0.3, word)),
            "ll": items(lambda: items(lambda: some(0.2, lambda: r.randint(0, 9)))),
            "lg": items(lambda: some(0.2, lambda: {"x": some(0.3, lambda: r.randint(0, 9)), "y": items(word)})),
            "m": some(0.3, lambda: {w: some(0.3, lambda: r.randint(0, 9)) for w in r.sample(["a", "b", "é", ""], r.randint(0, 4))}),
            "mi": some(0.3, lambda: {i: items(lambda: some(0.2, lambda: r.random() < 0.5)) for i in r.sample(range(-5, 5), r.randint(0, 3))}),
            "ml": items(lambda: some(0.2, lambda: {w: some(0.3, lambda: {"z": some(0.3, lambda: 0.5)}) for w in r.sample("ab", r.randint(0, 2))})),
            "must": [r.randint(0, 9) for _ in range(r.choice([0, 1, 4]))],
        }
        rows.append(row)

        def group(v):
            return None if v is None else {k: OMIT if x is None else x for k, x in v.items()}

        def entries(v, show=lambda x: x):
            return None if v is None else {k: Raw("null") if x is None else show(x) for k, x in v.items()}

        g = row["g"] and dict(row["g"], h=group(row["g"]["h"]))
        shown.append(fields({
            "g": group(g), "l": row["l"], "ll": row["ll"], "lg": row["lg"] and [group(x) for x in row["lg"]] if row["lg"] else row["lg"],
            "m": entries(row["m"]), "mi": entries(row["mi"]),
            "ml": [entries(x, group) for x in row["ml"]] if row["ml"] else row["ml"], "must": row["must"],
        }))
    as_pairs = [dict(x, m=x["m"] and list(x["m"].items()) if x["m"] else x["m"] if x["m"] is None else [],
                     mi=None if x["mi"] is None else list(x["mi"].items()),
                     ml=None if x["ml"] is None else [None if y is None else list(y.items()) for y in x["ml"]]) for x in rows]
    return pa.Table.from_pylist(as_pairs, t), shown


def parquet():
    cols = scalars(60, 1)
    table = pa.table({k: a for k, (a, _) in cols.items()},
                     schema=pa.schema([pa.field(k, a.type, nullable=k != "required") for k, (a, _) in cols.items()]))
    shown = [{k: s[i] for k, (_, s) in cols.items()} for i in range(table.num_rows)]
    deep, deep_shown = nested(50, 2)
    split = {k: "BYTE_STREAM_SPLIT" for k in ("f32", "f64", "i32", "i64", "fixed")}
    delta = {k: "DELTA_BINARY_PACKED" for k in ("i8", "i32", "i64", "u32", "at_us", "day")} | {"text": "DELTA_BYTE_ARRAY", "bytes": "DELTA_LENGTH_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY"}
    variants = {
        "snappy_v1_dictionary": dict(compression="snappy", data_page_version="1.0", row_group_size=25),
        "gzip_v2_delta": dict(compression="gzip", data_page_version="2.0", use_dictionary=False, column_encoding=delta, row_group_size=31),
        "zstd_v1_split": dict(compression="zstd", use_dictionary=False, column_encoding=split),
        "lz4_v2_dictionary": dict(compression="lz4", data_page_version="2.0", row_group_size=25),
        "brotli_v1_plain": dict(compression="brotli", use_dictionary=False, row_group_size=35),
        "none_v2_plain": dict(compression="none", data_page_version="2.0", use_dictionary=False),
    }
    for name, options in variants.items():  # half of them without checksums, so that damage reaches the decoders
        pages = dict(data_page_size=100, write_batch_size=7, write_page_checksum=name[0] in "sgn", version="2.6")
        pq.write_table(table, out / f"scalars_{name}.parquet", **pages, **options)
        options.pop("column_encoding", None)
        pq.write_table(deep, out / f"nested_{name}.parquet", **pages, **options)
    write_lines("scalars", shown)
    write_lines("nested", deep_shown)

    # Old annotations: int96, lists of two levels' names, no logical types.
    old = pa.table({"at": table["at_us"].cast(pa.timestamp("ns", "UTC")), "text": table["text"], "l": table["i32"]})
    old = old.set_column(0, "at", pa.array([None if v is OMIT else v for v in [cols["at_ns"][0][i].value for i in range(60)]], pa.timestamp("ns")))
    pq.write_table(old, out / "old.parquet", use_deprecated_int96_timestamps=True, version="1.0", compression="gzip", store_schema=False)
    write_lines("old", [{"at": cols["at_ns"][1][i], "text": cols["text"][1][i], "l": cols["i32"][1][i]} for i in range(60)])


def avro():
    r = random.Random(3)
    schema = {
        "type": "record", "name": "Event", "namespace": "test", "fields": [
            {"name": "b", "type": "boolean"}, {"name": "i", "type": "int"}, {"name": "l", "type": "long"},
            {"name": "f", "type": "float"}, {"name": "d", "type": "double"}, {"name": "s", "type": "string"},
            {"name": "by", "type": "bytes"}, {"name": "n", "type": "null"},
            {"name": "fx", "type": {"type": "fixed", "name": "Five", "size": 5}},
            {"name": "en", "type": {"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"]}},
            {"name": "opt", "type": ["null", "string"], "default": None},
            {"name": "any", "type": ["long", "string", "null", {"type": "array", "items": ["null", "int"]}]},
            {"name": "m", "type": {"type": "map", "values": ["null", "long"]}},
            {"name": "dec", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}},
            {"name": "decf", "type": {"type": "fixed", "name": "Dec", "size": 6, "logicalType": "decimal", "precision": 12, "scale": 2}},
            {"name": "u", "type": {"type": "string", "logicalType": "uuid"}},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "tms", "type": {"type": "int", "logicalType": "time-millis"}},
            {"name": "tus", "type": {"type": "long", "logicalType": "time-micros"}},
            {"name": "ams", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "aus", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "lms", "type": {"type": "long", "logicalType": "local-timestamp-millis"}},
            {"name": "tree", "type": {"type": "record", "name": "Tree", "fields": [
                {"name": "v", "type": "int"}, {"name": "below", "type": {"type": "array", "items": "Tree"}}]}},
            {"name": "again", "type": ["null", "Tree"]},
        ]}

    def tree(depth):
        return {"v": r.randint(-9, 9), "below": [tree(depth - 1) for _ in range(r.randint(0, 2))] if depth else []}

    rows, shown = [], []
    for _ in range(70):
        i = lambda: r.randint(-2**31, 2**31 - 1)
        u = uuid.UUID(bytes=r.randbytes(16))
        day = dt.date(1970, 1, 1) + dt.timedelta(days=r.randint(-30000, 30000))
        us = r.randint(0, 86400 * 10**6 - 1)
        t = (EPOCH + dt.timedelta(microseconds=us)).time()
        at = r.randint(-10**15, 10**15)
        utc = EPOCH.replace(tzinfo=dt.timezone.utc) + dt.timedelta(microseconds=at)
        dec = D(r.choice([0, 1, -1, r.randint(-10**19, 10**19)])).scaleb(-4)
        decf = D(r.randint(-10**12 + 1, 10**12 - 1)).scaleb(-2)
        anything = r.choice([r.randint(-2**63, 2**63 - 1), "text\n", None, [1, None, 3], []])
        m = {k: r.choice([None, 1, 2**40]) for k in r.sample(["a", "é", "\"", "d.e"], r.randint(0, 4))}
        opt = r.choice([None, "x"])
        row = dict(b=r.random() < 0.5, i=i(), l=r.randint(-2**63, 2**63 - 1), f=r.choice([0.5, -2.25, math.inf]),
                   d=r.choice([r.uniform(-1e6, 1e6), math.nan, 1e-9]), s=r.choice(["", "é\u2028", "\x00\t\"\\"]), by=r.randbytes(r.randint(0, 9)), n=None,
                   fx=r.randbytes(5), en=r.choice(["RED", "BLUE"]), opt=opt, any=anything, m=m, dec=dec, decf=decf, u=u, day=day,
                   tms=t.replace(microsecond=t.microsecond // 1000 * 1000), tus=t, ams=utc.replace(microsecond=utc.microsecond // 1000 * 1000), aus=utc,
                   lms=EPOCH + dt.timedelta(milliseconds=at // 1000), tree=tree(3), again=r.choice([None, {"v": 1, "below": []}]))
        rows.append(row)
        shown.append(fields(dict(row, f=number(row["f"]), d=number(row["d"]), m={k: Raw("null") if v is None else v for k, v in m.items()},
                                 u=str(u), day=str(day), tms=clock(us // 1000, 1000, ""), tus=clock(us, 10**6, ""),
                                 ams=stamp(at // 1000, 1000, "Z"), aus=stamp(at, 10**6, "Z"), lms=stamp(at // 1000, 1000, ""))))
    parsed = fastavro.parse_schema(schema)
    for codec in ("null", "deflate", "snappy", "zstandard", "bzip2", "xz"):
        with open(out / f"event_{codec}.avro", "wb") as f:
            fastavro.writer(f, parsed, rows, codec=codec, sync_interval=2000, sync_marker=bytes(range(16)))
    write_lines("event", shown)

    # Names that the specification does not allow: Java's inner classes, dashes, any text.
    odd = fastavro.parse_schema({
        "type": "record", "name": "Outer$Inner", "namespace": "com.acme-corp", "fields": [
            {"name": "x-y", "type": "long"},
            {"name": "$kind", "type": {"type": "fixed", "name": "Of$Two", "size": 2}},
            {"name": 'say "é"', "type": ["null", "com.acme-corp.Outer$Inner"]},
        ]})
    word = 'say "é"'
    rows = [{"x-y": i, "$kind": b"ab", word: {"x-y": -i, "$kind": b"cd", word: None} if i % 2 else None} for i in range(5)]
    with open(out / "names_deflate.avro", "wb") as f:
        fastavro.writer(f, odd, rows, codec="deflate", sync_marker=bytes(range(16)))
    write_lines("names", [fields(dict(x, **{word: x[word] and fields(x[word])})) for x in rows])


parquet()
avro()
