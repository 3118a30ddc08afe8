"""The values of settings: flag > environment > `config.toml` > default.

The settings are defined in `tracker.settings`; `describe_settings` lists them. The environment name
of `sources.arxiv_api.url` is `TRACKER_SOURCES__ARXIV_API__URL`.

Public: `load`, `describe_settings`, `settings_template`, `list_paths`, `home_folder`.
"""

import json
import math
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracker.calendar import parse_time_zone
from tracker.errors import ConfigError
from tracker.files import read_text
from tracker.settings import FEEDS, SECTIONS, ChannelSettings, Config, Direction, Source

PREFIX = "TRACKER_"
Table = dict[str, Any]


def home_folder(given: Path | None, environ: Mapping[str, str]) -> Path:
    """Return the home folder: the argument, else TRACKER_HOME, else the platform's data folder."""
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
    """Load the settings of `home`. `overrides` are flags: {"http.offline": "true"}.

    Raises ConfigError for a file that is not TOML, a value of the wrong type, or a flag for an
    unknown setting. In the file and the environment, which may also serve another release, an
    unknown name is not an error: it is listed in `unknown`.
    """
    environ = os.environ if environ is None else environ
    folder = home_folder(home, environ)
    config = Config(home=folder)
    for name, value in _persistent_settings(folder / "config.toml", environ):
        if _has_setting(config, name):
            config = _with_setting(config, name, value)
        elif value != {}:  # a section without settings
            _check_is_value(config, name)
            config = replace(config, unknown=(*config.unknown, name))
    for name, value in (overrides or {}).items():
        if not _has_setting(config, name):
            raise ConfigError(f"There is no setting {name!r}; `tracker init` writes all there are.")
        config = _with_setting(config, name, value)
    return config


def _persistent_settings(file: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """Yield (name, value) of the file, then of the environment."""
    yield from _flatten(_read_toml(file))
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and "__" in variable:
            yield variable[len(PREFIX) :].lower().replace("__", "."), environ[variable]


def _read_toml(file: Path) -> Table:
    try:
        return tomllib.loads(read_text(file))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The settings file {file} is not valid TOML: {error}.") from error
    except ValueError as error:
        raise ConfigError(f"The settings file {file} cannot be read: {error}.") from error


def _flatten(table: Table, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _has_setting(config: Config, name: str) -> bool:
    section, _, key = name.rpartition(".")
    known = _section(config, section)
    return known is not None and key in {setting.name for setting in fields(known)}


def _check_is_value(config: Config, name: str) -> None:
    """Raise ConfigError for a value in place of a table, and for a table in place of a value."""
    if name in ("sources", "sources.feeds", *_NAMED) or _section(config, name) is not None:
        raise ConfigError(f"The setting {name} is a table: write [{name}] and its settings below.")
    value = name.rpartition(".")[0]
    if _has_setting(config, value):
        raise ConfigError(f"The setting {value} is one value and cannot be a table.")


# Tables whose sections the user names.
_NAMED: Mapping[str, Callable[[], Any]] = {"directions": Direction, "channels": ChannelSettings}
_NAMED_SECTION = re.compile(rf"(?:{'|'.join(_NAMED)})\.[a-z][a-z0-9-]*").fullmatch


def _section(config: Config, name: str) -> Any:
    """Return the settings of a section such as "http" or "sources.arxiv_api", or None."""
    if name.startswith("sources."):
        source = name.removeprefix("sources.")
        named = source.startswith(FEEDS) and source != FEEDS
        return config.sources.get(source, Source() if named else None)
    if _NAMED_SECTION(name):
        table, _, entry = name.partition(".")
        return getattr(config, table).get(entry, _NAMED[table]())
    return getattr(config, name) if name in SECTIONS else None


def _with_setting(config: Config, name: str, value: Any) -> Config:
    """Return `config` with the existing setting `name` changed."""
    section, _, key = name.rpartition(".")
    before = _section(config, section)
    setting = next(setting for setting in fields(before) if setting.name == key)
    after = replace(before, **{key: _parse_value(setting, name, value)})
    if section.startswith("sources."):
        sources = {**config.sources, section.removeprefix("sources."): after}
        return replace(config, sources=sources)
    table, _, entry = section.partition(".")
    if table in _NAMED:
        named: dict[str, Any] = {table: {**getattr(config, table), entry: after}}
        return replace(config, **named)
    return replace(config, **{section: after})


_LAST_PORT = 65_535
_DIGITS = re.compile(r"[0-9]{1,9}").fullmatch
# Years in seconds and more hours than any date can be moved by: larger numbers overflow in use.
_LARGEST = 1_000_000
_MOST_SHOWN = 80
# Control characters and those that change the direction of text: none is part of a path or an
# address, and they reach headers and terminals.
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
).search
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


def _parse_value(setting: Field[Any], name: str, value: Any) -> Any:
    """Convert `value` to the type of the setting's default; flags and the environment give text."""
    try:
        read = _KINDS[type(_default(setting))](value)
        _CHECKS[setting.metadata["kind"]](read)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"The setting {name} cannot be {_shown(value)}: {error}.") from error
    choices = setting.metadata["choices"]
    given = read if isinstance(read, tuple) else (read,)
    if choices and not set(given) <= set(choices):
        raise ConfigError(
            f"The setting {name} cannot be {_shown(value)}; it is one of {', '.join(choices)}."
        )
    return read


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…"


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
    if _INVISIBLE(value):
        raise ValueError("it must be text without control and direction characters")
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
    if not 0 <= number <= _LARGEST:
        raise ValueError(f"it must be a number of zero or more, at most {_LARGEST:,}")
    return number


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(_text(part.strip()) for part in value.split(",") if part.strip())
    if not isinstance(value, list):
        raise TypeError("it must be a list of texts")
    return tuple(_text(item) for item in value)


