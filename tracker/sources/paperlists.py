"""Saved lists of a conference's papers, as the public "paperlists" collections keep them.

A list is one JSON file a conference and year. Its ids are OpenReview's, so that a paper which is
read from both is one. Public: `parse`.
Source: github.com/papercopilot/paperlists.
"""

import re
from typing import Any

from summarizer.text import plain
from tracker.errors import SourceMalformed
from tracker.records import Acceptance, Page
from tracker.sources.fields import line
from tracker.sources.json import parsed

NAME = "paperlists"
_FILE = re.compile(r"([a-z]+)[-_ ]?((?:19|20)\d{2})", re.I | re.ASCII)
_CANONICAL = {"neurips": "NeurIPS", "nips": "NeurIPS", "corl": "CoRL"}
_NOT_ACCEPTED = re.compile(r"reject|withdr|active|submitted", re.I)


def parse(body: bytes, file_name: str) -> Page:
    """The accepted papers of a list; venue and year are in its name ("colm2025.json").

    Raises SourceMalformed for anything but a list of papers, and for a name that does not say.
    """
    match = _FILE.search(file_name.rpartition("/")[2])
    if not match:
        raise SourceMalformed(NAME, file_name, "its name says no venue and year: colm2025.json")
    venue, year = match[1].lower(), int(match[2])
    venue = _CANONICAL.get(venue, venue.upper())
    papers = parsed(body, NAME, file_name)
    if not isinstance(papers, list):
        raise SourceMalformed(NAME, file_name, "it is no list of papers")
    results = [_accepted(paper, venue, year) for paper in papers]
    records = tuple(result for result in results if isinstance(result, Acceptance))
    skipped = tuple(result for result in results if isinstance(result, str))
    return Page(records, len(papers), skipped)


def _accepted(paper: Any, venue: str, year: int) -> Acceptance | str | None:
    """A paper, None when it was not accepted, or why it cannot be read."""
    known = paper if isinstance(paper, dict) else {}
    key, title, status = (line(known.get(name)) for name in ("id", "title", "status"))
    if not key or not title:
        return f"{str(paper)[:40]!r}: it has no id or no title"
    if not status or _NOT_ACCEPTED.search(status):
        return None
    return Acceptance(
        key=key,
        title=plain(title),
        authors=tuple(filter(None, map(line, line(known.get("author")).split(";")))),
        venue=venue,
        year=year,
        track=status.lower(),
        url=line(known.get("site")) or f"https://openreview.net/forum?id={key}",
    )
