"""What every command needs: settings, the open database, messages and progress.

Public: `Session`, `DAY`, `EXIT_DEGRADED`, `print_json`, `supports_styling`, `utc_now`.
"""

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

from tracker.calendar import Period, announcement_days, to_local_time
from tracker.cli.streams import remove_control_characters
from tracker.config import load
from tracker.errors import NotFound, UsageError
from tracker.settings import Config

if TYPE_CHECKING:
    from tracker.pipeline import Progress
    from tracker.store.database import Database

EXIT_DEGRADED = 3
# Without papers for this long, commands about the last days show the newest ones.
_RECENT = timedelta(days=7)
# Far enough from the ends of the calendar to add and subtract days.
_YEARS = range(1900, 3000)


class Session:
    """One invocation of the command line."""

    def __init__(
        self, home: Path | None, *, offline: bool, settings: tuple[str, ...], quiet: bool
    ) -> None:
        self.home = home
        self._overrides = dict(_parse_setting(setting) for setting in settings)
        if offline and self._overrides.get("http.offline", "true") != "true":
            raise UsageError("--offline and --set http.offline contradict each other.")
        if offline:
            self._overrides["http.offline"] = "true"
        self.quiet = quiet

    def config(self) -> Config:
        """Return the settings; unknown names are reported on stderr once and ignored.

        If the home links to a snapshot, they stay with that snapshot.
        """
        return self._pinned_config

    def server_config(self) -> Config:
        """Return the settings for a server, which follows the link to the newest snapshot."""
        return self._config

    @cached_property
    def _pinned_config(self) -> Config:
        from tracker.store.snapshots import pin

        return pin(self._config)

    @cached_property
    def _config(self) -> Config:
        config = load(self.home, overrides=self._overrides)
        for name in config.unknown:
            self.print_message(f"There is no setting {name!r}; it is ignored.")
        return config

    def today(self) -> date:
        """Return today's date in the configured time zone."""
        return to_local_time(utc_now(), self.config().digest.timezone).date()

    @contextmanager
    def open(self) -> Iterator[tuple[Config, "Database"]]:
        """Yield the settings and the open database."""
        from tracker.store.database import open_database

        config = self.config()
        with open_database(config.database) as db:
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

    def day(self, text: str) -> Period:
        """The announcement day meant. UsageError for one that has not begun."""
        return _begun(Period.parse_day(text))

    def month(self, text: str | None) -> Period:
        """The month meant, else the last one. UsageError for one that has not begun."""
        if not text:
            return Period.month_of(self.today()).previous()
        return _begun(Period.parse_month(text))

    def newest_week(self, text: str | None) -> Period:
        """The ISO week meant, else the last one with papers."""
        return self.week(text) if text else self._last_with_papers(self.week(None))

    def newest_month(self, text: str | None) -> Period:
        """The month meant, else the last one with papers."""
        return self.month(text) if text else self._last_with_papers(self.month(None))

    def newest_day(self, given: date | None) -> date:
        """The day given, else today or, if there are no papers of the last days, the newest day.

        A message says so where it is not today's.
        """
        today, span = utc_now().date(), self._announcement_span()
        if given or not span or today - span[1] <= _RECENT:
            return given or today
        self.print_message(f"No papers are newer than {span[1]}: the days up to then are shown.")
        return span[1]

    def _last_with_papers(self, last: Period) -> Period:
        """The period given, or the newest one with papers if they are all older.

        That is the one of the newest day if all its days are there, else the one before, if any of
        its papers are.
        """
        span = self._announcement_span()
        if not span or span[1] >= last.start:
            return last
        period_of = Period.week_of if last.kind == "week" else Period.month_of
        period = period_of(span[1])
        rest = announcement_days(span[1] + timedelta(days=1), period.end)
        if rest and self._has_papers(period.previous()):
            period = period.previous()
        self.print_message(f"No papers are newer than {span[1]}: this is {period.key}.")
        return period

    def _announcement_span(self) -> tuple[date, date] | None:
        from tracker.store.papers import announcement_span

        if not self.config().database.exists():
            return None
        with self.read() as (_, db):
            return announcement_span(db)

    def _has_papers(self, period: Period) -> bool:
        from tracker.store.papers import keys_announced_between

        with self.read() as (_, db):
            return bool(keys_announced_between(db, period.start, period.end))

    @contextmanager
    def open_locked(self, what: str) -> Iterator[tuple[Config, "Database"]]:
        """Do as `open` while holding the lock of long-running commands. Raises LockHeld."""
        from tracker.locking import hold_lock
        from tracker.store.database import open_database
        from tracker.store.snapshots import refuse_snapshot

        config = self.config()
        refuse_snapshot(config.home)
        with hold_lock(config.home / "run.lock", what), open_database(config.database) as db:
            yield config, db

    def log_to_home(self) -> None:
        """Append the log of the rest of the command to log.json in the home.

        With the root option --log-json the log goes to that file only. Raises OSError, and
        StoreError if the home is a read-only snapshot.
        """
        from tracker.cli import logs
        from tracker.store.snapshots import refuse_snapshot

        refuse_snapshot(self.config().home)
        click.get_current_context().with_resource(logs.log_to_home(self.config().home))

    def print_message(self, sentence: str) -> None:
        """Print a message for the user on stderr."""
        click.echo(f"tracker: {remove_control_characters(sentence)}", err=True)

    def print_progress_note(self, sentence: str) -> None:
        """Print a message about the progress of work on stderr, unless -q is given."""
        if not self.quiet:
            self.print_message(sentence)

    @contextmanager
    def progress(self) -> Iterator["Progress"]:
        """Yield a function that draws progress bars on a terminal and does nothing elsewhere."""
        if self.quiet or not supports_styling(sys.stderr):
            from tracker.pipeline import silent

            yield silent
            return
        from tracker.cli.output.progress import progress_bars

        with progress_bars() as shown:
            yield shown


