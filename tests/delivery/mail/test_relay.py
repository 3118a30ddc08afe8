"""The SMTP session: it ends whatever the relay does, and any login works."""

import re
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scripted_relay import ScriptedRelay
from tracker.delivery.mail import hosts, tokens
from tracker.delivery.mail.smtp import DeliveryResult, Relay
from tracker.errors import ConfigError, RelayError
from tracker.settings import Smtp

MAIL = b"Subject: x\r\n\r\nhi\r\n"
SENDER, ANN = "w@x.example", "ann@x.example"


def settings(port: int, **changes: Any) -> Smtp:
    known = Smtp(
        host="127.0.0.1", port=port, security="none", sender=SENDER, helo_name="mail.x.example",
        timeout_seconds=0.3,
    )  # fmt: skip
    return replace(known, **changes)


def deliver(server: ScriptedRelay, password: str = "", **changes: Any) -> DeliveryResult:
    relay = Relay(settings(server.port, **changes), password)
    try:
        return relay.deliver(SENDER, ANN, MAIL, lambda: None)
    finally:
        relay.close()


@pytest.mark.parametrize("piece", [b"220-wait\r\n", b"2"])
def test_endless_greeting_is_given_up(piece: bytes) -> None:
    begun = time.monotonic()
    with ScriptedRelay("banner", piece) as server:
        with pytest.raises(RelayError, match=r"longer than 0\.3 seconds to connect"):
            deliver(server)
        assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("phase", "changes"),
    [
        ("EHLO", {}),
        ("STARTTLS", {"security": "starttls"}),
        ("AUTH", {"user": "ann"}),
        ("banner", {"security": "tls"}),
    ],
)
def test_every_step_of_connecting_times_out(phase: str, changes: dict[str, Any]) -> None:
    pause = 60.0 if phase == "banner" else 0.02  # nothing at all instead of a handshake
    features = ("STARTTLS", "AUTH PLAIN")
    with (
        ScriptedRelay(phase, pause=pause, features=features) as server,
        pytest.raises(RelayError, match="to connect"),
    ):
        deliver(server, "s3cret", **changes)


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA"])
def test_endless_reply_before_the_dot_defers_the_message(phase: str) -> None:
    with ScriptedRelay(phase) as server:
        result = deliver(server)
    assert (result.state, result.detail) == ("late", "it took longer than 0.3 seconds")
    assert server.mails == []


def test_endless_reply_after_the_dot_is_an_unknown_outcome() -> None:
    with ScriptedRelay(".") as server:
        assert deliver(server).state == "unknown"


def test_relay_that_does_not_answer_quit_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.delivery.mail.smtp._SECONDS_TO_QUIT", 0.1)
    begun = time.monotonic()
    with ScriptedRelay("QUIT") as server:
        assert deliver(server).state == "sent"
    assert time.monotonic() - begun < 3


def test_reply_of_unlimited_length_is_refused() -> None:
    with ScriptedRelay("banner", b"220-x\r\n" * 1000, pause=0) as server:
        result = deliver(server, timeout_seconds=30)
    assert (result.state, "no end" in result.detail) == ("unreachable", True)


@pytest.mark.parametrize(
    "password", ["abcd efgh", "pässwörd€", "пароль", "密碼", "a\u00a0b\u202fc"]
)
@pytest.mark.parametrize("user", ["ann", "ünï@bücher.example"])
def test_login_accepts_any_characters(user: str, password: str) -> None:
    with ScriptedRelay(features=("AUTH PLAIN",), logins=frozenset({(user, password)})) as server:
        assert deliver(server, password, user=user).state == "sent"


def test_non_breaking_spaces_are_spaces() -> None:
    """Web pages show app passwords with non-breaking spaces, which are then pasted."""
    logins = frozenset({("ann", "abcd efgh")})
    with ScriptedRelay(features=("AUTH PLAIN",), logins=logins) as server:
        assert deliver(server, "abcd\u00a0efgh", user="ann").state == "sent"
    assert len([command for command in server.commands if command.startswith("AUTH")]) == 1


@pytest.mark.parametrize("hang_up_after_refusal", [False, True])
def test_wrong_password_is_reported_with_its_invisible_characters(
    hang_up_after_refusal: bool,
) -> None:
    with (
        ScriptedRelay(
            features=("AUTH PLAIN",), hang_up_after_refusal=hang_up_after_refusal
        ) as server,
        pytest.raises(
            RelayError, match=r"refuses the login of ann \(535\).*NO-BREAK SPACE"
        ) as caught,
    ):
        deliver(server, "abcd\u00a0efgh", user="ann")
    assert "abcd" not in str(caught.value)


