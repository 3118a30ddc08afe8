"""LiveBench: a release's table of tasks, averaged by the categories published with it.

The site serves `table_2026_06_25.csv` and `categories_2026_06_25.json` at its root; the releases
are listed in its program only, whose file `asset-manifest.json` names. Should that change, name
the releases in `sources.livebench.boards` ("2026-06-25"). A release's table grows as models are
added to it: a snapshot is of the day it was read.

Public: `read`, `releases`. Source: github.com/LiveBench/livebench.github.io (src/Table, App.js).
"""

import re
from collections.abc import Iterator, Sequence

from tracker.errors import SourceMalformed
from tracker.records import Page
from tracker.settings import BoardSource
from tracker.sources import boards, tables
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task, fetch_together

_TABLE_CAP, _PROGRAM_CAP = 2 * 2**20, 16 * 2**20
_DAY = r'"(20\d{2}-\d{2}-\d{2})"'
# The only list of days in the program with more than one of them is that of the releases.
_RELEASES = re.compile(rf"\[(?:{_DAY},)+{_DAY}\]".encode(), re.ASCII)
_PROGRAM = re.compile(r"(?:\./)?(static/js/[\w.-]+\.js)", re.ASCII)
_RELEASE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """A page for each release that has changed: those of the settings, else the newest.

    The cursor is the site's program and the newest release in it, so that it is read once.
    """
    cursor, wanted = None, task.settings.boards
    if not wanted:
        cursor = _newest(client, task)
        wanted = (cursor.partition(" ")[2],)
    for release in wanted:
        if not _RELEASE.fullmatch(release):
            reason = f"{release!r} is no release: they are named by day, 2026-06-25"
            raise SourceMalformed(task.name, task.settings.url, reason)
        yield from _release(client, task, release, cursor)


def _release(
    client: Client, task: Task[BoardSource], release: str, cursor: str | None
) -> Iterator[Page]:
    day = release.replace("-", "_")
    asks = [
        _ask(task, f"table_{day}.csv", "text/csv", _TABLE_CAP),
        _ask(task, f"categories_{day}.json", "application/json", _TABLE_CAP),
    ]
    found = fetch_together(client, task, asks)
    if not found:
        return
    (table, _), (categories, _) = found
    tasks = tables.tasks_by_category(tables.document(categories.body, task.name, asks[1].url))
    if tasks is None:
        raise SourceMalformed(task.name, asks[1].url, "it does not list tasks by category")
    rows = tables.csv_rows(table.body, task.name, asks[0].url)
    parsed = boards.of_tasks(rows, tasks, board=task.name, day=task.now.date())
    if not parsed.snapshots:
        raise SourceMalformed(task.name, asks[0].url, "no row has a model and a number for a task")
    copies = tuple(copy for _, copy in found)
    yield Page(parsed.snapshots, warnings=parsed.warnings, cursor=cursor, copies=copies)


def _newest(client: Client, task: Task[BoardSource]) -> str:
    """The path of the site's program and the newest release that it knows."""
    manifest = _ask(task, "asset-manifest.json", "application/json", _TABLE_CAP)
    path = _program(client.get(manifest).body, task.name, manifest.url)
    if task.cursor.startswith(f"{path} "):
        return task.cursor
    program = _ask(task, path, "text/javascript", _PROGRAM_CAP)
    known = releases(client.get(program).body)
    if not known:
        reason = "its releases are not found; name one in sources.livebench.boards"
        raise SourceMalformed(task.name, program.url, reason)
    return f"{path} {known[-1]}"


def _program(body: bytes, source: str, url: str) -> str:
    manifest = tables.document(body, source, url)
    files = manifest.get("files") if isinstance(manifest, dict) else None
    match = _PROGRAM.fullmatch(str(files.get("main.js")) if isinstance(files, dict) else "")
    if not match:
        raise SourceMalformed(source, url, "it does not name the site's program")
    return match[1]


def releases(program: bytes) -> Sequence[str]:
    """The releases that the site's program lists, the oldest first."""
    lists = (re.findall(_DAY.encode(), found[0]) for found in _RELEASES.finditer(program))
    return sorted(day.decode() for day in max(lists, key=len, default=[]))


def _ask(task: Task[BoardSource], path: str, accept: str, cap: int) -> Ask:
    url, pace = f"{task.settings.url}/{path}", task.settings.pace_seconds
    return Ask(task.name, url, accept=accept, pace=pace, cap=cap)
