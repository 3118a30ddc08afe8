"""Missing objects exit with 1, contradictory options with 2; help and encodings are complete."""

import codecs
from pathlib import Path

import click
import pytest

from tests.cli.conftest import Call
from tracker.cli.main import COMMAND_MODULES, cli

PAPER = "2602.92029"


@pytest.mark.parametrize(
    "line",
    [
        "show 2403.99999", "similar 2403.99999", "summarize 2403.99999", "like 2403.99999",
        "dislike 2403.99999", "digest --explain 2403.99999",
        "follow --remove nobody", "like 2602.92029 --for nobody@example.org",
        "subscribers remove nobody@example.org", "subscribers pause nobody@example.org",
        "import missing.jsonl", "import --as board:b missing.csv", "restore missing.db",
    ],
)  # fmt: skip
def test_a_missing_object_is_an_error_but_not_a_usage_error(
    line: str, call: Call, home: Path
) -> None:
    done = call(*line.split(), home=home)
    assert done.code == 1
    # A command that chooses the newest period says so first.
    *chosen, sentence = done.err.splitlines()
    assert sentence
    assert not chosen or chosen == [
        "tracker: No papers are newer than 2026-03-13: this is 2026-W11."
    ]
    assert done.out == ""


@pytest.mark.parametrize(
    "line",
    [
        "search moe --lexical --semantic",
        "search moe --semantic --lexical --json",
        "search moe --since 2026-03-09 --until 2026-03-08",
        "search moe --since 7d --until 30d",
        "index --since 2026-03-09 --until 2026-03-08",
        "ledger --since 2026-03-09 --until 2026-03-08",
        "crawl --since 2026-03-09 --until 2026-03-08",
        "digest --explain 2602.92029 --out pages",
        "digest --explain 2602.92029 --lang en",
        "send --week 2026-W11 --month 2026-03",
        "send --dry-run --due",
        "send --dry-run --resend failed",
        "send --out mails",
        "like 2602.92029 --list",
        "like --list --forget",
        "follow moe --list",
        "follow moe --remove moe",
        "follow --list --name moe",
        "subscribers add a@example.org b@example.org --name Ann",
        "import --date 2026-03-09 tracker/sample/papers.jsonl",
        "--offline --set http.offline=no crawl",
    ],
)
def test_options_that_contradict_each_other_are_refused(line: str, call: Call, home: Path) -> None:
    before = (home / "tracker.db").read_bytes()
    done = call(*line.split(), home=home)
    assert done.code == 2
    assert done.err
    assert done.out == ""
    assert (home / "tracker.db").read_bytes() == before


def test_a_range_of_one_day_is_accepted(call: Call, home: Path) -> None:
    line = "search model --since 2026-03-09 --until 2026-03-09"
    assert call(*line.split(), home=home).code == 0


def test_like_reports_the_change(call: Call, home: Path) -> None:
    call("subscribers", "add", "ann@example.org", home=home)
    liked = call("like", f"arXiv:{PAPER}v1", home=home)
    assert liked.err.startswith(f"tracker: Liked {PAPER}: ")
    assert len(liked.err.strip().partition(f"{PAPER}: ")[2]) > 10, "the title follows"
    assert liked.out == ""
    assert "Disliked" in call("dislike", PAPER, home=home).err
    assert "Removed the opinion of" in call("dislike", PAPER, "--forget", home=home).err
    other = call("like", PAPER, "--for", "ann@example.org", home=home)
    assert f"Liked {PAPER} for ann@example.org: " in other.err


