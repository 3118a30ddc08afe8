"""Fields that records of several sources share, parsed and validated in the same way."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

from summarizer.text.characters import normalize_characters
from tracker.models import PaperId

# "cs.CL", "hep-th", "q-bio.NC"; the lists also contain ACM and MSC terms ("I.2.7", "68T50").
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")
# Not fit for a database or a terminal: control characters and lone surrogates.
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# An id in running text counts only after a name that identifies it as arXiv's.
_MENTION = re.compile(
    r"(?:xiv\.org/(?:abs|pdf|html)/|huggingface\.co/papers/|\barxiv[:.]\s?)"
    r"(\d{4}\.\d{4,5}(?!\d)|[a-z-]{2,16}(?:\.[A-Z]{2})?/\d{7}(?!\d))",
    re.I | re.ASCII,
)
_EXACT = 2**53  # integers up to here are exact in JSON, in SQLite and as a float


def valid_categories(names: Iterable[str]) -> tuple[str, ...]:
    """Return the distinct names that are arXiv categories, in order."""
    return tuple(dict.fromkeys(name for name in names if _CATEGORY.fullmatch(name)))


def clean_line(text: Any) -> str:
    """Return `text` as one line that can be stored; empty if it is not text."""
    if not isinstance(text, str):
        return ""
    return " ".join(normalize_characters(_UNFIT.sub("", text)).split())


def parse_web_url(text: Any, base: str = "") -> str:
    """Return `text` as a web address, relative to the document `base`; empty if it is not one."""
    try:
        parts = urlsplit(urljoin(base, clean_line(text)))
    except ValueError:
        return ""
    return parts.geturl() if parts.scheme in ("http", "https") and parts.hostname else ""


def parse_count(value: Any) -> int | None:
    """Return a non-negative integer, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < _EXACT and value == int(value) else None


def parse_arxiv_id(text: Any) -> str:
    """Return the key of an arXiv id, or empty. "0000.00000", which hubs use for "none", is not."""
    try:
        key = PaperId.parse(text).key
    except (ValueError, AttributeError):
        return ""
    month = key.split("/")[-1][2:4]
    return key if "01" <= month <= "12" else ""


def find_arxiv_ids(text: str) -> tuple[str, ...]:
    """Return the distinct arXiv ids in a text or its links, in order."""
    found = (parse_arxiv_id(match[1]) for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(key for key in found if key))
