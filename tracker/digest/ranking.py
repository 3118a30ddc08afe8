"""Why this paper and not that one: a weighted sum of signals, each in 0..1 and each kept.

A signal is a fact about a paper within its period; `rank` turns facts into picks, best first, and
`diverse` walks down that list so that no pick resembles an earlier one too much.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.models import Paper, Pick, Reason, Tag

# What each signal counts. Chosen among a dozen settings on Hugging Face's daily papers of March
# 2026 and an editor's picks of December 2025 (docs/log.md, 2026-11-24, "ranking"): likeness to
# what is voted up finds most, a large team adds to it, and the rest decides between equals.
WEIGHTS: Mapping[str, float] = {
    "interest": 0.70,
    "team": 0.10,
    "topic": 0.05,
    "centrality": 0.05,
    "novelty": 0.05,
    "code": 0.05,
}
# Papers by this many authors are seldom student projects.
_LARGE_TEAM = 8

# Balance of relevance and difference in maximal marginal relevance (Carbonell & Goldstein, 1998).
_RELEVANCE_SHARE = 0.75

_CODE = re.compile(r"https?://(?:github\.com|gitlab\.com|huggingface\.co|example\.org)/[\w./~-]+")
_VENUE = re.compile(
    r"\b(?:accepted|to appear|published|presented|oral|spotlight|camera[- ]ready)\b[^.;]{0,60}?"
    r"\b((?:ICLR|NeurIPS|ICML|ACL|EMNLP|NAACL|EACL|TACL|COLM|AAAI|IJCAI|CVPR|ICCV|ECCV|KDD|SIGIR|WWW"
    r"|TMLR|JMLR|AISTATS|UAI|COLING|CoNLL|Interspeech|ICASSP|USENIX|MLSys)(?:\s*'?\d{2,4})?)",
    re.I,
)


def code_link(paper: Paper) -> str:
    """Address of the code that a paper's comments or abstract name, or empty."""
    match = _CODE.search(paper.comments) or _CODE.search(paper.abstract)
    return match[0].rstrip(".") if match else ""


def venue(paper: Paper) -> str:
    """The venue that a paper's comments say it was accepted at, or its journal reference."""
    match = _VENUE.search(paper.comments)
    return match[1].strip() if match else paper.journal_ref


@dataclass(frozen=True, slots=True)
class Candidates:
    """The papers of a period with all that is known of them, row by row.

    `vectors` are unit rows (n, d); `interest` (n,) in 0..1 how like they are to what readers vote
    up, or None where that is not known; `nearest_before` (n,) is the cosine to the nearest paper of
    the ninety days before, or None when there is none to compare with; `centrality` (n,) the cosine
    to the centre of the paper's theme.
    """

    papers: Sequence[Paper]
    tags: Sequence[Sequence[Tag]]
    vectors: NDArray[np.float32]
    interest: NDArray[np.float32] | None
    nearest_before: NDArray[np.float32] | None
    centrality: NDArray[np.float32]


def rank(candidates: Candidates, weights: Mapping[str, float] = WEIGHTS) -> list[Pick]:
    """Every candidate that is not withdrawn as a pick with its reasons, best first."""
    novelty = _novelty(candidates)
    centrality = _percentiles(candidates.centrality)
    picks = []
    for row, paper in enumerate(candidates.papers):
        if paper.withdrawn:
            continue
        facts = (
            _interest(candidates, row),
            _team(paper),
            _topic(candidates.tags[row]),
            ("centrality", centrality[row], "at the centre of its theme"),
            ("novelty", novelty[row], _novelty_words(candidates, row)),
            _code(paper),
        )
        why = tuple(Reason(name, value, weights[name], words) for name, value, words in facts)
        picks.append(Pick(paper, round(sum(reason.points for reason in why), 6), why))
    return sorted(picks, key=lambda pick: (-pick.score, pick.paper.id))


Fact = tuple[str, float, str]


def _topic(tags: Sequence[Tag]) -> Fact:
    if not tags:
        return "topic", 0.0, "no topic of the map"
    return "topic", tags[0].score, f"about {tags[0].name}"


def _interest(candidates: Candidates, row: int) -> Fact:
    if candidates.interest is None:
        return "interest", 0.0, "not known for this embedding model"
    return "interest", float(candidates.interest[row]), "like papers that readers vote up"


def _team(paper: Paper) -> Fact:
    authors = len(paper.authors)
    return "team", float(authors >= _LARGE_TEAM), f"by {authors} authors"


def _code(paper: Paper) -> Fact:
    return "code", float(bool(code_link(paper))), "code is released"


def _novelty(candidates: Candidates) -> NDArray[np.float64]:
    if candidates.nearest_before is None:
        return np.zeros(len(candidates.papers))
    return _percentiles(-candidates.nearest_before)


def _novelty_words(candidates: Candidates, row: int) -> str:
    if candidates.nearest_before is None:
        return "nothing earlier to compare with"
    return f"unlike the 90 days before (nearest {candidates.nearest_before[row]:.2f})"


def _percentiles(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Ranks as 0..1, so that signals of different scales can be added; equal values share one."""
    if len(values) < 2:
        return np.ones(len(values))
    order = np.sort(values)
    low, high = np.searchsorted(order, values, "left"), np.searchsorted(order, values, "right")
    return (low + high - 1) / 2 / (len(values) - 1)


def diverse(
    picks: Sequence[Pick], vectors: Mapping[str, NDArray[np.float32]], limit: int
) -> list[Pick]:
    """The first `limit` picks by maximal marginal relevance; `vectors` are unit, by paper id."""
    chosen: list[Pick] = []
    pool = list(picks[: limit * 10])
    likeness = np.zeros(len(pool), np.float32)
    matrix = np.array([vectors[pick.paper.id] for pick in pool], np.float32)
    scores = np.array([pick.score for pick in pool])
    taken = np.zeros(len(pool), bool)
    while len(chosen) < min(limit, len(pool)):
        marginal = _RELEVANCE_SHARE * scores - (1 - _RELEVANCE_SHARE) * likeness
        best = int(np.argmax(np.where(taken, -np.inf, marginal)))
        chosen.append(pool[best])
        taken[best] = True
        likeness = np.maximum(likeness, matrix @ matrix[best])
    return chosen
