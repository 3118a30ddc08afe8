"""Our clusters compared with BERTopic's topics, and themes and trends on all papers.

    python benchmarks/topics.py compare --home HOME [--out FILE]   one month, same vectors, same run
    python benchmarks/topics.py all     --home HOME                every paper of HOME
    python benchmarks/topics.py weeks   --home HOME                continuity of themes by week
    python benchmarks/topics.py null    --home HOME                false trends on shuffled dates

Time, peak memory (each method in a separate process), share of outliers, NPMI coherence of the
first ten words of each topic over the papers' words, and diversity: the share of distinct words
among them. Our terms are split into words for this, as BERTopic's are. `compare` needs the extra
`bench`, which installs BERTopic.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.calendar import Period
from tracker.models import Paper
from tracker.pipeline.issue import topic_continuity
from tracker.pipeline.retrieval.trend_reports import SERIES_LOADERS, ComparisonSpan
from tracker.settings import Config
from tracker.store import clusters, papers, vectors
from tracker.store.database import Database, open_database
from tracker.topics.clustering import cluster_papers
from tracker.topics.phrase_counts import fold_phrase
from tracker.topics.trends import ALPHA, DailyTotals, daily_count_array, find_trends

MONTH = Period.parse_month("2026-03")
_WORDS = 10


def month(db: Database, first: date, last: date) -> tuple[list[Paper], NDArray[np.float32]]:
    listed = papers.announced_between(db, first, last)
    order, matrix = vectors.load_vectors(db, 1, list(listed))
    return [listed[int(work)] for work in order], matrix


def ours(known: Sequence[Paper], matrix: NDArray[np.float32]) -> dict[str, object]:
    started = time.perf_counter()
    found = cluster_papers(known, matrix)
    return {
        "seconds": time.perf_counter() - started,
        "topics": [_words_of(group.terms) for group in found.clusters],
        "labels": [group.label for group in found.clusters],
        "sizes": [len(group.members) for group in found.clusters],
        "outliers": found.outlier_count / len(known),
    }


def _words_of(terms: Sequence[str]) -> list[str]:
    """Return the first words of a list of terms, each once."""
    words = dict.fromkeys(
        word for term in terms for word in fold_phrase(term).split() if len(word) > 2
    )
    return list(words)[:_WORDS]


def theirs(known: Sequence[Paper], matrix: NDArray[np.float32]) -> dict[str, object]:
    from bertopic import BERTopic

    texts = [f"{paper.title}. {paper.abstract}" for paper in known]
    started = time.perf_counter()
    model = BERTopic()
    assigned, _ = model.fit_transform(texts, embeddings=matrix)
    seconds = time.perf_counter() - started
    names = model.get_topic_info().set_index("Topic")["Name"].to_dict()
    numbers = sorted(number for number in set(assigned) if number >= 0)
    return {
        "seconds": seconds,
        "topics": [
            list(dict.fromkeys(fold_phrase(word) for word, _ in model.get_topic(n)))[:_WORDS]
            for n in numbers
        ],
        "labels": [names[number] for number in numbers],
        "sizes": [assigned.count(number) for number in numbers],
        "outliers": assigned.count(-1) / len(assigned),
    }


METHODS = {"ours": ours, "bertopic": theirs}


def run(db: Database, method: str, first: date, last: date) -> None:
    """Run one method in this process and print its result as JSON."""
    known, matrix = month(db, first, last)
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = METHODS[method](known, matrix)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({**found, "cpu": cpu, "megabytes": after.ru_maxrss / 1024}))


def compare(db: Database, home: Path, out: Path | None) -> None:
    """Run both methods, each in a separate process, one after the other."""
    known, _ = month(db, MONTH.start, MONTH.end)
    documents = [set(fold_phrase(f"{p.title} {p.abstract}").split()) for p in known]
    results = {}
    for method in METHODS:
        command = [sys.executable, __file__, "one", "--home", str(home), "--method", method]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        results[method] = found
        topics = found["topics"]
        print(
            f"{method:9} {found['seconds']:6.1f} s ({found['cpu']:.1f} s of CPU)"
            f" {found['megabytes']:6.0f} MB {len(topics):4} topics"
            f" outliers {100 * found['outliers']:.1f} % NPMI {coherence(topics, documents):.3f}"
            f" diversity {diversity(topics):.3f}",
            flush=True,
        )
    if out:
        out.write_text(json.dumps(results, ensure_ascii=False, indent=1))


def coherence(topics: Sequence[Sequence[str]], documents: Sequence[set[str]]) -> float:
    """Return the mean NPMI of pairs of each topic's words over documents (Bouma, 2009), -1 … 1."""
    wanted = {word for words in topics for word in words}
    papers_of: dict[str, set[int]] = {word: set() for word in wanted}
    for number, words in enumerate(documents):
        for word in words & wanted:
            papers_of[word].add(number)
    return float(
        np.mean([
            np.mean([_npmi(papers_of[a], papers_of[b], len(documents))
                     for a, b in combinations(words, 2)])
            for words in topics if len(words) > 1
        ])
    )  # fmt: skip


