"""The ranking against what an editor picked: fit, cross-validate, judge on the weeks that follow.

    python benchmarks/ranking.py picks --home HOME   recall of the two models on weeks held out, by
                                                     folds and forward in time; writes picked.json
    python benchmarks/ranking.py whole --home HOME   recall of the whole ranking on 2025's later
                                                     weeks, with weights of the weeks before them,
                                                     and what each other signal would add
    python benchmarks/ranking.py votes --home HOME   what upvotes should count, from the share of
                                                     the picks that upvotes alone are told to find

HOME has the snapshot and Hugging Face's daily papers imported, and all of it indexed.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from tracker.config import load
from tracker.digest import interest
from tracker.digest.material import Taste, ranked
from tracker.digest.ranking import Attention
from tracker.models import Paper, Pick
from tracker.settings import Ranking
from tracker.store import attention, papers, vectors
from tracker.store.database import Database, opened

DATA = Path("../shared/data")
TARGET = Path(interest.__file__).with_name("picked.json")
FOLLOWED = ("cs.CL", "cs.LG", "stat.ML")
MODEL, ENCODER = "all-MiniLM-L6-v2", 1
# Inverse strength of the penalty: the best of .03, .1, .3 and 1 for words and for vectors.
_C = 0.1
# Features kept: fewer find as much on weeks left out as all 10,000 do.
_KEPT, _LEAST_PAPERS = 2000, 40
_WEEKS_A_FOLD = 4
# Where the year is cut to look forward: fitted on the weeks before, judged on those up to the next.
_CUTS = (20, 28, 36, 44, 52)
# What of the picks upvotes alone find at 50 (issue 7), and the ranking without them does (`picks`).
_BY_VOTES, _BY_RANKING = 0.227, 0.44

Array = np.ndarray[Any, Any]
Weeks = Mapping[tuple[date, date], set[str]]


def weekly_picks(data: Path) -> Weeks:
    """An editor's picks by (first candidate day, last): a week, and the seven days before it."""
    weeks: dict[tuple[date, date], set[str]] = {}
    for line in (data / "eval/picks/weekly_picks_2025.jsonl").read_text().splitlines():
        pick = json.loads(line)
        start = date.fromisoformat(pick["week_start"]) - timedelta(days=7)
        days = (start, date.fromisoformat(pick["week_end"]))
        weeks.setdefault(days, set()).update(pick["arxiv_ids"])
    return dict(sorted(weeks.items()))


@dataclass(frozen=True)
class Window:
    """A week: its first candidate day, its candidates with their ages, and which were picked."""

    start: int
    rows: Array
    age: Array
    picked: Array


class Picks:
    """All candidates of the editor's weeks, what the two models see of them, and the picks."""

    def __init__(self, db: Database, weeks: Weeks) -> None:
        listed = papers.announced(db, date(2024, 12, 20), date(2026, 1, 4), FOLLOWED)
        order, self.vectors = vectors.of_works(db, ENCODER, list(listed))
        known = [listed[int(number)] for number in order]
        print(f"{len(known):,} of {len(listed):,} papers have vectors")
        self.words, self.names = _words(known)
        self.days = np.array([paper.announced.toordinal() for paper in known])
        rows = {paper.id: row for row, paper in enumerate(known)}
        self.windows = [self._window(days, ids, rows) for days, ids in weeks.items()]
        self.labels = np.zeros(len(known), bool)
        for window in self.windows:
            self.labels[window.rows[window.picked]] = True

    def _window(self, days: tuple[date, date], ids: set[str], rows: Mapping[str, int]) -> Window:
        start, end = (day.toordinal() for day in days)
        inside = np.flatnonzero((self.days >= start) & (self.days <= end))
        found = np.isin(inside, [rows[key] for key in ids if key in rows])
        return Window(start, inside, end - self.days[inside], found)

    def fitted(self, rows: Array) -> tuple[Array, Array]:
        """Weights of the words, all but the heaviest nought, and of the vectors."""
        words = self._logistic(self.words, rows)
        words[np.argsort(-np.abs(words))[_KEPT:]] = 0
        return words, self._logistic(self.vectors, rows)

    def _logistic(self, matrix: Any, rows: Array) -> Array:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=_C, max_iter=500)
        weights = _by_week(self.days[rows], self.labels[rows])
        return model.fit(matrix[rows], self.labels[rows], sample_weight=weights).coef_[0]

    def before(self, place: int) -> Array:
        """Rows of all that was listed before the window at this place."""
        return np.flatnonzero(self.days < self.windows[place].start)

    def forward(self) -> Iterator[tuple[Array, Sequence[Window]]]:
        """Rows to fit on, and the windows after them."""
        for first, last in pairwise(_CUTS):
            yield self.before(first), self.windows[first:last]

    def folds(self) -> Iterator[tuple[Array, Sequence[Window]]]:
        """Rows to fit on, and neighbouring windows of which they hold nothing."""
        everything = np.arange(len(self.labels))
        for first in range(0, len(self.windows), _WEEKS_A_FOLD):
            held = self.windows[first : first + _WEEKS_A_FOLD]
            unseen = np.unique(np.concatenate([window.rows for window in held]))
            yield np.setdiff1d(everything, unseen), held


