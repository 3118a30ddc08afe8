"""Arguing with the ranking: why a paper stands where it does, and what other weights would pick."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.calendar import Period
from tracker.digest.compose import Choice
from tracker.digest.material import Material
from tracker.digest.ranking import Step, diverse, walk
from tracker.digest.words import reason
from tracker.errors import NotFound
from tracker.language import language
from tracker.models import Pick, Reason
from tracker.pipeline import Progress, silent
from tracker.pipeline.composing import chosen, for_home, gathered
from tracker.pipeline.tastes import home_interests, taste_of
from tracker.settings import Config, Ranking
from tracker.store import issues
from tracker.store.database import Database

_JUDGED = "You have liked or disliked it: a paper that you have judged is not recommended to you."


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal of a paper: its value, what it counts, what it adds, and what it says."""

    name: str
    value: float
    weight: float
    points: float
    text: str


@dataclass(frozen=True, slots=True)
class Explained:
    """Where a paper stands in its period: `place` among `ranked` by score, where it is shown, and
    `why_not`, the sentences that say what keeps it from standing higher.
    """

    id: str
    title: str
    score: float
    place: int
    ranked: int
    shown: str
    signals: tuple[Signal, ...]
    why_not: tuple[str, ...]


def explain(db: Database, config: Config, period: Period, key: str) -> Explained:
    """Why a paper is where it is in the issue of a period. NotFound when it is not ranked there."""
    material, _ = gathered(db, config, period)
    cared = home_interests(db, config, period)
    material = for_home(config, material, cared)
    judged = cared.judged
    choice, _ = chosen(db, config, material, judged)
    picks = material.ranked.picks
    place = next((n for n, pick in enumerate(picks, 1) if pick.paper.id == key), None)
    if place is None:
        raise NotFound("ranked paper", key, f"It is not among the papers ranked for {period.key}.")
    pick = picks[place - 1]
    shown = _where(choice, key)
    return Explained(
        key, pick.paper.title, pick.score, place, len(picks), shown,
        tuple(map(_signal, sorted(pick.why, key=lambda why: -why.points))),
        (_JUDGED,) if key in judged else tuple(_why_not(material, choice, pick, config, shown)),
    )  # fmt: skip


def _signal(why: Reason) -> Signal:
    return Signal(why.signal, why.value, why.weight, why.points, reason(why, language("en")))


def _where(choice: Choice, key: str) -> str:
    if choice.first and choice.first.paper.id == key:
        return "read this one"
    for place, pick in enumerate(choice.top, 1):
        if pick.paper.id == key:
            return f"number {place} of the list"
    themed = (theme.label for theme, _, picks in choice.themes for pick in picks
              if pick.paper.id == key)  # fmt: skip
    return next((f"under {label}" for label in themed), "not shown")


def _why_not(
    material: Material, choice: Choice, pick: Pick, config: Config, shown: str
) -> Sequence[str]:
    """What the list asks for that the paper has not."""
    if shown == "read this one":
        return ["Nothing stands higher."]
    said = []
    listed = [one for one in (choice.first, *choice.top) if one]
    better = max((one for one in listed), key=lambda one: one.score, default=None)
    if better and better.score > pick.score:
        said.append(_compared(pick, better))
    step = _step(material, pick, config)
    if step is None:
        said.append(f"Its theme had {config.ranking.per_theme} papers in the list already.")
    elif step.cost > 0.001 and step.like:
        said.append(f"Likeness to {step.like}, which was picked before, cost {step.cost:.3f}.")
    if not shown.startswith("number") and listed:
        least = min(one.score for one in listed)
        said.append(f"The least score in the list is {least:.3f}; its own is {pick.score:.3f}.")
    return said


def _compared(pick: Pick, better: Pick) -> str:
    """The signal in which another paper leads most."""
    ours = {why.signal: why.points for why in pick.why}
    lead = max(better.why, key=lambda why: why.points - ours.get(why.signal, 0.0))
    ahead = lead.points - ours.get(lead.signal, 0.0)
    return (
        f"{better.paper.id} has {better.score:.3f}: most of its lead is {lead.signal},"
        f" {ahead:.3f} points."
    )


def _step(material: Material, pick: Pick, config: Config) -> Step | None:
    """The step at which the walk down the list comes to a pick, or None when it passes it over."""
    span = material.ranked
    steps = walk(list(span.picks[:200]), span.vectors, config.ranking, span.theme_of)
    found = (step for step in steps if step.pick.paper.id == pick.paper.id)
    return next(found, None if pick in span.picks[:200] else Step(pick, 0.0, ""))


@dataclass(frozen=True, slots=True)
class Replayed:
    """A week under other weights: how much of the list stays, what goes and what comes.

    `precision` is the share of the list that the reader liked, before and now; None without likes.
    """

    week: str
    kept: int
    gone: tuple[str, ...]
    come: tuple[str, ...]
    precision: tuple[float, float] | None


def replay(
    db: Database, config: Config, last: Period, weeks: int, *, progress: Progress = silent
) -> list[Replayed]:
    """What the weights that are set would have picked in the `weeks` up to `last`, oldest first.

    Compared with the issue that was made, else with the weights that tracker comes with.
    """
    periods = [last]
    while len(periods) < weeks:
        periods.append(periods[-1].previous())
    made = []
    for done, period in enumerate(reversed(periods)):
        progress("replay", done, weeks)
        made.append(_replayed(db, config, period))
    return made


def _replayed(db: Database, config: Config, period: Period) -> Replayed:
    now = _list(db, config, period, config.ranking)
    kept = issues.picks_of(db, "weekly", period.key)[: config.digest.top + 1]
    then = kept or _list(db, config, period, Ranking())
    liked = set(home_interests(db, config, period).liked)
    shares = (_share(then, liked), _share(now, liked)) if liked else None
    return Replayed(
        period.key, len(set(then) & set(now)),
        tuple(key for key in then if key not in now),
        tuple(key for key in now if key not in then), shares,
    )  # fmt: skip


def _list(db: Database, config: Config, period: Period, weights: Ranking) -> list[str]:
    """Ids of the paper to read and the list, as these weights have them; chance left out."""
    taste = replace(taste_of(db, config, period), weights=weights)
    material, _ = gathered(db, config, period, taste)
    span = material.ranked
    sure = replace(weights, explore=0)
    picks = diverse(span.picks, span.vectors, config.digest.top + 1, sure, span.theme_of)
    return [pick.paper.id for pick in picks]


def _share(keys: Sequence[str], liked: set[str]) -> float:
    return len(liked.intersection(keys)) / len(keys) if keys else 0.0
