"""arXiv in this process: its documents without a socket, for many crawls in little time.

`ArxivWorld.behaviour` has the fault of each interface: "ok", or what goes wrong with it that day.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self
from urllib.parse import urlsplit

from tests.faults.arxiv_documents import oai, oai_error, rss
from tests.faults.arxiv_server import Record, feed
from tracker.calendar import is_announcement_day
from tracker.errors import SourceRefused, SourceUnavailable
from tracker.sources.http.client import Request, Response
from tracker.sources.http.contact import Contact

_DAY = timedelta(days=1)
_RANGE = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = " January February March April May June July August September October November December"

# What each interface has been seen to do.
BEHAVIOURS: Mapping[str, tuple[str, ...]] = {
    "rss": ("ok", "stale", "one stale", "lagging", "cut", "short", "empty", "refused"),
    "api": ("ok", "lagging", "descending", "short", "refused", "down"),
    "oai": ("ok", "lagging", "cut", "refused"),
    "listings": ("ok", "stale", "cut", "short", "refused", "down"),
}


def previous_day(day: date) -> date:
    """Return the announcement day before `day`."""
    day -= _DAY
    while not is_announcement_day(day):
        day -= _DAY
    return day


def listing_page(
    day: date,
    new: Sequence[str],
    cross: Sequence[str] = (),
    replaced: Sequence[str] = (),
    shown: int = 2000,
) -> bytes:
    """Return a listing page, of which the first `shown` entries of each section are shown."""
    month = _MONTHS.split(" ")[day.month]
    dated = f"{_WEEKDAYS[day.weekday()]}, {day.day} {month} {day.year}"
    head = f"<h3>Showing new listings for {dated}</h3>"
    entries = {"New": new, "Cross": cross, "Replacement": replaced}
    sections = "".join(_section(name, ids, shown) for name, ids in entries.items() if ids)
    total = len(new) + len(cross) + len(replaced)
    foot = f"<div class='paging'>Total of {total} entries</div>"
    text = sections + foot if total else "<p>No updates today.</p>"
    return f"<!DOCTYPE html><html><body><div id='dlpage'>{head}{text}</div></body></html>".encode()


def _section(name: str, ids: Sequence[str], shown: int) -> str:
    first = "first " if shown < len(ids) else ""
    count = f"showing {first}{min(shown, len(ids))} of {len(ids)} entries"
    return f"<h3>{name} submissions ({count})</h3>" + "".join(map(_entry, ids[:shown]))


def _entry(key: str) -> str:
    return (
        f"<dt><a name='item1'>[1]</a> <a href ='/abs/{key}' title='Abstract' id='{key}'>"
        f"arXiv:{key}</a> [<a href='/pdf/{key}'>pdf</a>]</dt><dd><div class='list-title'>"
        "Title: An invented title, cf. <a href='/abs/1901.00001'>an earlier one</a></div></dd>"
    )


@dataclass
class ArxivWorld:
    """arXiv on the day `today`, with all its records; later ones are not visible."""

    records: list[Record]
    today: date
    behaviour: dict[str, str] = field(default_factory=dict)
    contact: Contact = field(default_factory=lambda: Contact(0.0))
    requests: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def get(self, request: Request) -> Response:
        """Return the response to a request, as `tracker.sources.http.client.Client` does."""
        self.contact.note_try(0.0)
        self.contact.note_connection()
        parts = urlsplit(request.url)
        _, name, *rest = parts.path.split("/")
        kind = "listings" if name in ("list", "catchup") else name
        fault = self.behaviour.get(kind, "ok")
        self.requests.append(parts.path)
        if fault == "refused":
            raise SourceRefused(request.source, request.url, "HTTP 403")
        if fault == "down":
            raise SourceUnavailable(request.source, request.url, "HTTP 503")
        body = getattr(self, f"_{kind}")(rest, dict(request.params), fault)
        if fault == "cut":
            body = body[: int(len(body) * 0.7)]
        return Response(200, request.url, {}, body)

    def _visible(self, day: date) -> list[Record]:
        return [record for record in self.records if record.listed <= day]

    def _rss(self, rest: list[str], _: dict[str, str], fault: str) -> bytes:
        wanted, day = rest[-1].split("+"), previous_day(self.today + _DAY)
        shown = [record for record in self.records if record.listed == day]
        before = [record for record in self.records if record.listed == previous_day(day)]
        kept = [item for item in shown if wanted[0] not in item.categories]
        again = [item for item in before if wanted[0] in item.categories]
        repeated = {"stale": before, "one stale": [*kept, *again]}
        if fault in repeated:
            return _dated_rss(repeated[fault], self.today, wanted)
        if fault == "empty" or not is_announcement_day(self.today):
            return rss([], self.today, wanted)
        if fault == "lagging":
            return _dated_rss(shown, day - _DAY, wanted)
        return rss(shown[len(shown) // 2 :] if fault == "short" else shown, day, wanted)

    def _api(self, _: list[str], params: dict[str, str], fault: str) -> bytes:
        lag = 3 * _DAY if fault == "lagging" else timedelta()
        found = self._visible(self.today - lag)
        if ids := params.get("id_list", ""):
            found = [record for record in found if record.id in ids.split(",")]
        if match := _RANGE.search(params.get("search_query", "")):
            low, high = match.groups()
            found = [record for record in found if low <= f"{record.published:%Y%m%d%H%M}" <= high]
        found.sort(key=lambda record: record.published, reverse=fault.startswith("descending"))
        if fault.startswith("rotated"):
            found = found[len(found) // 2 :] + found[: len(found) // 2]
        if fault.startswith("interleaved"):
            found = found[::2] + found[1::2]
        start, size = int(params["start"]), int(params["max_results"])
        if fault.endswith(", then down") and start >= 2 * size:
            raise SourceUnavailable("arxiv_api", "", "HTTP 503")
        shown = found[start : start + size]
        shown = shown[: len(shown) // 2] if fault == "short" else shown
        return feed(shown, len(found), start, size)

    def _oai(self, _: list[str], params: dict[str, str], fault: str) -> bytes:
        day = previous_day(self.today - 2 * _DAY) if fault == "lagging" else self.today
        found = self._visible(day)
        return oai(found, self.today, params, 100) if found else oai_error("noRecordsMatch", day)

    def _listings(self, rest: list[str], params: dict[str, str], fault: str) -> bytes:
        category = rest[0]
        day = previous_day(self.today + _DAY)
        if rest[1] != "new":
            day = date.fromisoformat(rest[1])
        elif fault == "stale":
            day = previous_day(day)
        if fault == "empty":
            return listing_page(day, [])
        shown = previous_day(day) if fault == "redated" and rest[1] == "new" else day
        listed = [record for record in self.records if record.listed == shown <= self.today]
        new = [item.id for item in listed if item.categories[0] == category]
        cross = [item.id for item in listed if category in item.categories[1:]]
        start = int(params.get("skip", 0)) + 2000 * (int(params.get("page", 1)) - 1)
        if start and fault != "short":
            return listing_page(day, new[start:], cross)
        return listing_page(day, new, cross, shown=1 if fault == "short" else 2000)


def _dated_rss(shown: list[Record], day: date, wanted: list[str]) -> bytes:
    """Return the feed of `shown`, whatever their days, under the date `day`."""
    return rss([_Relisted(item, day) for item in shown], day, wanted)


class _Relisted:
    """A record that a feed shows under another day."""

    def __init__(self, record: Record, day: date) -> None:
        self._record, self.listed, self.datestamp = record, day, day

    def __getattr__(self, name: str) -> object:
        return getattr(self._record, name)
