"""Search results: to read, with the matched words marked on a terminal, and as the public JSON."""

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.reports import facts, wrapped
from tracker.cli.session import Session, may_draw
from tracker.digest.document import byline
from tracker.models import Hit

if TYPE_CHECKING:
    from tracker.pipeline.finding import Found

_TOPICS = 3
_INDENT = "    "
# Stands around matched words while lines are folded; texts to be shown hold no such character.
_SIGN = "\x01"
_BETWEEN_SIGNS = re.compile(f"{_SIGN}([^{_SIGN}]*){_SIGN}")


def search_json(query: str, found: "Found", *, seconds: float) -> dict[str, Any]:
    """The public JSON of a search."""
    return {
        "query": query,
        "took_ms": round(seconds * 1000, 1),
        "notes": found.notes,
        "hits": [_hit_json(hit) for hit in found.hits],
    }


def _hit_json(hit: Hit) -> dict[str, Any]:
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


def print_hits(found: "Found", *, explain: bool) -> None:
    """Search results on stdout; that there are none is said on stderr."""
    if not found.hits:
        click.echo("tracker: Nothing matches.", err=True)
        return
    lines = "\n".join(_lines(found, explain=explain))
    # Plain marks would only get in the way of a program that reads, and of a copied sentence.
    lit = r"\1" if not may_draw(sys.stdout) else click.style(r"\1", bold=True)
    click.echo(_BETWEEN_SIGNS.sub(lit, lines))


def _lines(found: "Found", *, explain: bool) -> Iterator[str]:
    """Title, when and where, who, one sentence, topics, why on request, address."""
    from summarizer.text import plain
    from tracker.store.marking import marked

    texts = [(plain(hit.paper.title), hit.tldr) for hit in found.hits]
    pairs = zip(found.hits, marked(texts, found.parts), strict=True)
    for place, (hit, (title, said)) in enumerate(pairs, start=1):
        yield wrapped(f"{place:2}. {_SIGN.join(title)}", _INDENT)
        yield wrapped(_INDENT + facts(hit.paper, hit.venue), _INDENT)
        yield wrapped(_INDENT + byline([plain(name) for name in hit.paper.authors]), _INDENT)
        if hit.tldr:
            yield wrapped(_INDENT + _SIGN.join(said), _INDENT)
        if hit.topics:
            yield f"{_INDENT}topics: {', '.join(hit.topics[:_TOPICS])}"
        if explain:
            why = f"why: {'; '.join(hit.why)} (score {hit.score:.4f})"
            yield wrapped(_INDENT + why, _INDENT)
        yield f"{_INDENT}{hit.paper.url}\n"


def open_page(session: Session, address: str) -> None:
    """Open a page in the browser of whoever sits at the terminal; elsewhere say its address."""
    if not sys.stdout.isatty():
        session.say(f"Not on a terminal, so no browser is opened: {address}")
    elif click.launch(address):
        session.say(f"No browser could be opened: {address}")
