"""Start a reader's profile from the library of a reference manager: its papers are liked.

Public: `like_library`, `LibraryReport`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracker.errors import SourceMalformed
from tracker.extras import require_library_parsers
from tracker.files import read_text
from tracker.pipeline.mailing import preferences
from tracker.pipeline.retrieval.known_item import find_by_title
from tracker.sources.formats.reference_libraries import NAME, LibraryEntry, parse_library
from tracker.store import interests, papers
from tracker.store.database import Database
from tracker.store.interests import Owner
from tracker.store.paper_filters import Filter


@dataclass(frozen=True, slots=True)
class LibraryReport:
    """How many entries there were and what became of them.

    `judged` already had an opinion, which stays, and `over_limit` were more than a reader can
    like. `missing` are ids of papers that are not in the store, and `unknown` counts entries
    without an id whose title no stored paper has.
    """

    entries: int
    liked: int
    judged: int
    over_limit: int
    missing: tuple[str, ...]
    unknown: int


def like_library(
    db: Database, kind: str, files: Sequence[Path], now: datetime, owner: Owner = None
) -> LibraryReport:
    """Like the stored papers of some files; nothing is liked if one of them cannot be read.

    Raises SourceMalformed.
    """
    require_library_parsers(kind)
    entries = [entry for file in files for entry in parse_library(kind, _read(file), file.name)]
    found, missing, unknown = _find_works(db, entries)
    judged = {opinion.work for opinion in interests.opinions_by_owner(db, [owner])[owner]}
    fresh = [work for work in found if work not in judged]
    left = len(fresh) if owner is None else max(0, preferences.MAX_OPINIONS - len(judged))
    for work in fresh[:left]:
        interests.store_opinion(db, work, liked=True, now=now, owner=owner)
    liked = len(fresh[:left])
    return LibraryReport(
        len(entries), liked, len(found) - len(fresh), len(fresh) - liked, missing, unknown
    )


def _read(file: Path) -> str:
    try:
        return read_text(file)
    except OSError as error:
        raise SourceMalformed(NAME, file.name, f"it cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SourceMalformed(NAME, file.name, str(error)) from error


def _find_works(
    db: Database, entries: Sequence[LibraryEntry]
) -> tuple[list[int], tuple[str, ...], int]:
    """Return the numbers of the works, the ids that are not stored, and the number of others."""
    stored = {
        paper.id: number
        for number, paper in papers.load_by_key(
            db, {key for entry in entries for key in entry.ids}
        ).items()
    }
    works: dict[int, None] = {}
    missing: dict[str, None] = {}
    unknown = 0
    for entry in entries:
        number = _find_work(db, entry, stored)
        if number is not None:
            works[number] = None
        elif entry.ids:
            missing |= dict.fromkeys(entry.ids)
        else:
            unknown += 1
    return list(works), tuple(missing), unknown


def _find_work(db: Database, entry: LibraryEntry, stored: dict[str, int]) -> int | None:
    known = [stored[key] for key in entry.ids if key in stored]
    if known or entry.ids:
        return known[0] if known else None
    titled = find_by_title(db, entry.title, Filter())
    return next(iter(papers.load_by_key(db, [titled[0].id])), None) if titled else None
