"""Dates of conferences: the public "ai-deadlines" files, one YAML file per conference.

Owns PyYAML, and uses the loader that creates only text, lists and dicts: no value of a file becomes
a date, a number or an object implicitly. An alias is replaced by short text or nothing, because a
few hundred bytes of aliases to lists of aliases could expand to gigabytes.

Public: `read_pages`, `parse`.
Source: github.com/huggingface/ai-deadlines, src/data/conferences.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from tracker.errors import SourceMalformed
from tracker.files import decode
from tracker.records import Deadline, Page
from tracker.settings import Source
from tracker.sources.formats.fields import clean_line, parse_web_url
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, fetch_if_changed

NAME = "deadlines"
# Conferences relevant to readers who follow language models.
FILES = (
    "aaai acl aistats coling colm conll corl cvpr ecai emnlp iclr icml ijcai ijcnlp_and_aacl "
    "interspeech kdd lrec naacl neurips rlc sigir uai wsdm www"
).split()
_CAP = 64 * 1024  # the largest file has 4,000 bytes
_DEEPEST = 20  # a conference's dates are at a depth of four
_LONGEST_ALIASED = 200
_KINDS = {"abstract": "abstract", "paper": "paper", "notification": "notification"}
# The older form of an entry: one field per date.
_OLDER = {"abstract_deadline": "abstract", "deadline": "paper"}
_WHEN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)(?:([+-])(\d{1,2})(?::?(\d{2}))?)?", re.ASCII)
# Hours from UTC. "Anywhere on Earth" is the last place where the day ends (IEEE 802.16).
_NAMED = {"AOE": -12, "PST": -8, "PDT": -7, "EST": -5, "EDT": -4, "CET": 1, "CEST": 2, "JST": 9}


def read_pages(client: Client, task: Task[Source]) -> Iterator[Page]:
    """Yield a page for each conference whose file has changed.

    A file that cannot be read affects its conference only. Raises SourceMalformed if all fail.
    """
    faults: list[SourceMalformed] = []
    for name in FILES:
        try:
            yield _page(client, task, name)
        except SourceMalformed as error:
            faults.append(error)
            yield Page(skipped=(f"{name}.yml: {error.reason}",))
    if len(faults) == len(FILES):
        raise faults[0]


def _page(client: Client, task: Task[Source], name: str) -> Page:
    ask = Request(
        NAME,
        f"{task.settings.url}/{name}.yml",
        accept="application/yaml, text/plain",
        pace=task.settings.pace_seconds,
        max_bytes=_CAP,
        expect=(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    answer, copy = fetch_if_changed(client, task, ask)
    if answer.is_unchanged:
        return Page(cache_validators=(copy,))
    if answer.status == HTTPStatus.NOT_FOUND:
        return Page(warnings=(f"the calendar has no {name}.yml",))
    return replace(parse(answer.body, answer.url), cache_validators=(copy,))


def parse(body: bytes, url: str = "") -> Page:
    """Return the dates of one file. Entries that cannot be read are skipped with the reason.

    An unknown time zone is a warning, and its dates have no instant. Raises SourceMalformed for
    anything but a list of conferences.
    """
    conferences, warnings = _document(body, url)
    dates = [found for conference in conferences for found in _dates(conference)]
    records = tuple(found for found in dates if isinstance(found, Deadline))
    skipped = tuple(found for found in dates if isinstance(found, str))
    strange = {record.zone for record in records if record.zone and not _zone(record.zone)}
    return Page(
        tuple(dict.fromkeys(records)),
        skipped=skipped,
        warnings=(
            *warnings,
            *(f"{url}: the time zone {zone!r} is not known" for zone in sorted(strange)),
        ),
    )


def _document(body: bytes, url: str) -> tuple[list[Any], tuple[str, ...]]:
    """The list that a file is, and what is to be said of how it was read."""
    import yaml  # type: ignore[import-untyped]  # ships no types

    if len(body) > _CAP:
        raise SourceMalformed(NAME, url, f"it is over {_CAP:,} bytes")
    try:
        loader = _loader()(decode(body))
        document = loader.get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = f"it is not YAML: {clean_line(str(error))[:200]}"
        raise SourceMalformed(NAME, url, reason) from error
    if not isinstance(document, list):
        raise SourceMalformed(NAME, url, "it is no list of conferences")
    unread = f"{url}: an alias (*name) is read only where it stands for short text"
    return document, (unread,) if loader.unread else ()


@cache
def _loader() -> Any:
    """PyYAML's plainest loader, which moreover takes no alias but of short text, and no depths."""
    import yaml

    class Loader(yaml.BaseLoader):  # type: ignore[misc]  # yaml ships no types
        depth = 0
        unread = False

        def compose_node(self, parent: Any, index: Any) -> Any:
            alias = self.check_event(yaml.AliasEvent)
            self.depth += 1
            if self.depth > _DEEPEST:
                mark = self.peek_event().start_mark
                raise yaml.composer.ComposerError(None, None, "it is nested too deeply", mark)
            node = super().compose_node(parent, index)
            self.depth -= 1
            if not alias or _is_short(node):
                return node
            self.unread = True
            return yaml.ScalarNode("tag:yaml.org,2002:str", "")

    def _is_short(node: Any) -> bool:
        return isinstance(node, yaml.ScalarNode) and len(node.value) <= _LONGEST_ALIASED

    return Loader


