"""Saved lists of a conference's papers, in the format of the public "paperlists" collections.

A list is one JSON file per conference and year. Its ids are OpenReview's, so that a paper read from
both is stored once.

Public: `parse`.
Source: github.com/papercopilot/paperlists.
"""

import re
from typing import Any

from summarizer.text.sentences import to_plain_text
from tracker.errors import SourceMalformed
from tracker.records import Acceptance, Page
from tracker.sources.formats.fields import clean_line
from tracker.sources.formats.json import iter_items

NAME = "paperlists"
_FILE = re.compile(r"([a-z]+)[-_ ]?((?:19|20)\d{2})", re.I | re.ASCII)
_CANONICAL = {"neurips": "NeurIPS", "nips": "NeurIPS", "corl": "CoRL"}
_NOT_ACCEPTED = re.compile(r"reject|withdr|active|submitted", re.I)


def parse(body: bytes, file_name: str) -> Page:
    """Return the accepted papers of a list; venue and year are in its name ("colm2025.json").

    Raises SourceMalformed for anything but a list of papers, and for a name without them.
    """
    match = _FILE.search(file_name.rpartition("/")[2])
    if not match:
        reason = "its name has no venue and year, such as colm2025.json"
        raise SourceMalformed(NAME, file_name, reason)
    venue, year = match[1].lower(), int(match[2])
    venue = _CANONICAL.get(venue, venue.upper())
    results = [_parse_paper(paper, venue, year) for paper in iter_items(body, NAME, file_name)]
    records = tuple(result for result in results if isinstance(result, Acceptance))
    skipped = tuple(result for result in results if isinstance(result, str))
    return Page(records, len(results), skipped)


def _parse_paper(paper: Any, venue: str, year: int) -> Acceptance | str | None:
    """Return a paper, None when it was not accepted, or why it cannot be read."""
    known = paper if isinstance(paper, dict) else {}
    key, title, status = (clean_line(known.get(name)) for name in ("id", "title", "status"))
    if not key or not title:
        return f"{str(paper)[:40]!r}: it has no id or no title"
    if not status or _NOT_ACCEPTED.search(status):
        return None
    return Acceptance(
        key=key,
        title=to_plain_text(title),
        authors=tuple(filter(None, map(clean_line, clean_line(known.get("author")).split(";")))),
        venue=venue,
        year=year,
        track=status.lower(),
        url=clean_line(known.get("site")) or f"https://openreview.net/forum?id={key}",
    )
