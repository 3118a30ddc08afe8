"""A period ready to be composed: its papers ranked, its numbers, and where papers were accepted.

`build_period_data` computes it from what `tracker.digest.period.period_records` has read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tracker.calendar import Period
from tracker.digest.document import PeriodCounts
from tracker.digest.period.period_counts import count_period
from tracker.digest.period.period_records import PeriodRecords
from tracker.digest.selection.ranked_papers import (
    RankedPapers,
    RankingContext,
    previous_theme_sizes,
    rank_span,
)
from tracker.topics import taxonomy
from tracker.topics.naming.theme_names import ThemeNamer
from tracker.topics.taxonomy import Concept


@dataclass(frozen=True, slots=True)
class PeriodData:
    """A period, its papers ranked, its counts, and venues that accepted papers, by paper id.

    `namer` tells which papers the name of a theme fits, if known; `new_themes` are the positions of
    the clusters that continue no earlier theme.
    """

    period: Period
    ranked: RankedPapers
    counts: PeriodCounts
    venues: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, Concept] = field(default_factory=taxonomy.load_concepts)
    namer: ThemeNamer | None = None
    new_themes: frozenset[int] = frozenset()


def build_period_data(
    records: PeriodRecords,
    context: RankingContext,
    concepts: Mapping[str, Concept],
    known_centroids: NDArray[np.float32] | None = None,
) -> PeriodData:
    """Cluster, rank and count the papers of a period.

    Clustering starts from the centroids (m, d) of known topics, if any.
    """
    ranked = rank_span(records.span, context, known_centroids)
    ranked = replace(ranked, previous_sizes=previous_theme_sizes(ranked, records.earlier))
    counts = count_period(records, concepts)
    return PeriodData(records.period, ranked, counts, records.venues, concepts)
