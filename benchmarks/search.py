"""Search on real questions: how many cited papers BM25, vectors and their fusion find.

    python benchmarks/search.py --data ../shared/data/eval/search --cache DIR

DATA has corpus.jsonl.gz, queries.jsonl and qrels.tsv. The papers are stored and embedded by the
program itself in a home below DIR, which takes ten minutes once. Prints one table of nDCG@10 and
recall@20, times 100. Constants are chosen on other queries than those they are evaluated on: five
folds, each ranked with the values that did best on the other four. The adapter that users get was
computed on all of these questions; benchmarks/query_adapter.py cross-validates it.
"""

import argparse
import gzip
import importlib.util
import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.config import load
from tracker.library import Library
from tracker.models import Paper, Version
from tracker.pipeline.retrieval import index_refresh, query_plan
from tracker.search import engine, fusion, lexical
from tracker.search.encoder.select import Encoder, EncoderId, load_query_encoder
from tracker.search.engine import SemanticSearch
from tracker.search.fusion import FusionWeights
from tracker.search.index.postings import Postings
from tracker.search.index.vector_index import open_index
from tracker.search.query_adapter import load_adapter
from tracker.store import fts_search, papers
from tracker.store.database import Database, open_database
from tracker.store.fts_query import WORDS, MatchClause
from tracker.store.paper_filters import Filter

Judged = NDArray[np.float64]  # (queries, 2): nDCG@10 and recall@20
_DAY = date(2024, 1, 1)
_FOLDS, _SEED, _DRAWS = 5, 7, 10_000
_RRF = 60
NAMES = (
    "MoE",
    "RAG",
    "LoRA",
    "RLHF",
    "DPO",
    "GPT",
    "BERT",
    "LLM",
    "VLM",
    "CoT",
    "NER",
    "QA",
    "NLI",
    "PPO",
    "SSM",
    "KV cache",
    "mamba",
    "agents",
    "diffusion",
    "reasoning",
    "quantization",
    "pruning",
    "distillation",
    "hallucination",
    "tokenization",
    "transformer",
    "alignment",
    "retrieval",
    "summarization",
    "translation",
    "parsing",
    "dialogue",
)
# Candidates: weights of a name and a pair relative to a word; of words, and of feedback.
_LEXICAL = list(product((0.0, 0.3, 1.0), (0.0, 0.3)))
_FUSION = [FusionWeights(*pair) for pair in product((0.2, 0.4, 0.6), (0.0, 0.5, 1.0, 1.5))]


@dataclass(frozen=True, slots=True)
class Query:
    """A question and the relevant works."""

    text: str
    gold: frozenset[int]


