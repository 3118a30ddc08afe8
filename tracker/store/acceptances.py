"""Papers that conferences and journals have accepted, and the works that they are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from tracker.identity import doi_key, title_key
from tracker.records import Acceptance
from tracker.store.database import Database, writing
from tracker.store.rows import Taken, put

_COLUMNS = "key, title, authors, venue, year, track, url, doi, arxiv"


def take(
    db: Database, source: str, accepted: Sequence[Acceptance], at: datetime | None = None
) -> Taken:
    """Store accepted papers of a source, first seen `at`. Which works they are `link` notes."""
    rows = [
        {
            "source": source, "key": entry.key, "title": entry.title,
            "authors": json.dumps(entry.authors, ensure_ascii=False), "venue": entry.venue,
            "year": entry.year, "track": entry.track, "url": entry.url, "doi": entry.doi,
            "arxiv": entry.arxiv,
        }
        for entry in accepted
    ]  # fmt: skip
    with writing(db):
        taken = put(db, "acceptances", ("source", "key"), rows)
        db.execute(
            "UPDATE acceptances SET seen = ? WHERE seen IS NULL AND source = ?",
            [at and at.isoformat(), source],
        )
    return taken


def stored(db: Database) -> list[tuple[str, Acceptance]]:
    """Every accepted paper with its source, in a fixed order."""
    rows = db.execute(f"SELECT source, {_COLUMNS} FROM acceptances ORDER BY source, key")
    return [(source, _acceptance(row)) for source, *row in rows]


def of_work(db: Database, key: str) -> list[Acceptance]:
    """Where a work was accepted, the newest first."""
    rows = db.execute(
        f"SELECT {', '.join(f'a.{name}' for name in _COLUMNS.split(', '))}"
        " FROM acceptances a JOIN works w ON w.id = a.work WHERE w.key = ?"
        " ORDER BY a.year DESC, a.venue, a.source, a.key",
        [key],
    )
    return [_acceptance(row) for row in rows]


def new_lists(db: Database, since: date, until: date) -> list[tuple[str, int, date, int]]:
    """Venue, year, day and length of each list of which the first papers came in those days."""
    rows = db.execute(
        "SELECT venue, year, min(substr(seen, 1, 10)) AS day, count(*) FROM acceptances"
        " GROUP BY venue, year HAVING day BETWEEN ? AND ? ORDER BY count(*) DESC, venue",
        [since.isoformat(), until.isoformat()],
    )
    return [(venue, year, date.fromisoformat(day), papers) for venue, year, day, papers in rows]


def newly_tied(db: Database, kind: str, period: str, since: date, until: date) -> list[int]:
    """Works that an earlier issue of a kind picked and whose acceptance came in those days."""
    rows = db.execute(
        "SELECT DISTINCT a.work FROM acceptances a JOIN picks p ON p.work = a.work"
        " JOIN issues i ON i.id = p.issue WHERE i.kind = ? AND i.period < ?"
        " AND substr(a.seen, 1, 10) BETWEEN ? AND ? ORDER BY a.work",
        [kind, period, since.isoformat(), until.isoformat()],
    )
    return [work for (work,) in rows]


def venues(db: Database, keys: Iterable[str]) -> dict[str, str]:
    """Venue and year of those of the works `keys` that were accepted somewhere: "ACL 2026"."""
    found = ((key, of_work(db, key)) for key in keys)
    return {key: f"{known[0].venue} {known[0].year}" for key, known in found if known}


def _acceptance(row: Sequence[object]) -> Acceptance:
    key, title, authors, *rest = row
    return Acceptance(key, title, tuple(json.loads(str(authors))), *rest)  # type: ignore[arg-type]  # as stored


def key_titles(db: Database) -> None:
    """Note how the title of every work is compared; only works whose text is new are read."""
    rows = db.execute(
        "SELECT w.id, w.text_digest, w.title FROM works w LEFT JOIN title_keys t"
        " ON t.work = w.id AND t.text_digest = w.text_digest WHERE t.work IS NULL"
    ).fetchall()
    with writing(db):
        db.conn.executemany(
            "INSERT OR REPLACE INTO title_keys (work, text_digest, key) VALUES (?, ?, ?)",
            ((work, digest, title_key(title)) for work, digest, title in rows),
        )


def candidates(db: Database, accepted: Acceptance, arxiv: str) -> list[int]:
    """Works that may be an accepted paper: those with its arXiv id, its DOI or its title."""
    rows = db.execute(
        "SELECT id FROM works WHERE key = ?"
        " UNION SELECT id FROM works WHERE doi != '' AND doi = ? COLLATE NOCASE"
        " UNION SELECT work FROM title_keys WHERE key != '' AND key = ?",
        [arxiv, doi_key(accepted.doi), title_key(accepted.title)],
    )
    return [work for (work,) in rows]


def link(db: Database, found: Mapping[tuple[str, str], tuple[int | None, str]]) -> int:
    """Note which work each accepted paper, by source and key, is; gives how many were changed."""
    with writing(db):
        before = db.conn.total_changes
        db.conn.executemany(
            "UPDATE acceptances SET work = ?, proof = ? WHERE source = ? AND key = ?"
            " AND (work IS NOT ? OR proof != ?)",
            ((work, proof, *name, work, proof) for name, (work, proof) in found.items()),
        )
        return db.conn.total_changes - before
