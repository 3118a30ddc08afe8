"""arXiv over OAI-PMH: everything added or changed since the last harvest, with all versions.

A harvest reads the sets of the followed categories, page by page with resumption tokens. Its cursor
records the position, so that an interrupted harvest is resumed; the next one starts on the day the
server answered the first request of this one. A record's datestamp is the day of its last change:
for a work with one version, the day on which it was listed.

Public: `read_pages`, `parse`, `ListRecordsResponse`, `TokenExpired`, `oai_set_name`.
Sources: openarchives.org/OAI/openarchivesprotocol.html; info.arxiv.org/help/oa/index.html.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import starmap
from typing import Any

from tracker.calendar import announcement_day, announcement_days, first_listing_day
from tracker.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from tracker.models import Paper
from tracker.paper.paper_facts import ARXIV_WITHDRAWN, find_facts
from tracker.records import Listing, ListingComplete, Page
from tracker.settings import ArxivSource
from tracker.sources import arxiv_snapshot
from tracker.sources.formats.xml import parse_xml_records
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, retry_if_malformed

NAME = "arxiv_oai"
_CAP = 64 * 2**20  # a page has up to a few thousand records of 2 to 4 kB
_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW, _PLAIN = "{http://arxiv.org/OAI/arXivRaw/}", "{http://arxiv.org/OAI/arXiv/}"
_VERBS = ("ListRecords", "GetRecord")
_DAY = timedelta(days=1)
_RESTARTS = 2  # how often the harvest of a set is restarted because its token has expired


@dataclass(frozen=True, slots=True)
class ListRecordsResponse:
    """One response: papers with their datestamps, and the token for the next, empty at the end.

    `day` is the day of the response; `skipped` names each record that could not be read or was
    deleted; `unread` is whether any could not be read; `repaired` names each with characters that
    XML does not allow.
    """

    day: date
    papers: tuple[tuple[Paper, date], ...]
    token: str
    skipped: tuple[str, ...]
    unread: bool = False
    repaired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _HarvestState:
    """The position in a harvest, as stored in the cursor. Days are ISO text, empty for none.

    `next` is where the next harvest starts; everything since `covered` has been harvested. A
    harvest in progress has `since`, and `until` when its end was given; `begun` is the day of the
    server's first response, `newest` the last day with a listing by set, `done` the completed sets,
    and `token` continues the current one; `unread` is whether a record could not be read, so that
    no day counts as complete.
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


def read_pages(client: Client, task: Task[ArxivSource]) -> Iterator[Page]:
    """Yield pages of works that are new or have changed, then the completion of the days.

    An interrupted harvest is finished first.
    """
    place = _parse_cursor(task.cursor)
    if place.since:
        harvest = _Harvest(client, task, place)
        yield from harvest.pages()
        if _covers_task(place, task):
            return
        place = harvest.state
    yield from _Harvest(client, task, _initial_state(place, task)).pages()


def _covers_task(state: _HarvestState, task: Task[ArxivSource]) -> bool:
    since, until, today = (day.isoformat() for day in (task.since, task.until, task.now.date()))
    return state.since <= since and (state.until == until or state.begun == today)


def _initial_state(last_state: _HarvestState, task: Task[ArxivSource]) -> _HarvestState:
    """Return the state of a new harvest: from the end of the last one, or earlier if requested."""
    known = replace(_HarvestState(), next=last_state.next, covered=last_state.covered)
    since = task.since.isoformat()
    if task.until < task.now.date():
        return replace(known, since=since, until=task.until.isoformat())
    reached = bool(last_state.next) and last_state.covered <= since
    return replace(known, since=last_state.next if reached else since)


def _parse_cursor(cursor: str) -> _HarvestState:
    """Return the state stored in a cursor; the initial one for a cursor that cannot be read."""
    try:
        known = json.loads(cursor)
        return _HarvestState(**{**known, "done": tuple(known["done"])})
    except (ValueError, TypeError, KeyError):
        return _HarvestState()


