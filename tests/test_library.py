"""The Python API as other programs use it."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import tracker
from tests.cli.commands import environment
from tests.store.records import line
from tracker import sample
from tracker.errors import DatabaseDamaged, SourceMalformed, StoreError, UsageError
from tracker.library import Library
from tracker.topics import taxonomy

FIRST, LAST = date(2026, 3, 9), date(2026, 3, 15)


@pytest.fixture(scope="module")
def library(demo_home: Path) -> Iterator[Library]:
    with tracker.open(demo_home) as opened:
        yield opened


def test_importing_the_package_loads_no_heavy_library() -> None:
    code = (
        "import tracker, sys; print([m for m in ('numpy', 'torch', 'click') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(Path()), capture_output=True, check=True
    )
    assert done.stdout.strip() == b"[]"


def test_a_missing_home_is_created(tmp_path: Path) -> None:
    for home in (tmp_path / "a" / "b", str(tmp_path / "c")):
        with tracker.open(home) as library:
            assert library.search("moe") == []
            assert library.rank(FIRST, LAST) == []
        assert (Path(home) / "tracker.db").is_file()


def test_the_default_home_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_HOME", str(tmp_path / "mine"))
    with tracker.open() as library:
        assert library.config.home == tmp_path / "mine"


def test_a_closed_library_explains_how_to_open_it(tmp_path: Path) -> None:
    library = tracker.open(tmp_path)
    with pytest.raises(StoreError, match=r"with tracker\.open"):
        library.search("moe")
    with library:
        pass
    with pytest.raises(StoreError, match=r"with tracker\.open"):
        library.rank(FIRST, LAST)


def test_a_damaged_database_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "tracker.db").write_bytes(b"no database" * 1000)
    with pytest.raises(DatabaseDamaged, match="tracker restore"), tracker.open(tmp_path):
        pass


def test_a_snapshot_is_imported_and_reported(tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    file.write_bytes(line("2603.80001") + b"nonsense\n" + line("2603.80002") + line("2603.80001"))
    with tracker.open(tmp_path / "home") as library:
        report = library.import_snapshot(str(file))
        assert (report.read, report.added, report.updated, report.skipped) == (4, 2, 0, 1)
        ((number, reason),) = report.errors
        assert number == 2
        assert "JSON" in reason
        assert library.import_snapshot(file).added == 0
        assert library.import_snapshot(sample.papers_file()).added == 163
        with pytest.raises(SourceMalformed):
            library.import_snapshot(tmp_path / "nowhere")


def test_hits_are_papers_with_score_and_reasons(library: Library) -> None:
    hits = library.search("MoE", limit=5)
    assert len(hits) == 5
    assert all(hit.paper.id.startswith("260") and hit.why for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_searches_accept_filters(library: Library) -> None:
    assert all(
        FIRST <= hit.paper.announced <= LAST
        for hit in library.search("models", since=FIRST, until=LAST)
    )
    assert all("cs.CV" in hit.paper.categories for hit in library.search("a", categories=["cs.CV"]))
    assert library.search("experts", topics=["moe"])
    with pytest.raises(UsageError, match="long-context"):
        library.search("experts", topics=["nope"])


def test_tags_are_topics_best_first(library: Library) -> None:
    tags = library.tag(
        "Sparse mixture of experts", "We route tokens to experts, and quantise them."
    )
    assert tags[0].name == "moe"
    assert all(tag.name in taxonomy.load_concepts() and 0 <= tag.score <= 1 for tag in tags)
    assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)
    assert library.tag("", "") == []


def test_picks_are_the_ranked_papers_of_the_days(library: Library) -> None:
    picks = library.rank(FIRST, LAST)
    assert len(picks) > 20
    assert all(FIRST <= pick.paper.announced <= LAST for pick in picks)
    assert [pick.score for pick in picks] == sorted((pick.score for pick in picks), reverse=True)
    assert all(pick.why for pick in picks)
    assert library.rank(FIRST, LAST, limit=3) == picks[:3]


def test_a_summary_is_in_the_words_of_the_abstract() -> None:
    import summarizer

    abstract = "We study routing of tokens. Our router balances experts and gains 5% on two tests."
    summary = summarizer.summarize("On routing", abstract)
    assert summary.tldr
    assert all(sentence.source in abstract for sentence in summary.sentences)
    assert summary.method
    assert summary.model
