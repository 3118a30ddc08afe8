"""Words reduced to what two texts about one thing share: lower case, rough stems, stop words.

Public surface: ``tokens``, ``content``, ``STOP``.
"""

import re
from functools import lru_cache

from summarizer.wordlists import listed

_TOKEN = re.compile(r"[a-z0-9]+")
_SUFFIXES = (
    ("ization", "ize"), ("ations", ""), ("ation", ""), ("iveness", "ive"), ("ings", ""),
    ("ing", ""), ("ities", "ity"), ("ies", "y"), ("edly", ""), ("ed", ""), ("es", ""),
    ("ers", "er"), ("ly", ""), ("s", ""), ("e", ""),
)  # fmt: skip
STOP = listed(
    "a an the of to in on for with by from as is are was were be been being that which this these "
    "those it its we our and or but not no can could may might will would have has had do does did "
    "such than then thus also more most very both between into over under via using use used their "
    "they them there here where when while how what who whose all any each other some only so if "
    "at i s e g"
)
"""Words that say nothing about what a sentence is about."""


def tokens(text: str) -> tuple[str, ...]:
    """The stems of ``text``, which is in lower case, in order."""
    return tuple(_stem(word) for word in _TOKEN.findall(text))


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """A rough stem: enough to join "propose", "proposes" and "proposed"."""
    if len(word) > 3:
        for suffix, ending in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                return word[: -len(suffix)] + ending
    return word


def content(text: str) -> frozenset[str]:
    """The stems of ``text`` that are not stop words."""
    return frozenset(tokens(text.lower())) - STOP
