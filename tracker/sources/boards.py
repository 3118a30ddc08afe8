"""Leaderboards from tables: each category of a table becomes a dated snapshot of a board.

The board of a category is "NAME/category", that of all of them together is NAME itself. A table
without ranks is ranked by score, one that has ranks and no scores keeps its ranks. `parse` is
pure; the day is the caller's, the row's, the document's, or the file name's.

Public: `Parsed`, `Saved`, `parse`, `parse_all`, `of_tables`, `of_tasks`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tracker.errors import SourceMalformed
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources import averages, columns
from tracker.sources.columns import CATEGORIES, OVERALL
from tracker.sources.tables import SOURCE, Rows, Table, Tasks, document, tables, tasks_by_category

_DAY = re.compile(r"(\d{4})[-_](\d{2})[-_](\d{2})", re.ASCII)
# A table of ranks has a column for each category: rank_overall, rank_math …
_RANK = re.compile(r"rank_(\w+)")
_NO_SCORES = "no row has both a model and a score"
_NEEDS_TASKS = "its columns are tasks: give the file that lists them by category with it"


@dataclass(frozen=True, slots=True)
class Saved:
    """A file as it was saved: its ending tells its kind, and its name may tell its day."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Parsed:
    """The boards of a file; each warning is a sentence on how the file differs from what it was."""

    snapshots: tuple[BoardSnapshot, ...] = ()
    warnings: tuple[str, ...] = ()


def parse_all(
    files: Sequence[Saved], *, board: str, day: date | None = None
) -> Iterator[Parsed | SourceMalformed]:
    """What each file holds, or why it cannot be read, in their order.

    A file that lists tasks by category has no board: it serves the tables of tasks of its day.
    """
    served = dict(_task_lists(files))
    lists = {name for name, _ in served.values()}
    for file in files:
        if file.name in lists:
            yield Parsed()
            continue
        try:
            _, tasks = served.get(_day_of(file.name), ("", None))
            parsed = parse(file.body, board=board, file_name=file.name, day=day, tasks=tasks)
            yield replace(parsed, warnings=tuple(f"{file.name}: {w}" for w in parsed.warnings))
        except SourceMalformed as error:
            yield error


def _task_lists(files: Iterable[Saved]) -> Iterator[tuple[date | None, tuple[str, Tasks]]]:
    for file in files:
        if not file.name.endswith(".json"):
            continue
        try:
            tasks = tasks_by_category(document(file.body, SOURCE, file.name))
        except SourceMalformed:
            continue  # told when the file's turn comes
        if tasks is not None:
            yield _day_of(file.name), (file.name, tasks)


def parse(
    body: bytes,
    *,
    board: str,
    file_name: str,
    day: date | None = None,
    tasks: Tasks | None = None,
) -> Parsed:
    """The boards of a saved table. SourceMalformed says what is missing in it.

    `tasks` are the columns of each category, should the table have a column for every task.
    """
    found = tables(body, file_name)
    if tasks and all(averages.has_tasks(table.rows) for table in found):
        return of_tasks(found[0].rows, tasks, board=board, day=day or _day((), file_name))
    return of_tables(found, board=board, name=file_name, day=day)


def of_tables(
    found: Iterable[Table],
    *,
    board: str,
    name: str,
    day: date | None = None,
    source: str = SOURCE,
    expected: Sequence[str] = (),
    known: Sequence[str] = (),
) -> Parsed:
    """The boards of tables whose rows are models; a given `day` is taken over what they say.

    `name` is where they are from, for an error of `source`. A column of ours that is `expected`
    and not there is a warning, as are columns that are neither ours nor `known` (as keys).
    """
    parts = [_Part.of(part) for table in found for part in _parts(table)]
    made = [
        BoardSnapshot(
            _board(board, part.table.category), day or _day((part.table.day,), name), rows
        )
        for part in parts
        if (rows := part.ranked())
    ]
    if not made:
        tasks = any(averages.has_tasks(part.table.rows) for part in parts)
        raise SourceMalformed(source, name, _NEEDS_TASKS if tasks else _NO_SCORES)
    return Parsed(tuple(made), tuple(_warnings(parts, expected, known)))


