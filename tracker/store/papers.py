"""Works and their versions: taken in by batches, merged with what is known, handed out whole.

`take` writes a batch in one transaction and may be repeated at will; the readers give `Paper`
records keyed by `works.id`, the number that vectors and the index use.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from tracker.models import Paper, Version, merged
from tracker.store import cjk, listings
from tracker.store.database import Database, writing
from tracker.store.rows import Taken

# SQLite's default limit of variables in one statement is 32,766; a tenth keeps statements small.
_CHUNK = 3000


def take(db: Database, papers: Sequence[Paper], seen: datetime | None = None) -> Taken:
    """Store a batch, all or nothing. Records of one work are merged, whatever their order.

    `seen` is when a crawl brought them. A work is of the day on which arXiv listed it as new, where
    a source has told that: the others can only work it out from the submission.
    """
    with writing(db):
        known = _known(db, {paper.id for paper in papers})
        listed = listings.first_days(db, {paper.id for paper in papers})
        taken, works = _merge_batch(db, papers, known, listed)
        _insert(db, [paper for paper in works.values() if paper.id not in known], seen)
        _update(db, [(known[p.id][0], p) for p in works.values() if p.id in known])
    return taken


def revise(db: Database, papers: Sequence[Paper]) -> Taken:
    """Take in later versions of works that are known; those of others are passed over."""
    with writing(db):
        known = _known(db, {paper.id for paper in papers})
        taken = take(db, [paper for paper in papers if paper.id in known])
    taken.skipped += sum(paper.id not in known for paper in papers)
    return taken


def settle(db: Database, keys: Iterable[str]) -> None:
    """Bring the works `keys` in line with the days on which they were listed."""
    with writing(db):
        take(db, list(by_key(db, keys).values()))


def _known(db: Database, keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """The stored number and digest of those `keys` that are in the store."""
    found: dict[str, tuple[int, str]] = {}
    for chunk in _chunks(sorted(keys)):
        marks = ",".join("?" * len(chunk))
        rows = db.execute(f"SELECT key, id, digest FROM works WHERE key IN ({marks})", chunk)
        found.update((key, (number, digest)) for key, number, digest in rows)
    return found


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _merge_batch(
    db: Database,
    papers: Sequence[Paper],
    known: dict[str, tuple[int, str]],
    listed: dict[str, date],
) -> tuple[Taken, dict[str, Paper]]:
    """The counts, and each work that has to be written as it must stand afterwards."""
    papers = [_listed_on(paper, listed) for paper in papers]
    digests = {paper.id: paper.digest for paper in papers}
    differing = [
        known[p.id][0] for p in papers if p.id in known and known[p.id][1] != digests[p.id]
    ]
    current = {paper.id: paper for paper in by_number(db, differing).values()}
    taken, changed = Taken(), {}
    for paper in papers:
        before = current.get(paper.id)
        if before is None and paper.id in known:
            taken.skipped += 1  # equal to what is stored, digest for digest
            continue
        after = _listed_on(merged(before, paper), listed) if before else paper
        if after == before:
            taken.skipped += 1
            continue
        taken.added += before is None
        taken.updated += before is not None
        current[paper.id] = changed[paper.id] = after
    return taken, changed


def _listed_on(paper: Paper, listed: dict[str, date]) -> Paper:
    day = listed.get(paper.id, paper.announced)
    return paper if day == paper.announced else replace(paper, announced=day)


_WORK_COLUMNS = (
    "key, title, abstract, byline, comments, journal_ref, doi, license,"
    " published, announced, updated, version, withdrawn, digest, text_digest"
)


def _work_row(paper: Paper) -> tuple[Any, ...]:
    return (
        paper.id, paper.title, paper.abstract, ", ".join(paper.authors), paper.comments,
        paper.journal_ref, paper.doi, paper.license, paper.published.isoformat(),
        paper.announced.isoformat(), paper.updated.isoformat(), paper.version,
        int(paper.withdrawn), paper.digest, paper.text_digest,
    )  # fmt: skip


def _insert(db: Database, papers: Sequence[Paper], seen: datetime | None) -> None:
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM works").fetchone()
    numbered = list(enumerate(papers, start=last + 1))
    db.conn.executemany(
        f"INSERT INTO works (id, seen, {_WORK_COLUMNS}) VALUES (?, ?{', ?' * 15})",
        ((number, seen and seen.isoformat(), *_work_row(paper)) for number, paper in numbered),
    )
    _insert_parts(db, numbered)
    held = (n for n, p in numbered if any(map(cjk.holds, (p.title, p.abstract, *p.authors))))
    cjk.refresh(db.conn, held)


def _update(db: Database, numbered: Sequence[tuple[int, Paper]]) -> None:
    assignments = ", ".join(f"{column.strip()} = ?" for column in _WORK_COLUMNS.split(","))
    db.conn.executemany(
        f"UPDATE works SET {assignments} WHERE id = ?",
        ((*_work_row(paper), number) for number, paper in numbered),
    )
    for table in ("versions", "authors", "categories"):
        db.conn.executemany(f"DELETE FROM {table} WHERE work = ?", ((n,) for n, _ in numbered))
    _insert_parts(db, numbered)
    cjk.refresh(db.conn, (number for number, _ in numbered))


def _insert_parts(db: Database, numbered: Sequence[tuple[int, Paper]]) -> None:
    """Rows that hang on a work."""
    db.conn.executemany(
        "INSERT INTO versions (work, number, created, abstract) VALUES (?, ?, ?, ?)",
        ((n, v.number, v.created.isoformat(), v.abstract) for n, p in numbered for v in p.versions),
    )
    for table, names in (("authors", _authors), ("categories", _categories)):
        db.conn.executemany(
            f"INSERT INTO {table} (work, position, name) VALUES (?, ?, ?)",
            ((n, place, name) for n, p in numbered for place, name in enumerate(names(p))),
        )


def _authors(paper: Paper) -> tuple[str, ...]:
    return paper.authors


def _categories(paper: Paper) -> tuple[str, ...]:
    return paper.categories


def by_number(db: Database, numbers: Iterable[int]) -> dict[int, Paper]:
    """Whole papers by `works.id`, in the order asked for; unknown numbers are left out."""
    wanted = list(dict.fromkeys(numbers))
    found: dict[int, Paper] = {}
    for chunk in _chunks(wanted):
        marks = ",".join("?" * len(chunk))
        found.update(_papers(db, f"w.id IN ({marks})", chunk))
    return {number: found[number] for number in wanted if number in found}


def numbers(db: Database, keys: Iterable[str]) -> dict[str, int]:
    """The number of each work, by public id."""
    return {key: number for key, (number, _) in _known(db, keys).items()}


def keys(db: Database, numbers: Sequence[int]) -> dict[int, str]:
    """The public id of each work, by number."""
    found: dict[int, str] = {}
    for chunk in _chunks(numbers):
        marks = ",".join("?" * len(chunk))
        found.update(db.execute(f"SELECT id, key FROM works WHERE id IN ({marks})", chunk))
    return found


def by_key(db: Database, keys: Iterable[str]) -> dict[int, Paper]:
    """Whole papers by public id."""
    return by_number(db, (number for number, _ in _known(db, keys).values()))


def announced(
    db: Database, start: date, end: date, categories: Sequence[str] = ()
) -> dict[int, Paper]:
    """Papers first listed from `start` to `end`, both included, oldest first.

    With `categories`, those listed under one of them, or for which no category is known.
    """
    return _papers(db, *_listed(start, end, categories))


def listed(db: Database, start: date, end: date) -> dict[int, str]:
    """Ids by number of what was first listed from `start` to `end`, both included."""
    days = [start.isoformat(), end.isoformat()]
    return dict(db.execute("SELECT id, key FROM works WHERE announced BETWEEN ? AND ?", days))


def counts_by_day(
    db: Database, start: date, end: date, categories: Sequence[str] = ()
) -> dict[date, int]:
    """How many papers `announced` would give of each day that has any."""
    clause, parameters = _listed(start, end, categories)
    rows = db.execute(
        f"SELECT w.announced, count(*) FROM works w WHERE {clause} GROUP BY w.announced", parameters
    )
    return {date.fromisoformat(day): number for day, number in rows}


def _listed(start: date, end: date, categories: Sequence[str]) -> tuple[str, list[str]]:
    clause, parameters = "w.announced BETWEEN ? AND ?", [start.isoformat(), end.isoformat()]
    if categories:
        marks = ",".join("?" * len(categories))
        clause += (
            f" AND (EXISTS (SELECT 1 FROM categories c WHERE c.work = w.id AND c.name IN ({marks}))"
            " OR NOT EXISTS (SELECT 1 FROM categories c WHERE c.work = w.id))"
        )
        parameters += categories
    return clause, parameters


def _papers(db: Database, clause: str, parameters: Sequence[Any]) -> dict[int, Paper]:
    """Papers whose work row `w` fulfils `clause`, with their parts gathered in three more reads."""
    rows = db.execute(
        "SELECT w.id, w.key, w.title, w.abstract, w.published, w.announced, w.updated, w.comments,"
        f" w.journal_ref, w.doi, w.license FROM works w WHERE {clause} ORDER BY w.announced, w.key",
        parameters,
    ).fetchall()
    authors = _parts(db, "authors", "t.name", clause, parameters)
    categories = _parts(db, "categories", "t.name", clause, parameters)
    versions = _parts(db, "versions", "t.number, t.created, t.abstract", clause, parameters)
    try:
        return {
            row[0]: _paper(
                row,
                authors=tuple(name for (name,) in authors[row[0]]),
                categories=tuple(name for (name,) in categories[row[0]]),
                versions=tuple(_version(*part) for part in versions[row[0]]),
            )
            for row in rows
        }
    except ValueError as error:
        # SQLite has no checksums: a day that is no day is how damage inside a row shows.
        raise sqlite3.DatabaseError(f"a work holds a wrong date: {error}") from error


def _parts(
    db: Database, table: str, columns: str, clause: str, parameters: Sequence[Any]
) -> dict[int, list[tuple[Any, ...]]]:
    # The second column of each of these tables' keys is the order of the parts.
    order = "number" if table == "versions" else "position"
    rows = db.execute(
        f"SELECT t.work, {columns} FROM works w JOIN {table} t ON t.work = w.id"
        f" WHERE {clause} ORDER BY t.work, t.{order}",
        parameters,
    )
    gathered: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for work, *rest in rows:
        gathered[work].append(tuple(rest))
    return gathered


def _version(number: int, created: str, abstract: str | None) -> Version:
    return Version(number, datetime.fromisoformat(created), abstract)


def _paper(row: Sequence[Any], **parts: Any) -> Paper:
    _, key, title, abstract, published, listed, updated, comments, journal_ref, doi, license = row
    return Paper(
        id=key,
        title=title,
        abstract=abstract,
        published=date.fromisoformat(published),
        announced=date.fromisoformat(listed),
        updated=date.fromisoformat(updated),
        comments=comments,
        journal_ref=journal_ref,
        doi=doi,
        license=license,
        **parts,
    )


def digests(db: Database) -> Iterator[tuple[int, str]]:
    """Every work with the hash of its record, in no order: an index has both."""
    return iter(db.execute("SELECT id, digest FROM works"))


def texts(db: Database, numbers: Sequence[int]) -> Iterator[list[tuple[str, str, str]]]:
    """Title, abstract and names of works that exist, in batches, in the order of their numbers."""
    for chunk in _chunks(numbers):
        marks = ",".join("?" * len(chunk))
        yield db.execute(
            f"SELECT title, abstract, byline FROM works WHERE id IN ({marks}) ORDER BY id", chunk
        ).fetchall()


def last(db: Database) -> int:
    """The number of the work that was stored last, 0 when there is none."""
    (number,) = db.execute("SELECT coalesce(max(id), 0) FROM works").fetchone()
    return int(number)


def count(db: Database) -> int:
    """How many works there are."""
    (number,) = db.execute("SELECT count(*) FROM works").fetchone()
    return int(number)


def span(db: Database) -> tuple[date, date] | None:
    """First and last announcement day in the store, or None while it is empty."""
    first, last = db.execute("SELECT min(announced), max(announced) FROM works").fetchone()
    return (date.fromisoformat(first), date.fromisoformat(last)) if first else None
