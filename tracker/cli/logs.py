"""Log output: readable lines on stderr, and JSON lines in a file.

Modules log through the standard library (`logging.getLogger(__name__)`) and pass facts in `extra`.
Only records of `tracker` and `summarizer` are shown or written: at debug level other libraries log
whole addresses, which may hold keys. Subscribers are named by their number; a mail address in an
error message, and a password in front of a host, is replaced.

A line of the file is one object: time (UTC), level, run (the id of this process), logger, message,
the extra fields, and the traceback if there is one. This module is imported only where log output
is wanted, so that it costs other commands nothing.

Public: `log_to_stderr`, `log_to_file`, `log_to_home`, `log_command`, `RUN_ID`.
"""

import json
import logging
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import click

RUN_ID = os.urandom(6).hex()

_LOGGERS = ("tracker", "summarizer")
# Levels of stderr without -v, with -v and with -vv.
_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)
_MAX_BYTES, _BACKUPS = 5_000_000, 3
# A mail address, or user and password of a URL. It stops at quotes, so that JSON stays JSON.
_ADDRESS = re.compile(r"[^\s<>\"'`,;()\[\]{}\\]+@(?=[^\s@])[^\s<>\"'`,;:()\[\]{}\\/]*")
_STANDARD_FIELDS = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})


@contextmanager
def log_to_stderr(verbosity: int) -> Iterator[None]:
    """Show log records on stderr within the block: 0 warnings, 1 what is done, 2 details too."""
    with _attached(_stderr_handler(verbosity)):
        yield


@contextmanager
def log_to_file(file: Path) -> Iterator[None]:
    """Append log records to `file` as JSON lines within the block, unless a file is in use already.

    Details are written if stderr shows them. The file is created with mode 0600 and rotated. Raises
    OSError when it cannot be opened.
    """
    handlers = logging.getLogger(_LOGGERS[0]).handlers
    if any(isinstance(handler, _JsonLinesHandler) for handler in handlers):
        yield
        return
    level = min([logging.INFO, *(handler.level for handler in handlers)])
    # With a handler attached, logging no longer shows warnings on stderr by itself.
    stderr = [] if handlers else [_stderr_handler(0)]
    with _attached(_JsonLinesHandler(file, level), *stderr):
        yield


@contextmanager
def log_to_home(home: Path) -> Iterator[None]:
    """Append log records to log.json in the home, as `log_to_file` does."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log_to_file(home / "log.json"):
        yield


@contextmanager
def log_command(name: str, version: str) -> Iterator[None]:
    """Log that a command starts, and how it ends."""
    logger, started = logging.getLogger(__name__), time.monotonic()
    logger.info("command started", extra={"command": name, "version": version})
    facts: dict[str, Any] = {"command": name}
    try:
        yield
    finally:
        error = sys.exception()
        if error and not isinstance(error, click.exceptions.Exit):
            facts["error"] = type(error).__name__
        facts["seconds"] = round(time.monotonic() - started, 3)
        logger.info("command ended", extra=facts)


@contextmanager
def _attached(*handlers: logging.Handler) -> Iterator[None]:
    """Send records to these handlers within the block."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        for handler in handlers:
            logger.addHandler(handler)
        logger.setLevel(min(handler.level for handler in logger.handlers))
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            for handler in handlers:
                logger.removeHandler(handler)
            logger.setLevel(level)
        for handler in handlers:
            with suppress(OSError):  # a full disk, which has been reported
                handler.close()


def _stderr_handler(verbosity: int) -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setLevel(_LEVELS[min(verbosity, 2)])
    if verbosity:
        handler.setFormatter(
            _ReadableFormatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
        )
    return handler


def _extra_fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return what was passed as `extra`."""
    return {
        name: value
        for name, value in vars(record).items()
        # Libraries such as Ray add private attributes to every record of the process.
        if name not in _STANDARD_FIELDS and not name.startswith("_")
    }


def _redact(text: str) -> str:
    return _ADDRESS.sub("[address]", text)


class _ReadableFormatter(logging.Formatter):
    """One line: time, level, message, and the extra fields as name=value."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        fields = (f"{name}={value}" for name, value in _extra_fields(record).items())
        line = " ".join([super().formatMessage(record), *fields])
        # What a server answered may be part of it and must not control the terminal.
        return _redact("".join(char if char.isprintable() else " " for char in line))

    def formatException(self, ei: Any) -> str:  # noqa: N802  logging's name
        """Return the traceback without addresses."""
        return _redact(super().formatException(ei))


class _JsonFormatter(logging.Formatter):
    """One JSON object in ASCII."""

    def format(self, record: logging.LogRecord) -> str:
        created = datetime.fromtimestamp(record.created, UTC)
        fields = {
            "time": created.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "run": RUN_ID,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return _redact(json.dumps(_extra_fields(record) | fields, default=str))


class _JsonLinesHandler(RotatingFileHandler):
    """Appends to a private file that several processes may share and rotate."""

    def __init__(self, file: Path, level: int) -> None:
        self._failed = False
        super().__init__(file, maxBytes=_MAX_BYTES, backupCount=_BACKUPS, encoding="utf-8")
        self.setLevel(level)
        self.setFormatter(_JsonFormatter())

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=_open_private)

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802  logging's name
        """Whether the file is full; a file that another process has rotated is opened again."""
        if self.stream and not _is_same_file(self.stream.fileno(), self.baseFilename):
            self.stream.close()
            self.stream = self._open()
        return bool(super().shouldRollover(record))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  logging's name
        """Report the first failure in one sentence; work goes on without the log."""
        if not self._failed:
            self._failed = True
            reason = getattr(sys.exception(), "strerror", "") or sys.exception()
            click.echo(
                f"tracker: The log {self.baseFilename} cannot be written: {reason}.", err=True
            )


def _is_same_file(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
