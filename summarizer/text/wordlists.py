"""Word lists written as one string each: sets of words, and patterns that match any of them.

Public surface: ``word_set``, ``any_word_pattern``.
"""

import re


def word_set(text: str) -> frozenset[str]:
    """Return the words of ``text``, which are separated by white space."""
    return frozenset(text.split())


def any_word_pattern(text: str) -> str:
    r"""Return a regular expression that matches any whole word of ``text``.

    ``_`` matches a space and ``*`` the rest of a word: ``fail* such_as`` matches "failing" and
    "such as".
    """
    words = (re.escape(word).replace(r"\*", r"\w*").replace("_", " ") for word in text.split())
    return rf"\b(?:{'|'.join(words)})(?!\w)"
