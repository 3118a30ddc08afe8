"""A delivery channel that posts each issue to an address: a webhook or a chat service.

A webhook is signed as Standard Webhooks describe (standardwebhooks.com): its id is the same in
every attempt, so that a receiver can recognize a repeated post.

Public: `HttpChannel`, `ChannelSecrets`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.delivery import http_post
from tracker.delivery.http_post import HttpAnswer, NotConnected, PostTarget
from tracker.delivery.protocol import Message, Outcome, OutcomeState

_LONGEST_PAUSE = timedelta(hours=6)
# A gateway says this when it does not know what the server behind it did.
_UNCERTAIN = (502, 504)
# What Feishu answers, with status 200, to too many messages.
_FEISHU_BUSY = (9499, 11232)
_TELEGRAM = "https://api.telegram.org"


@dataclass(frozen=True, slots=True)
class ChannelSecrets:
    """The address of a channel, and its signing key or token; neither is ever shown."""

    url: str
    secret: str = ""


class HttpChannel:
    """Implements `tracker.delivery.protocol.Channel` over HTTP."""

    def __init__(
        self,
        name: str,
        kind: str,
        secrets: ChannelSecrets,
        allow_private: tuple[str, ...],
        now: Callable[[], datetime],
    ) -> None:
        """`name` is that of the channel in the outbox. Raises ConfigError for a bad address."""
        self.name, self._kind, self._secret, self._now = name, kind, secrets.secret, now
        url = f"{secrets.url or _TELEGRAM}/bot{secrets.secret}/sendMessage"
        self._target = PostTarget(url if kind == "telegram" else secrets.url, allow_private)
        self._target.check(name)

    @property
    def host(self) -> str:
        """The name of the host; the rest of the address may be secret."""
        return self._target.host

    def deliver(self, message: Message, before_handover: Callable[[], None]) -> Outcome:
        """Post one message."""
        handed_over = False

        def mark() -> None:
            nonlocal handed_over
            before_handover()
            handed_over = True

        body = self._sign_body(message.content)
        try:
            answer = http_post.post(self._target, body, self._headers(message.id, body), mark)
        except NotConnected as error:
            return Outcome(OutcomeState.DEFERRED, self._redact(str(error)))
        except http_post.POST_ERRORS as error:
            state = OutcomeState.UNKNOWN if handed_over else OutcomeState.DEFERRED
            reason = f"{type(error).__name__}: {error}"
            return Outcome(state, self._redact(reason), timed_out=isinstance(error, TimeoutError))
        return self._outcome(answer)

    def close(self) -> None:
        """Do nothing: each post has its own connection."""

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "tracker"}
        if self._kind != "webhook":
            return headers
        moment = str(int(self._now().timestamp()))
        headers |= {"Webhook-Id": message_id, "Webhook-Timestamp": moment}
        if self._secret:
            signed = b".".join((message_id.encode(), moment.encode(), body))
            headers["Webhook-Signature"] = f"v1,{_hmac(self._secret.encode(), signed)}"
        return headers

    def _sign_body(self, content: bytes) -> bytes:
        """Return the body; Feishu has the signature in it, over the time of the attempt."""
        if self._kind != "feishu" or not self._secret:
            return content
        moment = str(int(self._now().timestamp()))
        sign = _hmac(f"{moment}\n{self._secret}".encode(), b"")
        signed = {"timestamp": moment, "sign": sign, **json.loads(content)}
        return json.dumps(signed, ensure_ascii=False).encode()

    def _outcome(self, answer: HttpAnswer) -> Outcome:
        text = " ".join(answer.body[:200].decode(errors="replace").split())
        reason = self._redact(f"{answer.status} {text}".strip())
        if 200 <= answer.status < 300:
            return self._outcome_of_success(answer, reason)
        if answer.status in _UNCERTAIN and self._kind != "webhook":
            return Outcome(OutcomeState.UNKNOWN, reason)
        if answer.status in (408, 425, 429) or answer.status >= 500:
            return Outcome(OutcomeState.DEFERRED, reason, self._retry_at(answer))
        return Outcome(OutcomeState.FAILED, reason)

    def _outcome_of_success(self, answer: HttpAnswer, reason: str) -> Outcome:
        """Return the outcome of an answer 2xx, in which Feishu and Telegram still may refuse."""
        if self._kind not in ("feishu", "telegram"):
            return Outcome(OutcomeState.DELIVERED, reason)
        reply = _as_table(answer.body)
        code = reply.get("code", reply.get("StatusCode", 0)) if self._kind == "feishu" else 0
        if code in _FEISHU_BUSY:
            return Outcome(OutcomeState.DEFERRED, reason)
        refused = code != 0 or (self._kind == "telegram" and reply.get("ok") is not True)
        return Outcome(OutcomeState.FAILED if refused else OutcomeState.DELIVERED, reason)

    def _retry_at(self, answer: HttpAnswer) -> datetime | None:
        """Return when the service allows the next attempt, if it says that."""
        parameters = _as_table(answer.body).get("parameters")
        seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
        given = str(seconds if seconds is not None else answer.headers.get("retry-after", ""))
        try:
            pause = timedelta(seconds=float(given))
        except (ValueError, OverflowError):
            return None
        return self._now() + pause if timedelta() <= pause <= _LONGEST_PAUSE else None

    def _redact(self, reason: str) -> str:
        """Return a reason without what may be secret in the address or is the token."""
        parts = self._target.parts
        hidden = (self._secret, parts.path if len(parts.path) > 1 else "", parts.query)
        for secret in filter(None, hidden):
            reason = reason.replace(secret, "…")
        return reason


def _hmac(key: bytes, content: bytes) -> str:
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def _as_table(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
