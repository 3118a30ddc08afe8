"""Keep up with LLM research: crawl, search, digest.

    import tracker
    with tracker.open() as library:
        for hit in library.search("MoE", limit=5):
            print(hit.paper.title, hit.why)

Public: `open`, which returns a `tracker.library.Library`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from tracker.version import __version__

if TYPE_CHECKING:
    from tracker.library import Library

__all__ = ["__version__", "open"]


def open(home: str | Path | None = None) -> "Library":
    """Return the library in the folder `home`.

    The default is TRACKER_HOME, else the platform's data folder. Use it as a context manager, which
    opens the database, creating it if necessary.
    """
    from tracker.config import load
    from tracker.library import Library

    return Library(load(Path(home) if home else None))
