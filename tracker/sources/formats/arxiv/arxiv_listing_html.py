"""arXiv's listing pages (`list/CATEGORY/new` and `catchup/CATEGORY/DAY`) as data.

A page has its day in a heading, and a heading for each section with the number of its entries:
"New submissions (showing 127 of 127 entries)", then "Cross submissions" and "Replacement
submissions". An entry is a `<dt>` with a link to the abstract. A section that continues on another
page says "showing first 50 of 127 entries" or "continued, showing last 27 of 127 entries".

Public: `parse`, `ListingPage`, `Section`.
"""

import re
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser

from tracker.errors import SourceMalformed
from tracker.models import PaperId

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_DAY = re.compile(rf"\b{_WEEKDAY}\.?,?\s+(\d{{1,2}})\s+([a-z]{{3,9}})\.?,?\s+(\d{{4}})\b", re.I)
_COUNT = re.compile(
    r"showing\s+(?:the\s+)?(?:first\s+|last\s+)?([\d,]+)\s+of\s+([\d,]+)\s+entr", re.I
)
_TOTAL = re.compile(r"\btotal\s+of\s+([\d,]+)\s+entr", re.I)
_NOTHING = re.compile(r"\bno\s+(?:updates|new\s+(?:listings|submissions))\b", re.I)
_KINDS = (
    (re.compile(r"^\s*new\s+submissions?\b", re.I), "new"),
    (re.compile(r"^\s*cross(?:[\s-]*lists?|[\s-]*listings?|\s+submissions?)\b", re.I), "cross"),
    (re.compile(r"^\s*replacement|^\s*replaced\b", re.I), "replace"),
)
_ABSTRACT = re.compile(r"(?:^|/)abs/([^?#\s]+)")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_SILENT = frozenset({"script", "style"})


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one kind (new, cross or replace) on a page, and their number on all pages."""

    kind: str
    ids: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ListingPage:
    """A page of the listing of `day`; `total` is the number of all entries, if the page says it."""

    day: date
    sections: tuple[Section, ...]
    total: int | None = None


def parse(body: bytes, source: str, url: str = "") -> ListingPage:
    """Return a listing page. Raises SourceMalformed for one that is cut or contradicts itself."""
    collector = _Collector()
    collector.feed(body.decode("utf-8", "replace"))
    collector.close()
    if not collector.is_closed:
        raise SourceMalformed(source, url, "the page is cut: it has no end")
    day = collector.find_day()
    if day is None:
        raise SourceMalformed(source, url, "not a listing page: no heading has a date")
    sections = tuple(collector.sections())
    text = " ".join(" ".join(collector.text).split())
    if not sections and not _NOTHING.search(text):
        raise SourceMalformed(source, url, "a listing page without any section")
    if reason := next(filter(None, map(_contradiction, collector.found)), ""):
        raise SourceMalformed(source, url, reason)
    total = _TOTAL.search(text)
    return ListingPage(day, sections, _number(total[1]) if total else None)


@dataclass(slots=True)
class _FoundSection:
    kind: str
    shown: int
    total: int
    ids: dict[str, None]
    bare_ids: dict[str, None]

    @property
    def entries(self) -> dict[str, None]:
        """The ids of its `<dt>` elements; of all its links to abstracts when it has none."""
        return self.ids or self.bare_ids


def _contradiction(section: _FoundSection) -> str:
    if len(section.entries) == section.shown:
        return ""
    return f"its section {section.kind!r} has {len(section.entries)} of {section.shown} entries"


def _number(text: str) -> int:
    return int(text.replace(",", ""))


class _Collector(HTMLParser):
    """Collects headings, and below each the ids of its entries."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_FoundSection] = []
        self.headings: list[str] = []
        self.text: list[str] = []
        self.is_closed = False
        self._heading: list[str] | None = None
        self._in_entry = self._is_silent = False

    def find_day(self) -> date | None:
        """Return the day of the first heading that has one."""
        return next(filter(None, map(_parse_day, self.headings)), None)

    def sections(self) -> "list[Section]":
        """Return what was found, sections of the same kind united."""
        united: dict[str, Section] = {}
        for found in self.found:
            known = united.get(found.kind, Section(found.kind, (), 0))
            ids = tuple(dict.fromkeys((*known.ids, *found.entries)))
            united[found.kind] = Section(found.kind, ids, max(known.total, found.total))
        return list(united.values())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HEADINGS:
            self._heading = []
        elif tag == "dt":
            self._in_entry = True
        elif tag == "dd":
            self._in_entry = False
        elif tag == "a" and self.found:
            self._add_link(dict(attrs).get("href") or "")
        self._is_silent = tag in _SILENT

    def handle_endtag(self, tag: str) -> None:
        self._is_silent = False
        if tag in _HEADINGS and self._heading is not None:
            self._add_heading(" ".join("".join(self._heading).split()))
            self._heading = None
        elif tag in ("dt", "dl"):
            self._in_entry = False
        elif tag == "html":
            self.is_closed = True

    def handle_data(self, data: str) -> None:
        if self._heading is not None:
            self._heading.append(data)
        if not self._is_silent:
            self.text.append(data)

    def _add_heading(self, heading: str) -> None:
        self.headings.append(heading)
        kind = next((kind for pattern, kind in _KINDS if pattern.search(heading)), "")
        if kind and (count := _COUNT.search(heading)):
            section = _FoundSection(kind, _number(count[1]), _number(count[2]), {}, {})
            self.found.append(section)

    def _add_link(self, address: str) -> None:
        match = _ABSTRACT.search(address)
        if not match:
            return
        try:
            key = PaperId.parse(match[1]).key
        except ValueError:
            return
        (self.found[-1].ids if self._in_entry else self.found[-1].bare_ids).setdefault(key)


def _parse_day(heading: str) -> date | None:
    match = _DAY.search(heading)
    if not match:
        return None
    month = [n for n, name in enumerate(_MONTHS, 1) if name.startswith(match[2].lower()[:3])]
    try:
        return date(int(match[3]), month[0], int(match[1]))
    except (ValueError, IndexError):
        return None
