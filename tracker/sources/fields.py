"""What the records of several sources have in common, and must mean the same from each of them."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

from tracker.models import PaperId

# "cs.CL", "hep-th", "q-bio.NC"; authors' ACM and MSC terms ("I.2.7", "68T50") stand among them.
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")
# What no store and no terminal should be given: control characters and halves of pairs.
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
# An id in running text counts only after one of the names that say whose it is.
_MENTION = re.compile(
    r"(?:xiv\.org/(?:abs|pdf|html)/|huggingface\.co/papers/|\barxiv[:.]\s?)"
    r"(\d{4}\.\d{4,5}(?!\d)|[a-z-]{2,16}(?:\.[A-Z]{2})?/\d{7}(?!\d))",
    re.I | re.ASCII,
)
_EXACT = 2**53  # numbers up to here are the same in JSON, in SQLite and as a float


def categories(names: Iterable[str]) -> tuple[str, ...]:
    """Those names that are arXiv categories, each once, in their order."""
    return tuple(dict.fromkeys(name for name in names if _CATEGORY.fullmatch(name)))


def line(text: Any) -> str:
    """`text` as one line that can be stored; empty for what is no text."""
    return " ".join(_UNFIT.sub("", text).split()) if isinstance(text, str) else ""


def web_address(text: Any, base: str = "") -> str:
    """`text` as an address of the web, read from the document `base`; empty for any other thing."""
    try:
        parts = urlsplit(urljoin(base, line(text)))
    except ValueError:
        return ""
    return parts.geturl() if parts.scheme in ("http", "https") and parts.hostname else ""


def count(value: Any) -> int | None:
    """A whole number of zero or more, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < _EXACT and value == int(value) else None


def arxiv_id(text: Any) -> str:
    """The key that `text` names, or empty. "0000.00000", which hubs write for "none", is no id."""
    try:
        key = PaperId.parse(text).key
    except (ValueError, AttributeError):
        return ""
    month = key.split("/")[-1][2:4]
    return key if "01" <= month <= "12" else ""


def arxiv_mentions(text: str) -> tuple[str, ...]:
    """The arXiv ids that a text or its links name, each once, in their order."""
    found = (arxiv_id(match[1]) for match in _MENTION.finditer(text))
    return tuple(dict.fromkeys(key for key in found if key))
