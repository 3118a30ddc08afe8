"""The catalogue of exercises is complete, and a user's own file is checked."""

import itertools
import re
from collections import Counter
from pathlib import Path

import pytest

from tracker.errors import ConfigError
from tracker.learning.exercises import choose_exercise, load_catalogue, load_exercises
from tracker.learning.reading import LEVELS
from tracker.topics.taxonomy import concepts_of_kind

DIRECTIONS = [direction.key for direction in concepts_of_kind("direction")]
OWN = """[[exercise]]
key = "boil-water"
direction = "moe"
level = "engineer"
minutes = 20
title = "Boil water"
tools = ["kettle"]
steps = ["Fill it.", "Switch it on."]
expect = "It boils."
"""


def test_every_direction_has_two_exercises_at_every_level() -> None:
    catalogue = load_catalogue()
    assert len(catalogue) >= 60
    assert len({exercise.key for exercise in catalogue}) == len(catalogue)
    counts = Counter((exercise.direction, exercise.level) for exercise in catalogue)
    assert {(direction, level) for direction in DIRECTIONS for level in LEVELS} == set(counts)
    assert min(counts.values()) >= 2


def test_every_exercise_is_short_and_concrete() -> None:
    for exercise in load_catalogue():
        assert 20 <= exercise.minutes <= 40, exercise.key
        assert 2 <= len(exercise.steps) <= 5, exercise.key
        assert len(exercise.title) <= 80, exercise.key
        assert len(exercise.expect) >= 60, exercise.key
        assert sum(map(len, exercise.steps)) <= 900, exercise.key
        assert all(step.count("`") % 2 == 0 for step in exercise.steps), exercise.key
        assert "`" not in exercise.setup, exercise.key


def test_every_tool_is_named_where_it_is_used() -> None:
    for exercise in load_catalogue():
        text = " ".join((exercise.setup, *exercise.steps)).lower().replace("-", "_")
        for tool in exercise.tools:
            name = {"lm-evaluation-harness": "lm_eval", "llama.cpp": "llama"}.get(tool, tool)
            assert name.lower().replace("-", "_") in text, (exercise.key, tool)


def test_models_fit_a_laptop() -> None:
    # The sizes of models to run; "30B-A3B" is a model of which only the settings are read.
    for exercise in load_catalogue():
        text = " ".join((exercise.setup, *exercise.steps))
        sizes = re.findall(r"[:-](\d+(?:\.\d+)?)b\b(?!-a\d)", text, re.IGNORECASE)
        assert all(float(size) <= 7 for size in sizes), exercise.key


def test_generated_code_is_run_in_a_container() -> None:
    for exercise in load_catalogue():
        if {"docker"} & set(exercise.tools):
            assert any("container" in step for step in exercise.steps), exercise.key


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("direction", [*DIRECTIONS, "unknown", ""])
def test_consecutive_issues_have_different_exercises(direction: str, level: str) -> None:
    chosen = [choose_exercise(load_catalogue(), direction, level, turn) for turn in range(12)]
    assert all(first != second for first, second in itertools.pairwise(chosen))
    assert all(one and one.level == level for one in chosen)
    if direction in DIRECTIONS:
        assert {one.direction for one in chosen if one} == {direction}


def test_without_exercises_there_is_none() -> None:
    assert choose_exercise([], "moe", "engineer", 3) is None


def write(home: Path, text: str) -> Path:
    (home / "exercises.toml").write_text(text, encoding="utf-8")
    return home


def test_a_file_in_the_home_adds_to_the_catalogue(tmp_path: Path) -> None:
    assert load_exercises(tmp_path, DIRECTIONS) == load_catalogue()
    added = load_exercises(write(tmp_path, OWN), DIRECTIONS)
    assert [exercise.key for exercise in added[len(load_catalogue()) :]] == ["boil-water"]


def test_a_bundled_exercise_is_replaced_by_its_key(tmp_path: Path) -> None:
    known = load_catalogue()[0]
    own = load_exercises(write(tmp_path, OWN.replace("boil-water", known.key)), DIRECTIONS)
    assert len(own) == len(load_catalogue())
    assert own[0].title == "Boil water"


def test_an_exercise_may_have_a_direction_of_the_user(tmp_path: Path) -> None:
    home = write(tmp_path, OWN.replace('"moe"', '"tea"'))
    assert load_exercises(home, [*DIRECTIONS, "tea"])[-1].direction == "tea"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('"moe"', '"tea"', "exercise 1 .'boil-water'.: there is no direction 'tea'; they are"),
        ('"engineer"', '"expert"', "level is one of beginner, engineer, researcher, not 'expert'"),
        ("minutes = 20", "minutes = 90", "minutes is a whole number from 20 to 40"),
        ("minutes = 20", "minutes = true", "minutes is a whole number"),
        ("minutes = 20\n", "", "the field 'minutes' is missing"),
        ('title = "Boil water"', 'title = " "', "title is a text and not empty"),
        ('title = "Boil water"', "title = 3", "title is a text and not empty"),
        ('["kettle"]', "[]", "tools is a list of texts, with at least one"),
        ('["kettle"]', '"kettle"', "tools is a list of texts"),
        ('["kettle"]', "[1]", "tools is a list of texts"),
        ('"boil-water"', '"Boil water"', "key consists of lower-case letters"),
        ("expect", "expects", "there is no field 'expects'; the fields are key, direction"),
        ("[[exercise]]", "[[exercises]]", "'exercises' is not expected"),
        ("[[exercise]]", "[exercise]", "'exercise' is not expected"),
        ("[[exercise]]", "[[exercise", "is not valid TOML"),
        ('key = "boil-water"', "key = 5", "exercise 1: key is a text"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, before: str, after: str, reason: str) -> None:
    assert before in OWN
    with pytest.raises(ConfigError, match=reason) as caught:
        load_exercises(write(tmp_path, OWN.replace(before, after)), DIRECTIONS)
    assert "exercises.toml" in str(caught.value)


def test_a_key_is_used_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"exercise 2 .*used twice"):
        load_exercises(write(tmp_path, OWN + OWN), DIRECTIONS)


def test_bytes_that_are_not_utf_8_are_named(tmp_path: Path) -> None:
    (tmp_path / "exercises.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"exercises\.toml"):
        load_exercises(tmp_path, DIRECTIONS)
