"""The table of settings: each field below is one, with its default and its help.

`tracker init`, the docs and the parser (`tracker.config`) use it. Each section is a dataclass, as
is the whole, `Config`. Sources and services have a module each; all names are imported from here.
No I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tracker.settings.service_settings import (
    Backup,
    ChannelSettings,
    Mcp,
    Ray,
    Retention,
    Smtp,
    Web,
)
from tracker.settings.setting_field import setting
from tracker.settings.source_settings import (
    DEFAULT_SOURCES,
    FEEDS,
    ArxivSource,
    BoardSource,
    Http,
    KeyedSource,
    ListingSource,
    OpenReviewSource,
    SecondHandSource,
    Source,
    VenueSource,
)

__all__ = (
    "FEEDS",
    "SECTIONS",
    "ArxivSource",
    "Backup",
    "BoardSource",
    "ChannelSettings",
    "Config",
    "Digest",
    "Direction",
    "Embedding",
    "FullText",
    "Http",
    "KeyedSource",
    "ListingSource",
    "Llm",
    "Mcp",
    "OpenReviewSource",
    "Ranking",
    "Ray",
    "Reading",
    "Retention",
    "Search",
    "SecondHandSource",
    "Smtp",
    "Source",
    "VenueSource",
    "Web",
    "setting",
)


@dataclass(frozen=True, slots=True)
class Embedding:
    """The model that embeds text as vectors."""

    model: str = setting("bundled", "folder or hub id of a sentence-transformers model, or bundled")
    revision: str = setting("", "revision of a hub model")
    device: str = setting("auto", "device it runs on", choices=("auto", "cpu", "cuda"))
    backend: str = setting("auto", "library that runs it", choices=("auto", "openvino", "torch"))


@dataclass(frozen=True, slots=True)
class Search:
    """The order of search results."""

    reranker: str = setting(
        "", "folder or hub id of a model that reorders the best results, or empty"
    )


@dataclass(frozen=True, slots=True)
class Llm:
    """The optional language model that writes summaries; each sentence must be grounded."""

    backend: str = setting(
        "none", "what runs the model", choices=("none", "bundled", "transformers", "openai")
    )
    model: str = setting(
        "", "folder or hub id, a GGUF file for `bundled`, or the server's name for the model"
    )
    base_url: str = setting(
        "http://127.0.0.1:11434/v1", "address of an OpenAI-compatible server", kind="web address"
    )
    api_key_file: str = setting("", "file of mode 0600 with the server's key, if it needs one")
    concurrency: int = setting(
        4, "papers processed at a time: requests, or rows of a batch", kind="positive"
    )
    timeout_seconds: float = setting(
        120.0, "longest wait for one response of a server", kind="positive"
    )
    entailment_model: str = setting(
        "",
        "folder or hub id of a model of natural language inference or factual consistency that must"
        " also agree; llm: the language model itself says yes or no",
    )
    mode: str = setting(
        "auto",
        "whether the model writes summaries or shortens sentences of the extract; auto: it writes"
        " if its name says that it has at least 3 billion parameters",
        choices=("auto", "shorten", "write"),
    )
    max_minutes: float = setting(
        20.0, "longest time that one issue may spend on the model; the rest is extracted"
    )


@dataclass(frozen=True, slots=True)
class FullText:
    """Full texts of the best papers: conclusion, limitations, sections, captions and links."""

    papers: int = setting(
        1, "how many of an issue's best papers are read in full, the one to read first; 0: none"
    )
    html_url: str = setting(
        "https://arxiv.org/html", "base address of papers as HTML", kind="web address"
    )
    source_url: str = setting(
        "https://arxiv.org/e-print",
        "base address of their LaTeX, used without HTML",
        kind="web address",
    )
    pace_seconds: float = setting(3.0, "minimum time between two requests")


@dataclass(frozen=True, slots=True)
class Digest:
    """The weekly digest and the monthly report."""

    language: str = setting("en", "language of the pages", choices=("en", "zh-TW", "zh-CN"))
    timezone: str = setting(
        "UTC",
        "IANA time zone of displayed times and of the end of the last week",
        kind="time zone",
    )
    top: int = setting(10, "papers in the list of the week's best")
    daily: bool = setting(
        False, "`tracker run` composes the daily edition for the site, also without subscribers"
    )
    budget_kb: int = setting(80, "most kilobytes of a mail's HTML; mail services cut at 102")
    pdf_kb: int = setting(
        1000,
        "largest PDF of a report that its mails attach, in kilobytes; larger ones are linked;"
        " 0: reports have no PDF",
    )
    wait_hours: float = setting(
        36.0, "how long after its end an issue whose papers are not all here waits to be sent"
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """The hour for the paper to read: 30 minutes of reading and 30 of practice."""

    level: str = setting(
        "engineer",
        "for whom the reading plan and the practice are",
        choices=("beginner", "engineer", "researcher"),
    )
    minutes: int = setting(30, "minutes a day for reading, for `tracker next`")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The weight of each signal in the ranking, and its diversity and exploration.

    The unit: 0.70 of `interest` is twelve log odds of being picked, so 0.058 is one (docs/log.md).

    `tracker replay` shows what other values would have picked.
    """

    interest: float = setting(0.70, "weight of similarity to the picks of an editor of the field")
    age: float = setting(0.17, "weight against papers a week or more older than the last day")
    attention: float = setting(0.07, "weight of upvotes, where known")
    likes: float = setting(0.50, "weight of similarity to papers you liked, from five likes on")
    follow: float = setting(0.30, "weight of a followed author, topic or query; more if rare")
    team: float = setting(0.0, "weight of a large team of authors")
    topic: float = setting(0.01, "weight of a topic of the map")
    centrality: float = setting(0.01, "weight of being central in a theme")
    novelty: float = setting(0.01, "weight of being unlike papers of the ninety days before")
    code: float = setting(0.01, "weight of released code")
    venue: float = setting(0.0, "weight of acceptance at a venue")
    diversity: float = setting(0.15, "weight of difference from earlier picks, 0 to 1")
    calibration: float = setting(
        0.2, "weight of having directions, dimensions and kinds of papers as the period has them"
    )
    per_theme: int = setting(3, "maximum papers of one theme in the list; 0: any number")
    max_per_direction: int = setting(
        3, "maximum papers of one direction in the list; 0: any number"
    )
    explore: int = setting(1, "places in the list chosen at random among the next best")


