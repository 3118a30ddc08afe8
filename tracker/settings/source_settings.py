"""Settings of network access and of the external sources. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.settings.setting_field import setting

_ARXIV = ("cs.CL", "cs.LG", "stat.ML")


@dataclass(frozen=True, slots=True)
class Http:
    """Network access."""

    contact: str = setting(
        "", "mail address or page sent in the User-Agent, so a site can reach you"
    )
    offline: bool = setting(False, "refuse every network access")
    allow_private: tuple[str, ...] = setting(
        (), "hosts that may be loopback or private addresses (mirrors, test servers)"
    )


@dataclass(frozen=True, slots=True)
class Source:
    """An external source."""

    enabled: bool = setting(True, "whether `tracker crawl` reads it")
    url: str = setting("", "base address, for example of a mirror", kind="web address")
    pace_seconds: float = setting(0.0, "minimum time between two requests")


@dataclass(frozen=True, slots=True)
class ArxivSource(Source):
    """A source at arXiv: all of them share one rate limit, never above what its terms allow."""

    categories: tuple[str, ...] = setting(_ARXIV, "arXiv categories to follow")
    pace_seconds: float = setting(
        3.0, "least time between two requests to arXiv, over all its sources"
    )


@dataclass(frozen=True, slots=True)
class ListingSource(Source):
    """arXiv's listing pages, which say how many papers each day has. They share arXiv's pace."""

    categories: tuple[str, ...] = setting((), "arXiv categories; empty: those of the other sources")
    pace_seconds: float = setting(
        15.0, "least time between two requests; arXiv's robots.txt asks for 15 seconds"
    )
    max_requests: int = setting(12, "most requests of one crawl; older days wait for the next one")


@dataclass(frozen=True, slots=True)
class VenueSource(Source):
    """A source of papers accepted by venues."""

    venues: tuple[str, ...] = setting((), "venues to read; empty: all known ones")
    years: int = setting(2, "number of earlier years to read", kind="years")
    url_v1: str = setting(
        "", "base address of the older API, where there is one", kind="web address"
    )

    def years_to_read(self, year: int) -> range:
        """Return the years to read, of which `year` is the last."""
        return range(year - self.years, year + 1)


@dataclass(frozen=True, slots=True)
class OpenReviewSource(VenueSource):
    """OpenReview, which answers programs only with an account; without one, lists are read."""

    user: str = setting("", "mail address of your account; programs without one are refused")
    password_file: str = setting("", "file of mode 0600 with its password")
    token_file: str = setting("", "file of mode 0600 with a session token instead of a password")
    lists_url: str = setting(
        "",
        "base address of public lists, read where OpenReview refuses; empty: none",
        kind="web address",
    )


@dataclass(frozen=True, slots=True)
class BoardSource(Source):
    """A source of leaderboards."""

    boards: tuple[str, ...] = setting((), "boards to read; empty: the known ones")


@dataclass(frozen=True, slots=True)
class KeyedSource(Source):
    """A service with higher limits for users with a key."""

    key_file: str = setting("", "file of mode 0600 with your key, if you have one")


@dataclass(frozen=True, slots=True)
class SecondHandSource(KeyedSource):
    """A service that has the metadata of arXiv's papers, read when arXiv refuses."""

    after_hours: float = setting(
        4.0, "hours for which all of arXiv's interfaces must have failed before it is read"
    )


_KILCHER = "https://www.youtube.com/feeds/videos.xml?channel_id=UCZHmQk67mSJgfCCTn7xBfew"


DEFAULT_SOURCES: Mapping[str, Source] = {
    "arxiv_rss": ArxivSource(url="https://rss.arxiv.org/rss"),
    "arxiv_api": ArxivSource(url="https://export.arxiv.org/api/query"),
    "arxiv_oai": ArxivSource(url="https://oaipmh.arxiv.org/oai"),
    "arxiv_listings": ListingSource(url="https://arxiv.org"),
    "openreview": OpenReviewSource(
        url="https://api2.openreview.net",
        url_v1="https://api.openreview.net",
        pace_seconds=1.0,
        lists_url="https://raw.githubusercontent.com/papercopilot/paperlists/main",
    ),
    "acl": VenueSource(
        url="https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml",
        pace_seconds=1.0,
    ),
    "deadlines": Source(
        url="https://raw.githubusercontent.com/huggingface/ai-deadlines/main/src/data/conferences",
        pace_seconds=0.2,
    ),
    "huggingface": KeyedSource(url="https://huggingface.co", pace_seconds=1.0),
    "arena": BoardSource(url="https://huggingface.co", pace_seconds=1.0),
    "livebench": BoardSource(url="https://livebench.ai", pace_seconds=1.0),
    "hf_benchmarks": BoardSource(url="https://huggingface.co", pace_seconds=1.0),
    "open_llm": BoardSource(enabled=False, url="https://huggingface.co", pace_seconds=1.0),
    "paperswithcode": BoardSource(url="https://paperswithcode.co/api/v1", pace_seconds=1.0),
    "semantic_scholar": KeyedSource(
        enabled=False, url="https://api.semanticscholar.org", pace_seconds=1.1
    ),
    "references": KeyedSource(
        enabled=False, url="https://api.semanticscholar.org", pace_seconds=1.1
    ),
    "semantic_scholar_papers": SecondHandSource(
        url="https://api.semanticscholar.org", pace_seconds=1.1
    ),
    "openalex_papers": SecondHandSource(
        enabled=False, url="https://api.openalex.org", pace_seconds=1.0
    ),
    "feeds.kilcher": Source(url=_KILCHER, pace_seconds=1.0),
}


# A feed is a section that the user names: [sources.feeds.NAME].
FEEDS = "feeds."
