"""The operations of the API: each returns what the command of the same name prints as JSON.

Public: `Operation`, `OPERATIONS`, `Call`.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.digest import document as documents
from tracker.errors import NotFound, UsageError
from tracker.models import BoardSnapshot
from tracker.pipeline.ingest import completeness
from tracker.pipeline.learning import knowledge_map
from tracker.pipeline.learning.knowledge_map import KnowledgeMap
from tracker.pipeline.mailing import preferences
from tracker.pipeline.mailing.prepare_issue import ISSUE_KINDS
from tracker.pipeline.retrieval import hybrid_search, saved_searches
from tracker.pipeline.retrieval.public_json import search_json
from tracker.pipeline.retrieval.trend_reports import ComparisonSpan, TrendReport, compute_trends
from tracker.settings import Config
from tracker.store import boards, issues
from tracker.store.database import Database
from tracker.store.interests import SavedSearch
from tracker.store.issues import IssueHeading
from tracker.web.api import parameters as p
from tracker.web.api.parameters import Parameter

_MOST_ISSUES = 500


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the parts of the path, the parsed parameters, and the fields of the JSON body."""

    path: Mapping[str, str]
    values: Mapping[str, Any]
    body: Mapping[str, str]
    now: datetime


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; `answers` is the type of its result, or a JSON schema.

    `path` may contain {names}; `body` maps the fields of a POST to whether they are required.
    """

    name: str
    path: str
    about: str
    run: Callable[[Database, Config, Call], Any]
    answers: Any
    parameters: tuple[Parameter, ...] = ()
    body: Mapping[str, bool] | None = None

    @property
    def method(self) -> str:
        """POST for an operation that changes something, otherwise GET."""
        return "GET" if self.body is None else "POST"


def search(db: Database, config: Config, call: Call) -> dict[str, Any]:
    """Return the works that match a query best. Raises UsageError and IndexUnusable."""
    started, given = time.perf_counter(), call.values
    only = hybrid_search.build_filter(
        since=given["since"], until=given["until"], categories=given["cat"],
        topics=given["topic"], author=given["author"], user_directions=config.directions,
    )  # fmt: skip
    options = hybrid_search.SearchOptions(given["limit"], only, mode=given["mode"])
    found = hybrid_search.search_papers(db, config, given["q"], options, today=call.now.date())
    return search_json(given["q"], found, seconds=time.perf_counter() - started)


def _show_work(db: Database, _: Config, call: Call) -> hybrid_search.WorkDetails:
    return hybrid_search.load_work(db, call.path["id"])


def _find_similar(db: Database, config: Config, call: Call) -> dict[str, Any]:
    started, key = time.perf_counter(), call.path["id"]
    found = hybrid_search.find_similar(db, config, key, call.values["limit"])
    return search_json(key, found, seconds=time.perf_counter() - started)


def _show_topics(db: Database, config: Config, call: Call) -> KnowledgeMap:
    until = call.values["until"] or call.now.date()
    return knowledge_map.load_knowledge_map(db, config, until)


def _show_trends(db: Database, config: Config, call: Call) -> TrendReport:
    until = call.values["until"] or call.now.date()
    span = ComparisonSpan.last_days(call.values["days"], until)
    return compute_trends(db, config, call.values["by"], span)


def _list_issues(db: Database, _: Config, call: Call) -> list[IssueHeading]:
    kind = ISSUE_KINDS.get(call.values["period"], "")
    return issues.list_headings(db, _MOST_ISSUES, kind)


def _show_issue(db: Database, _: Config, call: Call) -> Mapping[str, Any]:
    kind, period = call.path["kind"], call.path["period"]
    issue = issues.find(db, kind, period, call.values["lang"])
    if issue is None:
        raise NotFound("issue", f"{kind} {period}"[:40], "/api/v1/issues lists what there is.")
    # What the reader of this home follows and likes is not public.
    return documents.as_json(documents.from_json(issue.document).without_personal_parts())


def load_boards(db: Database, _: Config, call: Call) -> list[BoardSnapshot]:
    """Return the newest snapshot of each leaderboard."""
    today = call.now.date()
    found = (boards.latest_snapshot(db, name, today) for name in boards.list_names(db))
    return [board for board in found if board]


def _list_days(db: Database, config: Config, call: Call) -> list[Any]:
    since, until = call.values["since"], call.values["until"]
    return list(completeness.list_days(db, config, call.now, since=since, until=until))


def _follow(db: Database, config: Config, call: Call) -> SavedSearch:
    query, name = call.body["query"], call.body.get("name", "")
    return saved_searches.follow(db, config, query, name, call.now)


def _set_opinion(db: Database, call: Call, *, liked: bool) -> dict[str, Any]:
    if len(call.body["id"]) > p.MAX_TEXT_LENGTH:
        raise UsageError("The id is too long.")
    paper = preferences.set_opinion(db, call.body["id"], liked=liked, now=call.now)
    return {"id": paper.id, "title": paper.title, "liked": liked}


def _like(db: Database, _: Config, call: Call) -> dict[str, Any]:
    return _set_opinion(db, call, liked=True)


def _dislike(db: Database, _: Config, call: Call) -> dict[str, Any]:
    return _set_opinion(db, call, liked=False)


_HIT_TEXTS = ("id", "title", "published", "announced", "venue", "tldr", "url")
_HIT_LISTS = ("authors", "categories", "topics", "why")
_HITS = {
    "type": "object",
    "required": ["query", "took_ms", "notes", "hits"],
    "properties": {
        "query": {"type": "string"},
        "took_ms": {"type": "number"},
        "notes": {"type": "array", "items": {"type": "string"}},
        "hits": {
            "type": "array",
            "items": {
                "type": "object",
                "required": [*_HIT_TEXTS, *_HIT_LISTS, "score", "withdrawn"],
                "properties": {
                    **{name: {"type": "string"} for name in _HIT_TEXTS},
                    **{n: {"type": "array", "items": {"type": "string"}} for n in _HIT_LISTS},
                    "score": {"type": "number"},
                    "withdrawn": {"type": "boolean"},
                },
            },
        },
    },
}
_OBJECT = {"type": "object"}
_OBJECTS = {"type": "array", "items": _OBJECT}
_OPINION = {
    "type": "object",
    "required": ["id", "title", "liked"],
    "properties": {
        "id": {"type": "string"}, "title": {"type": "string"}, "liked": {"type": "boolean"},
    },
}  # fmt: skip

OPERATIONS = (
    Operation(
        "search", "/search", "Find papers by words and meaning, as `tracker search --json`.",
        search, _HITS,
        (p.QUERY, p.LIMIT, p.SINCE, p.UNTIL, p.CATEGORY, p.TOPIC, p.AUTHOR, p.MODE),
    ),
    Operation("similar", "/works/{id}/similar", "The works most similar to one.", _find_similar,
              _HITS, (p.LIMIT,)),
    Operation("work", "/works/{id}", "Everything about one work, as `tracker show --json`.",
              _show_work, hybrid_search.WorkDetails),
    Operation("topics", "/topics", "The map of the last 30 days.", _show_topics, KnowledgeMap,
              (p.LAST_DAY,)),
    Operation("trends", "/trends", "What grows or shrinks significantly.", _show_trends,
              TrendReport, (p.BY, p.DAYS, p.LAST_DAY)),
    Operation("issues", "/issues", "The newest issues.", _list_issues, list[IssueHeading],
              (p.PERIOD,)),
    Operation("issue", "/issues/{kind}/{period}", "One issue: kind is daily, weekly or monthly.",
              _show_issue, _OBJECT, (p.LANGUAGE,)),
    Operation("leaderboards", "/leaderboards", "The newest snapshot of each leaderboard.",
              load_boards, list[BoardSnapshot]),
    Operation("completeness", "/completeness", "Expected and received papers by day.", _list_days,
              _OBJECTS, (p.SINCE, p.UNTIL)),
    Operation("follow", "/follow", "Save a search of the reader of this home.", _follow,
              SavedSearch, body={"query": True, "name": False}),
    Operation("like", "/like", "Like a paper.", _like, _OPINION, body={"id": True}),
    Operation("dislike", "/dislike", "Dislike a paper.", _dislike, _OPINION, body={"id": True}),
)  # fmt: skip
