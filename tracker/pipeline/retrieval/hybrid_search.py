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
from summarizer.text.sentences import to_plain_text
from tracker.digest.period import revisions
from tracker.errors import IndexUnusable, NotAnId, NotFound
from tracker.models import Hit, Paper, Tag
from tracker.pipeline.retrieval import known_item, query_plan, related_works
from tracker.pipeline.retrieval.known_item import PastedWorks
from tracker.pipeline.retrieval.query_plan import QueryPlan
from tracker.pipeline.retrieval.related_works import LinkedWork
from tracker.pipeline.retrieval.spell_check import Correction, correct_query
from tracker.pipeline.summarize import one_sentence
from tracker.records import Acceptance, Popularity, TrendingPaper
from tracker.search import engine
from tracker.search.encoder.select import (
    Encoder,
    EncoderId,
    find_encoder_id,
    shared_encoder_of_space,
    shared_query_encoder,
)
from tracker.search.engine import SemanticSearch
from tracker.search.index import index_files, vector_index
from tracker.search.index.postings import Postings
from tracker.search.index.protocol import VectorReader
from tracker.search.query.filter_terms import parse_category
from tracker.search.query.filter_terms import parse_topic as topic_key
from tracker.search.query_adapter import load_adapter
from tracker.search.reranking import RERANK_COUNT, Reranker
from tracker.settings import Config, Direction, Embedding
from tracker.store import (
    acceptances,
    boards,
    citation_links,
    papers,
    popularity,
    second_hand,
    summaries_and_tags,
)
from tracker.store.boards import Standing
from tracker.store.database import Database
from tracker.store.fts_query import MatchClause
from tracker.store.paper_filters import Facets, Filter
from tracker.store.second_hand import SecondHandMark
from tracker.topics import taxonomy, topic_names

# Below this share of indexed papers the results carry a note about those not indexed yet.
_INDEXED_SHARE = 0.9
# Below this cosine of the bundled model a work that matches no word has nothing to do with a query:
# the best of 15,069 papers for questions about cooking or football have 0.19 to 0.28, the tenth of
# those for questions about research 0.28 to 0.56. Other models have other scales.
_LEAST_COSINE = 0.28


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How to search.

    `mode` is "words", "meaning" or "both"; `sort` is "relevance", or "date" for the same `limit`
    best hits with the latest announced first. A `single` search is the only one of its process, so
    that what starts sooner is better than what searches faster.
    """

    limit: int
    filters: Filter = field(default_factory=Filter)
    mode: str = "both"
    sort: str = "relevance"
    single: bool = False


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

    A query that has ids or addresses of papers finds these, then what is similar to a single one.
    A reranker, if the settings name one, reorders the best hits. Raises UsageError for a filter in
    the query that cannot be read, and IndexUnusable when a search by meaning only has no index.
    """
    pasted = known_item.find_pasted_works(db, query)
    if (pasted.hits or pasted.is_all) and not options.filters.is_restrictive:
        return _pasted_results(db, config, options, pasted)
    semantic, notes = _load_semantic(config, options)
    titled = known_item.find_by_title(db, query, options.filters)
    query = known_item.without_reference(query, titled)
    correction = Correction(query) if titled else correct_query(db, query)
    parsed = query_plan.parse_query(db, correction.query, today, config.directions)
    plan = query_plan.plan_query(db, options.filters, parsed)
    hits = _rank(db, config, query, plan, options, semantic)
    hits = known_item.put_first(titled, hits)[: options.limit]
    if options.sort == "date":
        hits.sort(key=_date_sort_key, reverse=True)
    notes = (
        *known_item.missing_notes(pasted.missing),
        *_correction_notes(correction),
        *_state_notes(db, semantic, hits, notes),
        *(_nearest_notes(db, plan, semantic) if semantic and not hits else ()),
    )
    return SearchResults(_with_details(db, hits), notes, plan.filters.fts_query.ranked)


def _rank(
    db: Database, config: Config, query: str, plan: QueryPlan, options: SearchOptions,
    semantic: SemanticSearch | None,
) -> list[Hit]:  # fmt: skip
    """Return the best hits; a reranker, if there is one, orders the first of them."""
    reranks = bool(config.search.reranker and plan.text)
    cites = bool(plan.text) and options.mode == "both" and citation_links.has_links(db)
    hits = engine.search(
        db,
        plan.text,
        limit=max(options.limit, RERANK_COUNT) if reranks or cites else options.limit,
        filters=plan.filters,
        words=options.mode != "meaning",
        semantic=semantic,
        postings=_load_postings(config),
    )
    if cites:
        hits = related_works.credit_cited(db, hits, plan.filters)
    if reranks:
        hits = _load_reranker(config.search.reranker, config.http.offline).rerank(query, hits)
    return hits[: options.limit]


def _nearest_notes(db: Database, plan: QueryPlan, semantic: SemanticSearch) -> tuple[str, ...]:
    """Return the work that comes nearest to a query that nothing matches."""
    anything = replace(semantic, least_cosine=-1.0)
    nearest = engine.search(db, plan.text, limit=1, filters=plan.filters, semantic=anything)
    return tuple(
        f"The nearest paper is {hit.paper.id}, “{to_plain_text(hit.paper.title)}”."
        for hit in nearest
    )


def _correction_notes(correction: Correction) -> tuple[str, ...]:
    if not correction.replaced:
        return ()
    words = ", ".join(word for word, _ in correction.replaced)
    return (f"Searched for “{correction.query}”: hardly any paper here has {words}. Put a word in"
            " quotation marks to search for it as it is.",)  # fmt: skip


