"""Template filters that do not depend on the page format or the language.

Pure functions. Public: `FILTERS` by the names used in templates, and `safe_url`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote, urlsplit

from summarizer.text.sentences import to_plain_text
from tracker.digest.document import ReasonText
from tracker.digest.render import sparklines


def safe_url(url: str) -> str:
    """Return `url` if it is an absolute http or https URL, else "".

    Pages link to nothing else. Characters with a meaning in Markdown or HTML are percent-encoded.
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


def _hostname(url: str) -> str:
    return urlsplit(url).hostname or ""


def _reasons_by_signal(reasons: Iterable[ReasonText]) -> dict[str, ReasonText]:
    return {reason.signal: reason for reason in reasons}


def _bar_length(value: float, largest: float, width: int) -> int:
    """Return the length of a bar of at most `width`; at least 1 for any value above zero."""
    return max(1, round(width * value / largest)) if value > 0 else 0


def _truncate(text: str, length: int) -> str:
    """Return `text` cut to `length` characters, at a word boundary if there is one."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut[: cut.rfind(" ")] if cut.rfind(" ") > length // 2 else cut).rstrip() + "…"


def _as_sentence_start(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _note_key(key: str) -> str:
    """Return a key so that it cannot end the comment that it is in."""
    return quote(key, safe="")


FILTERS: Mapping[str, Callable[..., object]] = {
    "host": _hostname,
    "by_signal": _reasons_by_signal,
    "bar": _bar_length,
    "clip": _truncate,
    "sentence_start": _as_sentence_start,
    "plain": to_plain_text,
    "spark_text": sparklines.as_blocks,
    "spark_points": sparklines.as_points,
    "note_key": _note_key,
}
