"""The SMTP session with the relay, step by step, so that the moment of the handover is known.

Each message has one recipient: with several, a relay could accept some and reject others. The
connection is reused for the next message. Until the line with the single dot is sent, a lost
connection means that nobody has the message; after it, only the answer of the relay tells.
"""

import re
import smtplib
import socket
import ssl
import stringprep
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tracker.delivery.deadline import Deadline
from tracker.delivery.mail import hosts, tcp_probe
from tracker.errors import RelayError
from tracker.settings import Smtp

# RFC 5321, 4.5.3.2, recommends waiting ten minutes for the answer to the dot, which avoids unknown
# outcomes. Everything else must finish within smtp.timeout_seconds, and QUIT sooner.
_SECONDS_AFTER_DOT, _SECONDS_TO_QUIT = 600.0, 5.0
# Bytes per reply: RFC 5321, 4.5.3.1.5, allows 512 per line, and EHLO has about twenty lines.
_MAX_REPLY = 65_536
SENT, DEFERRED, REFUSED = "sent", "deferred", "refused"
LOST, LATE, UNREACHABLE, UNKNOWN = "lost", "late", "unreachable", "unknown"

_DOT_AT_START = re.compile(rb"^\.", re.M)
# Replies that concern the whole session and not one recipient: login (RFC 4954) or TLS required.
_SESSION_REFUSED = {530, 534, 535, 538}


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result for one message, and the answer of the relay.

    sent: accepted. deferred: rejected for now (4xx). refused: rejected for good (5xx). lost: the
    connection broke before the handover. late: the relay took too long before the handover.
    unreachable: there was no connection. unknown: the connection broke after the dot.
    """

    state: str
    detail: str


class _Replies:
    """The lines sent by a relay, with a limit on the bytes of each reply."""

    def __init__(self, file: Any) -> None:
        self._file, self.left = file, 0

    def readline(self, size: int) -> bytes:
        """Read one line. Raises ConnectionError if the reply is too long."""
        line: bytes = self._file.readline(size)
        self.left -= len(line)
        if self.left < 0:
            raise ConnectionError("its reply has no end")
        return line

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Utf8(str):
    """A string that smtplib, which asks for ASCII, encodes as required by SASL (RFC 4616)."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:  # noqa: ARG002
        """Encode as UTF-8, whatever the requested encoding."""
        return super().encode("utf-8", errors)


