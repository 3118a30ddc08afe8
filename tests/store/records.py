"""Invented works for the tests: as `Paper` records, and as lines of the snapshot."""

import json
from datetime import UTC, date, datetime
from typing import Any

from tracker.models import Paper, Version
from tracker.store.database import Database

DAY = date(2026, 3, 10)


def paper(key: str = "2603.00001", version: int = 1, **fields: Any) -> Paper:
    """Return a work in its `version`; `fields` replace default fields."""
    given: dict[str, Any] = {
        "id": key,
        "title": f"An invented title, version {version}",
        "abstract": f"An invented abstract, version {version}.",
        "authors": ("Ada Example", "Bo Instance"),
        "categories": ("cs.CL", "cs.LG"),
        "published": date(2026, 3, 9),
        "announced": DAY,
        "updated": date(2026, 3, 9 + version),
        "versions": tuple(
            Version(n, datetime(2026, 3, 8 + n, 12, tzinfo=UTC)) for n in range(1, version + 1)
        ),
    }
    return Paper(**given | fields)


def record(key: str = "2603.00001", **fields: Any) -> dict[str, Any]:
    """Return a record of the snapshot as a dict; `fields` replace default fields."""
    return {
        "id": key,
        "submitter": "Ada Example",
        "authors": "Ada Example and Bo Instance",
        "title": f"An invented title of\n  {key}",
        "comments": "12 pages, invented",
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": "cs.CL cs.LG",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": f"  An invented abstract of {key},\nover two lines.\n",
        "versions": [{"version": "v1", "created": "Mon, 9 Mar 2026 12:00:00 GMT"}],
        "update_date": "2026-03-10",
        "authors_parsed": [["Example", "Ada", ""], ["Instance", "Bo", "Jr."]],
    } | fields


def line(key: str = "2603.00001", **fields: Any) -> bytes:
    """Return the same as a line of the file."""
    return json.dumps(record(key, **fields)).encode() + b"\n"


def dump(db: Database) -> dict[str, list[Any]]:
    """Return all rows of all tables except those of SQLite and FTS5, without works' numbers."""
    tables = [
        name
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        if not name.startswith(("sqlite_", "_sqlite", "works_fts"))
    ]
    keys = dict(db.execute("SELECT id, key FROM works"))
    return {name: sorted(_rows(db, name, keys), key=repr) for name in tables}


def _rows(db: Database, table: str, keys: dict[int, str]) -> list[tuple[Any, ...]]:
    cursor = db.execute(f'SELECT * FROM "{table}"')
    names = [column[0] for column in cursor.description]
    return [
        tuple(
            keys[value] if name == "work" else value
            for name, value in zip(names, row, strict=True)
            if name != "id"
        )
        for row in cursor
    ]
