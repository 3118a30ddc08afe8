"""arXiv's query API: the papers submitted in a window of days, and look-up by id.

The API is unreliable: pages are short, empty, repeated or shifted although the total is larger.
Such a page is requested again. Results that never arrive end the window with an error *after* the
last page, so that a caller that commits page by page keeps everything received. Responses are
parsed by `tracker.sources.formats.arxiv.arxiv_atom`, which owns the `arxiv` package and explains
why its client is not used.

Public: `read_pages`, `search_window`, `lookup`, `parse`.
Sources: info.arxiv.org/help/api/user-manual.html and tou.html.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from http import HTTPStatus
from itertools import chain

from tracker.calendar import announcement_days, batch_opening_day
from tracker.errors import SourceMalformed, SourceRefused, SourceUnavailable
from tracker.models import Paper, PaperId
from tracker.records import ListingComplete, Page
from tracker.settings import ArxivSource
from tracker.sources.formats.arxiv.arxiv_atom import NAME, SearchResults, parse
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task

__all__ = ["lookup", "parse", "read_pages", "search_window"]

PAGE_SIZE = 500  # the manual allows 2000, but long responses are the ones that are cut
MAX_RESULTS = 30_000  # a query returns no more results: beyond, HTTP 400
REPEATS = 3  # how often an implausible page is requested again
LOOKUP_SIZE = 100  # ids in one request: an address of about 1,200 characters
# Oldest first, so that new papers do not shift the pages. By default, the API sorts by relevance.
_ORDER = {"sortBy": "submittedDate", "sortOrder": "ascending"}
_WEEKEND = 5
_DAY = timedelta(days=1)


def read_pages(client: Client, task: Task[ArxivSource]) -> Iterator[Page]:
    """Yield the papers listed on the task's days, then the completion of the days listed so far.

    The API reports when a paper was submitted, not when it was listed, so the whole batch of a day
    is requested. A day is complete when all results arrived, all were readable, and one is of that
    day or later. Works that other sources reported and the store lacks (`task.works`) are looked up
    last, so that a failure there affects nothing else.
    """
    days = announcement_days(task.since, task.until)
    opened = batch_opening_day(days[0]) if days else task.since
    window = f"{opened} {task.until}"
    resumed, pages = _WindowCursor(window, task.cursor), _Pages(client, task)
    found = pages.read(resumed.start or opened)
    if resumed.lacks_results(pages.total):
        resumed, found = _WindowCursor(window, ""), pages.read(opened)
    listed_days: set[date] = set()
    unread = False
    for results in found:
        listed_days.update(paper.announced for paper in results.papers)
        unread = unread or bool(results.skipped)
        yield Page(
            results.papers,
            results.total,
            results.skipped,
            results.repaired,
            cursor=resumed.advance(results),
        )
    complete = (
        ListingComplete(day, task.settings.categories)
        for day in days
        if day <= max(listed_days, default=day)
    )
    yield Page(tuple(complete) if listed_days and not unread else (), cursor="")
    for start in range(0, len(task.works), LOOKUP_SIZE):
        batch = task.works[start : start + LOOKUP_SIZE]
        yield Page(tuple(lookup(client, task.settings, batch)))


class _Pages:
    """Reads the results of a window up to the task's last day; `total` is their number."""

    def __init__(self, client: Client, task: Task[ArxivSource]) -> None:
        self._client, self._task = client, task
        self.total = 0

    def read(self, since: date) -> Iterator[SearchResults]:
        """Return the pages from `since`, of which the first has been read."""
        pages = search_window(self._client, self._task.settings, since, self._task.until)
        first = next(pages, None)
        self.total = first.total or 0 if first else 0
        return chain([first] if first else [], pages)


class _WindowCursor:
    """How far a window has been read completely, to resume it there.

    It has the days of the window, the day of the last submission and, after slashes, the number of
    results of the window and of those read before that day. A cursor of another window is ignored.
    """

    def __init__(self, days: str, cursor: str) -> None:
        known, _, last = cursor.rpartition(" ")
        self._days, self._cursor = days, cursor if known == days else ""
        day, *numbers = last.split("/") if self._cursor else ("",)
        self.start = date.fromisoformat(day) if day else None
        self._total, self._before = map(int, numbers) if numbers else (0, 0)
        self._order = _ResultOrder()
        self._read: list[date] = []

    def lacks_results(self, total: int) -> bool:
        """Whether the `total` results from `start` on are too few for the whole window.

        Then those before were not in order, although they seemed to be.
        """
        return self.start is not None and self._before + total < self._total

    def advance(self, results: SearchResults) -> str:
        """Return the cursor after these results are stored; it stays while any is missing.

        Results in another order than the requested one prove nothing about the days before the
        last of them, so the next crawl reads the whole window.
        """
        days = [paper.published for paper in results.papers]
        self._order.add(days)
        self._read += days
        if self.start is None:
            self._total = max(self._total, results.total or 0)
        if self._order.is_broken:
            self._cursor = ""
        elif results.is_complete and self._order.is_ascending:
            last = self._order.last
            before = self._before + sum(day < last for day in self._read if last)
            self._cursor = f"{self._days} {last}/{self._total}/{before}"
        return self._cursor


