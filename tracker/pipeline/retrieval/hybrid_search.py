"""Hybrid search by words and meaning; by words only, with a note saying why, without an index.

Public: `search_papers`, `SearchOptions`, `SearchResults`, `build_filter`, `find_similar`,
`find_work`, `load_work`, `WorkDetails`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from summarizer import Summary
from tracker.digest import revisions
from tracker.digest.revisions import NumberChange
from tracker.errors import IndexUnusable, NotAnId, NotFound
from tracker.models import Hit, Paper, PaperId, Tag
from tracker.pipeline.retrieval import query_plan
from tracker.pipeline.retrieval.index_refresh import current_encoder
from tracker.pipeline.summarize import summaries
from tracker.records import Acceptance, Popularity
from tracker.search import engine
from tracker.search.encoder.select import EncoderId, shared_query_encoder
from tracker.search.engine import SemanticSearch
from tracker.search.index import index_files, vector_index
from tracker.search.index.postings import Postings
from tracker.search.index.protocol import VectorStore
from tracker.search.query.filter_terms import parse_category
from tracker.search.query.filter_terms import parse_topic as topic_key
from tracker.search.reranking import RERANK_COUNT, Reranker
from tracker.settings import Config, Direction
from tracker.store import acceptances, boards, papers, popularity, summaries_and_tags
from tracker.store.boards import Standing
from tracker.store.database import Database
from tracker.store.fts_query import MatchClause
from tracker.store.paper_filters import Facets, Filter
from tracker.topics import taxonomy, topic_names

# Below this share of indexed papers the results carry a note about those not indexed yet.
_INDEXED_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How to search.

    `mode` is "words", "meaning" or "both"; `sort` is "relevance", or "date" for the same `limit`
    best hits with the latest announced first.
    """

    limit: int
    filters: Filter = field(default_factory=Filter)
    mode: str = "both"
    sort: str = "relevance"


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Hits in order, notes on how they were found, and the words that the search ranked by."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
    parts: tuple[MatchClause, ...] = ()


def search_papers(
    db: Database,
    config: Config,
    query: str,
    options: SearchOptions,
    *,
    today: date,
) -> SearchResults:
    """Return the works that best match a query; without a usable index by words only, with a note.

    A reranker, if the settings name one, reorders the best hits. Raises UsageError for a filter in
    the query that cannot be read, and IndexUnusable when a search by meaning only has no index.
    """
    semantic, notes = _load_semantic(config, options.mode)
    parsed = query_plan.parse_query(db, query, today, config.directions)
    plan = query_plan.plan_query(db, options.filters, parsed)
    reranks = bool(config.search.reranker and plan.text)
    hits = engine.search(
        db,
        plan.text,
        limit=max(options.limit, RERANK_COUNT) if reranks else options.limit,
        filters=plan.filters,
        words=options.mode != "meaning",
        semantic=semantic,
        postings=_load_postings(config),
    )
    if reranks:
        reranker = _load_reranker(config.search.reranker, config.http.offline)
        hits = reranker.rerank(query, hits)[: options.limit]
    if options.sort == "date":
        hits.sort(key=_date_sort_key, reverse=True)
    notes = _coverage_notes(db, semantic, hits) or notes
    return SearchResults(_with_details(db, hits), notes, plan.filters.fts_query.ranked)


def _coverage_notes(
    db: Database, semantic: SemanticSearch | None, hits: Sequence[Hit]
) -> tuple[str, ...]:
    """Return the note on papers that are not indexed yet, or on a store without papers."""
    works = papers.count_works(db)
    if not hits and not works:
        return ("There are no papers yet; `tracker crawl` or `tracker import FILE` gets some.",)
    if semantic and semantic.index.count < _INDEXED_SHARE * works:
        return (_partial_index_note(semantic.index.count, works),)
    return ()


def _partial_index_note(indexed: int, works: int) -> str:
    return (
        f"{indexed:,} of {works:,} papers are indexed, the others are found by words only;"
        " `tracker index` does the rest."
    )


def _date_sort_key(hit: Hit) -> tuple[date, date, str]:
    return hit.paper.announced, hit.paper.published, hit.paper.id


def _load_semantic(config: Config, mode: str) -> tuple[SemanticSearch | None, tuple[str, ...]]:
    """Return index and encoder, or the reason why there are none, unless the mode requires them."""
    if mode == "words":
        return None, ()
    try:
        encoder = shared_query_encoder(config.embedding, config.models)
        index = _open_vectors(
            config.index, encoder.id, index_files.folder_fingerprint(config.index)
        )
        return SemanticSearch(index, encoder), ()
    except IndexUnusable as error:
        if mode == "meaning":
            raise
        return None, (f"Searching by words only. {error}",)