def _pasted_results(
    db: Database,
    config: Config,
    options: SearchOptions,
    pasted: PastedWorks,
) -> SearchResults:
    """Return the works that the query names; for a single one, then those most similar to it."""
    notes = known_item.missing_notes(pasted.missing)
    hits = [*pasted.hits]
    if len(hits) == 1 and len(hits) < options.limit and options.mode != "words":
        try:
            similar = find_similar(db, config, hits[0].paper.id, options.limit - 1).hits
        except IndexUnusable as error:
            return SearchResults(_with_details(db, hits), (*notes, f"No similar papers. {error}"))
        hits += similar
    return SearchResults(_with_details(db, hits[: options.limit]), notes)


def _state_notes(
    db: Database, semantic: SemanticSearch | None, hits: Sequence[Hit], notes: tuple[str, ...]
) -> tuple[str, ...]:
    """Return `notes` and one on papers that are not indexed, or only that there are no papers."""
    # Counting works takes longer than a search of millions; there are never more than this.
    most = papers.last_number(db)
    if not hits and not most:
        return ("There are no papers yet; `tracker crawl` or `tracker import FILE` gets some.",)
    if not semantic or semantic.index.count >= _INDEXED_SHARE * most:
        return notes
    works = papers.count_works(db)
    if semantic.index.count >= _INDEXED_SHARE * works:
        return notes
    return (*notes, _partial_index_note(semantic.index.count, works))


def _partial_index_note(indexed: int, works: int) -> str:
    return (
        f"{indexed:,} of {works:,} papers are indexed, the others are found by words only;"
        " `tracker index` does the rest."
    )


def _date_sort_key(hit: Hit) -> tuple[date, date, str]:
    return hit.paper.announced, hit.paper.published, hit.paper.id


def _load_semantic(
    config: Config, options: SearchOptions
) -> tuple[SemanticSearch | None, tuple[str, ...]]:
    """Return index and encoder, or the reason why there are none, unless the mode requires them."""
    if options.mode == "words":
        return None, ()
    try:
        encoder = shared_query_encoder(config.embedding, config.models, single=options.single)
        index = _open_vectors(
            config.index, encoder.id, index_files.folder_fingerprint(config.index)
        )
        return _semantic_search(config, index, encoder), ()
    except IndexUnusable as error:
        previous = _load_previous(config)
        if previous:
            return previous, (_previous_model_note(config, previous),)
        if options.mode == "meaning":
            raise
        return None, (f"Searching by words only. {error}",)


def _semantic_search(config: Config, index: VectorReader, encoder: Encoder) -> SemanticSearch:
    bundled = encoder.id == find_encoder_id(Embedding(), config.models)
    if not bundled:
        return SemanticSearch(index, encoder)
    return SemanticSearch(index, encoder, _LEAST_COSINE, load_adapter())


def _load_previous(config: Config) -> SemanticSearch | None:
    """Return the index of an earlier model, which serves until that of the new one is complete."""
    try:
        space = index_files.read_generation(config.index).id
        encoder = shared_encoder_of_space(space, config.models)
        fingerprint = index_files.folder_fingerprint(config.index)
        return _semantic_search(config, _open_vectors(config.index, space, fingerprint), encoder)
    except IndexUnusable:
        return None


def _previous_model_note(config: Config, previous: SemanticSearch) -> str:
    return (
        f"Searching with the earlier model {previous.encoder.id.model} until `tracker index` has"
        f" prepared all papers for {config.embedding.model}."
    )


def _load_postings(config: Config) -> Postings | None:
    """Return the index of words, or None, in which case FTS5 ranks the works."""
    try:
        return _open_postings(config.postings, index_files.folder_fingerprint(config.postings))
    except IndexUnusable:
        return None


# Verifying the files takes longer than a search: each generation is opened once per process.
@lru_cache(maxsize=1)
def _open_vectors(folder: Path, space: EncoderId, _: index_files.Fingerprint) -> VectorReader:
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
    space = index_files.read_generation(config.index).id
    index = _open_vectors(config.index, space, index_files.folder_fingerprint(config.index))
    hits = related_works.find_related(db, index, work, paper.id, limit)
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
    author.encode()  # bytes that are no text are an error, not a name without letters
    return Filter(since, until, Facets(categories=listed, topics=keys), author=author)


def find_work(db: Database, key: str) -> tuple[int, Paper]:
    """Return number and paper of an id, an address, or a reference with one.

    Raises NotFound and NotAnId.
    """
    paper_id = known_item.find_single_id(db, key)
    if not paper_id:
        hint = "An id looks like 2403.01234; `tracker search` finds papers by words."
        raise NotAnId("paper", key, hint)
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
    changes: tuple[revisions.NumberChange, ...]
    builds_on: tuple[LinkedWork, ...]
    built_on_by: tuple[LinkedWork, ...]
    second_hand: SecondHandMark | None = None
    trending: TrendingPaper | None = None


def load_work(db: Database, key: str) -> WorkDetails:
    """Return one work with its summary, tags and data from other sources. Raises NotFound."""
    from tracker.pipeline.summarize import summaries  # not needed by a search

    number, paper = find_work(db, key)
    models = tuple(popularity.model_names_for_work(db, paper.id))
    builds_on, built_on_by = related_works.load_links(db, paper.id)
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
        builds_on=builds_on,
        built_on_by=built_on_by,
        second_hand=second_hand.source_of(db, paper.id),
        trending=popularity.newest_trend(db, paper.id),
    )


def _with_details(db: Database, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the hits with their sentence, venue and topics."""
    numbers = papers.numbers_by_key(db, [hit.paper.id for hit in hits])
    snippets = one_sentence.load_snippets(db, {numbers[hit.paper.id]: hit.paper for hit in hits})
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
