"""Postings: BM25 as in FTS5, kept up to date, and rebuilt when damaged."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tracker.errors import IndexUnusable
from tracker.search.index import postings, postings_build
from tracker.search.index.postings import FieldTexts, Postings, refresh
from tracker.store.fts_stems import stem_words

WORDS = "sparse experts routing tokens models language Erdős attention scaling laws".split()
RNG = random.Random(3)
TEXTS: dict[int, FieldTexts] = {
    work: (
        " ".join(RNG.choices(WORDS, k=5)),
        " ".join(RNG.choices(WORDS[:-2], k=90)) + " the" * 85,
        "Ana Example",
    )
    for work in range(10, 60)
}


def refresh_postings(
    folder: Path, texts: dict[int, FieldTexts], stamps: dict[int, str] | None = None
) -> int:
    def fetch(works: Sequence[int]) -> Iterable[list[FieldTexts]]:
        return ([texts[work] for work in works[at : at + 7]] for at in range(0, len(works), 7))

    stored = {work: str(hash(text)) for work, text in texts.items()} | (stamps or {})
    return refresh(folder, stored.items(), fetch)


def scores(folder: Path, *words: str) -> dict[int, float]:
    index = Postings.open(folder)
    found = index.scores(dict.fromkeys(filter(None, stem_words(words)), 1.0))
    return {w: round(s, 4) for w, s in zip(index.works.tolist(), found.tolist(), strict=True)}


def test_titles_and_rare_words_count_more_and_inflections_are_one_stem(tmp_path: Path) -> None:
    texts: dict[int, FieldTexts] = {
        1: ("Routing", "tokens", "A B"), 2: ("Tokens", "routing", "A B"), 3: ("x", "tokens", ""),
        4: ("x", "tokens again", ""),
    }  # fmt: skip
    assert refresh_postings(tmp_path, texts) == 4
    found = scores(tmp_path, "route", "token")
    assert found[1] > found[2] > found[3] > 0
    assert scores(tmp_path, "tokens") == scores(tmp_path, "Token")
    assert scores(tmp_path, "erdos", "nowhere", "") == dict.fromkeys(texts, 0.0)


def test_refreshing_in_steps_equals_refreshing_at_once(tmp_path: Path) -> None:
    works = list(TEXTS)
    for size in (0, 3, 20, 50):
        assert refresh_postings(tmp_path / "a", {w: TEXTS[w] for w in works[:size]}) == size
    refresh_postings(tmp_path / "b", TEXTS)
    for query in (["erdos"], ["routing", "sparse"], ["laws"], ["ana"]):
        assert scores(tmp_path / "a", *query) == scores(tmp_path / "b", *query)
        assert any(scores(tmp_path / "a", *query).values())


def test_removed_and_changed_works_are_dropped(tmp_path: Path) -> None:
    refresh_postings(tmp_path / "a", TEXTS)
    remaining = {w: t for w, t in TEXTS.items() if w % 3} | {11: ("Quite another", "subject", "")}
    refresh_postings(tmp_path / "a", remaining)
    refresh_postings(tmp_path / "b", remaining)
    for query in (["erdos"], ["another"], ["language", "models"]):
        assert scores(tmp_path / "a", *query) == scores(tmp_path / "b", *query)
    assert refresh_postings(tmp_path / "a", {}) == 0
    assert scores(tmp_path / "a", "routing") == {}


def test_a_refresh_without_changes_writes_nothing(tmp_path: Path) -> None:
    refresh_postings(tmp_path, TEXTS)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    refresh_postings(tmp_path, TEXTS)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("kind", ["terms", "starts", "rows", "shares", "works"])
def test_a_damaged_file_is_refused_and_rebuilt(tmp_path: Path, kind: str) -> None:
    refresh_postings(tmp_path, TEXTS)
    expected = scores(tmp_path, "routing")
    (victim,) = tmp_path.glob(f"{kind}-*")
    data = victim.read_bytes()
    victim.write_bytes(data[:-1] + bytes([data[-1] ^ 255]))
    with pytest.raises(IndexUnusable, match=kind):
        Postings.open(tmp_path)
    refresh_postings(tmp_path, TEXTS)
    assert scores(tmp_path, "routing") == expected


def test_rows_and_works_map_to_each_other(tmp_path: Path) -> None:
    refresh_postings(tmp_path, TEXTS)
    refresh_postings(tmp_path, TEXTS, {12: "changed"})  # is the last row from now on
    index = Postings.open(tmp_path)
    rows = index.rows(np.array([5, 12, 30, 99]))
    assert index.works[rows].tolist() == [12, 30]
    assert index.last_work == 59
    assert index.document_frequencies(stem_words(["sparse", "nowhere"])) == [50, 0]


def test_a_large_index_built_in_runs_and_changed_beside_its_base_scores_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_postings(tmp_path / "small", TEXTS)
    monkeypatch.setattr(postings, "FROM_COUNT", 20)
    monkeypatch.setattr(postings, "_RUN", 12)
    monkeypatch.setattr(postings, "CHANGED_SHARE", 0.2)
    monkeypatch.setattr(postings_build, "_PART", 70)
    assert refresh_postings(tmp_path / "large", TEXTS) == len(TEXTS)
    queries = (["erdos"], ["routing", "sparse"], ["laws"], ["ana"], ["nowhere"])
    for query in queries:
        assert scores(tmp_path / "large", *query) == scores(tmp_path / "small", *query)
    assert not list((tmp_path / "large").glob(".runs*"))
    (base,) = (tmp_path / "large").glob("rows-*")
    before = base.stat()

    texts = dict(TEXTS)
    for added in (200, 201):
        del texts[added - 189]
        texts[added] = ("A title", f"zyzzyvas {added} and laws", "Ana Example")
        texts[13] = (f"Changed {added}", "routing of zyzzyvas", "Ana Example")
        assert refresh_postings(tmp_path / "large", texts) == len(texts)
        assert base.stat() == before, "the base stays"
        index = Postings.open(tmp_path / "large")
        assert index.works[index.rows(np.array([11, 13, 14, added]))].tolist() == [14, 13, added]
        found = index.scores(dict.fromkeys(stem_words(["zyzzyvas"]), 1.0))
        expected = {13, *range(200, added + 1)}
        assert set(index.works[found > 0].tolist()) == expected
        rows = index.rows(np.array([12, 13, added]))
        term = stem_words(["zyzzyvas"])[0]
        assert index.works[index.rows_with_term(term, rows)].tolist() == [13, added]
    files = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "large").iterdir()}
    refresh_postings(tmp_path / "large", texts)
    assert {p.name: p.stat().st_mtime_ns for p in (tmp_path / "large").iterdir()} == files


def test_a_large_index_of_which_much_has_changed_is_built_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "FROM_COUNT", 20)
    monkeypatch.setattr(postings, "_RUN", 12)
    refresh_postings(tmp_path / "large", TEXTS)
    for count in (10, 35):
        rest = dict(list(TEXTS.items())[count:])
        assert refresh_postings(tmp_path / "large", rest) == len(rest)
        refresh_postings(tmp_path / f"small{count}", rest)
        for query in (["erdos"], ["routing", "sparse"]):
            assert scores(tmp_path / "large", *query) == scores(tmp_path / f"small{count}", *query)
