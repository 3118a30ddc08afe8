"""OpenReview: the accepted papers of conferences and journals, as complete lists.

A venue is a group ("ICLR.cc/2026/Conference"), and a note whose `venueid` is the group itself is
accepted; those under review or rejected have a longer one. The lists are long and rarely change, so
each is read again only when its count has changed. Notes from before 2023 are available only in the
older API, which does not wrap values; each API returns nothing for the notes of the other. Where
OpenReview refuses (`tracker.sources.openreview_session`), public lists are read instead.

Public: `read_pages`, `parse`, `list_groups`, `VenueGroup`, `find_conferences`.
Source: docs.openreview.net, API V2 and API V1, entity Note.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from summarizer.text.sentences import to_plain_text
from tracker.errors import ConfigError, SourceMalformed, SourceRefused
from tracker.records import Acceptance, Page
from tracker.settings import OpenReviewSource
from tracker.sources import paper_lists
from tracker.sources.formats.fields import clean_line, parse_count
from tracker.sources.formats.json import parse_json
from tracker.sources.http.client import Client
from tracker.sources.openreview_session import NAME, Session, check_credentials
from tracker.sources.protocol import Task

SITE = "https://openreview.net"
PAGE_SIZE = 1000  # the API's maximum
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
# Older venues list other notes under the group too, and only their text shows it.
_NOT_ACCEPTED = re.compile(r"submitted|reject|withdr", re.I)


@dataclass(frozen=True, slots=True)
class VenueGroup:
    """A venue with its OpenReview id; `year` is None for a journal, whose notes have years."""

    id: str
    venue: str
    year: int | None


def read_pages(client: Client, task: Task[OpenReviewSource]) -> Iterator[Page]:
    """Yield the accepted papers of each venue whose count has changed since the last time.

    The cursor is those counts, as JSON. Raises ConfigError for an unknown venue and, after the
    pages, SourceMalformed when notes that were counted never arrived, SourceRefused when OpenReview
    refuses the account, or when it refuses and there is no list either.
    """
    try:
        yield from _read_groups(client, task)
    except SourceRefused as error:
        yield from _read_lists(client, task, error)


def _read_lists(
    client: Client, task: Task[OpenReviewSource], error: SourceRefused
) -> Iterator[Page]:
    """Yield the public lists of the venues that have one, and say why they were read."""
    conferences = find_conferences(task.settings)
    listed = [name for name in conferences if name in paper_lists.LISTED]
    if not task.settings.lists_url or not listed:
        raise error
    found = 0
    for page in paper_lists.read_pages(client, task, listed):
        found += 1
        yield page
    others = [name for name in conferences if name not in listed]
    yield Page(
        warnings=(
            f"{error.reason}; {', '.join(listed)} were read from public lists instead",
            *(f"{name} has no public list" for name in others),
        )
    )
    if not found or check_credentials(task.settings):
        raise error


def find_conferences(settings: OpenReviewSource) -> list[str]:
    """Return the names of the venues to read, our spelling for those that are known."""
    return [_find_venue(name)[0] or name for name in settings.venues or tuple(GROUPS)]


def _read_groups(client: Client, task: Task[OpenReviewSource]) -> Iterator[Page]:
    session = Session(client, task.settings)
    counts = _counts(task.cursor)
    years = task.settings.years_to_read(task.now.year)
    for group in list_groups(task.settings, years):
        listing = _find_group_notes(session, group)
        if not listing.total or counts.get(group.id) == listing.total:
            continue
        for page in listing.pages():
            yield _limit_to_years(page, years)
        counts[group.id] = listing.total
        yield Page(cursor=json.dumps(counts, sort_keys=True))


def list_groups(settings: OpenReviewSource, years: range) -> list[VenueGroup]:
    """Return the groups to read, newest year first. A venue may be a known name, or any group."""
    found: dict[str, VenueGroup] = {}
    for name in settings.venues or tuple(GROUPS):
        venue, patterns = _find_venue(name)
        for pattern in patterns:
            for year in reversed(years) if "{year}" in pattern else years[-1:]:
                group = pattern.replace("{year}", str(year))
                found.setdefault(group, _group(group, venue))
    return list(found.values())


def _find_venue(name: str) -> tuple[str, tuple[str, ...]]:
    """Return our spelling of a venue and its groups; for a group id, no venue yet."""
    if "/" in name:
        return "", (name,)
    for venue, patterns in GROUPS.items():
        if venue.lower() == name.lower():
            return venue, patterns
    raise ConfigError(
        f"The setting sources.openreview.venues: {name!r} is not known; there are "
        f"{', '.join(GROUPS)}, or write a group such as ICLR.cc/2026/Workshop/NAME."
    )


def _group(group: str, venue: str) -> VenueGroup:
    """Return a group; without a venue, it is named after the last word, or that before the year."""
    match = re.fullmatch(r"(?:.*/)?([^/]+)/(\d{4})/(?:.*/)?([^/]+)", group)
    if match is None:
        return VenueGroup(group, venue or group.rpartition("/")[2], None)
    own = match[1].partition(".")[0] if match[3] == "Conference" else match[3]
    return VenueGroup(group, venue or own, int(match[2]))


def _counts(cursor: str) -> dict[str, int]:
    """Return the counts of a cursor; none for a cursor that cannot be read."""
    try:
        counts = json.loads(cursor or "{}")
        return {str(name): int(number) for name, number in counts.items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def _limit_to_years(page: Page, years: range) -> Page:
    """Return the records of `years`: a journal's list starts long before them."""
    records = tuple(r for r in page.records if isinstance(r, Acceptance) and r.year in years)
    return Page(records, skipped=page.skipped, warnings=page.warnings)


