"""The ranking against what people picked: fit the two models, cross-validate, score the defaults.

    python benchmarks/ranking.py picks --home HOME    cross-validates on the editor's weeks and
                                                      writes tracker/digest/picked.json
    python benchmarks/ranking.py votes --home HOME    writes tracker/digest/voted.json
    python benchmarks/ranking.py score --home HOME    recall of the whole ranking on indexed
                                                      windows: daily papers, the editor's weeks

HOME has the snapshot imported; `votes` and `score` need the weeks in question indexed. For an
honest `score` the weights must not have seen its windows: `votes --until 2026-02-28` for March,
`picks --leave-out 2025-10-06` for the editor's last weeks.
"""

import argparse
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from tracker.config import load
from tracker.digest.interest import features
from tracker.digest.material import ranked
from tracker.models import Paper
from tracker.store import papers, vectors
from tracker.store.database import Database, opened

DATA = Path("../shared/data")
TARGET = Path("tracker/digest")
FOLLOWED = ("cs.CL", "cs.LG", "stat.ML")
MODEL = "all-MiniLM-L6-v2"
# Inverse strengths of the penalties: the best of 0.1, 0.3, 1 and 3 on weeks left out.
_VOTES_C, _PICKS_C = 0.1, 0.1
# Features kept: fewer find as much on weeks left out as all 17,000 do.
_KEPT = 2000
_LEAST_PAPERS, _WEEKS_A_FOLD = 40, 4

Windows = Mapping[tuple[date, date], set[str]]


def daily_papers(data: Path) -> set[str]:
    """Ids that were on the daily list in 2026; an entry that cannot be read is passed over."""
    found = set()
    for file in sorted((data / "hf_daily").glob("2026-*.json.gz")):
        for entry in json.loads(gzip.decompress(file.read_bytes())):
            if isinstance(entry, dict) and isinstance(entry.get("paper"), dict):
                found.add(str(entry["paper"].get("id")))
    return found


def weekly_picks(data: Path) -> Windows:
    """An editor's picks by (first candidate day, last): a week, and the seven days before it."""
    weeks: dict[tuple[date, date], set[str]] = {}
    for line in (data / "eval/picks/weekly_picks_2025.jsonl").read_text().splitlines():
        pick = json.loads(line)
        start = date.fromisoformat(pick["week_start"]) - timedelta(days=7)
        days = (start, date.fromisoformat(pick["week_end"]))
        weeks.setdefault(days, set()).update(pick["arxiv_ids"])
    return dict(sorted(weeks.items()))


class Picks:
    """All candidates of the editor's weeks as a matrix of features, with the picks as labels."""

    def __init__(self, known: Sequence[Paper], weeks: Windows) -> None:
        from sklearn.feature_extraction import DictVectorizer

        reader = DictVectorizer(dtype=np.float32)
        self.matrix = reader.fit_transform(dict(features(paper)) for paper in known)
        often = np.asarray((self.matrix > 0).sum(axis=0)).ravel() >= _LEAST_PAPERS
        self.matrix = self.matrix[:, often]
        self.names = reader.get_feature_names_out()[often]
        days = np.array([paper.announced.isoformat() for paper in known])
        rows = {paper.id: row for row, paper in enumerate(known)}
        self.windows = []
        for (start, end), picked in weeks.items():
            inside = np.flatnonzero((days >= start.isoformat()) & (days <= end.isoformat()))
            found = np.intersect1d([rows[key] for key in picked if key in rows], inside)
            self.windows.append((inside, found.astype(int)))
        self.labels = np.zeros(len(known), bool)
        for _, found in self.windows:
            self.labels[found] = True

    def fitted(self, rows: Any) -> Any:
        """The weights fitted on these rows, all but the heaviest set to nought."""
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=_PICKS_C, max_iter=500, class_weight="balanced")
        weights = model.fit(self.matrix[rows], self.labels[rows]).coef_[0]
        weights[np.argsort(-np.abs(weights))[_KEPT:]] = 0
        return weights

    def cross_validated(self) -> Iterator[tuple[int, int, int]]:
        """By window (picks, found at 20, found at 50), the weights having seen none of it."""
        everything = np.arange(len(self.labels))
        for first in range(0, len(self.windows), _WEEKS_A_FOLD):
            held = self.windows[first : first + _WEEKS_A_FOLD]
            unseen = np.unique(np.concatenate([inside for inside, _ in held]))
            scores = self.matrix @ self.fitted(np.setdiff1d(everything, unseen))
            for inside, found in held:
                order = inside[np.argsort(-scores[inside])]
                yield len(found), *(int(np.isin(found, order[:n]).sum()) for n in (20, 50))


