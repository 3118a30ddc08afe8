"""Bigrams: text without spaces is found by any part of it."""

import sqlite3

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.store.cjk import contains_cjk, split_into_bigrams
from tracker.store.fts_query import QueryTerms, Term, all_of, build_query

LETTERS = st.sampled_from("混合专家專々〇あがアー가나\U00020000\U0002a6d6\U00030000豈")


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", ""),
        ("no such letters", "no such letters"),
        ("家", "家"),
        ("专家混合", "专家 家混 混合 合"),
        ("专家，混合。", "专家 家 混合 合"),
        ("GPT模型 v2", "GPT 模型 型 v2"),
        ("ニューラル・ネット", "ニュ ュー ーラ ラル ル ネッ ット ト"),
    ],
)
def test_runs_are_split_into_bigrams(text: str, cut: str) -> None:
    assert split_into_bigrams(text) == cut


def test_cjk_letters_are_detected() -> None:
    assert contains_cjk("a 混")
    assert not any(map(contains_cjk, ["", "plain", "naïve 🦙", "、。「」"]))


@given(before=st.text(LETTERS, max_size=4), part=st.text(LETTERS, min_size=1, max_size=4),
       after=st.text(LETTERS, max_size=4), other=st.text(LETTERS, max_size=6))  # fmt: skip
@example(before="", part="家", after="", other="加")
@settings(max_examples=150, deadline=None, database=None)
def test_a_text_is_found_by_its_parts_and_only_by_them(
    before: str, part: str, after: str, other: str
) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE works_fts_cjk USING fts5 (title, tokenize = 'unicode61')")
    texts = [before + part + after, other]
    db.executemany(
        "INSERT INTO works_fts_cjk VALUES (?)", ([split_into_bigrams(text)] for text in texts)
    )
    ((table, expression),) = all_of(
        build_query(QueryTerms(required=(Term(part, exact=True),)), {}).required
    ).items()
    rows = db.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", [expression])
    assert {row for (row,) in rows} == {n for n, text in enumerate(texts, 1) if part in text}
    db.close()
