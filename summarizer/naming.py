"""A name for a group of papers, written by a language model out of the group's own words.

A name with a word that stands in no term and no title is not taken: the caller's own label stays.

Public surface: ``Unnamed``, ``names``, ``grounded``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from summarizer.errors import GenerationError
from summarizer.generate import Writer
from summarizer.hostile import gives_orders
from summarizer.prompt import Messages
from summarizer.stems import content
from summarizer.text import plain

_SYSTEM = (Path(__file__).with_name("prompts") / "groups" / "name.txt").read_text("utf-8")
_TITLES = 8
_FEWEST, _MOST = 2, 6


@dataclass(frozen=True, slots=True)
class Unnamed:
    """What is known of a group: its ``terms``, the most telling first, and ``titles`` of papers."""

    terms: tuple[str, ...]
    titles: tuple[str, ...]


def names(groups: Sequence[Unnamed], writer: Writer) -> Iterator[tuple[int, str]]:
    """Yield (index, name) of each group for which the model wrote one that holds."""
    for place, answered in writer.write([_messages(group) for group in groups], "en"):
        if not isinstance(answered, GenerationError):
            name = plain(answered.get("tldr", "")).strip(" .\"'“”")
            if grounded(name, groups[place]):
                yield place, name


def grounded(name: str, group: Unnamed) -> bool:
    """Whether a name is short, and every word of it that says something is one of the group's."""
    said = content(name.lower())
    known = content(" ".join((*group.terms, *group.titles)).lower())
    told = content(" ".join(group.terms).lower())
    return _FEWEST <= len(name.split()) <= _MOST and said <= known and bool(said & told)


def _messages(group: Unnamed) -> Messages:
    titles = [plain(title) for title in group.titles if not gives_orders(title)]
    told = "\n".join(("Terms: " + "; ".join(group.terms), "Titles:", *titles[:_TITLES]))
    return [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": told}]
