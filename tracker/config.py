"""Settings: one table, read as flag > environment > `config.toml` > default.

The table is the dataclasses below: each field is a setting with its default and its help, so that
`tracker init`, the docs and the parser are all made from it (`describe`). The environment name of
`sources.arxiv_api.url` is `TRACKER_SOURCES__ARXIV_API__URL`.
"""

import json
import math
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from tracker.errors import ConfigError

PREFIX = "TRACKER_"
Table = dict[str, Any]


def _setting(default: Any, help: str, *, choices: tuple[str, ...] = ()) -> Any:
    """A field of a settings section: its default, one line of help, and the values it may take."""
    return field(default=default, metadata={"help": help, "choices": choices})


@dataclass(frozen=True, slots=True)
class Http:
    """How tracker behaves on the network."""

    contact: str = _setting(
        "", "mail address or page sent in the User-Agent, so a site can reach you"
    )
    offline: bool = _setting(False, "refuse every network access")
    allow_private: tuple[str, ...] = _setting(
        (), "hosts that may be loopback or private addresses (mirrors, test servers)"
    )


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the outside world."""

    enabled: bool = _setting(True, "whether `tracker crawl` reads it")
    url: str = _setting("", "base address, so that a mirror can stand in")
    pace_seconds: float = _setting(0.0, "least time between two requests")


_ARXIV = ("cs.CL", "cs.LG", "stat.ML")


@dataclass(frozen=True, slots=True)
class ArxivSource(Source):
    """A door of arXiv: all of them keep one pace together, never less than its terms ask for."""

    categories: tuple[str, ...] = _setting(_ARXIV, "arXiv categories to follow")
    pace_seconds: float = _setting(3.0, "least time between two requests to any door of arXiv")


@dataclass(frozen=True, slots=True)
class VenueSource(Source):
    """A place that lists what conferences accepted."""

    venues: tuple[str, ...] = _setting((), "what to read of it; empty: all that tracker knows")
    years: int = _setting(2, "how many years back from this one")
    url_v1: str = _setting("", "base address of the older interface, where there is one")

    def span(self, year: int) -> range:
        """The years to read, seen from `year`, which is the last of them."""
        return range(year - self.years, year + 1)


@dataclass(frozen=True, slots=True)
class BoardSource(Source):
    """A place that publishes leaderboards."""

    boards: tuple[str, ...] = _setting((), "which of its boards; empty: those that tracker knows")


@dataclass(frozen=True, slots=True)
class KeyedSource(Source):
    """A service that gives more to those who have a key."""

    key_file: str = _setting("", "file of mode 0600 that holds the key, if you have one")


@dataclass(frozen=True, slots=True)
class Embedding:
    """The model that turns text into vectors."""

    model: str = _setting(
        "bundled", "folder or hub id of a sentence-transformers model, or bundled"
    )
    revision: str = _setting("", "revision of a hub model")
    device: str = _setting("auto", "where it runs", choices=("auto", "cpu", "cuda"))
    backend: str = _setting("auto", "what runs it", choices=("auto", "openvino", "torch"))


@dataclass(frozen=True, slots=True)
class Search:
    """How what is found is put in order."""

    reranker: str = _setting(
        "", "folder or hub id of a cross-encoder that orders the best results anew, or nothing"
    )


@dataclass(frozen=True, slots=True)
class Llm:
    """The language model that writes summaries, if there is one; each sentence must be proven."""

    backend: str = _setting("none", "what runs it", choices=("none", "transformers", "openai"))
    model: str = _setting("", "folder or hub id, or the server's name for the model")
    base_url: str = _setting("http://127.0.0.1:11434/v1", "address of an OpenAI-compatible server")
    api_key_file: str = _setting("", "file of mode 0600 with the server's key, if it wants one")
    concurrency: int = _setting(4, "papers at a time: requests, or rows of a batch")
    timeout_seconds: float = _setting(120.0, "longest wait for one answer of a server")
    entailment_model: str = _setting(
        "", "folder or hub id of a model of natural language inference that must agree too"
    )


@dataclass(frozen=True, slots=True)
class FullText:
    """Reading the conclusion of the best papers, to summarise more than the abstract."""

    papers: int = _setting(0, "how many of a digest's best papers are read; 0: none")
    html_url: str = _setting("https://arxiv.org/html", "where papers are read as HTML")
    source_url: str = _setting("https://arxiv.org/e-print", "where, failing that, their LaTeX is")
    pace_seconds: float = _setting(3.0, "least time between two requests")


@dataclass(frozen=True, slots=True)
class Digest:
    """What the weekly digest and the monthly report hold."""

    language: str = _setting("en", "language of the pages", choices=("en", "zh-TW", "zh-CN"))
    timezone: str = _setting("UTC", "IANA time zone in which schedules and dates are meant")
    top: int = _setting(10, "papers in the list of the week's best")
    budget_kb: int = _setting(90, "most kilobytes of a mail's HTML; mail services cut at 102")


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each signal counts when papers are ranked, and how much sameness and chance is let in.

    `tracker replay` shows what other numbers would have picked.
    """

    interest: float = _setting(0.70, "weight of likeness to papers that readers of the field like")
    attention: float = _setting(0.20, "weight of upvotes, where they are known")
    likes: float = _setting(0.50, "weight of likeness to the papers you liked, from five likes on")
    follow: float = _setting(0.30, "weight of a followed author, topic or query")
    team: float = _setting(0.02, "weight of a large team of authors")
    topic: float = _setting(0.02, "weight of being about a topic of the map")
    centrality: float = _setting(0.02, "weight of standing at the centre of a theme")
    novelty: float = _setting(0.02, "weight of being unlike the ninety days before")
    code: float = _setting(0.02, "weight of released code")
    venue: float = _setting(0.0, "weight of having been accepted somewhere")
    diversity: float = _setting(0.15, "share of difference from what is picked already, 0 to 1")
    per_theme: int = _setting(3, "most papers of one theme in the list; 0: any number")
    explore: int = _setting(1, "places in the list given to chance among the next best")


