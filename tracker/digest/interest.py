"""How much a paper is like those that readers of the field have picked.

Two linear models, each fitted by `benchmarks/ranking.py`. `picked.json` holds weights of the words
and bare facts of a paper: logistic regression on what an editor picked for a weekly list in 2025.
`voted.json` holds the weights of 384 dimensions of the default embedding, fitted on the papers of
early 2026 that reached Hugging Face's daily list; it means nothing to vectors of another model.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.models import Paper

# How much the votes count beside the editor's picks, both in standard deviations of the period:
# the best of a dozen on the editor's weeks that were not fitted (docs/log.md, 2026-11-25).
_VOTES = 0.8
_WORD = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
_ACCEPTED = re.compile(r"accepted|appear|published|workshop|ICLR|ICML|NeurIPS|ACL|EMNLP")
_PRIMARY = ("cs.CL", "cs.LG", "cs.AI", "stat.ML")
# A fact counts as much as this next to the words, whose squares sum to one.
_FACT = 0.3

Column = NDArray[np.float32]


def likeness(papers: Sequence[Paper], vectors: Column, model: str) -> Column:
    """For papers and their unit rows (n, d) of `model`, a number in 0..1 each.

    The likest of the papers given has 1, the least like 0; equal papers have 0.5.
    """
    score = _standard(np.array([_picked(paper) for paper in papers], np.float32))
    voted = _weights("voted")
    if voted["model"] == model:
        score = score + _VOTES * _standard(vectors @ np.array(voted["weights"], np.float32))
    spread = float(np.ptp(score)) if len(score) else 0.0
    if not spread:
        return np.full(len(score), 0.5, np.float32)
    scaled: Column = (score - score.min()) / spread
    return scaled


def _standard(values: Column) -> Column:
    spread = float(values.std()) if len(values) else 0.0
    centred: Column = values - values.mean() if spread else np.zeros_like(values)
    return centred / (spread or 1.0)


def _picked(paper: Paper) -> float:
    weights = _weights("picked")
    return float(sum(value * weights.get(name, 0.0) for name, value in features(paper)))


def features(paper: Paper) -> Iterator[tuple[str, float]]:
    """What the model of the picks sees: names and values of all that is not nought."""
    title, abstract = (_WORD.findall(text.lower()) for text in (paper.title, paper.abstract))
    yield from _unit("abstract", abstract)
    yield from _unit("title", [*title, *(f"{one} {two}" for one, two in pairwise(title))])
    yield from ((f"fact {name}", _FACT) for name in _facts(paper))


def _unit(kind: str, words: Sequence[str]) -> Iterator[tuple[str, float]]:
    distinct = sorted(set(words))
    return ((f"{kind} {word}", 1 / math.sqrt(len(distinct))) for word in distinct)


def _facts(paper: Paper) -> Iterator[str]:
    primary = paper.categories[0] if paper.categories else ""
    yield primary if primary in _PRIMARY else "other category"
    told = {
        "8 authors": len(paper.authors) >= 8,
        "15 authors": len(paper.authors) >= 15,
        "few authors": len(paper.authors) <= 2,
        "venue": bool(_ACCEPTED.search(paper.comments)),
        "colon": ":" in paper.title,
        "short title": len(paper.title.split()) <= 6,
        "long abstract": len(paper.abstract) > 1500,
        "short abstract": len(paper.abstract) < 900,
    }
    yield from (name for name, holds in told.items() if holds)


@cache
def _weights(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    return dict(json.loads(text))
