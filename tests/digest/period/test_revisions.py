"""Numbers that a later version of an abstract has changed."""

from dataclasses import replace

import pytest

from tests.store.records import paper
from tracker.digest.period.revisions import changed_numbers, list_number_changes


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("We reach 71.3 on it.", "We reach 68.9 on it.", [("71.3", "68.9")]),
        ("A gain of 12\\% over 3 sets.", "A gain of 9 % over 3 sets.", [("12%", "9%")]),
        ("From 1,200 to -4.", "From 1,300 to -5.", [("1,200", "1,300"), ("-4", "-5")]),
        ("We reach 71.3.", "We reach 71.3. It costs 40 hours.", []),
        ("With 7 layers it works.", "It is new and works.", []),
        ("No numbers here.", "None here either.", []),
        ("It is 5 and 5.", "It is 6 and 6.", [("5", "6")]),
    ],
)
def test_a_number_changed_if_the_words_around_it_did_not(
    before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    assert changed_numbers(before, after) == expected
    assert changed_numbers(after, after) == []


def test_the_version_that_changed_a_number_is_known() -> None:
    work = paper(version=3, abstract="Now 68.9 points on ten sets.")
    first, second, third = work.versions
    work = replace(work, versions=(
        replace(first, abstract="Now 71.3 points on ten sets."),
        replace(second, abstract="Now 71.3 points on all ten sets."), third,
    ))  # fmt: skip
    assert [(change.version, str(change)) for change in list_number_changes(work)] == [
        (3, "71.3 → 68.9")
    ]
