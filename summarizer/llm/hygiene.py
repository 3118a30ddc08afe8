"""Rejects generated sentences that are not worth checking: fragments, copies and repetitions.

A small model fills a field although it has nothing to say: with the title, with the sentence of
another field, with the instructions, or with a sentence that is cut at the length limit.

Public surface: ``is_clean``.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from summarizer.llm.prompt import Paper
from summarizer.summary import Sentence
from summarizer.text.sentences import to_plain_text
from summarizer.text.stems import content_stems, stem_tokens

_FEWEST_WORDS = 4
# A sentence that shares this much of its content words with another one says nothing new.
_SAME = 0.8
_END = re.compile(r"[.!?][\"'”’)\]]*$")
# Seven words of the instructions in a row are no coincidence.
_RUN = 7
_PROMPTS = Path(__file__).with_name("prompts")


def is_clean(sentence: str, paper: Paper, earlier: Sequence[Sentence]) -> bool:
    """Whether a sentence is whole and is not the title, an earlier sentence or the instructions."""
    words = sentence.split()
    return (
        len(words) >= _FEWEST_WORDS
        and _END.search(sentence) is not None
        and not _repeats(sentence, to_plain_text(paper.title))
        and not any(_repeats(sentence, known.text) for known in earlier)
        and not _has_loop(words)
        and not _runs(sentence) & _instruction_runs()
    )


def _repeats(sentence: str, other: str) -> bool:
    stems, known = content_stems(sentence), content_stems(other)
    return bool(stems) and len(stems & known) >= _SAME * max(len(stems), len(known))


def _has_loop(words: Sequence[str]) -> bool:
    """Whether three words occur in the same order three times."""
    triples = [tuple(words[place : place + 3]) for place in range(len(words) - 2)]
    return any(triples.count(triple) > 2 for triple in set(triples))


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    tokens = stem_tokens(text.lower())
    return frozenset(tokens[place : place + _RUN] for place in range(len(tokens) - _RUN + 1))


@lru_cache(maxsize=1)
def _instruction_runs() -> frozenset[tuple[str, ...]]:
    texts = (path.read_text("utf-8") for path in sorted(_PROMPTS.glob("*.txt")))
    return frozenset().union(*map(_runs, texts))
