"""Feeds of people, blogs, forums and videos, under the names given in the settings.

Documents are parsed in a subprocess with limits on time and memory;
`tracker.sources.formats.feed_entries` explains why.

Public: `read_pages`.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus

from tracker.errors import SourceMalformed, SourceUnavailable
from tracker.records import Page
from tracker.settings import Source
from tracker.sources.formats.feed_entries import page_from_document
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, fetch_if_changed

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "*/*;q=0.1"
)
_CAP = 4 * 2**20  # the largest of 2,000 known feeds has 1.6 MB, and takes a second
_SECONDS = 20
_MEMORY = 512 * 2**20


def read_pages(client: Client, task: Task[Source]) -> Iterator[Page]:
    """Yield the current entries of the feed, if it has changed.

    Raises SourceUnavailable for a feed that is not found: YouTube responds with 404 for days at a
    time before a feed is available again.
    """
    request = Request(
        task.name,
        task.settings.url,
        accept=_ACCEPT,
        pace=task.settings.pace_seconds,
        max_bytes=_CAP,
        expect=(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    response, validators = fetch_if_changed(client, task, request)
    if response.status == HTTPStatus.NOT_FOUND:
        raise SourceUnavailable(task.name, response.url, "HTTP 404, which is often temporary")
    if response.is_unchanged:
        yield Page(cache_validators=(validators,))
        return
    page = _parse_in_subprocess(response.body, task, response.url)
    yield replace(page, cache_validators=(validators,))


def _parse_in_subprocess(body: bytes, task: Task[Source], url: str) -> Page:
    """Return what `feed_entries.parse` returns, within the limits. Raises SourceMalformed."""
    limits = (str(_SECONDS), str(_MEMORY))
    command = [sys.executable, "-P", "-m", "tracker.sources.formats.feed_entries", *limits]
    arguments = json.dumps({"source": task.name, "url": url, "now": task.now.isoformat()})
    try:
        done = subprocess.run(
            command,
            input=arguments.encode() + b"\n" + body,
            capture_output=True,
            check=True,
            timeout=3 * _SECONDS,
        )
        document = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        reason = f"the feed cannot be read within {_SECONDS} s and {_MEMORY // 2**20} MB"
        raise SourceMalformed(task.name, url, reason + _last_error_line(error)) from error
    if "malformed" in document:
        raise SourceMalformed(task.name, url, document["malformed"])
    return page_from_document(document)


def _last_error_line(error: Exception) -> str:
    """Return the last line of the process's errors ("MemoryError"); empty if it was killed."""
    lines = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").split("\n")
    written = [line for line in lines if line.strip()]
    return f": {written[-1][:200]}" if written else ""
