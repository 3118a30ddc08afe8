"""Search against real questions: what BM25, vectors and their fusion find of what was cited.

    python benchmarks/search.py --data ../shared/data/eval/search --cache DIR

DATA has corpus.jsonl.gz, queries.jsonl and qrels.tsv. The papers are stored and embedded by the
program itself in a home below DIR, which takes ten minutes once. One table of nDCG@10 and
recall@20, times 100. Where constants are chosen they are chosen by other queries than those they
are judged by: five folds, each ranked with what did best on the other four.
"""

import argparse
import gzip
import importlib.util
import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import tracker.search.fusion as fusion
import numpy as np
from tracker.search.fusion import Weights
from numpy.typing import NDArray

from tracker.config import load
from tracker.library import Library
from tracker.models import Paper, Version
from tracker.pipeline import indexing
from tracker.search.embedder import query_encoder
from tracker.search.index import VectorIndex
from tracker.store import papers, vectors
from tracker.store.database import Database

Judged = NDArray[np.float64]  # (queries, 2): nDCG@10 and recall@20
_DAY = date(2024, 1, 1)
_FOLDS, _SEED, _DRAWS = 5, 7, 10_000
_DEEP = 1000
_RRF = 60
# What a word in the title counts beside one in the abstract, as it is set and what is tried.
_TITLE, _TITLES = 3, (1, 2, 3, 5)
_GRID=[]


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the works that answer it."""

    text: str
    gold: frozenset[int]


@dataclass(frozen=True, slots=True)
class Found:
    """What both retrievals find for one query; the words and pairs by the title's weight."""

    vector: NDArray[np.float32]
    near: list[int]
    words: Mapping[int, dict[int, float]]
    pairs: Mapping[int, dict[int, float]]


