"""The dialogue with the relay, step by step, so that it is known when a mail stops being ours.

One mail has one recipient: a relay that takes some of several recipients would leave the others
untold. The connection is kept for the next mail. Until the line with the single dot has left, a
lost connection means that nobody has the mail; after it only the relay's answer tells.
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

from tracker.delivery import hosts, wire
from tracker.errors import RelayError
from tracker.settings import Smtp

# RFC 5321, 4.5.3.2, asks for ten minutes until the answer to the dot begins, where patience saves a
# doubt. All else is to be over in smtp.timeout_seconds, the leave-taking sooner.
_SECONDS_AFTER_DOT, _SECONDS_TO_LEAVE = 600.0, 5.0
# Bytes of one reply: RFC 5321, 4.5.3.1.5, allows 512 a line, and EHLO has some twenty lines.
_LONGEST_REPLY = 65_536
SENT, DEFERRED, REFUSED = "sent", "deferred", "refused"
LOST, LATE, UNREACHABLE, UNKNOWN = "lost", "late", "unreachable", "unknown"

_DOT_AT_START = re.compile(rb"^\.", re.M)
# Replies that are about us and not about one recipient: login wanted (RFC 4954), TLS wanted.
_ABOUT_US = {530, 534, 535, 538}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mail, and the relay's words.

    sent: taken. deferred: not now (4xx). refused: never (5xx). lost: the connection broke while
    the mail was still ours. late: the relay took too long, and it is still ours. unreachable: there
    was no connection. unknown: it broke after the dot.
    """

    state: str
    detail: str


