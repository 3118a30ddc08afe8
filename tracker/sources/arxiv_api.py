"""arXiv's query API: the papers submitted in a window of days, and look-up by id.

The API forgets: pages come short, empty, repeated or shifted while the total promises more. Such
a page is asked for again; what never came makes the window end in an error *after* the last page,
so that a caller who commits page by page keeps all that was read. Answers are read by
`tracker.sources.arxiv_feed`, which owns the `arxiv` package and says why its client is not used.

Public: `read`, `window`, `lookup`, `parse`.
Sources: info.arxiv.org/help/api/user-manual.html and tou.html.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from http import HTTPStatus

from tracker.calendar import announcement_days, batch_opens
from tracker.errors import SourceMalformed, SourceRefused, SourceUnavailable
from tracker.models import Paper, PaperId
from tracker.records import Page, Roll
from tracker.settings import ArxivSource
from tracker.sources.arxiv_feed import NAME, Results, parse
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task

__all__ = ["lookup", "parse", "read", "window"]

PAGE_SIZE = 500  # the manual allows 2000, but it is the long answers that come cut
CEILING = 30_000  # a query shows no more results than these: beyond, HTTP 400
REPEATS = 3  # how often a page that cannot be right is asked for again
LOOKUP_SIZE = 100  # ids in one request: an address of about 1,200 characters
# Oldest first, so that papers which arrive meanwhile do not shift the pages. Left to itself, the
# API sorts by relevance.
_ORDER = {"sortBy": "submittedDate", "sortOrder": "ascending"}
_WEEKEND = 5
_DAY = timedelta(days=1)


def read(client: Client, task: Task[ArxivSource]) -> Iterator[Page]:
    """The papers listed on the task's days, then the rolls of those days that are out.

    The API says when a paper was submitted, not when it was listed: the whole batch of a day is
    asked for, and its roll is whole when all results came and one of them is of that day or a
    later one; it is not when an entry could not be read. Works that other sources told of and we
    lack (`task.works`) are looked up last, lest one of them stand in the way.
    """
    days = announcement_days(task.since, task.until)
    opened = batch_opens(days[0]) if days else task.since
    resumed = _Resumable(f"{opened} {task.until}", task.cursor)
    out: set[date] = set()
    unread = False
    for results in window(client, task.settings, resumed.start or opened, task.until):
        out.update(paper.announced for paper in results.papers)
        unread = unread or bool(results.skipped)
        yield Page(results.papers, results.total, results.skipped, cursor=resumed.after(results))
    told = (Roll(day, task.settings.categories) for day in days if day <= max(out, default=day))
    yield Page(tuple(told) if out and not unread else (), cursor="")
    for start in range(0, len(task.works), LOOKUP_SIZE):
        batch = task.works[start : start + LOOKUP_SIZE]
        yield Page(tuple(lookup(client, task.settings, batch)))


class _Resumable:
    """How far a window has been read whole: its cursor is its days and the last submission's day.

    A cursor of another window means nothing for this one.
    """

    def __init__(self, days: str, cursor: str) -> None:
        known, _, last = cursor.rpartition(" ")
        self._days, self._cursor = days, cursor if known == days else ""
        self.start = date.fromisoformat(last) if self._cursor else None

    def after(self, results: Results) -> str:
        """The cursor once these results are in the store; it stays while any is missing."""
        if results.whole and results.papers:
            self._cursor = f"{self._days} {results.papers[-1].published}"
        return self._cursor


def window(
    client: Client, source: ArxivSource, since: date, until: date, *, page_size: int = PAGE_SIZE
) -> Iterator[Results]:
    """Pages of the papers submitted from `since` to `until` (UTC days, both included), in order.

    Nothing at all is one empty page when the window is a weekend. Otherwise it is, after one more
    request, SourceUnavailable: on a weekday arXiv has papers, so the API is not well. Results that
    were promised and never came are SourceMalformed after the last page.
    """
    weekdays = _weekdays(since, until)
    known: set[_Key] = set()
    doubts: list[str] = []
    start: date | None = since
    while start is not None and start <= until:
        query = _Query(client, source, _submitted(source, start, until), page_size, weekdays > 0)
        for page in query.pages():
            fresh = _fresh(page.papers, since, until, known)
            known.update(map(_key, fresh))
            whole = not doubts and not query.doubts()
            yield Results(fresh, page.total, page.start, page.skipped, whole)
        doubts += query.doubts()
        start = query.next_day(start)
    if weekdays and not known:
        raise SourceUnavailable(NAME, source.url, f"empty answer for {weekdays} weekdays")
    _settle(source, doubts)


def lookup(client: Client, source: ArxivSource, ids: Sequence[str]) -> list[Paper]:
    """The newest versions of the works `ids`; whatever version an id names, it is left out.

    A work that arXiv does not know is not among them. ValueError for what is no id at all,
    SourceRefused for one that arXiv does not take for an id, SourceMalformed as in `window`.
    """
    keys = list(dict.fromkeys(PaperId.parse(text).key for text in ids))
    papers: list[Paper] = []
    doubts: list[str] = []
    for start in range(0, len(keys), LOOKUP_SIZE):
        batch = keys[start : start + LOOKUP_SIZE]
        query = _Query(client, source, {"id_list": ",".join(batch)}, len(batch))
        papers += [paper for page in query.pages() for paper in page.papers]
        doubts += query.doubts()
    _settle(source, doubts)
    return papers


def _settle(source: ArxivSource, doubts: list[str]) -> None:
    if doubts:
        raise SourceMalformed(NAME, source.url, "; ".join(doubts))


_Key = tuple[str, int]


def _key(paper: Paper) -> _Key:
    return paper.id, paper.version


def _fresh(
    papers: tuple[Paper, ...], since: date, until: date, known: set[_Key]
) -> tuple[Paper, ...]:
    """The papers of the window that are not known yet; the API's own filter is not trusted."""
    return tuple(
        paper for paper in papers if since <= paper.published <= until and _key(paper) not in known
    )


