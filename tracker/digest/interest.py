"""How much a paper is like those that an editor of the field has picked.

`picked.json` holds two logistic regressions, fitted by `benchmarks/ranking.py` on the papers that
an editor put on a weekly list in 2025, against all others of those weeks. One weighs the words and
bare facts of a paper; the other the 384 dimensions of the default embedding, and means nothing to
vectors of another model.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.models import Paper
from tracker.topics.phrasing import fold, part_nouns, stop_words

# What each model's log odds count where both are known: under these the picks of the weeks after
# those that were fitted are likeliest (docs/log.md, 2026-11-25).
_WORDS, _VECTORS = 0.7, 0.6
# Log odds from the value 0 to 1, and how far below the period's mean the value 0 lies: the best of
# 3,000 papers stands 7 to 9 above the mean.
SPAN, _BELOW = 12, 3

_WORD = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
_PRIMARY = ("cs.CL", "cs.LG", "cs.AI", "stat.ML", "cs.CV", "cs.IR", "cs.SE", "cs.CR")
# Bounds from which on a paper has many authors, or up to which its title is short.
_AUTHORS, _TITLE_WORDS = (5, 8, 11, 15), (4, 6, 8)
_COMMENTS = {
    "venue": re.compile(r"accepted|appear|published|workshop|ICLR|ICML|NeurIPS|ACL|EMNLP", re.I),
    "code": re.compile(r"code|github", re.I),
    "project page": re.compile(r"project", re.I),
    "technical report": re.compile(r"tech\w* report", re.I),
    "in progress": re.compile(r"in progress", re.I),
    "under review": re.compile(r"review|submitted", re.I),
}
# Log odds from which on a word is told as a reason, and how many are.
_TELLING, _MOST_TOLD = 0.2, 3
# A fact counts as much as this next to the words, whose squares sum to one.
_FACT = 0.2

Column = NDArray[np.float32]


def likeness(papers: Sequence[Paper], vectors: Column, model: str) -> Column:
    """For papers and their unit rows (n, d) of `model`, a number in 0..1 each.

    Twelve log odds are 1; the mean of the papers given has 0.25.
    """
    if not papers:
        return np.zeros(0, np.float32)
    odds = _log_odds(papers, vectors, model)
    value: Column = np.clip((odds - odds.mean() + _BELOW) / SPAN, 0, 1)
    return value


def _log_odds(papers: Sequence[Paper], vectors: Column, model: str) -> Column:
    known = picked()
    words: Column = np.array([_worded(paper, known["words"]) for paper in papers], np.float32)
    if known["model"] != model:
        return words
    return together(words, vectors @ np.array(known["vector"], np.float32))


def together(words: Column, vectors: Column) -> Column:
    """The log odds of being picked, up to a constant, from those of the two models."""
    return _WORDS * words + _VECTORS * vectors


def _worded(paper: Paper, weights: dict[str, float]) -> float:
    return float(sum(value * weights.get(name, 0.0) for name, value in features(paper)))


def telling(paper: Paper) -> tuple[str, ...]:
    """The words and pairs of words that speak most for a paper in the model of the words.

    At most three, each worth a fifth of a log odds or more; facts and stop words are not told.
    """
    points, weights = Counter[str](), picked()["words"]
    for name, value in features(paper):
        kind, _, words = name.partition(" ")
        if kind != "fact" and _says_something(words.split()):
            points[words] += value * weights.get(name, 0.0)
    strong = [words for words, log_odds in points.most_common() if log_odds >= _TELLING]
    return tuple(_apart(strong))[:_MOST_TOLD]


def _says_something(words: Sequence[str]) -> bool:
    """Whether a word or pair has no stop word, but for nouns that may be part of a pair."""
    stopping = stop_words() - part_nouns() if len(words) > 1 else stop_words()
    return not stopping.intersection(words)


def _apart(found: Sequence[str]) -> Iterator[str]:
    """Of what says the same, "agent" beside "agents", or as part of a pair, one only."""
    pairs = {fold(word) for words in found if " " in words for word in words.split()}
    seen = set[str]()
    for words in found:
        if fold(words) not in pairs | seen:
            seen.add(fold(words))
            yield words


def features(paper: Paper) -> Iterator[tuple[str, float]]:
    """What the model of the words sees: names and values of all that is not nought."""
    title, abstract = (_WORD.findall(text.lower()) for text in (paper.title, paper.abstract))
    yield from _unit("abstract", abstract)
    yield from _unit("title", [*title, *(f"{one} {two}" for one, two in pairwise(title))])
    yield from ((f"fact {name}", _FACT) for name in _facts(paper))


def _unit(kind: str, words: Sequence[str]) -> Iterator[tuple[str, float]]:
    distinct = sorted(set(words))
    return ((f"{kind} {word}", 1 / math.sqrt(len(distinct))) for word in distinct)


def _facts(paper: Paper) -> Iterator[str]:
    yield _primary(paper.categories)
    words = len(paper.title.split())
    yield from (f"{least} authors" for least in _AUTHORS if len(paper.authors) >= least)
    yield from (f"title of {most} words" for most in _TITLE_WORDS if words <= most)
    yield from (name for name, form in _COMMENTS.items() if form.search(paper.comments))
    told = {
        "few authors": len(paper.authors) <= 2,
        "colon": ":" in paper.title,
        "question": "?" in paper.title,
        "long abstract": len(paper.abstract) >= 1500,
        "short abstract": len(paper.abstract) < 900,
    }
    yield from (name for name, holds in told.items() if holds)


def _primary(categories: Sequence[str]) -> str:
    if not categories:
        return "no category"
    return categories[0] if categories[0] in _PRIMARY else "other category"


@cache
def picked() -> dict[str, Any]:
    """The weights of the words by name, those of the vectors, and the model these are of."""
    text = resources.files(__package__).joinpath("picked.json").read_text(encoding="utf-8")
    return dict(json.loads(text))
