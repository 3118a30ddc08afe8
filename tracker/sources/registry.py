"""The sources that `tracker crawl` reads: one line each (docs/adding-a-source.md)."""

from collections.abc import Mapping

from tracker.errors import UsageError
from tracker.settings import FEEDS
from tracker.sources import (
    acl,
    arena,
    arxiv_api,
    arxiv_oai,
    arxiv_rss,
    deadlines,
    feeds,
    huggingface,
    livebench,
    open_llm,
    openreview,
    paperswithcode,
    semantic_scholar,
)
from tracker.sources.reader import Reader

READERS: Mapping[str, Reader] = {
    "arxiv_rss": arxiv_rss.read,
    "arxiv_api": arxiv_api.read,
    "arxiv_oai": arxiv_oai.read,
    "arena": arena.read,
    "livebench": livebench.read,
    "open_llm": open_llm.read,
    "paperswithcode": paperswithcode.read,
    "openreview": openreview.read,
    "acl": acl.read,
    "deadlines": deadlines.read,
    "huggingface": huggingface.read,
    "semantic_scholar": semantic_scholar.read,
    "feeds": feeds.read,
}


def reader(name: str) -> Reader:
    """The reader of the source `name`; every `feeds.NAME` has the same. Raises UsageError."""
    try:
        return READERS[FEEDS.rstrip(".") if name.startswith(FEEDS) else name]
    except KeyError:
        known = ", ".join(sorted(READERS))
        raise UsageError(f"There is no source {name!r} to crawl; there are: {known}.") from None
