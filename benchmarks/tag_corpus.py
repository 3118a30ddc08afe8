"""The labelled papers that the tags are fitted to and measured with.

Three sources:

- seven public lists, whose papers are negative for the keys of the other lists. Lists omit each
  other's papers: `benchmarks/labels/list_overlaps.jsonl` has, for the papers whose title has words
  of another list's subject, whether they are on that subject too ("unclear" if it can be judged
  either way). The choice of papers does not depend on any classifier;
- `benchmarks/labels/tags.jsonl`: papers announced before March 2026, judged for every key by title
  and abstract. Keys that could be judged either way are left out;
- weak labels (`weak_tags`) of all papers embedded and announced before March 2026.

Papers of March 2026 are never used to fit.

Public: `Group`, `Corpus`, `load_listed`, `load_corpus`, `complete_labels`, and constants.
"""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from weak_tags import weak_labels

from tracker.models import Paper
from tracker.search.encoder.select import Encoder
from tracker.store import papers, vectors
from tracker.store.database import Database
from tracker.topics.taxonomy import load_concepts

DATA = Path("../shared/data")
_LABELS = Path("benchmarks/labels/tags.jsonl")
_OVERLAPS = Path("benchmarks/labels/list_overlaps.jsonl")
LISTS = {
    "LLM-Agents-Papers": "agents",
    "Awesome-LM-SSP": "safety-security",
    "Awesome-LLM-Long-Context-Modeling": "long-context",
    "Awesome-LLM-Compression": "compression",
    "RAG-Survey": "rag",
    "A-Survey-on-Mixture-of-Experts-in-LLMs": "moe",
    "awesome-RLHF": "alignment-methods",
}
LISTED = tuple(LISTS.values())
KEYS = tuple(load_concepts())
LISTED_COLUMNS = [KEYS.index(key) for key in LISTED]
FIRST_DAY, FIRST_UNSEEN_DAY, LAST_DAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 3, 31)

Labels = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Group:
    """Papers: ids, (title, abstract), unit rows (n, d), and labels (n, keys): 1, 0, unknown -1."""

    ids: Sequence[str]
    pairs: Sequence[tuple[str, str]]
    vectors: NDArray[np.float32]
    labels: Labels

    def select(self, rows: NDArray[np.int64]) -> "Group":
        return Group(
            [self.ids[row] for row in rows], [self.pairs[row] for row in rows],
            self.vectors[rows], self.labels[rows],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Corpus:
    """The papers on the seven lists, those labelled by hand, and those labelled by rules."""

    listed: Group
    by_hand: Group
    weak: Group


def load_listed(data: Path, encoder: Encoder, home: Path) -> Group:
    """Return every paper on one of the seven lists; their vectors are cached in the home."""
    lines = gzip.decompress((data / "eval/topics/labelled.jsonl.gz").read_bytes()).splitlines()
    rows = [row for row in map(json.loads, lines) if set(row["lists"]) & set(LISTS)]
    pairs = [(row["title"], row["abstract"]) for row in rows]
    cached = home / "labelled.npy"
    if not cached.exists():
        np.save(cached, encoder.encode([f"{title}\n{abstract}" for title, abstract in pairs]))
    labels = np.full((len(rows), len(KEYS)), -1, np.int8)
    for row, paper in enumerate(rows):
        labels[row, LISTED_COLUMNS] = [name in paper["lists"] for name in LISTS]
    return Group([row["arxiv_id"] for row in rows], pairs, np.load(cached), labels)


def complete_labels(listed: Group) -> Labels:
    """Return the labels of papers on the lists, with the subjects that the lists omit."""
    labels = listed.labels.copy()
    for row, paper in enumerate(listed.ids):
        for key, value in _load_overlaps().get(paper, {}).items():
            labels[row, KEYS.index(key)] = value
    return labels


@cache
def _load_overlaps() -> dict[str, dict[str, int]]:
    rows = map(json.loads, _OVERLAPS.read_text(encoding="utf-8").splitlines())
    return {row["id"]: row["tags"] | dict.fromkeys(row.get("unclear", ()), -1) for row in rows}


def load_corpus(db: Database, listed: Group) -> Corpus:
    """Return the papers to fit to, all announced before March 2026."""
    by_id = {
        row["id"]: [row["tags"].get(key, -1) for key in KEYS]
        for row in map(json.loads, _LABELS.read_text(encoding="utf-8").splitlines())
    }
    works = vectors.embedded_works_between(db, 1, FIRST_DAY, LAST_DAY)
    order, matrix = vectors.load_vectors(db, 1, works)
    found = list(papers.load_by_number(db, order.tolist()).values())
    missing = by_id.keys() - {paper.id for paper in found}
    assert not missing, f"HOME lacks papers that are labelled by hand: {sorted(missing)}"
    early = [row for row, paper in enumerate(found) if paper.announced < FIRST_UNSEEN_DAY]
    early.sort(key=lambda row: found[row].id)
    hand = [row for row in early if found[row].id in by_id]
    weak = [row for row in early if found[row].id not in by_id]
    return Corpus(
        listed,
        _group(found, matrix, hand, [by_id[found[row].id] for row in hand]),
        _group(found, matrix, weak, weak_labels([pair(found[row]) for row in weak])),
    )


def pair(paper: Paper) -> tuple[str, str]:
    """Return the title and abstract of a paper."""
    return paper.title, paper.abstract


def _group(
    found: Sequence[Paper],
    matrix: NDArray[np.float32],
    rows: Sequence[int],
    labels: Sequence[Sequence[int]] | Labels,
) -> Group:
    return Group(
        [found[row].id for row in rows],
        [pair(found[row]) for row in rows],
        matrix[rows],
        np.asarray(labels, np.int8),
    )
