"""arXiv's listing pages: the count of each day and category, independent of feeds and the API.

`list/CATEGORY/new` has the newest day, `catchup/CATEGORY/DAY` any of the last 90. They have the ids
of a day and say how many there are, so they prove that a day is complete, or that arXiv listed
nothing on it. Only days and categories that no listing page has proved are requested, newest first,
and at most `max_requests` in one crawl.

Public: `read_pages`, `NAME`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from tracker.errors import SourceMalformed
from tracker.records import Listing, ListingComplete, Page
from tracker.settings import ListingSource
from tracker.sources.formats.arxiv.arxiv_listing_html import ListingPage, parse
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, retry_if_malformed

NAME = "arxiv_listings"
_SHOW = 2000  # the most entries of one page
_CAP = 24 * 2**20  # 2,000 entries with abstracts
_TRIES = 2
_DAY = timedelta(days=1)


def read_pages(client: Client, task: Task[ListingSource]) -> Iterator[Page]:
    """Yield the listing of each of the task's days, and its completion if all of it was read.

    A page that cannot be read does not stop the others; the first such error is raised at the end.
    """
    session = _Session(client, task)
    newest = max((day for day, _ in task.days), default=None)
    trouble: SourceMalformed | None = None
    for day, category in task.days:
        if session.is_spent or (day, category) in session.proved:
            continue
        try:
            yield from session.read(category, day, is_newest=day == newest)
        except SourceMalformed as error:
            trouble = trouble or error
    if trouble:
        raise trouble


@dataclass(slots=True)
class _Listing:
    """The listing of a day and category, collected page by page."""

    day: date
    ids: dict[str, dict[str, None]] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    promised: int = 0
    pages: int = 0

    def add(self, page: ListingPage) -> int:
        """Add a page and return how many of its entries are new."""
        before = self.received
        self.pages += 1
        for section in page.sections:
            self.ids.setdefault(section.kind, {}).update(dict.fromkeys(section.ids))
            self.totals[section.kind] = max(self.totals.get(section.kind, 0), section.total)
        self.promised = max(self.promised, page.total or 0, sum(self.totals.values()))
        return self.received - before

    @property
    def received(self) -> int:
        return sum(map(len, self.ids.values()))

    @property
    def is_whole(self) -> bool:
        """Whether every section has as many entries as it says, and all of them together."""
        sections = all(len(ids) == self.totals[kind] for kind, ids in self.ids.items())
        return sections and self.received == self.promised

    def records(self, category: str) -> tuple[Listing, ...]:
        """Return the first listings; replacements are none."""
        return tuple(
            Listing(self.day, key, kind, (category,))
            for kind in ("new", "cross")
            for key in self.ids.get(kind, ())
        )


class _Session:
    """The requests of one crawl, of which there is a limited number."""

    def __init__(self, client: Client, task: Task[ListingSource]) -> None:
        self._client, self._task = client, task
        self._left = task.settings.max_requests
        self.proved: set[tuple[date, str]] = set()

    @property
    def is_spent(self) -> bool:
        """Whether no request is left."""
        return self._left <= 0

    def read(self, category: str, day: date, *, is_newest: bool) -> Iterator[Page]:
        """Yield the listing of a category on a day; the newest one has a separate page."""
        if is_newest:
            yield from self._read_listing(category, None)
        if not self.is_spent and (day, category) not in self.proved:
            yield from self._read_listing(category, day)

    def _read_listing(self, category: str, day: date | None) -> Iterator[Page]:
        """Yield a listing; without `day`, the newest one."""
        listing: _Listing | None = None
        while listing is None or not (listing.is_whole or self.is_spent):
            request = self._request(category, day, listing)
            page = retry_if_malformed(partial(self._fetch, request, day), _TRIES)
            listing = listing or _Listing(page.day)
            if page.day != listing.day:
                raise SourceMalformed(NAME, self._task.settings.url, "the day changed meanwhile")
            if not listing.add(page):
                break
        yield self._page(category, listing)

    def _page(self, category: str, listing: _Listing) -> Page:
        records = listing.records(category)
        if not listing.is_whole:
            reason = f"{category} {listing.day}: {listing.received} of {listing.promised} entries"
            return Page(records, listing.promised, (reason,))
        self.proved.add((listing.day, category))
        return Page((*records, ListingComplete(listing.day, (category,))), listing.promised)

    def _fetch(self, request: Request, day: date | None) -> ListingPage:
        if self.is_spent:
            raise SourceMalformed(NAME, self._task.settings.url, "no request is left for it")
        self._left -= 1
        response = self._client.get(request)
        page = parse(response.body, NAME, response.url)
        if day and page.day != day:
            reason = f"the listing of {day} was requested, it sent that of {page.day}"
            raise SourceMalformed(NAME, response.url, reason)
        if page.day > self._task.now.date() + _DAY:
            raise SourceMalformed(NAME, response.url, f"its day {page.day} is in the future")
        return page

    def _request(self, category: str, day: date | None, known: _Listing | None) -> Request:
        root = self._task.settings.url.rstrip("/")
        if day:
            url = f"{root}/catchup/{category}/{day}"
            params = {"page": str(known.pages + 1 if known else 1)}
        else:
            url = f"{root}/list/{category}/new"
            params = {"skip": str(known.received if known else 0), "show": str(_SHOW)}
        pace = self._task.settings.pace_seconds
        return Request(NAME, url, params, accept="text/html", pace=pace, max_bytes=_CAP)
