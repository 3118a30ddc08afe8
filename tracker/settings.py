"""The table of settings: each field below is one, with its default and its help.

`tracker init`, the docs and the parser (`tracker.config`) are all made from it. A section is a
dataclass, and so is all of it, `Config`. Owns no I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def setting(default: Any, help: str, *, choices: tuple[str, ...] = ()) -> Any:
    """A field of a settings section: its default, one line of help, and the values it may take."""
    return field(default=default, metadata={"help": help, "choices": choices})


@dataclass(frozen=True, slots=True)
class Http:
    """How tracker behaves on the network."""

    contact: str = setting(
        "", "mail address or page sent in the User-Agent, so a site can reach you"
    )
    offline: bool = setting(False, "refuse every network access")
    allow_private: tuple[str, ...] = setting(
        (), "hosts that may be loopback or private addresses (mirrors, test servers)"
    )


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the outside world."""

    enabled: bool = setting(True, "whether `tracker crawl` reads it")
    url: str = setting("", "base address, so that a mirror can stand in")
    pace_seconds: float = setting(0.0, "least time between two requests")


_ARXIV = ("cs.CL", "cs.LG", "stat.ML")


@dataclass(frozen=True, slots=True)
class ArxivSource(Source):
    """A door of arXiv: all of them keep one pace together, never less than its terms ask for."""

    categories: tuple[str, ...] = setting(_ARXIV, "arXiv categories to follow")
    pace_seconds: float = setting(3.0, "least time between two requests to any door of arXiv")


@dataclass(frozen=True, slots=True)
class VenueSource(Source):
    """A place that lists what conferences accepted."""

    venues: tuple[str, ...] = setting((), "what to read of it; empty: all that tracker knows")
    years: int = setting(2, "how many years back from this one")
    url_v1: str = setting("", "base address of the older interface, where there is one")

    def span(self, year: int) -> range:
        """The years to read, seen from `year`, which is the last of them."""
        return range(year - self.years, year + 1)


@dataclass(frozen=True, slots=True)
class BoardSource(Source):
    """A place that publishes leaderboards."""

    boards: tuple[str, ...] = setting((), "which of its boards; empty: those that tracker knows")


@dataclass(frozen=True, slots=True)
class KeyedSource(Source):
    """A service that gives more to those who have a key."""

    key_file: str = setting("", "file of mode 0600 that holds the key, if you have one")


@dataclass(frozen=True, slots=True)
class Embedding:
    """The model that turns text into vectors."""

    model: str = setting("bundled", "folder or hub id of a sentence-transformers model, or bundled")
    revision: str = setting("", "revision of a hub model")
    device: str = setting("auto", "where it runs", choices=("auto", "cpu", "cuda"))
    backend: str = setting("auto", "what runs it", choices=("auto", "openvino", "torch"))


@dataclass(frozen=True, slots=True)
class Search:
    """How what is found is put in order."""

    reranker: str = setting(
        "", "folder or hub id of a cross-encoder that orders the best results anew, or nothing"
    )


@dataclass(frozen=True, slots=True)
class Llm:
    """The language model that writes summaries, if there is one; each sentence must be proven."""

    backend: str = setting("none", "what runs it", choices=("none", "transformers", "openai"))
    model: str = setting("", "folder or hub id, or the server's name for the model")
    base_url: str = setting("http://127.0.0.1:11434/v1", "address of an OpenAI-compatible server")
    api_key_file: str = setting("", "file of mode 0600 with the server's key, if it wants one")
    concurrency: int = setting(4, "papers at a time: requests, or rows of a batch")
    timeout_seconds: float = setting(120.0, "longest wait for one answer of a server")
    entailment_model: str = setting(
        "", "folder or hub id of a model of natural language inference that must agree too"
    )


@dataclass(frozen=True, slots=True)
class FullText:
    """Reading the conclusion of the best papers, to summarise more than the abstract."""

    papers: int = setting(0, "how many of a digest's best papers are read; 0: none")
    html_url: str = setting("https://arxiv.org/html", "where papers are read as HTML")
    source_url: str = setting("https://arxiv.org/e-print", "where, failing that, their LaTeX is")
    pace_seconds: float = setting(3.0, "least time between two requests")


