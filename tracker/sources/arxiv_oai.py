"""arXiv over OAI-PMH: whatever was added or changed since the last harvest, with all versions.

A harvest goes through the sets of the followed categories, page by page by resumption token. Where
it is stands in its cursor, so that a harvest that was cut short is gone on with; the next one
begins on the day on which the server answered the first request of this one. A record's datestamp
is the day of its last change: for a work with one version that is the day on which it was listed.

Public: `read`, `parse`, `Answer`. Sources: openarchives.org/OAI/openarchivesprotocol.html;
info.arxiv.org/help/oa/index.html.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import starmap
from typing import Any

from tracker.calendar import announcement_day, announcement_days
from tracker.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from tracker.models import Paper
from tracker.records import Listing, Page, Roll
from tracker.settings import ArxivSource
from tracker.sources import arxiv_snapshot
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task, insist
from tracker.sources.xml import parsed

NAME = "arxiv_oai"
_CAP = 64 * 2**20  # a page holds up to some thousands of records of 2 to 4 kB
_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW, _PLAIN = "{http://arxiv.org/OAI/arXivRaw/}", "{http://arxiv.org/OAI/arXiv/}"
_VERBS = ("ListRecords", "GetRecord")
_DAY = timedelta(days=1)
_RESTARTS = 2  # how often a harvest of a set is begun again because its token has expired


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: papers with their datestamps, and the token for the next, empty at the end.

    `day` is when it was given; `skipped` names each record that could not be read, or was deleted;
    `unread` says whether any could not be read.
    """

    day: date
    papers: tuple[tuple[Paper, date], ...]
    token: str
    skipped: tuple[str, ...]
    unread: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where we are, as the cursor keeps it. Days are ISO text, empty where there is none.

    `next` is where the next harvest begins, which reaches back to `covered` without a gap. A
    harvest that is under way has `since`, and `until` when its end was named; `begun` is the day of
    the server's first answer, `newest` the last day of which each set gave a listing, `done` the
    sets that are through, and `token` goes on with the present one; `unread` says whether a record
    could not be read, so that nothing is proven.
    """

    next: str = ""
    covered: str = ""
    since: str = ""
    until: str = ""
    begun: str = ""
    newest: Mapping[str, str] = field(default_factory=dict)
    done: tuple[str, ...] = ()
    token: str = ""
    unread: bool = False


def read(client: Client, task: Task[ArxivSource]) -> Iterator[Page]:
    """Pages of works that are new or have changed, then the rolls of the days harvested whole.

    A harvest that was cut short is ended first.
    """
    place = _place(task.cursor)
    if place.since:
        harvest = _Harvest(client, task, place)
        yield from harvest.pages()
        if _covers(place, task):
            return
        place = harvest.place
    yield from _Harvest(client, task, _start(place, task)).pages()


def _covers(harvest: _Place, task: Task[ArxivSource]) -> bool:
    since, until, today = (day.isoformat() for day in (task.since, task.until, task.now.date()))
    return harvest.since <= since and (harvest.until == until or harvest.begun == today)


def _start(last: _Place, task: Task[ArxivSource]) -> _Place:
    """A new harvest: from the end of the last one, unless the task reaches back further."""
    known = replace(_Place(), next=last.next, covered=last.covered)
    since = task.since.isoformat()
    if task.until < task.now.date():
        return replace(known, since=since, until=task.until.isoformat())
    reached = bool(last.next) and last.covered <= since
    return replace(known, since=last.next if reached else since)


def _place(cursor: str) -> _Place:
    """The place a cursor stands for; the start for one that cannot be read."""
    try:
        known = json.loads(cursor)
        return _Place(**{**known, "done": tuple(known["done"])})
    except (ValueError, TypeError, KeyError):
        return _Place()


class _Harvest:
    """One harvest: asks, moves its `place` on, and gives pages."""

    def __init__(self, client: Client, task: Task[ArxivSource], place: _Place) -> None:
        self._client, self._task, self.place = client, task, place

    def pages(self) -> Iterator[Page]:
        """The pages of all sets, and the rolls."""
        for category in self._task.settings.categories:
            yield from self._of_set(set_name(category))
        yield self._end()

    def _of_set(self, name: str) -> Iterator[Page]:
        restarts = 0
        while name not in self.place.done:
            try:
                answer = insist(partial(self._asked, name))
            except TokenExpired:
                restarts += 1
                if restarts > _RESTARTS:
                    reason = f"its token for {name} expired again and again"
                    raise SourceUnavailable(NAME, self._task.settings.url, reason) from None
                self.place = replace(self.place, token="")
                continue
            if answer.token and answer.token == self.place.token:
                self.place = replace(self.place, token="")
                yield Page(cursor=_cursor(self.place))
                reason = f"it gave the same token for {name} again"
                raise SourceMalformed(NAME, self._task.settings.url, reason)
            yield self._page(name, answer)

    def _end(self) -> Page:
        """The rolls of the days from the first to the newest, and where the next one begins.

        A day of which no listing came may not have been put in yet.
        """
        place = self.place
        rolls = () if place.unread else tuple(self._rolls(place))
        self.place = _Place(next=place.next, covered=place.covered)
        if not place.until:
            # One day of overlap: records can be put into a day that has been asked for already.
            yesterday = (date.fromisoformat(place.begun) - _DAY).isoformat()
            following = min(yesterday, max(place.newest.values(), default=place.since))
            reached = bool(place.next) and place.next == place.since
            self.place = _Place(next=following, covered=place.covered if reached else place.since)
        return Page(rolls, cursor=_cursor(self.place))

    def _rolls(self, place: _Place) -> Iterator[Roll]:
        first = date.fromisoformat(place.since)
        for category in self._task.settings.categories:
            newest = place.newest.get(set_name(category))
            if newest:
                last = min(date.fromisoformat(newest), self._task.until)
                yield from (Roll(day, (category,)) for day in announcement_days(first, last))

    def _asked(self, name: str) -> Answer:
        place, settings = self.place, self._task.settings
        params = {"verb": "ListRecords"}
        if place.token:
            params |= {"resumptionToken": place.token}
        else:
            params |= {"metadataPrefix": "arXivRaw", "set": name, "from": place.since}
            params |= {"until": place.until} if place.until else {}
        ask = Ask(
            NAME, settings.url, params, accept="text/xml", pace=settings.pace_seconds, cap=_CAP
        )
        answer = self._client.get(ask)
        return parse(answer.body, answer.url)

    def _page(self, name: str, answer: Answer) -> Page:
        listings = tuple(starmap(_listing, (told for told in answer.papers if _is_listing(*told))))
        place = self.place
        days = [*filter(None, [place.newest.get(name)]), *(str(entry.day) for entry in listings)]
        self.place = replace(
            place,
            unread=place.unread or answer.unread,
            begun=place.begun or answer.day.isoformat(),
            newest={**place.newest, **({name: max(days)} if days else {})},
            token=answer.token,
            done=place.done if answer.token else (*place.done, name),
        )
        papers = tuple(paper for paper, _ in answer.papers)
        return Page((*listings, *papers), None, answer.skipped, cursor=_cursor(self.place))


def _is_listing(paper: Paper, stamp: date) -> bool:
    """Whether the datestamp is the day of the first listing, and not of a later touch.

    It is when the work has one version and was due on that day, or when the hour of submission was
    lost, so that nothing else is known.
    """
    created = paper.versions[0].created
    return paper.version == 1 and (
        announcement_day(created) == stamp
        or (created.time() == time() and paper.announced == stamp)
    )


def _listing(paper: Paper, stamp: date) -> Listing:
    return Listing(stamp, paper.id, "new", paper.categories)


def _cursor(place: _Place) -> str:
    return json.dumps(asdict(place))


class TokenExpired(SourceError):
    """The server does not know our resumption token any more; arXiv's expire daily."""


