"""Answers of a language model by a hash of what it was asked, usable or not; and its speed."""

from collections.abc import Sequence

from tracker.store.database import Database, write_transaction

_SLICE = 500


def load_answers(db: Database, hashes: Sequence[str]) -> dict[str, str]:
    """Return the stored answers to these hashes."""
    found: dict[str, str] = {}
    for start in range(0, len(hashes), _SLICE):
        part = hashes[start : start + _SLICE]
        marks = ",".join("?" * len(part))
        found |= dict(
            db.execute(
                f"SELECT request_hash, answer FROM llm_answers WHERE request_hash IN ({marks})",
                part,
            )
        )
    return found


def store_answer(db: Database, request_hash: str, answer: str) -> None:
    """Store an answer, replacing an earlier one."""
    with write_transaction(db):
        db.execute("INSERT OR REPLACE INTO llm_answers VALUES (?, ?)", [request_hash, answer])


def store_speed(db: Database, model: str, tokens: int, seconds: float) -> None:
    """Store how many tokens a model read and wrote in what time, in place of an earlier number."""
    with write_transaction(db):
        db.execute("INSERT OR REPLACE INTO llm_speeds VALUES (?, ?, ?)", [model, tokens, seconds])


def load_speed(db: Database, model: str) -> float | None:
    """Return the tokens a second of a model when it was last timed; None if it never was."""
    row = db.execute("SELECT tokens, seconds FROM llm_speeds WHERE model = ?", [model]).fetchone()
    return row[0] / row[1] if row else None
