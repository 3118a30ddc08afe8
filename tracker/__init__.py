"""Keeping up with LLM research: crawl, search, digest.

    import tracker
    with tracker.open() as library:
        for hit in library.search("MoE", limit=5):
            print(hit.paper.title, hit.why)

Public surface: `open`, which gives a `tracker.library.Library`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from tracker.version import __version__

if TYPE_CHECKING:
    from tracker.library import Library

__all__ = ["__version__", "open"]


def open(home: str | Path | None = None) -> "Library":
    """The library in the folder `home` (default: TRACKER_HOME, else the platform's data folder).

    It is a context manager; the database is opened, and made when need be, on entering.
    """
    from tracker.config import load
    from tracker.library import Library

    return Library(load(Path(home) if home else None))