@dataclass(frozen=True, slots=True)
class Direction:
    """A user-defined direction in addition to those of the map, with its table's key."""

    name: str = setting("", "name in English; default: the key")
    name_zh: str = setting("", "name in Chinese")
    about: str = setting("", "one sentence about the subject of its papers")
    seeds: tuple[str, ...] = setting((), "phrases that its papers use")
    within: tuple[str, ...] = setting((), "keys of the dimensions that it belongs to")


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one home folder."""

    home: Path
    http: Http = field(default_factory=Http)
    embedding: Embedding = field(default_factory=Embedding)
    search: Search = field(default_factory=Search)
    llm: Llm = field(default_factory=Llm)
    fulltext: FullText = field(default_factory=FullText)
    digest: Digest = field(default_factory=Digest)
    reading: Reading = field(default_factory=Reading)
    ranking: Ranking = field(default_factory=Ranking)
    smtp: Smtp = field(default_factory=Smtp)
    web: Web = field(default_factory=Web)
    mcp: Mcp = field(default_factory=Mcp)
    backup: Backup = field(default_factory=Backup)
    retention: Retention = field(default_factory=Retention)
    ray: Ray = field(default_factory=Ray)
    sources: Mapping[str, Source] = field(default_factory=lambda: dict(DEFAULT_SOURCES))
    directions: Mapping[str, Direction] = field(default_factory=dict)
    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The arXiv categories that any arXiv source follows."""
        sources = (source for source in self.sources.values() if isinstance(source, ArxivSource))
        return tuple(dict.fromkeys(name for source in sources for name in source.categories))

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.home / "tracker.db"

    @property
    def index(self) -> Path:
        """Folder of the vector index, a cache that can be rebuilt."""
        return self.home / "index"

    @property
    def postings(self) -> Path:
        """Folder of the index of words, also a cache."""
        return self.home / "index" / "words"

    @property
    def models(self) -> Path:
        """Folder of exported models, also a cache."""
        return self.home / "models"

    @property
    def digests(self) -> Path:
        """Folder of digests and reports, unless `--out` is given."""
        return self.home / "digests"

    @property
    def web_pages(self) -> Path:
        """Folder of the issues as pages and feeds, which any web server can serve."""
        return self.digests / "web"

    @property
    def file(self) -> Path:
        """The settings file."""
        return self.home / "config.toml"


SECTIONS = (
    "http", "embedding", "search", "llm", "fulltext", "digest", "reading", "ranking", "smtp",
    "web", "mcp", "backup", "retention", "ray",
)  # fmt: skip
