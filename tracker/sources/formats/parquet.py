"""Untrusted Parquet as rows, within limits. Owns pyarrow; nothing is ever unpickled.

Public: `parse_rows`, `select_rows`, `write_table`, `read_table_batches`, `decompress_zstandard`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from tracker.errors import SourceMalformed
from tracker.files import replacement

# The largest table that is read, a frozen archive, has 4,576 rows of 36 columns: 2 MB unpacked.
MAX_ROWS = 200_000
MAX_BYTES = 128 * 2**20
_BATCH = 1000
# A history is scanned in larger batches, of which few rows are kept. The arena's has 50 MB.
MAX_SCANNED_ROWS = 50_000_000
MAX_SCANNED_BYTES = 8 * 2**30
_SCANNED_BATCH = 16_384
# The file's metadata is read before any of its columns.
_MAX_METADATA = 4 * 2**20


def parse_rows(body: bytes, source: str, url: str) -> list[Mapping[str, Any]]:
    """Return every row as {column: content}, with contents that JSON can represent.

    Raises SourceMalformed when the file is damaged, or has more than MAX_ROWS rows or MAX_BYTES
    unpacked: its declared size is checked first, then the actual one.
    """
    return _collect_rows(lambda: _rows(body, source, url), source, url)


Predicate = Callable[[Any], bool]


def select_rows(
    body: bytes, source: str, url: str, keep: Mapping[str, Predicate]
) -> list[Mapping[str, Any]]:
    """Return the rows whose contents in the columns of `keep` meet its conditions.

    The file may be far larger than its selected rows, to which the limits of `parse_rows` apply:
    it is read in batches, so that only one is in memory. A column that is absent is no condition.
    """
    return _collect_rows(lambda: _selected_rows(body, source, url, keep), source, url)


def _collect_rows(
    read: Callable[[], Iterator[Mapping[str, Any]]], source: str, url: str
) -> list[Mapping[str, Any]]:
    """Return the rows, with an error of the library as SourceMalformed."""
    import pyarrow as pa  # type: ignore[import-untyped]  # ships no types

    try:
        return list(read())
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SourceMalformed(source, url, f"it is not Parquet: {reason}") from error


def _open_file(body: bytes) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    return pq.ParquetFile(
        pa.BufferReader(body),
        thrift_string_size_limit=_MAX_METADATA,
        thrift_container_size_limit=_MAX_METADATA,
        page_checksum_verification=True,
        pre_buffer=False,
    )


def _rows(body: bytes, source: str, url: str) -> Iterator[Mapping[str, Any]]:
    file = _open_file(body)
    _check_limits(source, url, *_declared_size(file.metadata))
    batches = file.iter_batches(batch_size=_BATCH, use_threads=False)
    yield from _rows_within_limits(batches, source, url)


def _selected_rows(
    body: bytes, source: str, url: str, keep: Mapping[str, Predicate]
) -> Iterator[Mapping[str, Any]]:
    file = _open_file(body)
    rows, size = _declared_size(file.metadata)
    if rows > MAX_SCANNED_ROWS or size > MAX_SCANNED_BYTES:
        raise SourceMalformed(
            source, url, f"the history is too large: {rows:,} rows, {size:,} bytes"
        )
    batches = file.iter_batches(batch_size=_SCANNED_BATCH, use_threads=False)
    yield from _rows_within_limits((_filter_batch(one, keep) for one in batches), source, url)


def _filter_batch(batch: Any, keep: Mapping[str, Predicate]) -> Any:
    """Return the rows of a batch that meet all conditions, each asked once for each content."""
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    for name, accepts in keep.items():
        if name in batch.schema.names:
            column = batch.column(name)
            if pa.types.is_dictionary(column.type):
                column = column.dictionary_decode()
            contents = pc.unique(column)
            accepted = [accepts(_to_json_value(content)) for content in contents.to_pylist()]
            values = contents.filter(pa.array(accepted, pa.bool_()))
            batch = batch.filter(pc.is_in(column, value_set=values))
    return batch


def _rows_within_limits(
    batches: Iterator[Any], source: str, url: str
) -> Iterator[Mapping[str, Any]]:
    count = size = 0
    for batch in batches:
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


ColumnType = Literal["text", "integer", "vector"]
Schema = Mapping[str, ColumnType]
# Text and integers as lists with None for null; vectors as one array (n,) for each row, or None.
Columns = Mapping[str, Sequence[Any]]
# A batch of a file that may come from any engine: few rows, as its rows may be vectors.
_TABLE_BATCH = 1024


def write_table(path: Path, schema: Schema, columns: Columns, *, group_rows: int) -> None:
    """Write a Parquet file in one step: a reader sees all of it or nothing. Raises OSError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "integer": pa.int32(), "vector": pa.list_(pa.float32())}
    arrays = [pa.array(columns[name], types[kind]) for name, kind in schema.items()]
    table = pa.Table.from_arrays(arrays, names=list(schema))
    with replacement(path) as part:
        pq.write_table(
            table, part, row_group_size=group_rows, compression="zstd", write_page_checksum=True
        )


