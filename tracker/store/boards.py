"""Leaderboard snapshots: one per board and day, with every column as published."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.formats.boards.model_names import parse_identity
from tracker.store.database import Database, write_transaction


@dataclass(frozen=True, slots=True)
class Standing:
    """The position of a model in a board's newest snapshot."""

    board: str
    day: date
    model: str
    rank: int | None
    score: float | None


def store_snapshots(db: Database, snapshots: Sequence[BoardSnapshot]) -> int:
    """Store snapshots, replacing those of the same board and day; return how many were new."""
    with write_transaction(db):
        return sum(_store_snapshot(db, snapshot) for snapshot in snapshots)


def _store_snapshot(db: Database, snapshot: BoardSnapshot) -> bool:
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


def list_names(db: Database) -> list[str]:
    """Return the names of all boards."""
    return [name for (name,) in db.execute("SELECT DISTINCT board FROM board_snapshots ORDER BY 1")]


def latest_snapshot(db: Database, board: str, until: date) -> BoardSnapshot | None:
    """Return the newest snapshot of a board on or before a day."""
    row = db.execute(
        "SELECT id, day FROM board_snapshots WHERE board = ? AND day <= ?"
        " ORDER BY day DESC LIMIT 1",
        [board, until.isoformat()],
    ).fetchone()
    if row is None:
        return None
    return BoardSnapshot(board, date.fromisoformat(row[1]), _rows(db, row[0]))


def snapshots_between(db: Database, board: str, since: date, until: date) -> list[BoardSnapshot]:
    """Return a board's snapshots of some days, oldest first, after the last one before them."""
    rows = db.execute(
        "SELECT id, day FROM board_snapshots WHERE board = ? AND day <= ? AND day >= ifnull("
        "(SELECT max(day) FROM board_snapshots WHERE board = ? AND day <= ?), '') ORDER BY day",
        [board, until.isoformat(), board, since.isoformat()],
    ).fetchall()
    return [BoardSnapshot(board, date.fromisoformat(day), _rows(db, key)) for key, day in rows]


def _rows(db: Database, snapshot: int) -> tuple[BoardRow, ...]:
    rows = db.execute(
        "SELECT model, score, rank, low, high, votes, organization, license, raw FROM board_rows"
        " WHERE snapshot = ? ORDER BY score DESC, rank IS NULL, rank, model",
        [snapshot],
    )
    return tuple(BoardRow(*(*row[:8], json.loads(row[8]))) for row in rows)


def standings(db: Database, models: Iterable[str]) -> list[Standing]:
    """Return the standings of models on all boards, also under another spelling of a model."""
    wanted = {parse_identity(model) for model in models}
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
        if parse_identity(model) in wanted
    ]
