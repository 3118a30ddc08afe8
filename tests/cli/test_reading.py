"""Commands that read do not change the database, and do not create one."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import tracker
from tests.cli.conftest import Call
from tracker.calendar import Period
from tracker.config import load
from tracker.errors import StoreError
from tracker.pipeline.issue.compose_issue import compose_period
from tracker.store.database import Database, open_database, read_only, write_transaction

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
LIKED, OTHER = "2603.91911", "2603.91093"
SENDER = ("--set", "smtp.sender=weekly@x.example")
READS = (
    "search moe", "search --lexical moe", "search moe --explain --sort date", f"show {LIKED}",
    f"similar {LIKED}", "path moe", "path reasoning --json", "next", "reading",
    "topics --until 2026-03-15", "trends --until 2026-03-15",
    "trends --by topic --until 2026-03-15", "trends --by term --until 2026-03-15", "leaderboards",
    "sources", "ledger", "status", "doctor", "paths", "replay --until 2026-W11 --weeks 3",
    f"digest --week 2026-W11 --explain {OTHER}", f"digest --week 2026-W11 --explain {LIKED}",
    "follow --list", "like --list", "dislike --list", "subscribers list",
    "send --week 2026-W11 --dry-run", "send --week 2026-W09 --dry-run",
    "send --month 2026-02 --dry-run",
    "export bibtex {out}/a.bib", "export ris {out}/a.ris", "export csl {out}/a.json",
    "export jsonl {out}/a.jsonl", "export opml {out}/a.opml", "export obsidian {out}/vault",
    "backup {out}/copy.db",
)  # fmt: skip


def dump(home: Path) -> str:
    """Return all tables of the database as SQL."""
    with closing(sqlite3.connect(home / "tracker.db")) as connection:
        return "\n".join(connection.iterdump())


@pytest.fixture(scope="module")
def used_home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with topics of two weeks, subscribers in two languages, likes and a saved search."""
    from tracker.pipeline.mailing import preferences
    from tracker.pipeline.retrieval import saved_searches
    from tracker.store import subscribers

    home = tmp_path_factory.mktemp("used") / "home"
    shutil.copytree(demo_home, home, ignore=lambda *_: ["models", "run.lock"])
    (home / "models").symlink_to(demo_home / "models")
    config = load(home, environ={})
    with open_database(config.database) as db:
        for week in ("2026-W10", "2026-W11"):
            compose_period(db, config, Period.parse_week(week), now=NOW)
        for email, language in (("ann@x.example", "en"), ("bea@x.example", "zh-TW")):
            subscribers.add(db, email, "", language, NOW, ("weekly", "monthly"))
            reader = subscribers.get_by_email(db, email).number
            saved_searches.follow(db, config, "topic:moe", "", NOW, reader)
        saved_searches.follow(db, config, "training", "", NOW)
        preferences.set_opinion(db, LIKED, liked=True, now=NOW)
        assert db.execute("SELECT count(*) FROM topic_weeks").fetchone()[0] > 0
    return home


@pytest.mark.parametrize("line", READS)
def test_a_command_that_reads_does_not_change_the_database(
    line: str, call: Call, used_home: Path, tmp_path: Path
) -> None:
    before = dump(used_home)
    done = call(*SENDER, *line.format(out=tmp_path).split(), home=used_home)
    assert done.code in (0, 3), done.err
    assert dump(used_home) == before


def test_a_replay_does_not_remove_topics(call: Call, used_home: Path) -> None:
    line = ("trends", "--by", "topic", "--until", "2026-03-15", "--json")
    before = call(*line, home=used_home).json
    assert before["papers"] > 0
    call("replay", "--weeks", "3", "--until", "2026-W11", home=used_home)
    assert call(*line, home=used_home).json == before


def test_a_dry_run_composes_the_mails_that_sending_would_compose(
    call: Call, used_home: Path, tmp_path: Path
) -> None:
    done = call(
        *SENDER, "send", "--week", "2026-W09", "--dry-run", "--out", str(tmp_path), home=used_home
    )
    assert [Path(line).name for line in done.out.splitlines()] == [
        "ann@x.example.eml", "bea@x.example.eml",
    ]  # fmt: skip
    assert "LLM Weekly 2026-W09" in (tmp_path / "ann@x.example.eml").read_text()
    assert not (used_home / "digests" / "web" / "weekly-2026-W09.html").exists()


@pytest.mark.parametrize(
    "line", [*READS[:1], *READS[5:16], *READS[18:22], "similar 2603.00001", "show 2603.00001",
             "digest --week 2026-W11 --explain 2603.00001"]
)  # fmt: skip
def test_a_command_that_reads_creates_no_database(line: str, call: Call, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = call(*line.split(), home=home)
    assert "Traceback" not in done.err
    assert [path.name for path in home.iterdir()] == []


def test_the_library_reads_without_writing(used_home: Path) -> None:
    before = dump(used_home)
    first, last = date(2026, 3, 9), date(2026, 3, 15)
    with tracker.open(used_home) as library:
        assert library.search("moe", since=date(2026, 2, 9), topics=("moe",))
        assert library.rank(first, last)
        assert library.tag("Mixture of experts", "We route tokens to experts.")
        assert library.acronyms("Mixture of Experts (MoE) models")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            library.db.execute("DELETE FROM works")
    assert dump(used_home) == before


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM topic_weeks", "UPDATE works SET title = ''", "DROP TABLE works",
        "INSERT INTO runs (job, key, state, detail, at) VALUES ('a', 'b', 'c', 'd', 'e')",
        "CREATE TABLE more (a)", "INSERT INTO works_fts (works_fts) VALUES ('rebuild')",
    ],
)  # fmt: skip
def test_a_write_to_a_database_opened_for_reading_raises(used_home: Path, statement: str) -> None:
    before = dump(used_home)
    nowhere = used_home.parent / "fresh" / "nowhere.db"
    for path in (used_home / "tracker.db", nowhere):
        with pytest.raises(StoreError, match="readonly"), read_only(path) as db:
            db.execute(statement)
        with (
            pytest.raises(StoreError, match="readonly"),
            read_only(path) as db,
            write_transaction(db),
        ):
            pytest.fail("a write transaction was started")
    assert dump(used_home) == before
    assert not nowhere.exists()


def test_a_check_of_the_database_keeps_it_read_only(used_home: Path) -> None:
    from tracker.store.database import find_problems

    with read_only(used_home / "tracker.db") as db:
        assert find_problems(db) == []
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            db.execute("DELETE FROM works")


def test_reading_migrates_an_older_database_first(call: Call, tmp_path: Path) -> None:
    """After an upgrade of tracker, any command works, including those that only read."""
    from tracker.store import schema

    old = Database(sqlite3.connect(tmp_path / "tracker.db"))
    steps = list(schema.migrations.names())
    schema.migrations.apply(old, stop_before=steps[-3])
    old.close()
    assert call("status", home=tmp_path).code == 0
    with read_only(tmp_path / "tracker.db") as db:
        assert list(schema.migrations.applied(db)) == steps
