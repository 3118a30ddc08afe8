"""Turns a requested page or file into a response, or into an error page.

Each is rendered in a worker thread on its own database connection, which for GET is read-only and
limited in time.

Public: `PageRenderer`, `Endpoint`, `style_sheet`, `BODY_SECONDS`.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from tracker import resources
from tracker.digest.render import pages
from tracker.errors import IndexUnusable, NotFound, TrackerError, UsageError
from tracker.language import LANGUAGES, NAMES, Language, get_language, negotiate_language
from tracker.settings import Config
from tracker.store.database import Database, open_database, open_read_only
from tracker.web import form_parser
from tracker.web.http_messages import PageRequest, PageResponse, View
from tracker.web.pages import public_pages, signup_pages
from tracker.web.read_only import config_of

Endpoint = Callable[[Request], Awaitable[Response]]
# A function that renders a file: its media type and its content.
Download = Callable[[Database, Config, PageRequest], tuple[str, bytes]]
# A client that sends its body more slowly than this is disconnected.
BODY_SECONDS = 10.0


class PageRenderer:
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
        async with asyncio.timeout(BODY_SECONDS):
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
        languages=NAMES, private=response.is_private, style=style_sheet()[1],
        **response.context,
    )  # fmt: skip
    is_temporary = response.is_private or response.status >= 400
    private = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"} if is_temporary else {}
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language", **private}
    return HTMLResponse(page, response.status, headers)


@cache
def style_sheet() -> tuple[str, str]:
    """Return the style sheet and a hash of its text, which makes its address cacheable."""
    sheet = pages.render_web_page("style.css", resources.templates_folder(), "en")
    return sheet, hashlib.blake2b(sheet.encode(), digest_size=6).hexdigest()
