"""Untrusted Parquet as rows, within limits. Owns pyarrow; nothing is ever unpickled.

Public: `parse_rows`.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from tracker.errors import SourceMalformed

# The largest table that is read, a frozen archive, has 4,576 rows of 36 columns: 2 MB unpacked.
MAX_ROWS = 200_000
MAX_BYTES = 128 * 2**20
_BATCH = 1000
# The file's metadata is read before any of its columns.
_MAX_METADATA = 4 * 2**20


def parse_rows(body: bytes, source: str, url: str) -> list[Mapping[str, Any]]:
    """Return every row as {column: content}, with contents that JSON can represent.

    Raises SourceMalformed when the file is damaged, or has more than MAX_ROWS rows or MAX_BYTES
    unpacked: its declared size is checked first, then the actual one.
    """
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no types

    try:
        return list(_rows(body, source, url))
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SourceMalformed(source, url, f"it is not Parquet: {reason}") from error


def _rows(body: bytes, source: str, url: str) -> Iterator[Mapping[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    file = pq.ParquetFile(
        pa.BufferReader(body),
        thrift_string_size_limit=_MAX_METADATA,
        thrift_container_size_limit=_MAX_METADATA,
        page_checksum_verification=True,
    )
    _check_limits(source, url, *_declared_size(file.metadata))
    count = size = 0
    for batch in file.iter_batches(batch_size=_BATCH, use_threads=False):
        count, size = count + batch.num_rows, size + batch.nbytes
        _check_limits(source, url, count, size)
        for row in batch.to_pylist():
            yield {name: _to_json_value(content) for name, content in row.items()}


def _declared_size(metadata: Any) -> tuple[int, int]:
    groups = (metadata.row_group(n) for n in range(metadata.num_row_groups))
    return metadata.num_rows, sum(group.total_byte_size for group in groups)


def _check_limits(source: str, url: str, count: int, size: int) -> None:
    if count > MAX_ROWS:
        raise SourceMalformed(source, url, f"the table is over {MAX_ROWS:,} rows")
    if size > MAX_BYTES:
        raise SourceMalformed(source, url, f"the table is over {MAX_BYTES:,} bytes unpacked")


def _to_json_value(content: Any) -> Any:
    """Return `content` as JSON can represent it: days as ISO text, bytes and NaN as None."""
    if isinstance(content, date | datetime):
        return content.isoformat()
    if isinstance(content, float):
        return content if abs(content) < float("inf") else None
    if isinstance(content, list | tuple):
        return [_to_json_value(item) for item in content]
    if isinstance(content, dict):
        return {str(name): _to_json_value(item) for name, item in content.items()}
    return content if content is None or isinstance(content, str | int | bool) else None
