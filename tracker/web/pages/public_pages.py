"""The public pages: issues, search, a paper, similar papers, topics. They only read.

Public: `front_page`, `search_page`, `paper_page`, `similar_page`, `topics_page`, `topic_page`,
`omit_commands`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from summarizer.text.sentences import to_plain_text
from tracker.digest.render.archive import KINDS, IssueCard, build_shelves
from tracker.digest.writing import phrasing
from tracker.errors import NotFound, UsageError
from tracker.language import NAMES, Language
from tracker.models import Hit
from tracker.pipeline.issue.publish import page_name
from tracker.pipeline.learning import knowledge_map, reading_paths
from tracker.pipeline.retrieval import hybrid_search
from tracker.pipeline.retrieval.hybrid_search import SearchResults
from tracker.settings import Config
from tracker.store import issues, papers
from tracker.store.database import Database
from tracker.store.issues import IssueHeading
from tracker.store.match_positions import Pieces, highlight_matches
from tracker.topics import taxonomy
from tracker.web.http_messages import PageRequest, PageResponse
from tracker.web.pages import site_pages, source_sentences, version_diff

# Issues of a kind on the front page, and on the page of the kind.
_NEWEST, _ISSUES = 12, 400
_HITS, _MOST_HITS, _SIMILAR, _PATH = 20, 100, 20, 10
# Most characters of a query: the longest titles have 300.
_LONGEST = 1000
_COMMAND_SENTENCE = re.compile(r"(?<=\.) Run `tracker [^`]*`\.")
_COMMAND_CLAUSE = re.compile(r"(?:; | until )[^;`]*`tracker [^`]*`.*?(?=\.(?:\s|$))")
SORTS = ("relevance", "date")


def front_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """List the issues by language and kind, newest first; the language of the request comes first.

    The query may name a kind of period: day, week or month. Raises UsageError for another one.
    """
    period = request.query.get("period", "")
    if period and period not in KINDS:
        raise UsageError(f"Issues are of a {', '.join(KINDS)}.")
    limit = _ISSUES if period else _NEWEST
    listed_kinds = [KINDS[period]] if period else list(KINDS.values())
    codes = sorted(issues.list_languages(db), key=lambda code: code != request.language.code)
    listed = {
        code: _list_cards(db, config, listed_kinds, code, limit) for code in codes if code in NAMES
    }
    groups = [(code, NAMES[code], build_shelves(cards, limit)) for code, cards in listed.items()]
    kinds = {kind for kind, *_ in issues.list_issue_keys(db)}
    shown = {
        "groups": [group for group in groups if group[2]],
        "period": period,
        "feeds": _list_feeds(config),
    }
    return PageResponse("front.jinja", {**shown, "kinds": [k for k in KINDS if KINDS[k] in kinds]})


def _list_feeds(config: Config) -> dict[str, str]:
    """Return by period the kind of issue of each published feed."""
    folder = config.web_pages
    return {key: kind for key, kind in KINDS.items() if (folder / f"{kind}.atom").is_file()}


def _list_cards(
    db: Database, config: Config, kinds: Iterable[str], code: str, limit: int
) -> list[IssueCard]:
    """Return the newest issues of each kind in a language; one above `limit` if there are more."""
    return [
        _build_card(config, issue)
        for kind in kinds
        for issue in issues.list_headings(db, limit + 1, kind, code)
    ]


def _build_card(config: Config, issue: IssueHeading) -> IssueCard:
    """Return the card of an issue; its page is "" if it is not published."""
    page = page_name(issue.kind, issue.period, issue.language)
    page = page if (config.web_pages / page).is_file() else ""
    return IssueCard(
        issue.kind, issue.period, issue.language, issue.subject, issue.papers, issue.contents, page
    )


@dataclass(frozen=True, slots=True)
class _HitView:
    """A hit as a page shows it; in title and tldr every second piece is a match."""

    hit: Hit
    title: Pieces
    tldr: Pieces
    topics: tuple[tuple[str, str], ...]


def search_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Search as `tracker search` does; without a query, explain how. Raises UsageError."""
    query = request.query.get("q", "").strip()
    sort = request.query.get("sort", SORTS[0])
    if len(query) > _LONGEST:
        raise UsageError(f"A query may have at most {_LONGEST:,} characters.")
    if sort not in SORTS:
        raise UsageError(f"Results can be sorted by {' or '.join(SORTS)}.")
    if not query:
        return PageResponse("search.jinja", {"found": None})
    number = _parse_limit(request)
    filters = hybrid_search.build_filter(user_directions=config.directions)
    options = hybrid_search.SearchOptions(number, filters, sort=sort)
    found = hybrid_search.search_papers(db, config, query, options, today=request.now.date())
    more = min(_MOST_HITS, number + _HITS) if len(found.hits) == number < _MOST_HITS else 0
    shown = {
        "sort": sort,
        "found": found,
        "more": more,
        "notes": list(map(omit_commands, found.notes)),
    }
    facets = site_pages.build_facets(found.hits, query, _topic_names(config, request.language))
    hits = _build_hit_views(config, request, found)
    return PageResponse("search.jinja", {**shown, "hits": hits, "facets": facets})


