"""The web site as an ASGI application: which address is which page, and how each is answered.

Owns Starlette. A page is made in a worker thread on a connection of its own, which for GET can
only read and not for long; no request takes the lock of the long runs, so that the pages and a
crawl go on side by side.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from tracker import resources
from tracker.digest import render
from tracker.errors import IndexUnusable, NotFound, TrackerError, UsageError
from tracker.language import LANGUAGES, NAMES, Language, language, preferred
from tracker.settings import Config
from tracker.store.database import Database, opened, reading
from tracker.web import form, pages, subscribing
from tracker.web.asked import Answer, Asked, Page
from tracker.web.guard import ISSUE_POLICY, App, guarded, names

Endpoint = Callable[[Request], Awaitable[Response]]
# A slow line is no reason to keep a place for it.
_BODY_SECONDS = 10.0
# What `publishing` writes, and nothing else that may lie in its folder.
_PUBLISHED = re.compile(
    r"index\.html|feed\.(?:atom|json)|(?:weekly|monthly)-[0-9]{4}-W?[0-9]{2}(?:\.zh-(?:TW|CN))?\.html"
)
_FEEDS = {"feed.atom": "application/atom+xml", "feed.json": "application/feed+json"}
# Crawlers have the issues; each answer to a search costs work.
_ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: /{page}\n" for page in ("search", "similar", "u/", "p/")
)


def site(config: Config, workers: Executor) -> App:
    """The application. Raises ConfigError for addresses that cannot be meant."""
    making = _Making(config, workers)
    app = Starlette(
        routes=[
            _route("/", making, pages.front),
            _route("/search", making, pages.search),
            _route("/paper/{id:path}", making, pages.paper),
            _route("/similar/{id:path}", making, pages.similar),
            _route("/topics", making, pages.topics),
            _route("/topic/{key}", making, pages.topic),
            _route("/u/{token}", making, subscribing.unsubscribe, "POST"),
            _route("/p/{token}", making, subscribing.preferences, "POST"),
            Route("/style.css", _fixed(_style()[0], "text/css")),
            Route("/robots.txt", _fixed(_ROBOTS, "text/plain")),
            Route("/{page}", _issues(config)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=names(config.web))],
        exception_handlers={HTTPException: making.refused, Exception: making.failed},
    )
    app.router.redirect_slashes = False
    return guarded(app)


def _route(path: str, making: "_Making", page: Page, *methods: str) -> Route:
    async def endpoint(request: Request) -> Response:
        return await making.answered(page, request)

    return Route(path, endpoint, methods=["GET", *methods])


class _Making:
    """How a request becomes a page."""

    def __init__(self, config: Config, workers: Executor) -> None:
        self._config, self._workers = config, workers

    async def answered(self, page: Page, request: Request) -> Response:
        """The page that was asked for, or one that says why there is none."""
        asked = await self._asked(request)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._workers, self._made, page, asked)

    def _made(self, page: Page, asked: Asked) -> Response:
        try:
            with self._database(asked) as db:
                answer = page(db, self._config, asked)
        except (UsageError, IndexUnusable) as error:
            answer = _told(_status(error), str(error))
        except TrackerError as error:  # names files of ours: for whoever runs the site to read
            logging.getLogger(__name__).error("%s", error)
            answer = _told(503)
        return _response(asked, answer)

    def _database(self, asked: Asked) -> AbstractContextManager[Database]:
        if asked.method == "POST":
            return opened(self._config.database)
        return reading(self._config.database)

    async def _asked(self, request: Request, body: bool = True) -> Asked:
        query = dict(request.query_params)
        raw: bytes = request.scope.get("raw_path") or b"/"
        return Asked(
            method=request.method,
            root="../" * (raw.count(b"/") - 1) or "./",
            place=request.path_params,
            query=query,
            form=await _form(request) if body and request.method == "POST" else {},
            language=self._language(query.get("lang", ""), request),
            now=datetime.now(UTC),
        )

    def _language(self, wanted: str, request: Request) -> Language:
        if wanted in LANGUAGES:
            return language(wanted)
        accepted = request.headers.get("accept-language", "")
        return language(preferred(accepted, self._config.digest.language))

    async def refused(self, request: Request, error: Exception) -> Response:
        """A page for what the machinery refuses: an unknown address, a wrong method."""
        assert isinstance(error, HTTPException)
        asked = await self._asked(request, body=False)
        response = _response(asked, _told(error.status_code))
        response.headers.update(error.headers or {})
        return response

    async def failed(self, request: Request, _: Exception) -> Response:
        """A page for a fault of ours, which Starlette raises once more, to be logged."""
        return _response(await self._asked(request, body=False), _told(500))


async def _form(request: Request) -> dict[str, str]:
    """The fields of a POST. Raises HTTPException for a body that is too long or too slow."""
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            content = await form.body(request.stream())
    except (TimeoutError, ClientDisconnect) as error:
        raise HTTPException(408) from error
    if content is None:
        raise HTTPException(413, headers={"Connection": "close"})
    return form.fields(request.headers.get("content-type", ""), content)


def _status(error: TrackerError) -> int:
    if isinstance(error, NotFound):
        return 404
    return 503 if isinstance(error, IndexUnusable) else 400


def _told(status: int, sentence: str = "") -> Answer:
    """A page that says what went wrong."""
    return Answer("told.jinja", {"status": status, "sentence": sentence}, status)


def _response(asked: Asked, answer: Answer) -> Response:
    words = answer.language or asked.language
    page = render.archive(
        answer.template, resources.templates(), words.code,
        asked=asked, languages=NAMES, private=answer.private, style=_style()[1], **answer.shown,
    )  # fmt: skip
    passing = answer.private or answer.status >= 400
    kept = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"} if passing else {}
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language", **kept}
    return HTMLResponse(page, answer.status, headers)


@cache
def _style() -> tuple[str, str]:
    """The style sheet, and a mark of this wording of it, by which a browser may keep it."""
    sheet = render.archive("style.css", resources.templates(), "en")
    return sheet, hashlib.blake2b(sheet.encode(), digest_size=6).hexdigest()


def _fixed(text: str, media_type: str) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        headers = {"Cache-Control": "max-age=86400"}
        return PlainTextResponse(text, media_type=media_type, headers=headers)

    return endpoint


def _issues(config: Config) -> Endpoint:
    """The pages and feeds of issues, byte for byte as they were published."""
    folder = StaticFiles(directory=config.web_pages, check_dir=False)

    async def endpoint(request: Request) -> Response:
        page = request.path_params["page"]
        if not _PUBLISHED.fullmatch(page):
            raise HTTPException(404)
        response = await folder.get_response(page, request.scope)
        response.headers["Content-Security-Policy"] = ISSUE_POLICY
        response.headers["Cache-Control"] = "no-cache"  # ask whether it is still the same
        if page in _FEEDS and response.status_code == 200:
            response.headers["Content-Type"] = _FEEDS[page]
        return response

    return endpoint
