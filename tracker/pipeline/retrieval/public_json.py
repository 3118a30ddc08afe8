"""The public JSON of the commands, which the web API and the MCP server return, too.

Public: `search_json`, `hit_json`, `to_json_value`.
"""

from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tracker.models import Hit
from tracker.pipeline.retrieval.hybrid_search import SearchResults


def search_json(query: str, found: SearchResults, *, seconds: float) -> dict[str, Any]:
    """Return the public JSON of a search."""
    return {
        "query": query,
        "took_ms": round(seconds * 1000, 1),
        "notes": found.notes,
        "hits": [hit_json(hit) for hit in found.hits],
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """Return the public JSON of one search result."""
    paper = hit.paper
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": paper.authors,
        "published": paper.published,
        "announced": paper.announced,
        "categories": paper.categories,
        "venue": hit.venue,
        "topics": hit.topics,
        "score": hit.score,
        "why": hit.why,
        "tldr": hit.tldr,
        "url": paper.url,
        "withdrawn": paper.withdrawn,
    }


def to_json_value(value: Any) -> Any:
    """Return a dataclass as a mapping and a date as ISO text, for `json.dumps(default=…)`."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date | Path):
        return str(value)
    raise TypeError(type(value).__name__)
