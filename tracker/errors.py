"""Every error a user can meet, as one tree; each class carries its exit code and its data.

    TrackerError                  1   something went wrong; the message says what to do
    ├── UsageError                2   the command was given something it cannot take
    │   └── NotFound              1   no such paper, file, subscriber …
    │       └── NotAnId           2   no paper could be called so
    ├── ConfigError               4   a setting is wrong
    │   └── ModelRefused          4   the model's files are missing or are not the ones promised
    ├── LockHeld                 75   another run is at work
    ├── StoreError                1   the database
    │   ├── DatabaseDamaged       1   it is refused, with the way to restore it
    │   ├── DatabaseMissing       1   it is gone or empty, but what was made from it is there
    │   ├── DatabaseForeign       1   the file belongs to another program
    │   └── SchemaTooNew          1   written by a newer tracker
    ├── IndexUnusable             1   the vector index is missing, damaged or for another model
    ├── RelayError                1   the mail relay does not answer or refuses us as a sender
    ├── NetworkDown               1   no source could be connected to
    └── SourceError               1   a source of the outside world
        ├── SourceUnavailable     1   it did not answer, or asked us to come back later
        ├── SourceRefused         1   it said no for good (403, an address we must not visit)
        └── SourceMalformed       1   it answered with something we cannot trust

The doors (`tracker.cli`) show `str(error)` on stderr and exit with `error.exit_code`; nobody else
exits.
"""

from pathlib import Path


class TrackerError(Exception):
    """Base of all errors that are shown to the user as one sentence."""

    exit_code = 1


class UsageError(TrackerError):
    """The command line or an argument cannot be understood."""

    exit_code = 2


class NotFound(UsageError):
    """What the user named is not there: understood, but nothing can be done with it."""

    exit_code = 1

    def __init__(self, what: str, name: str, hint: str = "") -> None:
        self.what, self.name, self.hint = what, name, hint
        super().__init__(f"No {what} {name!r}. {hint}".strip())


class NotAnId(NotFound):
    """What was to name a paper cannot be the id of one: as any word that is not understood."""

    exit_code = 2


class ConfigError(TrackerError):
    """A setting has a value that cannot be used."""

    exit_code = 4


class ModelRefused(ConfigError):
    """A model's files are missing, or are not the ones that were promised."""

    def __init__(self, model: str, reason: str) -> None:
        self.model, self.reason = model, reason
        super().__init__(f"The model {model!r} is refused: {reason}")


class LockHeld(TrackerError):
    """Another run holds the lock; 75 is EX_TEMPFAIL, which schedulers retry."""

    exit_code = 75

    def __init__(self, path: Path, holder: str) -> None:
        self.path, self.holder = path, holder
        super().__init__(f"Another run is at work ({holder}); try again when it has finished.")


class StoreError(TrackerError):
    """The database cannot do what was asked."""


class DatabaseDamaged(StoreError):
    """The database file fails SQLite's own checks, so nothing is read from it."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(
            f"The database {path} is damaged ({reason}). Restore a backup with "
            f"`tracker restore FILE`; the damaged file is kept beside it."
        )


class DatabaseMissing(StoreError):
    """There is no database, or an empty one, beside files that were made from one."""

    def __init__(self, path: Path, state: str, beside: Path) -> None:
        self.path, self.state, self.beside = path, state, beside
        super().__init__(
            f"The database {path} is {state}, but {beside} was made from one. Restore a backup "
            f"with `tracker restore FILE`; to begin again without it, move {beside} away."
        )


class DatabaseForeign(StoreError):
    """The file at the database's place is a database of another program."""

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
    """The mail relay cannot be used at all, so the run has stopped; what waits stays waiting."""

    def __init__(self, host: str, reason: str) -> None:
        self.host, self.reason = host, reason
        super().__init__(f"The mail relay {host} cannot be used: {reason}")


class NetworkDown(TrackerError):
    """Not one source could be connected to."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"No source could be reached ({reason}); try again when there is a network connection."
        )


class SourceError(TrackerError):
    """A source could not be read; `source` is its registry name, `url` what was asked."""

    def __init__(self, source: str, url: str, reason: str) -> None:
        self.source, self.url, self.reason = source, url, reason
        super().__init__(f"{source}: {reason} ({url})")


class SourceUnavailable(SourceError):
    """No usable answer now: time-out, reset, 429, 406, 503 … `retry_after` is in seconds."""

    def __init__(
        self, source: str, url: str, reason: str, *, retry_after: float | None = None
    ) -> None:
        self.retry_after = retry_after
        super().__init__(source, url, reason)


class SourceRefused(SourceError):
    """A final no: 403, a redirect to a private address, a scheme we do not speak."""


class SourceMalformed(SourceError):
    """The answer is not what the source's contract promises (HTML, cut XML, an error feed)."""
