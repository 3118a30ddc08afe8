"""The taxonomy: seven dimensions and the frontier directions, and the directions a user adds.

Data only; `tracker.topics.tagging` decides which of them a text belongs to.

Public: `Concept`, `load_concepts`, `concepts_with_custom`, `concepts_of_kind`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tracker.errors import ConfigError
from tracker.settings import Direction

_PHRASE_FIELDS = ("seeds", "within", "title_seeds", "llm_title_seeds")


@dataclass(frozen=True, slots=True)
class Concept:
    """A dimension or direction: its key, names, description, and seed phrases.

    `within` lists the keys of the dimensions a direction belongs to. A phrase of `title_seeds` in a
    title is sufficient for the tag; one of `llm_title_seeds` if the paper is on language models.
    """

    key: str
    kind: str
    name: str
    name_zh: str
    about: str
    seeds: tuple[str, ...]
    within: tuple[str, ...] = ()
    title_seeds: tuple[str, ...] = ()
    llm_title_seeds: tuple[str, ...] = ()


@cache
def load_concepts() -> Mapping[str, Concept]:
    """Return the taxonomy by key, dimensions first, in the order of the data file."""
    text = resources.files(__package__).joinpath("taxonomy.toml").read_text(encoding="utf-8")
    return {
        key: Concept(
            key, kind, entry["name"], entry["name_zh"], entry["about"],
            *(tuple(entry.get(field, ())) for field in _PHRASE_FIELDS),
        )
        for kind, entries in tomllib.loads(text).items()
        for key, entry in entries.items()
    }  # fmt: skip


def concepts_with_custom(directions: Mapping[str, Direction]) -> Mapping[str, Concept]:
    """Return the taxonomy followed by a user's directions. Raises ConfigError for invalid ones."""
    return {
        **load_concepts(),
        **{key: _custom_direction(key, setting) for key, setting in directions.items()},
    }


def _custom_direction(key: str, setting: Direction) -> Concept:
    name = f"directions.{key}"
    if key in load_concepts():
        raise ConfigError(
            f"The setting {name} would replace the built-in direction {key}; use another key."
        )
    if not setting.seeds:
        raise ConfigError(f"The setting {name}.seeds is empty: list phrases that papers use.")
    dimensions = {concept.key for concept in concepts_of_kind("dimension")}
    if not set(setting.within) <= dimensions:
        raise ConfigError(
            f"The setting {name}.within accepts only dimensions: {', '.join(sorted(dimensions))}."
        )
    title = setting.name or key
    about = setting.about or ", ".join(setting.seeds)
    return Concept(
        key, "direction", title, setting.name_zh or title, about, setting.seeds, setting.within
    )


def concepts_of_kind(kind: str, concepts: Mapping[str, Concept] | None = None) -> list[Concept]:
    """Return all concepts of a kind, "dimension" or "direction"."""
    known = load_concepts() if concepts is None else concepts
    return [concept for concept in known.values() if concept.kind == kind]
