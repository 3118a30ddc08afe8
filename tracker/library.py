"""The Python API: the operations of the pipeline on one home folder.

`tracker.open()` returns a `Library`, whose methods return records of `tracker.models`.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.errors import StoreError, UsageError
from tracker.models import Hit, ImportReport, Pick, Tag
from tracker.records import Answer
from tracker.settings import Config
from tracker.store.database import Database


class Library:
    """A home folder with its database open; use it as a context manager.

    Entering creates the database or migrates it. After that only `import_snapshot` writes: all
    other methods use a read-only connection.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self._exit_stack = ExitStack()
        self._db: Database | None = None

    def __enter__(self) -> Self:
        from tracker.store.database import open_database, read_only
        from tracker.store.snapshots import is_snapshot, pin

        self.config = pin(self.config)
        if not is_snapshot(self.config.home):
            with open_database(self.config.database):
                pass
        self._db = self._exit_stack.enter_context(read_only(self.config.database))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db = None
        self._exit_stack.__exit__(kind, error, trace)

    @property
    def db(self) -> Database:
        """The open database. Raises StoreError outside of `with`."""
        if self._db is None:
            raise StoreError("The library is closed; use it as `with tracker.open() as library:`.")
        return self._db

    def import_snapshot(self, path: str | Path) -> ImportReport:
        """Import a file of the public arXiv metadata snapshot (.jsonl, .jsonl.gz)."""
        from tracker.pipeline.ingest.snapshot_import import import_snapshot
        from tracker.store.database import open_database

        assert self.db  # raises outside of `with`
        with open_database(self.config.database) as db:
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
        """Return the works that best match a query by words and meaning, best first.

        `since` and `until` are announcement days, both included; `topics` are keys of the taxonomy
        (UsageError for an unknown one). Without a usable index, only words are matched.
        """
        from tracker.pipeline.retrieval import hybrid_search

        filters = hybrid_search.build_filter(
            since=since, until=until, categories=tuple(categories), topics=tuple(topics),
            user_directions=self.config.directions,
        )  # fmt: skip
        today = datetime.now(UTC).date()
        options = hybrid_search.SearchOptions(limit, filters)
        found = hybrid_search.search_papers(self.db, self.config, query, options, today=today)
        return list(found.hits)

    def ask(
        self, question: str, limit: int = 5, since: date | None = None, until: date | None = None
    ) -> Answer:
        """Return an answer of at most `limit` sentences, each with the works that support it.

        `answered` is False, and there are no sentences, if the papers here do not answer the
        question. `since` and `until` are announcement days, both included. UsageError for a
        question without words or a `limit` below 1.
        """
        from tracker.pipeline.retrieval.hybrid_search import build_filter
        from tracker.pipeline.retrieval.question_answering import AskOptions, answer_question

        if limit < 1:
            raise UsageError(f"An answer has at least one sentence, so limit cannot be {limit}.")
        options = AskOptions(limit, build_filter(since=since, until=until))
        today = datetime.now(UTC).date()
        return answer_question(self.db, self.config, question, options, today=today)

    def acronyms(self, text: str) -> list[tuple[str, str]]:
        """Return the acronyms that a text defines, as (short, long) pairs in order."""
        from tracker.search.query.acronym_definitions import find_pairs

        return find_pairs(text)

    def tag(self, title: str, abstract: str) -> list[Tag]:
        """Return the topics of a text, best first; there may be none."""
        from tracker.pipeline.retrieval.index_refresh import tag_text

        return tag_text(self.config, title, abstract)

    def rank(self, since: date, until: date, limit: int = 50) -> list[Pick]:
        """Return the papers of those announcement days, ranked as for a digest, best first."""
        from tracker.pipeline.issue.issue_content import rank_papers

        return rank_papers(self.db, self.config, since, until)[:limit]
