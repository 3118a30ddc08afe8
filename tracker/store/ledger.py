"""What was run for which day, week or month, and how it ended: what is due is decided from here."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

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

    def record(
        self,
        job: str,
        key: str,
        state: str,
        *,
        detail: str,
        at: datetime,
        report: Mapping[str, Any] | None = None,
    ) -> None:
        """Add one attempt, for good when it returns; `report` is what it asked, got and did."""
        with writing(self._db):
            self._db.execute(
                "INSERT INTO runs (job, key, state, detail, at, report) VALUES (?, ?, ?, ?, ?, ?)",
                [job, key, state, detail, at.isoformat(), json.dumps(report or {}, default=str)],
            )

    def asked(self, prefix: str) -> tuple[date, date] | None:
        """The first and the last day that jobs whose names start so have asked for.

        A job that once asked for everything up to its own day goes on for ever: `date.max`.
        """
        since, until = self._db.execute(
            "WITH asked AS (SELECT json_extract(report, '$.since') AS since,"
            " json_extract(report, '$.until') AS until, at FROM runs WHERE job GLOB ?)"
            " SELECT min(since), max(CASE WHEN until >= substr(at, 1, 10) THEN '9999-12-31'"
            " ELSE until END) FROM asked",
            [f"{prefix}*"],
        ).fetchone()
        return (date.fromisoformat(since), date.fromisoformat(until)) if since else None

    def last(self, job: str) -> tuple[str, str, str, datetime] | None:
        """Key, state, detail and instant of the newest attempt at a job."""
        return self._newest("job = ?", job)

    def last_good(self, job: str) -> datetime | None:
        """When a job last ended well."""
        newest = self._newest("job = ? AND state = 'ok'", job)
        return newest and newest[3]

    def _newest(self, clause: str, job: str) -> tuple[str, str, str, datetime] | None:
        row = self._db.execute(
            f"SELECT key, state, detail, at FROM runs WHERE {clause} ORDER BY id DESC LIMIT 1",
            [job],
        ).fetchone()
        return row and (*row[:3], datetime.fromisoformat(row[3]))
