"""A saved table as rows of columns: JSON of several shapes, CSV, Parquet. Pure: bytes in, rows out.

Public: `Table`, `Rows`, `Tasks`, `tables`, `tasks_by_category`, `csv_rows`, `document`.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.errors import SourceMalformed
from tracker.files import decode
from tracker.sources import columns, parquet

SOURCE = "board"
_ROWS = ("rows", "models", "results", "leaderboard", "data")
_DAYS = ("date", "fetched_at", "last_updated", "updated_at")
Rows = Sequence[Mapping[str, Any]]
Tasks = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as they were read. `category` is the document's name for them, `day` what it says.

    `rank` is the header of the ranks in a table that has ranks and no scores.
    """

    rows: Rows
    category: str = ""
    day: str = ""
    rank: str = ""


def tables(body: bytes, file_name: str) -> tuple[Table, ...]:
    """The tables of a file, told by its ending. SourceMalformed when it holds none."""
    if file_name.endswith(".parquet"):
        return (Table(parquet.rows(body, SOURCE, file_name)),)
    if file_name.endswith(".json"):
        return _of_document(document(body, SOURCE, file_name), file_name)
    return (Table(csv_rows(body, SOURCE, file_name)),)


def tasks_by_category(found: Any) -> Tasks | None:
    """A document that lists the tasks of each category (LiveBench), or None when it is another."""
    if not isinstance(found, dict) or not found:
        return None
    return found if all(map(_is_names, found.values())) else None


def document(body: bytes, source: str, url: str) -> Any:
    """The JSON document that `body` is; SourceMalformed when it is none, or holds half letters."""
    text = _decoded(body, source, url)
    try:
        # NaN and 1e999 are no numbers to keep.
        found = json.loads(text, parse_constant=lambda _: None, parse_float=columns.number)
        json.dumps(found, ensure_ascii=False).encode()  # a lone surrogate is no text
    except (ValueError, RecursionError) as error:
        raise SourceMalformed(source, url, f"it is not JSON: {error}") from error
    return found


def _is_names(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(name, str) for name in content)


def _decoded(body: bytes, source: str, url: str) -> str:
    try:
        return decode(body)
    except ValueError as error:
        raise SourceMalformed(source, url, str(error)) from error


def csv_rows(body: bytes, source: str, url: str) -> Rows:
    """The rows of a table with a header; what a row has beyond it is under "more"."""
    text = _decoded(body, source, url)
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), restkey="more"))
    except csv.Error as error:
        raise SourceMalformed(source, url, f"it is not CSV: {error}") from error


def _of_document(document: Any, file_name: str) -> tuple[Table, ...]:
    """A list of rows, or one under a usual name, or rows by model, or those by category."""
    day = ""
    if isinstance(document, dict):
        day = next((str(document[name]) for name in _DAYS if document.get(name)), "")
        document = next((document[name] for name in _ROWS if name in document), document)
    if isinstance(document, dict):
        tables = _keyed(document, day)
    else:
        tables = (Table(document, day=day),) if _is_rows(document) else ()
    if not tables:
        raise SourceMalformed(SOURCE, file_name, "it holds no table of models")
    return tables


def _is_rows(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(row, dict) for row in content)


def _keyed(document: Mapping[str, Any], day: str) -> tuple[Table, ...]:
    """{model: {column: …}} is one table, {category: {model: {column: …}}} one for each category.

    What is no mapping beside them, such as a note, belongs to no table.
    """
    groups = {name: group for name, group in document.items() if isinstance(group, dict) and group}
    if any(isinstance(row, dict) for group in groups.values() for row in group.values()):
        return tuple(Table(_by_model(group), name, day) for name, group in groups.items())
    rows = _by_model(groups)
    return (Table(rows, day=day),) if rows else ()


def _by_model(group: Mapping[str, Any]) -> Rows:
    return [{"model": model, **row} for model, row in group.items() if isinstance(row, dict)]
