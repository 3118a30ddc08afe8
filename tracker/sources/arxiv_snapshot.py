"""The public arXiv metadata snapshot: JSON lines or a list, also packed, read as a stream.

`read_papers(path)` yields a `Paper` or a `RejectedLine` for every record, in order, in constant
memory; `parse_line` parses one line, `paper_from_record` a record with the same fields; both are
pure. The first announcement is known only for records with a single version; for others it is
computed from the submission time.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any

from summarizer.text.characters import normalize_characters
from tracker.calendar import announcement_day, first_listing_day
from tracker.errors import SourceMalformed
from tracker.files import decode, other_encoding
from tracker.models import Paper, PaperId, RejectedLine, Version
from tracker.sources.formats.arxiv.author_names import clean_author_name, split_author_line
from tracker.sources.formats.containers import open_stream
from tracker.sources.formats.fields import valid_categories
from tracker.sources.formats.json_stream import (
    LIST_HEAD,
    ListDamage,
    is_json_list,
    iter_stream_items,
)

# The longest real record of 2.9 million is well under 100 kB; one of a megabyte is not a paper.
LINE_BYTES = 1_000_000
# A single version's `update_date` is its announcement unless the record was changed later: papers
# on hold in moderation are published within days (info.arxiv.org/help/moderation).
_HELD = timedelta(days=30)

_EARLIEST, _LATEST = date(1986, 1, 1), date(2100, 1, 1)  # arXiv's oldest records are from 1986
# Stray control characters occur in real names; like white space, they separate words.
_CONTROL = re.compile(r"[\x01-\x1f\x7f-\x9f]")

ParsedLine = Paper | RejectedLine


def read_papers(path: Path) -> Iterator[ParsedLine]:
    """Yield each record of the file as a paper or a rejection, in order; blank lines are skipped.

    The file may be compressed or in an archive, and a JSON list instead of lines. Raises
    SourceMalformed when it cannot be read to its end (a truncated gzip stream).
    """
    try:
        with open_stream(path, "snapshot") as stream:
            _refuse_encoding(stream, path)
            if is_json_list(stream.peek(LIST_HEAD)[:LIST_HEAD]):
                yield from _entries(stream, path)
            else:
                yield from _lines(stream)
    except OSError as error:
        raise SourceMalformed("snapshot", str(path), error.strerror or str(error)) from error


def _entries(stream: IO[bytes], path: Path) -> Iterator[ParsedLine]:
    for number, entry in enumerate(iter_stream_items(stream, LINE_BYTES), start=1):
        if isinstance(entry, ListDamage):
            if entry.is_end:
                raise SourceMalformed("snapshot", str(path), entry.reason)
            yield RejectedLine(number, entry.reason)
        else:
            yield _paper_or_rejection(number, entry)


def _paper_or_rejection(number: int, entry: Any) -> ParsedLine:
    if not isinstance(entry, dict):
        return RejectedLine(number, "it is not a JSON object")
    try:
        return paper_from_record(entry)
    except ValueError as error:
        return RejectedLine(number, str(error))


def _refuse_encoding(stream: io.BufferedReader, path: Path) -> None:
    """Raise SourceMalformed for a file in UTF-16, each line of which would else be an error."""
    head = stream.peek(4)[:4]
    if name := other_encoding(head):
        raise SourceMalformed("snapshot", str(path), f"it is saved as {name}; save it as UTF-8")


def _lines(stream: IO[bytes]) -> Iterator[ParsedLine]:
    number = 0
    while line := stream.readline(LINE_BYTES + 1):
        number += 1
        if len(line) > LINE_BYTES:
            _skip_rest(stream, line)
            yield RejectedLine(number, f"the line is longer than {LINE_BYTES:,} bytes")
        elif line.strip():
            yield _parse_or_reject(number, line)


def _skip_rest(stream: IO[bytes], line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(LINE_BYTES)


def _parse_or_reject(number: int, line: bytes) -> ParsedLine:
    try:
        return parse_line(line)
    except ValueError as error:
        return RejectedLine(number, str(error))


def parse_line(line: bytes) -> Paper:
    """Return one line of the snapshot as a paper. Raises ValueError with the reason if invalid."""
    return paper_from_record(_record(line))


def paper_from_record(record: Mapping[str, Any]) -> Paper:
    """Return a record with the snapshot's fields as a paper. Raises ValueError if invalid."""
    identity = PaperId.parse(_text(record, "id"))
    updated = _day(record)
    versions = _versions(record, identity, updated)
    announced = first_listing_day(
        identity.key,
        _first_announcement_day(versions, updated),
        updated if len(versions) == 1 else None,
    )
    published = min(versions[0].created.date(), announced)
    title = _required_text(record, "title")
    return Paper(
        id=identity.key,
        title=title,
        abstract=_text(record, "abstract"),
        authors=_authors(record),
        categories=_categories(record),
        published=published,
        announced=announced,
        updated=max(updated, published),
        versions=versions,
        comments=_text(record, "comments"),
        journal_ref=_text(record, "journal-ref"),
        doi=_text(record, "doi"),
        license=_text(record, "license"),
    )


