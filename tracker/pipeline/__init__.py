"""The verbs: take in, index, compose. Each selects undone work, does it, commits, and may be
repeated: a second run finds nothing to do, and one that was cut short goes on where it stopped.
"""

from typing import Protocol


class Progress(Protocol):
    """Where a verb tells how far it is; `total` is None while it is not known."""

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """`done` of `total` in a stage that has this name."""
        ...


def silent(stage: str, done: int, total: int | None = None) -> None:
    """Progress for those who do not watch."""