def _weekdays(since: date, until: date) -> int:
    days = ((since + n * _DAY) for n in range((until - since).days + 1))
    return sum(day.weekday() < _WEEKEND for day in days)


def _submitted(source: ArxivSource, since: date, until: date) -> dict[str, str]:
    """The search for a window, in GMT minutes; the end is the next midnight, to lose no second."""
    categories = " OR ".join(f"cat:{name}" for name in source.categories)
    days = f"submittedDate:[{since:%Y%m%d}0000 TO {until + _DAY:%Y%m%d}0000]"
    return {"search_query": f"({categories}) AND {days}" if categories else days}


@dataclass(slots=True)
class _Query:
    """One search, read page by page: what it promised, and what came of it.

    `eventful` says that no result at all would be strange.
    """

    client: Client
    source: ArxivSource
    search: dict[str, str]
    size: int
    eventful: bool = True
    promised: int = 0
    reached: int = 0
    ended: bool = False
    came: set[_Key | str] = field(default_factory=set)
    last: date | None = None

    def pages(self) -> Iterator[Results]:
        """Each page's new results, until all are there, none comes any more, or the ceiling."""
        for start in range(0, CEILING - self.size + 1, self.size):
            fresh = self._page(start)
            self.came.update(fresh)
            self.reached = start + self.size
            yield self._told(start, list(fresh.values()))
            if self.reached >= self.promised or not fresh:
                self.ended = True
                return

    def _told(self, start: int, fresh: "list[Paper | str]") -> Results:
        papers = tuple(result for result in fresh if isinstance(result, Paper))
        skipped = tuple(result for result in fresh if isinstance(result, str))
        self.last = max((paper.published for paper in papers), default=self.last)
        return Results(papers, self.promised, start, skipped)

    def doubts(self) -> list[str]:
        """One sentence if results that were promised never came."""
        expected = self.promised if self.ended else self.reached
        missing = expected - len(self.came)
        return [f"{missing} of {expected} promised results never came"] if missing > 0 else []

    def next_day(self, since: date) -> date | None:
        """Where a new search has to begin when this one, from `since` on, hit the ceiling."""
        if self.ended:
            return None
        if self.last is None or self.last <= since:
            reason = f"{since} alone has more papers than the {CEILING:,} that the API shows"
            raise SourceMalformed(NAME, self.source.url, reason)
        return self.last

    def _page(self, start: int) -> "dict[_Key | str, Paper | str]":
        """The results from `start` on that are new, asked for until none is missing.

        The union of the answers is taken, for each may lack another entry. Raises the last
        SourceMalformed when no answer could be read.
        """
        fresh: dict[_Key | str, Paper | str] = {}
        trouble: SourceMalformed | None = None
        readable = 0
        for _ in range(1 + REPEATS):
            try:
                fresh |= self._new(self._asked(start))
            except SourceMalformed as error:
                trouble = error
                continue
            readable += 1
            if self._complete(start, len(fresh), readable):
                return fresh
        if trouble and not fresh:
            raise trouble
        return fresh

    def _complete(self, start: int, count: int, readable: int) -> bool:
        """Whether `count` new results are all; an empty query takes a second answer to believe."""
        if self.promised == 0 and self.eventful:
            return readable > 1
        return count >= min(self.size, self.promised - start)

    def _new(self, feed: Results) -> "dict[_Key | str, Paper | str]":
        results: dict[_Key | str, Paper | str] = {_key(paper): paper for paper in feed.papers}
        results |= {reason: reason for reason in feed.skipped}
        return {key: result for key, result in results.items() if key not in self.came}

    def _asked(self, start: int) -> Results:
        """One answer of the API. A total below one it gave before is not believed."""
        ask = Ask(
            NAME,
            self.source.url,
            {**self.search, **_ORDER, "start": str(start), "max_results": str(self.size)},
            accept="application/atom+xml",
            pace=self.source.pace_seconds,
            expect=(HTTPStatus.OK, HTTPStatus.BAD_REQUEST),
        )
        answer = self.client.get(ask)
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise SourceRefused(NAME, answer.url, _complaint(answer.body, answer.url))
        feed = parse(answer.body, answer.url)
        if feed.start != start:
            reason = f"asked for the results from {start}, it gave those from {feed.start}"
            raise SourceMalformed(NAME, answer.url, reason)
        self.promised = max(self.promised, feed.total)
        return feed


def _complaint(body: bytes, url: str) -> str:
    """Why arXiv answered HTTP 400, in its own words where it has any."""
    try:
        parse(body, url)
    except SourceMalformed as error:
        return f"HTTP 400: {error.reason}"
    return "HTTP 400"
