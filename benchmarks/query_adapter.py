"""Train the adapter of queries: a low-rank correction of the bundled model's query vectors.

    python benchmarks/query_adapter.py --data ../shared/data/eval/search --cache DIR --home HOME

DATA and DIR are those of benchmarks/search.py, whose run stores and embeds the corpus. HOME is a
home with other papers, whose titles and sentences are further queries for them: 6,000 papers, each
against the others of its batch. The questions of DATA are weighed against works that the program
ranks for them. Prints the ranking as it is and cross-validated in five folds, each with an adapter
that saw no question of it, then writes the adapter of all questions. Seeds are fixed; torch
computes it, the program needs numpy only.
"""

import argparse
import random
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from search import Bench, evaluate
from torch.nn import functional

from tracker.config import load
from tracker.library import Library
from tracker.search import engine
from tracker.search.encoder.select import load_query_encoder
from tracker.search.engine import SemanticSearch
from tracker.search.query_adapter import QueryAdapter

_PAPERS, _SEED, _FOLDS = 6000, 3, 5
_RANK, _STEPS, _RATE, _TEMPERATURE = 16, 300, 1e-3, 0.05
# Weight of the size of the correction, and of the questions beside titles and sentences.
_SIZE, _QUESTIONS = 10.0, 0.5
_BATCH, _PAIRS, _NEGATIVES = 384, 64, 30


@dataclass(frozen=True, slots=True)
class Question:
    """The vectors of a question, of its relevant works (g, d) and of others found (n, d)."""

    vector: NDArray[np.float32]
    relevant: NDArray[np.float32]
    others: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Vectors (n, d) of papers, and those of their titles and of one sentence of each."""

    papers: torch.Tensor
    queries: tuple[torch.Tensor, ...]


def synthetic_queries(home: Path, encode: Callable[[list[str]], NDArray[np.float32]]) -> Synthetic:
    """Return titles and sentences of a home's papers with their vectors."""
    random.seed(_SEED)
    with sqlite3.connect(f"file:{home / 'tracker.db'}?mode=ro", uri=True) as db:
        rows = db.execute(
            "SELECT w.title, w.abstract, v.data FROM works w JOIN vectors v ON v.work = w.id"
            " ORDER BY w.id"
        ).fetchall()
    random.shuffle(rows)
    rows = rows[:_PAPERS]
    papers = np.stack([np.frombuffer(data, np.float16) for *_, data in rows]).astype(np.float32)
    titles = encode([title for title, *_ in rows])
    sentences = encode([_sentence(title, abstract) for title, abstract, _ in rows])
    return Synthetic(
        torch.from_numpy(papers), (torch.from_numpy(titles), torch.from_numpy(sentences))
    )


def _sentence(title: str, abstract: str) -> str:
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", abstract) if 6 < len(s.split()) < 40]
    return (random.choice(sentences) if sentences else title)[:160]


def load_questions(bench: Bench) -> list[Question]:
    """Return the vectors of each question, of its relevant works and of the others found."""
    semantic = SemanticSearch(bench.index, bench.encoder)
    found = []
    for sought, query in zip(bench.sought, bench.queries, strict=True):
        ranking = engine.rank_candidates(
            bench.db, sought.text, engine.CANDIDATE_COUNT, sought.filters, semantic=semantic,
            postings=bench.postings,
        )  # fmt: skip
        others = np.array([work for work in ranking.works.tolist() if work not in query.gold])
        relevant = bench.index.vectors(np.array(sorted(query.gold)))
        found.append(
            Question(bench.encoder.encode([sought.text])[0], relevant, bench.index.vectors(others))
        )
    return found


