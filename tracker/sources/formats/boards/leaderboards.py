"""Leaderboards from tables: each category of a table becomes a dated snapshot of a board.

The board of a category is "NAME/category", that of all categories together is NAME. A table without
ranks is ranked by score; one with ranks and no scores keeps its ranks. `parse` is pure; the day is
the caller's, the row's, the document's, or the file name's, in this order.

Public: `ParsedBoards`, `SavedFile`, `TableOrigin`, `parse`, `parse_files`, `boards_from_tables`,
`boards_from_tasks`, `board_of_category`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tracker.errors import SourceMalformed
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.formats.boards import leaderboard_columns, task_averages
from tracker.sources.formats.boards.leaderboard_columns import CATEGORIES, OVERALL
from tracker.sources.formats.boards.tables import (
    SOURCE,
    Rows,
    Table,
    TasksByCategory,
    parse_json_document,
    parse_tables,
    tasks_by_category,
)

_DAY = re.compile(r"(\d{4})[-_](\d{2})[-_](\d{2})", re.ASCII)
# A table of ranks has a column for each category: rank_overall, rank_math …
_RANK = re.compile(r"rank_(\w+)")
_NO_SCORES = "no row has both a model and a score"
_NEEDS_TASKS = "its columns are tasks: give the file that lists them by category with it"


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A saved file: its name's extension is its format, and its name may contain its day."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class ParsedBoards:
    """The boards of a file; each warning is a sentence about a change of the file's columns."""

    snapshots: tuple[BoardSnapshot, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableOrigin:
    """Where tables are from, and the columns they should have.

    `name` is shown in an error of `source`. An `expected` column of ours that is absent is a
    warning, as is a column that is neither ours nor among the `known` keys.
    """

    name: str
    source: str = SOURCE
    expected: Sequence[str] = ()
    known: Sequence[str] = ()


def parse_files(
    files: Sequence[SavedFile], *, board: str, day: date | None = None
) -> Iterator[ParsedBoards | SourceMalformed]:
    """Yield what each file contains, or why it cannot be read, in order.

    A file that lists tasks by category has no board: the tables of tasks of its day use it.
    """
    tasks_by_day = dict(_task_lists(files))
    lists = {name for name, _ in tasks_by_day.values()}
    for file in files:
        if file.name in lists:
            yield ParsedBoards()
            continue
        try:
            _, tasks = tasks_by_day.get(_day_of(file.name), ("", None))
            parsed = parse(file.body, board=board, file_name=file.name, day=day, tasks=tasks)
            yield replace(parsed, warnings=tuple(f"{file.name}: {w}" for w in parsed.warnings))
        except SourceMalformed as error:
            yield error


def _task_lists(
    files: Iterable[SavedFile],
) -> Iterator[tuple[date | None, tuple[str, TasksByCategory]]]:
    for file in files:
        if not file.name.endswith(".json"):
            continue
        try:
            tasks = tasks_by_category(parse_json_document(file.body, SOURCE, file.name))
        except SourceMalformed:
            continue  # reported when the file itself is parsed
        if tasks is not None:
            yield _day_of(file.name), (file.name, tasks)


def parse(
    body: bytes,
    *,
    board: str,
    file_name: str,
    day: date | None = None,
    tasks: TasksByCategory | None = None,
) -> ParsedBoards:
    """Return the boards of a saved table. Raises SourceMalformed with what is missing in it.

    `tasks` are the columns of each category, for a table with a column for every task.
    """
    found = parse_tables(body, file_name)
    if tasks and all(task_averages.has_task_columns(table.rows) for table in found):
        return boards_from_tasks(found[0].rows, tasks, board=board, day=day or _day((), file_name))
    return boards_from_tables(found, board=board, day=day, origin=TableOrigin(file_name))


def boards_from_tables(
    found: Iterable[Table],
    *,
    board: str,
    origin: TableOrigin,
    day: date | None = None,
) -> ParsedBoards:
    """Return the boards of tables whose rows are models; `day` overrides the tables' own.

    Raises SourceMalformed when no row has both a model and a score or rank.
    """
    parts = [
        _BoardTable.from_table(part)
        for table in found
        for part in _split_by_category_and_day(table)
    ]
    snapshots = [
        BoardSnapshot(
            board_of_category(board, part.table.category),
            day or _day((part.table.day,), origin.name),
            rows,
        )
        for part in parts
        if (rows := part.ranked_rows())
    ]
    if not snapshots:
        tasks = any(task_averages.has_task_columns(part.table.rows) for part in parts)
        raise SourceMalformed(origin.source, origin.name, _NEEDS_TASKS if tasks else _NO_SCORES)
    return ParsedBoards(tuple(snapshots), tuple(_warnings(parts, origin.expected, origin.known)))


def boards_from_tasks(rows: Rows, tasks: TasksByCategory, *, board: str, day: date) -> ParsedBoards:
    """Return the boards of a table with a column for each task: one per category, one for all."""
    scored = task_averages.average_by_category(rows, tasks)
    snapshots = [
        BoardSnapshot(board_of_category(board, category), day, _rank_by_score(found))
        for category, found in scored.items()
        if found
    ]
    return ParsedBoards(tuple(snapshots), tuple(task_averages.describe_unmatched(rows, tasks)))


def board_of_category(board: str, category: str) -> str:
    """Return the name of the board of a category of `board`, which is itself the overall one."""
    name = leaderboard_columns.normalize_header(category)
    name = CATEGORIES.get(name, name)
    return board if name in ("", OVERALL) else f"{board}/{name}"


def _split_by_category_and_day(table: Table) -> Iterator[Table]:
    """Yield the table split by the categories and days of its rows, or by its rank columns."""
    groups: dict[tuple[str, str], list[leaderboard_columns.RawRow]] = defaultdict(list)
    for raw in table.rows:
        cells = {
            leaderboard_columns.normalize_header(header): content for header, content in raw.items()
        }
        category, day = (
            leaderboard_columns.column_value(cells, "category"),
            leaderboard_columns.column_value(cells, "day"),
        )
        groups[str(category or table.category), str(day or table.day)].append(raw)
    for (category, day), rows in groups.items():
        yield from _split_by_rank_column(Table(rows, category, day))


def _split_by_rank_column(table: Table) -> Iterator[Table]:
    headers = _headers(table.rows)
    ranks = [
        header
        for header in headers
        if _RANK.fullmatch(leaderboard_columns.normalize_header(header))
    ]
    if (
        not ranks
        or leaderboard_columns.has_column("score", headers)
        or "rank" in map(leaderboard_columns.normalize_header, headers)
    ):
        yield table
        return
    for header in ranks:
        category = leaderboard_columns.normalize_header(header).removeprefix("rank_")
        yield replace(table, category=category, rank=header)


def _headers(rows: Rows) -> list[str]:
    return list(dict.fromkeys(header for row in rows for header in row))


@dataclass(frozen=True, slots=True)
class _BoardTable:
    """A table of one board, its headers, and its parsed rows."""

    table: Table
    headers: Sequence[str]
    parsed_rows: Sequence[BoardRow | None]

    @classmethod
    def from_table(cls, table: Table) -> "_BoardTable":
        parsed = [leaderboard_columns.parse_row(raw, table.rank) for raw in table.rows]
        return cls(table, _headers(table.rows), parsed)

    def ranked_rows(self) -> tuple[BoardRow, ...]:
        """Return the first row of each model; ranked by score if the table has no ranks."""
        rows = {row.model: row for row in reversed(self.parsed_rows) if row}
        first = reversed(rows.values())
        has_ranks = self.table.rank or leaderboard_columns.has_column("rank", self.headers)
        return tuple(first) if has_ranks else _rank_by_score(first)

    def count_unreadable_rows(self) -> int:
        """Return how many rows of a table of scores have no score or no model."""
        return 0 if self.table.rank else sum(row is None for row in self.parsed_rows)


def _rank_by_score(rows: Iterable[BoardRow]) -> tuple[BoardRow, ...]:
    """Return the rows with ranks: one more than the number of models with a higher score."""
    ordered = sorted(rows, key=lambda row: -(row.score or 0.0))
    ranks: dict[float | None, int] = {}
    for place, row in enumerate(ordered, start=1):
        ranks.setdefault(row.score, place)
    return tuple(replace(row, rank=ranks[row.score]) for row in ordered)


def _warnings(
    parts: Sequence[_BoardTable], expected: Sequence[str], known: Sequence[str]
) -> Iterator[str]:
    headers = list(dict.fromkeys(header for part in parts for header in part.headers))
    ranks = [leaderboard_columns.normalize_header(part.table.rank) for part in parts]
    if unknown := leaderboard_columns.unknown_headers(headers, (*known, *ranks)):
        yield f"columns that are not known, kept as they are: {', '.join(unknown)}"
    if absent := [name for name in expected if not leaderboard_columns.has_column(name, headers)]:
        yield f"columns that are gone: {', '.join(absent)}"
    if lost := sum(part.count_unreadable_rows() for part in parts):
        yield f"{lost:,} rows left out, which have no model or no score"


def _day_of(file_name: str) -> date | None:
    try:
        return _day((), file_name)
    except SourceMalformed:
        return None


def _day(stated: Iterable[str], file_name: str) -> date:
    """Return the first day that the table states, else the one in the file's name."""
    match = next(filter(None, map(_DAY.search, (*stated, file_name))), None)
    try:
        return date(*map(int, match.groups())) if match else _raise_no_day(file_name)
    except ValueError:
        return _raise_no_day(file_name)


def _raise_no_day(file_name: str) -> date:
    reason = "its day is not known; give it with --date 2026-03-09"
    raise SourceMalformed(SOURCE, file_name, reason)
