"""What several sources read alike: lines of text, numbers, addresses and arXiv ids."""

from typing import Any

import pytest

from tracker.sources.fields import arxiv_id, arxiv_mentions, count, line, web_address


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("https://arxiv.org/abs/2401.00001v3 and arxiv.org/pdf/2401.00001", ("2401.00001",)),
        ("arXiv:2401.00002, ARXIV: 1412.6980", ("2401.00002", "1412.6980")),
        ("doi.org/10.48550/arXiv.2401.00003", ("2401.00003",)),
        ("https://www.alphaxiv.org/abs/2401.00004", ("2401.00004",)),
        ("https://huggingface.co/papers/2401.00005#x", ("2401.00005",)),
        ("https://arxiv.org/abs/hep-th/9901001", ("hep-th/9901001",)),
        ("arxiv.org/abs/math.GT/0309136", ("math/0309136",)),
        ("call 2401.00001, version 2401.000017", ()),
        ("arxiv:2401.000017 arxiv:2413.00001 arxiv:0000.00000", ()),
        ("arxiv:" * 20_000, ()),
    ],
)
def test_ids_are_found_where_a_text_says_that_they_are_arxivs(
    text: str, ids: tuple[str, ...]
) -> None:
    assert arxiv_mentions(text) == ids


@pytest.mark.parametrize("text", ["0000.00000", "2400.00001", "2413.00001", "x", "", None, 7, []])
def test_what_is_no_id_is_empty(text: Any) -> None:
    assert arxiv_id(text) == ""


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (3.0, 3), (0, 0), (2.5, None), (-1, None), (True, None), ("3", None), (None, None),
     (float("nan"), None), (float("inf"), None), (10**400, None)],
)  # fmt: skip
def test_a_count_is_a_whole_number_that_can_be_stored(value: Any, number: int | None) -> None:
    assert count(value) == number


@pytest.mark.parametrize(
    ("text", "shown"),
    [(" a\n\t b ", "a b"), ("a\ud800b\x00\x1b[1m", "ab[1m"), (None, ""), (7, ""), ("", "")],
)
def test_a_line_can_be_stored_and_shown(text: Any, shown: str) -> None:
    assert line(text) == shown


@pytest.mark.parametrize("text", ["", "x", "javascript:alert(1)", "http://[", "https://", None])
def test_what_is_no_address_of_the_web_is_empty(text: Any) -> None:
    assert web_address(text) == ""
