"""Filters of a search, as a condition in SQL on the row `w` of a work.

Public: `Facets`, properties of a work that can be required, and `Filter`, all conditions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.store.fts_query import FtsQuery, all_of, any_of

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
        for negation, by_table in (
            ("", all_of(self.fts_query.required)),
            ("NOT ", any_of(self.fts_query.excluded)),
        ):
            for table, expression in by_table.items():
                found = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"
                yield f"w.id {negation}IN ({found})", [expression]


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
    return (
        "EXISTS (SELECT 1 FROM authors a WHERE a.work = w.id AND a.name LIKE ? ESCAPE '\\')",
        ["%" + _WILDCARD.sub(r"\\\g<0>", name) + "%"],
    )
