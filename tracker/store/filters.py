"""What a work must be besides matching, as a condition in SQL on its row `w`.

Public: `Facets`, the properties of a work that can be asked for, and `Filter`, all conditions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.store.expressions import Matching, all_of, any_of

_Condition = tuple[str, list[str]]
_WILDCARD = re.compile(r"[%_\\]")
# The plus keeps SQLite from fetching each of thousands of works, abstract and all, by its number.
_AMONG = "+w.id IN"
# A paper that gives its code says where it is.
_CODE = ("github.com/", "github.io", "gitlab.com/", "huggingface.co/", "4open.science")


@dataclass(frozen=True, slots=True)
class Facets:
    """Properties of a work; those of one kind are alternatives.

    A category without a class stands for all of its archive. A venue, in lower case, is looked for
    as whole words in comments, journal reference and where the work was accepted. The one thing
    that a work `has` is "code".
    """

    categories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    has: tuple[str, ...] = ()

    def conditions(self) -> Iterator[_Condition]:
        """One condition for each kind that is asked for."""
        kinds = (
            (self.categories, _in_categories),
            (self.topics, _in_topics),
            (self.venues, _at_venues),
            (self.ids, _of_ids),
            (self.has, _with_code),
        )
        return (condition(values) for values, condition in kinds if values)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a result must fulfil; an empty filter lets everything pass.

    Days are of the first announcement, both included. Of `matching` the required and the excluded
    parts count. `author` is a part of a name.
    """

    since: date | None = None
    until: date | None = None
    only: Facets = field(default_factory=Facets)
    without: Facets = field(default_factory=Facets)
    author: str = ""
    matching: Matching = field(default_factory=Matching)

    @property
    def narrows(self) -> bool:
        """Whether there is anything that does not pass."""
        return self.clause()[0] != "1"

    def clause(self) -> _Condition:
        """An SQL condition on the work row `w`, and its parameters."""
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
            ("", all_of(self.matching.required)),
            ("NOT ", any_of(self.matching.excluded)),
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
    # Letters on neither side: ACL is not NAACL, but is ACL2025.
    told = "' ' || lower(w.comments || ' ' || w.journal_ref) || ' '"
    patterns = [f"*[^a-z]{name}[^a-z]*" for name in names]
    accepted = "SELECT 1 FROM acceptances x WHERE x.work = w.id AND"
    by_list = f"EXISTS ({accepted} ' ' || lower(x.venue) || ' ' || x.year || ' ' GLOB ?)"
    conditions = [f"{told} GLOB ?"] * len(names) + [by_list] * len(names)
    return f"({' OR '.join(conditions)})", patterns * 2


def _of_ids(keys: Sequence[str]) -> _Condition:
    return f"w.key IN ({_marks(keys)})", [*keys]


def _with_code(_: Sequence[str]) -> _Condition:
    likes = ["(w.abstract || ' ' || w.comments) LIKE ?"] * len(_CODE)
    told = "EXISTS (SELECT 1 FROM attention x WHERE x.key = w.key AND x.code != '')"
    return f"({' OR '.join([*likes, told])})", [f"%{place}%" for place in _CODE]


def _by_author(name: str) -> _Condition:
    return (
        "EXISTS (SELECT 1 FROM authors a WHERE a.work = w.id AND a.name LIKE ? ESCAPE '\\')",
        ["%" + _WILDCARD.sub(r"\\\g<0>", name) + "%"],
    )