@dataclass(frozen=True, slots=True)
class Smtp:
    """The relay that takes the mails. The password may also be in TRACKER_SMTP_PASSWORD."""

    host: str = _setting("", "submission relay, e.g. smtp.example.org")
    port: int = _setting(587, "its port: 587 for starttls, 465 for tls")
    security: str = _setting(
        "starttls", "how the connection is encrypted", choices=("starttls", "tls", "none")
    )
    user: str = _setting("", "name to log in with; empty: no login")
    password_file: str = _setting("", "file with the password, readable by its owner only")
    sender: str = _setting("", "From of the mails, e.g. LLM Weekly <weekly@example.org>")
    per_minute: int = _setting(0, "most mails in a minute; 0: as many as the relay takes")


@dataclass(frozen=True, slots=True)
class Web:
    """Where the web pages are, and the key that signs the links in mails."""

    host: str = _setting("127.0.0.1", "address that `tracker serve` listens on")
    port: int = _setting(8765, "port that `tracker serve` listens on")
    public_url: str = _setting("", "address under which others reach the pages, https://…")
    secret_file: str = _setting("", "file with the signing key; default: made in the home folder")


@dataclass(frozen=True, slots=True)
class Direction:
    """A direction of one's own beside those of the map, under the key that its table has."""

    name: str = _setting("", "name in English; the key where it is empty")
    name_zh: str = _setting("", "name in Chinese")
    about: str = _setting("", "one sentence that says what papers of it are about")
    seeds: tuple[str, ...] = _setting((), "phrases that such papers use")
    within: tuple[str, ...] = _setting((), "keys of the dimensions that it is in")


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
    def file(self) -> Path:
        """The settings file."""
        return self.home / "config.toml"


SECTIONS = (
    "http", "embedding", "search", "llm", "fulltext", "digest", "ranking", "smtp", "web",
)  # fmt: skip


def home_folder(given: Path | None, environ: Mapping[str, str]) -> Path:
    """The folder everything lives in: the argument, else TRACKER_HOME, else the platform's."""
    if given or environ.get("TRACKER_HOME"):
        return (given or Path(environ["TRACKER_HOME"])).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("tracker", appauthor=False))


