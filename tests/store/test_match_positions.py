"""Marks enclose exactly the matches: inflected words, phrases, Chinese."""

import pytest

from tracker.store.fts_query import QueryTerms, Term, build_query
from tracker.store.match_positions import highlight_matches

TITLE, SENTENCE = "Routing to Experts", "An expert is chosen; 专家混合 is what it is called."


def marked(
    wanted: QueryTerms, title: str = TITLE, sentence: str = SENTENCE
) -> tuple[list[str], list[str]]:
    """Return the marked pieces of a title and a sentence; check that the others are the rest."""
    ((one, other),) = highlight_matches([(title, sentence)], build_query(wanted, {}).ranked)
    assert ("".join(one), "".join(other)) == (title, sentence)
    return list(one[1::2]), list(other[1::2])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (QueryTerms(("expert",)), (["Experts"], ["expert"])),
        (QueryTerms(("专家",)), ([], ["专家"])),
        (QueryTerms(("experts", "混合")), (["Experts"], ["expert", "混合"])),
        (QueryTerms(required=(Term("routing to experts", exact=True),)), ([TITLE], [])),
        (QueryTerms(required=(Term("expert", "title"),)), (["Experts"], [])),
        (QueryTerms(("unheard",)), ([], [])),
        (QueryTerms(), ([], [])),
    ],
)
def test_matches_are_marked(wanted: QueryTerms, found: tuple[list[str], list[str]]) -> None:
    assert marked(wanted) == found


def test_each_text_is_marked_separately() -> None:
    pairs = [("One expert", ""), ("Nothing", "here"), ("", "two experts")]
    found = highlight_matches(pairs, build_query(QueryTerms(("experts",)), {}).ranked)
    assert [(title[1::2], sentence[1::2]) for title, sentence in found] == [
        (("expert",), ()), ((), ()), ((), ("experts",)),
    ]  # fmt: skip
