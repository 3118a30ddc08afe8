"""Acronym definitions compared with pairs annotated by people, and counted on a whole corpus.

    python benchmarks/acronyms.py [--data ../shared/data] [--home HOME]

A pair is found when short and long form equal the annotated ones, ignoring case and white space; a
pair that occurs twice in a text counts once. Every second annotated text was used to tune the
finder ("seen"), the others were not. HOME must contain imported papers; it is only read.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.config import load
from tracker.search.query.acronym_definitions import find_pairs, find_uses, fold_short
from tracker.store import acronyms
from tracker.store.database import Database, open_database

Row = tuple[str, str]
GOLD = "eval/acronyms/abbreviations.jsonl"
_SHOWN = ("MoE", "RAG", "LLM", "RL", "GAN", "SSM", "CoT", "PEFT", "AI", "DPO", "ICL", "NLI", "MAP")
_SLICE = 2048


@dataclass(frozen=True, slots=True)
class Score:
    """How many pairs were annotated, how many found, and how many are in both."""

    marked: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """The share of found pairs that are right."""
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        """The share of annotated pairs that were found."""
        return self.right / max(1, self.marked)


def scored(documents: Iterable[dict[str, Any]]) -> Score:
    """Return the score over texts with annotated pairs, each a line of the file."""
    marked = found = right = 0
    for document in documents:
        gold = {_same(pair) for pair in document["pairs"]}
        ours = {_same(pair) for pair in find_pairs(" ".join(document["text"]))}
        marked, found, right = marked + len(gold), found + len(ours), right + len(gold & ours)
    return Score(marked, found, right)


def _same(pair: Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(text.split()).casefold() for text in pair)


def gold_rows(data: Path) -> list[Row]:
    """Return precision and recall on the texts used for tuning, on the others, and on all."""
    documents = [json.loads(line) for line in (data / GOLD).read_text("utf-8").splitlines()]
    parts = {"seen": documents[::2], "not seen": documents[1::2], "all": documents}
    rows = []
    for name, part in parts.items():
        score = scored(part)
        counts = f"{score.right} right of {score.found} found, {score.marked} marked"
        rows.append((f"{name}: precision", f"{score.precision:.3f}"))
        rows.append((f"{name}: recall", f"{score.recall:.3f}  ({counts})"))
    return rows


def corpus_rows(db: Database) -> list[Row]:
    """Return the speed over all works of a database, and the meanings of some acronyms."""
    works = [number for (number,) in db.execute("SELECT id FROM works")]
    senses: Counter[tuple[str, str]] = Counter()
    begin = time.perf_counter()
    for start in range(0, len(works), _SLICE):
        for text in acronyms.load_texts(db, works[start : start + _SLICE]).values():
            senses.update((use.short, use.long) for use in find_uses(text.title, text.abstract))
    seconds = time.perf_counter() - begin
    rows = [
        ("works", f"{len(works):,}"),
        ("works a second", f"{len(works) / max(seconds, 1e-9):,.0f}"),
        ("pairs", f"{senses.total():,}"),
        ("senses", f"{len(senses):,}"),
    ]
    return rows + [(short, _top(senses, fold_short(short))) for short in _SHOWN]


def _top(senses: Counter[tuple[str, str]], key: str) -> str:
    of_key = Counter({long: papers for (short, long), papers in senses.items() if short == key})
    return ", ".join(f"{long} {papers}" for long, papers in of_key.most_common(3))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--home", type=Path)
    options = parser.parse_args(arguments)
    rows = gold_rows(options.data)
    if options.home:
        with open_database(load(options.home).database) as db:
            rows += corpus_rows(db)
    for name, value in rows:
        print(f"{name:24s} {value}")


if __name__ == "__main__":
    main()
