"""Works and their versions: stored in batches, merged with known records, loaded whole.

`upsert` writes a batch in one transaction and is idempotent; the readers return `Paper` records by
`works.id`, the number that vectors and the index use.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tracker.models import Paper, merge_papers
from tracker.store import cjk, listings, second_hand, work_facts
from tracker.store.author_search import fold_name, searchable_names
from tracker.store.database import Database, write_transaction
from tracker.store.paper_records import load_papers
from tracker.store.upsert import UpsertCounts

# SQLite's default limit of variables in one statement is 32,766; a tenth keeps statements small.
_CHUNK = 3000


def upsert(db: Database, papers: Sequence[Paper], seen_at: datetime | None = None) -> UpsertCounts:
    """Store a batch, all or nothing. Records of one work are merged, whatever their order.

    `seen_at` is when a crawl delivered them. A work's announcement day is the one on which arXiv
    listed it as new, where a source reported it; otherwise it is computed from the submission.
    These records are arXiv's, so they replace second-hand ones.
    """
    with write_transaction(db):
        replaced = set(second_hand.find_marked(db, {paper.id for paper in papers}))
        counts = _write(db, papers, seen_at, replaced)
        second_hand.unmark(db, replaced)
    return counts


def upsert_second_hand(
    db: Database, papers: Sequence[Paper], source: str, seen_at: datetime
) -> UpsertCounts:
    """Store works that arXiv has not delivered, as `source` describes them; others are skipped.

    Their categories are those under which arXiv listed them.
    """
    with write_transaction(db):
        known = _find_stored(db, {paper.id for paper in papers})
        lacking = [paper for paper in papers if paper.id not in known]
        listed = listings.categories_by_work(db, [paper.id for paper in lacking])
        found = [replace(paper, categories=listed.get(paper.id, ())) for paper in lacking]
        counts = _write(db, found, seen_at)
        second_hand.mark(db, (paper.id for paper in lacking), source, seen_at)
    counts.skipped += len(papers) - len(lacking)
    return counts


def _write(
    db: Database,
    papers: Sequence[Paper],
    seen_at: datetime | None = None,
    replaced: Collection[str] = (),
) -> UpsertCounts:
    """Merge a batch with what is stored, of which the works `replaced` do not count."""
    known = _find_stored(db, {paper.id for paper in papers})
    listed = listings.first_listing_days(db, {paper.id for paper in papers})
    counts, works = _merge_batch(db, papers, known, listed, replaced)
    _insert_works(db, [paper for paper in works.values() if paper.id not in known], seen_at)
    _update_works(db, [(known[p.id][0], p) for p in works.values() if p.id in known])
    return counts


def upsert_revisions(db: Database, papers: Sequence[Paper]) -> UpsertCounts:
    """Store later versions of known works; records of other works are skipped."""
    with write_transaction(db):
        known = _find_stored(db, {paper.id for paper in papers})
        counts = upsert(db, [paper for paper in papers if paper.id in known])
    counts.skipped += sum(paper.id not in known for paper in papers)
    return counts


def refresh_announcement_days(db: Database, keys: Iterable[str]) -> None:
    """Set the announcement days of the works `keys` to the days on which they were listed."""
    with write_transaction(db):
        _write(db, list(load_by_key(db, keys).values()))


def _find_stored(db: Database, keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Return the number and content hash of those of `keys` that are stored."""
    found: dict[str, tuple[int, str]] = {}
    for chunk in _chunks(sorted(keys)):
        marks = ",".join("?" * len(chunk))
        rows = db.execute(f"SELECT key, id, digest FROM works WHERE key IN ({marks})", chunk)
        found.update((key, (number, content_hash)) for key, number, content_hash in rows)
    return found


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _merge_batch(
    db: Database,
    papers: Sequence[Paper],
    stored: dict[str, tuple[int, str]],
    listing_days: dict[str, date],
    replaced: Collection[str] = (),
) -> tuple[UpsertCounts, dict[str, Paper]]:
    """Return the counts, and each work to be written in its new state.

    The stored records of the works `replaced` are not merged but dropped.
    """
    papers = [_with_listing_day(paper, listing_days) for paper in papers]
    current = _load_differing(db, papers, stored)
    counts, changed = UpsertCounts(), {}
    for paper in papers:
        before = current.get(paper.id)
        if before is None and paper.id in stored:
            counts.skipped += 1  # the same content hash as the stored record
            continue
        drops = paper.id in replaced and paper.id not in changed
        merged = paper if before is None or drops else merge_papers(before, paper)
        after = _with_listing_day(merged, listing_days)
        if after == before:
            counts.skipped += 1
            continue
        counts.added += before is None
        counts.updated += before is not None
        current[paper.id] = changed[paper.id] = after
    return counts, changed


