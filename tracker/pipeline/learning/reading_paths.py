"""Reading paths: where to start a direction, in which order, and why.

Public: `ReadingPath`, `PathStep`, `load_path`, `check_direction`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from tracker.errors import UsageError
from tracker.language import Language, get_language
from tracker.learning.built_upon import Text, count_later_mentions
from tracker.learning.foundations import Start, load_starts, translate_note
from tracker.paper.title_kind import SURVEY, kind_of_title
from tracker.settings import Config
from tracker.store import reading_progress
from tracker.store.database import Database
from tracker.store.interests import Owner
from tracker.store.papers import numbers_by_key
from tracker.store.reading_progress import FINISHED, DirectionWork
from tracker.topics.taxonomy import Concept, concepts_of_kind, concepts_with_custom

_NEW_DAYS = 60
_MIN_MENTIONS = 2
# How many stored surveys, and works that others build on, a path has.
_SURVEYS, _BUILT_UPON = 1, 3


@dataclass(frozen=True, slots=True)
class PathStep:
    """A work of a path. `stage` is survey, foundation, recent-survey, built-upon or new.

    `state` is read, saved, tried or "". `fetch` is the command that fetches a work which is not
    stored, or "".
    """

    id: str
    title: str
    stage: str
    why: str
    state: str = ""
    fetch: str = ""


@dataclass(frozen=True, slots=True)
class ReadingPath:
    """The path of a direction; `needs` are other directions to know first, with the reason.

    `read` of the `total` works of the direction have been read.
    """

    key: str
    name: str
    needs: tuple[tuple[str, str], ...]
    read: int
    total: int
    steps: tuple[PathStep, ...]


def check_direction(key: str, config: Config) -> Concept:
    """Return the direction with that key or name. Raises UsageError if there is none."""
    directions = concepts_of_kind("direction", concepts_with_custom(config.directions))
    by_name = {name.casefold(): one for one in directions for name in (one.name, one.key)}
    wanted = key.strip().casefold()
    if wanted in by_name:
        return by_name[wanted]
    near = get_close_matches(wanted, by_name, n=1)
    hint = f"Did you mean {by_name[near[0]].key}?" if near else "`tracker topics` lists them."
    raise UsageError(f"There is no direction {key[:40]!r}. {hint}")


def load_path(
    db: Database,
    direction: Concept,
    number: int,
    owner: Owner = None,
    language: Language | None = None,
) -> ReadingPath:
    """Return the first `number` works of a direction's path, with the marks of a reader.

    The reasons are in `language`, by default English.
    """
    words = language or get_language("en")
    works = reading_progress.works_under_tag(db, direction.key)
    start = load_starts().get(direction.key, Start())
    states = reading_progress.states_by_key(db, owner)
    found = [*_first_steps(start, works, words), *_later_steps(works, words)]
    steps = list(_with_state(db, found, states))
    read = reading_progress.read_keys_by_tag(db, owner).get(direction.key, set())
    return ReadingPath(
        direction.key,
        direction.name,
        tuple((key, translate_note(why, words.code)) for key, why in start.needs),
        len(read | {one.id for one in steps if one.state in FINISHED}),
        len({one.id for one in works} | {one.id for one in start.works}),
        tuple(steps[:number]),
    )


def _first_steps(
    start: Start, works: Sequence[DirectionWork], language: Language
) -> list[PathStep]:
    """Return surveys, then the foundational works."""
    given = [
        PathStep(one.id, one.title, one.stage, translate_note(one.why, language.code))
        for one in start.works
    ]
    surveys = [one for one in given if one.stage == "survey"]
    rest = [one for one in given if one.stage != "survey"]
    if not surveys:
        return [*_surveys(works, "survey", language), *rest]
    return [*surveys, *rest, *_surveys(works, "recent-survey", language)]


def _surveys(works: Sequence[DirectionWork], stage: str, language: Language) -> list[PathStep]:
    found = sorted(
        (one for one in works if kind_of_title(one.title) == SURVEY),
        key=lambda one: (one.score, one.upvotes, one.id),
        reverse=True,
    )[:_SURVEYS]
    return [
        _step(one, stage, language.gettext("An overview of {year}.", year=one.announced.year))
        for one in found
    ]


def _later_steps(works: Sequence[DirectionWork], language: Language) -> Iterator[PathStep]:
    """Yield the works most built upon, then the newest strong ones."""
    yield from _built_upon(works, language)
    if works:
        since = works[-1].announced - timedelta(days=_NEW_DAYS)
        recent = [
            one for one in works if one.announced >= since and kind_of_title(one.title) != SURVEY
        ]
        for one in sorted(recent, key=_strength, reverse=True):
            yield _step(one, "new", _describe_new(one, language))


def _describe_new(work: DirectionWork, language: Language) -> str:
    day = work.announced.isoformat()
    if not work.upvotes:
        return language.gettext("Among the newest of the direction ({day}).", day=day)
    return language.ngettext(
        "Among the newest of the direction ({day}), with {n} upvote.",
        "Among the newest of the direction ({day}), with {n} upvotes.",
        work.upvotes, day=day,
    )  # fmt: skip


def _built_upon(works: Sequence[DirectionWork], language: Language) -> list[PathStep]:
    cited = [one for one in works if one.citations]
    if cited:
        best = sorted(cited, key=lambda one: (-(one.citations or 0), one.id))[:_BUILT_UPON]
        return [
            _step(one, "built-upon", language.ngettext(
                "Cited {n} time.", "Cited {n} times.", one.citations or 0
            ))
            for one in best
        ]  # fmt: skip
    counts = count_later_mentions([Text(one.id, one.title, one.abstract) for one in works])
    named = [one for one in works if counts.get(one.id, 0) >= _MIN_MENTIONS]
    named.sort(key=lambda one: (-counts[one.id], one.id))
    return [
        _step(one, "built-upon", language.ngettext(
            "{n} later abstract of the direction mentions it.",
            "{n} later abstracts of the direction mention it.", counts[one.id],
        ))
        for one in named[:_BUILT_UPON]
    ]  # fmt: skip


def _strength(work: DirectionWork) -> tuple[int, float, str]:
    return work.upvotes, work.score, work.id


def _step(work: DirectionWork, stage: str, why: str) -> PathStep:
    return PathStep(work.id, work.title, stage, why)


def _with_state(
    db: Database, steps: Sequence[PathStep], states: Mapping[str, str]
) -> Iterator[PathStep]:
    """Yield each work once, with its state, and how to fetch it if it is not stored."""
    stored = numbers_by_key(db, {one.id for one in steps})
    first: dict[str, PathStep] = {}
    for one in steps:
        first.setdefault(one.id, one)
    for one in first.values():
        fetch = "" if one.id in stored else f"tracker crawl --ids {one.id}"
        yield PathStep(one.id, one.title, one.stage, one.why, states.get(one.id, ""), fetch)
