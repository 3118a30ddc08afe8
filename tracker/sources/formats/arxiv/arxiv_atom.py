"""A response of arXiv's query API as papers: Atom bytes in, records out.

Owns the `arxiv` package and uses only the builder that converts an entry to a record. The rest of
arxiv 4.0 is deliberately not used: its client has no time-out, no back-off and no Retry-After, and
treats an empty first page as "no results"; its parser repairs a truncated document into a shorter
page. `parse` accepts only a complete, well-formed document, and passes its entries to
`arxiv._feed._build_result`. That name is private: a test pins it, and the dependency is limited to
major version 4.

Public: `parse`, `SearchResults`, `NAME`.
Source: info.arxiv.org/help/api/user-manual.html.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from summarizer.text.characters import normalize_characters
from tracker.calendar import announcement_day, first_listing_day
from tracker.errors import SourceMalformed
from tracker.models import Paper, PaperId, Version
from tracker.sources.formats.arxiv.author_names import clean_author_name
from tracker.sources.formats.fields import valid_categories
from tracker.sources.formats.xml import parse_xml_records

if TYPE_CHECKING:
    import arxiv  # type: ignore[import-untyped]  # ships no types

NAME = "arxiv_api"
API = "https://export.arxiv.org/api/query"

_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_ERROR = "/api/errors#"
_YEARS = range(1986, 2101)  # arXiv's oldest records are from 1986


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Papers of one page of a query's results, which are `total` in all.

    `start` is the number of results before it; `skipped` names each entry that could not be read,
    with the reason, `repaired` each with characters that XML does not allow; `is_complete` is
    whether all results up to here have arrived.
    """

    papers: tuple[Paper, ...]
    total: int
    start: int
    skipped: tuple[str, ...] = ()
    is_complete: bool = True
    repaired: tuple[str, ...] = ()


def parse(body: bytes, url: str = API) -> SearchResults:
    """Return the papers of one response of the API; `url` is for the error only.

    Raises SourceMalformed for anything but a complete Atom feed of results: a truncated document,
    HTML, an error, a feed without totals. An entry that cannot be read is skipped.
    """
    document = parse_xml_records(body, NAME, url, "entry")
    root = document.root
    if root.tag != f"{_ATOM}feed":
        raise SourceMalformed(NAME, url, f"not an Atom feed but {str(root.tag)[:80]!r}")
    entries = root.findall(f"{_ATOM}entry")
    for entry in entries:
        if _ERROR in entry.findtext(f"{_ATOM}id", ""):
            reason = _collapse_whitespace(entry.findtext(f"{_ATOM}summary", "an error"))
            raise SourceMalformed(NAME, url, f"arXiv says: {reason}")
    total, start = _number(root, "totalResults", url), _number(root, "startIndex", url)
    if total < start + len(entries) and entries:
        reason = f"{len(entries)} entries from {start} on, but {total} in all"
        raise SourceMalformed(NAME, url, reason)
    results = [_result(entry) for entry in entries]
    papers = tuple(result for result in results if isinstance(result, Paper))
    skipped = tuple(result for result in results if isinstance(result, str))
    return SearchResults(
        papers, total, start, (*skipped, *document.skipped), repaired=document.repaired
    )


def _number(root: Any, name: str, url: str) -> int:
    text = root.findtext(f"{_OPENSEARCH}{name}", "").strip()
    if not (text.isascii() and text.isdigit()):
        raise SourceMalformed(NAME, url, f"its {name} is {text[:20]!r}, not a number")
    return int(text[:9])


def _result(entry: Any) -> Paper | str:
    """Return the entry as a paper, or why it cannot be read."""
    from arxiv import _feed

    name = _collapse_whitespace(entry.findtext(f"{_ATOM}id", ""))[:80] or "an entry without id"
    try:
        record = _feed._build_result(entry)
        if record is None:
            raise ValueError("a date is missing")
        return _paper(record)
    except (ValueError, OverflowError) as error:
        return f"{name}: {error}"


def _paper(record: "arxiv.Result") -> Paper:
    """Convert the package's record. Raises ValueError when it is not valid."""
    identity = PaperId.parse(record.entry_id)
    if record.published.year not in _YEARS or record.updated.year not in _YEARS:
        raise ValueError(f"its dates {record.published} and {record.updated} are impossible")
    title = _collapse_whitespace(record.title)
    if not title:
        raise ValueError("it has no title")
    published = record.published.date()
    return Paper(
        id=identity.key,
        title=title,
        abstract=_collapse_whitespace(record.summary),
        authors=tuple(filter(None, (clean_author_name(author.name) for author in record.authors))),
        categories=_categories(record),
        published=published,
        announced=first_listing_day(identity.key, announcement_day(record.published)),
        updated=max(published, record.updated.date()),
        versions=_versions(record, identity.version or 1),
        comments=_collapse_whitespace(record.comment),
        journal_ref=_collapse_whitespace(record.journal_ref),
        doi=_collapse_whitespace(record.doi),
    )


def _versions(record: "arxiv.Result", number: int) -> tuple[Version, ...]:
    """Return the versions in an entry: the first, and its own."""
    first = Version(1, record.published)
    return (first,) if number == 1 else (first, Version(number, record.updated))


def _categories(record: "arxiv.Result") -> tuple[str, ...]:
    """Return the arXiv categories, the primary one first."""
    names = (record.primary_category, *record.categories)
    return valid_categories(names)


def _collapse_whitespace(text: str | None) -> str:
    """Return text as one line: the feed breaks titles and abstracts at arbitrary places."""
    return " ".join(normalize_characters(text or "").split())
