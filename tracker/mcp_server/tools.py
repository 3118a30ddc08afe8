"""The MCP server: tools, resources and a prompt over the store of one home.

Owns the official SDK. Tools only read, except `follow`, which exists only if mcp.allow_follow is
set. Each call opens the database for itself; reading calls cannot write and are limited in time.

Public: `build_server`, `run_stdio`, `run_http`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from summarizer.grounding.names import withhold_order
from tracker.digest import document as documents
from tracker.errors import NotFound, TrackerError, UsageError
from tracker.mcp_server import results
from tracker.pipeline.retrieval import hybrid_search, saved_searches
from tracker.pipeline.retrieval.trend_reports import ComparisonSpan, compute_trends
from tracker.settings import Config
from tracker.store import boards, issues
from tracker.store.database import Database, open_database, open_read_only
from tracker.store.snapshots import pin
from tracker.version import __version__

_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False, idempotent_hint=True)
_WRITES = ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)
_INSTRUCTIONS = (
    "Search and read LLM research papers, weekly digests, monthly reports, trends and leaderboards"
    " from a local store. Cite papers by their url. " + results.NOTICE
)
_NEWEST_ISSUES = 200

Query = Annotated[str, Field(min_length=1, max_length=1000, description="Words, or a question.")]
WorkId = Annotated[
    str, Field(min_length=1, max_length=200, description="arXiv id such as 2403.01234, or address.")
]
Limit = Annotated[int, Field(ge=1, le=50, description="Most results.")]
Day = Annotated[date | None, Field(description="A day like 2026-03-09.")]
Period = Annotated[
    str, Field(max_length=10, description="2026-03-10, 2026-W11 or 2026-03; empty: the newest.")
]
IssueLanguage = Literal["en", "zh-TW", "zh-CN"]


def build_server(config: Config) -> MCPServer[Any]:
    """Return the server of one home."""
    server: MCPServer[Any] = MCPServer(
        "tracker", title="LLM research tracker", instructions=_INSTRUCTIONS, version=__version__,
        log_level="ERROR",
    )  # fmt: skip
    tools = _Tools(config)
    readers: tuple[Callable[..., Any], ...] = (
        tools.search_papers, tools.get_paper, tools.similar_papers, tools.topic_trends,
        tools.daily_edition, tools.weekly_digest, tools.monthly_report, tools.leaderboard,
    )  # fmt: skip
    for tool in readers:
        server.add_tool(tool, annotations=_READ_ONLY, structured_output=True)
    if config.mcp.allow_follow:
        server.add_tool(tools.follow, annotations=_WRITES, structured_output=True)
    _add_resources(server, config)
    server.prompt("weekly_reading", description="Read the week's most relevant papers.")(
        weekly_reading
    )
    return server


@contextmanager
def _reading(config: Config) -> Iterator[tuple[Config, Database]]:
    """Yield settings and database, of one snapshot if the home links to any.

    An error a caller can act on becomes a tool error.
    """
    try:
        config = pin(config)
        with open_read_only(config.database) as db:
            yield config, db
    except TrackerError as error:
        raise ToolError(str(error)) from error
    except UnicodeError as error:
        raise ToolError("The arguments contain invalid characters.") from error


class _Tools:
    """The tools; the name, the docstring and the types of a method describe its tool."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def search_papers(
        self, query: Query, limit: Limit = 10, since: Day = None, until: Day = None,
        topic: Annotated[str, Field(max_length=100, description="Key of a topic.")] = "",
        author: Annotated[str, Field(max_length=200, description="Part of a name.")] = "",
    ) -> results.FoundPapers:  # fmt: skip
        """Find papers by words and meaning, best first, optionally by day, topic and author."""
        with _reading(self._config) as (config, db):
            if since and until and since > until:
                raise UsageError(f"The span ends before it begins: {since} is after {until}.")
            only = hybrid_search.build_filter(
                since=since, until=until, topics=(topic,) if topic else (), author=author,
                user_directions=config.directions,
            )  # fmt: skip
            options = hybrid_search.SearchOptions(limit, only)
            found = hybrid_search.search_papers(db, config, query, options, today=_today())
        return results.found_papers(query, found)

    def get_paper(self, id: WorkId) -> results.Work:
        """Show a paper: abstract, summary with its sources, versions, venue, code, boards."""
        with _reading(self._config) as (_, db):
            return results.work(hybrid_search.load_work(db, id))

    def similar_papers(self, id: WorkId, limit: Limit = 10) -> results.FoundPapers:
        """List the papers most similar to one."""
        with _reading(self._config) as (config, db):
            found = hybrid_search.find_similar(db, config, id, limit)
        return results.found_papers(id, found)

    def topic_trends(
        self, by: Literal["tag", "topic", "term"] = "tag",
        days: Annotated[int, Field(ge=7, le=366, description="Days to compare.")] = 28,
        until: Day = None, limit: Limit = 20,
    ) -> results.TopicTrends:  # fmt: skip
        """Show which topics grow or shrink, compared with three times as many days before."""
        with _reading(self._config) as (config, db):
            span = _span(days, until or _today())
            return results.topic_trends(compute_trends(db, config, by, span), limit)

    def daily_edition(
        self, day: Period = "", language: IssueLanguage = "en", limit: Limit = 10
    ) -> results.IssueOverview:
        """Show the edition of an announcement day: its few best papers."""
        with _reading(self._config) as (_, db):
            document = _load_issue(db, "daily", day, language)
        return results.issue_overview(document, limit)

    def weekly_digest(
        self, week: Period = "", language: IssueLanguage = "en", limit: Limit = 10
    ) -> results.IssueOverview:
        """Show a weekly digest: its best papers and its themes."""
        with _reading(self._config) as (_, db):
            document = _load_issue(db, "weekly", week, language)
        return results.issue_overview(document, limit)

    def monthly_report(
        self, month: Period = "", language: IssueLanguage = "en", limit: Limit = 10
    ) -> results.IssueOverview:
        """Show an LLM Monthly Report: its best papers and its themes."""
        with _reading(self._config) as (_, db):
            document = _load_issue(db, "monthly", month, language)
        return results.issue_overview(document, limit)

    def leaderboard(
        self, board: Annotated[str, Field(max_length=100, description="Name; empty: all.")] = "",
        limit: Limit = 10,
    ) -> results.Leaderboards:  # fmt: skip
        """Show the best models of the newest leaderboards."""
        with _reading(self._config) as (_, db):
            names = boards.list_names(db)
            if board and board not in names:
                raise NotFound("leaderboard", board, f"There are: {', '.join(names) or 'none'}.")
            found = [boards.latest_snapshot(db, name, _today()) for name in names]
        wanted = [one for one in found if one and board in ("", one.board)]
        return results.leaderboards(wanted, limit)

    def follow(
        self, query: Annotated[str, Field(min_length=1, max_length=500)],
        name: Annotated[str, Field(max_length=60)] = "",
    ) -> results.FollowedSearch:  # fmt: skip
        """Save a search of the reader; its new matches appear in the next digest."""
        try:
            with open_database(self._config.database) as db:
                now = datetime.now(UTC)
                saved = saved_searches.follow(db, self._config, query, name, now)
        except (TrackerError, UnicodeError) as error:
            raise ToolError(str(error)) from error
        return results.FollowedSearch(saved.name, saved.query)


