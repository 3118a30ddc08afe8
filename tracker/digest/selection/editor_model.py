"""How similar a paper is to those that an editor in the field picked.

`picked.json` has two logistic regressions, fitted by `benchmarks/ranking.py` on the papers that an
editor put on a weekly list in 2025, against all others of those weeks. One uses the words and
simple facts of a paper; the other the 384 dimensions of the default embedding, so it does not apply
to vectors of another model.

Public: `interest_scores`, `strongest_terms`, `word_features`, `combine_log_odds`, `load_weights`.
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
from tracker.topics.phrase_counts import compound_words, fold_phrase, stop_words

# Weights of the two models where both apply: with these the picks of the weeks after the fitted
# ones are likeliest (docs/log.md, 2026-11-25).
_WORDS, _VECTORS = 0.7, 0.6
# Log odds between the values 0 and 1, and how far the value 0 is below the period's mean: the best
# of 3,000 papers is 7 to 9 above the mean.
LOG_ODDS_SPAN, _BELOW = 12, 3

_WORD = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
_PRIMARY = ("cs.CL", "cs.LG", "cs.AI", "stat.ML", "cs.CV", "cs.IR", "cs.SE", "cs.CR")
# Lower bounds for "many authors", and upper bounds for "short title".
_AUTHORS, _TITLE_WORDS = (5, 8, 11, 15), (4, 6, 8)
_COMMENTS = {
    "venue": re.compile(r"accepted|appear|published|workshop|ICLR|ICML|NeurIPS|ACL|EMNLP", re.I),
    "code": re.compile(r"code|github", re.I),
    "project page": re.compile(r"project", re.I),
    "technical report": re.compile(r"tech\w* report", re.I),
    "in progress": re.compile(r"in progress", re.I),
    "under review": re.compile(r"review|submitted", re.I),
}
# Log odds from which a word is shown as a reason, and how many words are shown at most.
_LEAST_LOG_ODDS, _MOST_TERMS = 0.2, 3
# The value of a fact next to those of the words, whose squares sum to one.
_FACT = 0.2

FloatArray = NDArray[np.float32]


def interest_scores(papers: Sequence[Paper], vectors: FloatArray, model: str) -> FloatArray:
    """Return a value in 0..1 for each paper, from papers and their unit rows (n, d) of `model`.

    Twelve log odds correspond to 1; the mean of the given papers is 0.25.
    """
    if not papers:
        return np.zeros(0, np.float32)
    odds = _log_odds(papers, vectors, model)
    value: FloatArray = np.clip((odds - odds.mean() + _BELOW) / LOG_ODDS_SPAN, 0, 1)
    return value


def _log_odds(papers: Sequence[Paper], vectors: FloatArray, model: str) -> FloatArray:
    known = load_weights()
    words: FloatArray = np.array(
        [_word_log_odds(paper, known["words"]) for paper in papers], np.float32
    )
    if known["model"] != model:
        return words
    return combine_log_odds(words, vectors @ np.array(known["vector"], np.float32))


def combine_log_odds(words: FloatArray, vectors: FloatArray) -> FloatArray:
    """Return the log odds of being picked, up to a constant, from those of the two models."""
    return _WORDS * words + _VECTORS * vectors


def _word_log_odds(paper: Paper, weights: dict[str, float]) -> float:
    return float(sum(value * weights.get(name, 0.0) for name, value in word_features(paper)))


def strongest_terms(paper: Paper) -> tuple[str, ...]:
    """Return the words and word pairs that add most to a paper's log odds in the word model.

    At most three, each worth 0.2 log odds or more, without facts and stop words.
    """
    points, weights = Counter[str](), load_weights()["words"]
    for name, value in word_features(paper):
        kind, _, words = name.partition(" ")
        if kind != "fact" and _is_informative(words.split()):
            points[words] += value * weights.get(name, 0.0)
    strong = [words for words, log_odds in points.most_common() if log_odds >= _LEAST_LOG_ODDS]
    return tuple(_distinct_terms(strong))[:_MOST_TERMS]


def _is_informative(words: Sequence[str]) -> bool:
    """Return whether there is no stop word, except words that may be part of a pair."""
    stopping = stop_words() - compound_words() if len(words) > 1 else stop_words()
    return not stopping.intersection(words)


def _distinct_terms(terms: Sequence[str]) -> Iterator[str]:
    """Yield the terms without repetitions: "agent" next to "agents", or part of a pair."""
    pairs = {fold_phrase(word) for words in terms if " " in words for word in words.split()}
    seen = set[str]()
    for words in terms:
        if fold_phrase(words) not in pairs | seen:
            seen.add(fold_phrase(words))
            yield words


def word_features(paper: Paper) -> Iterator[tuple[str, float]]:
    """Yield the names and values of the word model's features that are not zero."""
    title, abstract = (_WORD.findall(text.lower()) for text in (paper.title, paper.abstract))
    yield from _unit_features("abstract", abstract)
    yield from _unit_features(
        "title", [*title, *(f"{first} {second}" for first, second in pairwise(title))]
    )
    yield from ((f"fact {name}", _FACT) for name in _fact_names(paper))


def _unit_features(kind: str, words: Sequence[str]) -> Iterator[tuple[str, float]]:
    distinct = sorted(set(words))
    return ((f"{kind} {word}", 1 / math.sqrt(len(distinct))) for word in distinct)


def _fact_names(paper: Paper) -> Iterator[str]:
    yield _primary_category(paper.categories)
    words = len(paper.title.split())
    yield from (f"{least} authors" for least in _AUTHORS if len(paper.authors) >= least)
    yield from (f"title of {most} words" for most in _TITLE_WORDS if words <= most)
    yield from (name for name, form in _COMMENTS.items() if form.search(paper.comments))
    facts = {
        "few authors": len(paper.authors) <= 2,
        "colon": ":" in paper.title,
        "question": "?" in paper.title,
        "long abstract": len(paper.abstract) >= 1500,
        "short abstract": len(paper.abstract) < 900,
    }
    yield from (name for name, holds in facts.items() if holds)


def _primary_category(categories: Sequence[str]) -> str:
    if not categories:
        return "no category"
    return categories[0] if categories[0] in _PRIMARY else "other category"


@cache
def load_weights() -> dict[str, Any]:
    """Return the fitted weights: "words" by name, "vector", and the "model" of the latter."""
    text = resources.files(__package__).joinpath("picked.json").read_text(encoding="utf-8")
    return dict(json.loads(text))
