"""Texts folded into words, and in how many of them phrases occur.

Public: `fold_text`, `count_texts`.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from tracker.topics.phrase_counts import fold_word

_TOKEN = re.compile(r"[A-Za-z0-9]+|[.,;:!?()]")


def fold_text(text: str) -> str:
    """Return the folded words of a text between blanks; punctuation counts as a word."""
    return f" {' '.join(map(fold_word, _TOKEN.findall(text)))} "


def count_texts(texts: Iterable[str], phrases: frozenset[str]) -> Counter[str]:
    """Return in how many folded texts each of `phrases` occurs."""
    beginnings = _beginnings(phrases)
    counted: Counter[str] = Counter()
    for text in texts:
        counted.update(_phrases_in(text.split(), beginnings) & phrases)
    return counted


def _beginnings(phrases: Iterable[str]) -> set[str]:
    """Return the phrases and what each begins with: its first word, its first two, and so on."""
    split = (phrase.split() for phrase in phrases)
    return {" ".join(words[:end]) for words in split for end in range(1, len(words) + 1)}


def _phrases_in(words: Sequence[str], beginnings: Collection[str]) -> set[str]:
    """Return the runs of `words` that are among `beginnings`."""
    found: set[str] = set()
    for start, word in enumerate(words):
        run, end = word, start + 1
        while run in beginnings:
            found.add(run)
            if end == len(words):
                break
            run, end = f"{run} {words[end]}", end + 1
    return found