@dataclass(slots=True)
class _ResultOrder:
    """Whether the days of results ascend, as requested. The API has been seen to ignore that."""

    first: date | None = None
    last: date | None = None
    is_broken: bool = False

    def add(self, days: Sequence[date]) -> None:
        """Add the days of the next results."""
        for day in days:
            self.is_broken = self.is_broken or (self.last is not None and day < self.last)
            self.first, self.last = self.first or day, day

    @property
    def is_ascending(self) -> bool:
        """Whether a later day has followed an earlier one, and never the other way around."""
        return bool(self.first and self.last and self.first < self.last and not self.is_broken)


def search_window(
    client: Client, source: ArxivSource, since: date, until: date, *, page_size: int = PAGE_SIZE
) -> Iterator[SearchResults]:
    """Yield pages of papers submitted from `since` to `until` (UTC days, both included), in order.

    No results at all are one empty page for a weekend. For other days, after one more request, they
    raise SourceUnavailable: on a weekday arXiv has papers, so the API is failing. Results that were
    counted and never arrived raise SourceMalformed after the last page.
    """
    weekdays = _weekdays(since, until)
    known: set[_Key] = set()
    doubts: list[str] = []
    start: date | None = since
    while start is not None and start <= until:
        query = _PagedQuery(
            client, source, _submission_query(source, start, until), page_size, weekdays > 0
        )
        for page in query.pages():
            fresh = _new_papers(page.papers, since, until, known)
            known.update(map(_key, fresh))
            whole = not doubts and not query.describe_missing()
            yield replace(page, papers=fresh, is_complete=whole)
        doubts += query.describe_missing()
        start = query.next_start(start)
    if weekdays and not known:
        raise SourceUnavailable(NAME, source.url, f"empty answer for {weekdays} weekdays")
    _raise_if_incomplete(source, doubts)


def lookup(client: Client, source: ArxivSource, ids: Sequence[str]) -> list[Paper]:
    """Return the newest versions of the works `ids`; a version in an id is ignored.

    Works unknown to arXiv are omitted. Raises ValueError for an invalid id, SourceRefused for one
    that arXiv does not accept, SourceMalformed as in `search_window`.
    """
    keys = list(dict.fromkeys(PaperId.parse(text).key for text in ids))
    papers: list[Paper] = []
    doubts: list[str] = []
    for start in range(0, len(keys), LOOKUP_SIZE):
        batch = keys[start : start + LOOKUP_SIZE]
        query = _PagedQuery(client, source, {"id_list": ",".join(batch)}, len(batch))
        papers += [paper for page in query.pages() for paper in page.papers]
        doubts += query.describe_missing()
    _raise_if_incomplete(source, doubts)
    return papers


def _raise_if_incomplete(source: ArxivSource, doubts: list[str]) -> None:
    if doubts:
        raise SourceMalformed(NAME, source.url, "; ".join(doubts))


_Key = tuple[str, int]


def _key(paper: Paper) -> _Key:
    return paper.id, paper.version


def _new_papers(
    papers: tuple[Paper, ...], since: date, until: date, known: set[_Key]
) -> tuple[Paper, ...]:
    """Return the papers of the window that are new; the API's own filter is not reliable."""
    return tuple(
        paper for paper in papers if since <= paper.published <= until and _key(paper) not in known
    )


def _weekdays(since: date, until: date) -> int:
    days = ((since + n * _DAY) for n in range((until - since).days + 1))
    return sum(day.weekday() < _WEEKEND for day in days)


def _submission_query(source: ArxivSource, since: date, until: date) -> dict[str, str]:
    """Return the query for a window, in GMT minutes; it ends at the next midnight, inclusive."""
    categories = " OR ".join(f"cat:{name}" for name in source.categories)
    days = f"submittedDate:[{since:%Y%m%d}0000 TO {until + _DAY:%Y%m%d}0000]"
    return {"search_query": f"({categories}) AND {days}" if categories else days}