def _words(known: Sequence[Paper]) -> tuple[Any, Array]:
    from sklearn.feature_extraction import DictVectorizer

    reader = DictVectorizer(dtype=np.float32)
    matrix = reader.fit_transform(dict(interest.features(paper)) for paper in known)
    often = np.asarray((matrix > 0).sum(axis=0)).ravel() >= _LEAST_PAPERS
    return matrix[:, often], reader.get_feature_names_out()[often]


def _by_week(days: Array, labels: Array) -> Array:
    """Weights under which the picks of each week weigh as much as its other papers.

    The sample holds four times as many papers of a week of autumn as of January, and the model
    shall not learn what January looks like. All together weigh as many as there are papers.
    """
    weeks = (days - days.min()) // 7
    picked, others = (np.bincount(weeks[these], minlength=60) for these in (labels, ~labels))
    weights = np.where(labels, 1.0, (picked / np.maximum(others, 1))[weeks])
    return weights * len(labels) / weights.sum()


def places(score: Array, window: Window) -> Array:
    """The places of the picks when the candidates stand by score."""
    order = np.argsort(-score, kind="stable")
    return np.flatnonzero(window.picked[order]) + 1


def told(name: str, found: Sequence[Array]) -> None:
    """Print recall at 20 and 50 over all weeks, with 95 % intervals by drawing weeks anew."""
    per = np.array([(len(week), (week <= 20).sum(), (week <= 50).sum()) for week in found])
    rng = np.random.default_rng(0)
    drawn = per[rng.integers(0, len(per), (2000, len(per)))].sum(axis=1)
    low, high = np.percentile(drawn[:, 1:] / drawn[:, :1], (2.5, 97.5), axis=0)
    at_20, at_50 = per[:, 1:].sum(axis=0) / per[:, 0].sum()
    print(
        f"{name:46} {per[:, 0].sum():4} picks"
        f"  R@20 {at_20:.3f} ({low[0]:.2f}-{high[0]:.2f})"
        f"  R@50 {at_50:.3f} ({low[1]:.2f}-{high[1]:.2f})",
        flush=True,
    )


def late(age: Array) -> Array:
    """The signal `age` of the ranking, in log odds by its default weight."""
    return -Ranking().age / _point() * np.clip((age - 7) / 7, 0, 1)


def _point() -> float:
    """What one log odds of the interest counts in the ranking."""
    return Ranking().interest / interest.SPAN


def cross_validate(picks: Picks) -> None:
    """Print what each model and both find, on the folds and forward in time."""
    for protocol, parts in (("folds", picks.folds), ("forward", picks.forward)):
        found: dict[str, list[Array]] = {}
        for rows, held in parts():
            words, meant = picks.fitted(rows)
            for window in held:
                one, two = picks.words[window.rows] @ words, picks.vectors[window.rows] @ meant
                both, age = interest.together(one, two), late(window.age)
                scores = {"words": one, "words + age": one + age, "vectors + age": two + age,
                          "both": both, "both + age": both + age}  # fmt: skip
                for name, score in scores.items():
                    found.setdefault(name, []).append(places(score, window))
        for name, weeks in found.items():
            told(f"{protocol}, {name}", weeks)
            if protocol == "folds":
                told(f"{protocol}, {name}, the last twelve weeks", weeks[-12:])


def write(picks: Picks, rows: Array) -> None:
    """Fit on these rows and write the weights where the ranking reads them."""
    words, meant = picks.fitted(rows)
    kept = {
        str(name): round(float(weight), 3)
        for name, weight in zip(picks.names, words, strict=True) if abs(weight) >= 0.0005
    }  # fmt: skip
    vector = [round(float(weight), 3) for weight in meant]
    text = json.dumps({"model": MODEL, "vector": vector, "words": kept}, ensure_ascii=False)
    TARGET.write_text(text.replace(', "', ',\n"') + "\n")
    interest.picked.cache_clear()


@contextmanager
def unwritten() -> Iterator[None]:
    """Whatever is written meanwhile, the weights are as before in the end."""
    kept = TARGET.read_text()
    try:
        yield
    finally:
        TARGET.write_text(kept)


