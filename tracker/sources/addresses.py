"""Which addresses of the network tracker may visit, checked after the name was resolved.

Feeds, redirects and settings name hosts that others choose; without this check a page could make
tracker read a router, a cloud's metadata service or a database on this machine (SSRF). The caller
must connect to one of the addresses returned here, never to the name again: a second look-up could
give another answer (DNS rebinding).

Public: `checked`, `is_public`, `resolve`, `AddressError`.
"""

import socket
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address meant
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291: the only space that public hosts live in


class AddressError(Exception):
    """A host's address is one that must not be visited; the message names it."""


def resolve(host: str, port: int) -> list[str]:
    """All addresses of `host`, in the system's order of preference. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(
    host: str, port: int, allowed: Collection[str], look_up: Resolve = resolve
) -> list[str]:
    """The addresses of `host` that may be connected to.

    One address that is not public refuses the host whole: an honest name has no such mixture.
    `allowed` names hosts that may be anywhere. Raises AddressError, or OSError from the look-up.
    """
    addresses = look_up(host, port)
    if host.lower() in {name.strip("[]").lower() for name in allowed}:
        return addresses
    for address in addresses:
        if not is_public(address):
            raise AddressError(f"{host} is {address}, which is not a public address")
    return addresses


def is_public(text: str) -> bool:
    """Whether the address belongs to the public internet, also when it wraps an IPv4 address."""
    try:
        address = ip_address(text)
    except ValueError:  # for example a scope that the platform has appended
        return False
    wrapped = _wrapped(address) if isinstance(address, IPv6Address) else None
    if wrapped is not None:
        return is_public(str(wrapped))
    if isinstance(address, IPv6Address) and (address not in _GLOBAL_UNICAST or address.teredo):
        return False
    return address.is_global and not address.is_multicast


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one would reach: v4-mapped, NAT64 or 6to4."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
