"""Issues as composed: their documents and picks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from tracker.calendar import Period
from tracker.models import Paper, Pick
from tracker.store import papers
from tracker.store.database import Database, write_transaction


def store_issue(
    db: Database,
    issue: tuple[str, str, str],
    document: Mapping[str, Any],
    picks: Sequence[Pick],
    now: datetime,
) -> None:
    """Store an issue (kind, period, language) with its picks, replacing an earlier version.

    If that was mailed, its picks remain, after the new ones, and so does the time it was composed:
    the next issue shows what arrived after it.
    """
    numbers = {
        p.id: number for number, p in papers.load_by_key(db, (x.paper.id for x in picks)).items()
    }
    with write_transaction(db):
        db.execute(
            "INSERT INTO issues (kind, period, language, created, document) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET document = excluded.document, created ="
            f" CASE WHEN {_IS_MAILED} THEN issues.created ELSE excluded.created END",
            [*issue, now.isoformat(), json.dumps(document, ensure_ascii=False)],
        )
        (key,) = db.execute(
            "SELECT id FROM issues WHERE kind = ? AND period = ? AND language = ?", list(issue)
        ).fetchone()
        mailed = _list_mailed_picks(db, key)
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
        _append_picks(db, key, mailed)


# Of the issue in the statement around it.
_IS_MAILED = (
    "EXISTS (SELECT 1 FROM outbox o WHERE o.issue = issues.id AND o.state IN ('sent', 'unknown'))"
)
_PICK = "work, score, why, version, comments, journal_ref"


def _list_mailed_picks(db: Database, issue: int) -> list[tuple[Any, ...]]:
    rows = db.execute(
        f"SELECT {_PICK} FROM picks JOIN issues ON issues.id = picks.issue"
        f" WHERE issue = ? AND {_IS_MAILED} ORDER BY position",
        [issue],
    )
    return list(rows.fetchall())


def _append_picks(db: Database, issue: int, rows: Sequence[Sequence[Any]]) -> None:
    """Add picks after those of the issue, except works that are among these."""
    db.conn.executemany(
        f"INSERT INTO picks (issue, position, {_PICK})"
        " SELECT ?1, 1 + coalesce((SELECT max(position) FROM picks WHERE issue = ?1), 0),"
        " ?2, ?3, ?4, ?5, ?6, ?7"
        " WHERE NOT EXISTS (SELECT 1 FROM picks WHERE issue = ?1 AND work = ?2)",
        ((issue, *row) for row in rows),
    )


def ids_picked_before(db: Database, kind: str, period: str) -> set[str]:
    """Return ids of the works that an earlier issue of this kind picked."""
    rows = db.execute(
        "SELECT DISTINCT w.key FROM picks p JOIN issues i ON i.id = p.issue"
        " JOIN works w ON w.id = p.work WHERE i.kind = ? AND i.period < ?",
        [kind, period],
    )
    return {key for (key,) in rows}


def picked_papers(db: Database) -> dict[int, Paper]:
    """Return every work that an issue picked, by number, oldest first."""
    rows = db.execute("SELECT DISTINCT work FROM picks")
    found = papers.load_by_number(db, (work for (work,) in rows))
    return dict(sorted(found.items(), key=lambda item: (item[1].announced, item[1].id)))


def picks_changed_in(db: Database, kind: str, period: Period) -> list[tuple[Paper, Paper]]:
    """Return (as shown, as it is now) for picks of earlier issues that changed in `period`.

    "As shown" is the work when it was last picked; its abstract then is known where a later version
    has replaced it.
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
        for number, paper in papers.load_by_number(db, shown).items()
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


def last_composed_at(db: Database, kind: str, period: str) -> datetime | None:
    """Return when the newest earlier issue of a kind was composed."""
    (made,) = db.execute(
        "SELECT max(created) FROM issues WHERE kind = ? AND period < ?", [kind, period]
    ).fetchone()
    return datetime.fromisoformat(made) if made else None


def pick_ids(db: Database, kind: str, period: str) -> list[str]:
    """Return ids of an issue's picks in order; none when there is no such issue."""
    rows = db.execute(
        "SELECT w.key FROM picks p JOIN works w ON w.id = p.work WHERE p.issue ="
        " (SELECT min(id) FROM issues WHERE kind = ? AND period = ?) ORDER BY p.position",
        [kind, period],
    )
    return [key for (key,) in rows]


@dataclass(frozen=True, slots=True)
class Issue:
    """A stored issue: its number, its key, when it was composed, and its document."""

    number: int
    kind: str
    period: str
    language: str
    created: datetime
    document: Mapping[str, Any]


