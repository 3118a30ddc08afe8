"""The files in which work and results are exchanged: Parquet, so that any engine can read them.

A folder of work has `texts/` to embed, `papers/` to summarize, and a manifest, written last.
Results are in its folders `vectors/` and `summaries/`, or in any folder of Parquet files. A result
names the content hash of its text and what computed it. `block` and `position` are where its row of
work is; results without them are accepted.

The rows of a file of texts are in slices of `SLICE_ROWS`. A worker that encodes whole slices gets
the bytes that `tracker index` would: how texts are padded decides the last bits of a vector.

Public: the schemas, `SLICE_ROWS`, `BlockWriter`, `write_manifest`, `read_manifest`, `model_hash`,
`block_files`, `result_files`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tracker.errors import NotFound, TrackerError, UsageError
from tracker.files import replace_text
from tracker.pipeline.retrieval.index_refresh import SLICE
from tracker.search.encoder.select import EncoderId
from tracker.sources.formats.parquet import Schema, write_table

FORMAT = 1
SLICE_ROWS = SLICE
_MANIFEST = "manifest.json"
_PLACE: Schema = {"block": "integer", "position": "integer", "content_hash": "text"}
_SUMMARY_KEY: Schema = {"model": "text", "prompt_version": "text", "language": "text"}
TEXT_SCHEMA: Schema = {**_PLACE, "model_hash": "text", "id": "text", "text": "text"}
PAPER_SCHEMA: Schema = {
    **_PLACE, **_SUMMARY_KEY, "id": "text", "title": "text", "abstract": "text", "messages": "text",
}  # fmt: skip
VECTOR_SCHEMA: Schema = {**_PLACE, "model_hash": "text", "vector": "vector", "error": "text"}
SUMMARY_SCHEMA: Schema = {
    **_PLACE, **_SUMMARY_KEY, "method": "text", "tldr": "text", "sentences": "text",
    "dropped": "integer", "answer": "text", "error": "text",
}  # fmt: skip
Row = Mapping[str, Any]


def model_hash(space: EncoderId) -> str:
    """Return the hash that names a vector space in the files."""
    text = f"{space.model}\0{space.revision}\0{space.dimension}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


class BlockWriter:
    """Writes rows of work to numbered files, `rows_per_block` to each."""

    def __init__(self, folder: Path, schema: Schema, rows_per_block: int) -> None:
        self._folder, self._schema, self._size = folder, schema, rows_per_block
        self._pending: list[Row] = []
        self.blocks = self.rows = 0
        _remove_old_blocks(folder)

    def add(self, row: Row) -> None:
        """Add a row of work; its place is added to it."""
        place = {"block": self.blocks, "position": len(self._pending)}
        self._pending.append({**row, **place})
        self.rows += 1
        if len(self._pending) == self._size:
            self.flush()

    def flush(self) -> None:
        """Write the rows of an incomplete block."""
        if self._pending:
            columns = {name: [row[name] for row in self._pending] for name in self._schema}
            path = self._folder / block_name(self.blocks)
            write_table(path, self._schema, columns, group_rows=SLICE_ROWS)
            self.blocks += 1
            self._pending = []

    def counts(self) -> dict[str, int]:
        """Return how many rows and blocks were written, and how many rows a full block has."""
        return {"rows": self.rows, "blocks": self.blocks, "rows_per_block": self._size}


def block_name(number: int) -> str:
    """Return the name of the file of a block, of work and of its results."""
    return f"{number:06d}.parquet"


def _remove_old_blocks(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.parquet"):
        path.unlink()


def prepare_work_folder(folder: Path) -> None:
    """Create a folder for work; one with earlier work loses its manifest, but not its results.

    Raises UsageError for a folder with anything else in it.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder for the work.")
    manifest = folder / _MANIFEST
    if folder.is_dir() and any(folder.iterdir()) and not manifest.exists():
        raise UsageError(f"The folder {folder} is not empty; name a new one for the work.")
    folder.mkdir(parents=True, exist_ok=True)
    manifest.unlink(missing_ok=True)


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest, which says that the work in `folder` is complete."""
    replace_text(folder / _MANIFEST, json.dumps({"format": FORMAT, **content}, indent=1))


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest, or None if the work was not written completely or is damaged."""
    try:
        table = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return table if isinstance(table, dict) and table.get("format") == FORMAT else None


def block_files(folder: Path) -> dict[int, Path]:
    """Return the files of blocks in `folder` by number."""
    return {int(path.stem): path for path in sorted(folder.glob("[0-9]*.parquet"))}


def result_files(folder: Path, kind: str) -> Iterator[Path]:
    """Yield the Parquet files below a folder of results, or below `kind` in a folder of work.

    Hidden files and the markers and logs of engines (`_SUCCESS`) are not results. Raises NotFound
    without a folder and TrackerError without any file.
    """
    if not folder.is_dir():
        raise NotFound("folder", str(folder), "It does not exist.")
    place = folder / kind if (folder / kind).is_dir() else folder
    paths = [path for path in sorted(place.rglob("*.parquet")) if _is_result(path, place)]
    if not paths:
        raise TrackerError(f"There are no Parquet files in {place}, so there is nothing to import.")
    yield from paths


def _is_result(path: Path, place: Path) -> bool:
    parts = path.relative_to(place).parts
    return path.is_file() and not any(part.startswith((".", "_")) for part in parts)
