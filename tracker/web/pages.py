"""The pages that everybody may read: issues, search, a paper, topics. They change nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from summarizer.text import plain
from tracker.digest import words
from tracker.errors import NotFound, UsageError
from tracker.language import NAMES, Language
from tracker.models import Hit
from tracker.pipeline import finding, mapping
from tracker.pipeline.finding import Found
from tracker.pipeline.publishing import page_name
from tracker.settings import Config
from tracker.store import issues, papers
from tracker.store.database import Database
from tracker.store.issues import Heading
from tracker.store.marking import Pieces, marked
from tracker.topics import taxonomy
from tracker.web.asked import Answer, Asked

_ISSUES = 120
_HITS, _MOST_HITS, _SIMILAR = 20, 100, 20
# Characters of a query: the longest titles have 300.
_LONGEST = 1000
SORTS = ("relevance", "date")


def front(db: Database, config: Config, asked: Asked) -> Answer:
    """The issues, newest first, those in the reader's language before the others."""
    listed = sorted(issues.headings(db, _ISSUES), key=lambda one: _apart(one, asked.language))
    groups = [
        (code, NAMES[code], [_issue(config, one) for one in of_code])
        for code, of_code in groupby(listed, key=lambda one: one.language)
        if code in NAMES
    ]
    return Answer("front.jinja", {"groups": groups})


def _apart(issue: Heading, language: Language) -> tuple[bool, str]:
    return issue.language != language.code, issue.language


def _issue(config: Config, issue: Heading) -> tuple[Heading, str]:
    """An issue and its page, "" where none has been published."""
    page = page_name(issue.kind, issue.period, issue.language)
    return issue, page if (config.web_pages / page).is_file() else ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A hit as a page shows it: every second piece of its texts is a match."""

    hit: Hit
    title: Pieces
    said: Pieces
    topics: tuple[tuple[str, str], ...]


def search(db: Database, config: Config, asked: Asked) -> Answer:
    """What `tracker search` finds; without a query, how to ask. Raises UsageError."""
    query = asked.query.get("q", "").strip()
    sort = asked.query.get("sort", SORTS[0])
    if len(query) > _LONGEST:
        raise UsageError(f"A query may have {_LONGEST:,} characters.")
    if sort not in SORTS:
        raise UsageError(f"Results are sorted by {' or '.join(SORTS)}.")
    if not query:
        return Answer("search.jinja", {"found": None})
    number = _number(asked)
    found = finding.search(
        db, config, query, limit=number, only=finding.only(own=config.directions),
        today=asked.now.date(), sort=sort,
    )  # fmt: skip
    more = min(_MOST_HITS, number + _HITS) if len(found.hits) == number < _MOST_HITS else 0
    shown = {"sort": sort, "found": found, "more": more}
    return Answer("search.jinja", {**shown, "hits": _hits(config, asked, found)})


def _number(asked: Asked) -> int:
    given = asked.query.get("n", "")
    right = given.isascii() and given.isdecimal() and len(given) < 4
    return min(_MOST_HITS, max(1, int(given))) if right else _HITS


def _hits(config: Config, asked: Asked, found: Found) -> list[_Shown]:
    texts = [(plain(hit.paper.title), hit.tldr) for hit in found.hits]
    names = _topic_names(config, asked.language)
    return [
        _Shown(hit, title, said, tuple((key, names.get(key, key)) for key in hit.topics[:3]))
        for hit, (title, said) in zip(found.hits, marked(texts, found.parts), strict=True)
    ]


def _topic_names(config: Config, language: Language) -> Mapping[str, str]:
    concepts = taxonomy.with_own(config.directions)
    return {key: words.concept(concept, language) for key, concept in concepts.items()}


def paper(db: Database, config: Config, asked: Asked) -> Answer:
    """One work, as `tracker show` tells it. Raises NotFound."""
    work = finding.show(db, asked.place["id"])
    return Answer("paper.jinja", {"work": work, "names": _topic_names(config, asked.language)})


def similar(db: Database, config: Config, asked: Asked) -> Answer:
    """The works most like one. Raises NotFound, and IndexUnusable where nothing is indexed."""
    _, known = finding.find(db, asked.place["id"])
    found = finding.similar(db, config, known.id, _SIMILAR)
    return Answer("similar.jinja", {"paper": known, "hits": _hits(config, asked, found)})


def topics(db: Database, config: Config, asked: Asked) -> Answer:
    """The map of the last thirty days on which there are papers, and the newest week's themes."""
    span = papers.span(db)
    until = min(asked.now.date(), span[1]) if span else asked.now.date()
    landscape = mapping.landscape(db, config, until)
    fresh = {change.position for change in landscape.changes if change.kind == "new"}
    shown = {"landscape": landscape, "days": mapping.MAP_DAYS, "until": until, "fresh": fresh}
    return Answer("topics.jinja", {**shown, "names": _topic_names(config, asked.language)})


def topic(db: Database, config: Config, asked: Asked) -> Answer:
    """A key of the map and the latest papers of it. Raises NotFound."""
    key = asked.place["key"]
    concept = taxonomy.with_own(config.directions).get(key)
    if concept is None:
        raise NotFound("topic", key[:40], "The page of topics lists all.")
    only = finding.only(topics=(key,), own=config.directions)
    found = finding.search(db, config, "", limit=_HITS, only=only, today=asked.now.date())
    name = words.concept(concept, asked.language)
    hits = _hits(config, asked, found)
    return Answer("topic.jinja", {"concept": concept, "name": name, "hits": hits})
