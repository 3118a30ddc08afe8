"""LMArena, ratings from blind votes between two answers, with intervals, by category.

It publishes a data set (CC BY 4.0) with a folder for each arena, which contains the newest table as
`latest-*.parquet`: a row for each model and category. `sources.arena.boards` lists the boards to
read as "folder" (all categories together) or "folder/category". The first time a board is read, the
days of the last weeks are read with it from `full-*.parquet`, so that its first report has moves.

Public: `read_pages`. Source: huggingface.co/datasets/lmarena-ai/leaderboard-dataset.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from tracker.errors import SourceError, SourceMalformed, SourceUnavailable
from tracker.records import CacheValidators, Page
from tracker.settings import BoardSource
from tracker.sources import huggingface_dataset
from tracker.sources.formats import parquet
from tracker.sources.formats.boards import leaderboards
from tracker.sources.formats.boards.leaderboard_columns import OVERALL
from tracker.sources.formats.boards.leaderboards import TableOrigin
from tracker.sources.formats.boards.tables import Table
from tracker.sources.http.client import Client
from tracker.sources.protocol import Task, fetch_all_if_any_changed

DATA_SET = "lmarena-ai/leaderboard-dataset"
# Ratings without the effect of the answers' length and layout: what the arena's site shows first.
TEXT = "text_style_control"
_BOARDS = (TEXT, f"{TEXT}/coding", f"{TEXT}/math", f"{TEXT}/hard_prompts")
_EXPECTED = ("model", "score", "low", "high", "votes", "rank", "organization", "license")
_LATEST, _HISTORY = "latest", "full"
_FILE = re.compile(rf"(?P<folder>[\w-]+)/(?P<kind>{_LATEST}|{_HISTORY})-[\w-]+\.parquet")
# A monthly report compares with the end of the month before.
_HISTORY_DAYS = 70
_HISTORY_CAP = 192 * 2**20  # it had 50 MB in 2026-08


def read_pages(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """Yield a page for each folder that has changed, with the requested boards of its day.

    The cursor is the list of requested boards: when it changes, all folders are read again, each
    followed by a page of its history.
    """
    cursor = ",".join(_requested_boards(task))
    known = task if task.cursor == cursor else replace(task, cache_validators={})
    files = huggingface_dataset.list_files(client, task, DATA_SET)
    paths, history = _paths(files, _LATEST), _paths(files, _HISTORY)
    folders = list(dict.fromkeys(name.partition("/")[0] for name in _requested_boards(task)))
    if not set(folders) & set(paths):
        reason = f"it has no folder {', '.join(folders)} with a latest table"
        raise SourceMalformed(task.name, task.settings.url, reason)
    for folder in folders:
        page = _read_folder(client, known, folder, paths.get(folder, ()))
        if page is not None:
            yield page
    if task.cursor == cursor:
        return
    for folder in folders:
        yield from _read_history(client, task, folder, history.get(folder, ()))
    yield Page(cursor=cursor)


def _requested_boards(task: Task[BoardSource]) -> Sequence[str]:
    return task.settings.boards or _BOARDS


def _boards_of_folder(task: Task[BoardSource], folder: str) -> set[str]:
    """Return our names of the requested boards of a folder."""
    names = (name for name in _requested_boards(task) if name.partition("/")[0] == folder)
    return {f"{task.name}/{name}".removesuffix(f"/{OVERALL}") for name in names}


def _paths(files: Sequence[str], kind: str) -> dict[str, list[str]]:
    """Return the files of each folder's newest table, or of its history."""
    found: dict[str, list[str]] = {}
    for match in filter(None, map(_FILE.fullmatch, sorted(files))):
        if match["kind"] == kind:
            found.setdefault(match["folder"], []).append(match[0])
    return found


def _read_folder(
    client: Client, task: Task[BoardSource], folder: str, paths: Sequence[str]
) -> Page | None:
    """Return the page of a folder, None when it has not changed."""
    if not paths:
        return Page(warnings=(f"there is no board {folder}",))
    requests = [huggingface_dataset.file_request(task, DATA_SET, path) for path in paths]
    found = fetch_all_if_any_changed(client, task, requests)
    bodies = [response.body for response, _ in found]
    return _page(task, folder, bodies, [known for _, known in found]) if found else None


def _page(
    task: Task[BoardSource],
    folder: str,
    bodies: Sequence[bytes],
    validators: Sequence[CacheValidators],
) -> Page:
    url, board = validators[0].url, f"{task.name}/{folder}"
    rows = [row for body in bodies for row in parquet.parse_rows(body, task.name, url)]
    parsed = leaderboards.boards_from_tables(
        [Table(rows)],
        board=board,
        origin=TableOrigin(name=url, source=task.name, expected=_EXPECTED),
    )
    wanted = _boards_of_folder(task, folder)
    absent = wanted - {snapshot.board for snapshot in parsed.snapshots}
    return Page(
        tuple(snapshot for snapshot in parsed.snapshots if snapshot.board in wanted),
        warnings=(*parsed.warnings, *(f"there is no board {name}" for name in sorted(absent))),
        cache_validators=tuple(validators),
    )


def _read_history(
    client: Client, task: Task[BoardSource], folder: str, paths: Sequence[str]
) -> Iterator[Page]:
    """Yield the earlier snapshots of a folder's boards, one page per file.

    The boards are complete without them, so a history that cannot be read is a warning.
    """
    for path in paths:
        request = huggingface_dataset.file_request(task, DATA_SET, path, _HISTORY_CAP)
        try:
            body = client.get(request).body
            yield _history_page(task, folder, body, request.url)
        except SourceError as error:
            yield Page(warnings=(f"the history of {folder} was not read: {error.reason}",))
            if isinstance(error, SourceUnavailable):
                return


def _history_page(task: Task[BoardSource], folder: str, body: bytes, url: str) -> Page:
    first = (task.now.date() - timedelta(_HISTORY_DAYS)).isoformat()
    wanted, board = _boards_of_folder(task, folder), f"{task.name}/{folder}"
    keep = {
        "category": lambda name: leaderboards.board_of_category(board, str(name or "")) in wanted,
        "leaderboard_publish_date": lambda day: str(day)[: len(first)] >= first,
    }
    rows = parquet.select_rows(body, task.name, url, keep)
    if not rows:
        return Page()
    parsed = leaderboards.boards_from_tables(
        [Table(rows)], board=board, origin=TableOrigin(name=url, source=task.name)
    )
    return Page(tuple(snapshot for snapshot in parsed.snapshots if snapshot.board in wanted))