@dataclass(slots=True)
class _GroupNotes:
    """The notes of a group in one of the two APIs, `total` in all."""

    session: Session
    base: str
    group: VenueGroup
    total: int = 0

    def pages(self) -> Iterator[Page]:
        """Yield all notes, oldest first, so that new ones do not shift the pages."""
        received = 0
        for offset in range(0, min(self.total, _CEILING), PAGE_SIZE):
            body, url = self.fetch(PAGE_SIZE, offset)
            page, number = parse(body, self.group, url)
            received += number
            yield page
            if not number:
                break
        if received < self.total:
            reason = f"{self.total - received} of {self.total} promised notes never came"
            raise SourceMalformed(NAME, f"{self.base} {self.group.id}", reason)

    def fetch(self, limit: int, offset: int) -> tuple[bytes, str]:
        """Return one response's body and its address."""
        params = {
            "content.venueid": self.group.id,
            "sort": "number:asc",
            "limit": str(limit),
            "offset": str(offset),
        }
        response = self.session.get(self.base, "/notes", params)
        return response.body, response.url


def _find_group_notes(session: Session, group: VenueGroup) -> _GroupNotes:
    """Return the notes of a group from the API that has them; `total` is 0 when neither does."""
    settings = session.settings
    for base in filter(None, (settings.url, settings.url_v1)):
        listing = _GroupNotes(session, base, group)
        body, url = listing.fetch(1, 0)
        page, _ = parse(body, group, url)
        listing.total = page.total or 0
        if listing.total:
            break
    return listing


def parse(body: bytes, group: VenueGroup, url: str = SITE) -> tuple[Page, int]:
    """Return the accepted papers in a response about `group`, and its total number of notes.

    Raises SourceMalformed for anything but notes with their count. A note that cannot be read is
    skipped with the reason; the number of notes that were not accepted is a warning.
    """
    document = parse_json(body, NAME, url)
    notes = document.get("notes") if isinstance(document, dict) else None
    total = parse_count(document.get("count")) if isinstance(document, dict) else None
    if not isinstance(notes, list) or total is None:
        raise SourceMalformed(NAME, url, f"not notes with a count but {str(document)[:80]!r}")
    results = [_parse_note(note, group) for note in notes]
    records = tuple(result for result in results if isinstance(result, Acceptance))
    skipped = tuple(result for result in results if isinstance(result, str))
    others = results.count(None)
    warnings = (f"{group.id}: {others} notes are not accepted papers",) if others else ()
    return Page(records, total, skipped, warnings), len(notes)


def _parse_note(note: Any, group: VenueGroup) -> Acceptance | str | None:
    """Return the note as a paper; why it cannot be read; or None when it was not accepted."""
    content = note.get("content") if isinstance(note, dict) else None
    if not isinstance(content, dict):
        return f"{group.id}: not a note but {str(note)[:40]!r}"
    venue_text = clean_line(_value(content, "venue"))
    if _value(content, "venueid") != group.id or _NOT_ACCEPTED.search(venue_text):
        return None
    key, title = (
        clean_line(note.get("forum") or note.get("id")),
        to_plain_text(_text(content, "title")),
    )
    year = group.year or _year(note)
    if not key or not title or not year:
        return f"{group.id}: the note {key!r} has no title, id or year"
    return Acceptance(
        key=key,
        title=title,
        authors=_authors(_value(content, "authors")),
        venue=group.venue,
        year=year,
        track=_track(venue_text, group),
        url=f"{SITE}/forum?id={key}",
    )


def _value(content: Mapping[str, Any], name: str) -> Any:
    """Return a value, which API V2 wraps: {"value": …, "readers": …}."""
    value = content.get(name)
    return value.get("value") if isinstance(value, dict) else value


def _text(content: Mapping[str, Any], name: str) -> str:
    value = _value(content, name)
    return value if isinstance(value, str) else ""


def _authors(value: Any) -> tuple[str, ...]:
    """Return names from a list of names or, since 2026, of objects."""
    listed = value if isinstance(value, list) else []
    names = (a.get("fullname") if isinstance(a, dict) else a for a in listed)
    return tuple(filter(None, map(clean_line, names)))


def _track(venue_text: str, group: VenueGroup) -> str:
    """Return "NeurIPS 2025 spotlight" without venue and year."""
    if group.year is None:
        return ""
    words = re.sub(rf"\b{re.escape(group.venue)}\b|\b{group.year}\b", " ", venue_text, flags=re.I)
    return " ".join(words.lower().split())


def _year(note: Mapping[str, Any]) -> int | None:
    """Return the year in which a journal's note was published; dates are in milliseconds."""
    stamp = (
        parse_count(note.get("pdate"))
        or parse_count(note.get("odate"))
        or parse_count(note.get("cdate"))
    )
    try:
        return datetime.fromtimestamp(stamp / 1000, UTC).year if stamp else None
    except (ValueError, OverflowError, OSError):
        return None
