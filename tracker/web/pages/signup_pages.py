"""Subscribing on the site: a form, a mail with a link, and the page behind the link.

The answer to the form is the same for every address, subscribed or not, and comes before the mail
is sent, so that neither its text nor its time says who is subscribed.

Public: `Signup`, `confirmation_page`, `is_signup_allowed`.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from tracker.delivery.mail import message, tokens
from tracker.delivery.mail.tokens import Confirmation
from tracker.errors import TrackerError, UsageError
from tracker.language import LANGUAGES, get_language
from tracker.pipeline.mailing.confirmation import confirm_subscription, send_confirmation
from tracker.pipeline.mailing.prepare_issue import ISSUE_KINDS
from tracker.settings import Config
from tracker.store import subscribers
from tracker.store.database import Database
from tracker.web.api.client_limit import RateLimit
from tracker.web.http_messages import PageRequest, PageResponse
from tracker.web.pages.subscription_pages import INVALID_LINK

# Requests a minute from one address of a client, and mails that wait for the relay.
_PER_MINUTE, _WAITING = 5, 20


def is_signup_allowed(config: Config) -> bool:
    """Whether visitors may subscribe, and can be sent a mail with a link."""
    smtp = config.smtp
    return bool(config.web.subscribe and config.web.public_url and smtp.host and smtp.sender)


class Signup:
    """The form; its mails are sent one by one on a thread, apart from the requests."""

    def __init__(self, config: Config) -> None:
        self._limit = RateLimit(_PER_MINUTE)
        self._free = threading.BoundedSemaphore(_WAITING)
        self._sender = ThreadPoolExecutor(1, thread_name_prefix="confirmation")
        self._config = config

    def request_page(self, _: Database, _config: Config, request: PageRequest) -> PageResponse:
        """Show the form; on POST, have a mail sent."""
        if request.method != "POST":
            return _page("form")
        try:
            wanted = _parse_form(request)
        except UsageError as error:
            return _page("form", 400, request, str(error))
        if self._limit.seconds_to_wait(request.client) or not self._free.acquire(blocking=False):
            return _page("busy", 429, request)
        self._sender.submit(self._send, wanted, request)
        return _page("sent")

    def _send(self, wanted: Confirmation, request: PageRequest) -> None:
        try:
            outcome = send_confirmation(self._config, wanted, request.now)
            # Not the reason: relays repeat the address in it.
            state = outcome.state.value if outcome else "too many"
            logging.getLogger(__name__).info("confirmation mail", extra={"state": state})
        except TrackerError as error:
            logging.getLogger(__name__).error("%s", error)
        except Exception:
            logging.getLogger(__name__).exception("The confirmation mail was not sent.")
        finally:
            self._free.release()


def _parse_form(request: PageRequest) -> Confirmation:
    """Return what the form asks for. Raises UsageError."""
    language = request.form.get("language", request.language.code)
    if language not in LANGUAGES:
        raise UsageError("There are no emails in that language.")
    kinds = _list_kinds(request)
    if not kinds:
        raise UsageError("Choose at least one kind of email.")
    return Confirmation(message.parse_address(request.form.get("email", "")), language, kinds)


def _list_kinds(request: PageRequest | None) -> tuple[str, ...]:
    """Return the kinds of issues in the form; the usual ones if it has no choice of kinds."""
    form = request.form if request else {}
    kinds = tuple(kind for kind in ISSUE_KINDS.values() if form.get(kind) == "yes")
    return kinds if kinds or "kinds" in form else subscribers.DEFAULT_KINDS


def confirmation_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Ask for confirmation; on POST, subscribe the address in the token. May be repeated."""
    key = tokens.load_or_create_signing_key(config)
    confirmed = tokens.read_confirmation(key, request.path_params["token"], request.now)
    if confirmed is None:
        return INVALID_LINK
    if request.method == "POST":
        if request.form != {"confirm": "yes"}:
            raise UsageError("The form must contain confirm=yes.")
        confirm_subscription(db, confirmed, request.now)
    kinds = confirmed.kinds or subscribers.DEFAULT_KINDS
    shown = {"email": confirmed.email, "wanted": kinds, "done": request.method == "POST"}
    language = get_language(confirmed.language)
    return PageResponse("confirm.jinja", shown, language=language, is_private=True)


def _page(
    step: str, status: int = 200, request: PageRequest | None = None, wrong: str = ""
) -> PageResponse:
    """Return a step of the form, filled in as in a request that could not be answered."""
    form = request.form if request else {}
    shown = {
        "step": step, "wrong": wrong, "wanted": _list_kinds(request),
        "email": form.get("email", "")[:254], "language": form.get("language", ""),
    }  # fmt: skip
    return PageResponse("subscribe.jinja", shown, status, is_private=True)
