"""LMArena, ratings from blind votes between two answers, with intervals, by category.

It publishes a data set (CC BY 4.0) with a folder for each arena, which contains the newest table as
`latest-*.parquet`: a row for each model and category. `sources.arena.boards` lists the boards to
read as "folder" (all categories together) or "folder/category".

Public: `read_pages`. Source: huggingface.co/datasets/lmarena-ai/leaderboard-dataset.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.errors import SourceMalformed
from tracker.records import CacheValidators, Page
from tracker.settings import BoardSource
from tracker.sources import huggingface_dataset
from tracker.sources.formats import leaderboards, parquet
from tracker.sources.formats.leaderboard_columns import OVERALL
from tracker.sources.formats.leaderboards import TableOrigin
from tracker.sources.formats.tables import Table
from tracker.sources.http.client import Client
from tracker.sources.protocol import Task, fetch_all_if_any_changed

DATA_SET = "lmarena-ai/leaderboard-dataset"
# Ratings without the effect of the answers' length and layout: what the arena's site shows first.
TEXT = "text_style_control"
_BOARDS = (TEXT, f"{TEXT}/coding", f"{TEXT}/math", f"{TEXT}/hard_prompts")
_EXPECTED = ("model", "score", "low", "high", "votes", "rank", "organization", "license")
_FILE = re.compile(r"(?P<folder>[\w-]+)/latest-[\w-]+\.parquet")


def read_pages(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """Yield a page for each folder that has changed, with the requested boards of its day.

    The cursor is the list of requested boards: when it changes, all folders are read again.
    """
    cursor = ",".join(_requested_boards(task))
    known = task if task.cursor == cursor else replace(task, cache_validators={})
    paths = _paths(huggingface_dataset.list_files(client, task, DATA_SET))
    folders = list(dict.fromkeys(name.partition("/")[0] for name in _requested_boards(task)))
    if not set(folders) & set(paths):
        reason = f"it has no folder {', '.join(folders)} with a latest table"
        raise SourceMalformed(task.name, task.settings.url, reason)
    for folder in folders:
        last = cursor if folder == folders[-1] else None
        page = _read_folder(client, known, folder, paths.get(folder, ()))
        if page is not None:
            yield replace(page, cursor=last)


def _requested_boards(task: Task[BoardSource]) -> Sequence[str]:
    return task.settings.boards or _BOARDS


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


def _paths(files: Sequence[str]) -> dict[str, list[str]]:
    """Return the files of each folder's newest table."""
    found: dict[str, list[str]] = {}
    for match in filter(None, map(_FILE.fullmatch, sorted(files))):
        found.setdefault(match["folder"], []).append(match[0])
    return found


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
    wanted = {
        f"{task.name}/{name}".removesuffix(f"/{OVERALL}")
        for name in _requested_boards(task)
        if name.partition("/")[0] == folder
    }
    absent = wanted - {snapshot.board for snapshot in parsed.snapshots}
    return Page(
        tuple(snapshot for snapshot in parsed.snapshots if snapshot.board in wanted),
        warnings=(*parsed.warnings, *(f"there is no board {name}" for name in sorted(absent))),
        cache_validators=tuple(validators),
    )