def set_name(category: str) -> str:
    """OAI's name of a category: "cs:cs:CL", "stat:stat:ML", "physics:hep-th"."""
    archive, _, subject = category.partition(".")
    if subject:
        return f"{_GROUPS.get(archive, archive)}:{archive}:{subject}"
    return f"physics:{archive}"


# The archives with subjects that belong to the group of physics.
_GROUPS = dict.fromkeys(("astro-ph", "cond-mat", "nlin", "physics"), "physics")


def parse(body: bytes, url: str = "") -> Answer:
    """An answer to ListRecords, in arXiv's own formats arXivRaw and arXiv.

    No records is an empty answer. Raises SourceMalformed for an error of the protocol or what is no
    whole answer; a record that is deleted or cannot be read is skipped.
    """
    root = parsed(body, NAME, url)
    if root.tag != f"{_OAI}OAI-PMH":
        raise SourceMalformed(NAME, url, f"not an OAI-PMH answer but {str(root.tag)[:80]!r}")
    day = _stamp(root.findtext(f"{_OAI}responseDate"), url)
    if not _is_empty(root, url) and all(root.find(f"{_OAI}{verb}") is None for verb in _VERBS):
        raise SourceMalformed(NAME, url, "an answer to another question: it lists no records")
    papers: list[tuple[Paper, date]] = []
    skipped: list[str] = []
    unread = False
    for record in root.iter(f"{_OAI}record"):
        try:
            papers.append(_record(record))
        except ValueError as error:
            unread = unread or not isinstance(error, _Deleted)
            name = _text(record.find(f"{_OAI}header"), f"{_OAI}identifier")
            skipped.append(f"{name or 'a record without id'}: {error}")
    token = next((item.text or "" for item in root.iter(f"{_OAI}resumptionToken")), "")
    return Answer(day, tuple(papers), token.strip(), tuple(skipped), unread)


