"""The practice uses what the paper publishes, else an exercise of its direction."""

import itertools

import pytest

from tracker.language import LANGUAGES, get_language
from tracker.learning.exercises import load_catalogue
from tracker.learning.practice import plan_practice
from tracker.learning.reading import LEVELS
from tracker.paper.paper_links import PaperLink

ENGLISH = get_language("en")
LINKS = {
    "code": PaperLink("code", "https://github.com/kettles/stop", "kettles/stop"),
    "model": PaperLink("model", "https://huggingface.co/kettles/lid", "kettles/lid"),
    "dataset": PaperLink("dataset", "https://huggingface.co/datasets/k/tea", "k/tea"),
    "demo": PaperLink("demo", "https://huggingface.co/spaces/k/lid", "k/lid"),
}
EXERCISE = load_catalogue()[0]


@pytest.mark.parametrize(
    ("level", "kinds", "source"),
    [
        ("beginner", ("code", "demo", "model"), "demo"),
        ("engineer", ("code", "demo", "model"), "code"),
        ("engineer", ("dataset", "model"), "model"),
        ("researcher", ("model", "dataset"), "dataset"),
        ("researcher", ("demo",), "demo"),
    ],
)
def test_each_level_begins_with_what_suits_it(
    level: str, kinds: tuple[str, ...], source: str
) -> None:
    links = [LINKS[kind] for kind in kinds]
    made = plan_practice(links, EXERCISE, level, "Table 2", ENGLISH)
    assert made is not None
    assert (made.source, made.minutes) == (source, 30)


def test_the_commands_name_what_is_used() -> None:
    starts = {
        "code": "`git clone --depth 1 https://github.com/kettles/stop`",
        "model": "model_info as m; print(m('kettles/lid').safetensors)",
        "dataset": "load_dataset('k/tea', streaming=True)",
    }
    for kind, start in starts.items():
        made = plan_practice([LINKS[kind]], None, "engineer", "", ENGLISH)
        assert made is not None
        assert start in made.steps[0]


def test_a_researcher_is_sent_to_the_table() -> None:
    named = plan_practice([LINKS["code"]], None, "researcher", "Table 2", ENGLISH)
    unnamed = plan_practice([LINKS["code"]], None, "researcher", "", ENGLISH)
    assert named is not None
    assert unnamed is not None
    assert "behind Table 2." in named.steps[-1]
    assert "behind the table of results." in unnamed.steps[-1]


@pytest.mark.parametrize(
    "link",
    [
        PaperLink("page", "https://kettles.github.io"),
        PaperLink("model", "https://example.org/weights"),
        PaperLink("dataset", "https://example.org/data"),
    ],
)
def test_what_cannot_be_loaded_is_not_practised_with(link: PaperLink) -> None:
    made = plan_practice([link], EXERCISE, "engineer", "", ENGLISH)
    assert made is not None
    assert (made.source, made.key, made.direction) == ("exercise", EXERCISE.key, "moe")
    assert made.steps[0] == f"`{EXERCISE.setup}`"


def test_a_hostile_address_puts_nothing_else_into_a_command() -> None:
    link = PaperLink("code", "https://github.com/a/b;rm&x", "a/b")
    made = plan_practice([link], None, "engineer", "", ENGLISH)
    assert made is not None
    assert made.steps[0] == "`git clone --depth 1 https://github.com/a/b`"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_task_exists_in_every_language(code: str) -> None:
    for kind, level in itertools.product(LINKS, LEVELS):
        made = plan_practice([LINKS[kind]], None, level, "Table 2", get_language(code))
        assert made is not None
        assert made.steps[-1].isascii() == (code == "en")
        assert made.expect
