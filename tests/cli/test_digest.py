"""Digests and reports: period, output folder, language, and degraded results."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.cli.conftest import Call
from tests.store.records import line
from tracker.store.database import open_database, write_transaction

SUFFIXES = ("html", "txt", "md", "json")
MONDAY = datetime(2026, 3, 16, 8, tzinfo=UTC)


def _made(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_digest_writes_four_files_and_prints_their_paths(
    call: Call, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "folder"
    done = call("digest", "--week", "2026-W11", "--out", str(out), home=home)
    assert done.code == 0
    paths = [str(out / f"weekly-2026-W11.{suffix}") for suffix in SUFFIXES]
    assert sorted(done.out.splitlines()) == sorted(paths)
    assert sorted(map(str, out.iterdir())) == sorted(paths)


def test_without_out_pages_are_written_into_the_home(call: Call, home: Path) -> None:
    call("report", "--month", "2026-02", home=home)
    assert {path.name for path in (home / "digests").iterdir() if path.is_file()} == {
        f"monthly-2026-02.{suffix}" for suffix in (*SUFFIXES, "ranks-1.svg", "ranks-2.svg")
    }
    names = {path.name for path in (home / "digests" / "web").iterdir()}
    assert names >= {"index.html", "feed.atom", "feed.json", "monthly-2026-02.html"}


def test_the_default_is_the_last_week_or_month(call: Call, home: Path) -> None:
    with time_machine.travel(MONDAY, tick=False):
        assert "weekly-2026-W11.html" in call("digest", home=home).out
        assert "monthly-2026-02.html" in call("report", home=home).out


AUTUMN = datetime(2026, 11, 29, 8, tzinfo=UTC)


def test_months_after_the_newest_papers_the_default_is_their_week_and_month(
    call: Call, home: Path
) -> None:
    """The sample ends on Friday, 13 March: its last week is complete, its last month is not."""
    with time_machine.travel(AUTUMN, tick=False):
        digest, report = call("digest", home=home), call("report", home=home)
    for done, name in ((digest, "weekly-2026-W11"), (report, "monthly-2026-02")):
        assert f"{name}.html" in done.out
        period = name.partition("-")[2]
        assert f"No papers are newer than 2026-03-13: this is {period}." in done.err


def test_a_week_that_has_only_begun_is_the_default_if_nothing_is_older(
    call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_bytes(line())  # announced on a Tuesday
    with time_machine.travel(AUTUMN, tick=False):
        call("import", str(file))
        call("index")
        assert "this is 2026-W11." in call("digest").err
        early = [{"version": "v1", "created": "Tue, 3 Mar 2026 12:00:00 GMT"}]
        file.write_bytes(line("2603.00002", versions=early, update_date="2026-03-03"))
        call("import", str(file))
        assert "this is 2026-W10." in call("digest").err


def test_composing_twice_differs_in_the_time_only(call: Call, home: Path, tmp_path: Path) -> None:
    pages = []
    for number, moment in enumerate((MONDAY, MONDAY, MONDAY + timedelta(hours=5))):
        out = tmp_path / str(number)
        with time_machine.travel(moment, tick=False):
            assert call("digest", "--week", "2026-W11", "--out", str(out), home=home).code == 0
        pages.append(_bytes(out))
    assert pages[0] == pages[1]
    for name, page in pages[2].items():
        text = page.decode()
        assert text.replace("13:00", "08:00") == pages[0][name].decode()


def test_the_json_has_every_paper_shown_on_a_page(call: Call, home: Path, tmp_path: Path) -> None:
    call("digest", "--week", "2026-W11", "--out", str(tmp_path), home=home)
    call("report", "--month", "2026-02", "--out", str(tmp_path), home=home)
    for name in ("weekly-2026-W11", "monthly-2026-02"):
        written = (tmp_path / f"{name}.json").read_text()
        ids = set(re.findall(r'"id": "(260\d\.\d{5})"', written))
        month = json.loads(written)["month"] or {}
        listed = {paper["id"] for found in month.get("lists", ()) for paper in found["best"]}
        # The text is that of the email, which leaves lists for looking up to the page.
        for suffix, left_out in (("html", set()), ("txt", listed), ("md", set())):
            page = (tmp_path / f"{name}.{suffix}").read_text(encoding="utf-8")
            shown = set(re.findall(r"arxiv\.org/abs/(260\d\.\d{5})", page))
            assert shown | left_out == ids


def test_the_counts_of_a_digest_are_those_of_its_week(
    call: Call, home: Path, tmp_path: Path
) -> None:
    call("digest", "--week", "2026-W11", "--out", str(tmp_path), home=home)
    counts = _made(tmp_path, "weekly-2026-W11")["counts"]
    assert counts["papers"] == sum(day["papers"] for day in counts["days"]) > 20
    assert [day["day"] for day in counts["days"]] == [f"2026-03-{n:02}" for n in range(9, 14)]
    assert {count["key"] for count in counts["categories"]} == {"cs.CL", "cs.LG", "stat.ML"}
    assert len(counts["dimensions"]) == 7
    assert max(counts["directions"], key=lambda count: count["papers"])["key"] == "reasoning"


def test_a_week_without_papers_is_reported_as_degraded(
    call: Call, home: Path, tmp_path: Path
) -> None:
    done = call("digest", "--week", "2026-W02", "--out", str(tmp_path), home=home)
    assert done.code == 3
    assert "No papers were collected for this week" in done.err
    made = _made(tmp_path, "weekly-2026-W02")
    assert made["counts"]["papers"] == 0
    assert made["read_first"] is None
    assert any("No paper" in notice for notice in made["notices"])
    assert "No papers were collected" in (tmp_path / "weekly-2026-W02.txt").read_text()


def _without_papers(home: Path) -> None:
    with open_database(home / "tracker.db") as db, write_transaction(db):
        db.execute("UPDATE works SET announced = date(announced, '+3640 days')")


@pytest.mark.parametrize("command", [("digest", "--week", "2026-W11"), ("report", "--month",
                                                                        "2026-02")])  # fmt: skip
def test_pages_with_papers_are_not_replaced_by_pages_without(
    command: tuple[str, ...], call: Call, home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    call(*command, home=home)
    call(*command, "--out", str(out), home=home)
    before = {path: path.read_bytes() for path in (*out.iterdir(), *_pages(home))}
    _without_papers(home)
    for options in ((), ("--out", str(out)), ("--lang", "zh-CN")):
        done = call(*command, *options, home=home)
        assert (done.code, done.out) == (3, "")
        assert "No papers can be shown now; the existing pages are kept" in done.err
    assert {path: path.read_bytes() for path in before} == before
    assert set(_pages(home)) < set(before), "nor is an issue without papers on the web"
    fresh = tmp_path / "fresh"
    assert call(*command, "--out", str(fresh), home=home).code == 3
    pages = [path for path in fresh.iterdir() if path.suffix != ".svg"]
    assert len(pages) == 4, "where there are none, pages say that nothing is here"


def _pages(home: Path) -> list[Path]:
    return [path for path in (home / "digests").rglob("*") if path.is_file()]


def test_a_code_of_three_is_explained(call: Call, home: Path, tmp_path: Path) -> None:
    with open_database(home / "tracker.db") as db, write_transaction(db):
        db.execute("UPDATE works SET announced = '2020-01-01' WHERE announced = '2026-03-11'")
    done = call("digest", "--week", "2026-W11", "--out", str(tmp_path), home=home)
    assert done.code == 3
    assert "tracker: Incomplete: nothing has been collected for 1 announcement day.\n" in done.err
    model = ("--set", "llm.backend=openai", "--set", "llm.base_url=http://127.0.0.1:9/v1",
             "--set", "llm.model=x")  # fmt: skip
    done = call(*model, "digest", "--week", "2026-W10", "--out", str(tmp_path), home=home)
    assert done.code == 3
    assert "extracted instead of generated" in done.err


def test_a_week_that_is_not_over_says_so_and_is_degraded(
    call: Call, home: Path, tmp_path: Path
) -> None:
    with time_machine.travel(MONDAY, tick=False):
        done = call("digest", "--week", "2026-W12", "--out", str(tmp_path), home=home)
    assert done.code == 3
    assert "This week ends on 22 March 2026" in done.err


@pytest.mark.parametrize(
    "line",
    [
        "digest --week 2026-W13", "digest --week 2026-W13 --explain 2603.91911",
        "digest --week 2126-W01", "report --month 2026-04", "replay --until 2026-W13",
        "send --week 2026-W13", "send --week 2026-W13 --dry-run", "send --month 2026-04 --dry-run",
    ],
)  # fmt: skip
def test_a_period_that_has_not_begun_is_refused(line: str, call: Call, home: Path) -> None:
    before = sorted(path.name for path in home.rglob("*"))
    with time_machine.travel(MONDAY, tick=False):
        done = call(*line.split(), home=home)
    assert (done.code, done.out) == (2, "")
    assert re.fullmatch(r"tracker: \S+ has not begun: it starts on \S+\.\n", done.err)
    assert sorted(path.name for path in home.rglob("*")) == before


def test_weeks_without_papers_are_named_in_a_replay(call: Call, home: Path) -> None:
    done = call("replay", "--until", "2026-W02", "--weeks", "2", home=home)
    assert done.out.splitlines() == [
        f"{week}: the store has no indexed papers of it" for week in ("2026-W01", "2026-W02")
    ]


def test_papers_that_are_not_indexed_are_reported(call: Call, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.jsonl"
    file.write_bytes(b"".join(line(f"2603.8000{n}", update_date="2026-03-10") for n in range(4)))
    call("import", str(file), home=home)
    done = call("digest", "--week", "2026-W11", "--out", str(tmp_path / "out"), home=home)
    assert done.code == 3
    assert "4 of " in done.err
    assert "`tracker index`" in done.err
    call("index", home=home)
    assert call("digest", "--week", "2026-W11", home=home).code == 0


def test_an_unwritable_folder_is_reported(call: Call, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for place in (file, file / "below"):
        done = call("digest", "--week", "2026-W11", "--out", str(place), home=home)
        assert done.code == 2
        assert str(place) in done.err
        assert done.out == ""


@pytest.mark.parametrize("command", ["digest", "report"])
def test_pages_come_in_three_languages(
    command: str, call: Call, home: Path, tmp_path: Path
) -> None:
    period = ("--week", "2026-W11") if command == "digest" else ("--month", "2026-02")
    pages = []
    for code in ("en", "zh-TW", "zh-CN"):
        done = call(command, *period, "--lang", code, "--out", str(tmp_path / code), home=home)
        assert done.code in (0, 3)
        html = next((tmp_path / code).glob("*.html")).read_text(encoding="utf-8")
        assert f'<html lang="{code}">' in html
        pages.append(html)
    assert len(set(pages)) == 3
    done = call(command, *period, "--lang", "tlh", home=home)
    assert (done.code, done.out) == (2, "")
    assert "en, zh-TW, zh-CN" in done.err
