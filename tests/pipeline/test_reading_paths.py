"""Which stored works count as overviews, and as built upon."""

import pytest

from tracker.pipeline.learning.reading_paths import _is_survey


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Routing of Experts: A Survey", True),
        ("A Tutorial on Sparse Attention", True),
        ("Overview of the Invented 2026 Track", False),
        ("Benchmarks for Survey Generation", False),
        ("Routing of Experts", False),
    ],
)
def test_a_title_shows_whether_it_is_an_overview(title: str, expected: bool) -> None:
    assert _is_survey(title) is expected