class _Harvest:
    """One harvest, which advances its `state` and yields pages."""

    def __init__(self, client: Client, task: Task[ArxivSource], place: _HarvestState) -> None:
        self._client, self._task, self.state = client, task, place

    def pages(self) -> Iterator[Page]:
        """Yield the pages of all sets, then the completion of the days."""
        for category in self._task.settings.categories:
            yield from self._of_set(oai_set_name(category))
        yield self._finish()

    def _of_set(self, name: str) -> Iterator[Page]:
        restarts = 0
        while name not in self.state.done:
            try:
                response = retry_if_malformed(partial(self._fetch_response, name))
            except TokenExpired:
                restarts += 1
                if restarts > _RESTARTS:
                    reason = f"its token for {name} expired repeatedly"
                    raise SourceUnavailable(NAME, self._task.settings.url, reason) from None
                self.state = replace(self.state, token="")
                continue
            if response.token and response.token == self.state.token:
                self.state = replace(self.state, token="")
                yield Page(cursor=_format_cursor(self.state))
                reason = f"it sent the same token for {name} again"
                raise SourceMalformed(NAME, self._task.settings.url, reason)
            yield self._accept_response(name, response)

    def _finish(self) -> Page:
        """Return the completion of the days up to the newest, and reset the state.

        Later days without a listing may not have been published yet.
        """
        place = self.state
        completions = () if place.unread else tuple(self._completed_days(place))
        self.state = _HarvestState(next=place.next, covered=place.covered)
        if not place.until:
            # One day of overlap: records can be added to a day that was already harvested.
            yesterday = (date.fromisoformat(place.begun) - _DAY).isoformat()
            following = min(yesterday, max(place.newest.values(), default=place.since))
            reached = bool(place.next) and place.next == place.since
            self.state = _HarvestState(
                next=following, covered=place.covered if reached else place.since
            )
        return Page(completions, cursor=_format_cursor(self.state))

    def _completed_days(self, place: _HarvestState) -> Iterator[ListingComplete]:
        first = date.fromisoformat(place.since)
        for category in self._task.settings.categories:
            newest = place.newest.get(oai_set_name(category))
            if newest:
                last = min(date.fromisoformat(newest), self._task.until)
                yield from (
                    ListingComplete(day, (category,)) for day in announcement_days(first, last)
                )

    def _fetch_response(self, name: str) -> ListRecordsResponse:
        place, settings = self.state, self._task.settings
        params = {"verb": "ListRecords"}
        if place.token:
            params |= {"resumptionToken": place.token}
        else:
            params |= {"metadataPrefix": "arXivRaw", "set": name, "from": place.since}
            params |= {"until": place.until} if place.until else {}
        request = Request(
            NAME,
            settings.url,
            params,
            accept="text/xml",
            pace=settings.pace_seconds,
            max_bytes=_CAP,
        )
        response = self._client.get(request)
        return parse(response.body, response.url)

    def _accept_response(self, name: str, response: ListRecordsResponse) -> Page:
        first_listings = (record for record in response.papers if _is_first_listing(*record))
        listings = tuple(starmap(_listing, first_listings))
        place = self.state
        days = [*filter(None, [place.newest.get(name)]), *(str(entry.day) for entry in listings)]
        self.state = replace(
            place,
            unread=place.unread or response.unread,
            begun=place.begun or response.day.isoformat(),
            newest={**place.newest, **({name: max(days)} if days else {})},
            token=response.token,
            done=place.done if response.token else (*place.done, name),
        )
        papers = tuple(paper for paper, _ in response.papers)
        return Page(
            (*listings, *papers),
            None,
            response.skipped,
            response.repaired,
            cursor=_format_cursor(self.state),
        )


def _is_first_listing(paper: Paper, stamp: date) -> bool:
    """Whether the datestamp is the day of the first listing, and not of a later change.

    It is when the work has one version and was due on that day, when its id proves that it was held
    and it has not changed since, or when the hour of submission is unknown, so that no other day is
    known.
    """
    created = paper.versions[0].created
    return paper.version == 1 and (
        first_listing_day(paper.id, announcement_day(created), stamp) == stamp
        or (created.time() == time() and paper.announced == stamp)
    )


def _listing(paper: Paper, stamp: date) -> Listing:
    return Listing(stamp, paper.id, "new", paper.categories)


def _format_cursor(state: _HarvestState) -> str:
    return json.dumps(asdict(state))


class TokenExpired(SourceError):
    """The server no longer accepts our resumption token; arXiv's tokens expire daily."""


def oai_set_name(category: str) -> str:
    """Return the OAI name of a category: "cs:cs:CL", "stat:stat:ML", "physics:hep-th"."""
    archive, _, subject = category.partition(".")
    if subject:
        return f"{_GROUPS.get(archive, archive)}:{archive}:{subject}"
    return f"physics:{archive}"


# The archives with subjects that belong to the group of physics.
_GROUPS = dict.fromkeys(("astro-ph", "cond-mat", "nlin", "physics"), "physics")


def parse(body: bytes, url: str = "") -> ListRecordsResponse:
    """Return a response to ListRecords, in arXiv's formats arXivRaw and arXiv.

    Without records it is empty. Raises SourceMalformed for an incomplete response, SourceRefused
    for an error of the protocol; a record that is deleted or cannot be read is skipped.
    """
    document = parse_xml_records(body, NAME, url, "record")
    root = document.root
    if root.tag != f"{_OAI}OAI-PMH":
        raise SourceMalformed(NAME, url, f"not an OAI-PMH answer but {str(root.tag)[:80]!r}")
    day = _parse_response_date(root.findtext(f"{_OAI}responseDate"), url)
    if not _is_empty(root, url) and all(root.find(f"{_OAI}{verb}") is None for verb in _VERBS):
        raise SourceMalformed(NAME, url, "a response to another request: it lists no records")
    papers, skipped, unread = _parse_records(root)
    token = next((item.text or "" for item in root.iter(f"{_OAI}resumptionToken")), "")
    return ListRecordsResponse(
        day,
        tuple(papers),
        token.strip(),
        (*skipped, *document.skipped),
        unread or bool(document.skipped),
        document.repaired,
    )


