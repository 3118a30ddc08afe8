"""The interface of a source: a function that reads pages of records for a task.

Public: `Task`, `PageReader`, `fetch_if_changed`, `fetch_all_if_any_changed`, `retry_if_malformed`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from tracker.errors import SourceMalformed
from tracker.records import CacheValidators, Page
from tracker.settings import Source
from tracker.sources.http.client import Client, Request, Response

S = TypeVar("S", bound=Source)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Task(Generic[S]):
    """A request to a source: its settings, and the announcement days `since` to `until`.

    `name` is the source's name in the settings; `cursor` is that of its last page, empty at first;
    `cache_validators` are those of the documents stored before, by address; `works` are arXiv ids
    to look up, for sources of data about works instead of days; `days` are the days and categories
    of which no listing page has been read, newest first.
    """

    name: str
    settings: S
    since: date
    until: date
    now: datetime
    cursor: str = ""
    cache_validators: Mapping[str, CacheValidators] = field(default_factory=dict)
    works: tuple[str, ...] = ()
    days: tuple[tuple[date, str], ...] = ()


# Yields each page as soon as it is complete, so that it can be committed. Raises SourceError, also
# after valid pages, which stay committed.
PageReader = Callable[[Client, Task[Any]], Iterator[Page]]


def fetch_if_changed(
    client: Client, task: Task[Any], request: Request
) -> tuple[Response, CacheValidators]:
    """Return the response to a conditional `request`, and the document's new validators.

    An unchanged response has no body. Put the validators into the page made from the response: they
    are stored with it, so that a response that was never stored is requested in full again.
    """
    url = request.full_url
    known = task.cache_validators.get(url, CacheValidators(url))
    response = client.get(replace(request, etag=known.etag, last_modified=known.last_modified))
    if response.is_unchanged:
        return response, known
    return response, CacheValidators(url, response.etag, response.last_modified)


def retry_if_malformed(attempt: Callable[[], T], tries: int = 4) -> T:
    """Return the result of `attempt`, repeated when the response it got is malformed.

    The client cannot detect a truncated document or an error page with HTTP 200, which are usually
    temporary. Raises the last SourceMalformed.
    """
    for _ in range(tries - 1):
        with suppress(SourceMalformed):
            return attempt()
    return attempt()


def fetch_all_if_any_changed(
    client: Client, task: Task[Any], requests: Sequence[Request]
) -> list[tuple[Response, CacheValidators]]:
    """Return the responses to all of `requests` if any has changed, and nothing otherwise.

    For documents that are only useful together.
    """
    found = [fetch_if_changed(client, task, request) for request in requests]
    if all(response.is_unchanged for response, _ in found):
        return []
    unconditional = replace(task, cache_validators={})
    return [
        fetch_if_changed(client, unconditional, request)
        if response.is_unchanged
        else (response, validators)
        for request, (response, validators) in zip(requests, found, strict=True)
    ]