class _Replies:
    """The lines that a relay says, of which each reply may have so many bytes."""

    def __init__(self, file: Any) -> None:
        self._file, self.left = file, 0

    def readline(self, most: int) -> bytes:
        line: bytes = self._file.readline(most)
        self.left -= len(line)
        if self.left < 0:
            raise ConnectionError("its reply has no end")
        return line

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class _Utf8(str):
    """A text that smtplib, which asks for ASCII, writes as SASL has it (RFC 4616)."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:  # noqa: ARG002
        """The text in UTF-8, whatever is asked for."""
        return super().encode("utf-8", errors)


class _Dialogue(smtplib.SMTP):
    """smtplib's, but logins may be of any letters, and no reply and no connection goes on for ever.

    `context` is that of TLS from the first byte on, or None.
    """

    def __init__(
        self, settings: Smtp, deadline: wire.Deadline, context: ssl.SSLContext | None
    ) -> None:
        self._deadline, self._context = deadline, context
        host, port = hosts.relay_address(settings)
        # Without a name smtplib asks the system for one, which it does not check.
        super().__init__(host, port, "localhost", timeout=settings.timeout_seconds)
        assert self.sock is not None
        self.local_hostname = hosts.helo_name(settings, self.sock.getsockname()[0])

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # A host with several addresses may be reachable at a later one only.
        line = socket.create_connection((host, port), timeout / 4)
        line.settimeout(2 * timeout)  # so that it is the deadline that ends what takes too long
        self._deadline.watch(line)
        return self._context.wrap_socket(line, server_hostname=host) if self._context else line

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, of a reply that is not too long."""
        if self.file is None and self.sock is not None:
            self.file = _Replies(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = _LONGEST_REPLY
        return super().getreply()

    def login(self, user: str, password: str, **more: Any) -> tuple[int, bytes]:
        """As smtplib's, with a password of any letters."""
        return super().login(user, _Utf8(password), **more)

    def auth(self, mechanism: str, authobject: Any, **more: Any) -> tuple[int, bytes]:
        """As smtplib's, with answers in UTF-8."""

        def answered(*challenge: Any) -> Any:
            said = authobject(*challenge)
            return None if said is None else _Utf8(said)

        return super().auth(mechanism, answered, **more)


class Relay:
    """A relay as the settings name it; connects when it is first needed. Close it at the end."""

    def __init__(self, settings: Smtp, password: str) -> None:
        self._settings, self._passwords = settings, _spellings(password)
        self._smtp: _Dialogue | None = None
        self._deadline = wire.Deadline()

    @property
    def host(self) -> str:
        """The relay's name."""
        return self._settings.host

    def deliver(
        self, sender: str, recipient: str, mail: bytes, handing_over: Callable[[], None]
    ) -> Verdict:
        """Offer one mail. `handing_over` is called when only the dot is left to send.

        `mail` has CRLF line ends. Raises RelayError when the relay wants nothing from us at all:
        no encryption, a wrong login, a sender that it does not serve, no end of its greeting.
        """
        try:
            smtp = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            return Verdict(UNREACHABLE, _words(error))
        text = _DOT_AT_START.sub(b"..", mail)
        seconds = self._settings.timeout_seconds
        ours = True
        try:
            with self._deadline.within(seconds):
                refusal = self._offered(smtp, sender, recipient)
                if refusal:
                    return self._judged(*refusal)
                smtp.send(text if text.endswith(b"\r\n") else text + b"\r\n")
                assert smtp.sock is not None
                wire.arrived(smtp.sock, seconds)
                handing_over()
                ours = False
                smtp.send(b".\r\n")
            wire.heard(smtp.sock, _SECONDS_AFTER_DOT)
            with self._deadline.within(seconds):
                reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return self._broken(error, ours=ours)
        return self._judged(*reply)

    def _broken(self, error: Exception, *, ours: bool) -> Verdict:
        late = self._deadline.passed
        self.close()
        words = self._too_long() if late else _words(error)
        return Verdict((LATE if late else LOST) if ours else UNKNOWN, words)

    def _too_long(self) -> str:
        return f"it took longer than {self._settings.timeout_seconds:g} seconds"

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
        if self._deadline.passed:  # just after the last mail was settled
            self.close()
        if self._smtp is None:
            self._smtp = self._opened()
        return self._smtp

    def _opened(self) -> _Dialogue:
        """A new connection. Raises RelayError when it is refused, or does not come about."""
        self._deadline = wire.Deadline()
        try:
            with self._deadline.within(self._settings.timeout_seconds):
                return self._dialled()
        except BaseException as error:
            self._deadline.release()
            if isinstance(error, ssl.SSLCertVerificationError):
                reason = f"its certificate is not valid: {error.verify_message}"
                raise RelayError(self.host, reason) from error
            if self._deadline.passed and isinstance(error, OSError | smtplib.SMTPException):
                raise RelayError(self.host, f"{self._too_long()} to connect.") from error
            raise

    def _dialled(self) -> _Dialogue:
        tls = self._settings.security == "tls"
        context = ssl.create_default_context() if tls else None
        smtp = _Dialogue(self._settings, self._deadline, context)
        try:
            assert smtp.sock is not None
            # The dot is a packet of its own and must not wait for the answer to the one before it.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._admitted(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _admitted(self, smtp: _Dialogue) -> None:
        """STARTTLS and login. Raises RelayError when the relay will not have them."""
        smtp.ehlo_or_helo_if_needed()
        try:
            if self._settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
                smtp.ehlo()
            if self._settings.user:
                self._log_in(smtp)
        except smtplib.SMTPException as error:
            # The plain class says that it offers no way to log in that smtplib knows.
            if type(error) not in (smtplib.SMTPException, smtplib.SMTPNotSupportedError):
                raise
            raise RelayError(self.host, f"{error} No mail was handed to it.") from error

    def _log_in(self, smtp: _Dialogue) -> None:
        """Log in with the password as RFC 4013 spells it or, where that is refused, as it is."""
        refused: smtplib.SMTPAuthenticationError | None = None
        for password in self._passwords:
            try:
                smtp.login(self._settings.user, password)
            except smtplib.SMTPAuthenticationError as error:
                refused = error
            except smtplib.SMTPServerDisconnected:
                if not refused:
                    raise
            else:
                self._passwords = (password,)
                return
        # The reply may repeat what was sent, so it is not shown.
        code = refused.smtp_code if refused else 535
        said = f"it refuses the login of {self._settings.user} ({code})."
        raise RelayError(self.host, f"{said}{_odd_letter(self._passwords[-1])}") from None

    def close(self) -> None:
        """Take leave, if there is still somebody to take leave of."""
        smtp, self._smtp = self._smtp, None
        if smtp:
            with suppress(OSError, smtplib.SMTPException), self._deadline.within(_SECONDS_TO_LEAVE):
                smtp.quit()
            smtp.close()
            self._deadline.release()


def _spellings(password: str) -> tuple[str, ...]:
    """A password as RFC 4013, 2.1, maps it, then as it is: pages show blanks that do not break."""
    mapped = "".join(
        " " if stringprep.in_table_c12(letter) else letter
        for letter in password
        if not stringprep.in_table_b1(letter)
    )
    return tuple(dict.fromkeys((mapped, password)))


def _odd_letter(password: str) -> str:
    """A sentence about a letter of the password that nobody sees, or ""."""
    for letter in password:
        if stringprep.in_table_c12(letter) or not (letter == " " or letter.isprintable()):
            name = unicodedata.name(letter, "a control character")
            return f" The password holds {name} (U+{ord(letter):04X}): is that meant?"
    return ""


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"[:300]


def _text(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
