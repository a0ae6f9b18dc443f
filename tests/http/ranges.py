"""A server that gives a file out whole or from a byte on, counts what left, and breaks off or lies as it is told."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runway_core.errors import DeskError, NoAnswerError
from runway_core.http import Download, Http
from tests.http.raw_server import Connection, RawServer, Request

ETAG = 'ETag: "one"'
OLD = ("Last-Modified: Sun, 22 Nov 2026 08:00:00 GMT", "Date: Sun, 22 Nov 2026 08:01:00 GMT")
"""A date that tells a file from every later one."""
MIB = 1024 * 1024
VIDEO = random.Random(1).randbytes(MIB)
OTHER = random.Random(2).randbytes(MIB)
CUT = MIB * 6 // 10
"""60 %."""


class Files:
    """The handler of a `RawServer`."""

    def __init__(self, data: bytes, *validators: str) -> None:
        self.data = data
        self.validators = validators or (ETAG,)
        self.plans: list[Plan] = []
        """How the next requests are answered; honestly when empty."""
        self.sent = 0
        """Bytes of bodies that left."""

    def __call__(self, connection: Connection, request: Request) -> None:
        plan = self.plans.pop(0) if self.plans else whole
        plan(self, connection, request)

    def start(self, request: Request) -> int:
        """From which byte on the rest may be given; 0 when the file has to be given whole."""
        found = re.fullmatch(r"bytes=(\d+)-", request.header("range") or "")
        current = [line.partition(": ")[2] for line in self.validators]
        return int(found[1]) if found and request.header("if-range") in current else 0

    def give(
        self, connection: Connection, head: tuple[str, ...], body: bytes, *, close: bool = False
    ) -> None:
        """Send an answer with these lines; `close` ends the connection behind it."""
        connection.send("\r\n".join(("HTTP/1.1 " + head[0], *head[1:])).encode() + b"\r\n\r\n")
        connection.send(body)
        self.sent += len(body)
        if close:
            connection.sock.shutdown(socket.SHUT_RDWR)

    def honest(self, request: Request) -> tuple[tuple[str, ...], bytes]:
        """The head and the body that a good server gives."""
        start, total = self.start(request), len(self.data)
        body = self.data[start:]
        size = f"Content-Length: {len(body)}"
        if start:
            span = f"Content-Range: bytes {start}-{total - 1}/{total}"
            return ("206 Partial Content", size, span, *self.validators), body
        return ("200 OK", size, "Content-Type: Video/MP4; x=y", *self.validators), body


Plan = Callable[[Files, Connection, Request], None]


def whole(files: Files, connection: Connection, request: Request) -> None:
    """Answer as a good server does."""
    files.give(connection, *files.honest(request))


def breaks_after(count: int) -> Plan:
    """Answer well, but for `count` bytes only."""

    def plan(files: Files, connection: Connection, request: Request) -> None:
        head, body = files.honest(request)
        files.give(connection, head, body[:count], close=True)

    return plan


def holds_after(count: int) -> Plan:
    """Answer well for `count` bytes, then stop and hold the line."""

    def plan(files: Files, connection: Connection, request: Request) -> None:
        head, body = files.honest(request)
        files.give(connection, head, body[:count])
        connection.stopping.wait(20)

    return plan


def says(*head: str, body: bytes = b"") -> Plan:
    """Answer with these lines and this body, whatever was asked, and hang up."""
    return lambda files, connection, _request: files.give(connection, head, body, close=True)


def broken_of(target: Path) -> Path:
    """Where these tests keep what came."""
    return target.with_suffix(".broken")


def fetch_until_killed(url: str, port: int, target: Path) -> None:
    """Download, in a process that is going to be killed."""

    async def run() -> None:
        async with Http(private_hosts=frozenset({("127.0.0.1", port)})) as http:
            await http.download(url, target, broken=broken_of(target))

    asyncio.run(run())


def fetch(server: RawServer, target: Path, path: str = "/v.mp4", **options: Any) -> Download:
    async def run() -> Download:
        pace = options.pop("pace", None)
        async with Http(private_hosts=server.private, pace=pace) as http:
            return await http.download(
                server.url + path,
                target,
                broken=broken_of(target),
                **options,
            )

    return asyncio.run(run())


def fails(server: RawServer, target: Path, path: str = "/v.mp4", **options: Any) -> DeskError:
    with pytest.raises(DeskError) as caught:
        fetch(server, target, path, **options)
    assert not target.exists()
    return caught.value


def asked(request: Request) -> tuple[str | None, str | None]:
    return request.header("range"), request.header("if-range")


def is_all(got: Download, target: Path, data: bytes = VIDEO) -> None:
    """The file is whole, told truly, and alone in its folder."""
    assert target.read_bytes() == data
    assert (got.size, got.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert list(target.parent.iterdir()) == [target]


def breaks(server: RawServer, files: Files, target: Path, plan: Plan | None = None) -> None:
    """A first try that breaks off at 60 %."""
    files.plans.append(plan or breaks_after(CUT))
    assert isinstance(fails(server, target), NoAnswerError)
