"""`tracker topics`, `trends` and `export` on the demo's home."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from tests.cli.conftest import Call
from tracker.cli.output.trend_tables import sparkline

SPAN = ("trends", "--days", "14", "--until", "2026-03-13")


def test_trends_show_what_was_compared_with_intervals(call: Call, home: Path) -> None:
    found = call(*SPAN, "--json", home=home).json
    assert (found["since"], found["until"], found["before_since"]) == (
        "2026-02-28", "2026-03-13", "2026-01-17"
    )  # fmt: skip
    assert found["papers"] > 0
    tested = [trend for trend in found["trends"] if trend["q"] is not None]
    assert len(tested) == found["tested"] > 3
    assert all(trend["low"] <= trend["change"] <= trend["high"] for trend in tested)
    called = [t for t in tested if t["kind"] in ("growing", "shrinking")]
    assert all(t["low"] > 0 or t["high"] < 0 for t in called)
    shown = call(*SPAN, home=home).out
    assert "Mixture of Experts" in shown
    assert "points" in shown


@pytest.mark.parametrize("by", ["topic", "term"])
def test_topics_and_terms_have_trends_too(by: str, call: Call, home: Path) -> None:
    done = call(*SPAN, "--by", by, "--json", home=home)
    assert done.code == 0
    assert done.json["by"] == by


def test_a_span_without_papers_is_reported(call: Call, home: Path) -> None:
    done = call("trends", "--until", "2030-01-01", home=home)
    assert "No share changed significantly." in done.out


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_a_plot_is_drawn(suffix: str, call: Call, home: Path, tmp_path: Path) -> None:
    path = tmp_path / f"trends.{suffix}"
    assert call(*SPAN, "--plot", str(path), home=home).code == 0
    assert path.read_bytes().startswith({"png": b"\x89PNG", "svg": b"<?xml"}[suffix])


def test_an_unknown_plot_format_is_refused(call: Call, home: Path, tmp_path: Path) -> None:
    done = call(*SPAN, "--plot", str(tmp_path / "trends.gif"), home=home)
    assert (done.code, ".svg" in done.err) == (2, True)


@pytest.mark.parametrize("command", ["topics", "trends"])
def test_months_after_the_newest_papers_the_default_is_their_days(
    command: str, call: Call, home: Path
) -> None:
    with time_machine.travel(datetime(2026, 11, 29, 8, tzinfo=UTC), tick=False):
        done, dated = call(command, home=home), call(command, "--until", "2026-03-13", home=home)
    assert done.out == dated.out
    assert "No papers are newer than 2026-03-13" in done.err
    assert dated.err == ""
    with time_machine.travel(datetime(2026, 3, 14, 8, tzinfo=UTC), tick=False):
        assert call(command, home=home).err == ""


def test_the_map_lists_the_change_of_each_theme(call: Call, home: Path) -> None:
    found = call("topics", "--json", home=home).json
    standing = [c for c in found["changes"] if c["kind"] in ("new", "continued", "split")]
    assert [change["position"] for change in standing] == list(range(len(found["themes"])))
    directions = [c for c in found["concepts"] if c["kind"] == "direction"]
    assert all(len(direction["by_dimension"]) == 7 for direction in directions)


def test_exporting_a_vault_again_keeps_own_text(call: Call, home: Path, tmp_path: Path) -> None:
    vault = tmp_path / "vault"
    assert call("export", "obsidian", str(vault), home=home).code == 0
    note = vault / "Directions" / "moe.md"
    assert "[[2602.92029]]" in note.read_text(encoding="utf-8")
    text = (vault / "Papers" / "2602.92029.md").read_text(encoding="utf-8")
    assert "[[moe|Mixture of Experts]]" in text
    assert "```bibtex\n@misc{" in text
    assert text.rstrip().endswith("## My notes")
    note.write_text(note.read_text(encoding="utf-8") + "Mine.\n", encoding="utf-8")
    again = call("export", "obsidian", str(vault), home=home)
    assert "0 notes created" in again.out
    assert note.read_text(encoding="utf-8").endswith("Mine.\n")


def test_an_edited_block_is_reported_and_not_overwritten(
    call: Call, home: Path, tmp_path: Path
) -> None:
    call("export", "obsidian", str(tmp_path), home=home)
    note = tmp_path / "Map.md"
    note.write_text(note.read_text("utf-8").replace("# Knowledge map", "# My map"), "utf-8")
    done = call("export", "obsidian", str(tmp_path), home=home)
    assert (done.code, "Map.md" in done.err) == (3, True)


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl", "jsonl", "opml", "notion"])
def test_picked_papers_are_exported_in_every_format(
    form: str, call: Call, home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out"
    assert call("export", form, str(path), home=home).code == 0
    text = path.read_text(encoding="utf-8")
    assert ("2602.92029" in text) == (form != "opml")
    if form == "jsonl":
        assert all(json.loads(line)["title"] for line in text.splitlines())
    if form == "opml":
        assert 'xmlUrl="https://rss.arxiv.org/rss/cs.CL"' in text


def test_an_unwritable_export_is_one_sentence(call: Call, home: Path) -> None:
    done = call("export", "bibtex", "/nowhere/x.bib", home=home)
    assert (done.code, "Cannot write" in done.err) == (2, True)


def test_a_sparkline_rises_with_its_values() -> None:
    assert sparkline([0, 1, 2, 3]) == "▁▃▆█"
    assert sparkline([]) == ""
    assert len(sparkline([1.0] * 100)) <= 16


def test_liked_papers_are_counted_on_the_map(call: Call, home: Path) -> None:
    def read() -> int:
        landscape = call("topics", "--until", "2026-03-13", "--json", home=home).json
        return sum(concept["read"] for concept in landscape["concepts"])

    assert read() == 0
    assert call("like", "2602.92029", home=home).code == 0
    assert read() > 0
