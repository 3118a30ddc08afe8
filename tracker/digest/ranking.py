"""Why this paper and not that one: a weighted sum of signals, each in 0..1 and each kept.

A signal is a fact about a paper within its period; `rank` turns facts into picks, best first, and
`diverse` walks down that list so that no pick resembles an earlier one too much, no theme fills the
list, and chance has a place in it. The weights are settings (`tracker.config.Ranking`). A reason
holds its fact bare ("14" authors); `digest.words` says it in a language.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.digest.interest import telling
from tracker.models import Paper, Pick, Reason, Tag
from tracker.settings import Ranking

# Papers by this many authors are seldom student projects.
_LARGE_TEAM = 8
# Upvotes that count as full attention, and the days after which they count half.
_MANY_UPVOTES, _HALF_LIFE = 100, 14
# Older than a week at the end of its span, a paper has had its weekly digest; a week later its age
# counts whole. Of 1,000 candidates of each age, by days up to the end of an editor's week, 6 were
# picked of those 3 to 8 days old, and 2.7, 2.0, 1.1, 0.4 and 0.1 of those 9 to 13 days old.
_FRESH_DAYS, _AGED_DAYS = 7, 14
# Chance draws among so many times the list's length, the better placed the likelier.
_EXPLORED = 5

_CODE = re.compile(r"https?://(?:github\.com|gitlab\.com|huggingface\.co)/[\w./~-]+")
# Anywhere else what a sentence calls code: 557 papers more than the 7,070 of 68,394 above, of which
# forty drawn by chance and read were all right.
_CALLED_CODE = re.compile(
    r"\b(?:code|implementation|software|scripts?|librar(?:y|ies)|toolkit)\b[^.!?]{0,80}?"
    r"(https?://[\w./~-]+)",
    re.I,
)
_VENUE = re.compile(
    r"\b(?:accepted|to appear|published|presented|oral|spotlight|camera[- ]ready)\b[^.;]{0,60}?"
    r"\b((?:ICLR|NeurIPS|ICML|ACL|EMNLP|NAACL|EACL|TACL|COLM|AAAI|IJCAI|CVPR|ICCV|ECCV|KDD|SIGIR|WWW"
    r"|TMLR|JMLR|AISTATS|UAI|COLING|CoNLL|Interspeech|ICASSP|USENIX|MLSys)(?:\s*'?\d{2,4})?)",
    re.I,
)


def code_link(paper: Paper) -> str:
    """Address of the code that a paper's comments or abstract name, or empty."""
    texts = (paper.comments, paper.abstract)
    found = [match[0] for text in texts if (match := _CODE.search(text))]
    found += [match[1] for text in texts if (match := _CALLED_CODE.search(text))]
    return found[0].rstrip(".") if found else ""


def venue(paper: Paper) -> str:
    """The venue that a paper's comments say it was accepted at, or its journal reference."""
    match = _VENUE.search(paper.comments)
    return match[1].strip() if match else paper.journal_ref


@dataclass(frozen=True, slots=True)
class Attention:
    """Upvotes of a paper as they stood on a day."""

    upvotes: int
    day: date


@dataclass(frozen=True, slots=True)
class Candidates:
    """The papers of a period with all that is known of them, row by row.

    `vectors` are unit rows (n, d); `interest` (n,) in 0..1 how like they are to what an editor
    picked, or None where that is not known; `nearest_before` (n,) is the cosine to the nearest
    paper of the ninety days before, or None when there is none to compare with; `centrality` (n,)
    the cosine to the centre of the paper's theme. `attention` is their
    upvotes, by id; their age and the papers' own is counted up to the day `until`.

    `likes` (n,) in 0..1 is likeness to what one reader liked, or None; `follows` what of a paper
    they follow, as kind:fact, by id. An issue that goes to many has neither.
    """

    papers: Sequence[Paper]
    tags: Sequence[Sequence[Tag]]
    vectors: NDArray[np.float32]
    interest: NDArray[np.float32] | None
    nearest_before: NDArray[np.float32] | None
    centrality: NDArray[np.float32]
    likes: NDArray[np.float32] | None = None
    follows: Mapping[str, str] = field(default_factory=dict)
    attention: Mapping[str, Attention] = field(default_factory=dict)
    until: date | None = None


