"""Explaining the ranking: why a paper is where it is, and what other weights would select."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tracker.calendar import Period
from tracker.digest.compose import Selection
from tracker.digest.period.period_data import PeriodData
from tracker.digest.selection.ranking import MmrStep, mmr, select_diverse
from tracker.digest.writing.phrasing import reason_text
from tracker.errors import NotFound
from tracker.language import get_language
from tracker.models import Pick, Reason
from tracker.pipeline import Progress, silent
from tracker.pipeline.issue.issue_content import choose_papers, rank_for_home
from tracker.pipeline.issue.load_period import load_period
from tracker.pipeline.issue.reader_profile import home_interests, load_ranking_context
from tracker.settings import Config, Ranking
from tracker.store import issues
from tracker.store.database import Database

# How many of the best picks are searched for the place of a paper in the list.
_SEARCHED = 200
_JUDGED = "You have liked or disliked this paper, so it is not recommended to you again."


@dataclass(frozen=True, slots=True)
class SignalContribution:
    """One signal of a paper: its value, its weight, the points it adds, and its text."""

    name: str
    value: float
    weight: float
    points: float
    text: str


@dataclass(frozen=True, slots=True)
class RankingExplanation:
    """Where a paper is in its period: its `rank` by score among `ranked_count`, where it is shown,
    and `why_not`, sentences about what keeps it from a higher place.
    """

    id: str
    title: str
    score: float
    rank: int
    ranked_count: int
    position_in_issue: str
    signals: tuple[SignalContribution, ...]
    why_not: tuple[str, ...]


def explain_ranking(db: Database, config: Config, period: Period, key: str) -> RankingExplanation:
    """Return why a paper is where it is in a period's issue.

    Raises NotFound if it is not ranked in the period.
    """
    reader = home_interests(db, config, period)
    data = rank_for_home(config, load_period(db, config, period)[0], reader)
    selection = choose_papers(db, config, data, reader.judged)
    picks = data.ranked.picks
    rank = next((n for n, pick in enumerate(picks, 1) if pick.paper.id == key), None)
    if rank is None:
        raise NotFound("ranked paper", key, f"It is not among the papers ranked for {period.key}.")
    pick = picks[rank - 1]
    obstacles = _list_obstacles(data, selection, pick, config)
    return RankingExplanation(
        id=key,
        title=pick.paper.title,
        score=pick.score,
        rank=rank,
        ranked_count=len(picks),
        position_in_issue=_describe_position(selection, key),
        signals=tuple(map(_build_contribution, sorted(pick.why, key=lambda why: -why.points))),
        why_not=(_JUDGED,) if key in reader.judged else tuple(obstacles),
    )


def _build_contribution(why: Reason) -> SignalContribution:
    return SignalContribution(
        why.signal, why.value, why.weight, why.points, reason_text(why, get_language("en"))
    )


def _describe_position(selection: Selection, key: str) -> str:
    if _is_read_first(selection, key):
        return "read this one"
    for place, pick in enumerate(selection.top, 1):
        if pick.paper.id == key:
            return f"number {place} of the list"
    themed = (theme.cluster.label for theme in selection.themes for pick in theme.picks
              if pick.paper.id == key)  # fmt: skip
    return next((f"under {label}" for label in themed), "not shown")


def _is_read_first(selection: Selection, key: str) -> bool:
    return bool(selection.read_first and selection.read_first.paper.id == key)


def _list_obstacles(
    data: PeriodData, selection: Selection, pick: Pick, config: Config
) -> Iterator[str]:
    """Yield what keeps a paper from a higher place in the issue."""
    key, listed = pick.paper.id, selection.leading_picks()
    if _is_read_first(selection, key):
        yield "No paper has a higher place."
        return
    better = max(listed, key=lambda listed_pick: listed_pick.score, default=None)
    if better and better.score > pick.score:
        yield _describe_lead(pick, better)
    yield from _diversity_obstacles(_find_mmr_step(data, pick, config), config)
    if listed and key not in {listed_pick.paper.id for listed_pick in selection.top}:
        least = min(listed_pick.score for listed_pick in listed)
        yield f"The lowest score in the list is {least:.3f}; this paper has {pick.score:.3f}."


def _diversity_obstacles(step: MmrStep | None, config: Config) -> Iterator[str]:
    if step is None:
        limits = config.ranking
        yield (
            f"The list already has {limits.per_theme} papers of its theme or"
            f" {limits.max_per_direction} of one of its directions."
        )
    elif step.penalty > 0.001 and step.most_similar:
        yield f"Similarity to {step.most_similar}, selected before it, cost {step.penalty:.3f}."


def _describe_lead(pick: Pick, better: Pick) -> str:
    """Return by which signal another paper leads most."""
    ours = {why.signal: why.points for why in pick.why}
    lead = max(better.why, key=lambda why: why.points - ours.get(why.signal, 0.0))
    ahead = lead.points - ours.get(lead.signal, 0.0)
    return (
        f"{better.paper.id} has {better.score:.3f}: most of its lead is {lead.signal},"
        f" {ahead:.3f} points."
    )


def _find_mmr_step(data: PeriodData, pick: Pick, config: Config) -> MmrStep | None:
    """Return the step of the list that selects a pick, or None if the list skips it."""
    ranked, best = data.ranked, data.ranked.picks[:_SEARCHED]
    steps = mmr(best, ranked.vectors, config.ranking, ranked.traits)
    found = (step for step in steps if step.pick.paper.id == pick.paper.id)
    return next(found, None if pick in best else MmrStep(pick, 0.0, ""))


@dataclass(frozen=True, slots=True)
class ReplayedWeek:
    """A week under other weights: how many papers of the list stay, which go and which come.

    `precision` is the share of the list that the reader liked, before and now; None without likes.
    """

    week: str
    kept: int
    gone: tuple[str, ...]
    come: tuple[str, ...]
    precision: tuple[float, float] | None


def replay_weeks(
    db: Database, config: Config, last: Period, weeks: int, *, progress: Progress = silent
) -> list[ReplayedWeek]:
    """Return what the configured weights would have selected in the `weeks` up to `last`.

    Oldest first. They are compared with the stored issue or, without one, the default weights.
    """
    periods = [last]
    while len(periods) < weeks:
        periods.append(periods[-1].previous())
    replayed = []
    for done, period in enumerate(reversed(periods)):
        progress("replay", done, weeks)
        replayed.append(_replay_week(db, config, period))
    return replayed


def _replay_week(db: Database, config: Config, period: Period) -> ReplayedWeek:
    now = _rank_with_weights(db, config, period, config.ranking)
    stored = issues.pick_ids(db, "weekly", period.key)[: config.digest.top + 1]
    then = stored or _rank_with_weights(db, config, period, Ranking())
    liked = set(home_interests(db, config, period).liked)
    shares = (_liked_share(then, liked), _liked_share(now, liked)) if liked else None
    return ReplayedWeek(
        period.key, len(set(then) & set(now)),
        tuple(key for key in then if key not in now),
        tuple(key for key in now if key not in then), shares,
    )  # fmt: skip


def _rank_with_weights(db: Database, config: Config, period: Period, weights: Ranking) -> list[str]:
    """Return the ids of the first paper and the list under these weights, without random picks."""
    context = replace(load_ranking_context(db, config, period), weights=weights)
    ranked = load_period(db, config, period, context)[0].ranked
    limit, fixed = config.digest.top + 1, replace(weights, explore=0)
    picks = select_diverse(ranked.picks, ranked.vectors, limit, fixed, ranked.traits)
    return [pick.paper.id for pick in picks]


def _liked_share(keys: Sequence[str], liked: set[str]) -> float:
    return len(liked.intersection(keys)) / len(keys) if keys else 0.0
