"""Interests: saved searches appear in the next digest, opinions are saved."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call

WEEK = "2026-W11"
PAGE = (Path(__file__).parents[2] / "docs" / "search.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^(tracker follow .+?)(?: {2,}#.*)?$", PAGE, re.MULTILINE)


def personal(call: Call, home: Path, folder: Path) -> list[dict[str, Any]]:
    """Return the personal part of the week's digest for the reader of this home."""
    assert call("digest", "--week", WEEK, "--out", str(folder), home=home).code in (0, 3)
    return list(json.loads((folder / f"weekly-{WEEK}.json").read_text())["personal"])


def test_matches_of_saved_searches_are_in_the_next_digest(
    call: Call, home: Path, tmp_path: Path
) -> None:
    done = call("follow", "training -survey", "--name", "trained", home=home)
    assert (done.code, done.out) == (0, "")
    assert "trained" in done.err
    call("follow", "xyzzyplugh", home=home)
    found = personal(call, home, tmp_path)
    assert 0 < len(found) <= 5
    for own in found:
        assert own["because"] == ["matches your search “trained”"]
        assert "2026-03-09" <= own["entry"]["announced"] <= "2026-03-15"
        query = f"training -survey id:{own['entry']['id']}"
        hit = call("search", query, "--lexical", "--json", home=home).json
        assert any(why.startswith(("words", "also named")) for why in hit["hits"][0]["why"])
    page = (tmp_path / f"weekly-{WEEK}.md").read_text()
    assert "“trained”" in page.partition("## For you")[2]


def test_a_match_contains_every_content_word(call: Call, home: Path, tmp_path: Path) -> None:
    call("follow", "routing xyzzyplugh", home=home)
    assert personal(call, home, tmp_path) == []


def test_saved_searches_are_listed_and_removed(call: Call, home: Path) -> None:
    assert call("follow", "--list", home=home).out == ""
    call("follow", "moe  -vision", home=home)
    call("follow", "cat:cs.CL RAG", "--name", "rag", home=home)
    assert (
        call("follow", "--list", home=home).out == "moe -vision\tmoe  -vision\nrag\tcat:cs.CL RAG\n"
    )
    listed = call("follow", "--list", "--json", home=home).json
    assert [one["name"] for one in listed] == ["moe -vision", "rag"]
    assert call("follow", "--remove", "RAG", home=home).code == 0
    refused = call("follow", "--remove", "rag", home=home)
    assert refused.code == 1
    assert "follow --list" in refused.err


@pytest.mark.parametrize(
    "args", [[], ["moe", "--list"], [""], ["*"], ["after:yesterdayish"]], ids=repr
)
def test_invalid_saved_searches_are_refused_with_a_sentence(
    args: list[str], call: Call, home: Path
) -> None:
    done = call("follow", *args, home=home)
    assert done.code == 2
    assert done.err.endswith(".\n")
    assert call("follow", "--list", home=home).out == ""


def test_opinions_are_saved_changed_and_removed(call: Call, home: Path) -> None:
    assert call("like", "2602.92029", home=home).code == 0
    assert call("dislike", "arXiv:2602.93225v1", home=home).code == 0
    (liked,) = call("like", "--list", "--json", home=home).json
    assert (liked["id"], liked["liked"]) == ("2602.92029", True)
    assert liked["title"]
    call("dislike", "2602.92029", home=home)
    assert call("like", "--list", home=home).out == ""
    assert call("dislike", "--list", home=home).out.count("\n") == 2
    assert call("like", "2602.92029", "--forget", home=home).code == 0
    assert call("like", "2602.92029", "--forget", home=home).code == 2
    assert call("like", "2403.99999", home=home).code == 1
    assert call("like", home=home).code == 2


def test_the_commands_in_the_search_docs_work(home: Path, call: Call) -> None:
    assert len(COMMANDS) == 3
    for command in COMMANDS:
        done = call(*shlex.split(command)[1:], home=home)
        assert done.code == 0
        assert done.out == ("moe\tmoe -vision\n" if command.endswith("--list") else "")
    assert call("follow", "--list", home=home).out == ""


