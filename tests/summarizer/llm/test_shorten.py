"""A small model may only shorten sentences of the extract; other answers change nothing."""

from collections.abc import Iterator, Sequence

import pytest

from summarizer import Summary
from summarizer.exceptions import ContextExceeded, GenerationError, ServerUnreachable
from summarizer.extractive.extract import extract_summary
from summarizer.llm.forms import AnswerForm
from summarizer.llm.model_size import billions_of_parameters, choose_mode
from summarizer.llm.output import FieldsOrError, parse_text
from summarizer.llm.prompt import Messages, Paper
from summarizer.llm.shorten import SHORTEN_VERSION, generate_shortened_summaries

LONG = (
    "We propose SteepNet, a network that predicts, from the colour of the water and the smell of"
    " the leaves, how long each pot of tea should steep."
)
PAPER = Paper("SteepNet: Predicting Steeping Times", f"{LONG} It may save 12% of the leaves.")


class Shortener:
    """A model that gives one answer to every sentence."""

    model = "small"

    def __init__(self, answer: FieldsOrError) -> None:
        self._answer, self.chats = answer, list[Messages]()

    def answer(
        self, chats: Sequence[Messages], form: AnswerForm
    ) -> Iterator[tuple[int, FieldsOrError]]:
        del form
        self.chats += chats
        yield from ((i, self._answer) for i in range(len(chats)))

    def probe(self) -> str:
        return self.model


def shorten(answer: str | GenerationError) -> Summary:
    model = Shortener(answer if isinstance(answer, GenerationError) else {"text": answer})
    ((_, summary),) = generate_shortened_summaries([PAPER], model)
    return summary


def test_a_shorter_sentence_in_the_same_words_is_shown() -> None:
    short = "We propose SteepNet, a network that predicts how long each pot of tea should steep."
    made = shorten(short)
    assert (made.tldr, made.method, made.prompt_version) == (short, "generated", SHORTEN_VERSION)
    assert made.sentences[0].source == LONG


@pytest.mark.parametrize(
    "answer",
    [
        "SteepNet wins the award for the best network that predicts steeping.",
        "We propose SteepNet, a network that predicts how long each pot should not steep.",
        "We propose SteepNet, a network that predicts, from the colour of the water",
        "We propose SteepNet, a network.",
        "Each pot of tea should steep as long as SteepNet predicts from the colour of the leaves.",
        "We propose SteepNet, a Network that predicts how long each pot of tea should steep.",
        "",
    ],
    ids=["invented", "negated", "cut", "empty of content", "reordered", "respelled", "nothing"],
)
def test_any_other_answer_leaves_the_extract(answer: str) -> None:
    made, extract = shorten(answer), extract_summary(PAPER.title, PAPER.abstract)
    assert (made.tldr, made.method, made.note) == (extract.tldr, "extractive", "")
    assert made.dropped == 1


def test_an_answer_that_was_cut_costs_nothing_and_a_dead_server_is_reported() -> None:
    assert shorten(ContextExceeded("cut")).note == ""
    assert shorten(ServerUnreachable("The server does not answer.")).note.endswith("answer.")


def test_short_sentences_are_not_sent() -> None:
    model = Shortener({"text": "No."})
    papers = [Paper("Tea", "We propose a kettle that boils three cups."), Paper("Empty", "")]
    methods = {i: made.method for i, made in generate_shortened_summaries(papers, model)}
    assert methods == {0: "extractive", 1: "none"}
    assert not model.chats


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("“Tea is hot.”\n\nThis is shorter.", "Tea is hot."),
        ("<think>hm</think>\nTea is hot.", "Tea is hot."),
        ("Tea is hot. See www.tea.example.", "Tea is hot."),
    ],
)
def test_only_the_first_line_of_plain_text_counts(text: str, shown: str) -> None:
    assert parse_text(text, True)["text"] == shown


@pytest.mark.parametrize(
    ("name", "size", "mode"),
    [
        ("Qwen/Qwen3-8B", 8.0, "write"),
        ("qwen2.5:0.5b-instruct", 0.5, "shorten"),
        ("SmolLM2-135M-Instruct.Q4_1", 0.135, "shorten"),
        ("Mixtral-8x7B", 56.0, "write"),
        ("Qwen3-30B-A3B", 30.0, "write"),
        ("gpt-large", None, "shorten"),
    ],
)
def test_only_a_model_known_to_be_large_writes(name: str, size: float | None, mode: str) -> None:
    assert billions_of_parameters(name) == size
    assert choose_mode(name) == mode
