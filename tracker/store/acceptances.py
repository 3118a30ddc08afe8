"""Tables `acceptances` and `title_keys`: papers accepted by venues, linked to the stored works."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from tracker.records import Acceptance
from tracker.store.database import Database, write_transaction
from tracker.store.upsert import UpsertCounts, upsert_rows
from tracker.store.work_identity import doi_key, title_key

_COLUMNS = "key, title, authors, venue, year, track, url, doi, arxiv"


def upsert(
    db: Database, source: str, accepted: Sequence[Acceptance], seen_at: datetime | None = None
) -> UpsertCounts:
    """Store accepted papers of a source, first seen `seen_at`; `store_links` adds their works."""
    rows = [
        {
            "source": source, "key": entry.key, "title": entry.title,
            "authors": json.dumps(entry.authors, ensure_ascii=False), "venue": entry.venue,
            "year": entry.year, "track": entry.track, "url": entry.url, "doi": entry.doi,
            "arxiv": entry.arxiv,
        }
        for entry in accepted
    ]  # fmt: skip
    with write_transaction(db):
        counts = upsert_rows(db, "acceptances", ("source", "key"), rows)
        db.execute(
            "UPDATE acceptances SET seen = ? WHERE seen IS NULL AND source = ?",
            [seen_at and seen_at.isoformat(), source],
        )
    return counts


def list_with_sources(db: Database) -> list[tuple[str, Acceptance]]:
    """Return every accepted paper with its source, in a fixed order."""
    rows = db.execute(f"SELECT source, {_COLUMNS} FROM acceptances ORDER BY source, key")
    return [(source, _acceptance(row)) for source, *row in rows]


def for_work(db: Database, key: str) -> list[Acceptance]:
    """Return where a work was accepted, newest first."""
    rows = db.execute(
        f"SELECT {', '.join(f'a.{name}' for name in _COLUMNS.split(', '))}"
        " FROM acceptances a JOIN works w ON w.id = a.work WHERE w.key = ?"
        " ORDER BY a.year DESC, a.venue, a.source, a.key",
        [key],
    )
    return [_acceptance(row) for row in rows]


def new_venue_lists(db: Database, since: date, until: date) -> list[tuple[str, int, date, int]]:
    """Return (venue, year, day, length) of each list whose first papers were seen in the span."""
    rows = db.execute(
        "SELECT venue, year, min(substr(seen, 1, 10)) AS day, count(*) FROM acceptances"
        " GROUP BY venue, year HAVING day BETWEEN ? AND ? ORDER BY count(*) DESC, venue",
        [since.isoformat(), until.isoformat()],
    )
    return [(venue, year, date.fromisoformat(day), papers) for venue, year, day, papers in rows]


def picked_works_newly_accepted(
    db: Database, kind: str, period: str, since: date, until: date
) -> list[int]:
    """Return works picked by an earlier issue of a kind and first seen as accepted in the span."""
    rows = db.execute(
        "SELECT DISTINCT a.work FROM acceptances a JOIN picks p ON p.work = a.work"
        " JOIN issues i ON i.id = p.issue WHERE i.kind = ? AND i.period < ?"
        " AND substr(a.seen, 1, 10) BETWEEN ? AND ? ORDER BY a.work",
        [kind, period, since.isoformat(), until.isoformat()],
    )
    return [work for (work,) in rows]


def venue_labels(db: Database, keys: Iterable[str]) -> dict[str, str]:
    """Return venue and year ("ACL 2026") by id, for those works that were accepted somewhere."""
    found = ((key, for_work(db, key)) for key in keys)
    return {key: f"{known[0].venue} {known[0].year}" for key, known in found if known}


def _acceptance(row: Sequence[object]) -> Acceptance:
    key, title, authors, *rest = row
    return Acceptance(key, title, tuple(json.loads(str(authors))), *rest)  # type: ignore[arg-type]  # as stored


def update_title_keys(db: Database) -> None:
    """Store the comparison key of every work's title; only works with a new text are read."""
    rows = db.execute(
        "SELECT w.id, w.text_digest, w.title FROM works w LEFT JOIN title_keys t"
        " ON t.work = w.id AND t.text_digest = w.text_digest WHERE t.work IS NULL"
    ).fetchall()
    with write_transaction(db):
        db.conn.executemany(
            "INSERT OR REPLACE INTO title_keys (work, text_digest, key) VALUES (?, ?, ?)",
            ((work, text_hash, title_key(title)) for work, text_hash, title in rows),
        )


def find_candidate_works(db: Database, accepted: Acceptance, arxiv: str) -> list[int]:
    """Return works that may be an accepted paper: with its arXiv id, its DOI or its title."""
    rows = db.execute(
        "SELECT id FROM works WHERE key = ?"
        " UNION SELECT id FROM works WHERE doi != '' AND doi = ? COLLATE NOCASE"
        " UNION SELECT work FROM title_keys WHERE key != '' AND key = ?",
        [arxiv, doi_key(accepted.doi), title_key(accepted.title)],
    )
    return [work for (work,) in rows]


def store_links(db: Database, links: Mapping[tuple[str, str], tuple[int | None, str]]) -> int:
    """Store the work and evidence of accepted papers by (source, key); return how many changed."""
    with write_transaction(db):
        before = db.conn.total_changes
        db.conn.executemany(
            "UPDATE acceptances SET work = ?, proof = ? WHERE source = ? AND key = ?"
            " AND (work IS NOT ? OR proof != ?)",
            ((work, proof, *name, work, proof) for name, (work, proof) in links.items()),
        )
        return db.conn.total_changes - before
