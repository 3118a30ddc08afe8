"""The sources that `tracker crawl` reads: one line each (docs/adding-a-source.md)."""

from collections.abc import Mapping

from tracker.errors import UsageError
from tracker.settings import FEEDS
from tracker.sources import (
    acl,
    arena,
    arxiv_api,
    arxiv_listings,
    arxiv_oai,
    arxiv_rss,
    deadlines,
    feeds,
    hf_benchmarks,
    huggingface,
    livebench,
    open_llm,
    openalex_papers,
    openreview,
    paperswithcode,
    references,
    semantic_scholar,
    semantic_scholar_papers,
)
from tracker.sources.protocol import PageReader

READERS: Mapping[str, PageReader] = {
    "arxiv_rss": arxiv_rss.read_pages,
    "arxiv_api": arxiv_api.read_pages,
    "arxiv_oai": arxiv_oai.read_pages,
    "arxiv_listings": arxiv_listings.read_pages,
    "arena": arena.read_pages,
    "livebench": livebench.read_pages,
    "hf_benchmarks": hf_benchmarks.read_pages,
    "open_llm": open_llm.read_pages,
    "paperswithcode": paperswithcode.read_pages,
    "openreview": openreview.read_pages,
    "acl": acl.read_pages,
    "deadlines": deadlines.read_pages,
    "huggingface": huggingface.read_pages,
    "semantic_scholar": semantic_scholar.read_pages,
    "references": references.read_pages,
    "semantic_scholar_papers": semantic_scholar_papers.read_pages,
    "openalex_papers": openalex_papers.read_pages,
    "feeds": feeds.read_pages,
}


def find_reader(name: str) -> PageReader:
    """Return the reader of the source `name`; all `feeds.NAME` share one. Raises UsageError."""
    try:
        return READERS[FEEDS.rstrip(".") if name.startswith(FEEDS) else name]
    except KeyError:
        known = ", ".join(sorted(READERS))
        raise UsageError(f"There is no source {name!r} to crawl; there are: {known}.") from None
