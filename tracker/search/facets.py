"""The filters of the query language: what each takes, and the sentence for what it does not take.

Pure. Public: `facets` for properties of works, `span` for days, `Topic`, `topic` and `category`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from tracker.errors import UsageError
from tracker.models import PaperId
from tracker.store.expressions import folded
from tracker.store.filters import Facets

DAY_FIELDS = ("after", "before", "since")
FACET_FIELDS = ("cat", "topic", "venue", "id", "has")
_LAST_DIGEST = "last-digest"
_SHOWN = 40  # characters of a wrong value that are repeated to its writer

# An archive, with or without its class: cs.CL, stat.ML, hep-th, cond-mat.mtrl-sci.
_CATEGORY = re.compile(r"(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.(?P<kind>[a-z]+(?:-[a-z]+)?))?")
_VENUE = re.compile(r"[a-z0-9][a-z0-9 .&'-]{0,58}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_AGO = re.compile(r"([0-9]{1,5})d")


@dataclass(frozen=True, slots=True)
class Topic:
    """A key of the map as queries see it: its English name, and the phrases that speak of it."""

    key: str
    name: str
    phrases: tuple[str, ...] = ()


def facets(given: Iterable[tuple[str, str]], topics: Mapping[str, Topic]) -> Facets:
    """The facets among (field, value) pairs; the order is kept. Raises UsageError."""
    readers: dict[str, Callable[[str], str]] = {**_READERS, "topic": partial(topic, topics)}
    found: dict[str, dict[str, None]] = {field: {} for field in FACET_FIELDS}
    for field, value in given:
        if field in found:
            found[field][readers[field](value)] = None
    return Facets(*(tuple(values) for values in found.values()))


def topic(topics: Mapping[str, Topic], value: str) -> str:
    """The key that a key or a name in English or Chinese stands for. Raises UsageError."""
    known = topics.get(folded(value))
    if known is None:
        keys = ", ".join(dict.fromkeys(topic.key for topic in topics.values()))
        raise UsageError(f"There is no topic {_shown(value)}; there are: {keys}.")
    return known.key


def _shown(value: str) -> str:
    """A wrong value as it is repeated: a sign that cannot be shown is written in ten characters."""
    written = repr(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…{written[-1]}"


def category(value: str) -> str:
    """A category, or a whole archive, as arXiv writes it. Raises UsageError."""
    match = _CATEGORY.fullmatch(value.lower())
    if not match:
        raise _refusal("cat", value, "an arXiv category, as in cat:cs.CL, cat:hep-th or cat:cs")
    archive, kind = match["archive"], match["kind"]
    if kind is None:
        return archive
    # Classes are two capitals, but for those of physics and cond-mat, which are words.
    return f"{archive}.{kind.upper() if len(kind) == 2 else kind}"


def _venue(value: str) -> str:
    if not _VENUE.fullmatch(value.lower()):
        raise _refusal("venue", value, 'the name of a venue, as in venue:acl or venue:"acl 2025"')
    return value.lower()


def _id(value: str) -> str:
    try:
        return PaperId.parse(value).key
    except ValueError:
        allowed = "an arXiv id, as in id:2403.01234 or id:hep-th/9901001"
        raise _refusal("id", value, allowed) from None


def _has(value: str) -> str:
    if value.lower() != "code":
        raise _refusal("has", value, "only code, as in has:code")
    return "code"


_READERS: dict[str, Callable[[str], str]] = {
    "cat": category,
    "venue": _venue,
    "id": _id,
    "has": _has,
}


def span(
    given: Iterable[tuple[str, str]], *, today: date, last_digest: date | None
) -> tuple[date | None, date | None]:
    """First and last day, both included, by (field, value) pairs; the narrowest. UsageError."""
    starts, ends = [], []
    for field, value in given:
        if field == "since" and value.lower() == _LAST_DIGEST:
            starts.append(_after_digest(last_digest))
        elif field in ("after", "since"):
            starts.append(_day(field, value, today))
        elif field == "before":
            ends.append(_day(field, value, today, back=1))
    return max(starts, default=None), min(ends, default=None)


def _after_digest(last_digest: date | None) -> date:
    if last_digest is None:
        raise UsageError(
            f"`since:{_LAST_DIGEST}` needs a digest, and there is none yet; `tracker digest` makes "
            "one, and after:7d needs none."
        )
    return last_digest + timedelta(days=1)


def _day(field: str, value: str, today: date, *, back: int = 0) -> date:
    """The first day of the year or month, the day, or so many days ago; and `back` days earlier."""
    ago, written = _AGO.fullmatch(value.lower()), _DATE.fullmatch(value)
    try:
        if ago:
            return today - timedelta(days=int(ago[1]) + back)
        if written:
            year, month, day = (int(part or 1) for part in written.groups())
            return date(year, month, day) - timedelta(days=back)
    except (ValueError, OverflowError):
        pass  # a 13th month, a day before the calendar begins: refused like any other
    digest = f", or {_LAST_DIGEST}" if field == "since" else ""
    allowed = f"a year, a month, a day or days ago (2026, 2026-01, 2026-01-15, 7d){digest}"
    raise _refusal(field, value, allowed)


def _refusal(field: str, value: str, allowed: str) -> UsageError:
    return UsageError(f"`{field}:` takes {allowed}; {_shown(value)} is not that.")
