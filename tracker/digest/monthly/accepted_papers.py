"""Where the papers of a month were accepted, as they say themselves.

Public: `count_accepted`.
"""

import re
from collections.abc import Mapping, Sequence

from summarizer.text.sentences import to_plain_text
from tracker.digest.monthly.month_parts import DirectionPaper, VenueCount
from tracker.models import Pick

# "ICLR 2026", "CVPR2026", "iclr 2026": without a year nobody can tell which one it was.
_VENUE = re.compile(r"\W*(\D+?)\W*(20\d\d)\W*$")
_LEAST, _MOST, _BEST = 3, 8, 2


def count_accepted(
    venues: Mapping[str, Sequence[str]], picks: Sequence[Pick]
) -> tuple[VenueCount, ...]:
    """Return the venues with most papers; `venues` are ids by venue, `picks` ranked papers."""
    merged: dict[str, tuple[str, set[str]]] = {}
    for written, ids in venues.items():
        if match := _VENUE.match(written):
            label = f"{match[1]} {match[2]}"
            key = re.sub(r"\W", "", label).upper()
            name, known = merged.get(key, (label, set()))
            merged[key] = (max(name, label, key=_capitals), known | set(ids))
    counted = [
        VenueCount(name, len(ids), _best_of(ids, picks))
        for name, ids in merged.values()
        if len(ids) >= _LEAST
    ]
    return tuple(sorted(counted, key=lambda venue: (-venue.papers, venue.venue))[:_MOST])


def _capitals(name: str) -> tuple[int, str]:
    return sum(character.isupper() for character in name), name


def _best_of(ids: set[str], picks: Sequence[Pick]) -> tuple[DirectionPaper, ...]:
    found = [pick.paper for pick in picks if pick.paper.id in ids][:_BEST]
    return tuple(DirectionPaper(p.id, p.url, to_plain_text(p.title)) for p in found)
