"""The schema of the database, as numbered, append-only migrations.

Never edit a migration that has been released: append one. `migrate` brings any older file up to
date; `has_pending_migrations` refuses one written by a newer tracker. m001 to m020 are in
`tracker.store.first_migrations`.

Days are ISO text ("2026-03-09"), instants ISO text in UTC. `works.id` is the number that vectors
and the index use; `works.key` is the public id. Rows that belong to a work are deleted with it.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import tracker.store.first_migrations  # noqa: F401  registers m001 to m020, before those below
from tracker.calendar import first_listing_day
from tracker.errors import SchemaTooNew
from tracker.store import author_search, stored_texts, work_facts
from tracker.store.migrations import TOKENIZER as TOKENIZER
from tracker.store.migrations import Database as Database
from tracker.store.migrations import execute_all, migrations


@migrations()
def m021_interests_of_subscribers(db: Database) -> None:
    """Give each subscriber interests, which are deleted with the subscriber.

    Rows without a subscriber belong to the owner of the home folder.
    """
    owner = "subscriber INTEGER REFERENCES subscribers ON DELETE CASCADE"
    execute_all(
        db,
        f"""CREATE TABLE followed_new (
            {owner}, name TEXT NOT NULL COLLATE NOCASE, query TEXT NOT NULL,
            created TEXT NOT NULL)""",
        "INSERT INTO followed_new SELECT NULL, name, query, created FROM followed",
        "DROP TABLE followed",
        "ALTER TABLE followed_new RENAME TO followed",
        f"""CREATE TABLE opinions_new (
            {owner}, work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
            liked INTEGER NOT NULL, created TEXT NOT NULL)""",
        "INSERT INTO opinions_new SELECT NULL, work, liked, created FROM opinions",
        "DROP TABLE opinions",
        "ALTER TABLE opinions_new RENAME TO opinions",
        # NULLs are distinct in a unique index, so the owner's rows need a separate one.
        "CREATE UNIQUE INDEX followed_name ON followed (subscriber, name)",
        "CREATE UNIQUE INDEX followed_home ON followed (name) WHERE subscriber IS NULL",
        "CREATE UNIQUE INDEX opinions_work ON opinions (work, subscriber)",
        "CREATE UNIQUE INDEX opinions_home ON opinions (work) WHERE subscriber IS NULL",
        "CREATE INDEX opinions_subscriber ON opinions (subscriber)",
    )


@migrations()
def m022_mails_in_doubt(db: Database) -> None:
    """The mail itself, compressed, while it is unknown whether the relay accepted it."""
    db.execute("ALTER TABLE outbox ADD COLUMN mail BLOB")


@migrations()
def m023_paper_facts(db: Database) -> None:
    """What each work states about itself, so that filters and pages do not search its texts."""
    execute_all(
        db,
        """CREATE TABLE paper_facts (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            code_link TEXT NOT NULL, model_link TEXT NOT NULL, venue TEXT NOT NULL)""",
        "CREATE INDEX paper_facts_code ON paper_facts (work) WHERE code_link != ''",
        "CREATE INDEX paper_facts_model ON paper_facts (work) WHERE model_link != ''",
    )
    work_facts.recompute_all(db.conn)


@migrations()
def m024_outbox_channels(db: Database) -> None:
    """Key the outbox by subscription: subscriber and channel. All earlier rows are emails.

    SQLite cannot change a UNIQUE constraint, so the table is rebuilt.
    """
    columns = "id, issue, subscriber, state, attempts, changed, detail, first, due, mail"
    execute_all(
        db,
        """CREATE TABLE outbox_new (
            id INTEGER PRIMARY KEY, issue INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
            subscriber INTEGER NOT NULL REFERENCES subscribers ON DELETE CASCADE,
            channel TEXT NOT NULL DEFAULT 'mail', state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, changed TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '', first TEXT NOT NULL DEFAULT '',
            due TEXT NOT NULL DEFAULT '', mail BLOB, UNIQUE (issue, subscriber, channel))""",
        f"INSERT INTO outbox_new ({columns}) SELECT {columns} FROM outbox",
        "DROP TABLE outbox",
        "ALTER TABLE outbox_new RENAME TO outbox",
        "CREATE INDEX outbox_state ON outbox (state)",
    )


@migrations()
def m025_listing_sources(db: Database) -> None:
    """Which source reported a listing: arXiv's listing pages outrank OAI, and OAI the feeds."""
    db.execute("ALTER TABLE listings ADD COLUMN source TEXT NOT NULL DEFAULT ''")


