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
from summarizer.llm.shorten import (
    SHORTEN_VERSION,
    generate_shortened_summaries,
    is_valid_shortening,
    removes_restriction,
    shortening_fault,
)
from summarizer.summary import Role, Sentence

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


BREWER = (
    "The new brewer BrewNet {} improves the taste of green tea over strong baselines while it"
    " keeps the cost of every single pot low{}."
)


@pytest.mark.parametrize(
    ("left_out", "place"),
    [
        ("only", 0), ("may", 0), ("mainly", 0), ("especially", 0), ("suggest that it", 0),
        (" on hard water", 1), (" when the kettle is new", 1), (" under low pressure", 1),
        (" for at least three cups", 1), (" by up to 12%", 1), (" if the leaves are dry", 1),
        (" except in winter", 1), (" in simulation", 1), (" with boiled water", 1),
        (" trained without labels", 1), (" on average", 1), (", but not for black tea", 1),
    ],
)  # fmt: skip
def test_what_restricts_a_result_is_never_left_out(left_out: str, place: int) -> None:
    parts = ["reliably", ""]
    whole = [*parts]
    whole[place] = left_out
    long, short = BREWER.format(*whole), BREWER.format("", "").replace("  ", " ")
    sentence = Sentence("result", long, long)
    assert removes_restriction(sentence, short)
    assert not is_valid_shortening(Paper("BrewNet", long), sentence, short)


@pytest.mark.parametrize(
    ("role", "long", "short"),
    [
        ("method", "We propose BrewNet, a network for kettles with no lid.", "We propose BrewNet."),
        ("tldr", "We want a pot that saves tea on hot days.", "We want a pot that saves tea."),
        ("tldr", "We study 12 kettles.", "We study kettles."),
        ("result", "Using only stale leaves, we obtain more tea.", "We obtain more tea."),
        ("result", "BrewNet saves water on small stoves.", "BrewNet saves water on stoves."),
        ("result", "Tea rises and the cost is within bounds.", "Tea rises within bounds."),
        ("problem", "Kettles boil fast, yet nobody knows why.", "Kettles boil fast."),
        (
            "tldr",
            "We give a score of pots: lids for tea and spouts for juice.",
            "We give a score of pots for tea and spouts for juice.",
        ),
    ],
)  # fmt: skip
def test_other_sentences_keep_their_restrictions_too(role: Role, long: str, short: str) -> None:
    assert removes_restriction(Sentence(role, long, long), short)


@pytest.mark.parametrize(
    ("role", "long", "short"),
    [
        ("result", "The robust BrewNet saves tea on hot days.", "BrewNet saves tea on hot days."),
        ("result", "BrewNet saves water, enabling its use on trains.", "BrewNet saves water."),
        ("result", "To please guests, we obtain a better taste.", "We obtain a better taste."),
        ("method", "We propose BrewNet, a lean network for tea.", "We propose BrewNet, a network."),
    ],
)  # fmt: skip
def test_what_restricts_nothing_can_be_left_out(role: Role, long: str, short: str) -> None:
    assert not removes_restriction(Sentence(role, long, long), short)


@pytest.mark.parametrize(
    ("long", "short", "valid"),
    [
        ("BrewNet builds a pot that keeps green tea warm and saves a lot of water.",
         "A pot that keeps green tea warm and saves a lot of water.", False),
        ("We propose BrewNet, a network centered on a fine lid that employs a strong seal for tea.",
         "We propose BrewNet, a network centered on a strong seal for tea.", False),
        ("We propose BrewNet, a network that, in contrast to clocks, predicts when tea is ready.",
         "We propose BrewNet, a network that predicts when tea is ready.", True),
        ("In this paper we propose BrewNet, a network that predicts when tea is ready.",
         "We propose BrewNet, a network that predicts when tea is ready.", True),
        ("However, we propose BrewNet, a network for tea, which is why cups are warm.",
         "We propose BrewNet, a network for tea.", True),
    ],
)  # fmt: skip
def test_a_sentence_keeps_its_subject_and_whole_clauses(long: str, short: str, valid: bool) -> None:
    fault = shortening_fault(Paper("BrewNet", long), Sentence("method", long, long), short)
    assert (fault != "It takes a sentence apart.") is valid


def test_what_is_not_shown_is_reported_with_the_reason() -> None:
    rejected: list[tuple[int, str, str]] = []
    answer = "We propose SteepNet, a network."
    model = Shortener({"text": answer})
    list(generate_shortened_summaries([PAPER], model, lambda *one: rejected.append(one)))
    assert rejected == [(0, answer, "It leaves out what restricts a claim.")]


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