class _Client(smtplib.SMTP):
    """An smtplib client with non-ASCII logins and limits on replies and connections.

    `context` is for TLS from the first byte, or None.
    """

    def __init__(self, settings: Smtp, deadline: Deadline, context: ssl.SSLContext | None) -> None:
        self._deadline, self._context = deadline, context
        host, port = hosts.relay_address(settings)
        # Without a name, smtplib uses that of the system, which may be invalid.
        super().__init__(host, port, "localhost", timeout=settings.timeout_seconds)
        assert self.sock is not None
        self.local_hostname = hosts.helo_name(settings, self.sock.getsockname()[0])

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # A host may have several addresses of which only a later one is reachable.
        connection = socket.create_connection((host, port), timeout / 4)
        connection.settimeout(2 * timeout)  # longer than the deadline, which ends slow sessions
        self._deadline.watch(connection)
        if self._context:
            return self._context.wrap_socket(connection, server_hostname=host)
        return connection

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply of limited length."""
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = _MAX_REPLY
        return super().getreply()

    def login(self, user: str, password: str, **more: Any) -> tuple[int, bytes]:
        """Log in with a password that may contain any characters."""
        return super().login(user, _Utf8(password), **more)

    def auth(self, mechanism: str, authobject: Any, **more: Any) -> tuple[int, bytes]:
        """Authenticate with answers in UTF-8."""

        def answer(*challenge: Any) -> Any:
            response = authobject(*challenge)
            return None if response is None else _Utf8(response)

        return super().auth(mechanism, answer, **more)


class Relay:
    """The configured relay; it connects on first use and must be closed at the end."""

    def __init__(self, settings: Smtp, password: str) -> None:
        self._settings, self._passwords = settings, _password_variants(password)
        self._smtp: _Client | None = None
        self._deadline = Deadline()

    @property
    def host(self) -> str:
        """The host name of the relay."""
        return self._settings.host

    def deliver(
        self, sender: str, recipient: str, mail: bytes, before_final_dot: Callable[[], None]
    ) -> DeliveryResult:
        """Send one message; `before_final_dot` is called when only the dot is left to send.

        `mail` has CRLF line ends. Raises RelayError if the relay accepts no message at all: no
        encryption, a wrong login, a sender that it rejects, or a connection that takes too long.
        """
        try:
            smtp = self._ensure_connected()
        except (OSError, smtplib.SMTPException) as error:
            return DeliveryResult(UNREACHABLE, _describe_error(error))
        try:
            with self._deadline.within(self._settings.timeout_seconds):
                refusal = self._send_envelope(smtp, sender, recipient)
                if refusal:
                    return self._result_from_reply(*refusal)
                self._send_text(smtp, mail)
                before_final_dot()
        except (OSError, smtplib.SMTPException) as error:
            return self._result_from_error(error, handed_over=False)
        return self._finish(smtp)

    def _send_text(self, smtp: smtplib.SMTP, mail: bytes) -> None:
        """Send everything but the final dot, and wait until the relay has received it."""
        text = _DOT_AT_START.sub(b"..", mail)
        smtp.send(text if text.endswith(b"\r\n") else text + b"\r\n")
        assert smtp.sock is not None
        tcp_probe.wait_until_acknowledged(smtp.sock, self._settings.timeout_seconds)

    def _finish(self, smtp: smtplib.SMTP) -> DeliveryResult:
        """Send the final dot and read the answer."""
        seconds = self._settings.timeout_seconds
        assert smtp.sock is not None
        try:
            with self._deadline.within(seconds):
                smtp.send(b".\r\n")
            tcp_probe.wait_until_readable(smtp.sock, _SECONDS_AFTER_DOT)
            with self._deadline.within(seconds):
                reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return self._result_from_error(error, handed_over=True)
        return self._result_from_reply(*reply)

    def _result_from_error(self, error: Exception, *, handed_over: bool) -> DeliveryResult:
        late = self._deadline.passed
        self.close()
        detail = self._timeout_message() if late else _describe_error(error)
        return DeliveryResult(UNKNOWN if handed_over else LATE if late else LOST, detail)

    def _timeout_message(self) -> str:
        return f"it took longer than {self._settings.timeout_seconds:g} seconds"

    def _send_envelope(
        self, smtp: smtplib.SMTP, sender: str, recipient: str
    ) -> tuple[int, bytes] | None:
        """Send MAIL, RCPT and DATA; return the first negative reply, or None if there is none."""
        steps: tuple[Callable[[], tuple[int, bytes]], ...] = (
            lambda: smtp.mail(sender), lambda: smtp.rcpt(recipient), lambda: smtp.docmd("DATA"),
        )  # fmt: skip
        for step, command in enumerate(steps):
            code, reply = command()
            if code in _SESSION_REFUSED or (step == 0 and code >= 500):
                raise RelayError(self.host, f"it rejects the session: {code} {_reply_text(reply)}")
            if code >= 400:
                return code, reply
            if code // 100 != (3 if step == 2 else 2):
                raise smtplib.SMTPServerDisconnected(
                    f"unexpected reply {code} {_reply_text(reply)}"
                )
        return None

    def _result_from_reply(self, code: int, reply: bytes) -> DeliveryResult:
        """Convert a reply; after a negative one, reset the session, or reconnect after 421."""
        detail = f"{code} {_reply_text(reply)}"
        if code // 100 == 2:
            return DeliveryResult(SENT, detail)
        if code == 421 or code // 100 not in (4, 5):
            self.close()
        elif self._smtp:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.rset()
        return DeliveryResult({4: DEFERRED, 5: REFUSED}.get(code // 100, UNKNOWN), detail)

    def _ensure_connected(self) -> smtplib.SMTP:
        """The open connection, encrypted and logged in as configured."""
        if self._deadline.passed:  # right after the previous message was finished
            self.close()
        if self._smtp is None:
            self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> _Client:
        """Open a connection in time. Raises RelayError if it is rejected or takes too long."""
        self._deadline = Deadline()
        try:
            with self._deadline.within(self._settings.timeout_seconds):
                return self._open_connection()
        except BaseException as error:
            self._deadline.release()
            if isinstance(error, ssl.SSLCertVerificationError):
                reason = f"its certificate is not valid: {error.verify_message}"
                raise RelayError(self.host, reason) from error
            if self._deadline.passed and isinstance(error, OSError | smtplib.SMTPException):
                raise RelayError(self.host, f"{self._timeout_message()} to connect.") from error
            raise

    def _open_connection(self) -> _Client:
        tls = self._settings.security == "tls"
        context = ssl.create_default_context() if tls else None
        smtp = _Client(self._settings, self._deadline, context)
        try:
            assert smtp.sock is not None
            # The dot is a separate packet and must not wait until the previous one is acknowledged.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._authenticate(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _authenticate(self, smtp: _Client) -> None:
        """Start TLS and log in. Raises RelayError if the relay does not support either."""
        smtp.ehlo_or_helo_if_needed()
        try:
            if self._settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if self._settings.user:
                self._log_in(smtp)
        except smtplib.SMTPException as error:
            # smtplib raises the base class itself if the relay offers no login method it knows.
            if type(error) not in (smtplib.SMTPException, smtplib.SMTPNotSupportedError):
                raise
            raise RelayError(self.host, f"{error} No mail was sent.") from error

    def _log_in(self, smtp: _Client) -> None:
        """Log in with the password normalized by RFC 4013 or, if that is rejected, unchanged."""
        rejection: smtplib.SMTPAuthenticationError | None = None
        for password in self._passwords:
            try:
                smtp.login(self._settings.user, password)
            except smtplib.SMTPAuthenticationError as error:
                rejection = error
            except smtplib.SMTPServerDisconnected:
                if not rejection:
                    raise
            else:
                self._passwords = (password,)
                return
        # The reply may repeat the password, so it is not shown.
        code = rejection.smtp_code if rejection else 535
        reason = f"it refuses the login of {self._settings.user} ({code})."
        hint = _invisible_character_hint(self._passwords[-1])
        raise RelayError(self.host, f"{reason}{hint}") from None

    def close(self) -> None:
        """Quit and close the connection, if there is one."""
        smtp, self._smtp = self._smtp, None
        if smtp:
            with suppress(OSError, smtplib.SMTPException), self._deadline.within(_SECONDS_TO_QUIT):
                smtp.quit()
            smtp.close()
            self._deadline.release()


def _password_variants(password: str) -> tuple[str, ...]:
    """The password mapped by RFC 4013, 2.1, then unchanged: web pages show non-breaking spaces."""
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in password
        if not stringprep.in_table_b1(character)
    )
    return tuple(dict.fromkeys((mapped, password)))


def _invisible_character_hint(password: str) -> str:
    """A sentence about an invisible character in the password, or ""."""
    for character in password:
        visible = character == " " or character.isprintable()
        if stringprep.in_table_c12(character) or not visible:
            name = unicodedata.name(character, "a control character")
            return f" The password contains {name} (U+{ord(character):04X}): is that intended?"
    return ""


def _describe_error(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_reply_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"[:300]


def _reply_text(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
