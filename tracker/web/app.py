"""The web site as an ASGI application: its routes, and how a request becomes a response.

Owns Starlette. A page is rendered in a worker thread on its own database connection, which for GET
is read-only and limited in time. No request takes the lock of the long-running commands, so the
site stays available during a crawl.

Public: `create_app`.
"""

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from tracker import resources
from tracker.digest.render import pages
from tracker.errors import IndexUnusable, NotFound, TrackerError, UsageError
from tracker.language import LANGUAGES, NAMES, Language, get_language, negotiate_language
from tracker.settings import Config
from tracker.store.database import Database, open_database, open_read_only
from tracker.web import form_parser
from tracker.web.api.service import ApiRequest, ApiService
from tracker.web.health import load_health
from tracker.web.http_messages import PageRequest, PageResponse, View
from tracker.web.metrics import CONTENT_TYPE, RequestCounts, render_metrics
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

Endpoint = Callable[[Request], Awaitable[Response]]
# A function that renders a file: its media type and its content.
Download = Callable[[Database, Config, PageRequest], tuple[str, bytes]]
# A client that sends its body more slowly than this is disconnected.
_BODY_SECONDS = 10.0
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
    renderer = _PageRenderer(config, workers)
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
            Route("/style.css", _static_endpoint(_style_sheet()[0], "text/css")),
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


def _page_route(path: str, renderer: "_PageRenderer", page: View, *methods: str) -> Route:
    async def endpoint(request: Request) -> Response:
        return await renderer.respond(page, request)

    return Route(path, endpoint, methods=["GET", *methods])


def _signup_routes(config: Config, renderer: "_PageRenderer") -> list[Route]:
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
        async with asyncio.timeout(_BODY_SECONDS):
            return await form_parser.read_body(request.stream())
    except (TimeoutError, ClientDisconnect):
        return None


class _PageRenderer:
    """Turns requests into responses."""

    def __init__(self, config: Config, workers: Executor) -> None:
        self._config, self._workers = config, workers

    async def respond(self, page: View, request: Request) -> Response:
        """Return the requested page, or an error page."""
        page_request = await self._build_request(request)
        config = config_of(request.scope, self._config)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._workers, self._render_page, page, config, page_request
        )

    def download(self, render: Download) -> Endpoint:
        """Return an endpoint for a file that is no page, or an error page."""

        async def endpoint(request: Request) -> Response:
            page_request = await self._build_request(request)
            config = config_of(request.scope, self._config)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self._workers, self._render_file, render, config, page_request
            )

        return endpoint

    def _render_file(self, render: Download, config: Config, page_request: PageRequest) -> Response:
        """Return a file; feed readers ask often, and get an empty answer if it is unchanged."""
        try:
            with open_read_only(config.database) as db:
                media_type, body = render(db, config, page_request)
        except TrackerError as error:
            return _build_response(page_request, _page_of_error(error))
        etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": "max-age=900"}
        if etag in page_request.if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=media_type, headers=headers)

    def _render_page(self, page: View, config: Config, page_request: PageRequest) -> Response:
        try:
            with _open_for(page_request, config) as db:
                response = page(db, config, page_request)
        except TrackerError as error:
            response = _page_of_error(error)
        return _build_response(page_request, response)

    async def _build_request(self, request: Request, body: bool = True) -> PageRequest:
        query = dict(request.query_params)
        raw: bytes = request.scope.get("raw_path") or b"/"
        return PageRequest(
            method=request.method,
            root="../" * (raw.count(b"/") - 1) or "./",
            path_params=request.path_params,
            query=query,
            form=await _read_form(request) if body and request.method == "POST" else {},
            language=self._choose_language(query.get("lang", ""), request),
            now=datetime.now(UTC),
            client=request.client.host if request.client else "",
            if_none_match=request.headers.get("if-none-match", ""),
            has_signup=signup_pages.is_signup_allowed(self._config),
        )

    def _choose_language(self, wanted: str, request: Request) -> Language:
        if wanted in LANGUAGES:
            return get_language(wanted)
        accepted = request.headers.get("accept-language", "")
        return get_language(negotiate_language(accepted, self._config.digest.language))

    async def handle_http_error(self, request: Request, error: Exception) -> Response:
        """Return a page for errors raised by Starlette: an unknown path, a wrong method."""
        assert isinstance(error, HTTPException)
        page_request = await self._build_request(request, body=False)
        response = _build_response(page_request, _error_page(error.status_code))
        response.headers.update(error.headers or {})
        return response

    async def handle_server_error(self, request: Request, _: Exception) -> Response:
        """Return a page for an unexpected error; Starlette raises it again, so it is logged."""
        return _build_response(await self._build_request(request, body=False), _error_page(500))


def _open_for(page_request: PageRequest, config: Config) -> AbstractContextManager[Database]:
    if page_request.method == "POST":
        return open_database(config.database)
    return open_read_only(config.database)


async def _read_form(request: Request) -> dict[str, str]:
    """Return the fields of a POST. Raises HTTPException for a body that is too long or too slow."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            content = await form_parser.read_body(request.stream())
    except (TimeoutError, ClientDisconnect) as error:
        raise HTTPException(408) from error
    if content is None:
        raise HTTPException(413, headers={"Connection": "close"})
    return form_parser.parse_form(request.headers.get("content-type", ""), content)


def _status_code(error: TrackerError) -> int:
    if isinstance(error, NotFound):
        return 404
    return 503 if isinstance(error, IndexUnusable) else 400


def _page_of_error(error: TrackerError) -> PageResponse:
    if isinstance(error, UsageError | IndexUnusable):
        return _error_page(_status_code(error), public_pages.omit_commands(str(error)))
    # It may name local files: for the operator, not for visitors.
    logging.getLogger(__name__).error("%s", error)
    return _error_page(503)


def _error_page(status: int, sentence: str = "") -> PageResponse:
    """Return a page that says what went wrong."""
    return PageResponse("error.jinja", {"status": status, "sentence": sentence}, status)


def _build_response(page_request: PageRequest, response: PageResponse) -> Response:
    language = response.language or page_request.language
    page = pages.render_web_page(
        response.template, resources.templates_folder(), language.code, request=page_request,
        languages=NAMES, private=response.is_private, style=_style_sheet()[1],
        **response.context,
    )  # fmt: skip
    is_temporary = response.is_private or response.status >= 400
    private = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"} if is_temporary else {}
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language", **private}
    return HTMLResponse(page, response.status, headers)


@cache
def _style_sheet() -> tuple[str, str]:
    """Return the style sheet and a hash of its text, which makes its address cacheable."""
    sheet = pages.render_web_page("style.css", resources.templates_folder(), "en")
    return sheet, hashlib.blake2b(sheet.encode(), digest_size=6).hexdigest()


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
