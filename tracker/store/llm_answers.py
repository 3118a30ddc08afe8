"""Answers of a language model by a hash of what it was asked, usable or not."""

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
