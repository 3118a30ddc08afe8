"""The operations of tracker: import, index, compose and send.

Each one selects the work that is not done yet, does it and commits. All of them can be repeated: a
second run finds nothing to do, and a run after an interruption resumes where the first one stopped.

Public: `Progress`, `silent`.
"""

from typing import Protocol


class Progress(Protocol):
    """A callback that receives progress reports; `total` is None while it is unknown."""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Report that `done` of `total` items of the named stage are finished."""
        ...


def silent(stage: str, done: int, total: int | None = None) -> None:
    """Ignore the report: the `Progress` for callers that show none."""