def test_relay_without_a_supported_login_method_is_reported() -> None:
    with (
        ScriptedRelay(features=("AUTH GSSAPI",)) as server,
        pytest.raises(RelayError, match="No suitable authentication"),
    ):
        deliver(server, "s3cret", user="ann")


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_password_file_may_have_a_byte_order_mark(mark: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(f"{mark}pässwörd\r\n".encode())
    file.chmod(0o600)
    known = Smtp(user="ann", password_file=str(file))
    assert tokens.load_password(known, {}) == "pässwörd"
    assert tokens.load_password(known, {tokens.PASSWORD_VARIABLE: f"{mark}ö"}) == "ö"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_password_that_is_not_utf_8_is_refused_and_not_revealed(
    encoding: str, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_bytes("gehéimnis".encode(encoding))
    file.chmod(0o600)
    with pytest.raises(ConfigError, match="UTF-8") as caught:
        tokens.load_password(Smtp(user="ann", password_file=str(file)), {})
    assert "imnis" not in str(caught.value)
    given = file.read_bytes().replace(b"\0", b"").decode(errors="surrogateescape")
    with pytest.raises(ConfigError, match=tokens.PASSWORD_VARIABLE):
        tokens.load_password(Smtp(user="ann"), {tokens.PASSWORD_VARIABLE: given})


@pytest.mark.parametrize(
    "host",
    ["smtp..example.org", "smtp.example.org:587", "smtps://x.example", "s m.example", "-x.example",
     f"{'l' * 64}.example", "x.example/", "a" * 300, "smtp.exa\u202emple.org", "ü" * 300, "."],
)  # fmt: skip
def test_invalid_host_is_refused(host: str) -> None:
    with pytest.raises(ConfigError, match=r"smtp\.host cannot be"):
        hosts.relay_address(Smtp(host=host))


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("smtp.example.org", "smtp.example.org"),
        (" smtp.example.org. ", "smtp.example.org"),
        ("smtp.straße.example", "smtp.xn--strae-oqa.example"),
        ("mail_relay", "mail_relay"),
        ("localhost", "localhost"),
        ("192.0.2.1", "192.0.2.1"),
        ("[::1]", "::1"),
        ("::1", "::1"),
    ],
)
def test_host_may_be_a_name_or_an_address(host: str, wanted: str) -> None:
    assert hosts.relay_address(Smtp(host=host)) == (wanted, 587)


@pytest.mark.parametrize(
    "wrong", [{"port": 0}, {"port": 70_000}, {"timeout_seconds": 0.0}, {"helo_name": "my host"}]
)
def test_other_invalid_settings_are_reported(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"smtp.{next(iter(wrong))}"):
        hosts.relay_address(replace(Smtp(host="x.example"), **wrong))


# RFC 5321, 4.1.2: a domain of at least two labels, or an address literal.
_VALID = re.compile(
    r"(?=.{1,255}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*"
    r"|\[[0-9.]+\]|\[IPv6:[0-9a-f:]+\]"
)


@pytest.mark.parametrize(
    "name",
    ["my_host.example.org", "my host", "", "localhost", "localhost.localdomain", "rechner-büro",
     "büro.example", f"{'a' * 70}.example", ".".join("abc" * 100), "a..b", "-x.example", "host",
     "10.0.0.7", "\udcff\udcfe", "host.example.org\r\nMAIL FROM:<x@y.example>", "h.example.org."],
)  # fmt: skip
def test_ehlo_name_is_valid_for_any_host_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: name)
    monkeypatch.setattr(socket, "gethostbyaddr", lambda _: (name, [], []))
    with ScriptedRelay() as server:
        assert deliver(server, helo_name="").state == "sent"
    greeting = server.commands[0].removeprefix("ehlo ")
    assert _VALID.fullmatch(greeting), greeting
    assert greeting != "localhost.localdomain"


def test_host_without_a_valid_name_uses_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: str) -> None:
        raise UnicodeEncodeError("idna", "a..b", 0, 1, "label empty or too long")

    monkeypatch.setattr(socket, "gethostbyaddr", fail)
    assert hosts.helo_name(Smtp(), "192.0.2.1") == "[192.0.2.1]"
    assert hosts.helo_name(Smtp(), "fe80::1%eth0") == "[IPv6:fe80::1]"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("mail.example.org", "mail.example.org"),
        ("büro.example", "xn--bro-hoa.example"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
    ],
)
def test_ehlo_name_can_be_set(given: str, wanted: str) -> None:
    with ScriptedRelay() as server:
        deliver(server, helo_name=given)
    assert server.commands[0] == f"ehlo {wanted}"