@dataclass(slots=True)
class _PagedQuery:
    """One search, read page by page: the promised total and the results received.

    With `expects_results`, an empty result is implausible.
    """

    client: Client
    source: ArxivSource
    search: dict[str, str]
    size: int
    expects_results: bool = True
    promised_total: int = 0
    end: int = 0
    is_exhausted: bool = False
    received_keys: set[_Key | str] = field(default_factory=set)
    last_day: date | None = None
    repaired: dict[str, None] = field(default_factory=dict)
    order: _ResultOrder = field(default_factory=_ResultOrder)

    def pages(self) -> Iterator[SearchResults]:
        """Yield each page's new results, until all arrived, none is new, or the API's limit."""
        for start in range(0, MAX_RESULTS - self.size + 1, self.size):
            fresh = self._fetch_page_with_repeats(start)
            self.received_keys.update(fresh)
            self.end = start + self.size
            yield self._make_results(start, list(fresh.values()))
            if self.end >= self.promised_total or not fresh:
                self.is_exhausted = True
                return

    def _make_results(self, start: int, fresh: "list[Paper | str]") -> SearchResults:
        papers = tuple(result for result in fresh if isinstance(result, Paper))
        skipped = tuple(result for result in fresh if isinstance(result, str))
        self.order.add([paper.published for paper in papers])
        self.last_day = max((paper.published for paper in papers), default=self.last_day)
        repaired, self.repaired = tuple(self.repaired), {}
        return SearchResults(papers, self.promised_total, start, skipped, repaired=repaired)

    def describe_missing(self) -> list[str]:
        """Return one sentence if results that were promised never arrived."""
        expected = self.promised_total if self.is_exhausted else self.end
        missing = expected - len(self.received_keys)
        return [f"{missing} of {expected} promised results never came"] if missing > 0 else []

    def next_start(self, since: date) -> date | None:
        """Return where to start a new search when this one, from `since` on, hit the limit."""
        if self.is_exhausted:
            return None
        if self.order.is_broken:
            reason = f"more than {MAX_RESULTS:,} results, not in the requested order"
            raise SourceMalformed(NAME, self.source.url, reason)
        if self.last_day is None or self.last_day <= since:
            reason = f"{since} alone has more papers than the {MAX_RESULTS:,} that the API shows"
            raise SourceMalformed(NAME, self.source.url, reason)
        return self.last_day

    def _fetch_page_with_repeats(self, start: int) -> "dict[_Key | str, Paper | str]":
        """Return the new results from `start` on, requested until none is missing.

        It is the union of the responses, because each may lack another entry. Raises the last
        SourceMalformed when no response could be read.
        """
        fresh: dict[_Key | str, Paper | str] = {}
        trouble: SourceMalformed | None = None
        readable = 0
        for _ in range(1 + REPEATS):
            try:
                fresh |= self._select_new(self._fetch_page(start))
            except SourceMalformed as error:
                trouble = error
                continue
            readable += 1
            if self._has_all_results(start, len(fresh), readable):
                return fresh
        if trouble and not fresh:
            raise trouble
        return fresh

    def _has_all_results(self, start: int, count: int, readable: int) -> bool:
        """Whether `count` new results are all; an empty result needs a second confirmation."""
        if self.promised_total == 0 and self.expects_results:
            return readable > 1
        return count >= min(self.size, self.promised_total - start)

    def _select_new(self, feed: SearchResults) -> "dict[_Key | str, Paper | str]":
        results: dict[_Key | str, Paper | str] = {_key(paper): paper for paper in feed.papers}
        results |= {reason: reason for reason in feed.skipped}
        return {key: result for key, result in results.items() if key not in self.received_keys}

    def _fetch_page(self, start: int) -> SearchResults:
        """Return one response of the API. A total below an earlier one is ignored."""
        request = Request(
            NAME,
            self.source.url,
            {**self.search, **_ORDER, "start": str(start), "max_results": str(self.size)},
            accept="application/atom+xml",
            pace=self.source.pace_seconds,
            expect=(HTTPStatus.OK, HTTPStatus.BAD_REQUEST),
        )
        response = self.client.get(request)
        if response.status == HTTPStatus.BAD_REQUEST:
            raise SourceRefused(NAME, response.url, _error_reason(response.body, response.url))
        feed = parse(response.body, response.url)
        if feed.start != start:
            reason = f"the results from {start} were requested, it sent those from {feed.start}"
            raise SourceMalformed(NAME, response.url, reason)
        self.promised_total = max(self.promised_total, feed.total)
        self.repaired |= dict.fromkeys(feed.repaired)
        return feed


def _error_reason(body: bytes, url: str) -> str:
    """Return why arXiv responded with HTTP 400, with its message where it has one."""
    try:
        parse(body, url)
    except SourceMalformed as error:
        return f"HTTP 400: {error.reason}"
    return "HTTP 400"
