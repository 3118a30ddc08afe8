"""Issues of the digest as they were composed: their documents and picks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tracker.calendar import Period
from tracker.models import Paper, Pick
from tracker.store import papers
from tracker.store.database import Database, writing


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
            "INSERT INTO picks (issue, position, work, score, why, version, comments, journal_ref)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (key, place, numbers[pick.paper.id], pick.score,
                 json.dumps([[r.signal, r.value, r.weight, r.detail] for r in pick.why]),
                 pick.paper.version, pick.paper.comments, pick.paper.journal_ref)
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


def changed_since(db: Database, kind: str, period: Period) -> list[tuple[Paper, Paper]]:
    """Works that an earlier issue of this kind picked and that changed in `period`.

    As (as it was when it was last picked, as it is now); the abstract of then is known where a
    later version has replaced it.
    """
    rows = db.execute(
        "SELECT w.id, p.version, p.comments, p.journal_ref FROM picks p"
        " JOIN issues i ON i.id = p.issue JOIN works w ON w.id = p.work"
        " WHERE i.kind = ? AND i.period < ?"
        " AND max(w.updated, (SELECT max(substr(v.created, 1, 10)) FROM versions v"
        " WHERE v.work = w.id)) BETWEEN ? AND ? ORDER BY i.period, p.position",
        [kind, period.key, period.start.isoformat(), period.end.isoformat()],
    )
    shown = {work: rest for work, *rest in rows}
    return [
        (_as_shown(paper, *shown[number]), paper)
        for number, paper in papers.by_number(db, shown).items()
    ]


def _as_shown(paper: Paper, version: int, comments: str, journal_ref: str) -> Paper:
    abstracts = {known.number: known.abstract for known in paper.versions}
    versions = tuple(known for known in paper.versions if known.number <= version)
    return replace(
        paper,
        versions=versions or paper.versions,
        abstract=abstracts.get(version) or paper.abstract,
        comments=comments,
        journal_ref=journal_ref,
    )


def last_made(db: Database, kind: str, period: str) -> datetime | None:
    """When the newest earlier issue of a kind was composed."""
    (made,) = db.execute(
        "SELECT max(created) FROM issues WHERE kind = ? AND period < ?", [kind, period]
    ).fetchone()
    return datetime.fromisoformat(made) if made else None


def picks_of(db: Database, kind: str, period: str) -> list[str]:
    """Ids of what an issue picked, in its order; none when there is no such issue."""
    rows = db.execute(
        "SELECT w.key FROM picks p JOIN works w ON w.id = p.work WHERE p.issue ="
        " (SELECT min(id) FROM issues WHERE kind = ? AND period = ?) ORDER BY p.position",
        [kind, period],
    )
    return [key for (key,) in rows]


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it was kept: its number, what names it, when it was made, and its document."""

    number: int
    kind: str
    period: str
    language: str
    created: datetime
    document: Mapping[str, Any]


def find(db: Database, kind: str, period: str, language: str) -> Issue | None:
    """The issue of that kind, period and language, or None."""
    found = _read(db, "WHERE kind = ? AND period = ? AND language = ?", [kind, period, language])
    return found[0] if found else None


def numbers(db: Database, kind: str, period: str) -> list[int]:
    """The numbers of the issues of that kind and period, in all languages."""
    rows = db.execute("SELECT id FROM issues WHERE kind = ? AND period = ?", [kind, period])
    return [number for (number,) in rows]


def newest(db: Database, limit: int) -> list[Issue]:
    """The newest issues with their documents, the newest first."""
    return _read(db, "ORDER BY period DESC, kind, language LIMIT ?", [limit])


def _read(db: Database, clause: str, parameters: Sequence[Any]) -> list[Issue]:
    rows = db.execute(
        f"SELECT id, kind, period, language, created, document FROM issues {clause}", parameters
    )
    return [
        Issue(number, kind, period, language, datetime.fromisoformat(made), json.loads(document))
        for number, kind, period, language, made, document in rows
    ]


@dataclass(frozen=True, slots=True)
class Heading:
    """An issue without its document: what names it, its subject, and when it was made."""

    kind: str
    period: str
    language: str
    subject: str
    created: datetime


def headings(db: Database, limit: int) -> list[Heading]:
    """The newest issues as a list shows them, the newest first."""
    rows = db.execute(
        "SELECT kind, period, language, coalesce(json_extract(document, '$.subject'), ''), created"
        " FROM issues ORDER BY period DESC, kind, language LIMIT ?",
        [limit],
    )
    return [
        Heading(kind, period, language, subject, datetime.fromisoformat(made))
        for kind, period, language, subject, made in rows
    ]


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
