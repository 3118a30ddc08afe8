"""What is one reader's own in a mail that goes to many: papers for them, and what went wrong.

The period is gathered, a query looked for and a paper summarised once for all readers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from tracker.calendar import Period
from tracker.digest import words
from tracker.digest.compose import Entries
from tracker.digest.document import Document, Personal
from tracker.digest.material import Material
from tracker.digest.reader import Interests
from tracker.language import language as language_of
from tracker.pipeline import tastes, writing
from tracker.pipeline.composing import for_readers, gathered
from tracker.pipeline.summarising import summaries
from tracker.settings import Config
from tracker.store.database import Database
from tracker.store.interests import Owner
from tracker.store.subscribers import Subscriber

_Caring = Mapping[Owner, Interests]


@dataclass(frozen=True, slots=True)
class Own:
    """One reader's papers, and remarks for them in their language."""

    papers: tuple[Personal, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owned:
    """What is each reader's own, by their number; `notes` are for whoever sends."""

    parts: Mapping[int, Own]
    notes: tuple[str, ...] = ()


def owned(
    db: Database,
    config: Config,
    period: Period,
    readers: Sequence[Subscriber],
    documents: Mapping[str, Document],
    now: datetime,
) -> Owned:
    """The own parts of a week's mails; `documents` are the issues by language. A month has none."""
    if period.kind != "week":
        return Owned({})
    cared = tastes.interests_of(db, config, period, [reader.number for reader in readers])
    chosen = _Chosen(db, config, period, cared)
    papers: dict[int, tuple[Personal, ...]] = {}
    for code, document in documents.items():
        mine = [r for r in readers if r.language == code and cared[r.number]]
        papers |= chosen.papers(mine, document, now) if mine else {}
    parts = {r.number: Own(papers.get(r.number, ()), _remarks(r, cared)) for r in readers}
    return Owned(parts, tuple(_notes(readers, cared)))


def _remarks(reader: Subscriber, cared: _Caring) -> tuple[str, ...]:
    return words.unread(cared[reader.number].unread, language_of(reader.language))


def _notes(readers: Sequence[Subscriber], cared: _Caring) -> Iterator[str]:
    for reader in readers:
        for name, reason in cared[reader.number].unread.items():
            yield f"What {reader.email} follows as {name!r} can no longer be read: {reason}"


class _Chosen:
    """Papers of a period for readers, each told in the language of their issue."""

    def __init__(self, db: Database, config: Config, period: Period, cared: _Caring) -> None:
        self._db, self._config, self._period, self._cared = db, config, period, cared
        self._liked = tastes.titles(db, cared.values())

    @cached_property
    def _material(self) -> Material:
        return gathered(self._db, self._config, self._period)[0]

    def papers(
        self, readers: Sequence[Subscriber], document: Document, now: datetime
    ) -> dict[int, tuple[Personal, ...]]:
        """What each of the readers of one issue finds in it for themselves."""
        db, material = self._db, self._material
        cared = [self._cared[reader.number] for reader in readers]
        matches = for_readers(db, material, cared, document.shown)
        wanted = {key for found in matches for key in found}
        picked = [pick.paper for pick in material.ranked.picks if pick.paper.id in wanted]
        spoken = document.language if writing.model(self._config) else "en"
        said = summaries(db, self._config, picked, now, language=spoken)
        entries = Entries(material, said, language_of(document.language))
        return {
            reader.number: entries.personal(found, self._liked)
            for reader, found in zip(readers, matches, strict=True)
        }
