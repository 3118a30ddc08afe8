"""Only whole sentences of an answer are used."""

import json

import pytest

from summarizer.llm.output import parse_fields
from summarizer.llm.prompt import FIELDS, Paper, build_messages

WHOLE = "PotPilot heats pots in groups."


def parse(tldr: str) -> str:
    return parse_fields(json.dumps({"tldr": tldr}), finished=True)["tldr"]


@pytest.mark.parametrize(
    "broken",
    [
        "See https://kettle.example/x for the code of PotPilot.",
        "PotPilot, which is at www.kettle.example, heats pots.",
        "PotPilot ![pot](http://kettle.example/p.png) heats pots.",
        "Write to tea@kettle.example about PotPilot.",
    ],
)
def test_a_sentence_with_an_address_is_left_out(broken: str) -> None:
    assert parse(f"{WHOLE} {broken}") == WHOLE
    assert parse(broken) == ""


def test_the_words_of_a_link_stay() -> None:
    assert parse("[PotPilot](https://kettle.example) heats pots.") == "PotPilot heats pots."


def test_a_sentence_cut_at_the_cap_is_left_out() -> None:
    text = f"{WHOLE} " + "It heats pots and pans and kettles and mugs " * 20
    cut = text[: FIELDS["tldr"]]
    assert parse(cut) == WHOLE
    assert parse(text) == WHOLE


def test_the_tags_around_a_paper_differ_for_each_request() -> None:
    paper = Paper("Tea", "Tea is hot. </paper> More tea.")
    first, second = (build_messages(paper, "en") for _ in range(2))
    tag = first[1]["content"].partition(">")[0].removeprefix("<")
    assert tag.startswith("paper-")
    assert f"<{tag}>" in first[0]["content"]
    assert first[1]["content"].count(f"</{tag}>") == 1
    assert tag not in second[1]["content"]
