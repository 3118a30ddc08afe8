"""Snapshots of a home: complete copies that never change, in a folder with a manifest.

`DEST/current` is a link to the newest one. A snapshot is a home itself, so commands that read work
with `--home DEST/current`. Everything that belongs together is read from one snapshot: `pin` fixes
it, because the link may be switched at any time.

Public: `MANIFEST`, `Snapshot`, `find_snapshot`, `is_snapshot`, `pin`, `refuse_snapshot`.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from tracker.errors import StoreError
from tracker.settings import Config

MANIFEST = "snapshot.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot: its folder, and when it was made."""

    folder: Path
    made: datetime

    @property
    def name(self) -> str:
        """The name of the folder, which is different for every snapshot."""
        return self.folder.name

    def age_seconds(self, now: datetime) -> int:
        """Return how long ago it was made."""
        return max(0, round((now - self.made).total_seconds()))


def is_snapshot(home: Path) -> bool:
    """Whether a home is a snapshot, to which nothing is written."""
    return (home / MANIFEST).exists()


def find_snapshot(home: Path) -> Snapshot | None:
    """Return the snapshot that a home is, or to which it links; None for any other home.

    Raises StoreError for a damaged manifest.
    """
    folder = home.resolve()
    return _read_manifest(folder) if is_snapshot(folder) else None


@lru_cache(maxsize=4)  # a snapshot never changes
def _read_manifest(folder: Path) -> Snapshot:
    try:
        table = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if table["format"] != FORMAT:
            raise StoreError(f"The snapshot {folder} was made by another release.")
        return Snapshot(folder, datetime.fromisoformat(table["made"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StoreError(f"The manifest of the snapshot {folder} is damaged.") from error


def pin(config: Config) -> Config:
    """Return settings that stay with the snapshot to which the home links at the moment."""
    found = find_snapshot(config.home)
    return replace(config, home=found.folder) if found else config


def refuse_snapshot(home: Path) -> None:
    """Raise StoreError if the home is a snapshot, before anything is written to it."""
    if is_snapshot(home):
        raise StoreError(
            f"{home} is a read-only snapshot; run this where `tracker replica` made it."
        )
