"""The ranking against an editor's picks: fit, cross-validate, evaluate on the following weeks.

    python benchmarks/ranking.py picks --home HOME   recall of the two models on held-out weeks, by
                                                     folds and forward in time; writes picked.json
    python benchmarks/ranking.py whole --home HOME   recall of the whole ranking on 2025's later
                                                     weeks, fitted on the weeks before them, and
                                                     what each other signal would add
    python benchmarks/ranking.py votes --home HOME   the weight of upvotes, from the share of picks
                                                     that upvotes alone are reported to find

HOME must have the snapshot and Hugging Face's daily papers imported and indexed.
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
from tracker.digest.period.period_records import RankingScope, load_span_records
from tracker.digest.selection import editor_model
from tracker.digest.selection.ranked_papers import RankingContext, rank_span
from tracker.digest.selection.signals import UpvoteSnapshot
from tracker.models import Paper, Pick
from tracker.settings import Ranking
from tracker.store import papers, popularity, vectors
from tracker.store.database import Database, open_database

DATA = Path("../shared/data")
TARGET = Path(editor_model.__file__).with_name("picked.json")
FOLLOWED = ("cs.CL", "cs.LG", "stat.ML")
MODEL, ENCODER = "all-MiniLM-L6-v2", 1
SCOPE = RankingScope(ENCODER, FOLLOWED)
# Inverse strength of the penalty: the best of 0.03, 0.1, 0.3 and 1 for words and for vectors.
_C = 0.1
# Number of features: these find as much on held-out weeks as all 10,000 do.
_MOST_FEATURES, _LEAST_PAPERS = 2000, 40
_WEEKS_A_FOLD = 4
# Where the year is cut: fitted on the weeks before a cut, evaluated on those up to the next cut.
_CUTS = (20, 28, 36, 44, 52)
# Share of the picks found at 50 by upvotes alone (issue 7), and by the ranking without (`picks`).
_BY_VOTES, _BY_RANKING = 0.227, 0.44

Array = np.ndarray[Any, Any]
Weeks = Mapping[tuple[date, date], set[str]]


def weekly_picks(data: Path) -> Weeks:
    """Return an editor's picks by (first, last candidate day): a week and the seven days before."""
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
    """All candidates of the editor's weeks, their features for the two models, and the picks."""

    def __init__(self, db: Database, weeks: Weeks) -> None:
        listed = papers.announced_between(db, date(2024, 12, 20), date(2026, 1, 4), FOLLOWED)
        order, self.vectors = vectors.load_vectors(db, ENCODER, list(listed))
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
        """Return the weights of the words, all but the largest set to zero, and of the vectors."""
        words = self._logistic(self.words, rows)
        words[np.argsort(-np.abs(words))[_MOST_FEATURES:]] = 0
        return words, self._logistic(self.vectors, rows)

    def _logistic(self, matrix: Any, rows: Array) -> Array:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=_C, max_iter=500)
        weights = _by_week(self.days[rows], self.labels[rows])
        return model.fit(matrix[rows], self.labels[rows], sample_weight=weights).coef_[0]

    def before(self, place: int) -> Array:
        """Return the rows of papers listed before the window with this index."""
        return np.flatnonzero(self.days < self.windows[place].start)

    def forward(self) -> Iterator[tuple[Array, Sequence[Window]]]:
        """Yield rows to fit on, and the windows after them."""
        for first, last in pairwise(_CUTS):
            yield self.before(first), self.windows[first:last]

    def folds(self) -> Iterator[tuple[Array, Sequence[Window]]]:
        """Yield rows to fit on, and consecutive windows that have none of these rows."""
        everything = np.arange(len(self.labels))
        for first in range(0, len(self.windows), _WEEKS_A_FOLD):
            held_out = self.windows[first : first + _WEEKS_A_FOLD]
            unseen = np.unique(np.concatenate([window.rows for window in held_out]))
            yield np.setdiff1d(everything, unseen), held_out


def _words(known: Sequence[Paper]) -> tuple[Any, Array]:
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer(dtype=np.float32)
    matrix = vectorizer.fit_transform(dict(editor_model.word_features(paper)) for paper in known)
    often = np.asarray((matrix > 0).sum(axis=0)).ravel() >= _LEAST_PAPERS
    return matrix[:, often], vectorizer.get_feature_names_out()[often]


def _by_week(days: Array, labels: Array) -> Array:
    """Return sample weights with which the picks of each week count as much as its other papers.

    The sample has four times as many papers of a week in autumn as in January, and the model must
    not learn what January looks like. The weights add up to the number of papers.
    """
    weeks = (days - days.min()) // 7
    picked, others = (np.bincount(weeks[these], minlength=60) for these in (labels, ~labels))
    weights = np.where(labels, 1.0, (picked / np.maximum(others, 1))[weeks])
    return weights * len(labels) / weights.sum()


