"""parquet files, and the JSON that their rows must give."""

import datetime
import io

import cases


def write(schema, rows, codec="snappy"):
    """A file of these rows. schema are (name, type) pairs; a type is pyarrow's, or the name of one that takes no arguments."""
    import pyarrow
    from pyarrow import parquet

    fields = [(name, getattr(pyarrow, kind)() if isinstance(kind, str) else kind) for name, kind in schema]
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows, pyarrow.schema(fields)), out, compression=codec)
    return out.getvalue()


def record(schema, row):
    """A row as compact JSON, in the schema's order."""
    return cases.compact(present({name: row[name] for name, _ in schema if name in row}))


def present(value):
    """A value without the members that are null; a time, of milliseconds and UTC, as RFC 3339."""
    if isinstance(value, dict):
        return {k: present(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [present(v) for v in value]
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value
