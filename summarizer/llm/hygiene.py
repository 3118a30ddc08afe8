"""Rejects generated sentences that are not worth checking: fragments, copies and repetitions.

A small model fills a field although it has nothing to say: with the title, with the sentence of
another field, with the instructions, with a sentence that is cut at the length limit, or with one
that belongs to another field. An empty field is better than any of these.

Public surface: ``is_clean``, ``is_presentable``.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from summarizer.extractive.roles import fits_role
from summarizer.extractive.scoring import work_name
from summarizer.llm.prompt import Paper
from summarizer.summary import Role, Sentence
from summarizer.text.sentences import to_plain_text
from summarizer.text.stems import content_stems, stem_tokens

_FEWEST_WORDS = 4
# A sentence that shares this much of its content words with another one says nothing new.
_SAME = 0.8
_END = re.compile(r"[.!?][\"'”’)\]]*$")
_START = re.compile(r"[\"'“‘(]?(?:[^\W_]*[A-Z\d]|[^\W\d_]+-|[^\x00-\x7f])")
# No sentence ends in one of these words.
_DANGLING = re.compile(
    r"\b(?:the|an?|of|and|or|for|to|with|by|from|in|on|at|that|which|while|whereas|because|as|than|"
    r"such as|including|its|their|our|is|are|was|were)[.!?]$",
    re.I,
)
# Seven words of the instructions in a row are no coincidence.
_RUN = 7
_PROMPTS = Path(__file__).with_name("prompts")


def is_clean(sentence: str, role: Role, paper: Paper, earlier: Sequence[Sentence]) -> bool:
    """Whether a sentence is whole, new, and says what its field asks for.

    It is neither the title nor an earlier sentence, does not repeat itself or the instructions, and
    its words allow its role.
    """
    title = to_plain_text(paper.title)
    return is_presentable(sentence, [title, *(known.text for known in earlier)]) and fits_role(
        sentence, role, work_name(title)
    )


def is_presentable(sentence: str, others: Sequence[str]) -> bool:
    """Whether a sentence is whole, and repeats neither itself, the instructions nor ``others``."""
    words = sentence.split()
    return (
        len(words) >= _FEWEST_WORDS
        and _is_whole(sentence)
        and not any(_repeats(sentence, other) for other in others)
        and not _has_loop(words)
        and not _runs(sentence) & _instruction_runs()
    )


def _is_whole(sentence: str) -> bool:
    """Whether a sentence begins and ends like one, and has balanced brackets."""
    return (
        _END.search(sentence) is not None
        and _START.match(sentence) is not None
        and not _DANGLING.search(sentence)
        and sentence.count("(") <= sentence.count(")")
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
    texts = (path.read_text("utf-8") for path in sorted(_PROMPTS.rglob("*.txt")))
    return frozenset().union(*map(_runs, texts))
