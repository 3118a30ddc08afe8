"""Host names: in email addresses, of the relay, and our own name for EHLO."""

import ipaddress
import re
import socket

from tracker.errors import ConfigError
from tracker.settings import Smtp

_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?").fullmatch
# DNS and container networks also allow underscores, which an email domain must not have.
_HOST_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?").fullmatch
_MAX_LENGTH = 253
_PORTS = range(1, 65536)


def ascii_domain(text: str, *, underscores: bool = False) -> str:
    """Return a domain in ASCII; other letters are converted by IDNA 2008, which preserves ß and ς.

    Raises ValueError for an invalid domain.
    """
    domain = text
    if not text.isascii() or "xn--" in text.lower():
        import idna

        domain = idna.encode(text[:_MAX_LENGTH], uts46=True).decode()
    is_label = _HOST_LABEL if underscores else _LABEL
    if (
        len(text) > _MAX_LENGTH
        or len(domain) > _MAX_LENGTH
        or not all(map(is_label, domain.split(".")))
    ):
        raise ValueError("it is not a domain name")
    return domain


def relay_address(smtp: Smtp) -> tuple[str, int]:
    """The host and the port of the relay. Raises ConfigError for unusable settings."""
    if not smtp.host:
        raise ConfigError("smtp.host is not set: tracker needs a mail relay to send through.")
    if smtp.port not in _PORTS:
        raise ConfigError(f"The setting smtp.port cannot be {smtp.port}: ports are 1 to 65535.")
    if smtp.timeout_seconds <= 0:
        raise ConfigError("The setting smtp.timeout_seconds must be more than 0.")
    if smtp.helo_name:
        _configured_helo_name(smtp.helo_name.strip())
    return _relay_host(smtp.host.strip()), smtp.port


def _relay_host(given: str) -> str:
    try:
        return ascii_host(given)
    except ValueError as error:
        raise ConfigError(
            f"The setting smtp.host cannot be {given[:80]!r}: it must be a host name such as"
            " smtp.example.org or an IP address; the port is set by smtp.port."
        ) from error


def ascii_host(text: str) -> str:
    """Return a host in ASCII: an IP address, with or without brackets, or a name.

    Raises ValueError.
    """
    bare = text.removeprefix("[").removesuffix("]")
    return bare if _ip_address(bare) else ascii_domain(text.removesuffix("."), underscores=True)


def helo_name(smtp: Smtp, own_address: str) -> str:
    """The name for EHLO: as set, that of this host, or `own_address` (RFC 5321, 4.1.4).

    The address is used if the name of this host is no valid domain or only localhost. Raises
    ConfigError if the name that is set would be rejected by relays.
    """
    if smtp.helo_name:
        return _configured_helo_name(smtp.helo_name.strip())
    name = _full_host_name()
    return name or _literal(own_address)


def _configured_helo_name(given: str) -> str:
    if given.startswith("[") and given.endswith("]"):
        bare = given[1:-1]
        if _ip_address(bare.removeprefix("IPv6:")):
            return _literal(bare.removeprefix("IPv6:"))
    try:
        return ascii_domain(given.removesuffix("."))
    except ValueError as error:
        raise ConfigError(
            f"The setting smtp.helo_name cannot be {given[:80]!r}: it must be a host name such as"
            " mail.example.org, or an address in brackets."
        ) from error


def _full_host_name() -> str:
    """The full name of this host in ASCII; "" if it has none that a relay could look up."""
    try:
        name = ascii_domain(socket.getfqdn().removesuffix("."))
    except (ValueError, OSError):  # looking up an invalid name raises UnicodeError
        return ""
    first, dot, _ = name.partition(".")
    named = dot and first.lower() != "localhost" and not name.rpartition(".")[2].isdecimal()
    return name if named else ""


def _literal(address: str) -> str:
    """An address literal for EHLO (RFC 5321, 4.1.3)."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return f"[{parsed}]" if parsed.version == 4 else f"[IPv6:{parsed}]"


def _ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
