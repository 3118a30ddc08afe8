"""Every command: output on stdout, one sentence for a mistake, the right exit code."""

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tracker import sample
from tracker.cli.main import COMMAND_MODULES
from tracker.config import load

MOE = "2602.92029"


def test_help_lists_every_command_with_examples(call: Call) -> None:
    done = call("--help")
    assert done.code == 0
    assert all(f"\n  {name} " in done.out for name in COMMAND_MODULES)
    assert '\n  tracker search "MoE" ' in done.out, "the examples are on separate lines"


@pytest.mark.parametrize("name", COMMAND_MODULES)
def test_every_command_has_help(name: str, call: Call) -> None:
    done = call(name, "--help")
    assert done.code == 0
    assert f"tracker {name}" in done.out
    assert len(done.out.splitlines()) > 4


def test_an_unknown_command_suggests_similar_ones(call: Call) -> None:
    done = call("serach", "moe")
    assert done.code == 2
    assert "No such command 'serach'. Did you mean search?" in done.err


# Mistakes that are answered with one sentence, their exit code, and a word of the sentence.
ALL_OFF = tuple(
    part
    for name in load(Path("/nowhere"), environ={}).sources
    for part in ("--set", f"sources.{name}.enabled=no")
)
MISTAKES = {
    "no command": ((), 2, "Commands:"),
    "far-off command": (("xyzzy",), 2, "No such command"),
    "unknown option": (("search", "moe", "--bogus"), 2, "--bogus"),
    "missing argument": (("search",), 2, "QUERY"),
    "no such week": (("digest", "--week", "2026-W54"), 2, "W01 to W53"),
    "not a week": (("digest", "--week", "last"), 2, "2026-W11"),
    "no such month": (("report", "--month", "2026-13"), 2, "01 to 12"),
    "not a month": (("report", "--month", "March"), 2, "2026-03"),
    "not a day": (("search", "moe", "--since", "yesterday"), 2, "2026-03-09"),
    "a day out of all time": (("crawl", "--until", "0001-01-02"), 2, "1900 to 2999"),
    "too many days": (("search", "moe", "--since", "9" * 5000 + "d"), 2, "number of days"),
    "no results wanted": (("search", "moe", "-n", "0"), 2, "1<=x<=1000"),
    "unknown topic": (("search", "moe", "--topic", "nope"), 2, "long-context"),
    "not an id": (("show", "nope"), 2, "2403.01234"),
    "not an id, in bytes": (("show", "\udcff"), 2, "2403.01234"),
    "unknown paper": (("show", "2403.99999"), 1, "tracker search"),
    "unknown paper to compare": (("similar", "2403.99999"), 1, "tracker search"),
    "unknown paper to summarise": (("summarize", "2403.99999"), 1, "tracker search"),
    "bytes that are no text": (("search", "moe", "--author", "\udcff"), 2, "UTF-8"),
    "missing file": (("import", "/nowhere"), 1, "does not exist"),
    "unknown kind of file": (("import", "--as", "nope", __file__), 2, "board:NAME"),
    "board without a name": (("import", "--as", "board:", __file__), 2, "board:NAME"),
    "unknown source": (("crawl", "nope"), 2, "arxiv_api"),
    "reversed window": (("crawl", "--since", "2026-03-09", "--until", "2026-03-01"), 2, "after"),
    "no source": ((*ALL_OFF, "crawl"), 2, "No source"),
    "unknown language": (("digest", "--lang", "xx"), 2, "--lang en"),
    "backup to nowhere": (("backup", "/nowhere/file"), 2, "/nowhere"),
    "backup to a folder": (("backup", "/"), 2, "directory"),
    "missing backup": (("restore", "/nowhere"), 1, "/nowhere"),
    "no backup": (("restore", __file__), 1, "not a database"),
    "home is a file": (("--home", __file__, "status"), 2, "is a file"),
    "unknown setting": (("--set", "http.speed=1", "paths"), 4, "http.speed"),
    "half a setting": (("--set", "http.offline", "paths"), 2, "NAME=VALUE"),
    "bad setting": (("--set", "http.offline=perhaps", "paths"), 4, "true or false"),
    "bad choice": (("--set", "embedding.device=abacus", "paths"), 4, "auto, cpu, cuda"),
    "bad contact": (("--set", "http.contact=(", "crawl"), 4, "http.contact"),
    "missing model": (("--set", "embedding.model=/nowhere", "index"), 4, "no such folder"),
    "missing model, to search": (("--set", "embedding.model=/nowhere", "search", "x"), 4, "folder"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_prints_one_sentence_and_sets_the_exit_code(mistake: str, call: Call) -> None:
    args, code, word = MISTAKES[mistake]
    done = call(*args)
    assert done.code == code, done.err
    assert done.out == ""
    assert word in done.err
    assert "Traceback" not in done.err


def test_an_invalid_setting_in_the_environment_is_reported_like_a_flag(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_EMBEDDING__DEVICE", "abacus")
    done = call("paths")
    assert done.code == 4
    assert "embedding.device" in done.err


@pytest.mark.parametrize("text", [b"a = = b", b"[http]\noffline = 3", b"\xff"])
def test_an_unreadable_settings_file_is_reported(text: bytes, call: Call, home: Path) -> None:
    (home / "config.toml").write_bytes(text)
    done = call("search", "moe", home=home)
    assert done.code == 4
    assert done.err.startswith("tracker: The setting")


def test_an_unknown_name_in_the_settings_file_is_reported_once(call: Call, home: Path) -> None:
    (home / "config.toml").write_text("[http]\nspeed = 3\n")
    done = call("index", home=home)
    assert done.code == 0
    assert done.err.count("http.speed") == 1


@pytest.mark.parametrize("command", ["init", "status", "search moe", "index", "demo", "crawl"])
def test_a_home_that_is_a_file_is_refused(command: str, call: Call, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = call(*command.split(), home=file)
    assert done.code in (1, 4)
    assert str(file) in done.err
    assert done.out == ""


def test_the_settings_file_is_created_once(call: Call) -> None:
    first, second = call("init"), call("init")
    assert Path(first.out.strip()).is_file()
    assert second.out == first.out
    assert "was not changed" in second.err


def test_init_prints_what_to_set_and_what_to_run(call: Call, tmp_path: Path) -> None:
    fresh = call("init").err.splitlines()
    assert [word for word in ("http.contact", "smtp.host", "crawl && ") if word in fresh[0]] == [
        "http.contact"
    ]
    assert "smtp.sender" in fresh[1]
    assert fresh[2].startswith("tracker: Then run: ")
    place = tmp_path / "a home"
    set_up = ("--set", "http.contact=ann@example.org", "--set", "smtp.host=relay.example.org")
    (line,) = call("--home", str(place), *set_up, "init").err.splitlines()
    assert f" --home '{place}' crawl && " in line
    assert call("-q", "init").err.count("Then run") == 0


def test_paths_are_printed_as_text_and_json(call: Call, home: Path) -> None:
    places = call("paths", "--json", home=home).json
    assert Path(places["database"]) == home / "tracker.db"
    assert all(path in call("paths", home=home).out for path in places.values())


def test_status_has_the_documented_numbers(call: Call, home: Path) -> None:
    status = call("status", "--json", home=home).json
    assert status["outbox"] == dict.fromkeys(("pending", "sending", "sent", "failed", "unknown"), 0)
    assert status["index"] == {"papers": 163, "embedded": 163, "stale": 0}
    assert status["announced"] == {"first": "2026-02-09", "last": "2026-03-13"}
    assert {issue["period"] for issue in status["issues"]} == {"2026-W10", "2026-W11", "2026-02"}
    assert "163" in call("status", home=home).out


def test_status_of_an_empty_home_is_all_zeros(call: Call) -> None:
    status = call("status", "--json").json
    assert status["index"] == {"papers": 0, "embedded": 0, "stale": 0}
    assert status["announced"] is None
    assert call("status").code == 0


def test_the_doctor_finds_no_fault_in_an_intact_home(call: Call, home: Path) -> None:
    done = call("doctor", "--json", home=home)
    assert done.code == 0
    assert {"database", "vectors", "model", "schedules"} <= {found["what"] for found in done.json}
    assert not [found for found in done.json if found["state"] == "FAIL"]
    assert "163 papers" in call("doctor", home=home).out


def test_a_work_is_shown_with_proof_versions_and_topics(call: Call, home: Path) -> None:
    work = call("show", MOE, "--json", home=home).json
    assert work["paper"]["id"] == MOE
    assert work["paper"]["versions"]
    assert {sentence["role"] for sentence in work["summary"]["sentences"]} >= {"tldr"}
    assert "moe" in {tag["name"] for tag in work["tags"]}
    shown = call("show", f"https://arxiv.org/abs/{MOE}v1", home=home).out
    assert f"https://arxiv.org/abs/{MOE}" in shown
    assert "versions: v1 " in shown
    assert "topic: moe " in shown


def test_the_map_lists_dimensions_and_directions(call: Call, home: Path) -> None:
    landscape = call("topics", "--json", home=home).json
    assert {concept["kind"] for concept in landscape["concepts"]} == {"dimension", "direction"}
    assert landscape["week"] == "2026-W11"
    shown = call("topics", home=home).out
    for theme in landscape["themes"]:
        assert theme["label"] in shown


def test_leaderboards_show_their_newest_day(call: Call, home: Path) -> None:
    found = call("leaderboards", "--json", home=home).json
    assert [(board["board"], board["day"]) for board in found] == [
        ("demo-arena", "2026-03-09"),
        ("demo-bench", "2026-03-10"),
    ]
    assert "demo-arena, 2026-03-09, 16 models" in call("leaderboards", home=home).out
    one = call("leaderboards", "demo-bench", "--json", home=home).json
    assert [board["board"] for board in one] == ["demo-bench"]


def test_leaderboards_have_a_history(call: Call, home: Path, tmp_path: Path) -> None:
    since = ("leaderboards", "demo-arena", "--since", "2026-01-01")
    (history,) = call(*since, "--json", home=home).json
    assert history["days"] == sorted(history["days"])
    assert len(history["changes"]) == len(history["days"]) - 1
    shown = call(*since, home=home).out
    assert all(day in shown for day in history["days"])
    for name in ("no-such-board", ""):
        refused = call("leaderboards", name, home=home)
        assert (refused.code, refused.err.count("\n")) == (1, 1)
        assert "demo-arena" in refused.err
    assert call("leaderboards", "--plot", str(tmp_path / "a.svg"), home=home).code == 2
    assert call(*since, "--plot", str(tmp_path / "a.gif"), home=home).code == 2


def test_a_leaderboard_is_plotted(call: Call, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "ranks.svg"
    assert call("leaderboards", "demo-arena", "--plot", str(path), home=home).code == 0
    assert path.stat().st_size > 1000


def test_a_second_indexing_finds_nothing_to_do(call: Call, home: Path) -> None:
    done = call("index", "--json", home=home)
    report = done.json
    assert (report["embedded"], report["tagged"], report["indexed"]) == (0, 0, 163)
    assert done.err == "", "no progress off a terminal"
    assert call("index", home=home).out.startswith("0 papers embedded, 0 tagged, 163 in the index")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_pasted_paper_is_summarised(newline: str, call: Call) -> None:
    pasted = newline.join(
        ["A title", "", "We study routing. Our method routes tokens well and gains 5% on tests."]
    ).encode()
    done = call("summarize", "-", "--json", stdin=pasted)
    assert done.code == 0
    assert done.json["tldr"]
    assert {sentence["source"] in pasted.decode() for sentence in done.json["sentences"]} == {True}
    assert "tldr: " in call("summarize", "-", stdin=pasted).out


@pytest.mark.parametrize("stdin", [b"", b"\n\n\n", b"only a title", b"title\n\n  \n", b"\xff\n\nx"])
def test_input_that_is_not_a_paper_is_refused(stdin: bytes, call: Call) -> None:
    done = call("summarize", "-", stdin=stdin)
    assert done.code == 2
    assert done.err.startswith("tracker: ")


def test_a_stored_paper_is_summarised_by_its_id(call: Call, home: Path) -> None:
    assert call("summarize", MOE, "--json", home=home).json["tldr"]


def test_refused_lines_are_counted_and_valid_ones_stored(
    call: Call, home: Path, tmp_path: Path
) -> None:
    good = {
        "id": "2603.80001", "title": "Routing by ear", "abstract": "We route tokens.",
        "authors": "Ada Example", "categories": "cs.CL", "update_date": "2026-03-10",
        "versions": [{"version": "v1", "created": "Mon, 9 Mar 2026 10:00:00 GMT"}],
    }  # fmt: skip
    file = tmp_path / "some.jsonl"
    file.write_text(f"{json.dumps(good)}\nnot JSON\n{{}}\n{json.dumps(good)}\n")
    done = call("import", "--json", str(file), home=home)
    assert done.code == 3
    counts = {key: done.json[key] for key in ("read", "added", "updated", "skipped", "rejected")}
    assert counts == {"read": 4, "added": 1, "updated": 0, "skipped": 1, "rejected": 2}
    assert done.err.splitlines()[0].startswith("line 2: ")
    again = call("import", str(file), home=home)
    assert again.out == "4 read: 0 added, 0 updated, 2 known, 2 refused.\n"
    assert call("show", "2603.80001", home=home).code == 0


def test_many_refused_lines_do_not_flood_the_terminal(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text("bad\n" * 500)
    done = call("import", str(file))
    assert done.code == 3
    assert len(done.err.splitlines()) == 21
    assert done.err.endswith("… and 480 more lines.\n")


def test_records_before_the_end_of_a_truncated_snapshot_are_stored(
    call: Call, tmp_path: Path
) -> None:
    file = tmp_path / "cut.jsonl.gz"
    file.write_bytes(gzip.compress(sample.papers_file().read_bytes())[:-2000])
    done = call("import", str(file))
    assert done.code == 1
    assert "records before the damage were imported" in done.err
    assert 0 < call("status", "--json").json["index"]["papers"] < 163


def test_a_board_needs_a_day(call: Call, tmp_path: Path) -> None:
    table = tmp_path / "board.csv"
    table.write_text("model,score\nAlpha,1\nBeta,2\n")
    done = call("import", "--as", "board:mine", str(table))
    assert done.code == 3
    assert "--date" in done.err
    assert call("import", "--as", "board:mine", "--date", "2026-03-09", str(table)).code == 0
    assert call("leaderboards", "--json").json[0]["rows"][0]["model"] == "Beta"
