"""The catalogue of exercises: 20 to 40 minutes on a laptop, for every direction and level.

The bundled catalogue is `exercises.toml` beside this module. A user's file of the same form, in
their home folder, adds exercises, and replaces a bundled one by using its key. The catalogue is in
English; `load_exercises` checks every field, so that a mistake is named and not shown.

Public: `Exercise`, `load_exercises`, `load_catalogue`, `choose_exercise`, `FILE_NAME`.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from tracker.errors import ConfigError
from tracker.files import read_text
from tracker.learning.reading import LEVELS

FILE_NAME = "exercises.toml"
_MIN_MINUTES, _MAX_MINUTES = 20, 40
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*").fullmatch


@dataclass(frozen=True, slots=True)
class Exercise:
    """A task with named public `tools`; `setup` is one shell command, or "" if none is needed.

    `expect` is what one should see at the end. `direction` is a key of the taxonomy.
    """

    key: str
    direction: str
    level: str
    minutes: int
    title: str
    tools: tuple[str, ...]
    steps: tuple[str, ...]
    expect: str
    setup: str = ""


def load_exercises(home: Path, directions: Collection[str]) -> tuple[Exercise, ...]:
    """Return the bundled exercises with those of the file in `home`, if there is one.

    `directions` are the keys that an exercise may have. Raises ConfigError for an invalid file.
    """
    own = _read_own(home / FILE_NAME, directions)
    by_key = {exercise.key: exercise for exercise in (*load_catalogue(), *own)}
    return tuple(by_key.values())


@cache
def load_catalogue() -> tuple[Exercise, ...]:
    """Return the bundled exercises, in the order of the data file."""
    text = resources.files(__package__).joinpath(FILE_NAME).read_text(encoding="utf-8")
    return tuple(_parse_exercises(tomllib.loads(text), FILE_NAME, None))


def _read_own(file: Path, directions: Collection[str]) -> tuple[Exercise, ...]:
    try:
        return tuple(_parse_exercises(tomllib.loads(read_text(file)), str(file), directions))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigError(f"The file {file} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise ConfigError(f"The file {file} is not valid TOML: {error}.") from error


def _parse_exercises(
    data: Mapping[str, Any], file: str, directions: Collection[str] | None
) -> Iterator[Exercise]:
    unknown = sorted(set(data) - {"exercise"})
    if unknown or not isinstance(data.get("exercise", []), list):
        name = unknown[0] if unknown else "exercise"
        raise ConfigError(f"{file}: {name!r} is not expected; each exercise is an [[exercise]].")
    seen: set[str] = set()
    for number, entry in enumerate(data.get("exercise", []), 1):
        try:
            exercise = _parse_exercise(entry)
            _check_choices(exercise, directions)
            if exercise.key in seen:
                raise ValueError(f"the key {exercise.key!r} is used twice")
        except ValueError as error:
            raise ConfigError(f"{file}: exercise {number}{_name(entry)}: {error}.") from error
        seen.add(exercise.key)
        yield exercise


def _name(entry: Any) -> str:
    key = entry.get("key") if isinstance(entry, dict) else None
    return f" ({key[:60]!r})" if isinstance(key, str) else ""


def _parse_exercise(entry: Any) -> Exercise:
    """Return the exercise of a table. Raises ValueError that names the first invalid field."""
    if not isinstance(entry, dict):
        raise ValueError("it is not a table")
    known = {one.name: one for one in fields(Exercise)}
    if unknown := sorted(set(entry) - set(known)):
        raise ValueError(f"there is no field {unknown[0]!r}; the fields are {', '.join(known)}")
    required = [name for name, one in known.items() if one.default is MISSING]
    if missing := [name for name in required if name not in entry]:
        raise ValueError(f"the field {missing[0]!r} is missing")
    return Exercise(**{name: _parse_field(name, value) for name, value in entry.items()})


def _parse_field(name: str, value: Any) -> Any:
    if name == "minutes":
        if type(value) is not int or not _MIN_MINUTES <= value <= _MAX_MINUTES:
            raise ValueError(f"minutes is a whole number from {_MIN_MINUTES} to {_MAX_MINUTES}")
        return value
    if name in ("tools", "steps"):
        if not isinstance(value, list) or not value or not all(map(_is_text, value)):
            raise ValueError(f"{name} is a list of texts, with at least one")
        return tuple(" ".join(item.split()) for item in value)
    if not _is_text(value):
        raise ValueError(f"{name} is a text and not empty")
    return " ".join(value.split())


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _check_choices(exercise: Exercise, directions: Collection[str] | None) -> None:
    """Raise ValueError for a key, level or direction that cannot be."""
    if not _KEY(exercise.key):
        raise ValueError("key consists of lower-case letters, digits and single hyphens")
    if exercise.level not in LEVELS:
        raise ValueError(f"level is one of {', '.join(LEVELS)}, not {exercise.level!r}")
    if directions is not None and exercise.direction not in directions:
        known = ", ".join(sorted(directions))
        raise ValueError(f"there is no direction {exercise.direction!r}; they are {known}")


def choose_exercise(
    exercises: Sequence[Exercise], direction: str, level: str, turn: int
) -> Exercise | None:
    """Return the exercise of a direction and level whose turn it is; None if there is none.

    Without a `direction` that has exercises, those of all directions take turns. `turn` is the
    number of the week or month, so that none repeats in consecutive ones while there are two.
    """
    fitting = [exercise for exercise in exercises if exercise.level == level]
    own = [exercise for exercise in fitting if exercise.direction == direction]
    candidates = own or fitting
    return candidates[turn % len(candidates)] if candidates else None
