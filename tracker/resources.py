"""Where the files that travel beside the code are: page templates and job schedules.

Owns the difference between a checkout, where they lie at the top, and an installed wheel, where
the build puts them inside the package (`tracker/_templates`, `tracker/_schedules`).

Public: `templates`, `schedules`, `folder`.
"""

from pathlib import Path

from tracker.errors import TrackerError

_PACKAGE = Path(__file__).resolve().parent


def templates() -> Path:
    """Folder of the page templates. TrackerError when it is missing."""
    return folder("templates", _PACKAGE)


def schedules() -> Path:
    """Folder of the job schedules. TrackerError when it is missing."""
    return folder("schedules", _PACKAGE)


def folder(name: str, package: Path) -> Path:
    """The folder `name` that belongs to the package at `package`: packed inside it, else beside it.

    TrackerError when neither is there.
    """
    for place in (package / f"_{name}", package.parent / name):
        if place.is_dir():
            return place
    raise TrackerError(
        f"The {name} are missing from this installation of tracker; install it again."
    )
