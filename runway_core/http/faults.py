"""Turns everything that httpx, httpcore, h11, anyio and ssl raise into our own errors, without their texts.

Their texts hold keys (``Illegal header value b'Bearer …'``) and signed links, so none is passed on.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping

import anyio
import httpcore
import httpx

from runway_core.errors import (
    CertificateError,
    NoAnswerError,
    NotReachedError,
    ProviderError,
    UnexpectedReplyError,
)

FAULTS = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    anyio.EndOfStream,
    OSError,
    ValueError,
    RuntimeError,
)
"""All that the libraries can raise while they send and read; TimeoutError is an OSError, UnicodeError a ValueError."""

_TIMEOUTS = (TimeoutError, httpx.TimeoutException, httpcore.TimeoutException)


def fault(error: BaseException, *, host: str, sent: bool) -> ProviderError:
    """Our error for `error`, by whether any byte of the request may have left."""
    if isinstance(error, httpx.InvalidURL) and not sent:
        return not_sendable(host, "the address is not a web address")
    if not sent:
        return _not_reached(error, host)
    if isinstance(error, _TIMEOUTS):
        return NoAnswerError(f"{host} didn't answer in time.")
    return NoAnswerError(f"{host} broke off before its answer was complete.")


def not_sendable(host: str, reason: str) -> NotReachedError:
    """Nothing could be sent because of what was given to send; trying again won't help."""
    error = NotReachedError(
        f"{host} can't be asked: {reason}.",
        hint="Nothing was sent or charged. Check the address and the API key in Settings.",
    )
    error.retryable = False
    return error


def too_much(host: str, most: str) -> UnexpectedReplyError:
    """An answer larger than any that this API gives."""
    return UnexpectedReplyError(f"{host} sent more than {most}, which was not read to its end.")


def encoded(host: str) -> UnexpectedReplyError:
    """An answer that was compressed although we asked for none: how bombs come."""
    return UnexpectedReplyError(f"{host} sent a compressed answer that was not asked for.")


def check_headers(headers: Mapping[str, str], *, host: str) -> None:
    """Refuse headers that can't be sent, before a library puts them into an exception's text.

    Raises:
        NotReachedError: a name or value has characters that HTTP has no place for.
    """
    for name, value in headers.items():
        legal = re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name)
        if not legal or not re.fullmatch(r"([\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?)?", value):
            raise not_sendable(host, "the API key has characters that can't be sent")


def _not_reached(error: BaseException, host: str) -> NotReachedError:
    chain = tuple(causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in chain):
        return CertificateError(f"{host} can't be reached safely: its certificate isn't trusted.")
    # A deadline that ends a handshake leaves the handshake's own errors behind it.
    chain = (error,) if isinstance(error, _TIMEOUTS) else chain
    reason = next((words for kinds, words in _REASONS if _any(chain, kinds)), "no connection")
    return NotReachedError(f"{host} can't be reached: {reason}.")


_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((ssl.SSLError,), "no encrypted connection could be agreed on"),
    ((ConnectionRefusedError,), "nothing answers at this address"),
    (_TIMEOUTS, "no connection was made in time"),
    ((httpx.ConnectError, httpcore.ConnectError), "no connection could be made"),
    ((ValueError,), "the address or the API key can't be sent"),
)


def _any(chain: tuple[BaseException, ...], kinds: tuple[type[BaseException], ...]) -> bool:
    return any(isinstance(cause, kinds) for cause in chain)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what lies behind it, nearest first."""
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