def _load_postings(config: Config) -> Postings | None:
    """Return the index of words, or None, in which case FTS5 ranks the works."""
    try:
        return _open_postings(config.postings, index_files.folder_fingerprint(config.postings))
    except IndexUnusable:
        return None


# Verifying the files takes longer than a search: each generation is opened once per process.
@lru_cache(maxsize=1)
def _open_vectors(folder: Path, space: EncoderId, _: index_files.Fingerprint) -> VectorStore:
    return vector_index.open_index(folder, space)


@lru_cache(maxsize=1)
def _open_postings(folder: Path, _: index_files.Fingerprint) -> Postings:
    return Postings.open(folder)


@lru_cache(maxsize=1)
def _load_reranker(model: str, offline: bool) -> Reranker:
    return Reranker(model, offline=offline)


def find_similar(db: Database, config: Config, key: str, limit: int) -> SearchResults:
    """Return the works most similar to one, best first. Raises IndexUnusable and NotFound."""
    work, paper = find_work(db, key)
    space = current_encoder(db, config)
    if space is None:
        raise IndexUnusable("nothing has been embedded yet")
    index = _open_vectors(config.index, space[0], index_files.folder_fingerprint(config.index))
    hits = engine.find_similar(db, index, work, limit)
    if hits is None:
        raise IndexUnusable(f"{paper.id} is not in it yet")
    return SearchResults(_with_details(db, hits))


def build_filter(
    *,
    since: date | None = None,
    until: date | None = None,
    categories: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    author: str = "",
    user_directions: Mapping[str, Direction] = MappingProxyType({}),
) -> Filter:
    """Return the filter of the given options; `user_directions` are the directions in the settings.

    Raises UsageError as `topic:` and `cat:` in a query do.
    """
    keys = tuple(
        topic_key(topic_names.topics_by_name(taxonomy.concepts_with_custom(user_directions)), topic)
        for topic in topics
    )
    listed = tuple(map(parse_category, categories))
    return Filter(since, until, Facets(categories=listed, topics=keys), author=author)


def find_work(db: Database, key: str) -> tuple[int, Paper]:
    """Return number and paper of an id, `arXiv:` id or address. Raises NotFound and NotAnId."""
    try:
        paper_id = PaperId.parse(key).key
    except ValueError:
        hint = "An id looks like 2403.01234; `tracker search` finds papers by words."
        raise NotAnId("paper", key, hint) from None
    known = papers.load_by_key(db, [paper_id])
    if not known:
        raise NotFound("paper", paper_id, "`tracker search` shows what there is.")
    return next(iter(known.items()))


@dataclass(frozen=True, slots=True)
class WorkDetails:
    """Everything the store has about one work."""

    paper: Paper
    url: str
    withdrawn: bool
    summary: Summary
    tags: tuple[Tag, ...]
    accepted: tuple[Acceptance, ...]
    attention: Popularity | None
    models: tuple[str, ...]
    boards: tuple[Standing, ...]
    changes: tuple[NumberChange, ...]


def load_work(db: Database, key: str) -> WorkDetails:
    """Return one work with its summary, tags and data from other sources. Raises NotFound."""
    number, paper = find_work(db, key)
    models = tuple(popularity.model_names_for_work(db, paper.id))
    return WorkDetails(
        paper=paper,
        url=paper.url,
        withdrawn=paper.withdrawn,
        summary=summaries.load_summaries(db, [paper])[paper.id],
        tags=tuple(summaries_and_tags.tags_for_works(db, [number]).get(number, [])),
        accepted=tuple(acceptances.for_work(db, paper.id)),
        attention=popularity.upvotes_for_work(db, paper.id),
        models=models,
        boards=tuple(boards.standings(db, models)),
        changes=tuple(revisions.list_number_changes(paper)),
    )


def _with_details(db: Database, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the hits with their sentence, venue and topics."""
    numbers = papers.numbers_by_key(db, [hit.paper.id for hit in hits])
    snippets = summaries.load_snippets(db, {numbers[hit.paper.id]: hit.paper for hit in hits})
    accepted = acceptances.venue_labels(db, numbers)
    tags = summaries_and_tags.tags_for_works(db, list(numbers.values()))
    return tuple(
        replace(
            hit,
            tldr=snippets[number],
            venue=accepted.get(hit.paper.id) or hit.paper.facts.venue,
            topics=tuple(tag.name for tag in tags.get(number, ())),
        )
        for hit in hits
        for number in [numbers[hit.paper.id]]
    )
