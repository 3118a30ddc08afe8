"""Progress bars on a terminal: one line per stage. Owns rich."""

from collections.abc import Iterator
from contextlib import contextmanager

from tracker.pipeline import Progress


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Yield a progress function that draws on stderr during the block."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Bars(*columns, console=Console(stderr=True), transient=True) as drawn:
        tasks: dict[str, int] = {}

        def show(stage: str, done: int, total: int | None = None) -> None:
            if stage not in tasks:
                tasks[stage] = drawn.add_task(stage, total=total)
            drawn.update(tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

        yield show
