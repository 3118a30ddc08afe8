"""The demo: everything offline, in a home of its own, and a second time nothing but the pages."""

from pathlib import Path

from tests.cli.commands import Done
from tracker.config import load
from tracker.pipeline.demo import MADE, MONTH, WEEKS, demo
from tracker.store import boards, issues, papers
from tracker.store.database import opened


def test_invented_papers_stay_out_of_the_real_library(demo: Done) -> None:
    assert {path.name for path in demo.home.iterdir()} == {"demo", "out"}


def test_it_leaves_papers_boards_and_issues(demo_home: Path) -> None:
    with opened(demo_home / "tracker.db") as db:
        assert papers.count(db) == 163
        assert boards.names(db) == ["demo-arena", "demo-bench"]
        kept = issues.kept(db)
    assert {(kind, period) for kind, period, _, _ in kept} == {
        *(("weekly", week) for week in WEEKS),
        ("monthly", MONTH),
    }
    assert {day for *_, day in kept} == {MADE.date()}, "its time is fixed, not read from the clock"


def test_every_page_says_first_that_all_is_invented(demo: Done) -> None:
    pages = [path for path in (demo.home / "out").iterdir() if path.suffix != ".json"]
    assert len(pages) == 9
    for page in pages:
        assert "invented" in page.read_text(encoding="utf-8")


def test_a_second_run_embeds_nothing_and_writes_the_same_bytes(
    demo_home: Path, home: Path, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    home.rename(base / "demo")
    done = demo(load(base, environ={}), out=tmp_path / "out")
    assert (done.home, done.indexed.embedded, done.indexed.tagged) == (base / "demo", 0, 0)
    first = demo_home.parent / "out"
    written = [file for composed in done.composed for file in composed.files]
    assert len(written) == 12
    for file in written:
        assert file.read_bytes() == (first / file.name).read_bytes(), file.name


def test_its_picks_are_what_the_sample_is_about(demo: Done) -> None:
    """That mixtures of experts grow is the story of the sample: a digest that misses it is bad."""
    page = (demo.home / "out" / "weekly-2026-W11.txt").read_text(encoding="utf-8")
    assert page.index("Mixture of Experts") < len(page) // 3
