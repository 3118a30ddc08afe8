"""One answer of arXiv's query API as papers: Atom bytes in, records out, nothing else.

It owns the `arxiv` package and uses the one part of it that is sound for us, the builder that turns
an entry into a record. The rest is left out on purpose (arxiv 4.0, read): its client has no
time-out, no back-off and no Retry-After and takes an empty first page for "no results"; its parser
repairs a cut document into a shorter page. So `parse` trusts only a document that is well formed to
its end, and hands its entries to `arxiv._feed._build_result`. That name is private: a test pins it,
and the dependency is bounded to major version 4.

Public: `parse`, `Results`, `NAME`.
Source: info.arxiv.org/help/api/user-manual.html.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracker.calendar import announcement_day
from tracker.errors import SourceMalformed
from tracker.models import Paper, PaperId, Version
from tracker.sources.fields import categories
from tracker.sources.xml import parsed

if TYPE_CHECKING:
    import arxiv  # type: ignore[import-untyped]  # ships no types

NAME = "arxiv_api"
API = "https://export.arxiv.org/api/query"

_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_ERROR = "/api/errors#"
_YEARS = range(1986, 2101)  # arXiv's oldest records are of 1986


@dataclass(frozen=True, slots=True)
class Results:
    """Papers of one stretch of a query's results, which are `total` and begin at 0.

    `start` is the number of results before it; `skipped` names each entry that could not be read,
    with the reason; `whole` whether all that was promised up to here has come.
    """

    papers: tuple[Paper, ...]
    total: int
    start: int
    skipped: tuple[str, ...] = ()
    whole: bool = True


def parse(body: bytes, url: str = API) -> Results:
    """The papers of one answer of the API; `url` is for the error only.

    Raises SourceMalformed for anything but a whole Atom feed of results: a cut document, HTML, a
    feed that carries an error, one without its totals. An entry that cannot be read is skipped.
    """
    root = _root(body, url)
    entries = root.findall(f"{_ATOM}entry")
    for entry in entries:
        if _ERROR in entry.findtext(f"{_ATOM}id", ""):
            reason = _line(entry.findtext(f"{_ATOM}summary", "an error"))
            raise SourceMalformed(NAME, url, f"arXiv says: {reason}")
    total, start = _number(root, "totalResults", url), _number(root, "startIndex", url)
    if total < start + len(entries) and entries:
        reason = f"{len(entries)} entries from {start} on, but {total} in all"
        raise SourceMalformed(NAME, url, reason)
    results = [_result(entry) for entry in entries]
    papers = tuple(result for result in results if isinstance(result, Paper))
    skipped = tuple(result for result in results if isinstance(result, str))
    return Results(papers, total, start, skipped)


def _root(body: bytes, url: str) -> Any:
    root = parsed(body, NAME, url)
    if root.tag != f"{_ATOM}feed":
        raise SourceMalformed(NAME, url, f"not an Atom feed but {str(root.tag)[:80]!r}")
    return root


def _number(root: Any, name: str, url: str) -> int:
    text = root.findtext(f"{_OPENSEARCH}{name}", "").strip()
    if not (text.isascii() and text.isdigit()):
        raise SourceMalformed(NAME, url, f"its {name} is {text[:20]!r}, not a number")
    return int(text[:9])


def _result(entry: Any) -> Paper | str:
    """The entry as a paper, or the reason why it is none."""
    from arxiv import _feed

    name = _line(entry.findtext(f"{_ATOM}id", ""))[:80] or "an entry without id"
    try:
        record = _feed._build_result(entry)
        if record is None:
            raise ValueError("a date is missing")
        return _paper(record)
    except (ValueError, OverflowError) as error:
        return f"{name}: {error}"


def _paper(record: "arxiv.Result") -> Paper:
    """Our record of the package's. ValueError when it cannot be one."""
    identity = PaperId.parse(record.entry_id)
    if record.published.year not in _YEARS or record.updated.year not in _YEARS:
        raise ValueError(f"its dates {record.published} and {record.updated} are impossible")
    title = _line(record.title)
    if not title:
        raise ValueError("it has no title")
    published = record.published.date()
    return Paper(
        id=identity.key,
        title=title,
        abstract=_line(record.summary),
        authors=tuple(filter(None, (_line(author.name) for author in record.authors))),
        categories=_categories(record),
        published=published,
        announced=announcement_day(record.published),
        updated=max(published, record.updated.date()),
        versions=_versions(record, identity.version or 1),
        comments=_line(record.comment),
        journal_ref=_line(record.journal_ref),
        doi=_line(record.doi),
    )


def _versions(record: "arxiv.Result", number: int) -> tuple[Version, ...]:
    """The versions an entry tells of: the first, and the one that it is."""
    first = Version(1, record.published)
    return (first,) if number == 1 else (first, Version(number, record.updated))


def _categories(record: "arxiv.Result") -> tuple[str, ...]:
    """The categories that are arXiv's own, the primary one first."""
    names = (record.primary_category, *record.categories)
    return categories(names)


def _line(text: str | None) -> str:
    """Titles and abstracts are broken over lines where it suits the feed."""
    return " ".join((text or "").split())
