"""Decides at the moment of connecting which addresses may be connected to.

A name is resolved once, every address it has must be a public one, and the connection goes to an
address that was checked: a name that answers differently a moment later gains nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import select
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence, Set
from typing import Any

import certifi
import httpcore
import httpx

from runway_core.errors import AddressRefusedError, NotReachedError
from runway_core.http.proof import SandboxHost, prove

PrivateHosts = Set[tuple[str, int]]
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

ATTEMPTS = 4
"""Addresses of one name that are tried."""
ATTEMPT_SECONDS = 5.0
"""How long each but the last is tried, so that a dead IPv6 route does not eat the deadline."""

# Ranges of IANA's special-purpose registries that Python 3.11 calls global, or that carry
# another address inside (6to4, NAT64, Teredo) which would then be the real target.
_SPECIAL = tuple(
    ipaddress.ip_network(net)
    for net in (
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.175.48.0/24",
        "::/8",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "100:0:0:1::/64",
        "2001::/23",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)


def is_public(address: str) -> bool:
    """True when this numeric address is one of the open internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    special = ip.is_multicast or ip.is_reserved or ip.is_unspecified or not ip.is_global
    return not special and not any(ip in net for net in _SPECIAL if net.version == ip.version)


def is_private_host(url: httpx.URL, private_hosts: PrivateHosts) -> bool:
    """True when the operator has named exactly this host and port."""
    port = url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
    return (url.raw_host.decode("ascii"), port) in private_hosts


def check_url(url: httpx.URL, private_hosts: PrivateHosts) -> None:
    """Refuse what must not even be looked up.

    Raises:
        AddressRefusedError: not https, another port than 443, a user name in it, or no host.
    """
    host = url.host[:100] or "This address"
    if url.userinfo:
        raise AddressRefusedError(f"{host} is not connected to: the address holds a user name.")
    if url.scheme not in ("http", "https") or not url.host:
        raise AddressRefusedError(f"{host} is not connected to: this is no web address.")
    if is_private_host(url, private_hosts):
        return
    if url.scheme != "https":
        raise AddressRefusedError(f"{host} is not connected to: only https:// is safe for a key.")
    if url.port not in (None, 443):
        raise AddressRefusedError(f"{host} is not connected to: port {url.port} is not 443.")


async def resolve_name(host: str, port: int) -> Sequence[str]:
    """Ask the system for every address of a name."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class GuardBackend(httpcore.AsyncNetworkBackend):
    """Opens TCP connections to public addresses on port 443, and to the named private hosts."""

    def __init__(
        self,
        *,
        private_hosts: PrivateHosts = frozenset(),
        resolve: Resolve = resolve_name,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._private_hosts = private_hosts
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to a checked address of `host`.

        Raises:
            AddressRefusedError: the port or one of the addresses is not allowed.
            NotReachedError: the name has no address, or another program is where the built-in sandbox was.
        """
        addresses = (await self.addresses(host, port))[:ATTEMPTS]
        last = len(addresses) - 1
        for number, address in enumerate(addresses):
            patience = timeout if number == last else min(timeout or 60, ATTEMPT_SECONDS)
            try:
                stream = await self._network.connect_tcp(
                    address, port, patience, local_address, socket_options
                )
                return await self._proven(_Stream(stream), host, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == last:
                    raise
        raise NotReachedError(f"{host[:100]} can't be reached: the name has no address.")

    async def _proven(
        self, stream: httpcore.AsyncNetworkStream, host: str, port: int
    ) -> httpcore.AsyncNetworkStream:
        """The stream, once whoever is at its other end is known to be the one that is meant."""
        for named, at in self._private_hosts:
            if isinstance(named, SandboxHost) and (named, at) == (host, port):
                await prove(stream, named, port)
        return stream

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Every address of `host`, each of them allowed.

        Raises:
            AddressRefusedError: the port or one of the addresses is not allowed.
            NotReachedError: the name can't be looked up.
        """
        named = (host, port) in self._private_hosts
        if port != 443 and not named:
            raise AddressRefusedError(f"{host[:100]} is not connected to: port {port} is not 443.")
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            addresses = None
        if addresses is None:
            raise NotReachedError(
                f"{host[:100]} can't be reached: there is no internet, or no such address."
            )
        if not named and not all(map(is_public, addresses)):
            raise AddressRefusedError(
                f"{host[:100]} is not connected to: it is not on the public internet."
            )
        return addresses

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never.

        Raises:
            AddressRefusedError: always.
        """
        raise AddressRefusedError("A socket file is not connected to.")

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds`."""
        await self._network.sleep(seconds)


class Trust(ssl.SSLContext):
    """Verifies always, against this system's certificates or, where it has none, Mozilla's.

    Not ``ssl.create_default_context``, which writes the session's keys to a file when
    SSLKEYLOGFILE is set. Until `load` nothing at all is trusted.
    """

    _loaded = False

    def load(self) -> None:
        """Read the certificates; put off to the first handshake, because it takes 50 ms."""
        if self._loaded:
            return
        self._loaded = True
        self.load_default_certs()
        if not self.cert_store_stats()["x509_ca"]:
            self.load_verify_locations(certifi.where())


def tls_context() -> Trust:
    """A context that checks certificate and name, TLS 1.2 or newer."""
    context = Trust(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that is closed when its TLS handshake is given up, which httpcore forgets.

    It also keeps its socket at hand: anyio looks for it in all that it knows of a connection, each time.
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream, raw: Any = None) -> None:
        self._stream = stream
        self._raw = raw or stream.get_extra_info("socket")

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if isinstance(ssl_context, Trust):
            ssl_context.load()
        try:
            encrypted = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._stream.aclose()
            raise
        return _Stream(encrypted, self._raw)

    def get_extra_info(self, info: str) -> Any:
        return (
            _is_readable(self._raw) if info == "is_readable" else self._stream.get_extra_info(info)
        )


def _is_readable(raw: Any) -> bool:
    """Whether something waits to be read: of a connection that is not in use, that it has ended."""
    if raw.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(raw, select.POLLIN)
    return bool(poll.poll(0))
