"""Connections that are kept and used again, with far less work for each request than httpcore's own pool.

That one asks every connection whether it is still good, several times for each request, which for eight of
them costs more than the request itself. A connection, its faults and its HTTP are httpcore's.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpcore

KEPT_SECONDS = 30.0
"""How long a connection that nobody uses stays open."""


class Pool:
    """At most so many connections at once, to any number of servers; HTTP/1.1, and nothing is sent twice.

    Args:
        connections: how many; who finds none free waits, the first first.
        keep: whether a connection may carry more than one request.
    """

    def __init__(
        self,
        backend: httpcore.AsyncNetworkBackend,
        *,
        tls: ssl.SSLContext,
        connections: int,
        keep: bool,
    ) -> None:
        self._backend = backend
        self._tls = tls
        self._most = connections
        self._keep = keep
        self._free = asyncio.Semaphore(connections)
        self._used = 0
        self._idle: deque[tuple[float, httpcore.Origin, httpcore.AsyncHTTPConnection]] = deque()
        """Since when, to whom, and which; the one that waits longest first."""

    @asynccontextmanager
    async def send(
        self, request: httpcore.Request, *, leaves: Callable[[], None]
    ) -> AsyncIterator[httpcore.Response]:
        """Send one request; its answer is read inside, and what is not read is given up.

        `leaves` is called before the first byte of the request may leave.
        """
        async with self._free:
            self._used += 1
            connection = None
            try:
                connection = await self._take(request, leaves)
                response = await connection.handle_async_request(request)
                try:
                    yield response
                finally:
                    await response.aclose()
            finally:
                self._used -= 1
                if connection is not None:
                    await self._leave(request.url.origin, connection)

    async def aclose(self) -> None:
        """Close every connection that is not in use; those in use are closed by who uses them."""
        self._keep = False
        await self._close_idle(before=time.monotonic(), most=0)

    async def _take(
        self, request: httpcore.Request, leaves: Callable[[], None]
    ) -> httpcore.AsyncHTTPConnection:
        origin = request.url.origin
        await self._close_idle(before=time.monotonic() - KEPT_SECONDS, most=self._most)
        for found in reversed([kept for kept in self._idle if kept[1] == origin]):
            self._idle.remove(found)
            if not found[2].has_expired():  # its server has not hung up
                leaves()
                return found[2]
            await found[2].aclose()
        await self._close_idle(before=0.0, most=self._most - self._used)

        async def trace(event: str, _info: dict[str, Any]) -> None:
            if event.endswith("send_request_headers.started"):
                leaves()

        request.extensions["trace"] = trace
        return httpcore.AsyncHTTPConnection(
            origin, ssl_context=self._tls, network_backend=self._backend
        )

    async def _leave(
        self, origin: httpcore.Origin, connection: httpcore.AsyncHTTPConnection
    ) -> None:
        if self._keep and connection.is_idle():
            self._idle.append((time.monotonic(), origin, connection))
        else:
            await connection.aclose()

    async def _close_idle(self, *, before: float, most: int) -> None:
        """Close those that nobody has used since then, and the oldest of more than so many."""
        while self._idle and (self._idle[0][0] <= before or len(self._idle) > most):
            await self._idle.popleft()[2].aclose()
