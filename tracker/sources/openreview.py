"""OpenReview: the papers that a conference or journal has accepted, whole lists at a time.

A venue is a group ("ICLR.cc/2026/Conference"), and a note whose `venueid` is the group itself is
accepted; those under review or rejected have a longer one. The lists are long and seldom change, so
each is read again only when its count is another one. Notes of before 2023 are known to the older
interface only, which wraps no values; both answer with nothing when the other one knows.

Public: `read`, `parse`, `groups`, `Group`.
Source: docs.openreview.net, API V2 and API V1, entity Note.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from summarizer.text import plain
from tracker.errors import ConfigError, SourceMalformed
from tracker.records import Acceptance, Page
from tracker.settings import VenueSource
from tracker.sources.fields import count, line
from tracker.sources.http import Ask, Client
from tracker.sources.json import parsed
from tracker.sources.reader import Task

NAME = "openreview"
SITE = "https://openreview.net"
PAGE_SIZE = 1000  # the most that the API gives at once
_CEILING = 50_000  # more notes than any venue has
GROUPS: Mapping[str, tuple[str, ...]] = {
    "ICLR": ("ICLR.cc/{year}/Conference",),
    "NeurIPS": (
        "NeurIPS.cc/{year}/Conference",
        "NeurIPS.cc/{year}/Datasets_and_Benchmarks_Track",
    ),
    "ICML": ("ICML.cc/{year}/Conference", "ICML.cc/{year}/Position_Paper_Track"),
    "COLM": ("colmweb.org/COLM/{year}/Conference",),
    "TMLR": ("TMLR",),
    "AISTATS": ("aistats.org/AISTATS/{year}/Conference",),
    "CoRL": ("robot-learning.org/CoRL/{year}/Conference",),
}
# Older venues kept the rest under the group too, and say so in words only.
_NOT_ACCEPTED = re.compile(r"submitted|reject|withdr", re.I)


@dataclass(frozen=True, slots=True)
class Group:
    """A venue as OpenReview names it; `year` is None for a journal, whose notes have their own."""

    id: str
    venue: str
    year: int | None


def read(client: Client, task: Task[VenueSource]) -> Iterator[Page]:
    """The accepted papers of each venue whose count is another one than when it was last read.

    The cursor is those counts, as JSON. Raises ConfigError for a venue that nobody knows and, after
    the pages, SourceMalformed when notes that were promised never came.
    """
    counts = _counts(task.cursor)
    years = task.settings.span(task.now.year)
    for group in groups(task.settings, years):
        listing = _opened(client, task.settings, group)
        if not listing.total or counts.get(group.id) == listing.total:
            continue
        for page in listing.pages():
            yield _within(page, years)
        counts[group.id] = listing.total
        yield Page(cursor=json.dumps(counts, sort_keys=True))


def groups(settings: VenueSource, years: range) -> list[Group]:
    """The groups to read, the newest year first. A venue may be a name of ours, or any group."""
    found: dict[str, Group] = {}
    for name in settings.venues or tuple(GROUPS):
        venue, patterns = _known(name)
        for pattern in patterns:
            for year in reversed(years) if "{year}" in pattern else years[-1:]:
                group = pattern.replace("{year}", str(year))
                found.setdefault(group, _group(group, venue))
    return list(found.values())


def _known(name: str) -> tuple[str, tuple[str, ...]]:
    """Our spelling of a venue and its groups; of a group that the user wrote, no venue yet."""
    if "/" in name:
        return "", (name,)
    for venue, patterns in GROUPS.items():
        if venue.lower() == name.lower():
            return venue, patterns
    raise ConfigError(
        f"The setting sources.openreview.venues: {name!r} is not known; there are "
        f"{', '.join(GROUPS)}, or write a group such as ICLR.cc/2026/Workshop/NAME."
    )


def _group(group: str, venue: str) -> Group:
    """Of a group that the user wrote, the venue is its last word, or the one before the year."""
    match = re.fullmatch(r"(?:.*/)?([^/]+)/(\d{4})/(?:.*/)?([^/]+)", group)
    if match is None:
        return Group(group, venue or group.rpartition("/")[2], None)
    own = match[1].partition(".")[0] if match[3] == "Conference" else match[3]
    return Group(group, venue or own, int(match[2]))


def _counts(cursor: str) -> dict[str, int]:
    """What `read` has noted; nothing for a cursor that it did not write."""
    try:
        noted = json.loads(cursor or "{}")
        return {str(name): int(number) for name, number in noted.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _within(page: Page, years: range) -> Page:
    """A journal's list begins long before the years that are wanted."""
    records = tuple(r for r in page.records if isinstance(r, Acceptance) and r.year in years)
    return Page(records, skipped=page.skipped, warnings=page.warnings)