def train(questions: Sequence[Question], synthetic: Synthetic) -> QueryAdapter:
    """Return the adapter that brings queries nearer to their papers than to others."""
    generator = torch.Generator().manual_seed(0)
    rng = random.Random(0)
    size = synthetic.papers.shape[1]
    down = (torch.randn(size, _RANK, generator=generator) * 0.05).requires_grad_()
    up = torch.zeros(_RANK, size, requires_grad=True)
    # A question without a text to embed has no vector to adapt.
    pairs = [(q, work) for q in questions if len(q.others) for work in q.relevant]
    optimizer = torch.optim.Adam([down, up], _RATE)

    def adapt(vectors: torch.Tensor) -> torch.Tensor:
        return functional.normalize(vectors + vectors @ down @ up, dim=1)

    for step in range(_STEPS):
        queries = synthetic.queries[step % len(synthetic.queries)]
        rows = torch.randint(0, len(queries), (_BATCH,), generator=generator)
        scores = adapt(queries[rows]) @ synthetic.papers[rows].T / _TEMPERATURE
        loss = functional.cross_entropy(scores, torch.arange(_BATCH))
        loss = loss + _SIZE * ((down @ up) ** 2).sum() / size
        loss = loss + _QUESTIONS * _question_loss(adapt, rng.sample(pairs, _PAIRS), rng)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return QueryAdapter(down.detach().numpy(), up.detach().numpy())


def _question_loss(
    adapt: Callable[[torch.Tensor], torch.Tensor],
    pairs: Sequence[tuple[Question, NDArray[np.float32]]],
    rng: random.Random,
) -> torch.Tensor:
    queries = adapt(torch.from_numpy(np.stack([question.vector for question, _ in pairs])))
    works = [
        np.concatenate(
            [work[None], question.others[rng.choices(range(len(question.others)), k=_NEGATIVES)]]
        )
        for question, work in pairs
    ]
    scores = torch.einsum("bd,bnd->bn", queries, torch.from_numpy(np.stack(works)))
    return functional.cross_entropy(
        scores / _TEMPERATURE, torch.zeros(len(pairs), dtype=torch.long)
    )


def rank(bench: Bench, place: int, adapter: QueryAdapter | None) -> list[int]:
    """Return the twenty best works for a question with an adapter."""
    sought = bench.sought[place]
    semantic = replace(SemanticSearch(bench.index, bench.encoder), adapter=adapter)
    ranking = engine.rank_candidates(
        bench.db, sought.text, engine.CANDIDATE_COUNT, sought.filters, semantic=semantic,
        postings=bench.postings,
    )  # fmt: skip
    return [int(work) for work in ranking.works[:20]]


def cross_validated(
    bench: Bench, questions: Sequence[Question], synthetic: Synthetic
) -> list[list[int]]:
    """Return the ranking for each question with an adapter that did not see it."""
    places = list(range(len(questions)))
    random.Random(7).shuffle(places)
    found: list[list[int]] = [[] for _ in places]
    for fold in range(_FOLDS):
        held_out = set(places[fold::_FOLDS])
        seen = [questions[place] for place in range(len(questions)) if place not in held_out]
        adapter = train(seen, synthetic)
        for place in held_out:
            found[place] = rank(bench, place, adapter)
    return found


def main() -> None:
    """Cross-validate, print one table, and write the adapter of all questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/eval/search"))
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("tracker/search/query_adapter.npz"))
    given = parser.parse_args()
    with Library(load(given.cache / "home", environ={})) as library:
        bench = Bench(library, given.data)
        encoder = load_query_encoder(library.config.embedding, library.config.models)
        questions = load_questions(bench)
        synthetic = synthetic_queries(given.home, encoder.encode)
        every = range(len(questions))
        rows = {
            "without an adapter": [rank(bench, place, None) for place in every],
            "cross-validated": cross_validated(bench, questions, synthetic),
        }
        for name, found in rows.items():
            ndcg, recall = 100 * evaluate(found, bench.queries).mean(axis=0)
            print(f"{name:24s} {ndcg:6.1f} {recall:6.1f}")
        adapter = train(questions, synthetic)
        np.savez(given.out, down=adapter.down.astype(np.float16), up=adapter.up.astype(np.float16))


if __name__ == "__main__":
    main()
