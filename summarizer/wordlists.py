"""Word lists as one readable string each: sets of words, and patterns that match any of them.

Public surface: ``listed``, ``any_of``.
"""

import re


def listed(text: str) -> frozenset[str]:
    """The words of ``text``, which are separated by white space."""
    return frozenset(text.split())


def any_of(text: str) -> str:
    r"""A regular expression for any word of ``text``, whole.

    ``_`` stands for a blank and ``*`` for the rest of a word: ``fail* such_as`` matches
    "failing" and "such as".
    """
    words = (re.escape(word).replace(r"\*", r"\w*").replace("_", " ") for word in text.split())
    return rf"\b(?:{'|'.join(words)})(?!\w)"
