"""A reader's notes in a monthly report survive every regeneration; nothing they wrote is lost."""

from dataclasses import replace
from pathlib import Path

from tests.digest import documents
from tests.digest.monthly.test_monthly_facts import facts
from tracker.digest.document import Document, MonthFacts
from tracker.digest.writing.direction_paragraphs import add_paragraphs
from tracker.language import get_language
from tracker.pipeline.issue.issue_pages import write_pages

NAME = f"monthly-{documents.monthly().period}.md"


def report(*keys: str) -> Document:
    month = MonthFacts(tuple(facts(key=key) for key in keys), 20, 0.01)
    return replace(documents.monthly(), month=add_paragraphs(month, get_language("en")))


def add_note(page: Path, key: str, text: str) -> None:
    marker = f"<!-- notes: {key} -->\n"
    content = page.read_bytes().decode()
    assert marker in content
    page.write_bytes(content.replace(marker, f"{marker}{text}\n", 1).encode())


def test_notes_survive_regeneration(tmp_path: Path) -> None:
    page = tmp_path / NAME
    for number in range(3):
        assert len(write_pages(report("moe", "rag"), tmp_path)) == 4
        add_note(page, "month", f"Overall {number}: *wait* and see.")
        add_note(page, "moe", f"- read 2602.0000{number}\n\n```\n<!-- code -->\n```")
    write_pages(report("moe", "rag"), tmp_path)
    text = page.read_text(encoding="utf-8")
    for number in range(3):
        assert f"Overall {number}: *wait* and see." in text
        assert f"- read 2602.0000{number}\n" in text
    again = page.read_bytes()
    write_pages(report("moe", "rag"), tmp_path)
    assert page.read_bytes() == again


def test_notes_on_a_direction_that_is_no_longer_shown_are_kept(tmp_path: Path) -> None:
    write_pages(report("moe", "rag"), tmp_path)
    add_note(tmp_path / NAME, "moe", "Ask about routing.")
    write_pages(report("rag"), tmp_path)
    assert "Ask about routing." in (tmp_path / NAME).read_text(encoding="utf-8")
    write_pages(report("moe", "rag"), tmp_path)
    text = (tmp_path / NAME).read_text(encoding="utf-8")
    assert text.count("Ask about routing.") == 1
    assert text.index("Ask about routing.") < text.index("## My notes")


def test_line_ends_of_another_editor_change_nothing(tmp_path: Path) -> None:
    write_pages(report("moe"), tmp_path)
    add_note(tmp_path / NAME, "moe", "Kept.")
    page = tmp_path / NAME
    page.write_bytes(b"\xef\xbb\xbf" + page.read_bytes().replace(b"\n", b"\r\n"))
    assert len(write_pages(report("moe"), tmp_path)) == 4
    assert "Kept.\n" in page.read_text(encoding="utf-8")


def test_a_report_edited_outside_its_notes_is_kept_as_a_copy(tmp_path: Path) -> None:
    write_pages(report("moe"), tmp_path)
    page = tmp_path / NAME
    for number, edit in enumerate(("# My own title\n", "<!-- notes: moe -->\nunclosed\n"), 1):
        edited = edit.encode() + page.read_bytes()
        page.write_bytes(edited)
        *_, copy = write_pages(report("moe"), tmp_path)
        assert copy.name == NAME.replace(".md", f".edited-{number}.md")
        assert copy.read_bytes() == edited


def test_a_deleted_end_of_a_note_loses_nothing(tmp_path: Path) -> None:
    write_pages(report("moe", "rag"), tmp_path)
    page = tmp_path / NAME
    add_note(page, "moe", "Precious.")
    page.write_text(page.read_text().replace("<!-- /notes: moe -->", ""), encoding="utf-8")
    *_, copy = write_pages(report("moe", "rag"), tmp_path)
    assert "Precious." in copy.read_text(encoding="utf-8")


def test_other_issues_have_no_notes(tmp_path: Path) -> None:
    write_pages(documents.weekly(), tmp_path)
    assert "notes:" not in (tmp_path / f"weekly-{documents.weekly().period}.md").read_text()
