"""The shape of the database, as numbered, append-only migrations, each in a transaction.

Never edit a migration that has been released: append one. `migrate` brings any older file up to
date; `pending` refuses one written by a newer tracker. Owns no rows, only tables.

Days are ISO text ("2026-03-09"), instants ISO text in UTC. `works.id` is the number that vectors
and the index use; `works.key` is the public id. Everything that hangs on a work is deleted with it.
"""

from pathlib import Path

from sqlite_utils import Database as Database
from sqlite_utils import Migrations

from tracker.errors import SchemaTooNew
from tracker.store import cjk

migrations = Migrations("tracker")


@migrations()
def m001_works(db: Database) -> None:
    """Works with their versions, authors, categories and the days they were announced."""
    # `digest` is the hash of the whole record: an equal one needs no write on re-import.
    # `text_digest` is the hash of title and abstract: what was made of another text is stale.
    _run(
        db,
        """CREATE TABLE works (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
            title TEXT NOT NULL, abstract TEXT NOT NULL, byline TEXT NOT NULL,
            comments TEXT NOT NULL DEFAULT '', journal_ref TEXT NOT NULL DEFAULT '',
            doi TEXT NOT NULL DEFAULT '', license TEXT NOT NULL DEFAULT '',
            published TEXT NOT NULL, announced TEXT NOT NULL, updated TEXT NOT NULL,
            version INTEGER NOT NULL, withdrawn INTEGER NOT NULL DEFAULT 0,
            digest TEXT NOT NULL, text_digest TEXT NOT NULL)""",
        "CREATE INDEX works_announced ON works (announced)",
        """CREATE TABLE versions (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, number INTEGER NOT NULL,
            created TEXT NOT NULL, abstract TEXT, PRIMARY KEY (work, number)) WITHOUT ROWID""",
        """CREATE TABLE authors (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, position INTEGER NOT NULL,
            name TEXT NOT NULL, PRIMARY KEY (work, position)) WITHOUT ROWID""",
        "CREATE INDEX authors_name ON authors (name COLLATE NOCASE)",
        """CREATE TABLE categories (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, position INTEGER NOT NULL,
            name TEXT NOT NULL, PRIMARY KEY (work, position)) WITHOUT ROWID""",
        "CREATE INDEX categories_name ON categories (name, work)",
        # kind: new (first listing), cross (listed elsewhere too), replace (a later version)
        """CREATE TABLE announcements (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, day TEXT NOT NULL,
            kind TEXT NOT NULL, PRIMARY KEY (work, day, kind)) WITHOUT ROWID""",
        "CREATE INDEX announcements_day ON announcements (day, kind)",
    )


@migrations()
def m002_full_text(db: Database) -> None:
    """Full-text index over titles, abstracts and names, kept right by triggers."""
    db.table("works").enable_fts(
        ["title", "abstract", "byline"], tokenize="porter unicode61", create_triggers=True
    )


@migrations()
def m003_vectors(db: Database) -> None:
    """Vectors of record; an encoder names a vector space and spaces are never mixed."""
    _run(
        db,
        """CREATE TABLE encoders (
            id INTEGER PRIMARY KEY, model TEXT NOT NULL, revision TEXT NOT NULL,
            dimension INTEGER NOT NULL, UNIQUE (model, revision, dimension))""",
        """CREATE TABLE vectors (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
            encoder INTEGER NOT NULL REFERENCES encoders ON DELETE CASCADE,
            text_digest TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (encoder, work))""",
    )


@migrations()
def m004_findings(db: Database) -> None:
    """What was made of the works: summaries with their proof, tags, and a period's topics."""
    _run(
        db,
        """CREATE TABLE summaries (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, version INTEGER NOT NULL,
            model TEXT NOT NULL, prompt_version TEXT NOT NULL, language TEXT NOT NULL,
            method TEXT NOT NULL, created TEXT NOT NULL, dropped INTEGER NOT NULL,
            tldr TEXT NOT NULL, sentences TEXT NOT NULL,
            PRIMARY KEY (work, version, model, prompt_version, language))""",
        """CREATE TABLE tags (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, name TEXT NOT NULL,
            score REAL NOT NULL, why TEXT NOT NULL, PRIMARY KEY (work, name)) WITHOUT ROWID""",
        "CREATE INDEX tags_name ON tags (name, work)",
        # `tagged` says which works were looked at, for a work may rightly have no tag at all.
        """CREATE TABLE tagged (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            tagger TEXT NOT NULL, text_digest TEXT NOT NULL)""",
        """CREATE TABLE topics (
            id INTEGER PRIMARY KEY, period TEXT NOT NULL, position INTEGER NOT NULL,
            label TEXT NOT NULL, terms TEXT NOT NULL, UNIQUE (period, position))""",
        """CREATE TABLE topic_members (
            topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, position INTEGER NOT NULL,
            PRIMARY KEY (topic, work)) WITHOUT ROWID""",
    )