def load(
    home: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> Config:
    """Read the settings of `home`. `overrides` are flags: {"http.offline": "true"}.

    Raises ConfigError for a file that is not TOML, a value of the wrong kind, or a flag that names
    no setting. In the file and the environment, which may serve another release too, an unknown
    name is no error: it is listed in `unknown`.
    """
    environ = os.environ if environ is None else environ
    folder = home_folder(home, environ)
    config = Config(home=folder)
    for name, value in _lasting(folder / "config.toml", environ):
        if _exists(config, name):
            config = _with(config, name, value)
        else:
            _refuse_shape(config, name)
            config = replace(config, unknown=(*config.unknown, name))
    for name, value in (overrides or {}).items():
        if not _exists(config, name):
            raise ConfigError(f"There is no setting {name!r}; `tracker init` writes all there are.")
        config = _with(config, name, value)
    return config


def _lasting(file: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Settings of the file, then of the environment, as (name, value)."""
    yield from _flat(_toml(file))
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and "__" in variable:
            yield variable[len(PREFIX) :].lower().replace("__", "."), environ[variable]


def _toml(file: Path) -> Table:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The settings file {file} is not valid TOML: {error}.") from error


def _flat(table: Table, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _exists(config: Config, name: str) -> bool:
    section, _, key = name.rpartition(".")
    known = _section(config, section)
    return known is not None and key in {setting.name for setting in fields(known)}


def _refuse_shape(config: Config, name: str) -> None:
    """ConfigError for a value where a table is meant, and for a table where a value is."""
    if name in ("sources", "sources.feeds", "directions") or _section(config, name) is not None:
        raise ConfigError(f"The setting {name} is a table: write [{name}] and its settings below.")
    value = name.rpartition(".")[0]
    if _exists(config, value):
        raise ConfigError(f"The setting {value} is one value and cannot be a table.")


_DIRECTION = re.compile(r"directions\.[a-z][a-z0-9-]*").fullmatch


def _section(config: Config, name: str) -> Any:
    """The settings of a section such as "http" or "sources.arxiv_api", or None."""
    if name.startswith("sources."):
        source = name.removeprefix("sources.")
        named = source.startswith(FEEDS) and source != FEEDS
        return config.sources.get(source, Source() if named else None)
    if _DIRECTION(name):
        return config.directions.get(name.removeprefix("directions."), Direction())
    return getattr(config, name) if name in SECTIONS else None


def _with(config: Config, name: str, value: Any) -> Config:
    """`config` with the setting `name`, which exists, changed."""
    section, _, key = name.rpartition(".")
    before = _section(config, section)
    setting = next(setting for setting in fields(before) if setting.name == key)
    after = replace(before, **{key: _read(setting, name, value)})
    if section.startswith("sources."):
        sources = {**config.sources, section.removeprefix("sources."): after}
        return replace(config, sources=sources)
    if section.startswith("directions."):
        own = {**config.directions, section.removeprefix("directions."): after}
        return replace(config, directions=own)
    return replace(config, **{section: after})


_DIGITS = re.compile(r"[0-9]{1,9}").fullmatch
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


def _read(setting: Field[Any], name: str, value: Any) -> Any:
    """`value` in the kind of the setting's default. Text is what flags and the environment give."""
    try:
        read = _KINDS[type(_default(setting))](value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"The setting {name} cannot be {value!r}: {error}.") from error
    choices = setting.metadata["choices"]
    if choices and read not in choices:
        raise ConfigError(
            f"The setting {name} cannot be {value!r}; it is one of {', '.join(choices)}."
        )
    return read


def _default(setting: Field[Any]) -> Any:
    assert setting.default is not MISSING, setting.name
    return setting.default


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in _TRUE:
        return True
    if str(value).lower() in _FALSE:
        return False
    raise ValueError("it must be true or false")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("it must be text, in quotes")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int | str) or isinstance(value, bool) or not _DIGITS(str(value)):
        raise ValueError("it must be a whole number of zero or more")
    return int(value)


def _number(value: Any) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ValueError("it must be a number of zero or more")
    return number


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, list):
        raise TypeError("it must be a list of texts")
    return tuple(_text(item) for item in value)


_KINDS: dict[type, Any] = {bool: _flag, str: _text, int: _whole, float: _number, tuple: _texts}


def describe(config: Config) -> Iterator[tuple[str, Any, str]]:
    """Every setting as (name, value, help): `config.toml`'s template and the docs come from it."""
    tables = {"sources": config.sources, "directions": config.directions}
    named = [f"{table}.{key}" for table, given in tables.items() for key in sorted(given)]
    for name in (*SECTIONS, *named):
        yield from _described(name, _section(config, name))


def _described(prefix: str, section: Any) -> Iterator[tuple[str, Any, str]]:
    for setting in fields(section):
        choices = setting.metadata["choices"]
        tail = f" ({', '.join(choices)})" if choices else ""
        yield (
            f"{prefix}.{setting.name}",
            getattr(section, setting.name),
            setting.metadata["help"] + tail,
        )


def template(config: Config) -> str:
    """A settings file in which every setting stands as a comment, with its help and default."""
    lines = ["# Settings of tracker. Remove the # of a line to change it.", ""]
    section = ""
    for name, value, help_text in describe(config):
        if name.rpartition(".")[0] != section:
            section = name.rpartition(".")[0]
            lines += ["", f"[{section}]"]
        lines += [f"# {help_text}", f"# {name.rpartition('.')[2]} = {_toml_value(value)}"]
    return "\n".join(lines) + "\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def places(config: Config) -> dict[str, Path]:
    """Where everything is, by name."""
    return {
        "home": config.home,
        "settings": config.file,
        "database": config.database,
        "index": config.index,
        "models": config.models,
        "digests": config.digests,
    }
