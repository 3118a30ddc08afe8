"""Feeds of papers: of a query, a topic, an author or a theme.

Public: `render_feed`, `FEED_TYPES`.
"""

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from summarizer.text.sentences import to_plain_text
from tracker.delivery import paper_feeds
from tracker.delivery.mail.links import public_url
from tracker.delivery.paper_feeds import FeedPaper, PaperFeed
from tracker.errors import NotFound, UsageError
from tracker.models import Hit
from tracker.pipeline.retrieval import hybrid_search
from tracker.settings import Config
from tracker.store.database import Database
from tracker.topics import taxonomy
from tracker.web.http_messages import PageRequest

_PAPERS = 50
# Most characters of a query: the longest titles have 300.
_LONGEST = 1000
FEED_TYPES: Mapping[str, tuple[str, Callable[[PaperFeed], bytes]]] = {
    "atom": ("application/atom+xml", paper_feeds.atom),
    "json": ("application/feed+json", paper_feeds.json_feed),
}


def render_feed(db: Database, config: Config, request: PageRequest) -> tuple[str, bytes]:
    """Return the media type and the body of `feeds/{kind}.{form}?q=`.

    Raises NotFound for an unknown kind, form or topic, and UsageError for an invalid query.
    """
    kind, form = request.path_params["kind"], request.path_params["form"]
    if form not in FEED_TYPES:
        raise NotFound("feed", form[:40], "There are .atom and .json.")
    text = request.query.get("q", "").strip()
    query = _build_query(config, kind, text)
    options = hybrid_search.SearchOptions(
        _PAPERS, hybrid_search.build_filter(user_directions=config.directions), sort="date"
    )
    found = hybrid_search.search_papers(db, config, query, options, today=request.now.date())
    media_type, render = FEED_TYPES[form]
    base = public_url(config.web)
    feed = PaperFeed(
        f"tracker: {text}",
        f"urn:tracker:{kind}:{text}",
        [_feed_paper(hit) for hit in found.hits],
        f"{base}/feeds/{kind}.{form}?{urlencode({'q': text})}" if base else "",
        f"{base}/search?{urlencode({'q': query})}" if base else "",
    )
    return media_type, render(feed)


def _build_query(config: Config, kind: str, text: str) -> str:
    if not text or len(text) > _LONGEST or not text.isprintable():
        raise UsageError(f"Write ?q= and up to {_LONGEST:,} characters after the feed's name.")
    if kind == "topic":
        if text not in taxonomy.concepts_with_custom(config.directions):
            raise NotFound("topic", text[:40], "The topics page lists all of them.")
        return f"topic:{text}"
    if kind == "author":
        return 'author:"{}"'.format(text.replace('"', " "))
    if kind in ("query", "theme"):
        return text
    raise NotFound("feed", kind[:40], "There are query, topic, author and theme.")


def _feed_paper(hit: Hit) -> FeedPaper:
    paper = hit.paper
    names = tuple(to_plain_text(name) for name in paper.authors)
    summary = to_plain_text(hit.tldr or paper.abstract)
    return FeedPaper(paper.url, to_plain_text(paper.title), names, paper.announced, summary)