def _dates(conference: Any) -> Iterator[Deadline | str]:
    """Yield the dates of one year of one conference."""
    known = conference if isinstance(conference, dict) else {}
    name, year = clean_line(known.get("title")), clean_line(known.get("year"))
    if not name or not (year.isascii() and year.isdigit() and len(year) == 4):
        yield f"{name or str(conference)[:40]!r}: it has no title or no year"
        return
    places = (clean_line(known.get(part)) for part in ("city", "country"))
    frame = Deadline(
        name,
        int(year),
        kind="other",
        day=date.min,
        place=", ".join(filter(None, places)),
        url=parse_web_url(known.get("link")),
    )
    for kind, label, when, zone in _entries(known):
        yield _parse_deadline(frame, kind, label, when, zone)


_Entry = tuple[str, str, str, str]


def _entries(conference: Mapping[Any, Any]) -> Iterator[_Entry]:
    """Yield kind, label, date and zone of each date of a conference."""
    zone = clean_line(conference.get("timezone"))
    for field, kind in _OLDER.items():
        if when := clean_line(conference.get(field)):
            yield kind, "", when, zone
    listed = conference.get("deadlines")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict):
            label = clean_line(entry.get("label"))
            kind = _kind(clean_line(entry.get("type")), label)
            yield (
                kind,
                label,
                clean_line(entry.get("date")),
                clean_line(entry.get("timezone")) or zone,
            )
    for kind in ("start", "end"):
        if when := clean_line(conference.get(kind)):
            yield kind, "", when[:10], ""


def _kind(given: str, label: str) -> str:
    """Return the kind of a date: the files call every deadline a "submission", not only papers'."""
    papers = given == "submission" and "paper" in label.lower()
    return "paper" if papers else _KINDS.get(given, "other")


def _parse_deadline(
    template: Deadline, kind: str, label: str, when: str, zone: str
) -> Deadline | str:
    match = _WHEN.fullmatch(when)
    try:
        day = date.fromisoformat(match[1]) if match else None
        at = _instant(match[1], match[2], zone) if match else None
    except (ValueError, OverflowError):
        day = None
    if day is None:
        return f"{template.conference} {template.year}, {label or kind}: {when[:40]!r} is no date"
    return Deadline(
        template.conference, template.year, kind, day, at, zone, label, template.place, template.url
    )


def _instant(day: str, time: str | None, zone: str) -> datetime | None:
    """Return the instant in UTC, None without a time of day or a known zone. Raises ValueError."""
    place = _zone(zone)
    if time is None or place is None:
        return None
    return datetime.fromisoformat(f"{day} {time}").replace(tzinfo=place).astimezone(UTC)


def _zone(name: str) -> tzinfo | None:
    """Return the zone named "AoE", "UTC-08", "GMT+2", "PST" or "Europe/London"; else None."""
    if name.upper() in _NAMED:
        return timezone(timedelta(hours=_NAMED[name.upper()]))
    if match := _OFFSET.fullmatch(name.upper()):
        sign, hours, minutes = match[1], int(match[2] or 0), int(match[3] or 0)
        shift = timedelta(hours=hours, minutes=minutes)
        return timezone(-shift if sign == "-" else shift) if hours < 24 else None
    try:
        return ZoneInfo(name) if "/" in name else None
    except (ValueError, OSError, LookupError):
        return None
