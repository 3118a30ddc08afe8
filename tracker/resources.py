"""The location of data files of the package: page templates, job schedules, a list of feeds.

In a checkout they are at the top level; in an installed wheel the build puts them inside the
package (`tracker/_templates`, `tracker/_schedules`).

Public: `templates_folder`, `schedules_folder`, `starter_feeds`, `find_folder`.
"""

from pathlib import Path

from tracker.errors import TrackerError

_PACKAGE = Path(__file__).resolve().parent


def templates_folder() -> Path:
    """Return the folder of the page templates. Raises TrackerError when it is missing."""
    return find_folder("templates", _PACKAGE)


def schedules_folder() -> Path:
    """Return the folder of the job schedules. Raises TrackerError when it is missing."""
    return find_folder("schedules", _PACKAGE)


def starter_feeds() -> Path:
    """Return the OPML file of feeds to start with, which `tracker init` copies."""
    return _PACKAGE / "starter_feeds.opml"


def find_folder(name: str, package: Path) -> Path:
    """Return the folder `name` of the package at `package`: inside it, else beside it.

    Raises TrackerError when neither exists.
    """
    for place in (package / f"_{name}", package.parent / name):
        if place.is_dir():
            return place
    raise TrackerError(
        f"The {name} are missing from this installation of tracker; install it again."
    )
