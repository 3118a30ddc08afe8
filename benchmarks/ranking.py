"""The ranking against what people picked: fit the interest weights, and score the defaults.

    python benchmarks/ranking.py fit   --home HOME    writes tracker/digest/interest.json
    python benchmarks/ranking.py score --home HOME    recall of what people picked: Hugging Face's
                                                      daily papers, an editor's weeks

HOME has the snapshot imported and the weeks in question indexed; weeks that are not are left out.
For `score` the weights must not have seen March: `fit --until 2026-02-28` first.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tracker.digest.material import ranked
from tracker.store import papers, vectors
from tracker.store.database import Database, opened

DATA = Path("../shared/data")
TARGET = Path("tracker/digest/interest.json")
FOLLOWED = ("cs.CL", "cs.LG", "stat.ML")
MODEL = "all-MiniLM-L6-v2"
# Inverse strength of the penalty: the best of 0.1, 0.3, 1 and 3 on weeks left out.
_C = 0.1


def daily_papers(data: Path) -> set[str]:
    """Ids that were on the daily list in 2026; an entry that cannot be read is passed over."""
    found = set()
    for file in sorted((data / "hf_daily").glob("2026-*.json.gz")):
        for entry in json.loads(gzip.decompress(file.read_bytes())):
            if isinstance(entry, dict) and isinstance(entry.get("paper"), dict):
                found.add(str(entry["paper"].get("id")))
    return found


def weekly_picks(data: Path) -> dict[tuple[date, date], set[str]]:
    """An editor's picks by (first candidate day, last): a week, and the seven days before it."""
    weeks: dict[tuple[date, date], set[str]] = {}
    for line in (data / "eval/picks/weekly_picks_2025.jsonl").read_text().splitlines():
        pick = json.loads(line)
        start = date.fromisoformat(pick["week_start"]) - timedelta(days=7)
        days = (start, date.fromisoformat(pick["week_end"]))
        weeks.setdefault(days, set()).update(pick["arxiv_ids"])
    return weeks


def fit(db: Database, data: Path, until: date) -> None:
    """Fit on the listed papers from January to `until` and write the weights."""
    from sklearn.linear_model import LogisticRegression

    listed = papers.announced(db, date(2026, 1, 5), until, FOLLOWED)
    works, matrix = vectors.of_works(db, 1, list(listed))
    voted = daily_papers(data)
    labels = [listed[int(work)].id in voted for work in works]
    model = LogisticRegression(C=_C, max_iter=1000, class_weight="balanced").fit(matrix, labels)
    weights = [round(float(weight), 4) for weight in model.coef_[0]]
    bias = round(float(model.intercept_[0]), 4)
    TARGET.write_text(json.dumps({"model": MODEL, "bias": bias, "weights": weights}) + "\n")
    print(f"{len(labels):,} papers, {sum(labels):,} of them voted up, until {until}")


def windows(data: Path) -> Iterator[tuple[str, date, date, set[str]]]:
    """What is asked: name, first and last candidate day, and the ids that people picked."""
    voted = daily_papers(data)
    for week in range(4):
        start = date(2026, 3, 2) + timedelta(weeks=week)
        yield "daily papers 2026-03", start, start + timedelta(days=6), voted
    for (start, end), picked in sorted(weekly_picks(data).items()):
        yield "editor's picks 2025", start, end, picked


def score(db: Database, data: Path) -> None:
    """Print recall at 20 and 50 over all windows that are indexed."""
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
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fit", "score"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 3, 27))
    given = parser.parse_args()
    with opened(given.home / "tracker.db") as db:
        if given.what == "fit":
            fit(db, given.data, given.until)
        else:
            score(db, given.data)


if __name__ == "__main__":
    main()
