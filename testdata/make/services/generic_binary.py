"""The generic services parquet and avro: every type that JSON has no word of its own for."""

import base64
import io
from datetime import date, datetime, timezone
from decimal import Decimal

from cases import Service, compact
from shapes import finish

AT = datetime(2026, 11, 23, 5, 0, 1, 123456, tzinfo=timezone.utc)
# What a value of these columns is, and as what it is written.
ROWS = [
    {
        "text": 'größe "7"\n',
        "flag": True,
        "count": -(2**62),
        "ratio": 1.5,
        "price": Decimal("12.30"),
        "day": date(2026, 11, 23),
        "at": AT,
        "raw": b"\x00\xff",
        "list": ["a", "b"],
        "map": {"k": 1},
        "group": {"x": 1, "y": "z"},
        "none": "there",
    },
    {
        "text": "",
        "flag": False,
        "count": 0,
        "ratio": 0.0,
        "price": Decimal("-0.05"),
        "day": date(1969, 12, 31),
        "at": AT.replace(microsecond=0),
        "raw": b"",
        "list": [],
        "map": {},
        "group": {"x": 2, "y": ""},
        "none": None,
    },
]


def record(row):
    """A row as JSON: decimals are numbers with all their digits, times RFC 3339, bytes base64, nulls left out."""
    out = {k: v for k, v in row.items() if v is not None}
    out["price"] = "\0"
    out["day"] = row["day"].isoformat()
    out["at"] = row["at"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    out["raw"] = base64.b64encode(row["raw"]).decode()
    out["ratio"] = int(row["ratio"]) if row["ratio"].is_integer() else row["ratio"]
    return compact(out).replace('"\\u0000"', str(row["price"]))


def parquet():
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema(
        {
            "text": pyarrow.string(),
            "flag": pyarrow.bool_(),
            "count": pyarrow.int64(),
            "ratio": pyarrow.float64(),
            "price": pyarrow.decimal128(10, 2),
            "day": pyarrow.date32(),
            "at": pyarrow.timestamp("us", tz="UTC"),
            "raw": pyarrow.binary(),
            "list": pyarrow.list_(pyarrow.string()),
            "map": pyarrow.map_(pyarrow.string(), pyarrow.int32()),
            "group": pyarrow.struct({"x": pyarrow.int32(), "y": pyarrow.string()}),
            "none": pyarrow.string(),
        }
    )

    def file(rows, **options):
        table = pyarrow.Table.from_pylist([r | {"map": list(r["map"].items())} for r in rows], schema=schema)
        out = io.BytesIO()
        parquet.write_table(table, out, **options)
        return out.getvalue()

    show(
        "parquet",
        file(ROWS, compression="snappy"),
        file(ROWS, compression="zstd", row_group_size=1),
        file([]),
        "no footer",
    )


def avro():
    import fastavro

    schema = {
        "type": "record",
        "name": "row",
        "fields": [
            {"name": "text", "type": "string"},
            {"name": "flag", "type": "boolean"},
            {"name": "count", "type": "long"},
            {"name": "ratio", "type": "double"},
            {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "raw", "type": "bytes"},
            {"name": "list", "type": {"type": "array", "items": "string"}},
            {"name": "map", "type": {"type": "map", "values": "int"}},
            {
                "name": "group",
                "type": {
                    "type": "record",
                    "name": "inner",
                    "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "string"}],
                },
            },
            {"name": "none", "type": ["null", "string"]},
        ],
    }

    def file(rows, codec="null"):
        out = io.BytesIO()
        fastavro.writer(out, fastavro.parse_schema(schema), rows, codec=codec, sync_marker=b"an example here!")
        return out.getvalue()

    show("avro", file(ROWS), file(ROWS, "deflate"), file([]), "truncated avro")


def show(name, plain, packed, empty, error):
    """The cases of a format: its service is called like it, and so do its keys end."""
    records = [(f"my.app.generic.{name}", record(r)) for r in ROWS]
    key = f"lake/orders/dt=2026-11-23/part-0.{name}"
    s = Service(name)
    s.case("folder", key, plain, records)
    s.case("packed", f"orders.snappy.{name}", packed, records)
    s.case("empty", key, empty, [])
    s.case("damaged", key, plain[:-8], [], error=error)
    finish(s, [f"lake/{name}/part-0", f"orders.{name}.crc", "orders.orc"], [])


parquet()
avro()