def _npmi(one: set[int], other: set[int], number: int) -> float:
    both = len(one & other)
    if not both:
        return -1.0
    if both == number:
        return 1.0
    return math.log(both * number / (len(one) * len(other))) / -math.log(both / number)


def diversity(topics: Sequence[Sequence[str]]) -> float:
    """Return the share of distinct words among all (Dieng, Ruiz & Blei, 2020)."""
    words = [word for topic in topics for word in topic]
    return len(set(words)) / len(words)


def everything(db: Database) -> None:
    known, matrix = month(db, date(2000, 1, 1), date(2100, 1, 1))
    started = time.process_time()
    found = ours(known, matrix)
    print(
        f"{len(known):,} papers: {found['seconds']:.1f} s,"
        f" {time.process_time() - started:.1f} s of CPU,"
        f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB,"
        f" {len(found['labels'])} groups, {100 * found['outliers']:.1f} % other"
    )


def weeks(db: Database) -> None:
    """Follow themes from the first week of January; replaces those in HOME, so use a copy."""
    period, of_march, all_march = Period.parse_week("2026-W02"), 0, 0
    while period.end <= date(2026, 3, 29):
        known, matrix = month(db, period.start, period.end)
        followed = topic_continuity.load_previous_topics(db, 1, period)
        found = cluster_papers(known, matrix, followed.centroids)
        rows = {paper.id: row for paper, row in zip(known, matrix, strict=True)}
        named = topic_continuity.match_topics(found.clusters, rows, followed)
        clusters.store_clusters(db, period.key, named.clusters)
        topic_continuity.store_topics(db, 1, period, named)
        sizes = [len(cluster.members) for cluster in named.clusters]
        large = [c for c in named.changes if c.group is not None and sizes[c.group] >= 15]
        kinds = Counter(change.kind for change in large)
        print(f"{period.key} {len(known):5,} papers, topics of 15 or more: {dict(kinds)}")
        if period.start.month == 3 and period.key > "2026-W10":
            of_march, all_march = of_march + kinds["continued"], all_march + len(large)
        period = period.next()
    print(f"continued in March: {of_march} of {all_march}, {100 * of_march / all_march:.0f} %")


def null(db: Database, rounds: int = 20) -> None:
    """Shuffle the papers' days, so that every reported trend is false."""
    span = ComparisonSpan.last_days(28, MONTH.end)
    rng = np.random.default_rng(3)
    for by in ("tag", "term"):
        totals, counts, _ = SERIES_LOADERS[by](db, Config(Path()), span)
        days = tuple(sorted(totals))
        number = daily_count_array(days, totals)
        now = sum(day >= span.since for day in days)
        found = _count_reported(
            find_trends(DailyTotals(days, number, now), _rows(days, counts), {})
        )
        print(f"by {by}: real dates {found}")
        false = Counter()
        for _ in range(rounds):
            shuffled = {
                key: rng.multivariate_hypergeometric(number, int(sum(row.values())))
                for key, row in counts.items()
            }
            false.update(_count_reported(find_trends(DailyTotals(days, number, now), shuffled, {})))
        print(
            f"by {by}: shuffled dates, {rounds} rounds: {dict(false)};"
            f" {100 * false['p below .05'] / false['tested']:.2f} % of tests below .05 uncorrected,"
            f" {100 * false['reported'] / false['tested']:.3f} % reported as a trend"
        )


def _rows(days: Sequence[date], counts: dict) -> dict:
    return {key: daily_count_array(days, row) for key, row in counts.items()}


def _count_reported(found: list) -> dict[str, int]:
    tested = [trend for trend in found if trend.q is not None]
    return {
        "tested": len(tested),
        "p below .05": sum(t.low > 0 or t.high < 0 for t in tested),
        "reported": sum(t.kind in ("growing", "shrinking") and t.q < ALPHA for t in tested),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("compare", "all", "weeks", "null", "one"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--method", choices=tuple(METHODS))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    with open_database(arguments.home / "tracker.db") as db:
        if arguments.what == "one":
            run(db, arguments.method, MONTH.start, MONTH.end)
        elif arguments.what == "compare":
            compare(db, arguments.home, arguments.out)
        else:
            {"all": everything, "weeks": weeks, "null": null}[arguments.what](db)


if __name__ == "__main__":
    main()
