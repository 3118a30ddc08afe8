"""The demo runs offline in a separate home, and a second run only composes the pages again."""

from pathlib import Path

from tests.cli.commands import Done
from tracker.config import load
from tracker.pipeline.admin.demo import COMPOSED_AT, MONTH, WEEKS, run_demo
from tracker.store import boards, issues, papers
from tracker.store.database import open_database


def test_invented_papers_stay_out_of_the_real_home(demo: Done) -> None:
    assert {path.name for path in demo.home.iterdir()} == {"demo", "out"}


def test_the_demo_stores_papers_boards_and_issues(demo_home: Path) -> None:
    with open_database(demo_home / "tracker.db") as db:
        assert papers.count_works(db) == 163
        assert boards.list_names(db) == ["demo-arena", "demo-bench"]
        stored = issues.list_issue_keys(db)
    assert {(kind, period) for kind, period, _, _ in stored} == {
        *(("weekly", week) for week in WEEKS),
        ("monthly", MONTH),
    }
    assert {day for *_, day in stored} == {COMPOSED_AT.date()}, (
        "its time is fixed, not read from the clock"
    )


def test_every_page_says_that_its_papers_are_invented(demo: Done) -> None:
    pages = [path for path in (demo.home / "out").iterdir() if path.suffix not in (".json", ".svg")]
    assert len(pages) == 9
    for page in pages:
        assert "invented" in page.read_text(encoding="utf-8")


def test_a_second_run_embeds_nothing_and_writes_the_same_bytes(
    demo_home: Path, home: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    home.rename(base / "demo")
    done = run_demo(load(base, environ={}), out=tmp_path / "out")
    assert (done.home, done.index_report.embedded, done.index_report.tagged) == (
        base / "demo",
        0,
        0,
    )
    first = demo_home.parent / "out"
    written = [file for composed in done.issues for file in composed.files]
    assert len(written) == 14
    for file in written:
        assert file.read_bytes() == (first / file.name).read_bytes(), file.name


def test_the_growing_topic_of_the_sample_leads_the_digest(demo: Done) -> None:
    """The sample is built around the growth of mixture of experts; the digest must show it."""
    page = (demo.home / "out" / "weekly-2026-W11.txt").read_text(encoding="utf-8")
    assert page.casefold().index("mixture of experts") < len(page) // 3