def whole(db: Database, picks: Picks, weeks: Weeks) -> None:
    """Print recall of `ranked` on the weeks after each cut, and the use of its other signals."""
    listed: list[tuple[Sequence[Pick], Array]] = []
    days = list(weeks)
    with unwritten():
        for first, last in pairwise(_CUTS):
            write(picks, picks.before(first))
            for start, end in days[first:last]:
                order = ranked(db, start, end, encoder=ENCODER, categories=FOLLOWED).picks
                listed.append((order, np.array([p.paper.id in weeks[start, end] for p in order])))
    told("the whole ranking, forward", [np.flatnonzero(found) + 1 for _, found in listed])
    for signal in dict.fromkeys(r.signal for pick in listed[0][0] for r in pick.why if r.value):
        _told_use(signal, listed)


def _told_use(signal: str, listed: Sequence[tuple[Sequence[Pick], Array]]) -> None:
    """Print the weight to add to a signal's under which the picks are likeliest, in log odds.

    A conditional logit (McFadden, 1974); the interval holds what is at most 1.92 less likely.
    """
    weeks = [
        (np.array([pick.score for pick in order]) / _point(),
         np.array([r.value for pick in order for r in pick.why if r.signal == signal]), found)
        for order, found in listed
    ]  # fmt: skip
    tried = np.linspace(-3, 3, 61)
    lost = np.array([sum(_surprise(s + w * x, found) for s, x, found in weeks) for w in tried])
    likely = tried[lost <= lost.min() + 1.92]
    print(f"{signal:12} {tried[lost.argmin()]:+.1f} ({likely[0]:+.1f} to {likely[-1]:+.1f})")


def _surprise(odds: Array, found: Array) -> float:
    return float(-(odds[found] - odds.max() - np.log(np.exp(odds - odds.max()).sum())).sum())


def votes(db: Database) -> None:
    """Print the log odds of a full `attention` that agree with what upvotes alone are told to find.

    The picks of 2026 are not known. Were their odds exp(a interest + b attention), a and b follow
    from what each alone finds, among the real candidates with their real upvotes.
    """
    from scipy.optimize import least_squares

    weeks = list(_voted_weeks(db))
    tried = least_squares(lambda ab: _missed(weeks, *ab), (1.0, 1.0), diff_step=0.02).x
    print(f"interest {tried[0]:.2f}, a full attention {tried[1]:.2f} log odds")
    for weight in (0, 0.5, 1, 1.5, 2, 3, 4):
        at_20, at_50 = (
            _expected(weeks, *tried, lambda i, v, w=weight: tried[0] * i + w * v, n)
            for n in (20, 50)
        )
        print(f"  counted {weight:3}: R@20 {at_20:.3f}, R@50 {at_50:.3f}")


def _voted_weeks(db: Database) -> Iterator[tuple[Array, Array]]:
    """By fortnight of 2026: the odds by interest and age, and the attention, of each candidate."""
    for week in range(12):
        start = date(2025, 12, 29) + timedelta(weeks=week)
        end = start + timedelta(days=13)
        seen = attention.upvotes(db, start - timedelta(days=14), end)
        taste = Taste(attention={key: Attention(a.upvotes, a.listed) for key, a in seen.items()})
        order = ranked(db, start, end, encoder=ENCODER, categories=FOLLOWED, taste=taste).picks
        values = [{r.signal: r for r in pick.why} for pick in order]
        odds = np.array([(v["interest"].points + v["age"].points) / _point() for v in values])
        yield odds, np.array([v["attention"].value for v in values])


Score = Callable[[Array, Array], Array]


def _missed(weeks: Sequence[tuple[Array, Array]], a: float, b: float) -> tuple[float, float]:
    by_ranking = _expected(weeks, a, b, lambda i, _: i, 50)
    return by_ranking - _BY_RANKING, _expected(weeks, a, b, lambda _, v: v, 50) - _BY_VOTES


def _expected(
    weeks: Sequence[tuple[Array, Array]], a: float, b: float, score: Score, depth: int
) -> float:
    """The share of the picks among the first `depth` by a score, were these their odds."""
    shares = []
    for odds, seen in weeks:
        chance = np.exp(a * odds + b * seen - (a * odds + b * seen).max())
        first = np.argsort(-score(odds, seen), kind="stable")[:depth]
        shares.append(chance[first].sum() / chance.sum())
    return float(np.mean(shares))


def main() -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("picks", "whole", "votes"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    with opened(load(given.home, environ={}).database) as db:
        if given.what == "votes":
            votes(db)
            return
        weeks = weekly_picks(given.data)
        picks = Picks(db, weeks)
        if given.what == "picks":
            cross_validate(picks)
            write(picks, np.arange(len(picks.labels)))
        else:
            whole(db, picks, weeks)


if __name__ == "__main__":
    main()