def documents(data: Path) -> Iterator[Paper]:
    """The corpus as papers; their ids are the corpus's own."""
    first = (Version(1, datetime(_DAY.year, 1, 1, tzinfo=UTC)),)
    with gzip.open(data / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row["doc_id"], row["title"], row["abstract"]
            yield Paper(*text, (), (), _DAY, _DAY, _DAY, first)


def questions(data: Path, db: Database) -> list[Query]:
    """All queries, with the numbers of the works that answer them."""
    gold: dict[str, set[str]] = {}
    for line in (data / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, key, relevant = line.split("\t")
        if int(relevant):
            gold.setdefault(query, set()).add(key)
    lines = (data / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [Query(r["query"], frozenset(papers.by_key(db, gold[r["qid"]]))) for r in rows]


def judged(ranked: Sequence[Sequence[int]], queries: Sequence[Query]) -> Judged:
    """NDCG@10 with gains of 0 and 1, and recall@20, of each query's ranking."""
    gains = [1 / math.log2(place + 2) for place in range(10)]
    rows = []
    for works, query in zip(ranked, queries, strict=True):
        hits = [work in query.gold for work in works[:20]]
        got = sum(gain for gain, hit in zip(gains, hits, strict=False) if hit)
        rows.append((got / sum(gains[: len(query.gold)]), sum(hits) / len(query.gold)))
    return np.array(rows)


def bm25(db: Database, phrases: Sequence[str], title: int) -> dict[int, float]:
    """BM25 of the works that hold any of some words or phrases, best first."""
    if not phrases:
        return {}
    match = " OR ".join(f'"{phrase}"' for phrase in phrases)
    rows = db.execute(
        "SELECT rowid, -bm25(works_fts, ?, 1.0, 2.0) AS score FROM works_fts"
        " WHERE works_fts MATCH ? ORDER BY score DESC, rowid LIMIT ?",
        [title, match, _DEEP],
    )
    return dict(rows.fetchall())


def reciprocal(*lists: Sequence[int]) -> list[int]:
    """Reciprocal rank fusion of rankings."""
    scores: Counter[int] = Counter()
    for works in lists:
        for place, work in enumerate(works[:200]):
            scores[work] += 1 / (_RRF + 1 + place)
    return sorted(scores, key=lambda work: (-scores[work], work))


def bm25s_ranks(corpus: Sequence[Paper], queries: Sequence[Query]) -> list[list[int]]:
    """The rankings of the library bm25s as its README uses it; works are numbered from 1."""
    import bm25s

    texts = [paper.text for paper in corpus]
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    asked = bm25s.tokenize([q.text for q in queries], stopwords="en", show_progress=False)
    places, _ = retriever.retrieve(asked, k=20, show_progress=False)
    return [[int(place) + 1 for place in row] for row in places]


class Bench:
    """A home with the corpus in it, and what every query finds there."""

    def __init__(self, library: Library, data: Path) -> None:
        self.library, db, config = library, library.db, library.config
        self.corpus = list({paper.id: paper for paper in documents(data)}.values())
        papers.take(db, self.corpus)
        indexing.index(db, config)
        self.queries = questions(data, db)
        self.encoder = query_encoder(config.embedding, config.models)
        self.index = VectorIndex.open(config.index, self.encoder.id)
        works, self.vectors = vectors.of_works(db, 1, range(1, len(self.corpus) + 1))
        assert works.tolist() == list(range(1, len(works) + 1)), "works are numbered from 1"
        self.found = [self._find(query.text) for query in self.queries]

    def near(self, texts: Sequence[str]) -> list[list[int]]:
        """The nearest works of each text."""
        return [row.tolist() for row in self.index.search(self.encoder.encode(texts), 200)[0]]

    def _find(self, text: str) -> Found:
        asked, db = fusion.asked(text), self.library.db
        return Found(
            self.encoder.encode([asked.text])[0],
            self.near([asked.text])[0],
            {title: bm25(db, asked.words, title) for title in _TITLES},
            {title: bm25(db, asked.pairs, title) for title in _TITLES},
        )

    def fused(self, found: Found, title: int, weights: Weights) -> list[int]:
        """The twenty best by `fusion`."""
        words, pairs = found.words[title], found.pairs[title]
        both = fusion.gathered(words, pairs, found.near, weights=weights)
        ranking = fusion.fused(found.vector, both, self.vectors[both.works - 1], weights)
        return list(ranking.works[:20].tolist())

    def judge(self, title: int, weights: Weights) -> Judged:
        """All queries by `fusion`."""
        return judged([self.fused(f, title, weights) for f in self.found], self.queries)


def plain(bench: Bench) -> Iterator[tuple[str, Judged]]:
    """What there is without this program, and its parts."""
    queries, db = bench.queries, bench.library.db
    if importlib.util.find_spec("bm25s"):
        yield "bm25s, its defaults", judged(bm25s_ranks(bench.corpus, queries), queries)
    typed = [q.text for q in queries]
    words = [list(bm25(db, fusion._WORD.findall(text), 5)) for text in typed]
    near = bench.near(typed)
    yield "FTS5, query as typed", judged(words, queries)
    yield "MiniLM and flat FAISS, query as typed", judged(near, queries)
    pairs = zip(words, near, strict=True)
    yield "reciprocal ranks of these two", judged([reciprocal(*pair) for pair in pairs], queries)
    content = [list(found.words[_TITLE]) for found in bench.found]
    both = (fusion.gathered(f.words[_TITLE], f.pairs[_TITLE], []) for f in bench.found)
    by_words = [fusion.by_words(candidates).works.tolist() for candidates in both]
    yield "FTS5, words of content", judged(content, queries)
    yield "FTS5, words of content and pairs", judged(by_words, queries)
    yield "MiniLM, without words of asking", judged([f.near for f in bench.found], queries)


def crossed(bench: Bench) -> tuple[Judged, list[str]]:
    """Each query with the weights that are best on the other folds, and what they were."""
    options = list(product(_TITLES, _GRID))
    tried = np.array([bench.judge(title, weights) for title, weights in options])
    places = list(range(len(bench.queries)))
    random.Random(_SEED).shuffle(places)
    result, chosen = np.zeros(tried.shape[1:]), []
    for fold in range(_FOLDS):
        held = places[fold::_FOLDS]
        others = np.setdiff1d(places, held)
        best = int(tried[:, others].mean(axis=1).sum(axis=1).argmax())
        result[held] = tried[best, held]
        title, weights = options[best]
        score = " / ".join(f"{100 * value:.1f}" for value in result[held].mean(axis=0))
        chosen.append(f"title {title}, {weights}: {score} on {len(held)} queries left out")
    return result, chosen


def margin(ours: Judged, theirs: Judged) -> str:
    """The difference of means with its 95 % interval, by drawing queries anew."""
    difference = 100 * (ours - theirs)
    rng = np.random.default_rng(_SEED)
    draws = difference[rng.integers(0, len(difference), (_DRAWS, len(difference)))].mean(axis=1)
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    means = difference.mean(axis=0)
    return ", ".join(
        f"{name} {mean:+.1f} ({a:+.1f} to {b:+.1f})"
        for name, mean, a, b in zip(("nDCG@10", "recall@20"), means, low, high, strict=True)
    )


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/eval/search"))
    parser.add_argument("--cache", type=Path, required=True)
    given = parser.parse_args()
    with Library(load(given.cache / "home", environ={})) as library:
        bench = Bench(library, given.data)
        print(f"{len(bench.queries)} queries, {len(bench.corpus):,} papers")
        print(f"{'':44s} nDCG@10  recall@20")
        rows = dict(plain(bench))
        rows["fusion, as it is set"] = bench.judge(_TITLE, fusion.DEFAULT)
        rows["fusion, cross-validated"], chosen = crossed(bench)
        hits = [library.search(query.text, 20) for query in bench.queries]
        keys = {paper.id: place for place, paper in enumerate(bench.corpus, 1)}
        ranked = [[keys[hit.paper.id] for hit in row] for row in hits]
        rows["`tracker search`"] = judged(ranked, bench.queries)
        for name, values in rows.items():
            ndcg, recall = 100 * values.mean(axis=0)
            print(f"{name:44s} {ndcg:7.1f} {recall:10.1f}")
        ours, theirs = rows["fusion, cross-validated"], rows["reciprocal ranks of these two"]
        print(f"\ncross-validated against reciprocal ranks: {margin(ours, theirs)}")
        print("chosen by the other four folds:", *chosen, sep="\n  ")


if __name__ == "__main__":
    main()
