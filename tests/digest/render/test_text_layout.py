"""Plain text is measured, cut and wrapped in terminal columns."""

import pytest

from tracker.digest.render.text_layout import display_width, truncate, wrap_line


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("plain", 5),
        ("混合专家", 8),
        ("e\u0301", 1),
        ("“a”…–█▲×", 8),
        ("ｶ", 1),
        ("\u200b", 0),
        ("", 0),
    ],
)
def test_width_is_counted_in_terminal_columns(text: str, columns: int) -> None:
    assert display_width(text) == columns


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("short", 5, "short"), ("longer text", 7, "longer…"), ("混合专家模型", 7, "混合专…"),
        ("混合专家模型", 6, "混合…"), ("混合专家模型", 12, "混合专家模型"),
    ],
)  # fmt: skip
def test_wide_text_is_cut_at_a_column(text: str, columns: int, shown: str) -> None:
    assert truncate(text, columns) == shown
    assert display_width(shown) <= columns


def test_wrapped_list_items_are_indented() -> None:
    assert wrap_line("- one two three", 9) == "- one two\n  three"
    assert wrap_line("[12] one two", 9) == "[12] one\n     two"


def test_long_words_are_cut_and_urls_are_not() -> None:
    assert wrap_line("x" * 10, 4) == "xxxx\nxxxx\nxx"
    assert wrap_line("  https://example.org/a/b", 9) == "  https://example.org/a/b"


def test_chinese_punctuation_does_not_start_a_line() -> None:
    lines = wrap_line("混合专家，模型", 8).split("\n")
    assert [line for line in lines if line[0] in "，。"] == []