def _load_differing(
    db: Database, papers: Sequence[Paper], stored: dict[str, tuple[int, str]]
) -> dict[str, Paper]:
    """Return the stored works that have another content than their new record, by id."""
    hashes = {paper.id: paper.content_hash for paper in papers}
    differing = [
        stored[p.id][0] for p in papers if p.id in stored and stored[p.id][1] != hashes[p.id]
    ]
    return {paper.id: paper for paper in load_by_number(db, differing).values()}


def _with_listing_day(paper: Paper, listing_days: dict[str, date]) -> Paper:
    day = listing_days.get(paper.id, paper.announced)
    return paper if day == paper.announced else replace(paper, announced=day)


_WORK_COLUMNS = (
    "key, title, abstract, byline, comments, journal_ref, doi, license,"
    " published, announced, updated, version, withdrawn, digest, text_digest"
)


def _work_row(paper: Paper) -> tuple[Any, ...]:
    return (
        paper.id, paper.title, paper.abstract, searchable_names(paper.authors), paper.comments,
        paper.journal_ref, paper.doi, paper.license, paper.published.isoformat(),
        paper.announced.isoformat(), paper.updated.isoformat(), paper.version,
        int(paper.withdrawn), paper.content_hash, paper.text_hash,
    )  # fmt: skip


def _insert_works(db: Database, papers: Sequence[Paper], seen_at: datetime | None) -> None:
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM works").fetchone()
    numbered = list(enumerate(papers, start=last + 1))
    db.conn.executemany(
        f"INSERT INTO works (id, seen, {_WORK_COLUMNS}) VALUES (?, ?{', ?' * 15})",
        (
            (number, seen_at and seen_at.isoformat(), *_work_row(paper))
            for number, paper in numbered
        ),
    )
    _insert_related_rows(db, numbered)
    with_cjk = (
        n for n, p in numbered if any(map(cjk.contains_cjk, (p.title, p.abstract, *p.authors)))
    )
    cjk.reindex_works(db.conn, with_cjk)


def _update_works(db: Database, numbered: Sequence[tuple[int, Paper]]) -> None:
    assignments = ", ".join(f"{column.strip()} = ?" for column in _WORK_COLUMNS.split(","))
    db.conn.executemany(
        f"UPDATE works SET {assignments} WHERE id = ?",
        ((*_work_row(paper), number) for number, paper in numbered),
    )
    for table in ("versions", "authors", "categories"):
        db.conn.executemany(f"DELETE FROM {table} WHERE work = ?", ((n,) for n, _ in numbered))
    _insert_related_rows(db, numbered)
    cjk.reindex_works(db.conn, (number for number, _ in numbered))


def _insert_related_rows(db: Database, numbered: Sequence[tuple[int, Paper]]) -> None:
    """Insert the rows of other tables that belong to these works."""
    db.conn.executemany(
        "INSERT INTO versions (work, number, created, abstract) VALUES (?, ?, ?, ?)",
        ((n, v.number, v.created.isoformat(), v.abstract) for n, p in numbered for v in p.versions),
    )
    db.conn.executemany(
        "INSERT INTO authors (work, position, name, folded) VALUES (?, ?, ?, ?)",
        (
            (n, place, name, fold_name(name))
            for n, p in numbered
            for place, name in enumerate(p.authors)
        ),
    )
    db.conn.executemany(
        "INSERT INTO categories (work, position, name) VALUES (?, ?, ?)",
        ((n, place, name) for n, p in numbered for place, name in enumerate(p.categories)),
    )
    work_facts.store(db.conn, ((number, paper.facts) for number, paper in numbered))


