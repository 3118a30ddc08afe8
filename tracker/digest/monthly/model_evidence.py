"""Which papers introduce the models on hubs and leaderboards, each with its evidence.

Public: `TitledWork`, `BoardSpan`, `find_model_evidence`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tracker.digest.board_ranks import RankRange, rank_ranges
from tracker.digest.monthly.month_parts import ModelEvidence
from tracker.digest.monthly.system_names import (
    is_distinctive,
    is_version_of,
    name_parts,
    system_name,
)
from tracker.models import BoardSnapshot
from tracker.records import ModelCard
from tracker.sources.formats.boards.model_names import parse_identity

_HUB = "https://huggingface.co/"
_MOST = 12


@dataclass(frozen=True, slots=True)
class TitledWork:
    """A work: its id, its title, and the address of the model that it links to, or ""."""

    id: str
    title: str
    model_link: str


@dataclass(frozen=True, slots=True)
class BoardSpan:
    """The newest snapshot of a board, and an earlier one, if there is one."""

    newest: BoardSnapshot
    earlier: BoardSnapshot | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A model on a board, with the ranks that it can have now and could have before."""

    board: str
    day: date
    now: RankRange
    before: RankRange | None
    license: str


def find_model_evidence(
    works: Sequence[TitledWork], cards: Sequence[ModelCard], boards: Sequence[BoardSpan]
) -> tuple[ModelEvidence, ...]:
    """Return the models that a work introduces and that a hub or board lists, best rank first."""
    places = [place for span in boards for place in _places(span)]
    found = [evidence for work in works for evidence in _evidence_of(work, cards, places)]
    found.sort(key=lambda one: (one.best or 10_000, -(one.downloads or 0), one.paper))
    return tuple(found[:_MOST])


def _places(span: BoardSpan) -> Iterator[_Place]:
    before: Mapping[object, RankRange] = {
        parse_identity(found.model): found for found in _comparable_ranks(span)
    }
    licenses = {row.model: row.license for row in span.newest.rows}
    for found in rank_ranges(span.newest.rows):
        yield _Place(
            span.newest.board,
            span.newest.day,
            found,
            before.get(parse_identity(found.model)),
            licenses[found.model],
        )


def _comparable_ranks(span: BoardSpan) -> Sequence[RankRange]:
    """Return the earlier ranks; none if only one of the snapshots has intervals."""
    if span.earlier is None or _has_intervals(span.earlier) != _has_intervals(span.newest):
        return ()
    return rank_ranges(span.earlier.rows)


def _has_intervals(snapshot: BoardSnapshot) -> bool:
    return any(row.low is not None for row in snapshot.rows)


def _evidence_of(
    work: TitledWork, cards: Iterable[ModelCard], places: Iterable[_Place]
) -> Iterator[ModelEvidence]:
    system = system_name(work.title)
    parts = name_parts(system)
    card = next((c for c in cards if _is_card_of(c, work, parts)), None)
    place = _best_place(places, parts)
    if card is None and place is None:
        return
    found = ModelEvidence(
        model=card.name if card else system,
        paper=work.id,
        title=work.title,
        evidence=_kind_of_evidence(work, card),
        url=_HUB + card.name if card else work.model_link,
        downloads=card.downloads if card else None,
    )
    yield _with_place(found, place) if place else found


def _best_place(places: Iterable[_Place], parts: tuple[str, ...]) -> _Place | None:
    """Return the best place of the model itself or, if it is on no board, of its versions.

    None if the name says too little.
    """
    if not is_distinctive(parts):
        return None
    return min(
        (found for found in places if is_version_of(found.now.model, parts)),
        key=lambda found: (
            name_parts(found.now.model) != parts,
            found.now.best,
            found.now.model,
            found.board,
        ),
        default=None,
    )


def _with_place(found: ModelEvidence, place: _Place) -> ModelEvidence:
    before = place.before
    return replace(
        found,
        board=place.board,
        board_name=place.now.model,
        board_day=place.day,
        best=place.now.best,
        worst=place.now.worst,
        best_before=before.best if before else None,
        worst_before=before.worst if before else None,
        license=place.license,
    )


def _is_card_of(card: ModelCard, work: TitledWork, parts: tuple[str, ...]) -> bool:
    """Return whether a card is of the work's model, not of one that somebody made from it."""
    if work.model_link.removeprefix(_HUB) == card.name:
        return True
    name = card.name.partition("/")[2]
    return work.id in card.arxiv and bool(parts) and name_parts(name)[: len(parts)] == parts


def _kind_of_evidence(work: TitledWork, card: ModelCard | None) -> str:
    if card is None:
        return "title"
    return "card" if work.id in card.arxiv else "link"