@migrations()
def m026_normal_texts(db: Database) -> None:
    """Bring stored texts and names to their normal form, and find withdrawals as now defined."""
    stored_texts.normalize_all(db.conn)
    work_facts.recompute_all(db.conn)


@migrations()
def m027_author_names(db: Database) -> None:
    """Names without accents and in one order, so that an author is found however typed."""
    # The index is used by the update, and names are compared as they are written.
    execute_all(
        db,
        "ALTER TABLE authors ADD COLUMN folded TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX authors_written ON authors (name)",
    )
    author_search.fold_stored_names(db.conn)
    execute_all(db, "DROP INDEX authors_written")


@migrations()
def m028_paper_outlines(db: Database) -> None:
    """Keep the outlines of full texts, so that an issue is composed again without the network."""
    execute_all(
        db,
        """CREATE TABLE paper_outlines (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            version INTEGER NOT NULL, outline TEXT NOT NULL)""",
    )


@migrations()
def m029_held_works(db: Database) -> None:
    """File works under the day they were listed: those that were held have ids of a later month."""
    held = [
        (first_listing_day(key, date.fromisoformat(listed), changed).isoformat(), number)
        for number, key, listed, changed in _possibly_held(db)
    ]
    db.conn.executemany("UPDATE works SET announced = ? WHERE id = ?", held)


def _possibly_held(db: Database) -> Iterator[tuple[int, str, str, date | None]]:
    """Yield works announced before the month of their id, with the last change of single versions.

    Works that a source has listed on a day keep it.
    """
    rows = db.execute(
        "SELECT id, key, announced, updated, version FROM works"
        " WHERE key GLOB '[0-9][0-9][0-9][0-9].*'"
        " AND announced < '20' || substr(key, 1, 2) || '-' || substr(key, 3, 2) AND NOT EXISTS"
        " (SELECT 1 FROM listings l WHERE l.key = works.key AND l.kind = 'new')"
    )
    for number, key, listed, changed, version in rows.fetchall():
        yield number, key, listed, date.fromisoformat(changed) if version == 1 else None


@migrations()
def m030_reading_progress(db: Database) -> None:
    """What the owner of the home has read, saved or tried, and since when."""
    execute_all(
        db,
        """CREATE TABLE reading_progress (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            state TEXT NOT NULL, day TEXT NOT NULL)""",
    )


@migrations()
def m031_works_by_text(db: Database) -> None:
    """Results that other machines compute name the text that they were made from."""
    execute_all(db, "CREATE INDEX works_text ON works (text_digest)")


@migrations()
def m032_past_recipients(db: Database) -> None:
    """Deliveries to removed subscribers, and restored backups whose deliveries are unknown."""
    execute_all(
        db,
        """CREATE TABLE past_recipients (
            kind TEXT NOT NULL, period TEXT NOT NULL, channel TEXT NOT NULL,
            recipient TEXT NOT NULL, PRIMARY KEY (kind, period, channel, recipient)
            ) WITHOUT ROWID""",
        "CREATE TABLE unverified_restores (at TEXT NOT NULL)",
    )


@migrations()
def m033_reading_lists(db: Database) -> None:
    """What each subscriber has saved, read or tried; deleted with the subscriber."""
    execute_all(
        db,
        """CREATE TABLE reading_lists (
            subscriber INTEGER NOT NULL REFERENCES subscribers ON DELETE CASCADE,
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
            state TEXT NOT NULL, changed TEXT NOT NULL,
            PRIMARY KEY (subscriber, work)) WITHOUT ROWID""",
        "CREATE INDEX reading_lists_work ON reading_lists (work)",
    )


