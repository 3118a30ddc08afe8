"""From papers to what can be searched and grouped: vectors, the FAISS index, tags."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from tracker.errors import IndexUnusable
from tracker.models import Tag
from tracker.pipeline import Progress, silent, summarising
from tracker.search import index as faiss_index
from tracker.search import postings
from tracker.search.acronyms import FINDER, uses
from tracker.search.embedder import (
    Encoder,
    EncoderId,
    document_encoder,
    identity,
    searcher,
)
from tracker.settings import Config, Direction, Embedding
from tracker.store import acronyms, findings, papers, vectors
from tracker.store.database import Database
from tracker.topics import tagging, taxonomy
from tracker.topics.tagging import Tagger

# Papers embedded and committed at a time: a kill loses a few seconds of work at the most.
_SLICE = 256
_TAG_SLICE = 2048


@dataclass(frozen=True, slots=True)
class IndexingReport:
    """What an indexing did, and on what it ran."""

    embedded: int
    tagged: int
    indexed: int
    encoder: str
    runs_on: str


def index(
    db: Database,
    config: Config,
    *,
    since: date | None = None,
    until: date | None = None,
    progress: Progress = silent,
) -> IndexingReport:
    """Embed papers first listed in the span that have no current vector, then refresh the rest.

    Each slice is committed, so an indexing that was cut short goes on where it stopped.
    """
    encoder = document_encoder(config.embedding, config.models, offline=config.http.offline)
    number = vectors.encoder_number(db, encoder.id.model, encoder.id.revision, encoder.id.dimension)
    embedded = _embed(db, encoder, number, vectors.pending(db, number, since, until), progress)
    tagged = _tag(db, encoder, number, config, progress)
    _scan_acronyms(db, progress)
    summarising.prepare(db, progress)
    postings.refresh(config.postings, papers.digests(db), lambda works: papers.texts(db, works))
    refreshed = faiss_index.refresh(
        config.index,
        encoder.id,
        stored=vectors.digests(db, number),
        fetch=lambda works: vectors.batches(db, number, works),
    )
    return IndexingReport(
        embedded=embedded,
        tagged=tagged,
        indexed=refreshed.size,
        encoder=encoder.id.model,
        runs_on=f"{encoder.runs_on}; {faiss_index.runs_on()}",
    )


def _embed(
    db: Database, encoder: Encoder, number: int, works: Sequence[int], progress: Progress
) -> int:
    done = 0
    for chunk in _slices(works, _SLICE):
        found = papers.by_number(db, chunk)
        vectors.add(db, number, found, encoder.encode([paper.text for paper in found.values()]))
        done += len(found)
        progress("embed", done, len(works))
    return done


def _tag(db: Database, encoder: Encoder, number: int, config: Config, progress: Progress) -> int:
    concepts = taxonomy.with_own(config.directions)
    version = tagging.version(concepts)
    works = findings.untagged(db, version, number)
    tagger = Tagger(encoder.encode, encoder.id.model, concepts) if works else None
    for done, chunk in enumerate(_slices(works, _TAG_SLICE)):
        assert tagger is not None
        order, matrix = vectors.of_works(db, number, chunk)
        found = papers.by_number(db, [int(work) for work in order])
        tags = tagger.tag([(p.title, p.abstract) for p in found.values()], matrix)
        findings.add_tags(db, version, dict(zip(found, tags, strict=True)))
        progress("tag", min((done + 1) * _TAG_SLICE, len(works)), len(works))
    return len(works)


def _scan_acronyms(db: Database, progress: Progress) -> None:
    """Learn the acronyms of every work, embedded or not: words are searched in all of them."""
    works = acronyms.unscanned(db, FINDER)
    for done, chunk in enumerate(_slices(works, _TAG_SLICE)):
        texts = acronyms.texts(db, chunk)
        found = {n: (text.digest, uses(text.title, text.abstract)) for n, text in texts.items()}
        acronyms.add(db, FINDER, found)
        progress("acronyms", min((done + 1) * _TAG_SLICE, len(works)), len(works))


def _slices(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def current_encoder(db: Database, config: Config) -> tuple[EncoderId, int] | None:
    """The vector space of the model that is set, with its number, once something is in it."""
    known = identity(config.embedding, config.models)
    if known is None:
        return None
    number = vectors.find_encoder(db, known.model, known.revision, known.dimension)
    return None if number is None else (known, number)


def tag(config: Config, title: str, abstract: str) -> list[Tag]:
    """The tags of one text that need not be in the store; the first call may export the model."""
    own = tuple(config.directions.items())
    encoder, tagger = _tagging(config.embedding, config.models, config.http.offline, own)
    return tagger.tag([(title, abstract)], encoder.encode([f"{title}\n{abstract}"]))[0]


@lru_cache(maxsize=1)
def _tagging(
    settings: Embedding, models: Path, offline: bool, own: tuple[tuple[str, Direction], ...]
) -> tuple[Encoder, Tagger]:
    try:
        encoder = searcher(settings, models)
    except IndexUnusable:
        document_encoder(settings, models, offline=offline)
        encoder = searcher(settings, models)
    return encoder, Tagger(encoder.encode, encoder.id.model, taxonomy.with_own(dict(own)))
