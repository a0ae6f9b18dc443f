"""Has the built-in sandbox prove that it is the one that answers, on the very connection that is used then.

Loopback proves nothing: any program of this computer may have taken the port since.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable

import httpcore

from runway_core.errors import NotReachedError

SECONDS = 5.0
"""How long each part of the proof may take."""
_MOST = 4096
"""Bytes of an answer."""
_SIZE = 64
"""Characters of a proof."""
_LENGTH = b"content-length: %d" % _SIZE


class SandboxHost(str):
    """The built-in sandbox's host among the private ones: sent nothing before it has proven itself.

    `key` tells the key of the sandbox that runs now; empty when none does.
    """

    __slots__ = ("key",)
    key: Callable[[], str]

    def __new__(cls, host: str, *, key: Callable[[], str]) -> SandboxHost:
        made = super().__new__(cls, host)
        made.key = key
        return made


async def prove(stream: httpcore.AsyncNetworkStream, host: SandboxHost, port: int) -> None:
    """Ask whoever has accepted this connection for the proof; it is closed if there is none.

    Raises:
        NotReachedError: it is not the sandbox, or none runs; nothing was sent but the question.
        httpcore.NetworkError, httpcore.TimeoutException: no answer came.
    """
    try:
        key, nonce = host.key(), secrets.token_hex(16)
        wanted = hmac.digest(key.encode(), f"sandbox/{port}/{nonce}".encode(), "sha256").hex()
        if key and hmac.compare_digest(await _asked(stream, host, port, nonce), wanted.encode()):
            return
        raise NotReachedError(
            f"Something else than the built-in sandbox answers at {host}:{port}.",
            hint="Nothing was sent or charged. It goes on when the sandbox runs again, with the app or a worker.",
        )
    except BaseException:
        await stream.aclose()
        raise


async def _asked(stream: httpcore.AsyncNetworkStream, host: str, port: int, nonce: str) -> bytes:
    """What it says to the question: all of it, so that nothing is left for the request that follows."""
    question = f"GET /sandbox/proof/{nonce} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
    await stream.write(question.encode(), SECONDS)
    answer = body = b""
    while len(answer) < _MOST and len(body) < _SIZE:
        chunk = await stream.read(_MOST, SECONDS)
        answer += chunk
        head, ended, body = answer.partition(b"\r\n\r\n")
        if not chunk or (ended and _LENGTH not in head.lower()):
            break
    return body
