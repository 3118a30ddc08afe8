"""The dialogue with the relay, step by step, so that it is known when a mail stops being ours.

One mail has one recipient: a relay that takes some of several recipients would leave the others
untold. The connection is kept for the next mail. Until the line with the single dot has left, a
lost connection means that nobody has the mail; after it only the relay's answer tells.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tracker.delivery import wire
from tracker.errors import RelayError
from tracker.settings import Smtp

# RFC 5321, 4.5.3.2, asks for five minutes a command and ten for the answer to the dot. A relay
# that says nothing for a minute is as good as gone; after the dot patience saves a doubt.
_SECONDS, _SECONDS_AFTER_DOT = 60.0, 600.0
SENT, DEFERRED, REFUSED = "sent", "deferred", "refused"
LOST, UNREACHABLE, UNKNOWN = "lost", "unreachable", "unknown"

_DOT_AT_START = re.compile(rb"^\.", re.M)
# Replies that are about us and not about one recipient: login wanted (RFC 4954), TLS wanted.
_ABOUT_US = {530, 534, 535, 538}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mail, and the relay's words.

    sent: taken. deferred: not now (4xx). refused: never (5xx). lost: the connection broke while
    the mail was still ours. unreachable: there was none. unknown: it broke after the dot.
    """

    state: str
    detail: str


class Relay:
    """A relay as the settings name it; connects when it is first needed. Close it at the end."""

    def __init__(self, settings: Smtp, password: str) -> None:
        self._settings, self._password = settings, password
        self._smtp: smtplib.SMTP | None = None

    @property
    def host(self) -> str:
        """The relay's name."""
        return self._settings.host

    def deliver(
        self, sender: str, recipient: str, mail: bytes, handing_over: Callable[[], None]
    ) -> Verdict:
        """Offer one mail. `handing_over` is called when only the dot is left to send.

        `mail` has CRLF line ends. Raises RelayError when the relay wants nothing from us at all:
        no encryption, a wrong login, a sender that it does not serve.
        """
        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            return Verdict(UNREACHABLE, _words(error))
        text = _DOT_AT_START.sub(b"..", mail)
        ours = True
        try:
            refusal = self._offered(smtp, sender, recipient)
            if refusal:
                return self._judged(*refusal)
            smtp.send(text if text.endswith(b"\r\n") else text + b"\r\n")
            assert smtp.sock is not None
            wire.arrived(smtp.sock, _SECONDS)
            smtp.sock.settimeout(_SECONDS_AFTER_DOT)
            handing_over()
            ours = False
            smtp.send(b".\r\n")
            reply = smtp.getreply()
            smtp.sock.settimeout(_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Verdict(LOST if ours else UNKNOWN, _words(error))
        return self._judged(*reply)

    def _offered(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> tuple[int, bytes] | None:
        """MAIL, RCPT and DATA; the first reply that is a no, or None when the text may come."""
        steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
            lambda: smtp.mail(sender), lambda: smtp.rcpt(recipient), lambda: smtp.docmd("DATA"),
        )  # fmt: skip
        for step, command in enumerate(steps):
            code, reply = command()
            if code in _ABOUT_US or (step == 0 and code >= 500):
                raise RelayError(self.host, f"it refuses us: {code} {_text(reply)}")
            if code >= 400:
                return code, reply
            if code // 100 != (3 if step == 2 else 2):
                raise smtplib.SMTPServerDisconnected(f"it answers {code} {_text(reply)}")
        return None

    def _judged(self, code: int, reply: bytes) -> Verdict:
        """A reply as a verdict. After a no the dialogue starts afresh, on a new line after 421."""
        detail = f"{code} {_text(reply)}"
        if code // 100 == 2:
            return Verdict(SENT, detail)
        if code == 421 or code // 100 not in (4, 5):
            self.close()
        elif self._smtp:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.rset()
        return Verdict({4: DEFERRED, 5: REFUSED}.get(code // 100, UNKNOWN), detail)

    def _connected(self) -> smtplib.SMTP:
        """The open connection, encrypted and logged in as the settings say."""
        if self._smtp is None:
            try:
                smtp = self._dialled()
                try:
                    self._admitted(smtp)
                except BaseException:
                    smtp.close()
                    raise
            except ssl.SSLCertVerificationError as error:
                reason = f"its certificate is not valid: {error.verify_message}"
                raise RelayError(self.host, reason) from error
            self._smtp = smtp
        return self._smtp

    def _dialled(self) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if self._settings.security == "tls":
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
        else:
            smtp = smtplib.SMTP(host, port, timeout=_SECONDS)
        assert smtp.sock is not None
        # The dot is a packet of its own and must not wait for the answer to the one before it.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return smtp

    def _admitted(self, smtp: smtplib.SMTP) -> None:
        """STARTTLS and login. Raises RelayError when the relay will not have them."""
        smtp.ehlo_or_helo_if_needed()
        try:
            if self._settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if self._settings.user:
                smtp.login(self._settings.user, self._password)
        except smtplib.SMTPNotSupportedError as error:
            raise RelayError(self.host, f"{error} No mail was handed to it.") from error
        except smtplib.SMTPAuthenticationError as error:
            # The reply may repeat what was sent, so it is not shown.
            said = f"it refuses the login of {self._settings.user} ({error.smtp_code})."
            raise RelayError(self.host, said) from None

    def close(self) -> None:
        """Take leave, if there is still somebody to take leave of."""
        smtp, self._smtp = self._smtp, None
        if smtp:
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"[:300]


def _text(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
