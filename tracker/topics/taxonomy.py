"""The map: seven dimensions and the frontier directions, and a user's own beside them.

Data only; `tracker.topics.tagging` says which of them a text belongs to.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tracker.errors import ConfigError
from tracker.settings import Direction


@dataclass(frozen=True, slots=True)
class Concept:
    """A dimension or direction: its key, names, the words it is about, and its seed phrases."""

    key: str
    kind: str
    name: str
    name_zh: str
    about: str
    seeds: tuple[str, ...]
    within: tuple[str, ...] = ()


@cache
def load() -> Mapping[str, Concept]:
    """The map by key, dimensions first, in the order of the data file."""
    text = resources.files(__package__).joinpath("taxonomy.toml").read_text(encoding="utf-8")
    return {
        key: Concept(
            key, kind, entry["name"], entry["name_zh"], entry["about"],
            tuple(entry["seeds"]), tuple(entry.get("within", ())),
        )
        for kind, entries in tomllib.loads(text).items()
        for key, entry in entries.items()
    }  # fmt: skip


def with_own(directions: Mapping[str, Direction]) -> Mapping[str, Concept]:
    """The map with a user's directions at its end. ConfigError for one that cannot be meant."""
    return {**load(), **{key: _own(key, given) for key, given in directions.items()}}


def _own(key: str, given: Direction) -> Concept:
    name = f"directions.{key}"
    if key in load():
        raise ConfigError(f"The setting {name} would replace {key} of the map; take another key.")
    if not given.seeds:
        raise ConfigError(f"The setting {name}.seeds is empty: list phrases that papers use.")
    dimensions = {concept.key for concept in of_kind("dimension")}
    if not set(given.within) <= dimensions:
        raise ConfigError(
            f"The setting {name}.within takes dimensions: {', '.join(sorted(dimensions))}."
        )
    title = given.name or key
    about = given.about or ", ".join(given.seeds)
    return Concept(
        key, "direction", title, given.name_zh or title, about, given.seeds, given.within
    )


def of_kind(kind: str, concepts: Mapping[str, Concept] | None = None) -> list[Concept]:
    """All concepts of a kind, "dimension" or "direction"."""
    known = load() if concepts is None else concepts
    return [concept for concept in known.values() if concept.kind == kind]
