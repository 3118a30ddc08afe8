"""From what was typed to what is looked for: the query read, with what the store knows of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from tracker.search import question
from tracker.search.expansion import expansions
from tracker.search.query import Query, parse
from tracker.settings import Direction
from tracker.store import issues
from tracker.store.database import Database
from tracker.store.expressions import Term, Wanted, folded, matching
from tracker.store.filters import Facets, Filter
from tracker.topics import names, taxonomy

Synonyms = Mapping[str, Sequence[str]]
# Other names that are embedded along with a query, at most.
_NAMES = 6


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for: the `text` by its meaning, and what a result must be and holds."""

    text: str
    only: Filter


def read(
    db: Database,
    query: str,
    today: date,
    own: Mapping[str, Direction],
    *,
    last_digest: date | None = None,
) -> Query:
    """The query as it is understood; `own` are directions beside those of the map.

    `last_digest` is the last day of another digest than the newest. Raises UsageError for a filter
    that cannot be read.
    """
    known = names.topics(taxonomy.with_own(own))
    last = last_digest or issues.last_digest(db)
    return parse(query, today=today, last_digest=last, topics=known)


def sought(db: Database, only: Filter, asked: Query, *, strict: bool = False) -> Sought:
    """What passes both the options and the query; facets of one kind are alternatives in both.

    A `strict` search lets pass only what holds every telling word, or what else it is called.
    """
    synonyms = _synonyms(db, asked.wanted)
    wanted = _told_apart(asked.wanted)
    if strict:
        wanted = replace(wanted, required=(*wanted.required, *_all(wanted, synonyms)))
    narrowed = Filter(
        max(filter(None, (only.since, asked.since)), default=None),
        min(filter(None, (only.until, asked.until)), default=None),
        _united(only.only, asked.only),
        asked.without,
        only.author,
        matching(wanted, synonyms),
    )
    return Sought(_meant(asked.text, synonyms), narrowed)


def _meant(text: str, synonyms: Synonyms) -> str:
    """What to embed: the question's topic, with its acronyms written out.

    MiniLM knows few of them: nDCG@10 of vectors alone is 24.9 with and 23.3 without, on questions.
    """
    topic = question.topic(text)
    told = dict.fromkeys(name for others in synonyms.values() for name in others)
    others = [name for name in told if name.lower() not in topic.lower()][:_NAMES]
    return f"{topic} ({', '.join(others)})" if topic and others else topic


def _told_apart(wanted: Wanted) -> Wanted:
    """The words with those that tell something, alone and side by side."""
    words = wanted.words
    return replace(wanted, telling=question.telling(words), pairs=question.pairs(words))


def _synonyms(db: Database, wanted: Wanted) -> dict[str, Sequence[str]]:
    """What the acronyms of the store add to free words, and to fields without quotation marks."""
    texts = [" ".join(wanted.words), *(t.text for t in wanted.required if not t.exact)]
    return {folded(e.words): e.phrases for text in texts for e in expansions(db, text)}


def _all(wanted: Wanted, synonyms: Synonyms) -> Iterator[Term]:
    """Every telling word as a term; several that have another name together are one."""
    text = folded(" ".join(wanted.words))
    for name in (name for name in synonyms if " " in name and f" {name} " in f" {text} "):
        yield Term(name)
        text = f" {text} ".replace(f" {name} ", "  ")
    left = text.split()
    yield from (Term(word) for word in wanted.telling if set(folded(word).split()) & set(left))


def _united(one: Facets, other: Facets) -> Facets:
    return Facets(*(getattr(one, f.name) + getattr(other, f.name) for f in fields(Facets)))
