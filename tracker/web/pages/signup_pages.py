"""Subscribing on the site: a form, a mail with a link, and the page behind the link.

The answer to the form is the same for every address, subscribed or not, and comes before the mail
is sent, so that neither its text nor its time says who is subscribed.

Public: `Signup`, `confirmation_page`, `is_signup_allowed`.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from tracker.delivery.mail import message, tokens
from tracker.errors import TrackerError, UsageError
from tracker.language import LANGUAGES, get_language
from tracker.pipeline.mailing.confirmation import confirm_subscription, send_confirmation
from tracker.settings import Config
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
        email, language = _parse_form(request)
        if self._limit.seconds_to_wait(request.client) or not self._free.acquire(blocking=False):
            return _page("busy", 429)
        self._sender.submit(self._send, email, language, request)
        return _page("sent")

    def _send(self, email: str, language: str, request: PageRequest) -> None:
        try:
            outcome = send_confirmation(self._config, email, language, request.now)
            # Not the reason: relays repeat the address in it.
            state = outcome.state.value if outcome else "too many"
            logging.getLogger(__name__).info("confirmation mail", extra={"state": state})
        except TrackerError as error:
            logging.getLogger(__name__).error("%s", error)
        except Exception:
            logging.getLogger(__name__).exception("The confirmation mail was not sent.")
        finally:
            self._free.release()


def _parse_form(request: PageRequest) -> tuple[str, str]:
    """Return the address and the language in the form. Raises UsageError."""
    language = request.form.get("language", request.language.code)
    if language not in LANGUAGES:
        raise UsageError("There are no emails in that language.")
    return message.parse_address(request.form.get("email", "")), language


def confirmation_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Ask for confirmation; on POST, subscribe the address in the token. May be repeated."""
    key = tokens.load_or_create_signing_key(config)
    confirmed = tokens.read_confirmation(key, request.path_params["token"], request.now)
    if confirmed is None:
        return INVALID_LINK
    email, language = confirmed
    if request.method == "POST":
        if request.form != {"confirm": "yes"}:
            raise UsageError("The form must contain confirm=yes.")
        confirm_subscription(db, email, language, request.now)
    shown = {"email": email, "done": request.method == "POST"}
    return PageResponse("confirm.jinja", shown, language=get_language(language), is_private=True)


def _page(step: str, status: int = 200) -> PageResponse:
    return PageResponse("subscribe.jinja", {"step": step}, status, is_private=True)
