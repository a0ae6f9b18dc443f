"""Which addresses may be connected to."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlsplit

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.errors import AddressRefusedError, NotReachedError
from runway_core.http import GuardBackend, Http, is_public
from tests.http.raw_server import RawServer, always, answer

INNER = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.5.4",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "2001::1",
    "2001:db8::1",
    "100::1",
    "3fff::1",
    "5f00::1",
    "not-an-address",
]

SPELLINGS = [
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://localhost/",
    "https://LOCALHOST/",
    "https://10.0.0.1/",
    "https://192.168.0.1/",
    "https://172.16.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://[fd00:ec2::254]/",
    "https://100.100.100.200/",
    "https://192.0.0.192/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[2001::1]/",
    "https://[fe80::1]/",
    "https://①②⑦.0.0.1/",
    "https://user@127.0.0.1/",
    "https://example.com@127.0.0.1/",
    "http://127.0.0.1/",
    "http://93.184.215.14/",
    "https://127.0.0.1:6379/",
    "https://93.184.215.14:8443/",
    "file:///etc/passwd",
    "gopher://127.0.0.1/",
    "ftp://127.0.0.1/",
    "//127.0.0.1/",
    "https:///x",
]


@pytest.mark.parametrize("address", INNER)
def test_inner_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:2800:220:1::1", "::ffff:8.8.8.8", "2a00:1450::1"]
)
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_ipv6_spelling(ip: ipaddress.IPv4Address) -> None:
    assert is_public(f"::ffff:{ip}") == is_public(str(ip))
    assert not is_public(str(ipaddress.IPv6Address((0x2002 << 112) | (int(ip) << 80))))


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_an_inner_address_is_connected_to(url: str) -> None:
    async def run() -> None:
        async with Http() as http:
            await http.request("GET", url, headers={"X-API-Key": "secret"}, deadline=5)

    with pytest.raises(NotReachedError) as caught:
        asyncio.run(run())
    assert caught.value.outcome == "not_sent"
    assert not caught.value.retryable


def test_only_the_named_host_and_port_may_be_private() -> None:
    with RawServer(always(answer())) as named, RawServer(always(answer())) as other:
        urls = [
            f"http://localhost:{named.port}/",
            f"http://127.1:{named.port}/",
            f"http://user@127.0.0.1:{named.port}/",
            other.url,
        ]

        async def run() -> None:
            async with Http(private_hosts=named.private) as http:
                assert (await http.request("GET", named.url, deadline=5)).status == 200
                for url in urls:
                    with pytest.raises(AddressRefusedError):
                        await http.request("GET", url, deadline=5)

        asyncio.run(run())
        assert (len(named.requests), len(other.requests)) == (1, 0)


class Recorder(httpcore.AsyncNetworkBackend):
    """Stands for the network: notes the addresses, and says that the `dead` ones don't answer."""

    def __init__(self, *dead: str) -> None:
        self.dead = dead
        self.addresses: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.addresses.append(host)
        if host in self.dead:
            raise httpcore.ConnectTimeout
        return httpcore.AsyncNetworkStream()


class Resolver:
    """Gives each look-up the next answer."""

    def __init__(self, *answers: Sequence[str] | Exception) -> None:
        self.answers = list(answers)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def connect(network: Recorder, resolver: Resolver, port: int = 443) -> None:
    backend = GuardBackend(resolve=resolver, network=network)
    asyncio.run(_connect(backend, port))


async def _connect(backend: GuardBackend, port: int) -> None:
    await backend.connect_tcp("relay.example", port, timeout=5)


def test_a_name_is_looked_up_once_and_the_checked_address_is_used() -> None:
    network, resolver = Recorder(), Resolver(["93.184.215.14"], ["127.0.0.1"])
    connect(network, resolver)
    assert network.addresses == ["93.184.215.14"]
    with pytest.raises(AddressRefusedError):
        connect(network, resolver)
    assert network.addresses == ["93.184.215.14"]


@pytest.mark.parametrize("inner", ["10.0.0.1", "127.0.0.1", "::1", "64:ff9b::a00:1"])
def test_one_inner_address_among_public_ones_refuses_the_name(inner: str) -> None:
    network = Recorder()
    with pytest.raises(AddressRefusedError) as caught:
        connect(network, Resolver(["93.184.215.14", inner]))
    assert network.addresses == []
    assert str(caught.value).startswith("relay.example is not connected to")


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    network = Recorder("2606:2800:220:1::1")
    connect(network, Resolver(["2606:2800:220:1::1", "93.184.215.14"]))
    assert network.addresses == ["2606:2800:220:1::1", "93.184.215.14"]


def test_other_ports_are_refused_before_a_look_up() -> None:
    with pytest.raises(AddressRefusedError):
        connect(Recorder(), Resolver(), port=22)


@pytest.mark.parametrize("failure", [socket.gaierror(8, "unknown"), UnicodeError("idna"), []])
def test_an_unknown_name_means_nothing_was_sent(failure: Exception | list[str]) -> None:
    with pytest.raises(NotReachedError) as caught:
        connect(Recorder(), Resolver(failure))
    assert str(caught.value).startswith("relay.example can't be reached: ")
    assert caught.value.retryable


def test_inner_addresses_are_reached_by_no_spelling_and_would_be_without_the_guard(
    record_property: Callable[[str, object], None],
) -> None:
    hosts = [urlsplit(spelling).hostname or "" for spelling in SPELLINGS]
    hosts = [host for host in hosts if host and host.isascii() and not is_public(host)]
    network, would_be = Recorder(), 0
    for host in hosts:
        with contextlib.suppress(OSError, UnicodeError):
            would_be += bool(socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM))
        with pytest.raises(NotReachedError):
            asyncio.run(GuardBackend(network=network).connect_tcp(host, 443, timeout=5))
    reached = len(network.addresses)
    record_property("inner addresses", f"{len(hosts)} spellings, {reached} reached")
    assert len(hosts) >= 30 and reached == 0
    assert would_be >= 30  # else the spellings show nothing
