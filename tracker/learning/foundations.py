"""Foundational works and prerequisites of each direction, from `foundations.toml`.

Public: `Foundation`, `Start`, `load_starts`, `translate_note`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Foundation:
    """A work that later ones build on, or ("survey") an overview; `why` is one sentence."""

    id: str
    title: str
    stage: str
    why: str


@dataclass(frozen=True, slots=True)
class Start:
    """Where to start a direction: its works in reading order, and the directions it `needs`."""

    works: tuple[Foundation, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()


@cache
def load_starts() -> Mapping[str, Start]:
    """Return the start of each direction of the bundled taxonomy, by key."""
    text = resources.files(__package__).joinpath("foundations.toml").read_text(encoding="utf-8")
    return {
        key: Start(
            tuple(Foundation(*work) for work in table["works"]),
            tuple(table.get("needs", {}).items()),
        )
        for key, table in tomllib.loads(text)["directions"].items()
    }


def translate_note(text: str, code: str) -> str:
    """Return a sentence of `foundations.toml` in the language `code`; itself without a translation.

    Languages are "en", "zh-CN" and "zh-TW".
    """
    place = _CHINESE.get(code)
    return text if place is None else _chinese_notes().get(text, (text, text))[place]


_CHINESE = {"zh-CN": 0, "zh-TW": 1}


@cache
def _chinese_notes() -> Mapping[str, Sequence[str]]:
    file = resources.files(__package__).joinpath("foundations_zh.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