def of_tasks(rows: Rows, tasks: Tasks, *, board: str, day: date) -> Parsed:
    """The boards of a table with a column for each task: one for each category, one for all."""
    scored = averages.by_category(rows, tasks)
    made = [
        BoardSnapshot(_board(board, category), day, _by_score(found))
        for category, found in scored.items()
        if found
    ]
    return Parsed(tuple(made), tuple(averages.unmatched(rows, tasks)))


def _board(board: str, category: str) -> str:
    name = columns.key(category)
    name = CATEGORIES.get(name, name)
    return board if name in ("", OVERALL) else f"{board}/{name}"


def _parts(table: Table) -> Iterator[Table]:
    """The table by the categories and days that its rows name, or by its columns of ranks."""
    groups: dict[tuple[str, str], list[columns.Raw]] = defaultdict(list)
    for raw in table.rows:
        cells = {columns.key(header): content for header, content in raw.items()}
        category, day = columns.value(cells, "category"), columns.value(cells, "day")
        groups[str(category or table.category), str(day or table.day)].append(raw)
    for (category, day), rows in groups.items():
        yield from _by_rank(Table(rows, category, day))


def _by_rank(table: Table) -> Iterator[Table]:
    headers = _headers(table.rows)
    ranks = [header for header in headers if _RANK.fullmatch(columns.key(header))]
    if not ranks or columns.holds("score", headers) or "rank" in map(columns.key, headers):
        yield table
        return
    for header in ranks:
        category = columns.key(header).removeprefix("rank_")
        yield replace(table, category=category, rank=header)


def _headers(rows: Rows) -> list[str]:
    return list(dict.fromkeys(header for row in rows for header in row))


@dataclass(frozen=True, slots=True)
class _Part:
    """A table of one board, its headers, and what each of its rows says."""

    table: Table
    headers: Sequence[str]
    read: Sequence[BoardRow | None]

    @classmethod
    def of(cls, table: Table) -> "_Part":
        read = [columns.row(raw, table.rank) for raw in table.rows]
        return cls(table, _headers(table.rows), read)

    def ranked(self) -> tuple[BoardRow, ...]:
        """Each model once, as it stood first; ranked by score if the table has no ranks."""
        rows = {row.model: row for row in reversed(self.read) if row}
        first = reversed(rows.values())
        has_ranks = self.table.rank or columns.holds("rank", self.headers)
        return tuple(first) if has_ranks else _by_score(first)

    def lost(self) -> int:
        """How many rows of a table of scores have none, or no model."""
        return 0 if self.table.rank else sum(row is None for row in self.read)


def _by_score(rows: Iterable[BoardRow]) -> tuple[BoardRow, ...]:
    """The rows with their ranks: one more than there are models with a higher score."""
    ordered = sorted(rows, key=lambda row: -(row.score or 0.0))
    ranks: dict[float | None, int] = {}
    for place, row in enumerate(ordered, start=1):
        ranks.setdefault(row.score, place)
    return tuple(replace(row, rank=ranks[row.score]) for row in ordered)


def _warnings(
    parts: Sequence[_Part], expected: Sequence[str], known: Sequence[str]
) -> Iterator[str]:
    headers = list(dict.fromkeys(header for part in parts for header in part.headers))
    ranks = [columns.key(part.table.rank) for part in parts]
    if unknown := columns.strangers(headers, (*known, *ranks)):
        yield f"columns that are not known, kept as they are: {', '.join(unknown)}"
    if absent := [name for name in expected if not columns.holds(name, headers)]:
        yield f"columns that are gone: {', '.join(absent)}"
    if lost := sum(part.lost() for part in parts):
        yield f"{lost:,} rows left out, which have no model or no score"


def _day_of(file_name: str) -> date | None:
    try:
        return _day((), file_name)
    except SourceMalformed:
        return None


def _day(stated: Iterable[str], file_name: str) -> date:
    """The first day written in what the table states, else in the file's name."""
    match = next(filter(None, map(_DAY.search, (*stated, file_name))), None)
    try:
        return date(*map(int, match.groups())) if match else _no_day(file_name)
    except ValueError:
        return _no_day(file_name)


def _no_day(file_name: str) -> date:
    reason = "its day is not known; give it with --date 2026-03-09"
    raise SourceMalformed(SOURCE, file_name, reason)
