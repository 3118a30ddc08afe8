"""A saved table as rows: JSON in several forms, CSV, Parquet. Pure: bytes in, rows out.

Public: `Table`, `Rows`, `TasksByCategory`, `parse_tables`, `tasks_by_category`, `parse_csv_rows`,
`parse_json_document`.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.errors import SourceMalformed
from tracker.files import decode
from tracker.sources.formats import parquet
from tracker.sources.formats.boards import table_cells

SOURCE = "board"
_ROWS = ("rows", "models", "results", "leaderboard", "data")
_DAYS = ("date", "fetched_at", "last_updated", "updated_at")
Rows = Sequence[Mapping[str, Any]]
TasksByCategory = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """Unchanged rows. `category` and `day` are those that the document states.

    `rank` is the header of the ranks in a table with ranks and no scores.
    """

    rows: Rows
    category: str = ""
    day: str = ""
    rank: str = ""


def parse_tables(body: bytes, file_name: str) -> tuple[Table, ...]:
    """Return the tables of a file, by its extension. Raises SourceMalformed when it has none."""
    if file_name.endswith(".parquet"):
        return (Table(parquet.parse_rows(body, SOURCE, file_name)),)
    if file_name.endswith(".json"):
        return _of_document(parse_json_document(body, SOURCE, file_name), file_name)
    return (Table(parse_csv_rows(body, SOURCE, file_name)),)


def tasks_by_category(found: Any) -> TasksByCategory | None:
    """Return a document that lists the tasks of each category (LiveBench), else None."""
    if not isinstance(found, dict) or not found:
        return None
    return found if all(map(_is_list_of_names, found.values())) else None


def parse_json_document(body: bytes, source: str, url: str) -> Any:
    """Return the JSON document `body`. Raises SourceMalformed if invalid or with surrogates."""
    text = _decode(body, source, url)
    try:
        # NaN and 1e999 are not stored.
        found = json.loads(
            text, parse_constant=lambda _: None, parse_float=table_cells.parse_number
        )
        json.dumps(found, ensure_ascii=False).encode()  # fails for a lone surrogate
    except (ValueError, RecursionError) as error:
        raise SourceMalformed(source, url, f"it is not JSON: {error}") from error
    return found


def _is_list_of_names(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(name, str) for name in content)


def _decode(body: bytes, source: str, url: str) -> str:
    try:
        return decode(body)
    except ValueError as error:
        raise SourceMalformed(source, url, str(error)) from error


def parse_csv_rows(body: bytes, source: str, url: str) -> Rows:
    """Return the rows of a table with a header; additional cells of a row are under "more"."""
    text = _decode(body, source, url)
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), restkey="more"))
    except csv.Error as error:
        raise SourceMalformed(source, url, f"it is not CSV: {error}") from error


def _of_document(document: Any, file_name: str) -> tuple[Table, ...]:
    """Return a list of rows, one under a common name, rows by model, or those by category."""
    day = ""
    if isinstance(document, dict):
        day = next((str(document[name]) for name in _DAYS if document.get(name)), "")
        document = next((document[name] for name in _ROWS if name in document), document)
    if isinstance(document, dict):
        tables = _tables_by_key(document, day)
    else:
        tables = (Table(document, day=day),) if _is_list_of_rows(document) else ()
    if not tables:
        raise SourceMalformed(SOURCE, file_name, "it has no table of models")
    return tables


def _is_list_of_rows(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(row, dict) for row in content)


def _tables_by_key(document: Mapping[str, Any], day: str) -> tuple[Table, ...]:
    """Return one table for {model: {column: …}}, one per category for {category: {model: …}}.

    Values that are not mappings, such as a note, are ignored.
    """
    groups = {name: group for name, group in document.items() if isinstance(group, dict) and group}
    if any(isinstance(row, dict) for group in groups.values() for row in group.values()):
        return tuple(Table(_by_model(group), name, day) for name, group in groups.items())
    rows = _by_model(groups)
    return (Table(rows, day=day),) if rows else ()


def _by_model(group: Mapping[str, Any]) -> Rows:
    return [{"model": model, **row} for model, row in group.items() if isinstance(row, dict)]