def documents(data: Path) -> Iterator[Paper]:
    """Yield the corpus as papers with the ids of the corpus."""
    first = (Version(1, datetime(_DAY.year, 1, 1, tzinfo=UTC)),)
    with gzip.open(data / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            text = row["doc_id"], row["title"], row["abstract"]
            yield Paper(*text, (), (), _DAY, _DAY, _DAY, first)


def corpus(data: Path) -> list[Paper]:
    """Return the corpus, each paper once."""
    return list({paper.id: paper for paper in documents(data)}.values())


def questions(data: Path, db: Database) -> list[Query]:
    """Return all queries with the numbers of their relevant works."""
    gold: dict[str, set[str]] = {}
    for line in (data / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, key, relevant = line.split("\t")
        if int(relevant):
            gold.setdefault(query, set()).add(key)
    lines = (data / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [Query(r["query"], frozenset(papers.load_by_key(db, gold[r["qid"]]))) for r in rows]


def evaluate(ranked: Sequence[Sequence[int]], queries: Sequence[Query]) -> Judged:
    """Return nDCG@10, with gains of 0 and 1, and recall@20 of each query's ranking."""
    gains = [1 / math.log2(place + 2) for place in range(10)]
    rows = []
    for works, query in zip(ranked, queries, strict=True):
        hits = [work in query.gold for work in works[:20]]
        got = sum(gain for gain, hit in zip(gains, hits, strict=False) if hit)
        rows.append((got / sum(gains[: len(query.gold)]), sum(hits) / len(query.gold)))
    return np.array(rows)


def bm25(db: Database, text: str) -> list[int]:
    """Return the works that contain any word of a text, best first, by FTS5."""
    parts = [MatchClause(WORDS, f'"{word}"', word) for word in lexical.split_words(text)]
    return [work for found in fts_search.search(db, parts, 200, Filter()) for work in found]


def reciprocal(*lists: Sequence[int]) -> list[int]:
    """Return the reciprocal rank fusion of rankings."""
    scores: Counter[int] = Counter()
    for works in lists:
        for place, work in enumerate(works[:200]):
            scores[work] += 1 / (_RRF + 1 + place)
    return sorted(scores, key=lambda work: (-scores[work], work))


def bm25s_ranks(corpus: Sequence[Paper], queries: Sequence[Query]) -> list[list[int]]:
    """Return the rankings of bm25s, used as in its README; works are numbered from 1."""
    import bm25s

    texts = [paper.text for paper in corpus]
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)
    tokens = bm25s.tokenize([q.text for q in queries], stopwords="en", show_progress=False)
    places, _ = retriever.retrieve(tokens, k=20, show_progress=False)
    return [[int(place) + 1 for place in row] for row in places]


class CachingEncoder:
    """An encoder that encodes each text once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, dict[str, NDArray[np.float32]]()

    @property
    def id(self) -> EncoderId:
        return self._encoder.id

    @property
    def runs_on(self) -> str:
        return self._encoder.runs_on

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        for text in texts:
            if text not in self._known:
                self._known[text] = self._encoder.encode([text])[0]
        return np.stack([self._known[text] for text in texts])


class Bench:
    """A home with the corpus, and the parsed questions."""

    def __init__(self, library: Library, data: Path) -> None:
        self.library, self.db, config = library, library.db, library.config
        self.corpus = corpus(data)
        self.queries = questions(data, self.db)
        self.encoder = CachingEncoder(load_query_encoder(config.embedding, config.models))
        self.index = open_index(config.index, self.encoder.id)
        self.postings = Postings.open(config.postings)
        self.sought = [
            query_plan.plan_query(
                self.db, Filter(), query_plan.parse_query(self.db, query.text, _DAY, {})
            )
            for query in self.queries
        ]

    def near(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the nearest works of each text."""
        return [row.tolist() for row in self.index.search(self.encoder.encode(texts), 200)[0]]

    def judge(self, *, words: bool = True, meaning: bool = True, adapts: bool = False) -> Judged:
        """Evaluate all questions as the program ranks them, with the current weights."""
        adapter = load_adapter() if adapts else None
        semantic = SemanticSearch(self.index, self.encoder, adapter=adapter) if meaning else None
        found = [
            engine.rank_candidates(
                self.db, sought.text, engine.CANDIDATE_COUNT, sought.filters, words=words,
                semantic=semantic, postings=self.postings,
            ).works[:20].tolist()
            for sought in self.sought
        ]  # fmt: skip
        return evaluate(found, self.queries)


def count_named(bench: Bench) -> int:
    """Return how many of the first ten works for each of `NAMES` have it or its long form."""
    semantic, found = SemanticSearch(bench.index, bench.encoder, adapter=load_adapter()), 0
    for name in NAMES:
        plan = query_plan.plan_query(
            bench.db, Filter(), query_plan.parse_query(bench.db, name, _DAY, {})
        )
        ranking = engine.rank_candidates(
            bench.db, plan.text, engine.CANDIDATE_COUNT, plan.filters, semantic=semantic,
            postings=bench.postings,
        )  # fmt: skip
        best, parts = ranking.works[:10].tolist(), plan.filters.fts_query.ranked
        matches = (fts_search.filter_works_containing(bench.db, part, best) for part in parts)
        found += len(set().union(*matches))
    return found


def plain(bench: Bench) -> Iterator[tuple[str, Judged]]:
    """Evaluate baselines and single parts of the program."""
    queries, db = bench.queries, bench.db
    if importlib.util.find_spec("bm25s"):
        yield "bm25s, its defaults", evaluate(bm25s_ranks(bench.corpus, queries), queries)
    typed = [q.text for q in queries]
    words = [bm25(db, text) for text in typed]
    near = bench.near(typed)
    yield "FTS5, query as typed", evaluate(words, queries)
    yield "MiniLM and flat FAISS, query as typed", evaluate(near, queries)
    pairs = zip(words, near, strict=True)
    yield "reciprocal ranks of these two", evaluate([reciprocal(*pair) for pair in pairs], queries)
    yield "tracker, by words", bench.judge(meaning=False)
    yield "tracker, by meaning", bench.judge(words=False)


def crossed(bench: Bench) -> tuple[Judged, list[str]]:
    """Evaluate each query with the best weights of the other folds; also return the weights."""
    options, tried = list(product(_LEXICAL, _FUSION)), []
    for (name, pair), weights in options:
        lexical.PART_WEIGHTS = {**lexical.PART_WEIGHTS, "name": name, "pair": pair}
        fusion.DEFAULT_WEIGHTS = weights
        tried.append(bench.judge())
    scores = np.array(tried)
    places = list(range(len(bench.queries)))
    random.Random(_SEED).shuffle(places)
    result, chosen = np.zeros(scores.shape[1:]), []
    for fold in range(_FOLDS):
        held_out = places[fold::_FOLDS]
        others = np.setdiff1d(places, held_out)
        best = int(scores[:, others].mean(axis=1).sum(axis=1).argmax())
        result[held_out] = scores[best, held_out]
        score = " / ".join(f"{100 * value:.1f}" for value in result[held_out].mean(axis=0))
        (name, pair), weights = options[best]
        chosen.append(f"name {name}, pair {pair}, {weights}: {score} on {len(held_out)} held out")
    return result, chosen


def margin(ours: Judged, theirs: Judged) -> str:
    """Return the difference of means with its 95 % bootstrap interval."""
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
    config = load(given.cache / "home", environ={})
    with open_database(config.database) as db:
        papers.upsert(db, corpus(given.data))
        index_refresh.index_papers(db, config)
    with Library(config) as library:
        bench = Bench(library, given.data)
        print(f"{len(bench.queries)} queries, {len(bench.corpus):,} papers")
        print(f"{'':44s} nDCG@10  recall@20")
        rows = dict(plain(bench))
        rows["tracker, without its adapter"] = bench.judge()
        rows["tracker, whose adapter saw the questions"] = bench.judge(adapts=True)
        rows["tracker, cross-validated"], chosen = crossed(bench)
        for name, values in rows.items():
            ndcg, recall = 100 * values.mean(axis=0)
            print(f"{name:44s} {ndcg:7.1f} {recall:10.1f}")
        ours, theirs = rows["tracker, cross-validated"], rows["reciprocal ranks of these two"]
        print(f"\ncross-validated against reciprocal ranks: {margin(ours, theirs)}")
        print(
            f"of {10 * len(NAMES)} first works for a name or acronym, {count_named(bench)} have it"
        )
        print("chosen by the other four folds:", *chosen, sep="\n  ")


if __name__ == "__main__":
    main()