@migrations()
def m005_boards(db: Database) -> None:
    """Leaderboards as they stood on a day; `raw` keeps every column as it was read."""
    _run(
        db,
        """CREATE TABLE board_snapshots (
            id INTEGER PRIMARY KEY, board TEXT NOT NULL, day TEXT NOT NULL, UNIQUE (board, day))""",
        """CREATE TABLE board_rows (
            snapshot INTEGER NOT NULL REFERENCES board_snapshots ON DELETE CASCADE,
            model TEXT NOT NULL, score REAL NOT NULL, rank INTEGER, low REAL, high REAL,
            votes INTEGER, organization TEXT NOT NULL, license TEXT NOT NULL, raw TEXT NOT NULL,
            PRIMARY KEY (snapshot, model)) WITHOUT ROWID""",
    )


@migrations()
def m006_work_done(db: Database) -> None:
    """What was run, for which period, how it ended: what is due is decided from here."""
    _run(
        db,
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY, job TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
            detail TEXT NOT NULL, at TEXT NOT NULL)""",
        "CREATE INDEX runs_job ON runs (job, key)",
    )


@migrations()
def m007_issues(db: Database) -> None:
    """Digests and reports as composed, what they picked and why, who gets them, what was sent."""
    _run(
        db,
        """CREATE TABLE issues (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, period TEXT NOT NULL,
            language TEXT NOT NULL, created TEXT NOT NULL, document TEXT NOT NULL,
            UNIQUE (kind, period, language))""",
        """CREATE TABLE picks (
            issue INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE, position INTEGER NOT NULL,
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, score REAL NOT NULL,
            why TEXT NOT NULL, PRIMARY KEY (issue, position)) WITHOUT ROWID""",
        "CREATE INDEX picks_work ON picks (work)",
        """CREATE TABLE subscribers (
            id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE,
            name TEXT NOT NULL DEFAULT '', language TEXT NOT NULL, state TEXT NOT NULL,
            created TEXT NOT NULL)""",
        # One row per issue and recipient, ever: the unique key is what makes a mail go out once.
        """CREATE TABLE outbox (
            id INTEGER PRIMARY KEY, issue INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
            subscriber INTEGER NOT NULL REFERENCES subscribers ON DELETE CASCADE,
            state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, changed TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '', UNIQUE (issue, subscriber))""",
    )


@migrations()
def m008_acronyms(db: Database) -> None:
    """Acronyms: uses by work, counted by triggers; a work is scanned once for each of its texts."""
    _run(
        db,
        """CREATE TABLE acronym_uses (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
            short TEXT NOT NULL, long TEXT NOT NULL,
            written_short TEXT NOT NULL, written_long TEXT NOT NULL,
            PRIMARY KEY (work, short, long)) WITHOUT ROWID""",
        """CREATE TABLE acronym_scans (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            finder TEXT NOT NULL, text_digest TEXT NOT NULL)""",
        # `short` and `long` are keys without case and hyphens; every spelling has its own count.
        """CREATE TABLE acronyms (
            short TEXT NOT NULL, long TEXT NOT NULL,
            written_short TEXT NOT NULL, written_long TEXT NOT NULL, papers INTEGER NOT NULL,
            PRIMARY KEY (short, long, written_short, written_long)) WITHOUT ROWID""",
        "CREATE INDEX acronyms_long ON acronyms (long)",
        """CREATE TRIGGER acronym_used AFTER INSERT ON acronym_uses BEGIN
            INSERT INTO acronyms (short, long, written_short, written_long, papers)
            VALUES (new.short, new.long, new.written_short, new.written_long, 1)
            ON CONFLICT DO UPDATE SET papers = papers + 1; END""",
        """CREATE TRIGGER acronym_unused AFTER DELETE ON acronym_uses BEGIN
            UPDATE acronyms SET papers = papers - 1
            WHERE short = old.short AND long = old.long
            AND written_short = old.written_short AND written_long = old.written_long;
            DELETE FROM acronyms WHERE short = old.short AND long = old.long AND papers = 0; END""",
    )


@migrations()
def m009_bigrams(db: Database) -> None:
    """Full-text index of Chinese, Japanese and Korean, which `store.cjk` cuts and keeps right.

    Only works that hold such text have a row, so it is small; it keeps its text, for an index
    without content could not give up a row before SQLite 3.43.
    """
    _run(
        db,
        """CREATE VIRTUAL TABLE works_fts_cjk
            USING fts5 (title, abstract, byline, summary, tokenize = "unicode61")""",
        """CREATE TRIGGER works_ad_cjk AFTER DELETE ON works BEGIN
            DELETE FROM works_fts_cjk WHERE rowid = old.id; END""",
    )
    cjk.refresh(db.conn, [work for (work,) in db.execute("SELECT id FROM works").fetchall()])


@migrations()
def m040_summary_notes(db: Database) -> None:
    """Why a summary is not what was asked for: a model that was away, a proof that failed."""
    _run(db, "ALTER TABLE summaries ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def pending(db: Database, path: Path) -> bool:
    """Whether `migrate` has work to do; SchemaTooNew when the file knows one that we do not."""
    ours = {migration.name for migration in migrations._migrations}
    unknown = tuple(done.name for done in migrations.applied(db) if done.name not in ours)
    if unknown:
        raise SchemaTooNew(path, unknown)
    return bool(migrations.pending(db))


def migrate(db: Database) -> None:
    """Apply what is pending; call it inside `database.writing`, so that two openers queue."""
    migrations.apply(db)


def _run(db: Database, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)
