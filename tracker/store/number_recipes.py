"""Queries that compute the numbers of a monthly report again, independently of the report.

Each has a key and a value in every row. They are written into the report's JSON, so that readers
can run them on a copy of the database.

Public: `list_recipes`.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date

# The papers of followed categories; a paper without any category counts, too.
_FOLLOWED = (
    "(EXISTS (SELECT 1 FROM categories c WHERE c.work = w.id"
    " AND c.name IN (SELECT value FROM json_each(:categories)))"
    " OR NOT EXISTS (SELECT 1 FROM categories c WHERE c.work = w.id))"
)
_IN_MONTH = "w.announced BETWEEN :start AND :end"
_BY_TAG = (
    "SELECT t.name, count(*) FROM tags t JOIN works w ON w.id = t.work"
    f" WHERE {_IN_MONTH} AND {_FOLLOWED} GROUP BY t.name"
)
_DAILY = (
    "WITH days AS (SELECT w.announced AS day, count(*) AS number FROM tagged g"
    " JOIN works w ON w.id = g.work WHERE w.announced BETWEEN :before AND :end GROUP BY day),"
    " hits AS (SELECT t.name, w.announced AS day, count(*) AS number FROM tags t"
    " JOIN works w ON w.id = t.work WHERE w.announced BETWEEN :before AND :end"
    " GROUP BY t.name, day)"
)
# A venue without its punctuation: "AAAI'2026" and "AAAI 2026" are one.
_VENUE = "f.venue"
for _mark in (" ", "''", "-", ",", "(", ")"):
    _VENUE = f"replace({_VENUE}, '{_mark}', '')"
_VENUE = f"upper({_VENUE})"
_GROUPED = (
    "(SELECT a.organization AS name, a.upvotes, max(a.day) FROM attention a"
    " JOIN works w ON w.key = a.key WHERE a.organization != '' AND a.listed <= :end"
    f" AND {_IN_MONTH} GROUP BY a.key)"
)
_QUERIES: Mapping[str, str] = {
    "counts.papers": f"SELECT '', count(*) FROM works w WHERE {_IN_MONTH} AND {_FOLLOWED}",
    "counts.days[].papers": (
        f"SELECT w.announced, count(*) FROM works w WHERE {_IN_MONTH} AND {_FOLLOWED}"
        " GROUP BY w.announced"
    ),
    "counts.categories[].papers": (
        "SELECT c.name, count(*) FROM categories c JOIN works w ON w.id = c.work"
        f" WHERE {_IN_MONTH} AND c.name IN (SELECT value FROM json_each(:categories))"
        " GROUP BY c.name"
    ),
    "counts.dimensions[].papers": _BY_TAG,
    "counts.directions[].papers": _BY_TAG,
    "month.directions[].papers": _BY_TAG,
    "month.changes[].papers": _BY_TAG,
    "month.changes[].share": (
        "SELECT t.name, count(*) * 1.0 / (SELECT count(*) FROM tagged g"
        f" JOIN works w ON w.id = g.work WHERE {_IN_MONTH} AND {_FOLLOWED})"
        " FROM tags t JOIN works w ON w.id = t.work"
        f" WHERE {_IN_MONTH} AND {_FOLLOWED} GROUP BY t.name"
    ),
    "month.changes[].change": (
        f"{_DAILY} SELECT h.name,"
        " sum(CASE WHEN h.day >= :start THEN h.number ELSE 0 END) * 1.0"
        " / (SELECT sum(number) FROM days WHERE day >= :start)"
        " - sum(CASE WHEN h.day < :start THEN h.number ELSE 0 END) * 1.0"
        " / (SELECT sum(number) FROM days WHERE day < :start)"
        " FROM hits h GROUP BY h.name"
    ),
    "month.heat_map.papers[]": _BY_TAG,
    "month.volume.days[].papers": (
        f"SELECT w.announced, count(*) FROM works w WHERE {_IN_MONTH} AND {_FOLLOWED}"
        " GROUP BY w.announced"
    ),
    "month.accepted[].papers": (
        f"SELECT {_VENUE}, count(*) FROM paper_facts f"
        f" JOIN works w ON w.id = f.work WHERE f.venue != '' AND {_IN_MONTH} GROUP BY 1"
    ),
    "month.lists[].papers": (
        "SELECT f.kind, count(*) FROM paper_facts f JOIN works w ON w.id = f.work"
        f" WHERE f.kind != '' AND {_IN_MONTH} AND {_FOLLOWED} GROUP BY f.kind"
        " UNION ALL SELECT 'code', count(*) FROM paper_facts f JOIN works w ON w.id = f.work"
        f" WHERE f.code_link != '' AND {_IN_MONTH} AND {_FOLLOWED}"
    ),
    "month.groups[].papers": f"SELECT name, count(*) FROM {_GROUPED} GROUP BY name",
    "month.groups[].upvotes": f"SELECT name, sum(upvotes) FROM {_GROUPED} GROUP BY name",
    "month.new_models[].downloads": (
        "SELECT name, downloads FROM (SELECT name, downloads, max(day) FROM model_cards"
        " WHERE created BETWEEN :start AND :end GROUP BY name)"
    ),
    "discussed[].upvotes": (
        "SELECT key, upvotes FROM (SELECT key, upvotes, max(day) FROM attention"
        " WHERE listed <= :end GROUP BY key)"
    ),
}


def list_recipes(
    before: date, start: date, end: date, categories: Sequence[str]
) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Return (where, query, parameters) for each kind of number; `before` begins the baseline."""
    known = {
        "before": before.isoformat(),
        "start": start.isoformat(),
        "end": end.isoformat(),
        "categories": json.dumps(list(categories)),
    }
    return [
        (where, query, tuple((name, known[name]) for name in known if f":{name}" in query))
        for where, query in _QUERIES.items()
    ]
