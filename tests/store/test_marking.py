"""Marks stand around what the search found: forms of words, phrases, Chinese; and nowhere else."""

import pytest

from tracker.store.expressions import Term, Wanted, matching
from tracker.store.marking import marked

TITLE, SAID = "Routing to Experts", "An expert is chosen; 专家混合 is what it is called."


def lit(wanted: Wanted, title: str = TITLE, said: str = SAID) -> tuple[list[str], list[str]]:
    """The marked pieces of a title and a sentence; what is between them must make up the rest."""
    ((one, other),) = marked([(title, said)], matching(wanted, {}).ranked)
    assert ("".join(one), "".join(other)) == (title, said)
    return list(one[1::2]), list(other[1::2])


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(("expert",)), (["Experts"], ["expert"])),
        (Wanted(("专家",)), ([], ["专家"])),
        (Wanted(("experts", "混合")), (["Experts"], ["expert", "混合"])),
        (Wanted(required=(Term("routing to experts", exact=True),)), ([TITLE], [])),
        (Wanted(required=(Term("expert", "title"),)), (["Experts"], [])),
        (Wanted(("unheard",)), ([], [])),
        (Wanted(), ([], [])),
    ],
)
def test_what_was_found_is_marked(wanted: Wanted, found: tuple[list[str], list[str]]) -> None:
    assert lit(wanted) == found


def test_each_text_has_its_own_marks() -> None:
    pairs = [("One expert", ""), ("Nothing", "here"), ("", "two experts")]
    found = marked(pairs, matching(Wanted(("experts",)), {}).ranked)
    assert [(title[1::2], said[1::2]) for title, said in found] == [
        (("expert",), ()), ((), ()), ((), ("experts",)),
    ]  # fmt: skip
