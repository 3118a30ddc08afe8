"""What is new about a paper that an earlier issue showed: the only reason to tell of it again."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from tracker.digest.ranking import code_link, venue
from tracker.digest.revisions import changes
from tracker.models import Paper

# Share of an abstract's words that stay in their order when only the wording was mended.
_SAME = 0.8


def news_of(changed: Iterable[tuple[Paper, Paper]]) -> Iterator[tuple[Paper, str]]:
    """Of (as shown, as it is) pairs those with news, and which: the gravest of several."""
    for then, now in changed:
        kind = _news(then, now)
        if kind:
            yield now, kind


def _news(then: Paper, now: Paper) -> str:
    if now.withdrawn:
        return "withdrawn"
    if now.version > then.version and _differs(then.abstract, now.abstract):
        return "revised"
    if venue(now) and not venue(then):
        return "accepted"
    return "code" if code_link(now) and not code_link(then) else ""


def _differs(before: str, after: str) -> bool:
    """Whether a number has changed, or more than the wording."""
    return bool(changes(before, after)) or _likeness(before, after) < _SAME


def _likeness(one: str, other: str) -> float:
    """Share of the words of two texts that they have in common, in order."""
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()
