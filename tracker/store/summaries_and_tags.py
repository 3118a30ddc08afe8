"""Summaries of works with their source sentences, and tags of the taxonomy."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from summarizer import Sentence, Summary
from tracker.models import Tag
from tracker.store import cjk
from tracker.store.database import Database, write_transaction


@dataclass(frozen=True, slots=True)
class SummaryKey:
    """What identifies a summary besides the work: another model or prompt writes another."""

    model: str
    prompt_version: str
    language: str


def store_summaries(
    db: Database, summaries: Mapping[tuple[int, int], Summary], now: datetime
) -> None:
    """Store summaries by (work, version), in one transaction."""
    rows = (
        (work, version, s.model, s.prompt_version, s.language, s.method, now.isoformat(),
         s.dropped, s.note, s.tldr, json.dumps([[x.role, x.text, x.source] for x in s.sentences],
                                       ensure_ascii=False))
        for (work, version), s in summaries.items()
    )  # fmt: skip
    with write_transaction(db):
        db.conn.executemany(
            "INSERT OR REPLACE INTO summaries (work, version, model, prompt_version, language,"
            " method, created, dropped, note, tldr, sentences)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        # Also where an earlier summary is replaced by one without such letters.
        cjk.reindex_works(db.conn, {work for work, _ in summaries})


_SUMMARY = (
    "SELECT s.work, s.tldr, s.sentences, s.method, s.model, s.prompt_version, s.language,"
    " s.dropped, s.note, s.created"
    " FROM summaries s JOIN works w ON w.id = s.work AND w.version = s.version"
)


def load_summaries(db: Database, works: Sequence[int], key: SummaryKey) -> dict[int, Summary]:
    """Return the summary with this key of the newest version of each work that has one."""
    marks = ",".join("?" * len(works))
    rows = db.execute(
        f"{_SUMMARY} WHERE s.model = ? AND s.prompt_version = ? AND s.language = ?"
        f" AND s.work IN ({marks})",
        [key.model, key.prompt_version, key.language, *works],
    )
    return {row[0]: _summary(*row[1:]) for row in rows}


def works_without_summary(
    db: Database, key: SummaryKey, since: date | None = None, until: date | None = None
) -> list[int]:
    """Return works whose newest version has an abstract but no summary with this key.

    Newest announced first. A withdrawn work is not sent to a model, and a summary with a note,
    which says that a model failed, is none.
    """
    rows = db.execute(
        "SELECT w.id FROM works w LEFT JOIN summaries s ON s.work = w.id AND s.version = w.version"
        " AND s.model = ? AND s.prompt_version = ? AND s.language = ? AND s.note = ''"
        " WHERE s.work IS NULL AND w.abstract != '' AND NOT (w.withdrawn AND ? != '')"
        " AND w.announced BETWEEN ? AND ? ORDER BY w.announced DESC, w.id",
        [key.model, key.prompt_version, key.language, key.prompt_version,
         (since or date.min).isoformat(), (until or date.max).isoformat()],
    )  # fmt: skip
    return [number for (number,) in rows]


def works_by_text_hash(
    db: Database, key: SummaryKey, hashes: Sequence[str]
) -> dict[str, list[tuple[int, bool]]]:
    """Return the works that have each text, and whether they have a summary with this key."""
    marks = ",".join("?" * len(hashes))
    rows = db.execute(
        "SELECT w.text_digest, w.id, s.work IS NOT NULL FROM works w LEFT JOIN summaries s"
        " ON s.work = w.id AND s.version = w.version AND s.model = ? AND s.prompt_version = ?"
        f" AND s.language = ? AND s.note = '' WHERE w.text_digest IN ({marks}) ORDER BY w.id",
        [key.model, key.prompt_version, key.language, *hashes],
    )
    found: dict[str, list[tuple[int, bool]]] = {}
    for text_hash, work, has_summary in rows:
        found.setdefault(text_hash, []).append((work, bool(has_summary)))
    return found


def load_generated_summaries(
    db: Database, works: Sequence[int], language: str
) -> dict[int, Summary]:
    """Return the last generated summary of the newest version of each work that has one."""
    marks = ",".join("?" * len(works))
    rows = db.execute(
        f"{_SUMMARY} WHERE s.method = 'generated' AND s.language = ? AND s.work IN ({marks})"
        " ORDER BY s.created",
        [language, *works],
    )
    return {row[0]: _summary(*row[1:]) for row in rows}


def _summary(
    tldr: str, sentences: str, method: str, model: str, prompt: str, *rest: Any
) -> Summary:
    language, dropped, note, created = rest
    parsed = tuple(Sentence(*parts) for parts in json.loads(sentences))
    at = datetime.fromisoformat(created)
    return Summary(tldr, parsed, method, model, prompt, language, dropped, note, at)


def list_untagged_works(db: Database, tagger: str, encoder: int) -> list[int]:
    """Return embedded works whose current text this tagger has not processed."""
    rows = db.execute(
        # CROSS: works come first, in the order of an index that has all that is needed of them.
        "SELECT w.id FROM works w CROSS JOIN vectors v ON v.work = w.id AND v.encoder = ?"
        " LEFT JOIN tagged t ON t.work = w.id AND t.tagger = ? AND t.text_digest = w.text_digest"
        " WHERE t.work IS NULL ORDER BY w.id",
        [encoder, tagger],
    )
    return [number for (number,) in rows]


def store_tags(db: Database, tagger: str, tags: Mapping[int, Sequence[Tag]]) -> None:
    """Store the tags of works, possibly none, in one transaction."""
    with write_transaction(db):
        db.conn.executemany("DELETE FROM tags WHERE work = ?", ((work,) for work in tags))
        db.conn.executemany(
            "INSERT INTO tags (work, name, score, why) VALUES (?, ?, ?, ?)",
            ((work, tag.name, tag.score, tag.why) for work, found in tags.items() for tag in found),
        )
        db.conn.executemany(
            "INSERT OR REPLACE INTO tagged (work, tagger, text_digest)"
            " SELECT id, ?, text_digest FROM works WHERE id = ?",
            ((tagger, work) for work in tags),
        )


def tags_between(db: Database, start: date, end: date) -> dict[int, list[Tag]]:
    """Return the tags of every tagged work announced in a span, best first."""
    rows = db.execute(
        "SELECT t.work, t.name, t.score, t.why FROM tags t JOIN works w ON w.id = t.work"
        " WHERE w.announced BETWEEN ? AND ? ORDER BY t.work, t.score DESC, t.name",
        [start.isoformat(), end.isoformat()],
    )
    return _by_work(rows)


def tags_for_works(db: Database, works: Sequence[int]) -> dict[int, list[Tag]]:
    """Return the tags of those of `works` that have any, best first."""
    marks = ",".join("?" * len(works))
    rows = db.execute(
        f"SELECT work, name, score, why FROM tags WHERE work IN ({marks})"
        " ORDER BY work, score DESC, name",
        works,
    )
    return _by_work(rows)


def _by_work(rows: Iterable[Sequence[Any]]) -> dict[int, list[Tag]]:
    found: dict[int, list[Tag]] = {}
    for work, *parts in rows:
        found.setdefault(work, []).append(Tag(*parts))
    return found


def works_with_current_tags(db: Database, works: Iterable[int]) -> set[int]:
    """Return those of `works` whose current text the tagger has processed, with any result."""
    seen = db.execute(
        "SELECT t.work FROM tagged t JOIN works w ON w.id = t.work"
        " WHERE t.text_digest = w.text_digest"
    )
    return {work for (work,) in seen} & set(works)