@migrations()
def m034_confirmation_mails(db: Database) -> None:
    """When an address, known by its hash, was last sent a mail to confirm a subscription."""
    execute_all(
        db,
        """CREATE TABLE confirmation_mails (
            recipient TEXT PRIMARY KEY, sent TEXT NOT NULL) WITHOUT ROWID""",
    )


@migrations()
def m035_outbox_of_channels(db: Database) -> None:
    """Allow rows without a subscriber: an issue that is posted to a channel."""
    columns = "id, issue, subscriber, channel, state, attempts, changed, detail, first, due, mail"
    execute_all(
        db,
        """CREATE TABLE outbox_new (
            id INTEGER PRIMARY KEY, issue INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
            subscriber INTEGER REFERENCES subscribers ON DELETE CASCADE,
            channel TEXT NOT NULL DEFAULT 'mail', state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, changed TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '', first TEXT NOT NULL DEFAULT '',
            due TEXT NOT NULL DEFAULT '', mail BLOB, UNIQUE (issue, subscriber, channel))""",
        f"INSERT INTO outbox_new ({columns}) SELECT {columns} FROM outbox",
        "DROP TABLE outbox",
        "ALTER TABLE outbox_new RENAME TO outbox",
        "CREATE INDEX outbox_state ON outbox (state)",
        # NULLs are distinct in a unique constraint.
        "CREATE UNIQUE INDEX outbox_posts ON outbox (issue, channel) WHERE subscriber IS NULL",
    )


@migrations()
def m037_citation_links(db: Database) -> None:
    """Which works cite which, by arXiv id, and when a work's references were looked up."""
    execute_all(
        db,
        """CREATE TABLE reference_lookups (
            key TEXT PRIMARY KEY, day TEXT NOT NULL, total INTEGER NOT NULL)""",
        """CREATE TABLE citation_links (
            citing TEXT NOT NULL, cited TEXT NOT NULL,
            PRIMARY KEY (citing, cited)) WITHOUT ROWID""",
        "CREATE INDEX citation_links_cited ON citation_links (cited, citing)",
    )


@migrations()
def m039_llm_answers(db: Database) -> None:
    """What a language model answered, by a hash of what it was asked."""
    execute_all(
        db, "CREATE TABLE llm_answers (request_hash TEXT PRIMARY KEY, answer TEXT NOT NULL)"
    )


@migrations()
def m041_paper_notes(db: Database) -> None:
    """What the owner of the home wrote about works in the vault, as it was last read back."""
    execute_all(
        db,
        """CREATE TABLE paper_notes (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            note TEXT NOT NULL, day TEXT NOT NULL)""",
    )


@migrations()
def m042_review_cards(db: Database) -> None:
    """The questions about works that were answered: their box and when they are asked again."""
    execute_all(
        db,
        """CREATE TABLE review_cards (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE, role TEXT NOT NULL,
            box INTEGER NOT NULL, due TEXT NOT NULL, PRIMARY KEY (work, role)) WITHOUT ROWID""",
    )


@migrations()
def m044_second_hand(db: Database) -> None:
    """Works whose metadata another service delivered, and papers that a site lists as trending."""
    execute_all(
        db,
        "CREATE TABLE second_hand (key TEXT PRIMARY KEY, source TEXT NOT NULL, at TEXT NOT NULL)",
        """CREATE TABLE trending_papers (
            source TEXT NOT NULL, day TEXT NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL,
            code TEXT NOT NULL, stars INTEGER, PRIMARY KEY (source, day, key)) WITHOUT ROWID""",
        "CREATE INDEX trending_papers_key ON trending_papers (key, day)",
    )


@migrations()
def m045_llm_speeds(db: Database) -> None:
    """How fast a language model was when it was last used."""
    execute_all(
        db,
        "CREATE TABLE llm_speeds (model TEXT PRIMARY KEY, tokens INTEGER NOT NULL,"
        " seconds REAL NOT NULL) WITHOUT ROWID",
    )


