"""Public lists of accepted papers, the second road to conferences that OpenReview does not show.

A list is a file per conference and year under `sources.openreview.lists_url`; large ones are in the
host's storage for large files, and their address holds only a pointer to it.

Public: `read_pages`, `LISTED`.
Source: github.com/papercopilot/paperlists.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus

from tracker.records import CacheValidators, Page
from tracker.settings import OpenReviewSource
from tracker.sources.formats import accepted_lists
from tracker.sources.http.client import Client, Request, Response
from tracker.sources.protocol import Task, fetch_if_changed

# The conferences with a list, and its folder, which is also the first part of the file's name.
LISTED: Mapping[str, str] = {
    "ICLR": "iclr", "NeurIPS": "nips", "ICML": "icml", "COLM": "colm", "AISTATS": "aistats",
    "CoRL": "corl",
}  # fmt: skip
# A list of 12,000 submissions with abstracts and reviews has about 70 MB.
_CAP = 192 * 2**20
_POINTER = b"version https://git-lfs.github.com/spec/"
_RAW, _STORAGE = "https://raw.githubusercontent.com/", "https://media.githubusercontent.com/media/"


def read_pages(
    client: Client, task: Task[OpenReviewSource], conferences: Iterable[str]
) -> Iterator[Page]:
    """Yield a page for each list that exists and has changed, newest year first."""
    listed = [LISTED[name] for name in conferences if name in LISTED]
    for year in reversed(task.settings.years_to_read(task.now.year)):
        for folder in listed:
            yield from _read_list(client, task, f"{folder}/{folder}{year}.json")


def _read_list(client: Client, task: Task[OpenReviewSource], path: str) -> Iterator[Page]:
    request = Request(
        task.name,
        f"{task.settings.lists_url}/{path}",
        accept="application/json, text/plain, */*;q=0.1",
        pace=task.settings.pace_seconds,
        max_bytes=_CAP,
        expect=(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    response, validators = fetch_if_changed(client, task, request)
    if response.status == HTTPStatus.NOT_FOUND:  # that year's papers are not decided yet
        return
    if response.is_unchanged:
        yield Page(cache_validators=(validators,))
        return
    yield _parse_list(_follow_pointer(client, request, response), path, validators)


def _follow_pointer(client: Client, request: Request, response: Response) -> Response:
    """Return the list itself where its address has only a pointer to it."""
    if not response.body.startswith(_POINTER):
        return response
    url = request.url.replace(_RAW, _STORAGE, 1)
    return client.get(replace(request, url=url, expect=(HTTPStatus.OK,)))


def _parse_list(response: Response, path: str, validators: CacheValidators) -> Page:
    page = accepted_lists.parse(response.body, path)
    return Page(page.records, page.total, page.skipped, cache_validators=(validators,))
