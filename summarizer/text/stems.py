"""Rough stems and stop words, used to compare a sentence with its source.

The weights of the extractive summary are trained on these stems and this list, so neither changes
without retraining (``benchmarks/summaries.py train``). Other stems and lists serve other purposes:
``tracker.store.fts_stems`` must match the full-text index, ``tracker.topics.phrase_counts`` folds
plurals of phrases that are shown, ``tracker.search.query.stopwords`` serves queries.

Snowball's English stemmer was compared with this one (``benchmarks/sentence_splitter.py``): it
joins nearly twice as many pairs of words, takes 10 times as long and proves no more sentences.

Public surface: ``stem_tokens``, ``content_stems``, ``STOP_WORDS``.
"""

import re
from functools import lru_cache

from summarizer.text.wordlists import word_set

_TOKEN = re.compile(r"[a-z0-9]+")
_SUFFIXES = (
    ("ization", "ize"), ("ations", ""), ("ation", ""), ("iveness", "ive"), ("ings", ""),
    ("ing", ""), ("ities", "ity"), ("ies", "y"), ("edly", ""), ("ed", ""), ("es", ""),
    ("ers", "er"), ("ly", ""), ("s", ""), ("e", ""),
)  # fmt: skip
STOP_WORDS = word_set(
    "a an the of to in on for with by from as is are was were be been being that which this these "
    "those it its we our and or but not no can could may might will would have has had do does did "
    "such than then thus also more most very both between into over under via using use used their "
    "they them there here where when while how what who whose all any each other some only so if "
    "at i s e g"
)
"""Words that are no evidence that two sentences are about the same thing."""


def stem_tokens(text: str) -> tuple[str, ...]:
    """Return the stems of ``text``, which must be in lower case, in order."""
    return tuple(_stem(word) for word in _TOKEN.findall(text))


@lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    """Return a rough stem: enough to join "propose", "proposes" and "proposed"."""
    if len(word) > 3:
        for suffix, ending in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                return word[: -len(suffix)] + ending
    return word


def content_stems(text: str) -> frozenset[str]:
    """Return the stems of ``text`` that are not stop words."""
    return frozenset(stem_tokens(text.lower())) - STOP_WORDS