def test_interests_of_a_subscriber_are_separate_from_the_home(call: Call, home: Path) -> None:
    ann = ("--for", " ann@X.example")
    call("subscribers", "add", "Ann@x.example", "bea@x.example", home=home)
    assert call("follow", "topic:moe", "--name", "experts", *ann, home=home).code == 0
    assert call("like", "2602.92029", *ann, home=home).code == 0
    assert call("dislike", "2602.93225", *ann, home=home).code == 0
    assert call("follow", "--list", *ann, home=home).out == "experts\ttopic:moe\n"
    assert call("like", "--list", *ann, home=home).out.startswith("2602.92029\t")
    for nobody in ([], ["--for", "bea@x.example"]):
        for command in ("follow", "like", "dislike"):
            assert call(command, "--list", *nobody, home=home).out == ""
    assert call("subscribers", "list", home=home).out == (
        "Ann@x.example\ten\tactive\t1 followed, 1 liked, 1 disliked\nbea@x.example\ten\tactive\n"
    )
    listed = call("subscribers", "list", "--json", home=home).json
    assert [(one["followed"], one["liked"], one["disliked"]) for one in listed] == [
        (1, 1, 1), (0, 0, 0)
    ]  # fmt: skip
    assert call("follow", "--remove", "experts", *ann, home=home).code == 0
    assert call("like", "2602.92029", "--forget", *ann, home=home).code == 0
    assert call("subscribers", "list", home=home).out.startswith(
        "Ann@x.example\ten\tactive\t1 disliked\n"
    )


@pytest.mark.parametrize(
    "args", [("follow", "--list", "--name", "x"), ("like", "--list", "--forget")]
)
def test_an_option_without_effect_is_refused(args: tuple[str, ...], call: Call, home: Path) -> None:
    done = call(*args, home=home)
    assert (done.code, done.out) == (2, "")
    assert args[-1 if args[0] == "like" else -2] in done.err


@pytest.mark.parametrize("args", [("follow", "moe"), ("like", "2602.92029"), ("dislike", "--list")])
def test_an_unknown_subscriber_is_refused(args: tuple[str, ...], call: Call, home: Path) -> None:
    done = call(*args, "--for", "nobody@x.example", home=home)
    assert done.code == 1
    assert "No subscriber 'nobody@x.example'." in done.err


def test_a_backup_contains_interests(call: Call, home: Path, tmp_path: Path) -> None:
    call("subscribers", "add", "ann@x.example", home=home)
    call("follow", "topic:moe", "--for", "ann@x.example", home=home)
    call("backup", str(tmp_path / "kept.db"), home=home)
    call("subscribers", "remove", "ann@x.example", home=home)
    call("subscribers", "add", "bea@x.example", home=home)
    assert call("follow", "--list", "--for", "bea@x.example", home=home).out == ""
    call("restore", str(tmp_path / "kept.db"), home=home)
    assert call("follow", "--list", "--for", "ann@x.example", home=home).out.startswith("topic:moe")


def test_a_library_is_liked_once_and_what_is_not_stored_is_named(
    call: Call, home: Path, tmp_path: Path
) -> None:
    library = tmp_path / "my.bib"
    library.write_text(
        "@misc{a, title={x}, eprint={2602.92029}}\n@misc{b, title={No Such Paper At All}}\n"
        "@misc{c, eprint={2301.00001}}\n"
    )
    done = call("import", "--as", "bibtex", str(library), "--json", home=home)
    assert done.code == 3
    assert (done.json["liked"], done.json["missing"], done.json["unknown"]) == (
        1,
        ["2301.00001"],
        1,
    )
    assert "crawl --ids 2301.00001" in done.err
    again = call("import", "--as", "bibtex", str(library), "--json", home=home).json
    assert (again["liked"], again["judged"]) == (0, 1)
    assert "2602.92029" in call("like", "--list", home=home).out
    call("like", "2602.92029", "--forget", home=home)
    for arguments, code in ((("--as", "ids", str(library)), 1), (("--for", "a@x.example"), 2),
                            (("--as", "ids", "--for", "nobody@x.example"), 1)):  # fmt: skip
        assert call("import", *arguments, str(library), home=home).code == code
