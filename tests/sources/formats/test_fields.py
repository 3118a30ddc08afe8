"""Fields shared by several sources: lines of text, numbers, addresses and arXiv ids."""

from typing import Any

import pytest

from tracker.sources.formats.fields import (
    clean_line,
    find_arxiv_ids,
    parse_arxiv_id,
    parse_count,
    parse_web_url,
)


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
def test_ids_are_found_after_a_mention_of_arxiv(text: str, ids: tuple[str, ...]) -> None:
    assert find_arxiv_ids(text) == ids


@pytest.mark.parametrize("text", ["0000.00000", "2400.00001", "2413.00001", "x", "", None, 7, []])
def test_an_invalid_id_is_empty(text: Any) -> None:
    assert parse_arxiv_id(text) == ""


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (3.0, 3), (0, 0), (2.5, None), (-1, None), (True, None), ("3", None), (None, None),
     (float("nan"), None), (float("inf"), None), (10**400, None)],
)  # fmt: skip
def test_a_count_is_a_whole_number_that_can_be_stored(value: Any, number: int | None) -> None:
    assert parse_count(value) == number


@pytest.mark.parametrize(
    ("text", "shown"),
    [(" a\n\t b ", "a b"), ("a\ud800b\x00\x1b[1m", "ab[1m"), (None, ""), (7, ""), ("", "")],
)
def test_a_line_can_be_stored_and_shown(text: Any, shown: str) -> None:
    assert clean_line(text) == shown


@pytest.mark.parametrize("text", ["", "x", "javascript:alert(1)", "http://[", "https://", None])
def test_an_address_outside_the_web_is_empty(text: Any) -> None:
    assert parse_web_url(text) == ""
