"""How papers are ranked, and for whom: weights, upvotes, and what readers follow and like."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from summarizer.text import plain
from tracker.calendar import Period
from tracker.digest.material import Taste
from tracker.digest.reader import Interests
from tracker.pipeline import surroundings
from tracker.pipeline.following import Searches
from tracker.pipeline.indexing import current_encoder
from tracker.settings import Config, Ranking
from tracker.store import interests, papers, vectors
from tracker.store.database import Database
from tracker.store.interests import Owner

_Vectors = dict[int, tuple[str, NDArray[np.float32]]]


def taste_of(db: Database, config: Config, period: Period) -> Taste:
    """How an issue that goes to everybody is ranked: what the home's reader likes has no part."""
    return Taste(weights=weights_of(config, period), attention=surroundings.upvotes(db, period))


def home_interests(db: Database, config: Config, period: Period) -> Interests:
    """What the reader whose home this is follows and has judged."""
    return interests_of(db, config, period, [None])[None]


def weights_of(config: Config, period: Period) -> Ranking:
    """The weights that are set; a report looks back on all of its month alike."""
    return replace(config.ranking, age=0.0) if period.kind == "month" else config.ranking


def interests_of(
    db: Database, config: Config, period: Period, owners: Collection[Owner]
) -> dict[Owner, Interests]:
    """What readers follow, with what of it the period has, and the works they have judged.

    Everything is read, and each query looked for, once for all of them.
    """
    searches = Searches(db, config, period)
    followed, judged = interests.followed(db, owners), interests.judged(db, owners)
    known = _vectors(db, config, {one.work for ones in judged.values() for one in ones})
    return {
        owner: replace(
            searches.interests(followed[owner]),
            liked=dict(known[o.work] for o in judged[owner] if o.liked and o.work in known),
            disliked=dict(known[o.work] for o in judged[owner] if not o.liked and o.work in known),
        )
        for owner in owners
    }


def titles(db: Database, known: Iterable[Interests]) -> dict[str, str]:
    """The titles of all works that these readers liked, by id."""
    liked = {key for one in known for key in one.liked}
    return {paper.id: plain(paper.title) for paper in papers.by_key(db, liked).values()}


def _vectors(db: Database, config: Config, works: Iterable[int]) -> _Vectors:
    """Id and vector of those works that have one, by number."""
    known = current_encoder(db, config)
    order, matrix = vectors.of_works(db, known and known[1], sorted(works))
    keys = papers.keys(db, order.tolist())
    return {n: (keys[n], row) for n, row in zip(order.tolist(), matrix, strict=True)}
