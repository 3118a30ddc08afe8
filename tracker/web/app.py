"""The web site as an ASGI application: its routes, and what holds for all of them.

Owns Starlette, with `tracker.web.page_renderer`. No request takes the lock of the long-running
commands, so the site stays available during a crawl.

Public: `create_app`.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from tracker.errors import TrackerError
from tracker.settings import Config
from tracker.store.database import open_read_only
from tracker.web import form_parser
from tracker.web.api.service import ApiRequest, ApiService
from tracker.web.health import load_health
from tracker.web.http_messages import View
from tracker.web.metrics import CONTENT_TYPE, RequestCounts, render_metrics
from tracker.web.page_renderer import BODY_SECONDS, Endpoint, PageRenderer, style_sheet
from tracker.web.pages import (
    feed_pages,
    feedback_pages,
    public_pages,
    signup_pages,
    site_pages,
    subscription_pages,
)
from tracker.web.read_only import config_of, serve_read_only, without_changes
from tracker.web.security_headers import (
    ISSUE_POLICY,
    App,
    Message,
    Receive,
    Scope,
    Send,
    add_security_headers,
    allowed_hosts,
)

# The files that `tracker.pipeline.issue.publish` writes; nothing else in their folder is served.
_PUBLISHED = re.compile(
    r"index\.html|(?:feed|daily|weekly|monthly)\.(?:atom|json)"
    r"|(?:weekly|monthly)-[0-9]{4}-W?[0-9]{2}(?:\.zh-(?:TW|CN))?\.html"
    r"|daily-[0-9]{4}-[0-9]{2}-[0-9]{2}(?:\.zh-(?:TW|CN))?\.html"
    r"|monthly-[0-9]{4}-[0-9]{2}(?:\.zh-(?:TW|CN))?\.pdf"
)
_FEEDS = {".atom": "application/atom+xml", ".json": "application/feed+json"}
# Issues may be crawled; searches cost too much, and the links in mails are private.
_ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: /{page}\n"
    for page in ("search", "similar", "u/", "p/", "f/", "s/", "feeds/", "api/")
)


def create_app(config: Config, workers: Executor, *, read_only: bool = False) -> App:
    """Return the application. Raises ConfigError for an invalid web.public_url.

    One that is `read_only` refuses changes, and follows the snapshots to which the home links.
    """
    if read_only:
        config = without_changes(config)
    renderer = PageRenderer(config, workers)
    counts = RequestCounts()
    app = Starlette(
        routes=[
            _page_route("/", renderer, public_pages.front_page),
            _page_route("/search", renderer, public_pages.search_page),
            _page_route("/paper/{id:path}", renderer, public_pages.paper_page),
            _page_route("/similar/{id:path}", renderer, public_pages.similar_page),
            _page_route("/topics", renderer, public_pages.topics_page),
            _page_route("/topic/{key}", renderer, public_pages.topic_page),
            _page_route("/u/{token}", renderer, subscription_pages.unsubscribe_page, "POST"),
            _page_route("/u/{kind}/{token}", renderer, subscription_pages.unsubscribe_page, "POST"),
            _page_route("/p/{token}", renderer, subscription_pages.preferences_page, "POST"),
            _page_route("/p/{token}/issue", renderer, feedback_pages.reader_issue_page, "POST"),
            _page_route(
                "/f/{action}/{token}/{id:path}", renderer, feedback_pages.feedback_page, "POST"
            ),
            *_signup_routes(config, renderer),
            _page_route("/leaderboards", renderer, site_pages.boards_page),
            _page_route("/completeness", renderer, site_pages.completeness_page),
            Route("/feeds/{kind}.{form}", renderer.download(feed_pages.render_feed)),
            Route("/bibtex/{id:path}", renderer.download(site_pages.render_bibtex)),
            Route("/style.css", _static_endpoint(style_sheet()[0], "text/css")),
            *_service_routes(config, workers, counts),
            Route("/robots.txt", _static_endpoint(_ROBOTS, "text/plain")),
            Route("/{page}", _issue_endpoint(config)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(config.web))],
        exception_handlers={
            HTTPException: renderer.handle_http_error,
            Exception: renderer.handle_server_error,
        },
    )
    app.router.redirect_slashes = False
    site = _refuse_ambiguous_length(app)
    if read_only:
        site = serve_read_only(site, config)
    return add_security_headers(_count_requests(site, counts))


def _page_route(path: str, renderer: "PageRenderer", page: View, *methods: str) -> Route:
    async def endpoint(request: Request) -> Response:
        return await renderer.respond(page, request)

    return Route(path, endpoint, methods=["GET", *methods])


def _signup_routes(config: Config, renderer: "PageRenderer") -> list[Route]:
    """Return the routes for subscribing on the site; none unless it is allowed."""
    if not signup_pages.is_signup_allowed(config):
        return []
    signup = signup_pages.Signup(config)
    return [
        _page_route("/subscribe", renderer, signup.request_page, "POST"),
        _page_route("/s/{token}", renderer, signup_pages.confirmation_page, "POST"),
    ]


def _count_requests(app: App, counts: RequestCounts) -> App:
    """Return the app with each response counted."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 500

        async def send_counted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await app(scope, receive, send_counted)
        finally:
            seconds = time.perf_counter() - started
            counts.add(scope.get("path", ""), scope.get("method", ""), status, seconds)

    return wrapped


