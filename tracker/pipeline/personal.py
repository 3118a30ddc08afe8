"""What is one reader's own in a mail that goes to many: papers for them, and what went wrong.

The period is gathered, a query looked for and a paper summarised once for all readers.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from summarizer import Summary
from tracker.calendar import Period
from tracker.digest import words
from tracker.digest.compose import Entries
from tracker.digest.document import Document, Personal
from tracker.digest.material import Material
from tracker.digest.reader import Interests
from tracker.language import language as language_of
from tracker.pipeline import tastes, writing
from tracker.pipeline.composing import for_readers, gathered
from tracker.pipeline.summarising import Store, discard, summaries, unasked
from tracker.settings import Config
from tracker.store.database import Database
from tracker.store.interests import Owner
from tracker.store.subscribers import Subscriber

# Papers of a language's readers that a model is asked about: an issue itself has about as many. A
# thousand readers want a thousand papers.
_ASKED = 50
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
    store: Store = discard,
) -> Owned:
    """The own parts of a week's mails; `documents` are the issues by language. A month has none.

    Summaries that are made now are given to `store`.
    """
    if period.kind != "week":
        return Owned({})
    cared = tastes.interests_of(db, config, period, [reader.number for reader in readers])
    chosen = _Chosen(db, config, period, cared, store)
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

    def __init__(
        self, db: Database, config: Config, period: Period, cared: _Caring, store: Store
    ) -> None:
        self._db, self._config, self._period, self._cared = db, config, period, cared
        self._store = store
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
        said = self._said(Counter(key for found in matches for key in found), document, now)
        entries = Entries(material, said, language_of(document.language))
        return {
            reader.number: entries.personal(found, self._liked)
            for reader, found in zip(readers, matches, strict=True)
        }

    def _said(self, wanted: Counter[str], document: Document, now: datetime) -> dict[str, Summary]:
        """Summaries of the papers that are somebody's; of the most wanted ones by the model."""
        known = {pick.paper.id: pick.paper for pick in self._material.ranked.picks}
        works = [known[key] for key, _ in wanted.most_common()]
        if not writing.model(self._config):
            return unasked(self._db, works, now, store=self._store)
        code, store = document.language, self._store
        asked = summaries(self._db, self._config, works[:_ASKED], now, language=code, store=store)
        return asked | unasked(self._db, works[_ASKED:], now, language=code, store=store)