@dataclass(frozen=True, slots=True)
class Digest:
    """What the weekly digest and the monthly report hold."""

    language: str = setting("en", "language of the pages", choices=("en", "zh-TW", "zh-CN"))
    timezone: str = setting("UTC", "IANA time zone in which times are told, and the last week ends")
    top: int = setting(10, "papers in the list of the week's best")
    budget_kb: int = setting(90, "most kilobytes of a mail's HTML; mail services cut at 102")


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each signal counts when papers are ranked, and how much sameness and chance is let in.

    The unit: 0.70 of `interest` is twelve log odds of being picked, so 0.058 is one (docs/log.md).

    `tracker replay` shows what other numbers would have picked.
    """

    interest: float = setting(0.70, "weight of likeness to what an editor of the field picked")
    age: float = setting(0.17, "weight against what came a week or more before the last day")
    attention: float = setting(0.07, "weight of upvotes, where they are known")
    likes: float = setting(0.50, "weight of likeness to the papers you liked, from five likes on")
    follow: float = setting(0.30, "weight of a followed author, topic or query, the rarer the more")
    team: float = setting(0.0, "weight of a large team of authors")
    topic: float = setting(0.01, "weight of being about a topic of the map")
    centrality: float = setting(0.01, "weight of standing at the centre of a theme")
    novelty: float = setting(0.01, "weight of being unlike the ninety days before")
    code: float = setting(0.01, "weight of released code")
    venue: float = setting(0.0, "weight of having been accepted somewhere")
    diversity: float = setting(0.15, "share of difference from what is picked already, 0 to 1")
    per_theme: int = setting(3, "most papers of one theme in the list; 0: any number")
    explore: int = setting(1, "places in the list given to chance among the next best")


@dataclass(frozen=True, slots=True)
class Smtp:
    """The relay that takes the mails. The password may also be in TRACKER_SMTP_PASSWORD."""

    host: str = setting("", "submission relay, e.g. smtp.example.org")
    port: int = setting(587, "its port: 587 for starttls, 465 for tls")
    security: str = setting(
        "starttls", "how the connection is encrypted", choices=("starttls", "tls", "none")
    )
    user: str = setting("", "name to log in with; empty: no login")
    password_file: str = setting("", "file with the password, readable by its owner only")
    sender: str = setting("", "From of the mails, e.g. LLM Weekly <weekly@example.org>")
    per_minute: int = setting(0, "most mails in a minute; 0: as many as the relay takes")


@dataclass(frozen=True, slots=True)
class Web:
    """Where the web pages are, and the key that signs the links in mails."""

    host: str = setting("127.0.0.1", "address that `tracker serve` listens on")
    port: int = setting(8765, "port that `tracker serve` listens on")
    public_url: str = setting("", "address under which others reach the pages, https://…")
    secret_file: str = setting("", "file with the signing key; default: made in the home folder")


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction of one's own beside those of the map, under the key that its table has."""

    name: str = setting("", "name in English; the key where it is empty")
    name_zh: str = setting("", "name in Chinese")
    about: str = setting("", "one sentence that says what papers of it are about")
    seeds: tuple[str, ...] = setting((), "phrases that such papers use")
    within: tuple[str, ...] = setting((), "keys of the dimensions that it is in")


_KILCHER = "https://www.youtube.com/feeds/videos.xml?channel_id=UCZHmQk67mSJgfCCTn7xBfew"
_SOURCES: Mapping[str, Source] = {
    "arxiv_rss": ArxivSource(url="https://rss.arxiv.org/rss"),
    "arxiv_api": ArxivSource(url="https://export.arxiv.org/api/query"),
    "arxiv_oai": ArxivSource(url="https://oaipmh.arxiv.org/oai"),
    "openreview": VenueSource(
        url="https://api2.openreview.net", url_v1="https://api.openreview.net", pace_seconds=1.0
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
    "open_llm": BoardSource(enabled=False, url="https://huggingface.co", pace_seconds=1.0),
    "paperswithcode": BoardSource(
        enabled=False, url="https://paperswithcode.co/api/v1", pace_seconds=1.0
    ),
    "semantic_scholar": KeyedSource(
        enabled=False, url="https://api.semanticscholar.org", pace_seconds=1.1
    ),
    "feeds.kilcher": Source(url=_KILCHER, pace_seconds=1.0),
}
# A feed is a section that the user names: [sources.feeds.NAME].
FEEDS = "feeds."


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one home folder."""

    home: Path
    http: Http = Http()
    embedding: Embedding = Embedding()
    search: Search = Search()
    llm: Llm = Llm()
    fulltext: FullText = FullText()
    digest: Digest = Digest()
    ranking: Ranking = Ranking()
    smtp: Smtp = Smtp()
    web: Web = Web()
    sources: Mapping[str, Source] = field(default_factory=lambda: dict(_SOURCES))
    directions: Mapping[str, Direction] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The arXiv categories that any of its doors follows."""
        doors = (source for source in self.sources.values() if isinstance(source, ArxivSource))
        return tuple(dict.fromkeys(name for door in doors for name in door.categories))

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return self.home / "tracker.db"

    @property
    def index(self) -> Path:
        """Folder of the vector index, a cache that can be rebuilt."""
        return self.home / "index"

    @property
    def postings(self) -> Path:
        """Folder of the index of words, a cache too."""
        return self.home / "index" / "words"

    @property
    def models(self) -> Path:
        """Folder of exported models, a cache too."""
        return self.home / "models"

    @property
    def digests(self) -> Path:
        """Where digests and reports go unless `--out` says otherwise."""
        return self.home / "digests"

    @property
    def web_pages(self) -> Path:
        """The issues as pages and feeds, which any web server can serve."""
        return self.digests / "web"

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.home / "config.toml"


SECTIONS = (
    "http", "embedding", "search", "llm", "fulltext", "digest", "ranking", "smtp", "web",
)  # fmt: skip
