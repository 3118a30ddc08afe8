"""Answers of a language model by the digest of what it was asked, usable or not."""

from collections.abc import Sequence

from tracker.store.database import Database, write_transaction

_SLICE = 500


def load_answers(db: Database, digests: Sequence[str]) -> dict[str, str]:
    """Return the stored answers to these digests."""
    found: dict[str, str] = {}
    for start in range(0, len(digests), _SLICE):
        part = digests[start : start + _SLICE]
        marks = ",".join("?" * len(part))
        found |= dict(
            db.execute(f"SELECT digest, answer FROM llm_answers WHERE digest IN ({marks})", part)
        )
    return found


def store_answer(db: Database, digest: str, answer: str) -> None:
    """Store an answer, replacing an earlier one."""
    with write_transaction(db):
        db.execute("INSERT OR REPLACE INTO llm_answers VALUES (?, ?)", [digest, answer])