def rank(candidates: Candidates, weights: Ranking = Ranking()) -> list[Pick]:  # noqa: B008  frozen
    """Every candidate that is not withdrawn as a pick with its reasons, best first."""
    signals = _signals(candidates)
    picks = []
    for row, paper in enumerate(candidates.papers):
        if paper.withdrawn:
            continue
        facts = ((name, *signal(row, paper)) for name, signal in signals.items())
        why = tuple(
            Reason(name, value, _weight(name, weights), fact) for name, value, fact in facts
        )
        picks.append(Pick(paper, round(sum(reason.points for reason in why), 6), why))
    return sorted(picks, key=lambda pick: (-pick.score, pick.paper.id))


def _weight(signal: str, weights: Ranking) -> float:
    """What a signal counts: age counts against a paper."""
    weight = float(getattr(weights, signal))
    return -weight if signal == "age" else weight


# The value in 0..1 of one signal for a row and its paper, and the fact behind it.
Signal = Callable[[int, Paper], tuple[float, str]]


def _signals(known: Candidates) -> dict[str, Signal]:
    """Every signal by the name of its weight."""
    centrality, novelty = _percentiles(known.centrality), _novelty(known)
    nearest = known.nearest_before
    return {
        "interest": _interest(known),
        "age": lambda _, paper: _age(paper, known.until),
        "attention": lambda _, paper: _attention(known.attention.get(paper.id), known.until),
        "likes": _column(known.likes),
        "follow": _follow(known),
        "team": lambda _, paper: _team(paper),
        "topic": lambda row, _: _topic(known.tags[row]),
        "centrality": lambda row, _: (float(centrality[row]), ""),
        "novelty": lambda row, _: (
            float(novelty[row]), "" if nearest is None else f"{nearest[row]:.2f}"
        ),
        "code": lambda _, paper: _flag(code_link(paper)),
        "venue": lambda _, paper: _flag(venue(paper)),
    }  # fmt: skip


def _column(values: NDArray[np.float32] | None) -> Signal:
    """A signal that was measured for all rows at once, or for none."""
    return lambda row, _: (0.0 if values is None else float(values[row]), "")


def _interest(known: Candidates) -> Signal:
    """Likeness to what an editor picked; where it is more than usual, what words speak for it."""
    if known.interest is None:
        return _column(None)
    values, usual = known.interest, float(known.interest.mean())
    return lambda row, paper: (
        float(values[row]), ", ".join(telling(paper)) if values[row] > usual else ""
    )  # fmt: skip


def _flag(fact: str) -> tuple[float, str]:
    return float(bool(fact)), fact


def _follow(known: Candidates) -> Signal:
    """What is followed counts the more, the fewer papers of the period hold it.

    Its inverse document frequency (Spärck Jones, 1972) as a share of the largest there is, that of
    a single paper: a topic of eighty papers must not fill the list.
    """
    held, rarest = Counter(known.follows.values()), math.log(max(2, len(known.papers)))

    def signal(_: int, paper: Paper) -> tuple[float, str]:
        fact = known.follows.get(paper.id, "")
        return (1 - math.log(held[fact]) / rarest if fact else 0.0), fact

    return signal


def _topic(tags: Sequence[Tag]) -> tuple[float, str]:
    return (tags[0].score, tags[0].name) if tags else (0.0, "")


def _team(paper: Paper) -> tuple[float, str]:
    authors = len(paper.authors)
    return float(authors >= _LARGE_TEAM), str(authors)


def _age(paper: Paper, until: date | None) -> tuple[float, str]:
    """Nought for what came in the week up to `until`, rising evenly to 1 a week before that."""
    days = (until - paper.announced).days if until else 0
    over = (days - _FRESH_DAYS) / (_AGED_DAYS - _FRESH_DAYS)
    return min(1.0, max(0.0, over)), str(days)