def _check_port(value: int) -> None:
    if value > _LAST_PORT:
        raise ValueError(f"it must be at most {_LAST_PORT}, the last port")


def _check_server_port(value: int) -> None:
    _check_positive(value)
    _check_port(value)


def _check_positive(value: float) -> None:
    if not value:
        raise ValueError("it must be more than zero")


def _check_web_address(value: str) -> None:
    parts = urlsplit(value)
    if value and not (parts.scheme in ("http", "https") and parts.hostname and parts.port != 0):
        raise ValueError("it must be an address such as https://digest.example.org")


def _check_at_most(limit: int) -> Callable[[float], None]:
    def check(value: float) -> None:
        if value > limit:
            raise ValueError(f"it must be at most {limit:,}")

    return check


_CHECKS: dict[str, Callable[[Any], object]] = {
    "": lambda _: None,
    "port": _check_port,
    "server port": _check_server_port,
    "positive": _check_positive,
    "days": _check_at_most(36_500),
    "years": _check_at_most(50),
    "time zone": parse_time_zone,
    "web address": _check_web_address,
}
_KINDS: dict[type, Any] = {bool: _flag, str: _text, int: _whole, float: _number, tuple: _texts}


def describe_settings(config: Config) -> Iterator[tuple[str, Any, str]]:
    """Yield every setting as (name, value, help), for the settings file and the docs."""
    tables = {"sources": config.sources, **{name: getattr(config, name) for name in _NAMED}}
    named = [f"{table}.{key}" for table, given in tables.items() for key in sorted(given)]
    for name in (*SECTIONS, *named):
        yield from _describe_section(name, _section(config, name))


def _describe_section(prefix: str, section: Any) -> Iterator[tuple[str, Any, str]]:
    for setting in fields(section):
        choices = setting.metadata["choices"]
        tail = f" ({', '.join(choices)})" if choices else ""
        yield (
            f"{prefix}.{setting.name}",
            getattr(section, setting.name),
            setting.metadata["help"] + tail,
        )


def settings_template(config: Config) -> str:
    """Return a settings file with every setting as a comment, with its help and default."""
    lines = ["# Settings of tracker. Remove the # of a line to change it.", ""]
    section = ""
    for name, value, help_text in describe_settings(config):
        if name.rpartition(".")[0] != section:
            section = name.rpartition(".")[0]
            lines += ["", f"[{section}]"]
        lines += [f"# {help_text}", f"# {name.rpartition('.')[2]} = {_toml_value(value)}"]
    return "\n".join(lines) + "\n"


def _toml_value(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def list_paths(config: Config) -> dict[str, Path]:
    """Return the location of each file and folder, by name."""
    return {
        "home": config.home,
        "settings": config.file,
        "database": config.database,
        "index": config.index,
        "models": config.models,
        "digests": config.digests,
    }
