"""Leaderboard snapshots: one per board and day, with every column kept as it was read."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.models import BoardRow, BoardSnapshot
from tracker.store.database import Database, writing

_BETWEEN_WORDS = re.compile(r"[-_\s]+")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a model stands on a board, by the board's newest snapshot."""

    board: str
    day: date
    model: str
    rank: int | None
    score: float | None


def take(db: Database, snapshots: Sequence[BoardSnapshot]) -> int:
    """Store snapshots, replacing those of the same board and day; gives how many were new."""
    with writing(db):
        return sum(_take(db, snapshot) for snapshot in snapshots)


def _take(db: Database, snapshot: BoardSnapshot) -> bool:
    key = [snapshot.board, snapshot.day.isoformat()]
    known = db.execute("DELETE FROM board_snapshots WHERE board = ? AND day = ?", key).rowcount
    cursor = db.execute("INSERT INTO board_snapshots (board, day) VALUES (?, ?)", key)
    db.conn.executemany(
        "INSERT INTO board_rows (snapshot, model, score, rank, low, high, votes, organization,"
        " license, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (cursor.lastrowid, row.model, row.score, row.rank, row.low, row.high, row.votes,
             row.organization, row.license, json.dumps(dict(row.raw), ensure_ascii=False))
            for row in snapshot.rows
        ),
    )  # fmt: skip
    return not known


def names(db: Database) -> list[str]:
    """The boards there are."""
    return [name for (name,) in db.execute("SELECT DISTINCT board FROM board_snapshots ORDER BY 1")]


def latest(db: Database, board: str, until: date) -> BoardSnapshot | None:
    """The newest snapshot of a board on or before a day."""
    row = db.execute(
        "SELECT id, day FROM board_snapshots WHERE board = ? AND day <= ?"
        " ORDER BY day DESC LIMIT 1",
        [board, until.isoformat()],
    ).fetchone()
    if row is None:
        return None
    return BoardSnapshot(board, date.fromisoformat(row[1]), _rows(db, row[0]))


def _rows(db: Database, snapshot: int) -> tuple[BoardRow, ...]:
    rows = db.execute(
        "SELECT model, score, rank, low, high, votes, organization, license, raw FROM board_rows"
        " WHERE snapshot = ? ORDER BY score DESC, rank IS NULL, rank, model",
        [snapshot],
    )
    return tuple(BoardRow(*(*row[:8], json.loads(row[8]))) for row in rows)


def standings(db: Database, models: Iterable[str]) -> list[Standing]:
    """Where models stand on every board; a hub's "owner/Name-8B" is a board's "name 8b"."""
    wanted = {_plain(model) for model in models}
    if not wanted:
        return []
    rows = db.execute(
        "SELECT s.board, s.day, r.model, r.rank, r.score FROM board_rows r"
        " JOIN board_snapshots s ON s.id = r.snapshot WHERE s.day ="
        " (SELECT max(day) FROM board_snapshots WHERE board = s.board) ORDER BY s.board, r.model"
    )
    return [
        Standing(board, date.fromisoformat(day), model, rank, score)
        for board, day, model, rank, score in rows
        if _plain(model) in wanted
    ]


def _plain(model: str) -> str:
    """A model's name without its owner, in one way of writing."""
    return _BETWEEN_WORDS.sub(" ", model.rpartition("/")[2]).strip().casefold()