def _is_empty(root: Any, url: str) -> bool:
    """Whether the server says that no record matches; any other error is raised."""
    for error in root.findall(f"{_OAI}error"):
        code = error.get("code", "")
        if code == "badResumptionToken":
            raise TokenExpired(NAME, url, "its token has expired")
        if code != "noRecordsMatch":
            raise SourceRefused(NAME, url, f"{code or 'error'}: {_line(error.text)[:200]}")
    return root.find(f"{_OAI}error") is not None


def _stamp(text: str | None, url: str) -> date:
    try:
        return date.fromisoformat(_line(text)[:10])
    except ValueError as error:
        raise SourceMalformed(NAME, url, f"its date {text!r} cannot be read") from error


class _Deleted(ValueError):
    """The record is gone, which is no fault in reading."""


def _record(record: Any) -> tuple[Paper, date]:
    """A record as a paper with its datestamp. ValueError when it cannot be one."""
    header = record.find(f"{_OAI}header")
    if header is None:
        raise ValueError("it has no header")
    if header.get("status") == "deleted":
        raise _Deleted("arXiv has deleted it")
    stamp = _text(header, f"{_OAI}datestamp")[:10]
    for name, fields in _FORMATS.items():
        metadata = record.find(f"{_OAI}metadata/{name}")
        if metadata is not None:
            paper = arxiv_snapshot.paper({**fields(metadata), "update_date": stamp})
            return paper, date.fromisoformat(stamp)
    raise ValueError("its metadata are in none of arXiv's formats")


def _raw(metadata: Any) -> dict[str, Any]:
    """The snapshot's fields of an arXivRaw record, from which the snapshot itself is made."""
    versions = [
        {"version": version.get("version", ""), "created": _text(version, f"{_RAW}date")}
        for version in metadata.findall(f"{_RAW}version")
    ]
    authors = _text(metadata, f"{_RAW}authors")
    return {**_shared(metadata, _RAW), "authors": authors, "versions": versions}


def _plain(metadata: Any) -> dict[str, Any]:
    """The snapshot's fields of an arXiv record, which names the day of the first version only."""
    parsed_names = [
        [_text(author, f"{_PLAIN}{part}") for part in ("keyname", "forenames", "suffix")]
        for author in metadata.iter(f"{_PLAIN}author")
    ]
    created = datetime.fromisoformat(_text(metadata, f"{_PLAIN}created")[:10])
    versions = [{"version": "v1", "created": format_datetime(created.replace(tzinfo=UTC))}]
    return {**_shared(metadata, _PLAIN), "authors_parsed": parsed_names, "versions": versions}


_FIELDS = ("id", "title", "categories", "comments", "journal-ref", "doi", "license", "abstract")
_FORMATS = {f"{_RAW}arXivRaw": _raw, f"{_PLAIN}arXiv": _plain}


def _shared(metadata: Any, namespace: str) -> dict[str, Any]:
    return {name: _text(metadata, f"{namespace}{name}") for name in _FIELDS}


def _text(element: Any, name: str) -> str:
    return _line(element.findtext(name)) if element is not None else ""


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
