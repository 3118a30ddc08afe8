"""LiveBench: a release's table of tasks, averaged by the categories published with it.

The site serves `table_2026_06_25.csv` and `categories_2026_06_25.json` at its root; the releases
are listed only in its JavaScript, whose file `asset-manifest.json` names. If that changes, list the
releases in `sources.livebench.boards` ("2026-06-25"). A release's table grows as models are added
to it: a snapshot has the day on which it was read.

Public: `read_pages`, `find_releases`.
Source: github.com/LiveBench/livebench.github.io (src/Table, App.js).
"""

import re
from collections.abc import Iterator, Sequence

from tracker.errors import SourceMalformed
from tracker.records import Page
from tracker.settings import BoardSource
from tracker.sources.formats.boards import leaderboards, tables
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, fetch_all_if_any_changed

_TABLE_CAP, _PROGRAM_CAP = 2 * 2**20, 16 * 2**20
_DAY = r'"(20\d{2}-\d{2}-\d{2})"'
# The only list of several days in the program is that of the releases.
_RELEASES = re.compile(rf"\[(?:{_DAY},)+{_DAY}\]".encode(), re.ASCII)
_PROGRAM = re.compile(r"(?:\./)?(static/js/[\w.-]+\.js)", re.ASCII)
_RELEASE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def read_pages(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """Yield a page for each release that has changed: those of the settings, else the newest.

    The cursor is the site's program and the newest release in it, so that it is read only once.
    """
    cursor, wanted = None, task.settings.boards
    if not wanted:
        cursor = _find_newest_release(client, task)
        wanted = (cursor.partition(" ")[2],)
    for release in wanted:
        if not _RELEASE.fullmatch(release):
            reason = f"{release!r} is not a release: they are named by day, such as 2026-06-25"
            raise SourceMalformed(task.name, task.settings.url, reason)
        yield from _release(client, task, release, cursor)


def _release(
    client: Client, task: Task[BoardSource], release: str, cursor: str | None
) -> Iterator[Page]:
    day = release.replace("-", "_")
    requests = [
        _build_request(task, f"table_{day}.csv", "text/csv", _TABLE_CAP),
        _build_request(task, f"categories_{day}.json", "application/json", _TABLE_CAP),
    ]
    found = fetch_all_if_any_changed(client, task, requests)
    if not found:
        return
    (table, _), (categories, _) = found
    tasks = tables.tasks_by_category(
        tables.parse_json_document(categories.body, task.name, requests[1].url)
    )
    if tasks is None:
        raise SourceMalformed(task.name, requests[1].url, "it does not list tasks by category")
    rows = tables.parse_csv_rows(table.body, task.name, requests[0].url)
    parsed = leaderboards.boards_from_tasks(rows, tasks, board=task.name, day=task.now.date())
    if not parsed.snapshots:
        reason = "no row has a model and a number for a task"
        raise SourceMalformed(task.name, requests[0].url, reason)
    known = tuple(validators for _, validators in found)
    yield Page(parsed.snapshots, warnings=parsed.warnings, cursor=cursor, cache_validators=known)


def _find_newest_release(client: Client, task: Task[BoardSource]) -> str:
    """Return the path of the site's program and the newest release that it lists."""
    manifest = _build_request(task, "asset-manifest.json", "application/json", _TABLE_CAP)
    path = _program(client.get(manifest).body, task.name, manifest.url)
    if task.cursor.startswith(f"{path} "):
        return task.cursor
    program = _build_request(task, path, "text/javascript", _PROGRAM_CAP)
    known = find_releases(client.get(program).body)
    if not known:
        reason = "its releases are not found; name one in sources.livebench.boards"
        raise SourceMalformed(task.name, program.url, reason)
    return f"{path} {known[-1]}"


def _program(body: bytes, source: str, url: str) -> str:
    manifest = tables.parse_json_document(body, source, url)
    files = manifest.get("files") if isinstance(manifest, dict) else None
    match = _PROGRAM.fullmatch(str(files.get("main.js")) if isinstance(files, dict) else "")
    if not match:
        raise SourceMalformed(source, url, "it does not name the site's program")
    return match[1]


def find_releases(program: bytes) -> Sequence[str]:
    """Return the releases that the site's program lists, oldest first."""
    lists = (re.findall(_DAY.encode(), found[0]) for found in _RELEASES.finditer(program))
    return sorted(day.decode() for day in max(lists, key=len, default=[]))


def _build_request(task: Task[BoardSource], path: str, accept: str, cap: int) -> Request:
    url, pace = f"{task.settings.url}/{path}", task.settings.pace_seconds
    return Request(task.name, url, accept=accept, pace=pace, max_bytes=cap)
