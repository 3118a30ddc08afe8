"""Which network addresses tracker may connect to, checked after name resolution.

Feeds, redirects and settings contain host names chosen by others; without this check a page could
make tracker read a router, a cloud's metadata service or a database on this machine (SSRF). The
caller must connect to one of the addresses returned here, not to the name: a second look-up could
return another address (DNS rebinding).

Public: `resolve_allowed`, `is_public`, `resolve`, `AddressError`.
"""

import socket
from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291: the only range of public hosts


class AddressError(Exception):
    """A host has an address that is not allowed; the message contains it."""


def resolve(host: str, port: int) -> list[str]:
    """Return all addresses of `host`, in the system's order of preference. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def resolve_allowed(
    host: str, port: int, allowed: Collection[str], resolver: Resolve = resolve
) -> list[str]:
    """Return the addresses of `host` that may be connected to.

    One address that is not public rejects the whole host: a legitimate name has no such mixture.
    `allowed` lists hosts with any address. Raises AddressError, or OSError from the look-up.
    """
    addresses = resolver(host, port)
    if host.lower() in {name.strip("[]").lower() for name in allowed}:
        return addresses
    for address in addresses:
        if not is_public(address):
            raise AddressError(f"{host} is {address}, which is not a public address")
    return addresses


def is_public(text: str) -> bool:
    """Whether the address is on the public internet, also when it embeds an IPv4 address."""
    try:
        address = ip_address(text)
    except ValueError:  # for example a scope appended by the platform
        return False
    wrapped = _embedded_ipv4(address) if isinstance(address, IPv6Address) else None
    if wrapped is not None:
        return is_public(str(wrapped))
    if isinstance(address, IPv6Address) and (address not in _GLOBAL_UNICAST or address.teredo):
        return False
    return address.is_global and not address.is_multicast


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that packets would reach: v4-mapped, NAT64 or 6to4."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
