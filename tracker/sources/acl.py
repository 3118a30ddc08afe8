"""The ACL Anthology: papers of ACL, EMNLP, NAACL, TACL …, from its XML with one file per event.

The package `acl-anthology` is not used: it clones the whole repository, and the files are simple.

Public: `read_pages`, `parse`.
Source: github.com/acl-org/acl-anthology, data/xml/schema.rnc.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from summarizer.text.sentences import to_plain_text
from tracker.errors import SourceMalformed
from tracker.records import Acceptance, Page
from tracker.settings import VenueSource
from tracker.sources.formats.fields import clean_line
from tracker.sources.formats.xml import parse_xml
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, fetch_if_changed

NAME = "acl"
SITE = "https://aclanthology.org"
FINDINGS = "findings"
# The events whose files are read, by the Anthology's name, with the names people search for.
VENUES = {
    "acl": "ACL",
    "emnlp": "EMNLP",
    "naacl": "NAACL",
    "eacl": "EACL",
    "aacl": "AACL",
    "ijcnlp": "IJCNLP",
    "coling": "COLING",
    "lrec": "LREC",
    "conll": "CoNLL",
    "tacl": "TACL",
    "cl": "CL",
    FINDINGS: "Findings",
}
# Names of volumes differ from year to year.
_TRACKS = {"long": "main", "demos": "demo", "tutorials": "tutorial", "ind": "industry"}
_GONE = ("retracted", "removed")


def read_pages(client: Client, task: Task[VenueSource]) -> Iterator[Page]:
    """Yield a page for each file of the last years that exists and has changed."""
    events = tuple(name.lower() for name in task.settings.venues) or tuple(VENUES)
    for year in reversed(task.settings.years_to_read(task.now.year)):
        for event in events:
            yield from _file(client, task, f"{year}.{event}.xml")


def _file(client: Client, task: Task[VenueSource], name: str) -> Iterator[Page]:
    """Yield one page, or none for an event that is not published or not held that year."""
    request = Request(
        NAME,
        f"{task.settings.url}/{name}",
        accept="application/xml, text/xml, text/plain",
        pace=task.settings.pace_seconds,
        max_bytes=48 * 2**20,  # Findings, the largest, are about 10 MB a year
        expect=(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    response, validators = fetch_if_changed(client, task, request)
    if response.status == HTTPStatus.NOT_FOUND:
        return
    if response.is_unchanged:
        yield Page(cache_validators=(validators,))
        return
    page = parse(response.body, response.url)
    yield Page(page.records, skipped=page.skipped, cache_validators=(validators,))


def parse(body: bytes, url: str = SITE) -> Page:
    """Return the papers of one file of the Anthology, without front matter.

    Papers without a title and retracted papers are skipped with the reason. Raises SourceMalformed
    for anything but a complete file.
    """
    root = parse_xml(body, NAME, url)
    if root.tag != "collection":
        raise SourceMalformed(NAME, url, f"not a collection but {str(root.tag)[:80]!r}")
    collection = clean_line(root.get("id"))
    results = [
        _parse_paper(paper, collection, volume)
        for volume in root.findall("volume")
        for paper in volume.findall("paper")
    ]
    records = tuple(result for result in results if isinstance(result, Acceptance))
    skipped = tuple(result for result in results if isinstance(result, str))
    return Page(records, len(results), skipped)


def _parse_paper(paper: Any, collection: str, volume: Any) -> Acceptance | str:
    """Return a paper of `volume`, or why it is skipped."""
    key = f"{collection}-{clean_line(volume.get('id'))}.{clean_line(paper.get('id'))}"
    for mark in _GONE:
        if paper.find(mark) is not None:
            return f"{key}: {mark}"
    title, year = _title(paper.find("title")), _year(collection, volume)
    if not title or not year:
        return f"{key}: it has no title or no year"
    venue, track = _parse_venue_and_track(collection, volume)
    return Acceptance(
        key=key,
        title=title,
        authors=tuple(filter(None, map(_name, paper.findall("author")))),
        venue=venue,
        year=year,
        track=track,
        url=f"{SITE}/{key}/",
        doi=clean_line(paper.findtext("doi")),
    )


def _parse_venue_and_track(collection: str, volume: Any) -> tuple[str, str]:
    """Return venue and track. A volume of Findings is named after its conference."""
    event = collection.partition(".")[2]
    name = clean_line(volume.get("id"))
    if event == FINDINGS:
        conference = name.partition("-")[0]
        return VENUES.get(conference, conference.upper()), FINDINGS
    track = "" if volume.get("type") == "journal" or name.isdigit() else _TRACKS.get(name, name)
    return VENUES.get(event, event.upper()), track


def _year(collection: str, volume: Any) -> int:
    text = clean_line(volume.findtext("meta/year")) or collection.partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0


def _name(author: Any) -> str:
    """Return first and last name, without variants in other scripts and the affiliation."""
    return clean_line(f"{author.findtext('first') or ''} {author.findtext('last') or ''}")


def _title(title: Any) -> str:
    """Return a title without markup (<fixed-case>, <b>, <tex-math> …), with formulas rendered."""
    return "" if title is None else to_plain_text("".join(_pieces(title)))


def _pieces(element: Any) -> Iterator[str]:
    formula = "$" if element.tag == "tex-math" else ""
    yield formula + (element.text or "")
    for child in element:
        if isinstance(child.tag, str):  # not a comment
            yield from _pieces(child)
        yield child.tail or ""
    yield formula