@pytest.mark.parametrize("columns", ["40", "80", "200"])
@pytest.mark.parametrize("name", ["", "subscribers"])
def test_the_list_of_commands_is_not_truncated(
    name: str, columns: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    shown = " ".join(call(*name.split(), "--help").out.split())
    context = click.Context(cli)
    group = cli.get_command(context, name) if name else cli
    assert isinstance(group, click.Group)
    for subcommand in group.list_commands(context):
        command = group.get_command(context, subcommand)
        assert command is not None
        assert command.help is not None
        sentence = command.help.split("\n\n")[0].partition(". ")[0]
        assert " ".join(sentence.split()).rstrip(".") in shown, subcommand
    listed = shown.partition("Commands:")[2]
    assert "..." not in listed
    assert "…" not in listed


@pytest.mark.parametrize("name", COMMAND_MODULES)
def test_the_help_of_every_command_is_complete(name: str, call: Call) -> None:
    done = call(name, "--help")
    assert done.code == 0
    assert "..." not in done.out.partition("Options:")[2]


@pytest.mark.parametrize("folder", ["home", "deep/in/no/folder/yet"])
def test_the_doctor_shows_a_new_user_the_next_step(folder: str, call: Call, tmp_path: Path) -> None:
    home = tmp_path / folder
    fresh = call("doctor", home=home)
    assert fresh.code == 0
    assert "`tracker init`" in fresh.out
    assert "`tracker crawl`" in fresh.out
    assert not home.exists(), "a check creates nothing"
    assert call("init", home=home).code == 0
    initialized = call("doctor", "--json", home=home)
    assert initialized.code == 0
    assert not [check for check in initialized.json if check["state"] == "FAIL"]
    assert any("`tracker crawl`" in check["detail"] for check in initialized.json)


MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
SETTINGS = "[http]\r\ncontact = 'ann@example.org'\r\n"
SCHEDULE = (
    'name="crawl"\r\nverb="crawl"\r\nevery="announcement-day"\r\nat="08:00"\r\ntimezone="UTC"\r\n'
)
RECORD = (
    '{"id": "2603.00900", "title": "Lemurs", "abstract": "Ring tails.", "authors": "A",'
    ' "categories": "cs.CL", "update_date": "2026-03-10", "versions": [{"version": "v1",'
    ' "created": "Mon, 9 Mar 2026 10:00:00 GMT"}]}\r\n'
)
TABLE = "model,score\r\nToy,1\r\n"
DAILY = '[{"paper": {"id": "2603.00900", "upvotes": 3}}]'


def _files(encoding: str, folder: Path) -> dict[str, Path]:
    texts = {
        "config.toml": SETTINGS, "schedules/crawl.toml": SCHEDULE,
        "papers.jsonl": RECORD, "table.csv": TABLE, "table.json": '[{"model": "Toy", "score": 1}]',
        "daily.json": DAILY, "key": "abc-123\r\n",
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(MARKS[encoding] + text.encode(encoding))
        (folder / name).chmod(0o600)
    return {name: folder / name for name in texts}


LINES = (
    "status", "import {papers.jsonl}", "import --as board:b --date 2026-03-09 {table.csv}",
    "import --as board:b --date 2026-03-09 {table.json}",
    "import --as hf-daily --date 2026-03-09 {daily.json}",
    "--set llm.backend=openai --set llm.model=m --set llm.base_url=http://127.0.0.1:9/v1"
    " --set llm.api_key_file={key} summarize -",
)  # fmt: skip


@pytest.mark.parametrize("line", LINES)
def test_a_byte_order_mark_is_accepted_everywhere(line: str, call: Call, tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = _files("utf-8", home)
    for name, file in files.items():
        line = line.replace(f"{{{name}}}", str(file))
    text = codecs.BOM_UTF8 + b"A title\r\n\r\nWe propose a kettle that boils 3 cups of tea."
    done = call(*line.split(), home=home, stdin=text)
    assert (done.code, "refused" in done.err) == (0, False), done.err
    assert "\ufeff" not in done.out
    assert "schedules: crawl announcement-day 08:00" in call("doctor", home=home).out


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("line", LINES)
def test_utf_16_is_refused_by_name(line: str, encoding: str, call: Call, tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "files"
    files = _files(encoding, home if line == "status" else elsewhere)
    for name, file in files.items():
        line = line.replace(f"{{{name}}}", str(file))
    text = MARKS[encoding] + "A title\n\nWe propose a kettle.".encode(encoding)
    done = call(*line.split(), home=home, stdin=text)
    assert done.code in (1, 2, 3, 4)
    assert "UTF-16; save it as UTF-8" in done.err
    assert len(done.err.splitlines()) == 1
