"""What was run for which day, week or month, and how it ended: what is due is decided from here."""

from collections.abc import Sequence
from datetime import date, datetime

from tracker.store.database import Database, writing


class Ledger:
    """The attempts at every job, oldest first; nothing in it is ever changed."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def attempts(self, job: str, key: str) -> Sequence[tuple[str, datetime]]:
        """State and instant (UTC) of every attempt at a job for a key."""
        rows = self._db.execute(
            "SELECT state, at FROM runs WHERE job = ? AND key = ? ORDER BY id", [job, key]
        )
        return [(state, datetime.fromisoformat(at)) for state, at in rows]

    def record(self, job: str, key: str, state: str, *, detail: str, at: datetime) -> None:
        """Add one attempt, for good when it returns."""
        with writing(self._db):
            self._db.execute(
                "INSERT INTO runs (job, key, state, detail, at) VALUES (?, ?, ?, ?, ?)",
                [job, key, state, detail, at.isoformat()],
            )

    def last_good(self, prefix: str) -> date | None:
        """The newest day for which a job whose name starts so ended well; its keys are days."""
        (key,) = self._db.execute(
            "SELECT max(key) FROM runs WHERE job GLOB ? AND state = 'ok'", [f"{prefix}*"]
        ).fetchone()
        return date.fromisoformat(key) if key else None

    def last(self, job: str) -> tuple[str, str, str, datetime] | None:
        """Key, state, detail and instant of the newest attempt at a job."""
        row = self._db.execute(
            "SELECT key, state, detail, at FROM runs WHERE job = ? ORDER BY id DESC LIMIT 1", [job]
        ).fetchone()
        return row and (*row[:3], datetime.fromisoformat(row[3]))
