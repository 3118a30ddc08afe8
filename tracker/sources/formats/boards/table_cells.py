"""Cells of tables as people write them: numbers with marks and units, intervals, text with markup.

"**1,412.5**", "1 412,5", "85.1 %", "#3", "1412 ± 6" and "12.3k" are numbers; a cell with anything
else around its number, such as "gpt-4" or "2026-03-09", is not.

Public: `parse_number`, `parse_interval`, `clean_text`.
"""

import html
import re
from typing import Any

# Sums of numbers below it are still numbers.
_BEYOND_MEASURE = 1e100
_LONGEST = 1000

_DIGITS = r"\d(?:[\d.,'’ \u00a0\u2009\u202f]*\d)?"
_SIGN = r"[-+−]"
_NUMBER = re.compile(
    rf"""[#~≈=↑↓▲▼🥇🥈🥉🏆\s]*(?:T-?)?          # marks of a rank, of a tie, of a trend
    (?P<sign>{_SIGN})?(?P<digits>{_DIGITS})
    \s*(?P<unit>%|pp|pts?\.?|points?|st|nd|rd|th|[kM](?!\w))?
    \s*(?P<rest>(?:±|\+/-|[(\[↑↓▲▼]|\+\s*\d).*)?  # an interval, a note, a trend
    [\s*†‡§¹²³]*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_TIMES = {"k": 1e3, "m": 1e6}
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([,.'’ \u00a0\u2009\u202f])\d{3})(?:\1\d{3})*([.,]\d+)?")

_SIDES = re.compile(rf"({_SIGN})\s*({_DIGITS})\s*[/,;]?\s*({_SIGN})\s*({_DIGITS})")
_EITHER_SIDE = re.compile(rf"(?:±|\+/-)\s*({_DIGITS})")
_ENDS = re.compile(
    rf"[(\[]?\s*({_SIGN}?{_DIGITS})\s*(?:[–—;…]|\.\.|to\b|-|,\s)\s*({_SIGN}?{_DIGITS})\s*[)\]]?"
)

_LINK = re.compile(r"!?\[([^\[\]]*)\]\(\s*[^()\s]*(?:\([^()\s]*\)[^()\s]*)*\s*\)")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
_EMPHASIS = re.compile(r"(\*{1,3}|_{2,3}|`+|~~)(?=\S)(.+?)(?<=\S)\1", re.DOTALL)
_NOTE_MARKS = re.compile(r"(?<=\S)\s*(?:[*†‡§]|🆕)+$|^(?:[🥇🥈🥉🏆🆕]\s*)+")


def clean_text(cell: str) -> str:
    """Return a cell's text without HTML, Markdown, medals and the marks of footnotes."""
    if len(cell) > _LONGEST:
        return cell.strip()
    text = html.unescape(_TAG.sub("", cell)) if "<" in cell or "&" in cell else cell
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text))
    return _NOTE_MARKS.sub("", text.strip()).strip()


def parse_number(content: Any) -> float | None:
    """Return the number that a cell states; None for anything else or implausibly large."""
    if content is None or isinstance(content, bool):
        return None
    try:
        number = float(content if isinstance(content, int | float) else str(content))
    except (ValueError, OverflowError):
        written = _parse_written(str(content))
        if written is None:
            return None
        number = written
    return number if abs(number) < _BEYOND_MEASURE else None


def _parse_written(cell: str) -> float | None:
    match = _match_number(cell)
    number = _parse_digits(match["digits"]) if match else None
    if match is None or number is None:
        return None
    number *= _TIMES.get((match["unit"] or "").lower(), 1.0)
    return -number if match["sign"] in ("-", "−") else number


def _match_number(cell: str) -> re.Match[str] | None:
    return _NUMBER.fullmatch(clean_text(cell)) if len(cell) <= _LONGEST else None


def _parse_digits(digits: str) -> float | None:
    """Return a number with separators: in "1.412,5" the last one is the decimal point."""
    if grouped := _GROUPED.fullmatch(digits):
        if grouped[1] == "." and not grouped[2] and digits.count(".") == 1:
            return float(digits)  # "1.412" is a fraction, "1,412" is not
        whole = digits.removesuffix(grouped[2] or "").replace(grouped[1], "")
        return float(whole + (grouped[2] or "").replace(",", "."))
    plain = digits.replace(",", ".", 1)
    return float(plain) if re.fullmatch(r"\d+(?:\.\d+)?", plain, re.ASCII) else None


def parse_interval(cell: Any, score: float) -> tuple[float, float] | None:
    """Return the ends of an interval around `score`, or None.

    It is written as "+5/-4" or "±5" around the score, also after the score itself, or as its ends:
    "1395–1405", "[1395, 1405]".
    """
    text = clean_text(str(cell)) if len(str(cell)) <= _LONGEST else ""
    number = _match_number(text)
    return (
        _interval_of_sides(text, score)
        or _interval_of_ends(text, score)
        or (_interval_of_ends((number["rest"] or "").strip(), score) if number else None)
    )


def _interval_of_sides(text: str, score: float) -> tuple[float, float] | None:
    if either := _EITHER_SIDE.search(text):
        side = _parse_digits(either[1])
        return None if side is None else (score - side, score + side)
    sides = _SIDES.search(text)
    if not sides or (sides[1] == "+") == (sides[3] == "+"):
        return None
    one, other = _parse_digits(sides[2]), _parse_digits(sides[4])
    if one is None or other is None:
        return None
    above, below = (one, other) if sides[1] == "+" else (other, one)
    return score - below, score + above


def _interval_of_ends(text: str, score: float) -> tuple[float, float] | None:
    ends = _ENDS.fullmatch(text)
    low, high = (parse_number(ends[1]), parse_number(ends[2])) if ends else (None, None)
    if low is None or high is None or not low <= score <= high:
        return None
    return low, high
