"""Only public addresses are contacted, whatever a name resolves to."""

import pytest

from tracker.sources.http.addresses import AddressError, is_public, resolve_allowed

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",  # the metadata service of clouds
    "100.64.0.1",  # carrier-grade NAT
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",  # v4-mapped
    "::ffff:10.0.0.1",
    "::127.0.0.1",  # v4-compatible
    "::ffff:0:127.0.0.1",  # v4-translated
    "64:ff9b::127.0.0.1",  # NAT64
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",  # 6to4
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "no address",
]
PUBLIC = ["151.101.3.42", "2a04:4e42::810", "64:ff9b::151.101.3.42", "::ffff:151.101.3.42"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_rejected_and_named(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(AddressError, match=r"feed\.example is"):
        resolve_allowed("feed.example", 80, (), lambda *_: [address])


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_returned(address: str) -> None:
    assert resolve_allowed("feed.example", 443, (), lambda *_: [address]) == [address]


def test_one_private_address_among_public_ones_rejects_the_host() -> None:
    with pytest.raises(AddressError):
        resolve_allowed("feed.example", 80, (), lambda *_: [PUBLIC[0], "10.0.0.1"])


@pytest.mark.parametrize("host", ["mirror.lan", "Mirror.LAN"])
def test_a_host_in_the_settings_may_be_private(host: str) -> None:
    assert resolve_allowed(host, 80, ("mirror.lan",), lambda *_: ["10.0.0.1"]) == ["10.0.0.1"]


def test_unusual_spellings_of_loopback_are_rejected() -> None:
    for host in ("2130706433", "0x7f.1", "127.1"):
        with pytest.raises(AddressError):
            resolve_allowed(host, 80, ())
