"""The table of settings: each field below is one, with its default and its help.

`tracker init`, the docs and the parser (`tracker.config`) use it. Each section is a dataclass, as
is the whole, `Config`. No I/O.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def setting(default: Any, help: str, *, choices: tuple[str, ...] = (), kind: str = "") -> Any:
    """Return a field of a section: its default, one line of help, and its allowed values.

    `kind` narrows the values further: see `tracker.config`.
    """
    return field(default=default, metadata={"help": help, "choices": choices, "kind": kind})


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
    url: str = setting("", "base address, for example of a mirror")
    pace_seconds: float = setting(0.0, "minimum time between two requests")


_ARXIV = ("cs.CL", "cs.LG", "stat.ML")


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
    years: int = setting(2, "number of earlier years to read")
    url_v1: str = setting("", "base address of the older API, where there is one")

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
        "", "base address of public lists, read where OpenReview refuses; empty: none"
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
    base_url: str = setting("http://127.0.0.1:11434/v1", "address of an OpenAI-compatible server")
    api_key_file: str = setting("", "file of mode 0600 with the server's key, if it needs one")
    concurrency: int = setting(4, "papers processed at a time: requests, or rows of a batch")
    timeout_seconds: float = setting(120.0, "longest wait for one response of a server")
    entailment_model: str = setting(
        "", "folder or hub id of a natural language inference model that must also agree"
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
    html_url: str = setting("https://arxiv.org/html", "base address of papers as HTML")
    source_url: str = setting(
        "https://arxiv.org/e-print", "base address of their LaTeX, used without HTML"
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
class Smtp:
    """The relay that sends the mails. The password may also be in TRACKER_SMTP_PASSWORD."""

    host: str = setting("", "submission relay, e.g. smtp.example.org")
    port: int = setting(587, "its port: 587 for starttls, 465 for tls", kind="server port")
    security: str = setting(
        "starttls", "how the connection is encrypted", choices=("starttls", "tls", "none")
    )
    user: str = setting("", "name to log in with; empty: no login")
    password_file: str = setting("", "file with the password, readable by its owner only")
    sender: str = setting("", "From of the mails, e.g. LLM Weekly <weekly@example.org>")
    per_minute: int = setting(0, "most mails in a minute; 0: as many as the relay takes")
    helo_name: str = setting(
        "", "host name to greet the relay with; empty: this host's, or its address"
    )
    timeout_seconds: float = setting(
        60.0,
        "longest time for connecting, and for the dialogue about one mail",
        kind="positive",
    )


@dataclass(frozen=True, slots=True)
class Web:
    """The web pages, and the key that signs the links in mails."""

    host: str = setting("127.0.0.1", "address that `tracker serve` listens on")
    port: int = setting(8765, "port that `tracker serve` listens on", kind="port")
    public_url: str = setting("", "public address of the pages, https://…", kind="web address")
    secret_file: str = setting("", "file with the signing key; default: created in the home folder")
    header_seconds: float = setting(
        10.0,
        "how long a client may take to send the head of a request before it is disconnected",
        kind="positive",
    )
    subscribe: bool = setting(
        False, "let visitors subscribe on the site; each confirms by a link in a mail"
    )
    api_token_file: str = setting(
        "", "file with the token for follow, like and dislike in the API; empty: they are refused"
    )
    api_per_minute: int = setting(3000, "most API requests a minute from one address; 0: no limit")
    api_cors_origins: tuple[str, ...] = setting(
        (), "origins whose pages may read the API, e.g. https://example.org"
    )


@dataclass(frozen=True, slots=True)
class Backup:
    """The scheduled backups of the database."""

    folder: str = setting("", "folder of the backups; default: `backups` in the home folder")
    keep: int = setting(3, "how many of the newest are kept; 0: none is made")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long records are kept that are not needed for a correct result. 0: always."""

    failed_attempts_days: int = setting(90, "days that failed attempts at scheduled jobs are kept")
    past_recipients_days: int = setting(
        400,
        "days that hashes of removed subscribers are kept, so that none gets an old issue twice",
    )
    outbox_days: int = setting(
        400, "days that is kept who received an issue, at least 92; then it is never sent again"
    )
    crawl_records_days: int = setting(
        400, "days that the attempts of each source are kept, besides those that are still needed"
    )


@dataclass(frozen=True, slots=True)
class Ray:
    """The cluster that `--engine ray` uses."""

    address: str = setting("", "address of a cluster; empty: one on this machine, for the command")
    object_store_mb: int = setting(512, "most megabytes of blocks that wait in Ray's object store")
    gpus_per_worker: float = setting(
        1.0, "GPUs of a worker where the cluster has any; 0.5: two workers share one"
    )


@dataclass(frozen=True, slots=True)
class Mcp:
    """The MCP server."""

    allow_follow: bool = setting(False, "let MCP clients save searches with the tool `follow`")


@dataclass(frozen=True, slots=True)
class Direction:
    """A user-defined direction in addition to those of the map, with its table's key."""

    name: str = setting("", "name in English; default: the key")
    name_zh: str = setting("", "name in Chinese")
    about: str = setting("", "one sentence about the subject of its papers")
    seeds: tuple[str, ...] = setting((), "phrases that its papers use")
    within: tuple[str, ...] = setting((), "keys of the dimensions that it belongs to")


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A place other than mail that each issue is posted to, with its table's key."""

    kind: str = setting(
        "webhook",
        "format of the message",
        choices=("webhook", "slack", "discord", "telegram", "feishu"),
    )
    url: str = setting("", "address to post to; of Telegram only another server than its own")
    url_file: str = setting("", "file of mode 0600 with the address, if it is a secret")
    secret_file: str = setting(
        "", "file of mode 0600 with the key that signs a webhook, or the token of a Telegram bot"
    )
    chat: str = setting("", "Telegram chat that receives the issues, e.g. @channel")
    language: str = setting("en", "language of the issues", choices=("en", "zh-TW", "zh-CN"))
    issues: tuple[str, ...] = setting(
        ("weekly", "monthly"), "kinds of issues: daily, weekly, monthly"
    )


_KILCHER = "https://www.youtube.com/feeds/videos.xml?channel_id=UCZHmQk67mSJgfCCTn7xBfew"
_SOURCES: Mapping[str, Source] = {
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
    reading: Reading = Reading()
    ranking: Ranking = Ranking()
    smtp: Smtp = Smtp()
    web: Web = Web()
    mcp: Mcp = Mcp()
    backup: Backup = Backup()
    retention: Retention = Retention()
    ray: Ray = Ray()
    sources: Mapping[str, Source] = field(default_factory=lambda: dict(_SOURCES))
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
