"""Answers to questions: sentences with the works they rest on, or that there is no answer."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import summarizer
import tracker
from tests.cli.conftest import Call
from tests.conftest import Started
from tracker.errors import UsageError

QUESTION = "How can routing in mixture-of-experts models be improved?"


def test_an_answer_cites_works_that_support_it(demo_home: Path) -> None:
    with tracker.open(demo_home) as library:
        answer = library.ask(QUESTION, limit=4)
    assert answer.answered
    assert 1 <= len(answer.sentences) <= 4
    by_id = {work.id: work for work in answer.works}
    for sentence in answer.sentences:
        (cited,) = sentence.works
        work = by_id[cited]
        assert summarizer.ground(work.title, work.abstract, sentence.text)
        assert sentence.text.endswith(".")
    assert len(answer.works) == len(answer.sentences)


@pytest.mark.parametrize(
    "question",
    [
        "How long do I boil an egg?",
        "Who won the tennis final in 1987?",
        "What is the ZorgleRoute-7 scheduler for mixture-of-experts?",
        "Does the moon cause the tides?",
    ],
)
def test_what_no_paper_answers_is_not_answered(question: str, call: Call, demo_home: Path) -> None:
    done = call("ask", question, "--json", home=demo_home)
    assert done.code == 0
    assert done.json["answered"] is False
    assert done.json["sentences"] == []
    assert set(done.json["nearest"] or {"id": ""}) >= {"id"}


def test_the_text_says_that_there_is_no_answer(call: Call, demo_home: Path) -> None:
    done = call("ask", "How long do I boil an egg?", home=demo_home)
    assert done.out.startswith("Not answered by the papers here.\n")


def test_the_json_is_as_documented(call: Call, demo_home: Path) -> None:
    found = call("ask", QUESTION, "--json", "-n", "3", home=demo_home).json
    assert set(found) == {
        "question", "took_ms", "answered", "method", "model", "notes", "sentences", "works",
        "nearest",
    }  # fmt: skip
    assert (found["question"], found["answered"], found["method"]) == (QUESTION, True, "extractive")
    numbers = {work["number"]: work["id"] for work in found["works"]}
    for sentence in found["sentences"]:
        assert set(sentence) == {"text", "works", "cites", "source"}
        assert [numbers[n] for n in sentence["cites"]] == sentence["works"]


def test_the_text_numbers_its_works(call: Call, demo_home: Path) -> None:
    done = call("ask", QUESTION, "-n", "2", home=demo_home)
    answer, _, works = done.out.partition("\n\n")
    assert "[1]." in answer
    assert works.startswith("[1] ")


def test_filters_limit_the_works(call: Call, demo_home: Path) -> None:
    found = call("ask", QUESTION, "--json", "--until", "2020-01-01", home=demo_home).json
    assert found["answered"] is False
    assert found["nearest"] is None


@pytest.mark.parametrize("question", ["", "  ", "?!", "x" * 2001])
def test_a_question_needs_words(question: str, call: Call, demo_home: Path) -> None:
    done = call("ask", question, home=demo_home)
    assert done.code == 2
    assert done.err.startswith("tracker: A question ")


@pytest.mark.parametrize(
    "question", ['"', "AND", "C++", "moe*", "mo\x00e", "專家混合 是什麼？", "\udcff moe", "-moe"]
)
def test_any_words_are_a_question(question: str, call: Call, demo_home: Path) -> None:
    done = call("ask", "--json", "--", question, home=demo_home)
    assert done.code == (0 if question != '"' else 2), done.err
    if done.code == 0:
        assert isinstance(json.loads(done.out)["sentences"], list)


def test_a_limit_below_one_is_refused(demo_home: Path) -> None:
    with tracker.open(demo_home) as library, pytest.raises(UsageError, match="limit"):
        library.ask(QUESTION, limit=0)


def test_an_empty_home_has_no_answer(tmp_path: Path) -> None:
    with tracker.open(tmp_path) as library:
        answer = library.ask(QUESTION)
    assert not answer.answered
    assert answer.nearest is None


def with_model(address: str) -> list[str]:
    settings = ("llm.backend=openai", "llm.model=toy", f"llm.base_url={address}")
    return [part for setting in settings for part in ("--set", setting)]


def test_what_a_model_invents_is_left_out(
    call: Call, demo_home: Path, serve: Callable[..., Started]
) -> None:
    _, address = serve("--echo")
    done = call(*with_model(address), "ask", QUESTION, "--json", home=demo_home)
    found = done.json
    assert (found["method"], found["model"]) == ("generated", "toy")
    assert [s["cites"] for s in found["sentences"]] == [[1]]
    assert "99.9%" not in done.out
    assert "Left out 1 sentence" in done.err


def test_without_its_model_the_answer_is_extractive(call: Call, demo_home: Path) -> None:
    done = call(*with_model("http://127.0.0.1:9/v1"), "ask", QUESTION, "--json", home=demo_home)
    assert done.code == 0
    assert (done.json["answered"], done.json["method"]) == (True, "extractive")
    assert done.json["notes"]
