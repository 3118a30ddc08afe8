"""Paths, marks and what to read next, on the invented sample."""

import re
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import time_machine

from tests.cli.conftest import Call
from tracker.pipeline.mailing.feedback import set_reading_state
from tracker.store import subscribers
from tracker.store.database import open_database

PAPER, OTHER = "2603.91911", "2603.91093"


def test_a_path_begins_with_an_overview_and_says_how_to_fetch_it(call: Call, home: Path) -> None:
    path = call("path", "moe", "--json", home=home).json
    assert path["steps"][0]["stage"] == "survey"
    assert path["steps"][1]["id"] == "1701.06538"
    assert path["steps"][1]["fetch"] == "tracker crawl --ids 1701.06538"
    assert path["needs"][0][0] == "data"
    ids = [step["id"] for step in path["steps"]]
    assert len(ids) == len(set(ids)) == 10
    assert any(step["stage"] == "new" and not step["fetch"] for step in path["steps"])
    page = call("path", "Mixture of Experts", home=home)
    assert page.code == 0
    assert "0 of" in page.out


def test_an_unknown_direction_is_refused_with_a_hint(call: Call, home: Path) -> None:
    refused = call("path", "reasonin", home=home)
    assert refused.code == 2
    assert "Did you mean reasoning?" in refused.err


def test_marks_are_stored_listed_and_removed(call: Call, home: Path) -> None:
    assert call("read", PAPER, home=home).code == 0
    assert call("save", OTHER, home=home).code == 0
    states = {one["id"]: one["state"] for one in call("reading", "--json", home=home).json}
    assert states == {PAPER: "read", OTHER: "saved"}
    call("read", OTHER, "--tried", home=home)
    assert f"tried\t{OTHER}" in call("reading", home=home).out
    assert call("unread", PAPER, home=home).code == 0
    again = call("unread", PAPER, home=home)
    assert again.code == 1
    assert "tracker reading" in again.err
    assert [one["id"] for one in call("reading", "--json", home=home).json] == [OTHER]


@pytest.mark.parametrize("command", ["read", "save", "unread"])
def test_a_mark_needs_a_stored_paper(command: str, call: Call, home: Path) -> None:
    refused = call(command, "2001.00001", home=home)
    assert refused.code == 1
    assert command == "unread" or "tracker crawl --ids 2001.00001" in refused.err
    assert call(command, "nonsense", home=home).code == 2
    assert call("reading", home=home).out == ""


def test_the_next_paper_is_of_a_followed_direction(call: Call, home: Path) -> None:
    call("follow", "topic:reasoning", home=home)
    found = call("next", "--json", home=home).json
    assert found["key"] == "reasoning"
    assert found["paper"]["state"] == ""
    assert sum(step["minutes"] for step in found["plan"]) == 30
    assert found["exercise"]["direction"] == "reasoning"
    assert call("next", "--json", home=home).json == found
    short = call("next", "--minutes", "10", "--json", home=home).json
    assert 0 < len(short["plan"]) < len(found["plan"])
    assert call("next", home=home).code == 0


def test_a_paper_that_was_read_is_not_the_next_one(call: Call, home: Path) -> None:
    steps = call("path", "moe", "-n", "100", "--json", home=home).json["steps"]
    stored = next(step["id"] for step in steps if not step["fetch"])
    call("read", stored, home=home)
    path = call("path", "moe", "-n", "100", "--json", home=home).json
    assert path["read"] == 1
    assert next(step for step in path["steps"] if step["id"] == stored)["state"] == "read"


