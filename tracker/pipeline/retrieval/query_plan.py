"""Query planning: parses a query and expands it with the acronyms and topics of the store.

Public: `parse_query`, `plan_query`, `QueryPlan`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import chain

from tracker.search.index.postings import Postings
from tracker.search.lexical import split_words
from tracker.search.query import stopwords
from tracker.search.query.corpus_translation import find_english_names
from tracker.search.query.expansion import find_expansions
from tracker.search.query.parser import Query, parse
from tracker.search.query.spellings import pair_spellings, word_spellings
from tracker.search.query.term_translation import translate
from tracker.settings import Direction
from tracker.store import fts_search, issues
from tracker.store.cjk import contains_cjk
from tracker.store.database import Database
from tracker.store.fts_query import (
    QueryTerms,
    Term,
    build_query,
    normalize_text,
    phrase_clause,
)
from tracker.store.fts_stems import stem_words
from tracker.store.paper_filters import Facets, Filter
from tracker.topics import taxonomy, topic_names

# Words of a query whose other spellings are looked up; a longer query names its subject anyway.
_MOST_SPELLED = 12
# Chinese terms of a query that are looked up in the summaries of the store.
_MOST_LOOKED_UP = 4
Synonyms = Mapping[str, Sequence[str]]
# At most this many expansions are embedded along with a query.
_MAX_EXPANSIONS = 6


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """The `text` to search by meaning, and the `filters` and words that results must match."""

    text: str
    filters: Filter


def parse_query(
    db: Database,
    query: str,
    today: date,
    user_directions: Mapping[str, Direction],
    *,
    last_digest: date | None = None,
) -> Query:
    """Return the parsed query; `user_directions` are the directions defined in the settings.

    `last_digest` replaces the last day of the newest digest. Raises UsageError for a filter that
    cannot be read.
    """
    known = topic_names.topics_by_name(taxonomy.concepts_with_custom(user_directions))
    last = last_digest or issues.last_digest_day(db)
    return parse(query, today=today, last_digest=last, topics=known)


def plan_query(
    db: Database,
    filters: Filter,
    query: Query,
    *,
    strict: bool = False,
    postings: Postings | None = None,
) -> QueryPlan:
    """Return the plan that combines the options and the query; facets of one kind are alternatives.

    A `strict` plan requires every distinctive word of the query, or one of its synonyms. With
    `postings`, other spellings are looked up faster.
    """
    text, names = _in_english(db, query.text)
    synonyms = _find_synonyms(db, query.wanted)
    terms = _with_content_words(query.wanted)
    terms = replace(terms, aliases=(*terms.aliases, *names))
    if strict:
        terms = replace(terms, required=(*terms.required, *_required_terms(terms, synonyms)))
    narrowed = Filter(
        max(filter(None, (filters.since, query.since)), default=None),
        min(filter(None, (filters.until, query.until)), default=None),
        _union_facets(filters.only, query.facets),
        query.excluded_facets,
        filters.author,
        build_query(terms, synonyms, find_spellings(db, terms, postings)),
    )
    return QueryPlan(_embedding_text(text, synonyms), narrowed)


def _in_english(db: Database, text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text to embed with its Chinese terms in English, and their English names.

    What neither the table of terms nor the summaries in the store can translate remains.
    """
    if not contains_cjk(text):
        return text, ()
    found = translate(text)
    english, names = found.text, list(found.names)
    for term in found.unknown[:_MOST_LOOKED_UP]:
        if own := find_english_names(db, term):
            english = english.replace(term, own[0])
            names += own
    return english, tuple(names)


def _embedding_text(text: str, synonyms: Synonyms) -> str:
    """Return the text to embed: the topic of the question with its acronyms written out.

    MiniLM knows few acronyms: on questions, nDCG@10 of vectors alone is 24.9 with the expansions
    and 23.3 without.
    """
    topic = stopwords.strip_question_words(text)
    names = dict.fromkeys(name for phrases in synonyms.values() for name in phrases)
    added = [name for name in names if name.lower() not in topic.lower()][:_MAX_EXPANSIONS]
    return f"{topic} ({', '.join(added)})" if topic and added else topic


def _with_content_words(terms: QueryTerms) -> QueryTerms:
    """Return the terms with their content words, single and in adjacent pairs."""
    words = terms.words
    return replace(
        terms,
        distinctive=stopwords.content_words(words),
        pairs=stopwords.content_word_pairs(words),
    )


def _find_synonyms(db: Database, terms: QueryTerms) -> dict[str, Sequence[str]]:
    """Return the phrases that stored acronyms add to free words and to unquoted fields."""
    texts = [" ".join(terms.words), *(term.text for term in terms.required if not term.exact)]
    return {normalize_text(e.words): e.phrases for text in texts for e in find_expansions(db, text)}


def find_spellings(
    db: Database, terms: QueryTerms, postings: Postings | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the other spellings of the query's words that occur in the store, by word.

    A spelling of two adjacent words is listed with each of them: either word may be missing.
    """
    found: dict[str, list[str]] = {}
    texts = [term.text for term in terms.required if not term.exact]
    for word in (*terms.distinctive[:_MOST_SPELLED], *texts):
        found.setdefault(normalize_text(word), []).extend(word_spellings(word))
    for pair in terms.pairs[:_MOST_SPELLED]:
        for word in pair.split():
            found.setdefault(normalize_text(word), []).extend(pair_spellings(*pair.split()))
    likely = list(dict.fromkeys(chain(*found.values())))
    if postings:
        likely = _with_known_words(likely, postings)
    known = {spelling: _occurs(db, spelling) for spelling in likely}
    return {word: tuple(filter(known.get, dict.fromkeys(all_))) for word, all_ in found.items()}


def _with_known_words(spellings: Sequence[str], postings: Postings) -> list[str]:
    """Return the spellings of which the postings have every word: of most, no word exists."""
    words = list(dict.fromkeys(chain(*map(split_words, spellings))))
    counts = dict(zip(words, postings.document_frequencies(stem_words(words)), strict=True))
    return [spelling for spelling in spellings if all(map(counts.get, split_words(spelling)))]


def _occurs(db: Database, spelling: str) -> bool:
    return fts_search.any_work_contains(db, phrase_clause(spelling))


def _required_terms(terms: QueryTerms, synonyms: Synonyms) -> Iterator[Term]:
    """Yield each distinctive word as a term; words that have a synonym together are one term."""
    text = normalize_text(" ".join(terms.words))
    for name in (name for name in synonyms if " " in name and f" {name} " in f" {text} "):
        yield Term(name)
        text = f" {text} ".replace(f" {name} ", "  ")
    remaining = set(text.split())
    yield from (
        Term(word) for word in terms.distinctive if set(normalize_text(word).split()) & remaining
    )


def _union_facets(one: Facets, other: Facets) -> Facets:
    return Facets(*(getattr(one, f.name) + getattr(other, f.name) for f in fields(Facets)))
