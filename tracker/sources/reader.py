"""What a source is to the rest of the house: something that reads pages of records for a task.

Public: `Task`, `Reader`, `fetch`, `fetch_together`, `insist`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from tracker.errors import SourceMalformed
from tracker.records import Copy, Page
from tracker.settings import Source
from tracker.sources.http import Answer, Ask, Client

S = TypeVar("S", bound=Source)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task(Generic[S]):
    """What is asked of a source: its settings, and the announcement days `since` to `until`.

    `name` is the source's name in the settings; `cursor` where its last page said to go on, empty
    at first; `copies` the validators of the documents taken in before, by address; `works` arXiv
    ids of the store to ask about, for sources that answer about works and not about days.
    """

    name: str
    settings: S
    since: date
    until: date
    now: datetime
    cursor: str = ""
    copies: Mapping[str, Copy] = field(default_factory=dict)
    works: tuple[str, ...] = ()


# Gives each page as soon as it is whole, so that it can be committed. Raises SourceError, also
# after pages that are good: those stay.
Reader = Callable[[Client, Task[Any]], Iterator[Page]]


def fetch(client: Client, task: Task[Any], ask: Ask) -> tuple[Answer, Copy]:
    """The answer to `ask` if it has changed since it was taken in, and its new validators.

    An answer that is `unchanged` has no body. Put the copy into the page made of the answer: it is
    kept when the page is, so that an answer that was never stored is asked for in full again.
    """
    url = ask.address
    known = task.copies.get(url, Copy(url))
    answer = client.get(replace(ask, etag=known.etag, modified=known.modified))
    if answer.unchanged:
        return answer, known
    return answer, Copy(url, answer.etag, answer.modified)


def insist(attempt: Callable[[], T], tries: int = 4) -> T:
    """What `attempt` gives, which is made again when the answer it got cannot be trusted.

    A cut document or a page for humans under HTTP 200 is nothing that the client can see, and
    mostly passes. Raises the last SourceMalformed.
    """
    for _ in range(tries - 1):
        with suppress(SourceMalformed):
            return attempt()
    return attempt()


def fetch_together(
    client: Client, task: Task[Any], asks: Sequence[Ask]
) -> list[tuple[Answer, Copy]]:
    """The answers to all of `asks` if one of them has changed, and nothing when none has.

    For documents that have a meaning only together.
    """
    found = [fetch(client, task, ask) for ask in asks]
    if all(answer.unchanged for answer, _ in found):
        return []
    anew = replace(task, copies={})
    return [
        fetch(client, anew, ask) if answer.unchanged else (answer, copy)
        for ask, (answer, copy) in zip(asks, found, strict=True)
    ]
