"""A proxy that ends TLS before the app, on loopback, as an operator puts one there."""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
from contextlib import suppress

CLIENT = "203.0.113.7"
"""Where the proxy says that everybody comes from."""
_FORWARDED = re.compile(
    rb"\r\n(?:x-forwarded-[\w-]+|forwarded|connection): [^\r\n]*", re.IGNORECASE
)


class TlsProxy:
    """Passes each connection's request on to the app, with what the nginx sample adds to it."""

    def __init__(self, context: ssl.SSLContext, *, to: int) -> None:
        self._context = context
        self._to = to
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0
        self._thread.start()
        assert self._ready.wait(20)

    def close(self) -> None:
        """Stop, open connections included."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            to_app, from_app = None, None
            try:
                from_app, to_app = await asyncio.open_connection("127.0.0.1", self._to)
                to_app.write(_as_proxied(head))
                await asyncio.gather(_pipe(reader, to_app), _pipe(from_app, writer))
            finally:
                for end in (to_app, writer):
                    if end is not None:
                        end.close()


def _as_proxied(head: bytes) -> bytes:
    upgrade = re.search(rb"\r\nupgrade: ", head, re.IGNORECASE) is not None
    lines = [
        b"X-Forwarded-For: " + CLIENT.encode(),
        b"X-Forwarded-Proto: https",
        b"Connection: Upgrade" if upgrade else b"Connection: close",
    ]
    plain = _FORWARDED.sub(b"", head.removesuffix(b"\r\n\r\n"))
    return b"\r\n".join([plain, *lines, b"", b""])


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(65536):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    else:
        writer.close()
