"""LMArena, where people vote blindly between two answers: ratings with intervals, by category.

It publishes a data set (CC BY 4.0): a folder for each arena, and in it the table of the newest
day as `latest-*.parquet`, a row for each model and category. `sources.arena.boards` names what is
wanted as "folder" (all categories together) or "folder/category".

Public: `read`. Source: huggingface.co/datasets/lmarena-ai/leaderboard-dataset.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.errors import SourceMalformed
from tracker.records import Copy, Page
from tracker.settings import BoardSource
from tracker.sources import boards, hub, parquet
from tracker.sources.columns import OVERALL
from tracker.sources.http import Client
from tracker.sources.reader import Task, fetch_together
from tracker.sources.tables import Table

DATA_SET = "lmarena-ai/leaderboard-dataset"
# Ratings in which length and layout of the answers do not count: what the arena's site shows first.
TEXT = "text_style_control"
_BOARDS = (TEXT, f"{TEXT}/coding", f"{TEXT}/math", f"{TEXT}/hard_prompts")
_EXPECTED = ("model", "score", "low", "high", "votes", "rank", "organization", "license")
_FILE = re.compile(r"(?P<folder>[\w-]+)/latest-[\w-]+\.parquet")


def read(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """A page for each folder that has changed, with the wanted boards of the day it is of.

    The cursor is what was wanted: when that changes, what was taken in is read again.
    """
    wanted = task.settings.boards or _BOARDS
    cursor = ",".join(wanted)
    known = task if task.cursor == cursor else replace(task, copies={})
    paths = _paths(hub.files(client, task, DATA_SET))
    folders = list(dict.fromkeys(name.partition("/")[0] for name in wanted))
    if not set(folders) & set(paths):
        reason = f"it has no folder {', '.join(folders)} with a latest table"
        raise SourceMalformed(task.name, task.settings.url, reason)
    for folder in folders:
        asks = [hub.ask(task, DATA_SET, path) for path in paths.get(folder, ())]
        found = fetch_together(client, known, asks)
        bodies, copies = [answer.body for answer, _ in found], [copy for _, copy in found]
        last = cursor if folder == folders[-1] else None
        if not asks:
            yield Page(warnings=(f"there is no board {folder}",), cursor=last)
        elif bodies:
            yield replace(_page(task, folder, bodies, copies), cursor=last)


def _paths(files: Sequence[str]) -> dict[str, list[str]]:
    """The parts of each folder's newest table."""
    found: dict[str, list[str]] = {}
    for match in filter(None, map(_FILE.fullmatch, sorted(files))):
        found.setdefault(match["folder"], []).append(match[0])
    return found


def _page(
    task: Task[BoardSource], folder: str, bodies: Sequence[bytes], copies: Sequence[Copy]
) -> Page:
    url, board = copies[0].url, f"{task.name}/{folder}"
    rows = [row for body in bodies for row in parquet.rows(body, task.name, url)]
    parsed = boards.of_tables(
        [Table(rows)], board=board, name=url, source=task.name, expected=_EXPECTED
    )
    wanted = {
        f"{task.name}/{name}".removesuffix(f"/{OVERALL}")
        for name in task.settings.boards or _BOARDS
        if name.partition("/")[0] == folder
    }
    absent = wanted - {snapshot.board for snapshot in parsed.snapshots}
    return Page(
        tuple(snapshot for snapshot in parsed.snapshots if snapshot.board in wanted),
        warnings=(*parsed.warnings, *(f"there is no board {name}" for name in sorted(absent))),
        copies=tuple(copies),
    )
