"""Search results as text, with matched words in bold on a terminal.

Public: `print_hits`, `open_in_browser`.
"""

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tracker.cli.output.reports import paper_facts, wrap_text
from tracker.cli.session import Session, supports_styling
from tracker.digest.byline import byline

if TYPE_CHECKING:
    from tracker.pipeline.retrieval.hybrid_search import SearchResults

_TOPICS = 3
_INDENT = "    "
# Marks matched words while lines are wrapped: a code point that Unicode reserves for such uses, and
# that is not removed as a control character.
_MARK = "\ufdd0"
_MARKED = re.compile(f"{_MARK}([^{_MARK}]*){_MARK}")


def print_hits(found: "SearchResults", *, explain: bool) -> None:
    """Print search results on stdout, or on stderr that there are none."""
    if not found.hits:
        click.echo("tracker: Nothing matches.", err=True)
        return
    lines = "\n".join(_result_lines(found, explain=explain))
    # Elsewhere, marks would disturb programs that read the output, and copied sentences.
    style = r"\1" if not supports_styling(sys.stdout) else click.style(r"\1", bold=True)
    click.echo(_MARKED.sub(style, lines))


def _result_lines(found: "SearchResults", *, explain: bool) -> Iterator[str]:
    """Yield title, date and venue, authors, one sentence, topics, reasons on request, address."""
    from summarizer.text.sentences import to_plain_text
    from tracker.store.match_positions import highlight_matches

    texts = [(to_plain_text(hit.paper.title), hit.tldr) for hit in found.hits]
    pairs = zip(found.hits, highlight_matches(texts, found.parts), strict=True)
    for place, (hit, (title, tldr)) in enumerate(pairs, start=1):
        yield wrap_text(f"{place:2}. {_MARK.join(title)}", _INDENT)
        yield wrap_text(_INDENT + paper_facts(hit.paper, hit.venue), _INDENT)
        yield wrap_text(
            _INDENT + byline([to_plain_text(name) for name in hit.paper.authors]), _INDENT
        )
        if hit.tldr:
            yield wrap_text(_INDENT + _MARK.join(tldr), _INDENT)
        if hit.topics:
            yield f"{_INDENT}topics: {', '.join(hit.topics[:_TOPICS])}"
        if explain:
            why = f"why: {'; '.join(hit.why)} (score {hit.score:.4f})"
            yield wrap_text(_INDENT + why, _INDENT)
        yield f"{_INDENT}{hit.paper.url}\n"


def open_in_browser(session: Session, address: str) -> None:
    """Open a page in the browser if on a terminal; otherwise print its address."""
    if not sys.stdout.isatty():
        session.print_message(f"Not a terminal, so no browser was opened: {address}")
    elif click.launch(address):
        session.print_message(f"No browser could be opened: {address}")