def omit_commands(text: str) -> str:
    """Return a text for visitors, without what only the operator can do: "run `tracker index`"."""
    return _COMMAND_CLAUSE.sub("", _COMMAND_SENTENCE.sub("", text))


def _parse_limit(request: PageRequest) -> int:
    given = request.query.get("n", "")
    valid = given.isascii() and given.isdecimal() and len(given) < 4
    return min(_MOST_HITS, max(1, int(given))) if valid else _HITS


def _build_hit_views(config: Config, request: PageRequest, found: SearchResults) -> list[_HitView]:
    texts = [(to_plain_text(hit.paper.title), hit.tldr) for hit in found.hits]
    names = _topic_names(config, request.language)
    return [
        _HitView(hit, title, tldr, tuple((key, names.get(key, key)) for key in hit.topics[:3]))
        for hit, (title, tldr) in zip(
            found.hits, highlight_matches(texts, found.parts), strict=True
        )
    ]


def _topic_names(config: Config, language: Language) -> Mapping[str, str]:
    concepts = taxonomy.concepts_with_custom(config.directions)
    return {key: phrasing.concept_name(concept, language) for key, concept in concepts.items()}


def paper_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Show one work, as `tracker show` does. Raises NotFound."""
    work = hybrid_search.load_work(db, request.path_params["id"])
    abstract = to_plain_text(work.paper.abstract)
    sources = [sentence.source for sentence in work.summary.sentences]
    pieces = source_sentences.split_at_sources(abstract, sources)
    shown = {
        "work": work,
        "diffs": version_diff.diff_versions(work.paper),
        "abstract": pieces,
        "source_numbers": source_sentences.number_of(pieces),
    }
    return PageResponse("paper.jinja", {**shown, "names": _topic_names(config, request.language)})


def similar_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """List the works most similar to one. Raises NotFound, and IndexUnusable without an index."""
    _, paper = hybrid_search.find_work(db, request.path_params["id"])
    found = hybrid_search.find_similar(db, config, paper.id, _SIMILAR)
    return PageResponse(
        "similar.jinja", {"paper": paper, "hits": _build_hit_views(config, request, found)}
    )


def topics_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Show the map of the last thirty days with papers, and the themes of the newest week."""
    span = papers.announcement_span(db)
    until = min(request.now.date(), span[1]) if span else request.now.date()
    landscape = knowledge_map.load_knowledge_map(db, config, until)
    fresh = {change.position for change in landscape.changes if change.kind == "new"}
    shown = {"landscape": landscape, "days": knowledge_map.MAP_DAYS, "until": until, "fresh": fresh}
    return PageResponse("topics.jinja", {**shown, "names": _topic_names(config, request.language)})


def topic_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Show a topic and its latest papers. Raises NotFound."""
    key = request.path_params["key"]
    concept = taxonomy.concepts_with_custom(config.directions).get(key)
    if concept is None:
        raise NotFound("topic", key[:40], "The topics page lists all of them.")
    filters = hybrid_search.build_filter(topics=(key,), user_directions=config.directions)
    options = hybrid_search.SearchOptions(_HITS, filters)
    found = hybrid_search.search_papers(db, config, "", options, today=request.now.date())
    name = phrasing.concept_name(concept, request.language)
    hits = _build_hit_views(config, request, found)
    span = papers.announcement_span(db)
    until = min(request.now.date(), span[1]) if span else request.now.date()
    path = (
        reading_paths.load_path(db, concept, _PATH, language=request.language)
        if concept.kind == "direction"
        else None
    )
    shown = {"concept": concept, "name": name, "hits": hits, "path": path,
             "names": _topic_names(config, request.language)}  # fmt: skip
    return PageResponse("topic.jinja", {**shown, "growth": site_pages.load_growth(db, key, until)})