@migrations()
def m046_subscriptions(db: Database) -> None:
    """The kinds of issues that a subscriber gets; until now everybody got all of them."""
    execute_all(
        db,
        """CREATE TABLE subscriptions (
            subscriber INTEGER NOT NULL REFERENCES subscribers ON DELETE CASCADE,
            kind TEXT NOT NULL, PRIMARY KEY (subscriber, kind)) WITHOUT ROWID""",
        "INSERT INTO subscriptions SELECT id, 'weekly' FROM subscribers",
        "INSERT INTO subscriptions SELECT id, 'monthly' FROM subscribers",
    )


@migrations()
def m047_closed_issues(db: Database) -> None:
    """The day before which the records of deliveries were deleted; at most one row."""
    execute_all(db, "CREATE TABLE closed_issues (day TEXT NOT NULL)")


@migrations()
def m050_covering_indexes(db: Database) -> None:
    """What of millions of works lacks a vector is read from indexes, not from rows with texts."""
    execute_all(
        db,
        "DROP INDEX works_announced",
        "CREATE INDEX works_announced ON works (announced, text_digest)",
        "CREATE INDEX works_by_number ON works (id, text_digest)",
        "CREATE INDEX vectors_by_work ON vectors (encoder, work, text_digest)",
    )


@migrations()
def m051_profiles_of_subscribers(db: Database) -> None:
    """The level and minutes of each subscriber, and who of them is the owner of the home."""
    execute_all(
        db,
        "ALTER TABLE subscribers ADD COLUMN level TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE subscribers ADD COLUMN minutes INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE subscribers ADD COLUMN is_owner INTEGER NOT NULL DEFAULT 0",
    )


@migrations()
def m053_made_models(db: Database) -> None:
    """When a model was made, its licence, and whether it was made from another one."""
    execute_all(
        db,
        "ALTER TABLE model_cards ADD COLUMN created TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE model_cards ADD COLUMN license TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE model_cards ADD COLUMN is_derived INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX model_cards_created ON model_cards (created) WHERE created != ''",
    )


@migrations()
def m055_kinds_and_groups(db: Database) -> None:
    """What a title says that a work is, and the group to which Hugging Face attributes it."""
    execute_all(
        db,
        "ALTER TABLE paper_facts ADD COLUMN kind TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX paper_facts_kind ON paper_facts (work) WHERE kind != ''",
        "ALTER TABLE attention ADD COLUMN organization TEXT NOT NULL DEFAULT ''",
    )
    work_facts.compute_kinds(db.conn)


@migrations()
def m058_origin_of_citation_links(db: Database) -> None:
    """Where a citation link is from: a service that lists references, or the full text."""
    execute_all(
        db, "ALTER TABLE citation_links ADD COLUMN origin TEXT NOT NULL DEFAULT 'references'"
    )


def has_pending_migrations(db: Database, path: Path) -> bool:
    """Whether `migrate` has work to do. Raises SchemaTooNew for migrations unknown to us."""
    ours, applied = migrations.names(), migrations.applied(db)
    unknown = tuple(name for name in applied if name not in ours)
    if unknown:
        raise SchemaTooNew(path, unknown)
    return not set(ours) <= set(applied)


def tables(db: Database) -> int:
    """How many tables there are, other than those that keep account of SQLite and migrations."""
    accounts = ("_sqlite_migrations%", "sqlite_%")
    query = "SELECT count(*) FROM sqlite_master WHERE tbl_name NOT LIKE ? AND tbl_name NOT LIKE ?"
    (number,) = db.execute(query, accounts).fetchone()
    return int(number)


def is_ours(db: Database) -> bool:
    """Whether a migration of ours has been applied to the file."""
    return bool(migrations.applied(db))


def migrate(db: Database) -> None:
    """Apply pending migrations; call it in a `write_transaction`, so that two openers queue."""
    migrations.apply(db)