def test_a_vault_is_read_back(call: Call, home: Path, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    assert call("vault", str(vault), home=home).code == 2
    assert call("export", "obsidian", str(vault), home=home).code == 0
    note = vault / "Papers" / "2602.92029.md"
    text = note.read_text("utf-8")
    assert "read: false" in text
    maps = [path.read_text("utf-8") for path in (vault / "Dimensions").glob("*.md")]
    assert any("```mermaid" in text for text in maps)
    assert "- [ ] [[" in next((vault / "Weeks").glob("*.md")).read_text("utf-8")
    moved = vault / "Sparse models.md"
    moved.write_text(text.replace("read: false", "read: true") + "==A claim==\n", "utf-8")
    note.unlink()
    done = call("vault", str(vault), home=home)
    assert "1 marks and 1 notes read" in done.out
    assert "0 notes created" in done.out
    marks = {one["id"]: one["state"] for one in call("reading", "--json", home=home).json}
    assert marks["2602.92029"] == "read"
    assert "- [x] Read" in moved.read_text("utf-8")
    library = tmp_path / "library.bib"
    call("export", "bibtex", str(library), home=home)
    assert "annote = {==A claim==}" in library.read_text("utf-8")
    cells = call("topics", "--until", "2026-03-13", "--json", home=home).json["concepts"]
    assert any(cell["read"] for cell in cells)
    assert all(len(one["read_by_dimension"]) == len(one["by_dimension"]) for one in cells)
    again = call("vault", str(vault), home=home)
    assert "0 marks and 0 notes read" in again.out


def test_questions_come_a_month_later_and_spaced_by_success(
    call: Call, home: Path, tmp_path: Path
) -> None:
    with time_machine.travel(datetime(2026, 3, 14, 8, tzinfo=UTC), tick=False):
        call("read", PAPER, home=home)
        assert call("review", "--json", home=home).json == []
        questions = call("review", "--all", "--json", home=home).json
    assert 1 <= len(questions) <= 3
    key = f"{PAPER}/{questions[0]['question']['role']}"
    with time_machine.travel(datetime(2026, 4, 14, 8, tzinfo=UTC), tick=False):
        page = call("review", home=home)
        assert key in page.out
        assert "→" not in page.out
        assert "→" in call("review", "--answers", home=home).out
        assert "2026-06-13" in call("review", "--right", key, home=home).err
        assert key not in call("review", home=home).out
        assert call("review", "--wrong", "2603.00000/result", home=home).code == 1
    cards, deck = tmp_path / "cards.csv", tmp_path / "cards.apkg"
    call("review", "--anki", str(cards), home=home)
    assert "{{c1::" in cards.read_text("utf-8")
    assert call("review", "--anki", str(deck), home=home).code == 0
    assert zipfile.is_zipfile(deck)
    assert call("review", "--anki", "cards.txt", home=home).code == 2


def test_the_paper_of_the_week_is_one_that_was_not_read(call: Call, home: Path) -> None:
    weekly = call("next", "--json", home=home).json["weekly"]
    assert weekly["new_cells"]
    call("read", weekly["id"], home=home)
    other = call("next", "--json", home=home).json["weekly"]
    assert other["id"] != weekly["id"]
    assert not {tuple(cell) for cell in other["new_cells"]} & {
        tuple(cell) for cell in weekly["new_cells"]
    }
    assert other["id"] in call("next", home=home).out


@pytest.mark.parametrize(("code", "words"), [("zh-TW", "已讀"), ("zh-CN", "已读")])
def test_a_vault_in_chinese_is_read_back(
    code: str, words: str, call: Call, home: Path, tmp_path: Path
) -> None:
    call("--set", f"digest.language={code}", "export", "obsidian", str(tmp_path), home=home)
    note = tmp_path / "Papers" / "2602.92029.md"
    text = note.read_text("utf-8")
    assert f"- [ ] {words} ^read" in text
    note.write_text(text.replace(f"- [ ] {words}", f"- [x] {words}") + "筆記\n", "utf-8")
    done = call("--set", f"digest.language={code}", "vault", str(tmp_path), home=home)
    assert "1 marks and 1 notes" in done.out
    # A vault in another language has the same marks and notes.
    assert "0 marks and 0 notes" in call("vault", str(tmp_path), home=home).out


def _mails(call: Call, home: Path, out: Path, *period: str) -> dict[str, str]:
    """The text of each mail of a dry run, by file name."""
    done = call("send", *period, "--dry-run", "--out", str(out), home=home)
    assert done.code == 0, done.err
    messages = {
        file.stem: message_from_bytes(file.read_bytes(), policy=default)
        for file in out.glob("*.eml")
    }
    parts = {name: message.get_body(("plain",)) for name, message in messages.items()}
    return {name: part.get_content() for name, part in parts.items() if part is not None}


def _of(mails: dict[str, str], name: str) -> str:
    return next(text for file, text in mails.items() if name in file)


def _plan(text: str) -> str:
    """The part of a mail on the reading of its first paper."""
    found = re.search(r"minutes? of reading.*?practice", text, re.S)
    assert found
    return found[0]


def test_each_subscriber_has_a_level_and_minutes(call: Call, home: Path, tmp_path: Path) -> None:
    call("subscribers", "add", "ann@example.org", "--level", "beginner", home=home)
    call("subscribers", "add", "bob@example.org", "--level", "researcher", "--minutes", "5",
         home=home)  # fmt: skip
    call("subscribers", "add", "cy@example.org", home=home)
    call("follow", "topic:agents", "--for", "bob@example.org", home=home)
    mails = _mails(call, home, tmp_path / "out", "--week", "2026-W11")
    assert len({_plan(_of(mails, name)) for name in ("ann", "bob", "cy")}) == 3
    assert "For your map: " in _of(mails, "bob")
    assert "For your map: " not in _of(mails, "cy")
    listed = {one["email"]: one for one in call("subscribers", "list", "--json", home=home).json}
    assert (listed["bob@example.org"]["level"], listed["bob@example.org"]["minutes"]) == (
        "researcher", 5,
    )  # fmt: skip
    plan = call("next", "--for", "bob@example.org", "--json", home=home).json["plan"]
    assert len(plan) <= 1


def test_the_report_asks_about_what_a_reader_read_a_month_ago(
    call: Call, home: Path, tmp_path: Path
) -> None:
    call("subscribers", "add", "ann@example.org", "bob@example.org", "--monthly", home=home)
    with open_database(home / "tracker.db") as db:
        reader = subscribers.get_by_email(db, "ann@example.org")
        set_reading_state(db, reader, "read", PAPER, datetime(2026, 2, 10, 8, tzinfo=UTC))
    mails = _mails(call, home, tmp_path / "out", "--month", "2026-03")
    assert "Do you remember?" in _of(mails, "ann")
    assert f"({PAPER})" in _of(mails, "ann")
    assert "Do you remember?" not in _of(mails, "bob")
    due = call("review", "--for", "ann@example.org", "--all", "--json", home=home).json
    assert due[0]["due"] == "2026-03-12"
    assert call("review", "--all", "--json", home=home).json == []


def test_what_the_owner_marks_in_mails_counts_as_theirs(call: Call, home: Path) -> None:
    call("init", "--mail", "me@example.org", home=home)
    with open_database(home / "tracker.db") as db:
        reader = subscribers.get_by_email(db, "me@example.org")
        set_reading_state(db, reader, "read", PAPER, datetime(2026, 3, 10, 8, tzinfo=UTC))
    assert f"read\t{PAPER}" in call("reading", home=home).out
    assert call("unread", PAPER, home=home).code == 0
    assert call("reading", home=home).out == ""
