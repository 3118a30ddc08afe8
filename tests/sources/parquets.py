"""Parquet tables for tests, written from invented rows."""

import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def parquet(rows: Sequence[dict[str, Any]], **options: Any) -> bytes:
    """`rows` as the bytes of a Parquet file."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), file, **options)
    return file.getvalue()