def read_table_batches(path: Path, schema: Schema) -> Iterator[Columns]:
    """Yield the columns of `schema` in batches, whatever program wrote the file.

    An absent column is all None, and vectors are of the precision of the file. Raises
    SourceMalformed for a file that is not Parquet or a column of another type.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(
            path,
            thrift_string_size_limit=_MAX_METADATA,
            thrift_container_size_limit=_MAX_METADATA,
            page_checksum_verification=True,
        ) as file:
            names = [name for name in schema if name in file.schema_arrow.names]
            for batch in file.iter_batches(_TABLE_BATCH, columns=names, use_threads=False):
                yield _typed_columns(batch, schema, path)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SourceMalformed("import", path.name, f"it is not Parquet: {reason}") from error


def _typed_columns(batch: Any, schema: Schema, path: Path) -> Columns:
    if batch.nbytes > MAX_BYTES:
        raise SourceMalformed("import", path.name, f"its rows are over {MAX_BYTES:,} bytes")
    return {
        name: _typed_column(batch, name, kind, path)
        if name in batch.schema.names
        else [None] * batch.num_rows
        for name, kind in schema.items()
    }


def _typed_column(batch: Any, name: str, kind: ColumnType, path: Path) -> Sequence[Any]:
    import pyarrow as pa

    column = batch.column(name)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_null(column.type):
        return [None] * len(column)
    if kind == "vector":
        return _vectors(column, name, path)
    fits = {
        "text": lambda t: pa.types.is_string(t) or pa.types.is_large_string(t),
        "integer": pa.types.is_integer,
    }[kind]
    if not fits(column.type):
        raise SourceMalformed("import", path.name, f"its column {name} is {column.type}")
    return cast("Sequence[Any]", column.to_pylist())


def _vectors(column: Any, name: str, path: Path) -> list[NDArray[Any] | None]:
    """Return the row vectors of a column of lists; a null among the numbers becomes NaN."""
    import pyarrow as pa

    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if not any(is_list(column.type) for is_list in lists) or not pa.types.is_floating(
        column.type.value_type
    ):
        raise SourceMalformed("import", path.name, f"its column {name} is {column.type}")
    # Null rows hold no numbers in what `flatten` returns, whatever the layout.
    numbers = column.flatten().to_numpy(zero_copy_only=False)
    lengths = [length or 0 for length in column.value_lengths().to_pylist()]
    ends = np.cumsum([0, *lengths])
    return [
        numbers[start:end] if valid else None
        for start, end, valid in zip(ends, ends[1:], column.is_valid().to_pylist(), strict=False)
    ]


def decompress_zstandard(stream: IO[bytes]) -> IO[bytes]:
    """Return the content of a Zstandard stream, read as needed. Reading raises OSError if damaged.

    The standard library has Zstandard only from Python 3.14 on.
    """
    import pyarrow as pa

    return cast("IO[bytes]", pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd"))
