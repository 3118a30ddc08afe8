"""How this home ranks, and for whom: weights, what its reader follows and likes, and upvotes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from summarizer.text import plain
from tracker.calendar import Period
from tracker.digest.material import Taste
from tracker.digest.reader import Interests
from tracker.pipeline import following, surroundings
from tracker.pipeline.indexing import current_encoder
from tracker.settings import Config, Ranking
from tracker.store import interests, papers, vectors
from tracker.store.database import Database

# Papers of a period that one saved search may bring.
_PER_QUERY = 20


def taste_of(db: Database, config: Config, period: Period) -> Taste:
    """The taste of the reader whose home this is."""
    return Taste(
        weights=_weights(config, period),
        interests=interests_of(db, config, period),
        attention=surroundings.upvotes(db, period),
    )


def _weights(config: Config, period: Period) -> Ranking:
    """The weights that are set; a report looks back on all of its month alike."""
    return replace(config.ranking, age=0.0) if period.kind == "month" else config.ranking


def interests_of(db: Database, config: Config, period: Period) -> Interests:
    """What the reader follows, with what of it the period has, and the works they have judged."""
    found = following.matches(db, config, period.start, period.end, limit=_PER_QUERY)
    opinions = interests.opinions(db)
    return Interests(
        queries={one.followed.name: frozenset(hit.paper.id for hit in one.hits) for one in found},
        liked=_vectors(db, config, (o.paper.id for o in opinions if o.liked)),
        disliked=_vectors(db, config, (o.paper.id for o in opinions if not o.liked)),
    )


def liked_titles(db: Database) -> dict[str, str]:
    """The titles of the works that the reader liked, by id."""
    return {o.paper.id: plain(o.paper.title) for o in interests.opinions(db) if o.liked}


def _vectors(
    db: Database, config: Config, keys: Iterable[str]
) -> Mapping[str, NDArray[np.float32]]:
    known = current_encoder(db, config)
    works = papers.by_key(db, keys)
    order, matrix = vectors.of_works(db, known and known[1], list(works))
    return {works[int(number)].id: row for number, row in zip(order, matrix, strict=True)}
