"""The sources that `tracker crawl` reads: one line each."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol

from tracker.config import Source
from tracker.sources import arxiv_api
from tracker.sources.arxiv_api import Page
from tracker.sources.http import Client


class Reader(Protocol):
    """Reads what a source has of a span of days, page by page, so that each can be committed."""

    def __call__(self, client: Client, source: Source, since: date, until: date) -> Iterator[Page]:
        """Pages of papers; raises SourceError, also after pages that are good."""
        ...


READERS: Mapping[str, Reader] = {
    "arxiv_api": arxiv_api.window,
}
