"""The finder of acronyms against pairs that people marked, and on a whole corpus.

    python benchmarks/acronyms.py [--data ../shared/data] [--home HOME]

A pair counts as found when short and long form are the marked ones, but for case and white space;
a pair that a text has twice counts once. Every second text of the marked ones served to tune the
finder ("seen"), the others did not. HOME, whose papers were imported, is only read: its pairs are
counted anew.
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
from tracker.search.acronyms import fold_short, pairs, uses
from tracker.store import acronyms
from tracker.store.database import Database, opened

Row = tuple[str, str]
GOLD = "eval/acronyms/abbreviations.jsonl"
_SHOWN = ("MoE", "RAG", "LLM", "RL", "GAN", "SSM", "CoT", "PEFT", "AI", "DPO", "ICL", "NLI", "MAP")
_SLICE = 2048


@dataclass(frozen=True, slots=True)
class Score:
    """How many pairs were marked, how many found, and how many of these are the same."""

    marked: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        """Share of what was marked that was found."""
        return self.right / max(1, self.marked)


def scored(documents: Iterable[dict[str, Any]]) -> Score:
    """The score over texts with their marked pairs, each a line of the file."""
    marked = found = right = 0
    for document in documents:
        gold = {_same(pair) for pair in document["pairs"]}
        ours = {_same(pair) for pair in pairs(" ".join(document["text"]))}
        marked, found, right = marked + len(gold), found + len(ours), right + len(gold & ours)
    return Score(marked, found, right)


def _same(pair: Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(text.split()).casefold() for text in pair)


def gold_rows(data: Path) -> list[Row]:
    """Precision and recall on the texts that the finder was tuned on, on the others, and on all."""
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
    """Speed over all the works of a store, and what its acronyms stand for."""
    works = [number for (number,) in db.execute("SELECT id FROM works")]
    senses: Counter[tuple[str, str]] = Counter()
    begin = time.perf_counter()
    for start in range(0, len(works), _SLICE):
        for text in acronyms.texts(db, works[start : start + _SLICE]).values():
            senses.update((use.short, use.long) for use in uses(text.title, text.abstract))
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
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--home", type=Path)
    given = parser.parse_args(arguments)
    rows = gold_rows(given.data)
    if given.home:
        with opened(load(given.home).database) as db:
            rows += corpus_rows(db)
    for name, value in rows:
        print(f"{name:24s} {value}")


if __name__ == "__main__":
    main()
