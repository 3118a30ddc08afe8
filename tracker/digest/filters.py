"""What the templates do to values, the same in every form and language: addresses, figures, cuts.

Pure. Public: `FILTERS` by the names that templates use, and `address`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import quote, urlsplit

from summarizer.text import plain
from tracker.digest.document import Why

# Points that are told as 0.01.
_LEAST = 0.005


def address(url: str) -> str:
    """`url` when it is a plain web address, else empty: no page links to anything else.

    Characters with a meaning in Markdown or HTML are percent-encoded.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # e.g. a broken IPv6 host
        return ""
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or re.search(r"[\s\x00-\x1f]", url)
    ):
        return ""
    return quote(url, safe="/:?#@!$&+,;=%~-._")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _points(difference: float) -> str:
    """A difference of shares in percentage points: 0.0141 is "+1.4"; nothing is "0.0"."""
    text = f"{round(100 * difference, 1) + 0.0:+.1f}"
    return "0.0" if text == "+0.0" else text.replace("-", "\N{MINUS SIGN}")


def _reasons(found: Iterable[Why]) -> list[Why]:
    """What speaks for a paper, strongest first; what would be told as 0.00 is no reason."""
    return sorted((why for why in found if why.points >= _LEAST), key=lambda why: -why.points)


def _strongest(found: Sequence[Why]) -> list[Why]:
    """Three reasons at most, without those that stand beside the title anyway; chance always."""
    beside = ("venue", "code", "attention")
    told = [why for why in _reasons(found) if why.signal not in beside]
    return [*told[:3], *(why for why in found if why.signal == "explore")]


def _bar(value: float, largest: float, width: int) -> int:
    """Length of a bar of at most `width`; what is not nothing is at least 1 long."""
    return max(1, round(width * value / largest)) if value > 0 else 0


def _clip(text: str, length: int) -> str:
    """`text` cut to `length` characters where it is longer, between words where it has any."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut[: cut.rfind(" ")] if cut.rfind(" ") > length // 2 else cut).rstrip() + "…"


FILTERS: Mapping[str, Callable[..., object]] = {
    "host": _host,
    "reasons": _reasons,
    "strongest": _strongest,
    "points": _points,
    "bar": _bar,
    "clip": _clip,
    "plain": plain,
}
