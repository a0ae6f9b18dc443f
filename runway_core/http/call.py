"""One request on its way, and how it is told of: whatever it meets ends as one of our errors."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

import httpx

from runway_core.errors import DeskError
from runway_core.http.exchange import Observe, Seen, Watch
from runway_core.http.faults import FAULTS, check_headers, fault, not_sendable
from runway_core.http.reply import Reply

OURS = {
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
    "User-Agent": "runway-desk",
}
"""What every request says; what it says itself comes before it."""
_WITH_BODY = ("POST", "PUT", "PATCH")


@dataclass
class Call:
    """What goes out, and how far it got."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: object | None = None
    secrets: Sequence[str] = ()
    sent: bool = False
    """Whether a byte of it may have left."""
    reply: Reply | None = None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)

    @cached_property
    def at(self) -> httpx.URL:
        """The address, read.

        Raises:
            httpx.InvalidURL: it is none.
        """
        return httpx.URL(self.url)

    @property
    def host(self) -> str:
        """For words; never more than 100 characters."""
        try:
            return self.at.host[:100] or "This address"
        except (httpx.InvalidURL, ValueError, TypeError):
            return "This address"

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.clock) * 1000)

    def leaves(self) -> None:
        """Called before the first byte leaves: from there on, the other side may act on the request."""
        self.sent = True

    def complete(self) -> bytes:
        """Add the headers that HTTP and our ways ask for; the body as it goes out.

        Raises:
            NotReachedError: a header or the body has characters that can't be sent.
            httpx.InvalidURL: the address is none.
        """
        check_headers(self.headers, host=self.host)
        content = b"" if self.body is None else _encode(self)
        headers = {"Host": self.at.netloc.decode("ascii"), **OURS, **self.headers}
        if content:
            headers["Content-Type"] = "application/json"
        if content or self.method in _WITH_BODY:
            headers["Content-Length"] = str(len(content))
        self.headers = headers
        return content


@asynccontextmanager
async def watched(call: Call, observe: Observe | None) -> AsyncIterator[None]:
    """Let only our own errors out, without the libraries' ones behind them, and tell `observe` how it ended."""
    trouble: DeskError | None = None
    try:
        yield
    except DeskError as error:
        trouble = error
        raise
    except FAULTS as error:
        trouble = fault(error, host=call.host, sent=call.sent)
    finally:
        if observe:
            _tell(observe, call, trouble)
    if trouble is not None:
        raise trouble from None


def _tell(observe: Observe, call: Call, error: DeskError | None) -> None:
    seen = Seen(
        method=call.method,
        url=call.url,
        headers={name.lower(): value for name, value in call.headers.items()},
        body=call.body,
        reply=call.reply,
        error=error,
        started_at=call.started_at,
        elapsed_ms=call.elapsed_ms,
        secrets=call.secrets,
    )
    try:
        if isinstance(observe, Watch):
            observe.see(seen)
        else:
            observe(seen.record())
    except Exception:
        logging.getLogger(__name__).warning("An exchange could not be recorded.", exc_info=True)


def _encode(call: Call) -> bytes:
    try:
        text = json.dumps(call.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8")
    except (ValueError, RecursionError):
        trouble = not_sendable(call.host, "the request has characters that can't be sent")
    raise trouble
