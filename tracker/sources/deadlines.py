"""The calendar of conferences: the public "ai-deadlines" files, one YAML file a conference.

It owns PyYAML, and uses the loader that makes nothing but text, lists and dicts: no value of a file
becomes a date, a number or an object before we say so. An alias stands for short text or nothing:
a few hundred bytes of aliases to lists of aliases would else become gigabytes.

Public: `read`, `parse`.
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
from tracker.sources.fields import line, web_address
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task, fetch

NAME = "deadlines"
# The files that somebody who follows language models reads.
FILES = (
    "aaai acl aistats coling colm conll corl cvpr ecai emnlp iclr icml ijcai ijcnlp_and_aacl "
    "interspeech kdd lrec naacl neurips rlc sigir uai wsdm www"
).split()
_CAP = 64 * 1024  # the largest file has 4,000 bytes
_DEEPEST = 20  # a conference's dates are at a depth of four
_LONGEST_ALIASED = 200
_KINDS = {"abstract": "abstract", "paper": "paper", "notification": "notification"}
# The older shape of an entry: a date in a field of its own.
_OLDER = {"abstract_deadline": "abstract", "deadline": "paper"}
_WHEN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)(?:([+-])(\d{1,2})(?::?(\d{2}))?)?", re.ASCII)
# Hours from UTC. "Anywhere on Earth" is the last place where the day ends (IEEE 802.16).
_NAMED = {"AOE": -12, "PST": -8, "PDT": -7, "EST": -5, "EDT": -4, "CET": 1, "CEST": 2, "JST": 9}


def read(client: Client, task: Task[Source]) -> Iterator[Page]:
    """A page for each conference whose file has changed.

    A file that cannot be read costs its own conference only; SourceMalformed when that is all.
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
    ask = Ask(
        NAME,
        f"{task.settings.url}/{name}.yml",
        accept="application/yaml, text/plain",
        pace=task.settings.pace_seconds,
        cap=_CAP,
        expect=(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    answer, copy = fetch(client, task, ask)
    if answer.unchanged:
        return Page(copies=(copy,))
    if answer.status == HTTPStatus.NOT_FOUND:
        return Page(warnings=(f"the calendar has no {name}.yml",))
    return replace(parse(answer.body, answer.url), copies=(copy,))


def parse(body: bytes, url: str = "") -> Page:
    """The dates of one file. What cannot be read is skipped with the reason.

    A time zone that is not known is a warning, and its dates have no instant. Raises
    SourceMalformed for anything but a list of conferences.
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
        reason = f"it is not YAML: {line(str(error))[:200]}"
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
    """The dates of one year of one conference."""
    known = conference if isinstance(conference, dict) else {}
    name, year = line(known.get("title")), line(known.get("year"))
    if not name or not (year.isascii() and year.isdigit() and len(year) == 4):
        yield f"{name or str(conference)[:40]!r}: it has no title or no year"
        return
    places = (line(known.get(part)) for part in ("city", "country"))
    frame = Deadline(
        name,
        int(year),
        kind="other",
        day=date.min,
        place=", ".join(filter(None, places)),
        url=web_address(known.get("link")),
    )
    for kind, label, when, zone in _entries(known):
        yield _dated(frame, kind, label, when, zone)


_Entry = tuple[str, str, str, str]


def _entries(conference: Mapping[Any, Any]) -> Iterator[_Entry]:
    """Kind, label, date and zone of each date that a conference names."""
    zone = line(conference.get("timezone"))
    for field, kind in _OLDER.items():
        if when := line(conference.get(field)):
            yield kind, "", when, zone
    listed = conference.get("deadlines")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict):
            label = line(entry.get("label"))
            kind = _kind(line(entry.get("type")), label)
            yield kind, label, line(entry.get("date")), line(entry.get("timezone")) or zone
    for kind in ("start", "end"):
        if when := line(conference.get(kind)):
            yield kind, "", when[:10], ""


def _kind(given: str, label: str) -> str:
    """Everything that is handed in is a "submission": art, tutorials, and papers."""
    papers = given == "submission" and "paper" in label.lower()
    return "paper" if papers else _KINDS.get(given, "other")


def _dated(frame: Deadline, kind: str, label: str, when: str, zone: str) -> Deadline | str:
    match = _WHEN.fullmatch(when)
    try:
        day = date.fromisoformat(match[1]) if match else None
        at = _instant(match[1], match[2], zone) if match else None
    except (ValueError, OverflowError):
        day = None
    if day is None:
        return f"{frame.conference} {frame.year}, {label or kind}: {when[:40]!r} is no date"
    return Deadline(
        frame.conference, frame.year, kind, day, at, zone, label, frame.place, frame.url
    )


def _instant(day: str, time: str | None, zone: str) -> datetime | None:
    """The instant in UTC, None without a time of day or a known zone. Raises ValueError."""
    place = _zone(zone)
    if time is None or place is None:
        return None
    return datetime.fromisoformat(f"{day} {time}").replace(tzinfo=place).astimezone(UTC)


def _zone(name: str) -> tzinfo | None:
    """The zone called "AoE", "UTC-08", "GMT+2", "PST" or "Europe/London"; else None."""
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
