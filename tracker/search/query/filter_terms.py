"""The filters of the query language: their values, and the error messages for invalid ones.

Pure.

Public: `parse_facets` for properties of works, `parse_span` for days, `Topic`, `parse_topic`,
`parse_category`, `DAY_FIELDS`, `FACET_FIELDS`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from tracker.errors import UsageError
from tracker.search.query.pasted_ids import find_mentioned_ids, find_pasted_ids
from tracker.store.fts_query import normalize_text
from tracker.store.paper_filters import Facets

DAY_FIELDS = ("after", "before", "since")
FACET_FIELDS = ("cat", "topic", "venue", "id", "has")
_LAST_DIGEST = "last-digest"
_SHOWN = 40  # most characters of an invalid value that are quoted in a message

# An archive, with or without its class: cs.CL, stat.ML, hep-th, cond-mat.mtrl-sci.
_CATEGORY = re.compile(r"(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.(?P<kind>[a-z]+(?:-[a-z]+)?))?")
_VENUE = re.compile(r"[a-z0-9][a-z0-9 .&'-]{0,58}")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_AGO = re.compile(r"([0-9]{1,5})d")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as queries see it: its key, its English name, and phrases that refer to it."""

    key: str
    name: str
    phrases: tuple[str, ...] = ()


def parse_facets(given: Iterable[tuple[str, str]], topics: Mapping[str, Topic]) -> Facets:
    """Return the facets among (field, value) pairs, in order. Raises UsageError."""
    readers: dict[str, Callable[[str], str]] = {**_READERS, "topic": partial(parse_topic, topics)}
    found: dict[str, dict[str, None]] = {field: {} for field in FACET_FIELDS}
    for field, value in given:
        if field in found:
            found[field][readers[field](value)] = None
    return Facets(*(tuple(values) for values in found.values()))


def parse_topic(topics: Mapping[str, Topic], value: str) -> str:
    """Return the topic key of a key or a name in English or Chinese. Raises UsageError."""
    known = topics.get(normalize_text(value))
    if known is None:
        keys = ", ".join(dict.fromkeys(topic.key for topic in topics.values()))
        raise UsageError(f"There is no topic {_quote_value(value)}; the topics are: {keys}.")
    return known.key


def _quote_value(value: str) -> str:
    """Return an invalid value for a message, escaped and shortened."""
    written = repr(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…{written[-1]}"


def parse_category(value: str) -> str:
    """Return a category, or a whole archive, as arXiv writes it. Raises UsageError."""
    match = _CATEGORY.fullmatch(value.lower())
    if not match:
        raise _build_usage_error(
            "cat", value, "an arXiv category, as in cat:cs.CL, cat:hep-th or cat:cs"
        )
    archive, kind = match["archive"], match["kind"]
    if kind is None:
        return archive
    # Classes are two capitals, except those of physics and cond-mat, which are words.
    return f"{archive}.{kind.upper() if len(kind) == 2 else kind}"


def _parse_venue(value: str) -> str:
    if not _VENUE.fullmatch(value.lower()):
        raise _build_usage_error(
            "venue", value, 'the name of a venue, as in venue:acl or venue:"acl 2025"'
        )
    return value.lower()


def _parse_id(value: str) -> str:
    found = find_pasted_ids(value) or find_mentioned_ids(value)
    if len(found) != 1:
        allowed = "an arXiv id, as in id:2403.01234 or id:hep-th/9901001"
        raise _build_usage_error("id", value, allowed)
    return found[0]


def _parse_has(value: str) -> str:
    if value.lower() not in ("code", "model"):
        raise _build_usage_error("has", value, "only code or model, as in has:code")
    return value.lower()


_READERS: dict[str, Callable[[str], str]] = {
    "cat": parse_category,
    "venue": _parse_venue,
    "id": _parse_id,
    "has": _parse_has,
}


def parse_span(
    given: Iterable[tuple[str, str]], *, today: date, last_digest: date | None
) -> tuple[date | None, date | None]:
    """Return first and last day, both inclusive, of all (field, value) pairs. Raises UsageError."""
    starts, ends = [], []
    for field, value in given:
        if field == "since" and value.lower() == _LAST_DIGEST:
            starts.append(_day_after_digest(last_digest))
        elif field in ("after", "since"):
            starts.append(_parse_day(field, value, today))
        elif field == "before":
            ends.append(_parse_day(field, value, today, back=1))
    return max(starts, default=None), min(ends, default=None)


def _day_after_digest(last_digest: date | None) -> date:
    if last_digest is None:
        raise UsageError(
            f"`since:{_LAST_DIGEST}` needs a digest, and there is none yet: `tracker digest` makes "
            "one. `after:7d` needs no digest."
        )
    return last_digest + timedelta(days=1)


def _parse_day(field: str, value: str, today: date, *, back: int = 0) -> date:
    """Return a day, or the first of a year or month, or that many days ago; minus `back` days."""
    ago, written = _AGO.fullmatch(value.lower()), _DATE.fullmatch(value)
    try:
        if ago:
            return today - timedelta(days=int(ago[1]) + back)
        if written:
            year, month, day = (int(part or 1) for part in written.groups())
            return date(year, month, day) - timedelta(days=back)
    except (ValueError, OverflowError):
        pass  # a 13th month, or a day before the calendar begins: refused below
    digest = f", or {_LAST_DIGEST}" if field == "since" else ""
    allowed = f"a year, a month, a day or days ago (2026, 2026-01, 2026-01-15, 7d){digest}"
    raise _build_usage_error(field, value, allowed)


def _build_usage_error(field: str, value: str, allowed: str) -> UsageError:
    return UsageError(f"`{field}:` takes {allowed}; {_quote_value(value)} is not that.")
