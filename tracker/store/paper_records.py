"""`Paper` records read from the rows of works and from those of their parts.

Public: `load_papers`.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from tracker.models import Paper, Version
from tracker.paper.paper_facts import PaperFacts
from tracker.store.database import Database


def load_papers(db: Database, clause: str, parameters: Sequence[Any]) -> dict[int, Paper]:
    """Return papers whose work row `w` satisfies `clause`; their parts take three more queries."""
    rows = db.execute(
        "SELECT w.id, w.key, w.title, w.abstract, w.published, w.announced, w.updated, w.comments,"
        " w.journal_ref, w.doi, w.license, w.withdrawn, f.code_link, f.model_link, f.venue,"
        " f.kind"
        " FROM works w LEFT JOIN paper_facts f ON f.work = w.id"
        f" WHERE {clause} ORDER BY w.announced, w.key",
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
        # SQLite has no checksums: an invalid date is how damage inside a row shows.
        raise sqlite3.DatabaseError(f"a work has an invalid date: {error}") from error


def _parts(
    db: Database, table: str, columns: str, clause: str, parameters: Sequence[Any]
) -> dict[int, list[tuple[Any, ...]]]:
    # The second column of these tables' keys is the order of the parts.
    order = "number" if table == "versions" else "position"
    rows = db.execute(
        f"SELECT t.work, {columns} FROM works w JOIN {table} t ON t.work = w.id"
        f" WHERE {clause} ORDER BY t.work, t.{order}",
        parameters,
    )
    parts: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for work, *rest in rows:
        parts[work].append(tuple(rest))
    return parts


def _version(number: int, created: str, abstract: str | None) -> Version:
    return Version(number, datetime.fromisoformat(created), abstract)


def _paper(row: Sequence[Any], **parts: Any) -> Paper:
    (_, key, title, abstract, published, listed, updated, comments, journal_ref, doi, license,
     withdrawn, code_link, model_link, venue, kind) = row  # fmt: skip
    paper = Paper(
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
    paper.set_facts(PaperFacts(code_link, model_link, venue, bool(withdrawn), kind))
    return paper