def _begun(period: Period) -> Period:
    period.require_begun(utc_now())
    return period


def supports_styling(stream: TextIO) -> bool:
    """Whether the stream is a terminal that shows styles. See no-color.org."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not plain


def utc_now() -> datetime:
    """Return the current time; only commands read the clock, other code is passed the time."""
    return datetime.now(UTC)


def print_json(value: Any) -> None:
    """Print a value as JSON on stdout; dataclasses as objects, dates as ISO text."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_json_default)
    # A query may contain invalid bytes; JSON may not.
    click.echo(text.encode("utf-8", "replace").decode())


def _json_default(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date | Path):
        return str(value)
    raise TypeError(type(value).__name__)


def _parse_setting(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals:
        raise UsageError(f"--set takes NAME=VALUE, not {setting!r}.")
    return name, value


def check_span(since: date | None, until: date | None) -> None:
    """Raise UsageError for a span that ends before it begins."""
    if since and until and since > until:
        raise UsageError(f"The span ends before it begins: --since {since} is after {until}.")


class InputFile(click.ParamType[Path]):
    """A file that is there; a missing one is no error of usage, as scripts make the name."""

    name = "file"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """The path; raises NotFound when there is nothing."""
        path = Path(value)
        if not path.exists():
            raise NotFound("file", str(path), "It does not exist.")
        if path.is_dir():
            self.fail(f"{str(path)!r} is a folder, not a file.", param, ctx)
        return path


class DayType(click.ParamType[date]):
    """A day like 2026-03-09, or a number of days ago like 7d."""

    name = "date"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002  click passes it by name
        ctx: click.Context | None,  # noqa: ARG002
    ) -> date:
        """Return the day; fail with a sentence that says what is allowed."""
        text = str(value).strip()
        try:
            day = _parse_day(text)
        except (ValueError, OverflowError):
            self.fail(
                f"{text[:40]!r} is neither a day like 2026-03-09 nor a number of days like 7d."
            )
        if day.year not in _YEARS:
            self.fail(f"The year of {text[:40]} must be from {_YEARS[0]} to {_YEARS[-1]}.")
        return day


def _parse_day(text: str) -> date:
    if text.endswith("d") and text[:-1].isdecimal():
        return utc_now().date() - timedelta(days=int(text[:-1]))
    return date.fromisoformat(text)


DAY = DayType()