def _record(line: bytes) -> dict[str, Any]:
    text = decode(line)
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg}, character {error.pos + 1})") from error
    except RecursionError as error:
        raise ValueError("its JSON is nested too deeply") from error
    except ValueError as error:
        raise ValueError("it holds a number of thousands of digits") from error
    if not isinstance(record, dict):
        raise ValueError("it is not a JSON object")
    return record


def _text(record: Mapping[str, Any], field: str) -> str:
    """Return a field as one line of text, empty when it is absent or null."""
    value = record.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"its {field} is not text")
    return _normalize_text(value, field)


def _normalize_text(value: str, field: str) -> str:
    """Return one line of text: white space and control characters become single spaces."""
    line = " ".join(value.split())
    if line.isascii() and line.isprintable():
        return line
    if "\0" in line:
        raise ValueError(f"its {field} contains a NUL character")
    try:
        line.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"its {field} contains a lone surrogate, which is not text") from error
    return " ".join(normalize_characters(_CONTROL.sub(" ", line)).split())


def _required_text(record: Mapping[str, Any], field: str) -> str:
    text = _text(record, field)
    if not text:
        raise ValueError(f"it has no {field}")
    return text


def _day(record: Mapping[str, Any]) -> date:
    text = _required_text(record, "update_date")
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as error:
        raise ValueError(f"its update_date {text[:40]!r} is not a date") from error
    return _check_plausible(day, "update_date")


def _check_plausible(day: date, field: str) -> date:
    if not _EARLIEST <= day <= _LATEST:
        raise ValueError(f"its {field} {day} is impossible")
    return day


def _versions(record: Mapping[str, Any], identity: PaperId, updated: date) -> tuple[Version, ...]:
    """Return the versions in order, including the one that the id names."""
    listed = record.get("versions")
    if not isinstance(listed, list) or not listed:
        raise ValueError("it has no versions")
    found = {version.number: version for version in map(_version, listed)}
    if identity.version and identity.version not in found:
        found[identity.version] = Version(identity.version, datetime.combine(updated, time(), UTC))
    return tuple(found[number] for number in sorted(found))


def _version(item: Any) -> Version:
    if not isinstance(item, dict):
        raise ValueError("one of its versions is not an object")
    name, created = _required_text(item, "version"), _required_text(item, "created")
    if not re.fullmatch(r"v[1-9]\d{0,2}", name):
        raise ValueError(f"its version {name[:20]!r} is not a number")
    return Version(int(name[1:]), _instant(created))


def _instant(text: str) -> datetime:
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"its version date {text[:40]!r} is impossible") from error
    _check_plausible(instant.date(), "version date")
    # "-0000" and no zone at all both mean UTC (RFC 5322, section 3.3).
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)


def _first_announcement_day(versions: tuple[Version, ...], updated: date) -> date:
    """Return the day of the first listing.

    A midnight timestamp is a day whose hour is unknown, so the calendar is no more precise than
    `update_date`.
    """
    first = versions[0].created
    expected = announcement_day(first)
    if len(versions) > 1 or updated - first.date() > _HELD:
        return min(expected, updated) if updated >= first.date() else expected
    return updated


def _authors(record: Mapping[str, Any]) -> tuple[str, ...]:
    parsed = record.get("authors_parsed")
    if not parsed:
        return split_author_line(_text(record, "authors"))
    if not isinstance(parsed, list):
        raise ValueError("its authors_parsed is not a list of names")
    return tuple(filter(None, map(_author, parsed)))


def _author(parts: Any) -> str:
    """Return [last, first, suffix, …] as "First Last Suffix"."""
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError("its authors_parsed is not a list of names")
    last, first, suffix = (*parts, "", "", "")[:3]
    return clean_author_name(_normalize_text(f"{first} {last} {suffix}", "authors_parsed"))


def _categories(record: Mapping[str, Any]) -> tuple[str, ...]:
    return valid_categories(_text(record, "categories").split())
