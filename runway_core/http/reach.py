"""Goes the way to a server step by step and stops where it ends: address, name, connection, encryption.

Nothing of HTTP is sent, so nothing can be made or charged; the guard is the one that guards every request.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import httpcore
import httpx

from runway_core.errors import AddressRefusedError, NotReachedError
from runway_core.http.faults import FAULTS, causes
from runway_core.http.guard import (
    GuardBackend,
    PrivateHosts,
    check_url,
    is_public,
    resolve_name,
    tls_context,
)

StageName = Literal["address", "name", "connection", "encryption"]
Fault = Literal[
    "",
    "not allowed",  # the guard refuses the scheme, the port or the name
    "private",  # the guard refuses where the name leads
    "unknown name",
    "refused",
    "no way",
    "slow",
    "expired",
    "not yet valid",
    "wrong name",
    "unknown authority",
    "untrusted",
    "not encrypted",
    "broken",
]

# What OpenSSL calls them in x509_vfy.h (X509_V_ERR_…).
_CERTIFICATES: dict[int, Fault] = {
    9: "not yet valid",
    10: "expired",
    18: "unknown authority",
    19: "unknown authority",
    20: "unknown authority",
    21: "unknown authority",
    62: "wrong name",
    64: "wrong name",
}
_NO_WAY = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL)


@dataclass(frozen=True)
class Stage:
    """One step on the way, and how it ended."""

    name: StageName
    fault: Fault
    """Empty when all is well."""
    detail: str
    """The addresses of the name, or the version of the encryption; empty when there is nothing to tell."""
    elapsed_ms: int


@dataclass
class _Way:
    """What is known of the server so far."""

    url: httpx.URL
    hosts: PrivateHosts
    seconds: float
    addresses: list[str] = field(default_factory=list)
    stream: httpcore.AsyncNetworkStream | None = None

    @property
    def host(self) -> str:
        return self.url.raw_host.decode("ascii")

    @property
    def port(self) -> int:
        return self.url.port or (443 if self.url.scheme == "https" else 80)

    def backend(self) -> GuardBackend:
        return GuardBackend(private_hosts=self.hosts, resolve=self._resolve)

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        # Looked up once, so that the address that is connected to is the one that was told.
        if not self.addresses:
            self.addresses = list(await resolve_name(host, port))
        return self.addresses


async def reach(
    url: str,
    *,
    private_hosts: PrivateHosts = frozenset(),
    seconds: float = 10.0,
    tell: Callable[[Stage], None] | None = None,
) -> tuple[Stage, ...]:
    """The steps to the server of `url`, up to the first that fails; raises none of our errors.

    Args:
        private_hosts: pairs of host and port that may be on private networks and plain http.
        seconds: patience with each step.
        tell: called as each step ends.
    """
    try:
        way = _Way(httpx.URL(url), private_hosts, seconds)
    except (httpx.InvalidURL, ValueError):
        return (Stage("address", "not allowed", "", 0),)
    stages: list[Stage] = []
    try:
        for name, step in _STEPS.items():
            if name == "encryption" and way.url.scheme != "https":
                continue
            stages.append(await _stage(name, step, way))
            if tell:
                tell(stages[-1])
            if stages[-1].fault:
                break
    finally:
        if way.stream is not None:
            with contextlib.suppress(*FAULTS):
                await way.stream.aclose()
    return tuple(stages)


async def _stage(name: StageName, step: Step, way: _Way) -> Stage:
    started = time.monotonic()
    fault: Fault = ""
    detail = ""
    try:
        async with asyncio.timeout(way.seconds):
            detail = await step(way)
    except (*FAULTS, AddressRefusedError, NotReachedError) as error:
        fault = _fault(error, way)
        detail = ", ".join(way.addresses) if name == "name" else ""
    return Stage(name, fault, detail, round((time.monotonic() - started) * 1000))


async def _check(way: _Way) -> str:
    check_url(way.url, way.hosts)
    return ""


async def _look_up(way: _Way) -> str:
    await way.backend().addresses(way.host, way.port)
    return ", ".join(way.addresses)


async def _connect(way: _Way) -> str:
    way.stream = await way.backend().connect_tcp(way.host, way.port, way.seconds)
    return ""


async def _encrypt(way: _Way) -> str:
    assert way.stream is not None
    way.stream = await way.stream.start_tls(tls_context(), way.host, way.seconds)
    encrypted = way.stream.get_extra_info("ssl_object")
    return str(encrypted.version() or "") if encrypted is not None else ""


Step = Callable[[_Way], Awaitable[str]]
_STEPS: dict[StageName, Step] = {
    "address": _check,
    "name": _look_up,
    "connection": _connect,
    "encryption": _encrypt,
}


def _fault(error: BaseException, way: _Way) -> Fault:
    if isinstance(error, AddressRefusedError):
        inside = any(not is_public(address) for address in way.addresses)
        return "private" if inside else "not allowed"
    if isinstance(error, NotReachedError):
        return "broken" if way.addresses else "unknown name"
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return "slow"
    for cause in causes(error):
        if isinstance(cause, ssl.SSLError):
            return _tls_fault(cause)
        if isinstance(cause, ConnectionRefusedError):
            return "refused"
        if isinstance(cause, OSError) and cause.errno in _NO_WAY:
            return "no way"
    return "broken"


def _tls_fault(error: ssl.SSLError) -> Fault:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATES.get(error.verify_code, "untrusted")
    plain = (
        "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST",
        "HTTPS_PROXY_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
    )
    return "not encrypted" if error.reason in plain else "broken"
