"""Runs of jobs by day, week or month with their outcomes; they determine what is due."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tracker.store.database import Database, write_transaction


class RunHistory:
    """The attempts at every job, oldest first; an append-only log."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def attempts(self, job: str, key: str) -> Sequence[tuple[str, datetime]]:
        """Return state and instant (UTC) of every attempt at a job for a key."""
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
        """Commit one attempt; `report` is the span requested and the counts of what was done."""
        with write_transaction(self._db):
            self._db.execute(
                "INSERT INTO runs (job, key, state, detail, at, report) VALUES (?, ?, ?, ?, ?, ?)",
                [job, key, state, detail, at.isoformat(), json.dumps(report or {}, default=str)],
            )

    def delete_failed_attempts(self, before: datetime) -> None:
        """Delete failed and held attempts at scheduled jobs.

        Those of crawls remain, as they have the spans that were requested.
        """
        with write_transaction(self._db):
            self._db.execute(
                "DELETE FROM runs WHERE state IN ('failed', 'held') AND job NOT LIKE '%:%'"
                " AND at < ?",
                [before.isoformat()],
            )

    def delete_crawl_attempts(self, before: datetime) -> None:
        """Delete attempts of sources, such as `crawl:acl`, that nothing depends on.

        Of each source remain the newest attempt, the newest success, and those that requested the
        first and the last day.
        """
        with write_transaction(self._db):
            self._db.execute(
                "WITH crawls AS (SELECT id, job, state, json_extract(report, '$.since') AS since,"
                " CASE WHEN json_extract(report, '$.until') >= substr(at, 1, 10)"
                " THEN '9999-12-31' ELSE json_extract(report, '$.until') END AS until"
                " FROM runs WHERE job LIKE '%:%'),"
                " first AS (SELECT id, row_number() OVER (PARTITION BY job ORDER BY since IS NULL,"
                " since, id) AS place FROM crawls),"
                " last AS (SELECT id, row_number() OVER (PARTITION BY job ORDER BY until DESC,"
                " id DESC) AS place FROM crawls)"
                " DELETE FROM runs WHERE job LIKE '%:%' AND at < ? AND id NOT IN ("
                " SELECT max(id) FROM crawls GROUP BY job"
                " UNION SELECT max(id) FROM crawls WHERE state = 'ok' GROUP BY job"
                " UNION SELECT id FROM first WHERE place = 1"
                " UNION SELECT id FROM last WHERE place = 1)",
                [before.isoformat()],
            )

    def requested_span(self, prefix: str) -> tuple[date, date] | None:
        """Return the first and last day requested by jobs whose names start with `prefix`.

        A job that once requested everything up to the current day has no end: `date.max`.
        """
        since, until = self._db.execute(
            "WITH requests AS (SELECT json_extract(report, '$.since') AS since,"
            " json_extract(report, '$.until') AS until, at FROM runs WHERE job GLOB ?)"
            " SELECT min(since), max(CASE WHEN until >= substr(at, 1, 10) THEN '9999-12-31'"
            " ELSE until END) FROM requests",
            [f"{prefix}*"],
        ).fetchone()
        return (date.fromisoformat(since), date.fromisoformat(until)) if since else None

    def last_attempt(self, job: str) -> tuple[str, str, str, datetime] | None:
        """Return key, state, detail and instant of the newest attempt at a job."""
        return self._newest("job = ?", job)

    def last_success_at(self, job: str) -> datetime | None:
        """Return when a job last succeeded."""
        newest = self._newest("job = ? AND state = 'ok'", job)
        return newest and newest[3]

    def failing_since(self, job: str) -> datetime | None:
        """Return when the first of the newest attempts failed that all failed; None if it did not.

        A job without attempts does not fail.
        """
        (at,) = self._db.execute(
            "SELECT min(at) FROM runs WHERE job = ? AND id > coalesce("
            "(SELECT max(id) FROM runs WHERE job = ? AND state != 'failed'), 0)",
            [job, job],
        ).fetchone()
        return at and datetime.fromisoformat(at)

    def _newest(self, clause: str, job: str) -> tuple[str, str, str, datetime] | None:
        row = self._db.execute(
            f"SELECT key, state, detail, at FROM runs WHERE {clause} ORDER BY id DESC LIMIT 1",
            [job],
        ).fetchone()
        return row and (*row[:3], datetime.fromisoformat(row[3]))
