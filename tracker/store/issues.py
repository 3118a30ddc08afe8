"""Issues of the digest as they were composed, and what became of their mails."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tracker.calendar import Period
from tracker.models import Paper, Pick
from tracker.store import papers
from tracker.store.database import Database, writing

OUTBOX_STATES = ("pending", "sending", "sent", "failed", "unknown")


def keep(
    db: Database,
    issue: tuple[str, str, str],
    document: Mapping[str, Any],
    picks: Sequence[Pick],
    now: datetime,
) -> None:
    """Store an issue (kind, period, language) with its picks; composing again replaces it."""
    numbers = {p.id: number for number, p in papers.by_key(db, (x.paper.id for x in picks)).items()}
    with writing(db):
        db.execute(
            "INSERT INTO issues (kind, period, language, created, document) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET created = excluded.created, document = excluded.document",
            [*issue, now.isoformat(), json.dumps(document, ensure_ascii=False)],
        )
        (key,) = db.execute(
            "SELECT id FROM issues WHERE kind = ? AND period = ? AND language = ?", list(issue)
        ).fetchone()
        db.execute("DELETE FROM picks WHERE issue = ?", [key])
        db.conn.executemany(
            "INSERT INTO picks (issue, position, work, score, why) VALUES (?, ?, ?, ?, ?)",
            (
                (key, place, numbers[pick.paper.id], pick.score,
                 json.dumps([[r.signal, r.value, r.weight, r.detail] for r in pick.why]))
                for place, pick in enumerate(picks, start=1)
            ),
        )  # fmt: skip


def picked_before(db: Database, kind: str, period: str) -> set[str]:
    """Ids of the works that an earlier issue of this kind has picked already."""
    rows = db.execute(
        "SELECT DISTINCT w.key FROM picks p JOIN issues i ON i.id = p.issue"
        " JOIN works w ON w.id = p.work WHERE i.kind = ? AND i.period < ?",
        [kind, period],
    )
    return {key for (key,) in rows}


def picked(db: Database) -> dict[int, Paper]:
    """Every work that some issue has picked, by number, oldest first."""
    rows = db.execute("SELECT DISTINCT work FROM picks")
    found = papers.by_number(db, (work for (work,) in rows))
    return dict(sorted(found.items(), key=lambda item: (item[1].announced, item[1].id)))


def withdrawn_since(db: Database, kind: str, period: Period) -> list[Paper]:
    """Works that an earlier issue of this kind picked and that were withdrawn in `period`."""
    rows = db.execute(
        "SELECT DISTINCT w.id FROM picks p JOIN issues i ON i.id = p.issue"
        " JOIN works w ON w.id = p.work"
        " WHERE i.kind = ? AND i.period < ? AND w.withdrawn AND w.updated BETWEEN ? AND ?",
        [kind, period.key, period.start.isoformat(), period.end.isoformat()],
    )
    return list(papers.by_number(db, (work for (work,) in rows)).values())


def kept(db: Database) -> list[tuple[str, str, str, date]]:
    """The issues there are, newest period first, as (kind, period, language, day composed)."""
    rows = db.execute(
        "SELECT kind, period, language, created FROM issues ORDER BY period DESC, kind, language"
    )
    return [(*row[:3], datetime.fromisoformat(row[3]).date()) for row in rows]


def last_digest(db: Database) -> date | None:
    """The last day of the newest week that a digest was composed of."""
    (week,) = db.execute("SELECT max(period) FROM issues WHERE kind = 'weekly'").fetchone()
    return Period.parse_week(week).end if week else None


def outbox(db: Database) -> dict[str, int]:
    """How many mails are in each state."""
    counted = Counter(dict(db.execute("SELECT state, count(*) FROM outbox GROUP BY state")))
    return {state: counted[state] for state in OUTBOX_STATES}
