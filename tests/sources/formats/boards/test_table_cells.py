"""Numbers, intervals and names as people write them in tables."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.sources.formats.boards.table_cells import clean_text, parse_interval, parse_number


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (1400, 1400), (14.5, 14.5), ("1400", 1400), (" 1e3 ", 1000), ("-3.5", -3.5),
        ("−3.5", -3.5), ("1,400", 1400), ("1,234,567", 1_234_567), ("1,412.5", 1412.5),
        ("1.412,5", 1412.5), ("1 412,5", 1412.5), ("1\u202f412", 1412), ("1'412", 1412),
        ("1.234.567", 1_234_567), ("1.412", 1.412), ("85,1", 85.1), ("0,851", 0.851),
        ("85.1%", 85.1), ("85,1 %", 85.1), ("1412 pts", 1412), ("**1412**", 1412),
        ("<b>1,412</b>", 1412), ("`85.1`", 85.1), ("[85.1](https://example.org/a)", 85.1),
        ("1412 ± 6", 1412), ("1412 +5/-4", 1412), ("1412 (+5/-4)", 1412), ("85.1 (5-shot)", 85.1),
        ("85.1*", 85.1), ("85.1†", 85.1), ("~85.1", 85.1), ("↑ 3", 3), ("3 ↑2", 3), ("#3", 3),
        ("🥇 1", 1), ("3rd", 3), ("T-3", 3), ("=3", 3), ("12.3k", 12_300), ("1.2M", 1_200_000),
        ("&nbsp;85.1&nbsp;", 85.1),
    ],
)  # fmt: skip
def test_numbers(cell: Any, number: float) -> None:
    assert parse_number(cell) == pytest.approx(number)


@pytest.mark.parametrize(
    "cell",
    [
        None, True, "", " ", "-", "—", "N/A", "gpt-4", "4o", "8B", "2026-03-09", "1/2", "1,2,3",
        "nan", "inf", "1e999", "x1400", "1400x", "1395–1405", "+5/-4", "12:30", [1], {"a": 1},
        "9" * 2000,
    ],
)  # fmt: skip
def test_other_cells_are_no_numbers(cell: Any) -> None:
    assert parse_number(cell) is None


@pytest.mark.parametrize(
    ("cell", "interval"),
    [
        ("+5/-4", (1396, 1405)), ("-4/+5", (1396, 1405)), ("+5 / −4", (1396, 1405)),
        ("+5,5/-4,5", (1395.5, 1405.5)), ("±5", (1395, 1405)), ("± 5,5", (1394.5, 1405.5)),
        ("+/-5", (1395, 1405)), ("1395–1405", (1395, 1405)), ("[1395, 1405]", (1395, 1405)),
        ("(1,395; 1,405)", (1395, 1405)), ("1395 to 1405", (1395, 1405)),
        ("1400 ± 5", (1395, 1405)), ("1400 (+5/-4)", (1396, 1405)),
        ("1400 [1395, 1405]", (1395, 1405)),
        ("**1400** ± 5", (1395, 1405)),
        ("", None), ("5", None), ("1500–1600", None), ("+5/+4", None), ("1400 (5-shot)", None),
    ],
)  # fmt: skip
def test_intervals(cell: str, interval: tuple[float, float] | None) -> None:
    assert parse_interval(cell, 1400.0) == interval


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("Velkan R+", "Velkan R+"), (" velkan_7b_chat ", "velkan_7b_chat"),
        ("<a href='https://example.org'>Velkan &amp; Co</a>", "Velkan & Co"),
        ("[Velkan (7B)](https://example.org/v_(7b))", "Velkan (7B)"), ("**Velkan**", "Velkan"),
        ("🥇 Velkan", "Velkan"), ("Velkan*", "Velkan"), ("Velkan †", "Velkan"),
        ("Velkan 🆕", "Velkan"), ("Velkan <7B", "Velkan <7B"), ("a < b", "a < b"), ("*", "*"),
    ],
)  # fmt: skip
def test_text_without_markup(cell: str, text: str) -> None:
    assert clean_text(cell) == text


@given(st.text(alphabet="0123456789.,'’ %±+-/()[]*kM_`<>a", max_size=80))
def test_any_cell_is_read_quickly_or_not_at_all(cell: str) -> None:
    number = parse_number(cell)
    assert number is None or abs(number) < 1e100
    parse_interval(cell, 1.0)
