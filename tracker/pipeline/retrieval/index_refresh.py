"""Indexing: computes the vectors, tags, acronyms and index files of papers that lack them.

Public: `index_papers`, `continue_reembedding`, `IndexingReport`, `current_encoder`, `tag_text`,
`EmbedWorks`, `SLICE`, `REEMBEDDED`.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from tracker.errors import IndexUnusable
from tracker.models import Tag
from tracker.pipeline import Progress, silent
from tracker.pipeline.summarize import one_sentence
from tracker.search.encoder.select import (
    Encoder,
    EncoderId,
    find_encoder_id,
    load_document_encoder,
    shared_query_encoder,
)
from tracker.search.index import faiss_index, index_files, postings, vector_index
from tracker.search.index.index_files import Generation
from tracker.search.index.vector_index import RefreshReport
from tracker.search.query.acronym_definitions import FINDER_VERSION, find_uses
from tracker.settings import Config, Direction, Embedding
from tracker.store import acronyms, papers, summaries_and_tags, vectors
from tracker.store.database import Database
from tracker.topics import tagging, taxonomy
from tracker.topics.tagging import Tagger

# Papers embedded and committed at a time: an interruption loses at most a few seconds of work.
SLICE = 256
_TAG_SLICE = 2048
# Papers embedded with a new model at each check for due jobs: half a minute of work.
REEMBEDDED = 1000
# The index of a new model replaces the earlier one from this share of its papers on.
_COMPLETE = 0.95
# Stores the vectors of these works in the vector space of this number; returns how many.
EmbedWorks = Callable[[int, Sequence[int]], int]


@dataclass(frozen=True, slots=True)
class IndexingReport:
    """The counts of an indexing run, and the model and device that it used."""

    embedded: int
    tagged: int
    indexed: int
    encoder: str
    runs_on: str


def index_papers(
    db: Database,
    config: Config,
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Progress = silent,
    embed: EmbedWorks | None = None,
) -> IndexingReport:
    """Embed papers announced in the span that lack a current vector, then refresh all indexes.

    Each batch is committed, so a run after an interruption resumes where the last one stopped.
    `embed` computes and stores the vectors elsewhere. The vector index of an earlier model stays
    until nearly all of its papers have a vector of the new one.
    """
    started = time.monotonic()
    encoder = load_document_encoder(config.embedding, config.models, offline=config.http.offline)
    number = vectors.get_or_create_encoder(
        db, encoder.id.model, encoder.id.revision, encoder.id.dimension
    )
    works = vectors.works_without_vector(db, number, since, until)
    embedded = (
        embed(number, works) if embed else _embed_papers(db, encoder, number, works, progress)
    )
    tagged = _tag_papers(db, encoder, number, config, progress)
    _scan_acronyms(db, progress)
    postings.refresh(
        config.postings, papers.content_hashes(db), lambda works: papers.text_batches(db, works)
    )
    refreshed = _refresh_vectors(db, config.index, encoder.id, number)
    # Last: after an upgrade, lines take much longer than the indexes, and searches can do without.
    one_sentence.store_snippets(db, progress)
    facts = {
        "embedded": embedded, "tagged": tagged, "seconds": round(time.monotonic() - started, 3),
    }  # fmt: skip
    logging.getLogger(__name__).info("index refreshed", extra=asdict(refreshed) | facts)
    return IndexingReport(
        embedded=embedded,
        tagged=tagged,
        indexed=refreshed.size,
        encoder=encoder.id.model,
        runs_on=f"{encoder.runs_on}; {faiss_index.describe_device()}",
    )


def continue_reembedding(db: Database, config: Config, most: int = REEMBEDDED) -> int:
    """Embed up to `most` papers while an index of an earlier model serves; return how many.

    The newest come first. Once all are embedded, the new index takes the place of the earlier one.
    """
    known = find_encoder_id(config.embedding, config.models)
    if not _find_earlier_index(config.index, known):
        return 0
    encoder = load_document_encoder(config.embedding, config.models, offline=config.http.offline)
    number = vectors.get_or_create_encoder(
        db, encoder.id.model, encoder.id.revision, encoder.id.dimension
    )
    works = vectors.works_without_vector(db, number)
    if len(works) <= most:
        return index_papers(db, config).embedded
    return _embed_papers(db, encoder, number, works[:most], silent)


def _refresh_vectors(
    db: Database, folder: Path, encoder_id: EncoderId, number: int
) -> RefreshReport:
    """Bring the vector index up to date, unless that would replace a much larger one."""
    earlier = _find_earlier_index(folder, encoder_id)
    embedded = vectors.coverage(db, number).embedded if earlier else 0
    if earlier and embedded < _COMPLETE * earlier.count:
        return RefreshReport(embedded)
    return vector_index.refresh(
        folder,
        encoder_id,
        stored=vectors.text_hashes(db, number),
        fetch=lambda works: vectors.vector_batches(db, number, works),
    )


def _find_earlier_index(folder: Path, encoder_id: EncoderId | None) -> Generation | None:
    """Return the current generation of the index if it is of another model."""
    try:
        found = index_files.read_generation(folder)
    except IndexUnusable:
        return None
    return None if found.id == encoder_id else found


def _embed_papers(
    db: Database, encoder: Encoder, number: int, works: Sequence[int], progress: Progress
) -> int:
    done = 0
    for chunk in _split_batches(works, SLICE):
        found = papers.load_by_number(db, chunk)
        vectors.store_vectors(
            db, number, found, encoder.encode([paper.text for paper in found.values()])
        )
        done += len(found)
        progress("embed", done, len(works))
    return done


def _tag_papers(
    db: Database, encoder: Encoder, number: int, config: Config, progress: Progress
) -> int:
    concepts = taxonomy.concepts_with_custom(config.directions)
    version = tagging.tagging_version(concepts)
    works = summaries_and_tags.list_untagged_works(db, version, number)
    tagger = Tagger(encoder.encode, encoder.id.model, concepts) if works else None
    for done, chunk in enumerate(_split_batches(works, _TAG_SLICE)):
        assert tagger is not None
        order, matrix = vectors.load_vectors(db, number, chunk)
        found = papers.load_by_number(db, [int(work) for work in order])
        tags = tagger.tag([(p.title, p.abstract) for p in found.values()], matrix)
        summaries_and_tags.store_tags(db, version, dict(zip(found, tags, strict=True)))
        progress("tag", min((done + 1) * _TAG_SLICE, len(works)), len(works))
    return len(works)


def _scan_acronyms(db: Database, progress: Progress) -> None:
    """Store the acronyms of every work, embedded or not: a search by words covers all of them."""
    works = acronyms.list_unscanned_works(db, FINDER_VERSION)
    for done, chunk in enumerate(_split_batches(works, _TAG_SLICE)):
        texts = acronyms.load_texts(db, chunk)
        found = {
            n: (text.digest, find_uses(text.title, text.abstract)) for n, text in texts.items()
        }
        acronyms.store_uses(db, FINDER_VERSION, found)
        progress("acronyms", min((done + 1) * _TAG_SLICE, len(works)), len(works))


def _split_batches(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def current_encoder(db: Database, config: Config) -> tuple[EncoderId, int] | None:
    """Return the configured encoder and its number, or None before it has embedded any paper."""
    known = find_encoder_id(config.embedding, config.models)
    if known is None:
        return None
    number = vectors.find_encoder(db, known.model, known.revision, known.dimension)
    return None if number is None else (known, number)


def tag_text(config: Config, title: str, abstract: str) -> list[Tag]:
    """Return the tags of a text that need not be stored; the first call may export the model."""
    directions = tuple(config.directions.items())
    encoder, tagger = _load_tagger(config.embedding, config.models, config.http.offline, directions)
    return tagger.tag([(title, abstract)], encoder.encode([f"{title}\n{abstract}"]))[0]


@lru_cache(maxsize=1)
def _load_tagger(
    settings: Embedding, models: Path, offline: bool, directions: tuple[tuple[str, Direction], ...]
) -> tuple[Encoder, Tagger]:
    try:
        encoder = shared_query_encoder(settings, models)
    except IndexUnusable:
        load_document_encoder(settings, models, offline=offline)
        encoder = shared_query_encoder(settings, models)
    return encoder, Tagger(
        encoder.encode, encoder.id.model, taxonomy.concepts_with_custom(dict(directions))
    )
