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
    categories: tuple[str, ...] = _setting((), "arXiv categories to follow")
    pace_seconds: float = _setting(0.0, "least time between two requests")


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


_ARXIV = ("cs.CL", "cs.LG", "stat.ML")
_SOURCES = {
    "arxiv_api": Source(
        url="https://export.arxiv.org/api/query", categories=_ARXIV, pace_seconds=3.0
    ),
}


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one home folder."""

    home: Path
    http: Http = Http()
    embedding: Embedding = Embedding()
    llm: Llm = Llm()
    fulltext: FullText = FullText()
    digest: Digest = Digest()
    sources: Mapping[str, Source] = field(default_factory=lambda: dict(_SOURCES))
    unknown: tuple[str, ...] = ()

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return self.home / "tracker.db"

    @property
    def index(self) -> Path:
        """Folder of the vector index, a cache that can be rebuilt."""
        return self.home / "index"

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


SECTIONS = ("http", "embedding", "llm", "fulltext", "digest")


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
    if name == "sources" or _section(config, name) is not None:
        raise ConfigError(f"The setting {name} is a table: write [{name}] and its settings below.")
    value = name.rpartition(".")[0]
    if _exists(config, value):
        raise ConfigError(f"The setting {value} is one value and cannot be a table.")


def _section(config: Config, name: str) -> Any:
    """The settings of a section such as "http" or "sources.arxiv_api", or None."""
    if name.startswith("sources."):
        return config.sources.get(name.removeprefix("sources."))
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
    for name in (*SECTIONS, *(f"sources.{source}" for source in sorted(config.sources))):
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