def find(db: Database, kind: str, period: str, language: str) -> Issue | None:
    """Return the issue of that kind, period and language, or None."""
    found = _select_issues(
        db, "WHERE kind = ? AND period = ? AND language = ?", [kind, period, language]
    )
    return found[0] if found else None


def issue_numbers(db: Database, kind: str, period: str) -> list[int]:
    """Return the numbers of the issues of that kind and period, in all languages."""
    rows = db.execute("SELECT id FROM issues WHERE kind = ? AND period = ?", [kind, period])
    return [number for (number,) in rows]


def list_newest(db: Database, limit: int, kinds: Sequence[str] = ()) -> list[Issue]:
    """Return the newest issues with their documents, by the end of their period, newest first."""
    numbers = _newest_numbers(db, limit, kinds)
    marks = ",".join("?" * len(numbers))
    found = {one.number: one for one in _select_issues(db, f"WHERE id IN ({marks})", numbers)}
    return [found[number] for number in numbers]


def _newest_numbers(
    db: Database, limit: int, kinds: Sequence[str], language: str = ""
) -> list[int]:
    """Return the numbers of the newest issues; those of the same period by kind and language."""
    rows = db.execute("SELECT id, kind, period, language FROM issues").fetchall()
    chosen = [
        (-Period.parse(period).end.toordinal(), kind, code, number)
        for number, kind, period, code in rows
        if (not kinds or kind in kinds) and (not language or code == language)
    ]
    return [number for *_, number in sorted(chosen)[:limit]]


def _select_issues(db: Database, clause: str, parameters: Sequence[Any]) -> list[Issue]:
    rows = db.execute(
        f"SELECT id, kind, period, language, created, document FROM issues {clause}", parameters
    )
    return [
        Issue(number, kind, period, language, datetime.fromisoformat(made), json.loads(document))
        for number, kind, period, language, made, document in rows
    ]


@dataclass(frozen=True, slots=True)
class IssueHeading:
    """An issue without its document: its key, its subject, and when it was composed.

    `papers` is the number of papers in its period, `contents` the names of its themes or, without
    any, the titles of its papers.
    """

    kind: str
    period: str
    language: str
    subject: str
    created: datetime
    papers: int = 0
    contents: tuple[str, ...] = ()


_HEADING = (
    "SELECT id, kind, period, language, coalesce(json_extract(document, '$.subject'), ''), created,"
    " coalesce(json_extract(document, '$.counts.papers'), 0),"
    " (SELECT json_group_array(coalesce(json_extract(value, '$.label'), ''))"
    "  FROM json_each(document, '$.themes')),"
    " (SELECT json_group_array(coalesce(json_extract(value, '$.title'), ''))"
    "  FROM json_each(document, '$.top'))"
    " FROM issues"
)
_THEMES, _TITLES = 4, 2


def list_headings(
    db: Database, limit: int, kind: str = "", language: str = ""
) -> list[IssueHeading]:
    """Return the headings of the newest issues, by the end of their period, newest first."""
    numbers = _newest_numbers(db, limit, (kind,) if kind else (), language)
    marks = ",".join("?" * len(numbers))
    rows = db.execute(f"{_HEADING} WHERE id IN ({marks})", numbers)
    found = {number: _heading_from_row(*row) for number, *row in rows}
    return [found[number] for number in numbers]


def _heading_from_row(
    kind: str, period: str, language: str, subject: str, created: str,
    papers: int, themes: str, titles: str,
) -> IssueHeading:  # fmt: skip
    contents = tuple(json.loads(themes)[:_THEMES] or json.loads(titles)[:_TITLES])
    at = datetime.fromisoformat(created)
    return IssueHeading(kind, period, language, subject, at, papers, contents)


def list_languages(db: Database) -> list[str]:
    """Return the languages in which there are issues."""
    return [code for (code,) in db.execute("SELECT DISTINCT language FROM issues ORDER BY 1")]


def list_issue_keys(db: Database) -> list[tuple[str, str, str, date]]:
    """Return (kind, period, language, day composed) of all issues, newest period first."""
    rows = db.execute(
        "SELECT kind, period, language, created FROM issues ORDER BY period DESC, kind, language"
    )
    return [(*row[:3], datetime.fromisoformat(row[3]).date()) for row in rows]


def last_digest_day(db: Database) -> date | None:
    """Return the last day of the newest week with a composed digest."""
    (week,) = db.execute("SELECT max(period) FROM issues WHERE kind = 'weekly'").fetchone()
    return Period.parse_week(week).end if week else None