def places(score: Array, window: Window) -> Array:
    """Return the ranks of the picks among the candidates by score."""
    order = np.argsort(-score, kind="stable")
    return np.flatnonzero(window.picked[order]) + 1


def print_recall(name: str, found: Sequence[Array]) -> None:
    """Print recall at 20 and 50 over all weeks, with 95 % bootstrap intervals over weeks."""
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
    """Return the ranking's signal `age` in log odds, with its default weight."""
    return -Ranking().age / _point() * np.clip((age - 7) / 7, 0, 1)


def _point() -> float:
    """Return how many points one log odds of the interest is in the ranking."""
    return Ranking().interest / editor_model.LOG_ODDS_SPAN


def cross_validate(picks: Picks) -> None:
    """Print recall of each model and of both, on the folds and forward in time."""
    for protocol, parts in (("folds", picks.folds), ("forward", picks.forward)):
        found: dict[str, list[Array]] = {}
        for rows, held_out in parts():
            words, vector = picks.fitted(rows)
            for window in held_out:
                one, two = picks.words[window.rows] @ words, picks.vectors[window.rows] @ vector
                both, age = editor_model.combine_log_odds(one, two), late(window.age)
                scores = {"words": one, "words + age": one + age, "vectors + age": two + age,
                          "both": both, "both + age": both + age}  # fmt: skip
                for name, score in scores.items():
                    found.setdefault(name, []).append(places(score, window))
        for name, weeks in found.items():
            print_recall(f"{protocol}, {name}", weeks)
            if protocol == "folds":
                print_recall(f"{protocol}, {name}, the last twelve weeks", weeks[-12:])


def write(picks: Picks, rows: Array) -> None:
    """Fit on these rows and write the weights to the file that the ranking reads."""
    words, fitted = picks.fitted(rows)
    nonzero = {
        str(name): round(float(weight), 3)
        for name, weight in zip(picks.names, words, strict=True) if abs(weight) >= 0.0005
    }  # fmt: skip
    vector = [round(float(weight), 3) for weight in fitted]
    text = json.dumps({"model": MODEL, "vector": vector, "words": nonzero}, ensure_ascii=False)
    TARGET.write_text(text.replace(', "', ',\n"') + "\n")
    editor_model.load_weights.cache_clear()


@contextmanager
def restored_weights() -> Iterator[None]:
    """Restore the file of weights on exit."""
    before = TARGET.read_text()
    try:
        yield
    finally:
        TARGET.write_text(before)


def whole(db: Database, picks: Picks, weeks: Weeks) -> None:
    """Print recall of `rank_span` on the weeks after each cut, and the use of its other signals."""
    listed: list[tuple[Sequence[Pick], Array]] = []
    days = list(weeks)
    with restored_weights():
        for first, last in pairwise(_CUTS):
            write(picks, picks.before(first))
            for start, end in days[first:last]:
                order = rank_span(load_span_records(db, start, end, SCOPE)).picks
                listed.append((order, np.array([p.paper.id in weeks[start, end] for p in order])))
    ranks = [np.flatnonzero(found) + 1 for _, found in listed]
    print_recall("the whole ranking, forward", ranks)
    for signal in dict.fromkeys(r.signal for pick in listed[0][0] for r in pick.why if r.value):
        _print_use(signal, listed)


def _print_use(signal: str, listed: Sequence[tuple[Sequence[Pick], Array]]) -> None:
    """Print the change of a signal's weight with which the picks are likeliest, in log odds.

    A conditional logit (McFadden, 1974); the interval has a log likelihood at most 1.92 lower.
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
    """Print the log odds of a full `attention` that agree with what upvotes alone should find.

    The picks of 2026 are not known. If their odds are exp(a interest + b attention), a and b follow
    from what each alone finds among the real candidates with their real upvotes.
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
    """Yield, by fortnight of 2026, each candidate's odds by interest and age, and its attention."""
    for week in range(12):
        start = date(2025, 12, 29) + timedelta(weeks=week)
        end = start + timedelta(days=13)
        seen = popularity.upvotes_by_work(db, start - timedelta(days=14), end)
        context = RankingContext(
            upvotes={key: UpvoteSnapshot(a.upvotes, a.listed) for key, a in seen.items()}
        )
        order = rank_span(load_span_records(db, start, end, SCOPE), context).picks
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
    """Return the expected share of the picks among the first `depth` by a score."""
    shares = []
    for odds, seen in weeks:
        chance = np.exp(a * odds + b * seen - (a * odds + b * seen).max())
        first = np.argsort(-score(odds, seen), kind="stable")[:depth]
        shares.append(chance[first].sum() / chance.sum())
    return float(np.mean(shares))


def main() -> None:
    """Run one of the three measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("picks", "whole", "votes"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    with open_database(load(given.home, environ={}).database) as db:
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
