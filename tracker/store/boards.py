"""Leaderboard snapshots: one per board and day, with every column kept as it was read."""

import json
from collections.abc import Sequence
from datetime import date

from tracker.models import BoardRow, BoardSnapshot
from tracker.store.database import Database, writing


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
