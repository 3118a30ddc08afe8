"""Chinese and English texts about the same works: what summaries in Chinese say, and abstracts.

Public: `BilingualText`, `load_newest`.
"""

import json
from dataclasses import dataclass

from tracker.store import fts_search
from tracker.store.cjk import contains_cjk
from tracker.store.database import Database
from tracker.store.fts_query import phrase_clause


@dataclass(frozen=True, slots=True)
class BilingualText:
    """A work's title and abstract, and what its summaries say in Chinese."""

    english: str
    chinese: str


def load_newest(db: Database, term: str, most: int) -> list[BilingualText]:
    """Return the texts of the `most` newest works with a summary that contains a Chinese term."""
    works = fts_search.works_containing(db, phrase_clause(term))[-most:].tolist()
    rows = db.execute(
        "SELECT w.title || char(10) || w.abstract, s.tldr, s.sentences FROM json_each(?) n"
        " JOIN works w ON w.id = n.value"
        " JOIN summaries s ON s.work = w.id AND s.version = w.version",
        [json.dumps(works)],
    )
    texts = (BilingualText(english, _chinese(*summary)) for english, *summary in rows)
    return [text for text in texts if term in text.chinese]


def _chinese(tldr: str, sentences: str) -> str:
    lines = [tldr, *(text for _, text, _ in json.loads(sentences))]
    return "\n".join(filter(contains_cjk, dict.fromkeys(lines)))
