"""The migrations m001 to m018: the tables of the first releases.

`tracker.store.schema` imports this module first, which registers them; it states the rules.
"""

from tracker.store import cjk
from tracker.store.migrations import (
    Database,
    enable_full_text,
    execute_all,
    migrations,
)


@migrations()
def m001_works(db: Database) -> None:
    """Works with their versions, authors, categories and the days they were announced."""
    # `digest` is the hash of the whole record: an equal one needs no write on re-import.
    # `text_digest` is the hash of title and abstract: results computed from another text are stale.
    execute_all(
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
    """Full-text index over titles, abstracts and names, maintained by triggers."""
    enable_full_text(db, "works", ["title", "abstract", "byline"])


@migrations()
def m003_vectors(db: Database) -> None:
    """Stored vectors; an encoder identifies a vector space, and spaces are never mixed."""
    execute_all(
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
    """Results computed from the works: summaries with their evidence, tags, a period's clusters."""
    execute_all(
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
        # `tagged` lists the works that were processed, because a work may correctly have no tag.
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
    """Leaderboards on a day; `raw` keeps every column as published."""
    execute_all(
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
    """Runs of jobs with their period and outcome; the scheduler decides from them what is due."""
    execute_all(
        db,
        """CREATE TABLE runs (
            id INTEGER PRIMARY KEY, job TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
            detail TEXT NOT NULL, at TEXT NOT NULL)""",
        "CREATE INDEX runs_job ON runs (job, key)",
    )


@migrations()
def m007_issues(db: Database) -> None:
    """Issues as composed, their picks with reasons, the subscribers, and the mails sent."""
    execute_all(
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
        # One row per issue and recipient: the unique key guarantees that a mail is sent once.
        """CREATE TABLE outbox (
            id INTEGER PRIMARY KEY, issue INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
            subscriber INTEGER NOT NULL REFERENCES subscribers ON DELETE CASCADE,
            state TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, changed TEXT NOT NULL,
            detail TEXT NOT NULL DEFAULT '', UNIQUE (issue, subscriber))""",
    )


@migrations()
def m008_acronyms(db: Database) -> None:
    """Acronyms: uses by work, counted by triggers; each text of a work is scanned once."""
    execute_all(
        db,
        """CREATE TABLE acronym_uses (
            work INTEGER NOT NULL REFERENCES works ON DELETE CASCADE,
            short TEXT NOT NULL, long TEXT NOT NULL,
            written_short TEXT NOT NULL, written_long TEXT NOT NULL,
            PRIMARY KEY (work, short, long)) WITHOUT ROWID""",
        """CREATE TABLE acronym_scans (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            finder TEXT NOT NULL, text_digest TEXT NOT NULL)""",
        # `short` and `long` are keys without case and hyphens; each spelling is counted separately.
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
    """Full-text index of Chinese, Japanese and Korean, which `store.cjk` splits and maintains.

    Only works with such text have a row, so it is small. It stores its text, because rows of an
    index without content could not be deleted before SQLite 3.43.
    """
    execute_all(
        db,
        """CREATE VIRTUAL TABLE works_fts_cjk
            USING fts5 (title, abstract, byline, summary, tokenize = "unicode61")""",
        """CREATE TRIGGER works_ad_cjk AFTER DELETE ON works BEGIN
            DELETE FROM works_fts_cjk WHERE rowid = old.id; END""",
    )
    cjk.reindex_works(db.conn, [work for (work,) in db.execute("SELECT id FROM works").fetchall()])


@migrations()
def m010_listings(db: Database) -> None:
    """What arXiv listed on each day, and which sources have reported a day completely.

    `works.seen` is when a crawl first delivered a work, null for imports. The table of
    announcements is dropped: everything in it follows from the works.
    """
    execute_all(
        db,
        "DROP TABLE announcements",
        "ALTER TABLE works ADD COLUMN seen TEXT",
        # kind: new (first listing) or cross (listed elsewhere too)
        """CREATE TABLE listings (
            day TEXT NOT NULL, category TEXT NOT NULL, key TEXT NOT NULL, kind TEXT NOT NULL,
            PRIMARY KEY (day, category, key)) WITHOUT ROWID""",
        "CREATE INDEX listings_key ON listings (key, day)",
        """CREATE TABLE rolls (
            day TEXT NOT NULL, category TEXT NOT NULL, source TEXT NOT NULL, at TEXT NOT NULL,
            PRIMARY KEY (day, category, source)) WITHOUT ROWID""",
    )


@migrations()
def m011_arrivals(db: Database) -> None:
    """Cursors of sources, validators of documents that were stored, and reports of runs."""
    execute_all(
        db,
        "CREATE TABLE cursors (source TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE copies (
            source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL,
            PRIMARY KEY (source, url)) WITHOUT ROWID""",
        # JSON: the span requested, the counts read, added, updated and skipped, and the reasons
        "ALTER TABLE runs ADD COLUMN report TEXT NOT NULL DEFAULT '{}'",
    )


@migrations()
def m012_news(db: Database) -> None:
    """What sources report besides papers. `key` of attention and citations is an arXiv id.

    `tracker.pipeline.ingest.link_acceptances` finds an acceptance's `work`; `proof` is how: arxiv,
    doi or title. `title_keys` are computed for that, only when there is something to link.
    """
    execute_all(
        db,
        """CREATE TABLE acceptances (
            source TEXT NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL,
            venue TEXT NOT NULL, year INTEGER NOT NULL, track TEXT NOT NULL, url TEXT NOT NULL,
            doi TEXT NOT NULL, arxiv TEXT NOT NULL, seen TEXT,
            work INTEGER REFERENCES works ON DELETE SET NULL, proof TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (source, key)) WITHOUT ROWID""",
        "CREATE INDEX acceptances_work ON acceptances (work)",
        "CREATE INDEX acceptances_venue ON acceptances (venue COLLATE NOCASE, year)",
        """CREATE TABLE title_keys (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            text_digest TEXT NOT NULL, key TEXT NOT NULL)""",
        "CREATE INDEX title_keys_key ON title_keys (key)",
        "CREATE INDEX works_doi ON works (doi COLLATE NOCASE) WHERE doi != ''",
        """CREATE TABLE attention (
            key TEXT NOT NULL, day TEXT NOT NULL, listed TEXT NOT NULL, upvotes INTEGER NOT NULL,
            comments INTEGER NOT NULL, code TEXT NOT NULL, stars INTEGER,
            PRIMARY KEY (key, day)) WITHOUT ROWID""",
        "CREATE INDEX attention_listed ON attention (listed)",
        """CREATE TABLE citations (
            key TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL, influential INTEGER,
            venue TEXT NOT NULL, doi TEXT NOT NULL, PRIMARY KEY (key, day)) WITHOUT ROWID""",
        """CREATE TABLE model_cards (
            source TEXT NOT NULL, day TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL,
            trending REAL, likes INTEGER, downloads INTEGER, task TEXT NOT NULL,
            arxiv TEXT NOT NULL, PRIMARY KEY (source, day, name)) WITHOUT ROWID""",
        """CREATE TABLE items (
            source TEXT NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL, link TEXT NOT NULL,
            published TEXT NOT NULL, author TEXT NOT NULL, summary TEXT NOT NULL,
            arxiv TEXT NOT NULL, seen TEXT NOT NULL, PRIMARY KEY (source, key)) WITHOUT ROWID""",
        "CREATE INDEX items_published ON items (published)",
        """CREATE TABLE deadlines (
            conference TEXT NOT NULL, year INTEGER NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL,
            at TEXT, zone TEXT NOT NULL, place TEXT NOT NULL, url TEXT NOT NULL,
            label TEXT NOT NULL, PRIMARY KEY (conference, year, kind, day, label)) WITHOUT ROWID""",
        "CREATE INDEX deadlines_day ON deadlines (day)",
    )


@migrations()
def m013_boards_without_scores(db: Database) -> None:
    """Some boards only rank: `score` may be null, which SQLite allows only in a new table."""
    execute_all(
        db,
        """CREATE TABLE board_rows_new (
            snapshot INTEGER NOT NULL REFERENCES board_snapshots ON DELETE CASCADE,
            model TEXT NOT NULL, score REAL, rank INTEGER, low REAL, high REAL,
            votes INTEGER, organization TEXT NOT NULL, license TEXT NOT NULL, raw TEXT NOT NULL,
            PRIMARY KEY (snapshot, model)) WITHOUT ROWID""",
        "INSERT INTO board_rows_new SELECT * FROM board_rows",
        "DROP TABLE board_rows",
        "ALTER TABLE board_rows_new RENAME TO board_rows",
    )


@migrations()
def m014_outbox_times(db: Database) -> None:
    """When a mail was first attempted and when it may be attempted again."""
    execute_all(
        db,
        "ALTER TABLE outbox ADD COLUMN first TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE outbox ADD COLUMN due TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX outbox_state ON outbox (state)",
    )


@migrations()
def m015_picks_as_shown(db: Database) -> None:
    """The state of a pick when it was shown, so that later changes can be reported."""
    execute_all(
        db,
        "ALTER TABLE picks ADD COLUMN version INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE picks ADD COLUMN comments TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE picks ADD COLUMN journal_ref TEXT NOT NULL DEFAULT ''",
    )


@migrations()
def m016_lasting_topics(db: Database) -> None:
    """Themes tracked from week to week: what became of each, its cluster, and its centre."""
    execute_all(
        db,
        """CREATE TABLE lasting_topics (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL,
            encoder INTEGER NOT NULL REFERENCES encoders ON DELETE CASCADE)""",
        # kind: new, continued, split, merged, faded. `position` is that of the cluster among the
        # `topics` of the period: for a merged theme, of the cluster it went into; null if faded.
        # `origin` is the theme that a split one was a part of.
        """CREATE TABLE topic_weeks (
            topic INTEGER NOT NULL REFERENCES lasting_topics ON DELETE CASCADE,
            period TEXT NOT NULL, kind TEXT NOT NULL, position INTEGER, origin INTEGER,
            centre BLOB, PRIMARY KEY (topic, period)) WITHOUT ROWID""",
        "CREATE INDEX topic_weeks_period ON topic_weeks (period, position)",
    )


@migrations()
def m017_interests(db: Database) -> None:
    """The reader's interests: saved searches, and works that were liked or disliked."""
    execute_all(
        db,
        """CREATE TABLE followed (
            name TEXT PRIMARY KEY COLLATE NOCASE, query TEXT NOT NULL,
            created TEXT NOT NULL) WITHOUT ROWID""",
        """CREATE TABLE opinions (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            liked INTEGER NOT NULL, created TEXT NOT NULL)""",
    )


@migrations()
def m018_glimpses(db: Database) -> None:
    """One sentence of each work for lists, computed once for each text of a work."""
    execute_all(
        db,
        """CREATE TABLE glimpses (
            work INTEGER PRIMARY KEY REFERENCES works ON DELETE CASCADE,
            method TEXT NOT NULL, text_digest TEXT NOT NULL, sentence TEXT NOT NULL)""",
    )


@migrations()
def m019_work_digests(db: Database) -> None:
    """Find changed works without reading their texts: 0.3 s instead of 2 at 500,000 works."""
    db.execute("CREATE INDEX works_digest ON works (digest)")


@migrations()
def m020_summary_notes(db: Database) -> None:
    """Why a summary is not the requested one: the model was unavailable, or grounding failed."""
    execute_all(db, "ALTER TABLE summaries ADD COLUMN note TEXT NOT NULL DEFAULT ''")