def _attention(seen: Attention | None, until: date | None) -> tuple[float, str]:
    """Upvotes on a logarithmic scale, halved for every two weeks since they were counted."""
    if seen is None or seen.upvotes <= 0:
        return 0.0, ""
    share = min(1.0, math.log1p(seen.upvotes) / math.log1p(_MANY_UPVOTES))
    age = max(0, (until - seen.day).days) if until else 0
    return float(share * 0.5 ** (age / _HALF_LIFE)), str(seen.upvotes)


def _novelty(candidates: Candidates) -> NDArray[np.float64]:
    if candidates.nearest_before is None:
        return np.zeros(len(candidates.papers))
    return _percentiles(-candidates.nearest_before)


def _percentiles(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Ranks as 0..1, so that signals of different scales can be added; equal values share one."""
    if len(values) < 2:
        return np.ones(len(values))
    order = np.sort(values)
    low, high = np.searchsorted(order, values, "left"), np.searchsorted(order, values, "right")
    return (low + high - 1) / 2 / (len(values) - 1)


@dataclass(frozen=True, slots=True)
class Step:
    """One place of the list: the pick, and what likeness to `like` cost it."""

    pick: Pick
    cost: float
    like: str


def walk(
    picks: Sequence[Pick],
    vectors: Mapping[str, NDArray[np.float32]],
    weights: Ranking,
    theme_of: Mapping[str, int] | None = None,
) -> Iterator[Step]:
    """The picks by maximal marginal relevance (Carbonell & Goldstein, 1998), without end of list.

    `picks` are best first, `vectors` unit rows by paper id. A pick whose theme has had its quota
    is passed over.
    """
    if not picks:
        return
    matrix = np.array([vectors[pick.paper.id] for pick in picks], np.float32)
    scores = np.array([pick.score for pick in picks])
    likeness, nearest = np.zeros(len(picks), np.float32), np.full(len(picks), -1)
    free, taken = np.ones(len(picks), bool), Counter[int]()
    themes = [(theme_of or {}).get(pick.paper.id) for pick in picks]
    while free.any():
        marginal = (1 - weights.diversity) * scores - weights.diversity * likeness
        best = int(np.argmax(np.where(free, marginal, -np.inf)))
        free[best] = False
        theme = themes[best]
        if theme is not None and weights.per_theme and taken[theme] >= weights.per_theme:
            continue
        if theme is not None:
            taken[theme] += 1
        like = picks[nearest[best]].paper.id if nearest[best] >= 0 else ""
        yield Step(picks[best], float(weights.diversity * likeness[best]), like)
        now = matrix @ matrix[best]
        nearest[now > likeness] = best
        likeness = np.maximum(likeness, now)


def diverse(
    picks: Sequence[Pick],
    vectors: Mapping[str, NDArray[np.float32]],
    limit: int,
    weights: Ranking = Ranking(),  # noqa: B008  frozen
    theme_of: Mapping[str, int] | None = None,
    seed: str = "",
) -> list[Pick]:
    """The first `limit` of `walk`, of which the last `weights.explore` are drawn by `seed`."""
    pool = list(picks[: limit * 10])
    steps = walk(pool, vectors, weights, theme_of)
    chosen = [step.pick for step, _ in zip(steps, range(limit), strict=False)]
    explored = min(weights.explore, len(chosen) - 1) if seed else 0
    if explored <= 0:
        return chosen
    kept = chosen[:-explored]
    rest = [pick for pick in pool if pick not in kept][: limit * _EXPLORED]
    return [*kept, *_drawn(rest, explored, seed)]


def _drawn(picks: Sequence[Pick], number: int, seed: str) -> list[Pick]:
    """`number` of the picks by chance, the same for the same seed, the better placed likelier."""
    digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
    rng = np.random.default_rng(int.from_bytes(digest, "big"))
    chances = 1 / np.arange(1, len(picks) + 1)
    rows = rng.choice(len(picks), min(number, len(picks)), replace=False, p=chances / chances.sum())
    explored = Reason("explore", 1.0, 0.0)
    return [replace(picks[row], why=(*picks[row].why, explored)) for row in sorted(rows)]