def _parse_records(root: Any) -> tuple[list[tuple[Paper, date]], list[str], bool]:
    """Return papers with datestamps, the reasons for skipped records, and if any was unreadable."""
    papers: list[tuple[Paper, date]] = []
    skipped: list[str] = []
    unread = False
    for record in root.iter(f"{_OAI}record"):
        try:
            papers.append(_record(record))
        except ValueError as error:
            unread = unread or not isinstance(error, _DeletedRecord)
            name = _text(record.find(f"{_OAI}header"), f"{_OAI}identifier")
            skipped.append(f"{name or 'a record without id'}: {error}")
    return papers, skipped, unread


def _is_empty(root: Any, url: str) -> bool:
    """Whether the server reports that no record matches; any other error is raised."""
    for error in root.findall(f"{_OAI}error"):
        code = error.get("code", "")
        if code == "badResumptionToken":
            raise TokenExpired(NAME, url, "its token has expired")
        if code != "noRecordsMatch":
            raise SourceRefused(
                NAME, url, f"{code or 'error'}: {_collapse_whitespace(error.text)[:200]}"
            )
    return root.find(f"{_OAI}error") is not None


def _parse_response_date(text: str | None, url: str) -> date:
    try:
        return date.fromisoformat(_collapse_whitespace(text)[:10])
    except ValueError as error:
        raise SourceMalformed(NAME, url, f"its date {text!r} cannot be read") from error


class _DeletedRecord(ValueError):
    """The record was deleted, so that skipping it loses nothing."""


def _record(record: Any) -> tuple[Paper, date]:
    """Return a record as a paper with its datestamp. Raises ValueError when it is not valid."""
    header = record.find(f"{_OAI}header")
    if header is None:
        raise ValueError("it has no header")
    if header.get("status") == "deleted":
        raise _DeletedRecord("arXiv has deleted it")
    stamp = _text(header, f"{_OAI}datestamp")[:10]
    for name, fields in _FORMATS.items():
        metadata = record.find(f"{_OAI}metadata/{name}")
        if metadata is not None:
            paper = arxiv_snapshot.paper_from_record({**fields(metadata), "update_date": stamp})
            return paper, date.fromisoformat(stamp)
    raise ValueError("its metadata are in none of arXiv's formats")


def _raw(metadata: Any) -> dict[str, Any]:
    """Return the snapshot's fields of an arXivRaw record, which the snapshot is made from."""
    versions = [
        {"version": version.get("version", ""), "created": _text(version, f"{_RAW}date")}
        for version in metadata.findall(f"{_RAW}version")
    ]
    fields = _parse_common_fields(metadata, _RAW)
    fields["comments"] = _comments(metadata, fields["comments"], fields["abstract"])
    return {**fields, "authors": _text(metadata, f"{_RAW}authors"), "versions": versions}


def _comments(metadata: Any, comments: str, abstract: str) -> str:
    """Return the comments, with a sentence for the flag of a withdrawn version if they lack one.

    The newest version of a withdrawn work has no files, which arXiv records as source type "I".
    """
    types = [_text(version, f"{_RAW}source_type") for version in metadata.findall(f"{_RAW}version")]
    flagged = bool(types) and types[-1].upper() == "I"
    if not flagged or find_facts(abstract, comments).withdrawn:
        return comments
    return f"{comments.rstrip('. ')}. {ARXIV_WITHDRAWN}" if comments else ARXIV_WITHDRAWN


def _parse_arxiv_fields(metadata: Any) -> dict[str, Any]:
    """Return the snapshot's fields of an arXiv record, which has only the first version's day."""
    parsed_names = [
        [_text(author, f"{_PLAIN}{part}") for part in ("keyname", "forenames", "suffix")]
        for author in metadata.iter(f"{_PLAIN}author")
    ]
    created = datetime.fromisoformat(_text(metadata, f"{_PLAIN}created")[:10])
    versions = [{"version": "v1", "created": format_datetime(created.replace(tzinfo=UTC))}]
    return {
        **_parse_common_fields(metadata, _PLAIN),
        "authors_parsed": parsed_names,
        "versions": versions,
    }


_FIELDS = ("id", "title", "categories", "comments", "journal-ref", "doi", "license", "abstract")
_FORMATS = {f"{_RAW}arXivRaw": _raw, f"{_PLAIN}arXiv": _parse_arxiv_fields}


def _parse_common_fields(metadata: Any, namespace: str) -> dict[str, Any]:
    return {name: _text(metadata, f"{namespace}{name}") for name in _FIELDS}


def _text(element: Any, name: str) -> str:
    return _collapse_whitespace(element.findtext(name)) if element is not None else ""


def _collapse_whitespace(text: str | None) -> str:
    return " ".join((text or "").split())