def _today() -> date:
    return datetime.now(UTC).date()


def _span(days: int, until: date) -> ComparisonSpan:
    """Return the span to compare. Raises UsageError for a year that cannot be meant."""
    if not 1900 <= until.year < 3000:
        raise UsageError("The year of until must be from 1900 to 2999.")
    return ComparisonSpan.last_days(days, until)


def _load_issue(db: Database, kind: str, period: str, language: str) -> dict[str, Any]:
    """Return the public JSON of an issue, by default the newest. Raises NotFound."""
    known = [one.period for one in issues.list_headings(db, _NEWEST_ISSUES, kind, language)]
    issue = issues.find(db, kind, period or next(iter(known), ""), language)
    if issue is None:
        hint = f"There are: {', '.join(known[:10])}." if known else "None has been composed."
        raise NotFound(f"{kind} issue in {language}", period or "newest", hint)
    return documents.as_json(documents.from_json(issue.document).without_personal_parts())


def _add_resources(server: MCPServer[Any], config: Config) -> None:
    @server.resource(
        "tracker://issues", name="issues", mime_type="application/json",
        description="The issues that there are, newest first.",
    )  # fmt: skip
    def list_issues() -> str:
        with open_read_only(config.database) as db:
            found = issues.list_headings(db, _NEWEST_ISSUES)
        return json.dumps([_describe_issue(one) for one in found], ensure_ascii=False)

    @server.resource(
        "tracker://issues/{kind}/{period}",
        name="issue",
        mime_type="application/json",
        description="A whole issue in English, e.g. tracker://issues/weekly/2026-W11. "
        + results.NOTICE,
    )
    def read_issue(kind: str, period: str) -> str:
        try:
            with open_read_only(config.database) as db:
                document = _load_issue(db, kind, period, "en")
        except TrackerError as error:
            raise ResourceNotFoundError(str(error)) from error
        quoted = results.without_orders(document)
        return json.dumps({"notice": results.NOTICE, "quoted": quoted}, ensure_ascii=False)


def _describe_issue(one: issues.IssueHeading) -> dict[str, str]:
    uri = f"tracker://issues/{one.kind}/{one.period}"
    return {"uri": uri, "language": one.language, "subject": withhold_order(one.subject)}


def weekly_reading(interests: str = "") -> str:
    """Return the prompt of the weekly reading."""
    focus = f" I am interested in: {interests[:500]}." if interests.strip() else ""
    return (
        "Call weekly_digest, choose the three papers that matter most to me, call get_paper for"
        f" each, and tell me for each what is new, the evidence, and its limits.{focus} Cite each"
        " paper's url, and state only what the abstracts support. " + results.NOTICE
    )


def run_stdio(config: Config) -> None:
    """Serve on standard input and output until the client closes them."""
    build_server(config).run("stdio")


def run_http(config: Config, host: str, port: int) -> None:
    """Serve streamable HTTP at /mcp until interrupted."""
    build_server(config).run(
        "streamable-http", host=host, port=port, stateless_http=True, json_response=True
    )
