"""The ACL Anthology: what ACL, EMNLP, NAACL, TACL … published, from its own XML, one file an event.

The package `acl-anthology` is not used: it clones the whole repository, and the files are simple.
Public: `read`, `parse`.
Source: github.com/acl-org/acl-anthology, data/xml/schema.rnc.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from summarizer.text import plain
from tracker.errors import SourceMalformed
from tracker.records import Acceptance, Page
from tracker.settings import VenueSource
from tracker.sources.fields import line
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task, fetch
from tracker.sources.xml import parsed

NAME = "acl"
SITE = "https://aclanthology.org"
FINDINGS = "findings"
# The events whose files are read, by the Anthology's name for each, and the name people search for.
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
# Volumes are called differently from year to year.
_TRACKS = {"long": "main", "demos": "demo", "tutorials": "tutorial", "ind": "industry"}
_GONE = ("retracted", "removed")


def read(client: Client, task: Task[VenueSource]) -> Iterator[Page]:
    """A page for each file of the last years that is out and has changed."""
    events = tuple(name.lower() for name in task.settings.venues) or tuple(VENUES)
    for year in reversed(task.settings.span(task.now.year)):
        for event in events:
            yield from _file(client, task, f"{year}.{event}.xml")


def _file(client: Client, task: Task[VenueSource], name: str) -> Iterator[Page]:
    """One page, or none for an event that is not published yet or does not take place that year."""
    ask = Ask(
        NAME,
        f"{task.settings.url}/{name}",
        accept="application/xml, text/xml, text/plain",
        pace=task.settings.pace_seconds,
        cap=48 * 2**20,  # Findings, the largest, are about 10 MB a year
        expect=(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    answer, copy = fetch(client, task, ask)
    if answer.status == HTTPStatus.NOT_FOUND:
        return
    if answer.unchanged:
        yield Page(copies=(copy,))
        return
    page = parse(answer.body, answer.url)
    yield Page(page.records, skipped=page.skipped, copies=(copy,))


def parse(body: bytes, url: str = SITE) -> Page:
    """The papers of one file of the Anthology, front matter left out.

    A paper without title, and one that was retracted, is skipped with the reason. Raises
    SourceMalformed for anything but a whole file.
    """
    root = parsed(body, NAME, url)
    if root.tag != "collection":
        raise SourceMalformed(NAME, url, f"not a collection but {str(root.tag)[:80]!r}")
    collection = line(root.get("id"))
    results = [
        _accepted(paper, collection, volume)
        for volume in root.findall("volume")
        for paper in volume.findall("paper")
    ]
    records = tuple(result for result in results if isinstance(result, Acceptance))
    skipped = tuple(result for result in results if isinstance(result, str))
    return Page(records, len(results), skipped)


def _accepted(paper: Any, collection: str, volume: Any) -> Acceptance | str:
    """A paper of `volume`, or why it is none."""
    key = f"{collection}-{line(volume.get('id'))}.{line(paper.get('id'))}"
    for mark in _GONE:
        if paper.find(mark) is not None:
            return f"{key}: {mark}"
    title, year = _title(paper.find("title")), _year(collection, volume)
    if not title or not year:
        return f"{key}: it has no title or no year"
    venue, track = _place(collection, volume)
    return Acceptance(
        key=key,
        title=title,
        authors=tuple(filter(None, map(_name, paper.findall("author")))),
        venue=venue,
        year=year,
        track=track,
        url=f"{SITE}/{key}/",
        doi=line(paper.findtext("doi")),
    )


def _place(collection: str, volume: Any) -> tuple[str, str]:
    """Venue and track. A volume of Findings is named after its conference."""
    event = collection.partition(".")[2]
    name = line(volume.get("id"))
    if event == FINDINGS:
        conference = name.partition("-")[0]
        return VENUES.get(conference, conference.upper()), FINDINGS
    track = "" if volume.get("type") == "journal" or name.isdigit() else _TRACKS.get(name, name)
    return VENUES.get(event, event.upper()), track


def _year(collection: str, volume: Any) -> int:
    text = line(volume.findtext("meta/year")) or collection.partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0


def _name(author: Any) -> str:
    """First and last name; the name's other scripts and the affiliation are left out."""
    return line(f"{author.findtext('first') or ''} {author.findtext('last') or ''}")


def _title(title: Any) -> str:
    """A title without its marks (<fixed-case>, <b>, <tex-math> …), its formulas rendered."""
    return "" if title is None else plain("".join(_pieces(title)))


def _pieces(element: Any) -> Iterator[str]:
    formula = "$" if element.tag == "tex-math" else ""
    yield formula + (element.text or "")
    for child in element:
        if isinstance(child.tag, str):  # not a comment
            yield from _pieces(child)
        yield child.tail or ""
    yield formula
