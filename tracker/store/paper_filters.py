"""Filters of a search, as a condition in SQL on the row `w` of a work.

Public: `Facets`, properties of a work that can be required, `Filter`, all conditions, and
`signs_condition`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.store import author_search
from tracker.store.author_search import fold_name, longest_words
from tracker.store.fts_query import FtsQuery, MatchClause, all_of, any_of
from tracker.store.signed_words import FUNCTION

_Condition = tuple[str, list[str]]
_WILDCARD = re.compile(r"[%_\\]")
# The plus stops SQLite from fetching thousands of works, with their abstracts, one by one.
_AMONG = "+w.id IN"
# Values of `has`, with the condition on a work's row `f` of `paper_facts`.
_HAS = {"code": "code_link != ''", "model": "model_link != ''"}


@dataclass(frozen=True, slots=True)
class Facets:
    """Properties of a work; those of one kind are alternatives.

    A category without a class includes its whole archive. A venue, in lower case, is matched as
    whole words in comments, journal reference and acceptances. `has` holds "code", also where
    another source than the paper links it, or "model".
    """

    categories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    has: tuple[str, ...] = ()

    def conditions(self) -> Iterator[_Condition]:
        """Yield one condition for each kind that has values."""
        kinds = (
            (self.categories, _in_categories),
            (self.topics, _in_topics),
            (self.venues, _at_venues),
            (self.ids, _of_ids),
            (self.has, _with_facts),
        )
        return (condition(values) for values, condition in kinds if values)


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on a result; an empty filter accepts everything.

    Days are those of the first announcement, both included. Only the required and excluded parts of
    `fts_query` count. `author` is a part of a name.
    """

    since: date | None = None
    until: date | None = None
    only: Facets = field(default_factory=Facets)
    without: Facets = field(default_factory=Facets)
    author: str = ""
    fts_query: FtsQuery = field(default_factory=FtsQuery)

    @property
    def is_restrictive(self) -> bool:
        """Whether there is any condition."""
        return self.where_clause()[0] != "1"

    def where_clause(self) -> _Condition:
        """Return an SQL condition on the work row `w`, and its parameters."""
        conditions = [*self._days(), *self.only.conditions()]
        conditions += [(f"NOT ({sql})", values) for sql, values in self.without.conditions()]
        conditions += [*self._matches(), *([_by_author(self.author)] if self.author else [])]
        sql = " AND ".join(sql for sql, _ in conditions)
        return sql or "1", [value for _, values in conditions for value in values]

    def _days(self) -> Iterator[_Condition]:
        for comparison, day in ((">=", self.since), ("<=", self.until)):
            if day:
                yield f"w.announced {comparison} ?", [day.isoformat()]

    def _matches(self) -> Iterator[_Condition]:
        excluded = self.fts_query.excluded
        plain = [part for part in excluded if not part.signed]
        for negation, by_table in (("", all_of(self.fts_query.required)), ("NOT ", any_of(plain))):
            for table, expression in by_table.items():
                found = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"
                yield f"w.id {negation}IN ({found})", [expression]
        yield from map(_by_author, self.fts_query.authors)
        for name in self.fts_query.excluded_authors:
            sql, values = _by_author(name)
            yield f"NOT {sql}", values
        for part in self.fts_query.required:
            if part.signed:
                yield signs_condition(part)
        for part in excluded:
            if part.signed:
                found = f"SELECT rowid FROM {part.table} WHERE {part.table} MATCH ?"
                signs, words = signs_condition(part)
                yield f"NOT (w.id IN ({found}) AND {signs})", [part.expression, *words]


def signs_condition(part: MatchClause) -> _Condition:
    """Return the condition that a work's text contains the names with signs of a part."""
    text = f"w.{part.column}" if part.column else "(w.title || ' ' || w.abstract)"
    return " AND ".join([f"{FUNCTION}({text}, ?)"] * len(part.signed)), [*part.signed]


def _marks(values: Sequence[str]) -> str:
    return ",".join("?" * len(values))


def _in_categories(names: Sequence[str]) -> _Condition:
    archives = [f"{name}." for name in names if "." not in name]
    within = " OR substr(t.name, 1, length(?)) = ?" * len(archives)
    return (
        f"{_AMONG} (SELECT t.work FROM categories t WHERE t.name IN ({_marks(names)}){within})",
        [*names, *(archive for archive in archives for _ in range(2))],
    )


def _in_topics(keys: Sequence[str]) -> _Condition:
    return f"{_AMONG} (SELECT t.work FROM tags t WHERE t.name IN ({_marks(keys)}))", [*keys]


def _at_venues(names: Sequence[str]) -> _Condition:
    # No letter on either side: ACL does not match NAACL, but does match ACL2025.
    stated = "' ' || lower(w.comments || ' ' || w.journal_ref) || ' '"
    patterns = [f"*[^a-z]{name}[^a-z]*" for name in names]
    accepted = "SELECT 1 FROM acceptances x WHERE x.work = w.id AND"
    by_list = f"EXISTS ({accepted} ' ' || lower(x.venue) || ' ' || x.year || ' ' GLOB ?)"
    conditions = [f"{stated} GLOB ?"] * len(names) + [by_list] * len(names)
    return f"({' OR '.join(conditions)})", patterns * 2


def _of_ids(keys: Sequence[str]) -> _Condition:
    return f"w.key IN ({_marks(keys)})", [*keys]


def _with_facts(names: Sequence[str]) -> _Condition:
    conditions = [
        f"{_AMONG} (SELECT f.work FROM paper_facts f WHERE f.{_HAS[name]})" for name in names
    ]
    if "code" in names:
        conditions.append("EXISTS (SELECT 1 FROM attention x WHERE x.key = w.key AND x.code != '')")
    return f"({' OR '.join(conditions)})", []


def _by_author(name: str) -> _Condition:
    """Return the condition that a work has an author of this name, in any spelling of it."""
    wanted = fold_name(name)
    parts = ["%" + _WILDCARD.sub(r"\\\g<0>", part) + "%" for part in longest_words(wanted)]
    likely = " OR ".join(["a.folded LIKE ? ESCAPE '\\'"] * len(parts)) or "0"
    return (
        f"EXISTS (SELECT 1 FROM authors a WHERE a.work = w.id AND ({likely})"
        f" AND {author_search.FUNCTION}(a.folded, ?))",
        [*parts, wanted],
    )