def fit_picks(db: Database, data: Path, leave_out: date) -> None:
    """Print the cross-validated recall, fit on all weeks before `leave_out`, write the weights."""
    listed = list(papers.announced(db, date(2024, 12, 20), date(2026, 1, 4), FOLLOWED).values())
    weeks = {days: ids for days, ids in weekly_picks(data).items() if days[1] < leave_out}
    picks = Picks([paper for paper in listed if paper.announced < leave_out], weeks)
    found = np.array(list(picks.cross_validated()))
    for name, part in (("all weeks", found), ("the last twelve", found[-12:])):
        total, at_20, at_50 = part.sum(axis=0)
        print(f"{name}: {total} picks, R@20 {at_20 / total:.3f}, R@50 {at_50 / total:.3f}")
    weights = picks.fitted(np.arange(len(picks.labels)))
    kept = {
        str(name): round(float(weight), 3)
        for name, weight in zip(picks.names, weights, strict=True) if abs(weight) >= 0.0005
    }  # fmt: skip
    (TARGET / "picked.json").write_text(json.dumps(kept, ensure_ascii=False, indent=0) + "\n")


def fit_votes(db: Database, data: Path, until: date) -> None:
    """Fit on the listed papers from January to `until` and write the weights."""
    from sklearn.linear_model import LogisticRegression

    listed = papers.announced(db, date(2026, 1, 5), until, FOLLOWED)
    works, matrix = vectors.of_works(db, 1, list(listed))
    voted = daily_papers(data)
    labels = [listed[int(work)].id in voted for work in works]
    model = LogisticRegression(C=_VOTES_C, max_iter=1000, class_weight="balanced")
    weights = [round(float(weight), 4) for weight in model.fit(matrix, labels).coef_[0]]
    (TARGET / "voted.json").write_text(json.dumps({"model": MODEL, "weights": weights}) + "\n")
    print(f"{len(labels):,} papers, {sum(labels):,} of them voted up, until {until}")


def windows(data: Path) -> Iterator[tuple[str, date, date, set[str]]]:
    """What is asked: name, first and last candidate day, and the ids that people picked."""
    voted = daily_papers(data)
    for week in range(4):
        start = date(2026, 3, 2) + timedelta(weeks=week)
        yield "daily papers 2026-03", start, start + timedelta(days=6), voted
    for (start, end), picked in weekly_picks(data).items():
        yield "editor's picks 2025", start, end, picked


def score(db: Database, data: Path) -> None:
    """Print recall at 20 and 50 of the whole ranking over all windows that are indexed."""
    first = date.fromisoformat(
        db.execute("SELECT min(announced) FROM works JOIN vectors ON work = id").fetchone()[0]
    )
    counts: dict[str, np.ndarray] = {}
    for name, start, end, picked in windows(data):
        if start < first:
            continue
        order = [p.paper.id for p in ranked(db, start, end, encoder=1, categories=FOLLOWED).picks]
        wanted = picked & set(order)
        found = [len(wanted & set(order[:depth])) for depth in (20, 50, len(order))]
        counts[name] = counts.get(name, np.zeros(3)) + found
    print(f"{'asked for':24} {'papers':>7} {'R@20':>6} {'R@50':>6}")
    for name, (at_20, at_50, all_of_them) in counts.items():
        print(f"{name:24} {all_of_them:7.0f} {at_20 / all_of_them:6.3f} {at_50 / all_of_them:6.3f}")


def main() -> None:
    """Run one of the three."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("picks", "votes", "score"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 3, 27))
    parser.add_argument("--leave-out", type=date.fromisoformat, default=date(2026, 1, 5))
    given = parser.parse_args()
    with opened(load(given.home, environ={}).database) as db:
        if given.what == "picks":
            fit_picks(db, given.data, given.leave_out)
        elif given.what == "votes":
            fit_votes(db, given.data, given.until)
        else:
            score(db, given.data)


if __name__ == "__main__":
    main()
