"""What every command needs: the settings, the open database, and a way to show progress."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from tracker.calendar import Period, local
from tracker.config import load
from tracker.errors import UsageError
from tracker.settings import Config

if TYPE_CHECKING:
    from tracker.pipeline import Progress
    from tracker.store.database import Database

DEGRADED = 3
# Far enough from the ends of the calendar to count days on both sides.
_YEARS = range(1900, 3000)


class Session:
    """One call of the command line."""

    def __init__(
        self, home: Path | None, *, offline: bool, settings: tuple[str, ...], quiet: bool
    ) -> None:
        self._home = home
        self._overrides = dict(_split(setting) for setting in settings)
        if offline:
            self._overrides["http.offline"] = "true"
        self.quiet = quiet

    def config(self) -> Config:
        """The settings; a name that nobody knows is said on stderr, once, and left out."""
        return self._config

    @cached_property
    def _config(self) -> Config:
        config = load(self._home, overrides=self._overrides)
        for name in config.unknown:
            self.say(f"There is no setting {name!r}; it is ignored.")
        return config

    def today(self) -> date:
        """The day it is in the time zone that is set."""
        return local(now(), self.config().digest.timezone).date()

    @contextmanager
    def open(self) -> Iterator[tuple[Config, "Database"]]:
        """The settings and the open database."""
        from tracker.store.database import opened

        config = self.config()
        with opened(config.database) as db:
            yield config, db

    @contextmanager
    def read(self) -> Iterator[tuple[Config, "Database"]]:
        """The settings and the database, to which nothing can be written."""
        from tracker.store.database import read_only

        config = self.config()
        with read_only(config.database) as db:
            yield config, db

    def week(self, text: str | None) -> Period:
        """The ISO week meant, else the last one. UsageError for one that has not begun."""
        if not text:
            return Period.week_of(self.today()).previous()
        return _begun(Period.parse_week(text))

    def month(self, text: str | None) -> Period:
        """The month meant, else the last one. UsageError for one that has not begun."""
        if not text:
            return Period.month_of(self.today()).previous()
        return _begun(Period.parse_month(text))

    @contextmanager
    def locked(self, what: str) -> Iterator[tuple[Config, "Database"]]:
        """As `open`, and nobody else at work meanwhile. Raises LockHeld."""
        from tracker.pipeline.lock import held
        from tracker.store.database import opened

        config = self.config()
        with held(config.home / "run.lock", what), opened(config.database) as db:
            yield config, db

    def say(self, sentence: str) -> None:
        """A message for the person, on stderr."""
        click.echo(f"tracker: {sentence}", err=True)

    @contextmanager
    def progress(self) -> Iterator["Progress"]:
        """A bar on a terminal that can draw one and may, nothing elsewhere."""
        if self.quiet or not may_draw(sys.stderr):
            from tracker.pipeline import silent

            yield silent
            return
        from tracker.cli.progress import bars

        with bars() as shown:
            yield shown


def _begun(period: Period) -> Period:
    period.require_begun(now())
    return period


def may_draw(stream: TextIO) -> bool:
    """Whether more than text may go there. See no-color.org; a dumb terminal has one look only."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not plain


def now() -> datetime:
    """The doors read the clock; everybody else is told the time."""
    return datetime.now(UTC)


def print_json(value: Any) -> None:
    """A value as JSON on stdout; records as objects, dates as ISO text."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_plain)
    # A query may hold bytes that are no text; JSON may not.
    click.echo(text.encode("utf-8", "replace").decode())


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date | Path):
        return str(value)
    raise TypeError(type(value).__name__)


def _split(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise UsageError(f"--set takes NAME=VALUE, not {setting!r}.")
    return name, value


class Day(click.ParamType[date]):
    """A day as 2026-03-09, or as so many days ago: 7d."""

    name = "date"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002  click passes it by name
        ctx: click.Context | None,  # noqa: ARG002
    ) -> date:
        """The day meant; fails with a sentence saying what is allowed."""
        text = str(value).strip()
        try:
            day = _read_day(text)
        except (ValueError, OverflowError):
            self.fail(f"{text[:40]!r} is not a day like 2026-03-09, nor a number of days like 7d.")
        if day.year not in _YEARS:
            self.fail(f"The year of {text[:40]} is not from {_YEARS[0]} to {_YEARS[-1]}.")
        return day


def _read_day(text: str) -> date:
    if text.endswith("d") and text[:-1].isdecimal():
        return now().date() - timedelta(days=int(text[:-1]))
    return date.fromisoformat(text)


DAY = Day()