def load_by_number(db: Database, numbers: Iterable[int]) -> dict[int, Paper]:
    """Return whole papers by `works.id`, in the given order; unknown numbers are omitted."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[int, Paper] = {}
    for chunk in _chunks(wanted):
        marks = ",".join("?" * len(chunk))
        found.update(load_papers(db, f"w.id IN ({marks})", chunk))
    return {number: found[number] for number in wanted if number in found}


def numbers_by_key(db: Database, keys: Iterable[str]) -> dict[str, int]:
    """Return the number of each work, by public id."""
    return {key: number for key, (number, _) in _find_stored(db, keys).items()}


def numbers_by_doi(db: Database, dois: Sequence[str]) -> list[int]:
    """Return the numbers of the works with these DOIs, in any case."""
    marks = ",".join("?" * len(dois))
    query = f"SELECT id FROM works WHERE doi != '' AND doi COLLATE NOCASE IN ({marks}) ORDER BY id"
    return [number for (number,) in db.execute(query, list(dois))]


def keys_by_number(db: Database, numbers: Sequence[int]) -> dict[int, str]:
    """Return the public id of each work, by number."""
    found: dict[int, str] = {}
    for chunk in _chunks(numbers):
        marks = ",".join("?" * len(chunk))
        found.update(db.execute(f"SELECT id, key FROM works WHERE id IN ({marks})", chunk))
    return found


def load_by_key(db: Database, keys: Iterable[str]) -> dict[int, Paper]:
    """Return the papers with these public ids, by number."""
    return load_by_number(db, (number for number, _ in _find_stored(db, keys).values()))


def announced_between(
    db: Database, start: date, end: date, categories: Sequence[str] = ()
) -> dict[int, Paper]:
    """Return papers announced from `start` to `end`, both included, oldest first.

    With `categories`, those listed under one of them, or with no known category.
    """
    return load_papers(db, *_announced_condition(start, end, categories))


def keys_announced_between(db: Database, start: date, end: date) -> dict[int, str]:
    """Return ids by number of works announced from `start` to `end`, both included."""
    days = [start.isoformat(), end.isoformat()]
    return dict(db.execute("SELECT id, key FROM works WHERE announced BETWEEN ? AND ?", days))


def first_authors(db: Database, keys: Iterable[str], most: int) -> dict[str, tuple[str, ...]]:
    """Return up to `most` first authors of works, by key."""
    found: dict[str, tuple[str, ...]] = {}
    for some in _chunks(sorted(set(keys))):
        marks = ",".join("?" * len(some))
        rows = db.execute(
            "SELECT w.key, a.name FROM authors a JOIN works w ON w.id = a.work"
            f" WHERE w.key IN ({marks}) AND a.position < ? ORDER BY a.work, a.position",
            [*some, most],
        )
        for key, name in rows:
            found[key] = (*found.get(key, ()), name)
    return found


def days_with_title_phrase(db: Database, phrase: str) -> list[date]:
    """Return the days on which works with a phrase in their title were announced, in order."""
    rows = db.execute(
        "SELECT w.announced FROM works_fts JOIN works w ON w.id = works_fts.rowid"
        " WHERE works_fts MATCH ? ORDER BY w.announced",
        ['title : "' + phrase.replace('"', " ") + '"'],
    )
    return [date.fromisoformat(day) for (day,) in rows]


def titles_announced_between(db: Database, start: date, end: date) -> list[str]:
    """Return the titles of works announced from `start` to `end`, in the order of their numbers."""
    rows = db.execute(
        "SELECT title FROM works WHERE announced BETWEEN ? AND ? ORDER BY id",
        [start.isoformat(), end.isoformat()],
    )
    return [title for (title,) in rows]


def counts_by_day(
    db: Database, start: date, end: date, categories: Sequence[str] = ()
) -> dict[date, int]:
    """Return how many papers `announced_between` would return for each day that has any."""
    clause, parameters = _announced_condition(start, end, categories)
    rows = db.execute(
        f"SELECT w.announced, count(*) FROM works w WHERE {clause} GROUP BY w.announced", parameters
    )
    return {date.fromisoformat(day): number for day, number in rows}


def _announced_condition(
    start: date, end: date, categories: Sequence[str]
) -> tuple[str, list[str]]:
    clause, parameters = "w.announced BETWEEN ? AND ?", [start.isoformat(), end.isoformat()]
    if categories:
        marks = ",".join("?" * len(categories))
        clause += (
            f" AND (EXISTS (SELECT 1 FROM categories c WHERE c.work = w.id AND c.name IN ({marks}))"
            " OR NOT EXISTS (SELECT 1 FROM categories c WHERE c.work = w.id))"
        )
        parameters += categories
    return clause, parameters


def content_hashes(db: Database) -> Iterator[tuple[int, str]]:
    """Iterate over works with the hash of their record, unordered: one index covers both."""
    return iter(db.execute("SELECT id, digest FROM works"))


def text_batches(db: Database, numbers: Sequence[int]) -> Iterator[list[tuple[str, str, str]]]:
    """Yield title, abstract and names of existing works, in batches, ordered by number."""
    for chunk in _chunks(numbers):
        marks = ",".join("?" * len(chunk))
        yield db.execute(
            f"SELECT title, abstract, byline FROM works WHERE id IN ({marks}) ORDER BY id", chunk
        ).fetchall()


def beginning_with(db: Database, start: str, limit: int) -> list[tuple[str, str]]:
    """Ids that begin with `start`, each with its title, the last announced first."""
    rows = db.execute(
        "SELECT key, title FROM works WHERE key >= ? AND key < ? || char(1114111)"
        " ORDER BY announced DESC, key DESC LIMIT ?",
        [start, start, limit],
    )
    return [(str(key), str(title)) for key, title in rows]


def newest_titles(db: Database, limit: int) -> Iterator[str]:
    """Yield the titles of the works that were stored last."""
    rows = db.execute("SELECT title FROM works ORDER BY id DESC LIMIT ?", [limit])
    return (str(title) for (title,) in rows)


def newest_with_abstract(db: Database, limit: int) -> list[Paper]:
    """Return the newest papers that have an abstract and are not withdrawn."""
    rows = db.execute(
        "SELECT id FROM works WHERE abstract != '' AND NOT withdrawn"
        " ORDER BY announced DESC, key DESC LIMIT ?",
        [limit],
    ).fetchall()
    found = load_by_number(db, [number for (number,) in rows])
    return [found[number] for (number,) in rows]


def count_title_words(db: Database, numbers: Sequence[int]) -> dict[int, int]:
    """Return how many words the title of each existing work has, by number."""
    marks = ",".join("?" * len(numbers))
    rows = db.execute(f"SELECT id, title FROM works WHERE id IN ({marks})", numbers)
    return {number: len(title.split()) for number, title in rows}


def last_number(db: Database) -> int:
    """Return the number of the work that was stored last, 0 when there is none."""
    (number,) = db.execute("SELECT coalesce(max(id), 0) FROM works").fetchone()
    return int(number)


def count_works(db: Database) -> int:
    """Return how many works there are."""
    (number,) = db.execute("SELECT count(*) FROM works").fetchone()
    return int(number)


def announcement_span(db: Database) -> tuple[date, date] | None:
    """Return the first and last announcement day, or None while the store is empty."""
    first, last = db.execute("SELECT min(announced), max(announced) FROM works").fetchone()
    return (date.fromisoformat(first), date.fromisoformat(last)) if first else None
