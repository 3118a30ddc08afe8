"""Search as users get it: by words and meaning, or by words alone and a sentence saying why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from summarizer import Summary
from tracker.digest import revisions
from tracker.digest.ranking import venue
from tracker.digest.revisions import Change
from tracker.errors import IndexUnusable, NotAnId, NotFound
from tracker.models import Hit, Paper, PaperId, Tag
from tracker.pipeline import asking, summarising
from tracker.pipeline.indexing import current_encoder
from tracker.records import Acceptance, Attention
from tracker.search import engine, generation
from tracker.search.embedder import EncoderId, searcher
from tracker.search.engine import Semantic
from tracker.search.facets import category
from tracker.search.facets import topic as topic_key
from tracker.search.index import VectorIndex
from tracker.search.postings import Postings
from tracker.search.reranking import RERANKED, Reranker
from tracker.settings import Config, Direction
from tracker.store import acceptances, attention, boards, findings, papers
from tracker.store.boards import Standing
from tracker.store.database import Database
from tracker.store.expressions import Part
from tracker.store.filters import Facets, Filter
from tracker.topics import names, taxonomy

# A share of indexed papers from which on the rest, which came since, is not worth a word.
_MOST = 0.9


@dataclass(frozen=True, slots=True)
class Found:
    """Hits in order, what the reader should know about how they were found, and the words asked."""

    hits: tuple[Hit, ...]
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


def search(
    db: Database,
    config: Config,
    query: str,
    *,
    limit: int,
    only: Filter,
    today: date,
    by: str = "both",
    sort: str = "relevance",
) -> Found:
    """Search `by` "words", "meaning" or "both". Without a usable index it is by words, with a note.

    `sort` "date" gives the same `limit` best hits, the latest announced first. A reranker, where
    one is set, orders the best anew.
    Raises IndexUnusable when meaning alone was asked for and cannot be had.
    """
    semantic, notes = (None, ()) if by == "words" else _semantic(config, required=by == "meaning")
    asked = asking.read(db, query, today, config.directions)
    sought = asking.sought(db, only, asked)
    anew = config.search.reranker and sought.text
    hits = engine.search(
        db,
        sought.text,
        limit=max(limit, RERANKED) if anew else limit,
        only=sought.only,
        words=by != "meaning",
        semantic=semantic,
        postings=_postings(config),
    )
    if anew:
        hits = _reranker(config.search.reranker, config.http.offline).ordered(query, hits)[:limit]
    if sort == "date":
        hits.sort(key=_latest, reverse=True)
    if semantic and semantic.index.size < _MOST * papers.count(db):
        notes = (_partly(semantic.index.size, papers.count(db)),)
    if not hits and not papers.count(db):
        notes = ("There are no papers yet; `tracker crawl` or `tracker import FILE` gets some.",)
    return Found(_told(db, hits), notes, sought.only.matching.ranked)


def _partly(indexed: int, works: int) -> str:
    return (
        f"{indexed:,} of {works:,} papers are indexed, the others are found by words only;"
        " `tracker index` does the rest."
    )


def _latest(hit: Hit) -> tuple[date, date, str]:
    return hit.paper.announced, hit.paper.published, hit.paper.id


def _semantic(config: Config, *, required: bool) -> tuple[Semantic | None, tuple[str, ...]]:
    """Index and encoder; or, where they are not `required`, the reason why there are none."""
    try:
        encoder = searcher(config.embedding, config.models)
        index = _vectors(config.index, encoder.id, generation.stamp(config.index))
        return Semantic(index, encoder), ()
    except IndexUnusable as error:
        if required:
            raise
        return None, (f"Searching by words only. {error}",)


def _postings(config: Config) -> Postings | None:
    """The index of words, without which FTS5 ranks them, too."""
    try:
        return _words(config.postings, generation.stamp(config.postings))
    except IndexUnusable:
        return None


# Checking the files takes longer than a search: a program that asks often opens a generation once.
@lru_cache(maxsize=1)
def _vectors(folder: Path, space: EncoderId, _: generation.Stamp) -> VectorIndex:
    return VectorIndex.open(folder, space)


@lru_cache(maxsize=1)
def _words(folder: Path, _: generation.Stamp) -> Postings:
    return Postings.open(folder)


@lru_cache(maxsize=1)
def _reranker(model: str, offline: bool) -> Reranker:
    return Reranker(model, offline=offline)


def similar(db: Database, config: Config, key: str, limit: int) -> Found:
    """The works most like one, best first. Raises IndexUnusable and NotFound."""
    work, paper = find(db, key)
    space = current_encoder(db, config)
    if space is None:
        raise IndexUnusable("nothing has been embedded yet")
    index = _vectors(config.index, space[0], generation.stamp(config.index))
    hits = engine.similar(db, index, work, limit)
    if hits is None:
        raise IndexUnusable(f"{paper.id} is not in it yet")
    return Found(_told(db, hits))


def only(
    *,
    since: date | None = None,
    until: date | None = None,
    categories: tuple[str, ...] = (),
    topics: tuple[str, ...] = (),
    author: str = "",
    own: Mapping[str, Direction] = MappingProxyType({}),
) -> Filter:
    """A filter from what the user gave; `own` are directions of the user's own.

    Raises UsageError as the query's `topic:` and `cat:` do.
    """
    keys = tuple(topic_key(names.topics(taxonomy.with_own(own)), topic) for topic in topics)
    listed = tuple(map(category, categories))
    return Filter(since, until, Facets(categories=listed, topics=keys), author=author)


def find(db: Database, key: str) -> tuple[int, Paper]:
    """The work that an id, `arXiv:` id or address names, with its number. Raises NotFound."""
    try:
        wanted = PaperId.parse(key).key
    except ValueError:
        hint = "An id looks like 2403.01234; `tracker search` finds papers by words."
        raise NotAnId("paper", key, hint) from None
    known = papers.by_key(db, [wanted])
    if not known:
        raise NotFound("paper", wanted, "`tracker search` shows what there is.")
    return next(iter(known.items()))


@dataclass(frozen=True, slots=True)
class Work:
    """All that is known of one work."""

    paper: Paper
    url: str
    withdrawn: bool
    summary: Summary
    tags: tuple[Tag, ...]
    accepted: tuple[Acceptance, ...]
    attention: Attention | None
    models: tuple[str, ...]
    boards: tuple[Standing, ...]
    changes: tuple[Change, ...]


def show(db: Database, key: str) -> Work:
    """One work with its summary, tags and all that other sources tell of it. Raises NotFound."""
    number, paper = find(db, key)
    models = tuple(attention.models_of(db, paper.id))
    return Work(
        paper=paper,
        url=paper.url,
        withdrawn=paper.withdrawn,
        summary=summarising.glimpse(db, [paper])[paper.id],
        tags=tuple(findings.tags_of(db, [number]).get(number, [])),
        accepted=tuple(acceptances.of_work(db, paper.id)),
        attention=attention.of_work(db, paper.id),
        models=models,
        boards=tuple(boards.standings(db, models)),
        changes=tuple(revisions.of_paper(paper)),
    )


def _told(db: Database, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits with all that is shown of them."""
    numbers = papers.numbers(db, [hit.paper.id for hit in hits])
    said = summarising.sentences(db, {numbers[hit.paper.id]: hit.paper for hit in hits})
    accepted = acceptances.venues(db, numbers)
    tags = findings.tags_of(db, list(numbers.values()))
    return tuple(
        replace(
            hit,
            tldr=said[number],
            venue=accepted.get(hit.paper.id) or venue(hit.paper),
            topics=tuple(tag.name for tag in tags.get(number, ())),
        )
        for hit in hits
        for number in [numbers[hit.paper.id]]
    )