def _refuse_ambiguous_length(app: App) -> App:
    """Return the app; a request with two lengths, which can hide a second one, is refused."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        names = {name.lower() for name, _ in scope.get("headers", ())}
        if {b"content-length", b"transfer-encoding"} <= names:
            refusal = PlainTextResponse("Bad Request\n", 400, {"Connection": "close"})
            await refusal(scope, receive, send)
        else:
            await app(scope, receive, send)

    return wrapped


class _AnyTextConvertor(Convertor[str]):
    """The rest of a path, with line breaks, which Starlette's `path` does not match."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        """Return the value from the path."""
        return value

    def to_string(self, value: str) -> str:
        """Return the value for a path."""
        return value


register_url_convertor("any_text", _AnyTextConvertor())


class _AnyMethod:
    """An endpoint as an ASGI application, which Starlette calls for every method."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request."""
        response = await self._endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


def _service_routes(config: Config, workers: Executor, counts: RequestCounts) -> list[Route]:
    """Return the routes for programs: the API, the health and the metrics."""
    service = ApiService(config)

    def show_metrics(request: Request) -> Response:
        own = config_of(request.scope, config)
        try:
            with open_read_only(own.database) as db:
                text = render_metrics(db, own, datetime.now(UTC), counts)
        except TrackerError as error:
            logging.getLogger(__name__).error("%s", error)
            return PlainTextResponse("The database cannot be read.\n", 503)
        return Response(text, media_type=CONTENT_TYPE)

    def show_health(request: Request) -> Response:
        status, document = load_health(config_of(request.scope, config), datetime.now(UTC))
        return JSONResponse(document, status, {"Cache-Control": "no-store"})

    async def answer_api(request: Request) -> Response:
        api_request = await _build_api_request(request, config)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(workers, service.answer, api_request)
        return Response(answer.body, answer.status, dict(answer.headers))

    def in_thread(show: Callable[[Request], Response]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return await asyncio.get_running_loop().run_in_executor(workers, show, request)

        return endpoint

    return [
        Route("/api", _AnyMethod(answer_api)),
        Route("/api/{rest:any_text}", _AnyMethod(answer_api)),
        Route("/healthz", in_thread(show_health)),
        Route("/metrics", in_thread(show_metrics)),
    ]


async def _build_api_request(request: Request, config: Config) -> ApiRequest:
    """Return an API request. Its path is as sent, so that an escaped slash stays in its part."""
    body: bytes | None = b""
    if request.method == "POST":
        body = await _read_api_body(request)
    query: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name, []).append(value)
    raw: bytes = request.scope.get("raw_path") or b""
    return ApiRequest(
        request.method,
        raw.decode("latin-1").partition("?")[0],
        query,
        {name.lower(): value for name, value in request.headers.items()},
        body,
        request.client.host if request.client else "",
        config_of(request.scope, config),
    )


async def _read_api_body(request: Request) -> bytes | None:
    """Return the body, or None if it is too long or too slow."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await form_parser.read_body(request.stream())
    except (TimeoutError, ClientDisconnect):
        return None


def _static_endpoint(text: str, media_type: str) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        headers = {"Cache-Control": "max-age=86400"}
        return PlainTextResponse(text, media_type=media_type, headers=headers)

    return endpoint


def _issue_endpoint(config: Config) -> Endpoint:
    """Return an endpoint for the published pages and feeds of issues, byte for byte."""

    async def endpoint(request: Request) -> Response:
        page = request.path_params["page"]
        if not _PUBLISHED.fullmatch(page):
            raise HTTPException(404)
        pages_folder = config_of(request.scope, config).web_pages
        folder = StaticFiles(directory=pages_folder, check_dir=False)
        response = await folder.get_response(page, request.scope)
        response.headers["Content-Security-Policy"] = ISSUE_POLICY
        response.headers["Cache-Control"] = "no-cache"  # cached, but revalidated each time
        media_type = _FEEDS.get(page[-5:])
        if media_type and response.status_code == 200:
            response.headers["Content-Type"] = media_type
        return response

    return endpoint
