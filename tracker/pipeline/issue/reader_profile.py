"""How papers are ranked, and for whom: weights, upvotes, and what readers follow and like."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from summarizer.text.sentences import to_plain_text
from tracker.calendar import Period
from tracker.digest.selection.ranked_papers import RankingContext
from tracker.digest.selection.reader_match import Interests
from tracker.pipeline.issue import sections
from tracker.pipeline.retrieval.index_refresh import current_encoder
from tracker.pipeline.retrieval.saved_searches import SavedSearches
from tracker.settings import Config, Ranking
from tracker.store import interests, papers, vectors
from tracker.store.database import Database
from tracker.store.interests import Owner

# Of a liked paper, so many first authors are remembered.
_LEADING_AUTHORS = 3
_Vectors = dict[int, tuple[str, NDArray[np.float32]]]


def load_ranking_context(db: Database, config: Config, period: Period) -> RankingContext:
    """Return how the issue for everyone is ranked, regardless of what any reader likes."""
    return RankingContext(
        weights=period_weights(config, period), upvotes=sections.load_upvotes(db, period)
    )


def home_interests(db: Database, config: Config, period: Period) -> Interests:
    """Return what the reader of this installation follows and has judged."""
    return load_interests(db, config, period, [None])[None]


def period_weights(config: Config, period: Period) -> Ranking:
    """Return the configured weights; in a monthly report, age does not count."""
    return replace(config.ranking, age=0.0) if period.kind == "month" else config.ranking


def load_interests(
    db: Database, config: Config, period: Period, owners: Collection[Owner]
) -> dict[Owner, Interests]:
    """Return what readers follow, with its matches in the period, and the works they judged.

    Everything is read, and each query searched, once for all of them.
    """
    searches = SavedSearches(db, config, period)
    followed, judged = (
        interests.saved_searches_by_owner(db, owners),
        interests.opinions_by_owner(db, owners),
    )
    known = _load_vectors(
        db, config, {opinion.work for opinions in judged.values() for opinion in opinions}
    )
    authors = papers.first_authors(db, (key for key, _ in known.values()), _LEADING_AUTHORS)
    found = dict[Owner, Interests]()
    for owner in owners:
        opinions = [opinion for opinion in judged[owner] if opinion.work in known]
        liked = dict(known[opinion.work] for opinion in opinions if opinion.liked)
        found[owner] = replace(
            searches.find_interests(followed[owner]),
            liked=liked,
            disliked=dict(known[opinion.work] for opinion in opinions if not opinion.liked),
            liked_authors={name: key for key in liked for name in authors.get(key, ())},
        )
    return found


def load_liked_titles(db: Database, known: Iterable[Interests]) -> dict[str, str]:
    """Return the titles of the works that these readers liked, by id."""
    liked = {key for reader in known for key in reader.liked}
    return {
        paper.id: to_plain_text(paper.title) for paper in papers.load_by_key(db, liked).values()
    }


def _load_vectors(db: Database, config: Config, works: Iterable[int]) -> _Vectors:
    """Return the id and vector of the works that have one, by number."""
    known = current_encoder(db, config)
    order, matrix = vectors.load_vectors(db, known and known[1], sorted(works))
    keys = papers.keys_by_number(db, order.tolist())
    return {n: (keys[n], row) for n, row in zip(order.tolist(), matrix, strict=True)}