@dataclass(slots=True)
class _Listing:
    """The notes of a group at one of the two interfaces, `total` in all."""

    client: Client
    settings: VenueSource
    base: str
    group: Group
    total: int = 0

    def pages(self) -> Iterator[Page]:
        """All notes, oldest first, so that new ones do not shift the pages."""
        came = 0
        for offset in range(0, min(self.total, _CEILING), PAGE_SIZE):
            body, url = self.asked(PAGE_SIZE, offset)
            page, number = parse(body, self.group, url)
            came += number
            yield page
            if not number:
                break
        if came < self.total:
            reason = f"{self.total - came} of {self.total} promised notes never came"
            raise SourceMalformed(NAME, f"{self.base} {self.group.id}", reason)

    def asked(self, limit: int, offset: int) -> tuple[bytes, str]:
        """One answer and its address."""
        ask = Ask(
            NAME,
            f"{self.base}/notes",
            {
                "content.venueid": self.group.id,
                "sort": "number:asc",
                "limit": str(limit),
                "offset": str(offset),
            },
            accept="application/json",
            pace=self.settings.pace_seconds,
            cap=48 * 2**20,  # a note with its abstract is about 5,000 bytes
        )
        answer = self.client.get(ask)
        return answer.body, answer.url


def _opened(client: Client, settings: VenueSource, group: Group) -> _Listing:
    """The group at the interface that knows it; its total is 0 when neither does."""
    for base in filter(None, (settings.url, settings.url_v1)):
        listing = _Listing(client, settings, base, group)
        body, url = listing.asked(1, 0)
        page, _ = parse(body, group, url)
        listing.total = page.total or 0
        if listing.total:
            break
    return listing


def parse(body: bytes, group: Group, url: str = SITE) -> tuple[Page, int]:
    """The accepted papers in one answer about `group`, and how many notes it held in all.

    Raises SourceMalformed for anything but notes with their count. A note that cannot be read is
    skipped with the reason; how many stand under the group and say that they were not accepted is a
    warning.
    """
    document = parsed(body, NAME, url)
    notes = document.get("notes") if isinstance(document, dict) else None
    total = count(document.get("count")) if isinstance(document, dict) else None
    if not isinstance(notes, list) or total is None:
        raise SourceMalformed(NAME, url, f"not notes with a count but {str(document)[:80]!r}")
    results = [_accepted(note, group) for note in notes]
    records = tuple(result for result in results if isinstance(result, Acceptance))
    skipped = tuple(result for result in results if isinstance(result, str))
    others = results.count(None)
    warnings = (f"{group.id}: {others} notes are not accepted papers",) if others else ()
    return Page(records, total, skipped, warnings), len(notes)


def _accepted(note: Any, group: Group) -> Acceptance | str | None:
    """The note as a paper; the reason when it cannot be read; None when it was not accepted."""
    content = note.get("content") if isinstance(note, dict) else None
    if not isinstance(content, dict):
        return f"{group.id}: not a note but {str(note)[:40]!r}"
    told = line(_value(content, "venue"))
    if _value(content, "venueid") != group.id or _NOT_ACCEPTED.search(told):
        return None
    key, title = line(note.get("forum") or note.get("id")), plain(_text(content, "title"))
    year = group.year or _year(note)
    if not key or not title or not year:
        return f"{group.id}: the note {key!r} has no title, id or year"
    return Acceptance(
        key=key,
        title=title,
        authors=_authors(_value(content, "authors")),
        venue=group.venue,
        year=year,
        track=_track(told, group),
        url=f"{SITE}/forum?id={key}",
    )


def _value(content: Mapping[str, Any], name: str) -> Any:
    """API V2 wraps each value: {"value": …, "readers": …}."""
    value = content.get(name)
    return value.get("value") if isinstance(value, dict) else value


def _text(content: Mapping[str, Any], name: str) -> str:
    value = _value(content, name)
    return value if isinstance(value, str) else ""


def _authors(value: Any) -> tuple[str, ...]:
    """Names, or since 2026 objects that hold them."""
    listed = value if isinstance(value, list) else []
    names = (a.get("fullname") if isinstance(a, dict) else a for a in listed)
    return tuple(filter(None, map(line, names)))


def _track(told: str, group: Group) -> str:
    """What is left of "NeurIPS 2025 spotlight" without venue and year."""
    if group.year is None:
        return ""
    words = re.sub(rf"\b{re.escape(group.venue)}\b|\b{group.year}\b", " ", told, flags=re.I)
    return " ".join(words.lower().split())


def _year(note: Mapping[str, Any]) -> int | None:
    """The year in which a journal's note was published; its dates are milliseconds."""
    stamp = count(note.get("pdate")) or count(note.get("odate")) or count(note.get("cdate"))
    try:
        return datetime.fromtimestamp(stamp / 1000, UTC).year if stamp else None
    except (ValueError, OverflowError, OSError):
        return None
