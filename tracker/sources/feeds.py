"""Feeds of people, blogs, forums and videos, by whatever name the user gave them in the settings.

What is fetched is read in a process of its own, which may take so many seconds and so much memory:
`tracker.sources.feed_entries` says why. Public: `read`.
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
from tracker.sources.feed_entries import restored
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task, fetch

_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "*/*;q=0.1"
)
_CAP = 4 * 2**20  # the largest of 2,000 feeds at hand has 1.6 MB, and takes a second
_SECONDS = 20
_MEMORY = 512 * 2**20


def read(client: Client, task: Task[Source]) -> Iterator[Page]:
    """The entries that the feed shows now, if it has changed.

    A feed that is not found is SourceUnavailable: YouTube answers 404 for days at a time, and the
    feed is back afterwards.
    """
    ask = Ask(
        task.name,
        task.settings.url,
        accept=_ACCEPT,
        pace=task.settings.pace_seconds,
        cap=_CAP,
        expect=(HTTPStatus.OK, HTTPStatus.NOT_FOUND),
    )
    answer, copy = fetch(client, task, ask)
    if answer.status == HTTPStatus.NOT_FOUND:
        raise SourceUnavailable(task.name, answer.url, "HTTP 404, from which feeds come back")
    if answer.unchanged:
        yield Page(copies=(copy,))
        return
    page = _read_apart(answer.body, task, answer.url)
    yield replace(page, copies=(copy,))


def _read_apart(body: bytes, task: Task[Source], url: str) -> Page:
    """What `feed_entries.parse` makes of `body`, within the limits. Raises SourceMalformed."""
    limits = (str(_SECONDS), str(_MEMORY))
    command = [sys.executable, "-P", "-m", "tracker.sources.feed_entries", *limits]
    about = json.dumps({"source": task.name, "url": url, "now": task.now.isoformat()})
    try:
        done = subprocess.run(
            command,
            input=about.encode() + b"\n" + body,
            capture_output=True,
            check=True,
            timeout=3 * _SECONDS,
        )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        reason = f"the feed cannot be read within {_SECONDS} s and {_MEMORY // 2**20} MB"
        raise SourceMalformed(task.name, url, reason + _last_words(error)) from error
    if "malformed" in answer:
        raise SourceMalformed(task.name, url, answer["malformed"])
    return restored(answer)


def _last_words(error: Exception) -> str:
    """What the process said at its end, "MemoryError" for example; nothing when it was ended."""
    said = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").split("\n")
    words = [line for line in said if line.strip()]
    return f": {words[-1][:200]}" if words else ""
