"""The library as other programs use it: the verbs of the pipeline on one home folder.

`tracker.open()` gives it. Everything it returns is a record of `tracker.models`.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.errors import StoreError
from tracker.models import Hit, ImportReport, Pick, Tag
from tracker.settings import Config
from tracker.store.database import Database


class Library:
    """A home folder with its database open; use it as a context manager.

    Entering makes the database or brings it up to date. After that only `import_snapshot` writes:
    every other method reads through a connection to which nothing can be written.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self._open = ExitStack()
        self._db: Database | None = None

    def __enter__(self) -> Self:
        from tracker.store.database import opened, read_only

        with opened(self.config.database):
            pass
        self._db = self._open.enter_context(read_only(self.config.database))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db = None
        self._open.__exit__(kind, error, trace)

    @property
    def db(self) -> Database:
        """The open database, for reading. StoreError outside of `with`."""
        if self._db is None:
            raise StoreError("The library is closed; use it as `with tracker.open() as library:`.")
        return self._db

    def import_snapshot(self, path: str | Path) -> ImportReport:
        """Take in a file of the public arXiv metadata snapshot (.jsonl, .jsonl.gz)."""
        from tracker.pipeline.intake import import_snapshot
        from tracker.store.database import opened

        assert self.db  # raises outside of `with`
        with opened(self.config.database) as db:
            return import_snapshot(db, Path(path))

    def search(
        self,
        query: str,
        limit: int = 10,
        since: date | None = None,
        until: date | None = None,
        categories: Sequence[str] = (),
        topics: Sequence[str] = (),
    ) -> list[Hit]:
        """The works that best match a query by words and meaning, best first.

        `since` and `until` are announcement days, both included; `topics` keys of the taxonomy
        (UsageError for one that is not). Without a usable index the search is by words alone.
        """
        from tracker.pipeline import finding

        only = finding.only(
            since=since, until=until, categories=tuple(categories), topics=tuple(topics),
            own=self.config.directions,
        )  # fmt: skip
        today = datetime.now(UTC).date()
        found = finding.search(self.db, self.config, query, limit=limit, only=only, today=today)
        return list(found.hits)

    def acronyms(self, text: str) -> list[tuple[str, str]]:
        """The (short, long) pairs that a text defines, in their order."""
        from tracker.search.acronyms import pairs

        return pairs(text)

    def tag(self, title: str, abstract: str) -> list[Tag]:
        """The keys of the taxonomy that a text belongs to, best first; there may be none."""
        from tracker.pipeline.indexing import tag

        return tag(self.config, title, abstract)

    def rank(self, since: date, until: date, limit: int = 50) -> list[Pick]:
        """The picks that a digest of those announcement days would start from, best first."""
        from tracker.pipeline.composing import rank

        return rank(self.db, self.config, since, until)[:limit]
