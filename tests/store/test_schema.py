"""Migrations: every older file opens, a newer one is rejected, a failed one is rolled back."""

import sqlite3
from pathlib import Path

import pytest

from tests.store.records import dump, paper
from tracker.errors import SchemaTooNew, StoreError
from tracker.store import database, papers, schema
from tracker.store.database import Database, find_problems, open_database

NAMES = [migration.name for migration in schema.migrations._migrations]
WORK = (
    "INSERT INTO works (id, key, title, abstract, byline, published, announced, updated, version,"
    " digest, text_digest) VALUES (1, '2603.00001', 'A Sparse Title', 'An abstract.', 'Ada',"
    " '2026-03-09', '2026-03-10', '2026-03-10', 1, 'x', 'y')"
)


def old_file(path: Path, level: int) -> None:
    """Create a database as a release with only the first `level` migrations would."""
    db = Database(sqlite3.connect(path))
    stop = NAMES[level] if level < len(NAMES) else None
    schema.migrations.apply(db, stop_before=stop)
    if level:
        db.execute(WORK)
    db.close()


def shape(db: Database) -> set[tuple[str, str]]:
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {(name, " ".join(sql.split())) for name, sql in rows}


def test_migrations_are_in_the_order_of_their_numbers() -> None:
    """Numbers are assigned by subject, so there may be gaps."""
    numbers = [name[:4] for name in NAMES]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("level", range(len(NAMES) + 1))
def test_a_file_of_every_earlier_level_opens_with_its_works(
    level: int, tmp_path: Path, db: Database
) -> None:
    old = tmp_path / "old.db"
    old_file(old, level)

    with open_database(old) as upgraded:
        assert shape(upgraded) == shape(db)
        assert papers.count_works(upgraded) == min(level, 1)
        assert find_problems(upgraded) == []
        papers.upsert(upgraded, [paper("2603.00002")])
        found = upgraded.execute("SELECT rowid FROM works_fts WHERE works_fts MATCH 'sparse'")
        assert len(found.fetchall()) == min(level, 1)


def test_outbox_rows_of_earlier_releases_are_emails(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    old_file(old, NAMES.index("m024_outbox_channels"))
    before = Database(sqlite3.connect(old))
    before.execute(
        "INSERT INTO subscribers (id, email, name, language, state, created)"
        " VALUES (7, 'a@x.example', '', 'en', 'active', '')"
    )
    before.execute(
        "INSERT INTO issues (id, kind, period, language, document, created)"
        " VALUES (3, 'weekly', '2026-W11', 'en', '{}', '2026-03-16')"
    )
    before.execute(
        "INSERT INTO outbox (id, issue, subscriber, state, attempts, changed, mail)"
        " VALUES (5, 3, 7, 'unknown', 2, '2026-03-16', x'00')"
    )
    before.conn.commit()
    before.close()
    with open_database(old) as db:
        rows = db.execute("SELECT id, issue, subscriber, channel, state, mail FROM outbox")
        assert rows.fetchall() == [(5, 3, 7, "mail", "unknown", b"\0")]


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    with open_database(tmp_path / "t.db") as db:
        papers.upsert(db, [paper()])
        before, schema_before = dump(db), shape(db)
    with open_database(tmp_path / "t.db") as db:
        assert (dump(db), shape(db)) == (before, schema_before)


def test_a_newer_file_is_rejected_and_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with open_database(path) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('tracker', 'm999_tomorrow', '2030')"
        )
    before = path.read_bytes()

    with pytest.raises(SchemaTooNew, match=r"m999_tomorrow.*upgrade tracker"), open_database(path):
        pass
    assert path.read_bytes() == before


@pytest.mark.parametrize("level", [0, 3, len(NAMES)])
def test_a_failed_migration_is_rolled_back_completely(
    level: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    old_file(path, level)
    db = Database(sqlite3.connect(path))
    before = shape(db)
    db.close()
    monkeypatch.setattr(schema.migrations, "_migrations", [*schema.migrations._migrations])

    @schema.migrations()
    def m998_breaks(db: Database) -> None:
        db.execute("CREATE TABLE half_done (x)")
        db.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StoreError, match="no such table: nowhere"), open_database(path):
        pass

    db = Database(sqlite3.connect(path))
    assert shape(db) == before
    db.close()


def test_rows_that_belong_to_a_work_are_deleted_with_it(db: Database) -> None:
    papers.upsert(db, [paper(version=2)])
    with database.write_transaction(db):
        db.execute("DELETE FROM works")

    assert {name: rows for name, rows in dump(db).items() if rows} == {}
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        db.execute("INSERT INTO authors (work, position, name) VALUES (99, 0, 'Nobody')")
