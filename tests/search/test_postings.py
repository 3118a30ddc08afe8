"""Postings: the same works in the same order as FTS5's BM25, kept up to date, safe when damaged."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tracker.errors import IndexUnusable
from tracker.search.postings import Postings, Text, refresh
from tracker.store.stemming import stems

WORDS = "sparse experts routing tokens models language Erdős attention scaling laws".split()
RNG = random.Random(3)
TEXTS: dict[int, Text] = {
    work: (
        " ".join(RNG.choices(WORDS, k=5)),
        " ".join(RNG.choices(WORDS[:-2], k=90)) + " the" * 85,
        "Ana Example",
    )
    for work in range(10, 60)
}


def refreshed(folder: Path, texts: dict[int, Text], stamps: dict[int, str] | None = None) -> int:
    def fetch(works: Sequence[int]) -> Iterable[list[Text]]:
        return ([texts[work] for work in works[at : at + 7]] for at in range(0, len(works), 7))

    stored = {work: str(hash(text)) for work, text in texts.items()} | (stamps or {})
    return refresh(folder, stored.items(), fetch)


def scores(folder: Path, *words: str) -> dict[int, float]:
    index = Postings.open(folder)
    found = index.scores(dict.fromkeys(filter(None, stems(words)), 1.0))
    return {w: round(s, 4) for w, s in zip(index.works.tolist(), found.tolist(), strict=True)}


def test_a_title_counts_more_a_rare_word_more_and_forms_are_one(tmp_path: Path) -> None:
    texts: dict[int, Text] = {
        1: ("Routing", "tokens", "A B"), 2: ("Tokens", "routing", "A B"), 3: ("x", "tokens", ""),
        4: ("x", "tokens again", ""),
    }  # fmt: skip
    assert refreshed(tmp_path, texts) == 4
    found = scores(tmp_path, "route", "token")
    assert found[1] > found[2] > found[3] > 0
    assert scores(tmp_path, "tokens") == scores(tmp_path, "Token")
    assert scores(tmp_path, "erdos", "nowhere", "") == dict.fromkeys(texts, 0.0)


def test_bit_by_bit_is_as_at_once(tmp_path: Path) -> None:
    works = list(TEXTS)
    for size in (0, 3, 20, 50):
        assert refreshed(tmp_path / "a", {w: TEXTS[w] for w in works[:size]}) == size
    refreshed(tmp_path / "b", TEXTS)
    for query in (["erdos"], ["routing", "sparse"], ["laws"], ["ana"]):
        assert scores(tmp_path / "a", *query) == scores(tmp_path / "b", *query)
        assert any(scores(tmp_path / "a", *query).values())


def test_what_has_gone_or_changed_is_taken_out(tmp_path: Path) -> None:
    refreshed(tmp_path / "a", TEXTS)
    left = {w: t for w, t in TEXTS.items() if w % 3} | {11: ("Quite another", "subject", "")}
    refreshed(tmp_path / "a", left)
    refreshed(tmp_path / "b", left)
    for query in (["erdos"], ["another"], ["language", "models"]):
        assert scores(tmp_path / "a", *query) == scores(tmp_path / "b", *query)
    assert refreshed(tmp_path / "a", {}) == 0
    assert scores(tmp_path / "a", "routing") == {}


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    refreshed(tmp_path, TEXTS)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    refreshed(tmp_path, TEXTS)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("kind", ["terms", "starts", "rows", "shares", "works"])
def test_a_damaged_file_is_not_read_and_is_made_anew(tmp_path: Path, kind: str) -> None:
    refreshed(tmp_path, TEXTS)
    expected = scores(tmp_path, "routing")
    (victim,) = tmp_path.glob(f"{kind}-*")
    data = victim.read_bytes()
    victim.write_bytes(data[:-1] + bytes([data[-1] ^ 255]))
    with pytest.raises(IndexUnusable, match=kind):
        Postings.open(tmp_path)
    refreshed(tmp_path, TEXTS)
    assert scores(tmp_path, "routing") == expected


def test_rows_lead_to_works_and_back(tmp_path: Path) -> None:
    refreshed(tmp_path, TEXTS)
    refreshed(tmp_path, TEXTS, {12: "changed"})  # stands at the end from now on
    index = Postings.open(tmp_path)
    rows = index.rows(np.array([5, 12, 30, 99]))
    assert index.works[rows].tolist() == [12, 30]
    assert index.last == 59
    assert index.held(stems(["sparse", "nowhere"])) == [50, 0]
