"""How often later works mention the system that a work introduces: evidence without citations.

Public: `Text`, `count_later_mentions`, `introduced_name`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NAME = re.compile(r"([A-Za-z][\w.+-]{2,30}):\s")
# A name has a capital or digit after its first character: "ReAct", "GPT4", but not "Towards".
_DISTINCT = re.compile(r".+[A-Z0-9].*")
_WORD = re.compile(r"[A-Za-z][\w+-]{2,30}")


@dataclass(frozen=True, slots=True)
class Text:
    """The title and abstract of the work `key`."""

    key: str
    title: str
    abstract: str


def introduced_name(title: str) -> str:
    """Return the name before the colon of a title ("ReAct: Synergizing …"), or ""."""
    match = _NAME.match(title)
    return match[1] if match and _DISTINCT.fullmatch(match[1]) else ""


def count_later_mentions(texts: Sequence[Text]) -> dict[str, int]:
    """Return how many later works mention the name that each work introduces, by key.

    `texts` are oldest first. A name that several titles introduce, or that an earlier abstract
    contains, is not counted: nobody can tell whose it is.
    """
    names = _unique_names(texts)
    seen: set[str] = set()
    owners: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for text in texts:
        words = names.keys() & set(_WORD.findall(f"{text.title} {text.abstract}"))
        counts.update(owners[word] for word in words & owners.keys())
        own = {word for word in words if names[word] == text.key and word not in seen}
        owners.update(dict.fromkeys(own, text.key))
        seen |= words
    return dict(counts)


def _unique_names(texts: Iterable[Text]) -> dict[str, str]:
    """Return the key of the only work that introduces each name."""
    pairs = [(name, text.key) for text in texts if (name := introduced_name(text.title))]
    times = Counter(name for name, _ in pairs)
    return {name: key for name, key in pairs if times[name] == 1}
