"""`Http`: one guarded client for looks, one for creates, one for downloads."""

from __future__ import annotations

import asyncio
import json as jsonlib
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from math import inf
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from runway_core.domain import Exchange
from runway_core.errors import DeskError, UnexpectedReplyError
from runway_core.http.download import Download, Order, Pace, receive
from runway_core.http.exchange import Observe, record
from runway_core.http.faults import (
    FAULTS,
    check_headers,
    encoded,
    fault,
    not_sendable,
    too_much,
)
from runway_core.http.guard import GuardBackend, GuardTransport, PrivateHosts, tls_context
from runway_core.http.piece import Piece, find
from runway_core.http.reply import Reply
from runway_core.http.sink import MIB
from runway_core.http.upload import not_taken, opened

BODY_MOST = MIB
"""Bytes of an API answer; the largest known is a few kB."""
LOOKS = 8
"""Connections for looks: the processor time of a GET quadruples at 64."""
REDIRECTS = 3
MOVED = (301, 302, 303, 307, 308)
CONNECT_SECONDS = 10.0

# httpx logs every URL at INFO, signed queries included; httpcore logs headers at DEBUG.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass
class _Call:
    """One request on its way: what goes out, and how far it got."""

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

    @property
    def host(self) -> str:
        try:
            return httpx.URL(self.url).host[:100] or "This address"
        except (httpx.InvalidURL, ValueError, TypeError):
            return "This address"

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.clock) * 1000)

    async def trace(self, event: str, _info: dict[str, Any]) -> None:
        """Called by httpcore; from the first header on, the other side may act on the request."""
        if event.endswith("send_request_headers.started"):
            self.sent = True


class Http:
    """Speaks to providers. Belongs to one event loop; close it with `aclose` or ``async with``.

    Args:
        private_hosts: pairs of host and port that may be on private networks and plain http.
        pace: the slowest download that is waited for.
        longest: seconds that no call may take longer than, whatever its own deadline is.
    """

    def __init__(
        self,
        *,
        private_hosts: PrivateHosts = frozenset(),
        pace: Pace | None = None,
        longest: float = inf,
    ) -> None:
        self._pace = pace or Pace()
        self._longest = longest
        self._private_hosts = set(private_hosts)
        tls = tls_context()

        def client(connections: int, kept: int, read: float | None) -> httpx.AsyncClient:
            backend = GuardBackend(private_hosts=self._private_hosts)
            return httpx.AsyncClient(
                transport=GuardTransport(
                    backend,
                    private_hosts=self._private_hosts,
                    tls=tls,
                    connections=connections,
                    kept=kept,
                ),
                headers={"Accept-Encoding": "identity", "User-Agent": "runway-desk"},
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                timeout=httpx.Timeout(None, connect=CONNECT_SECONDS, read=read, write=read),
                event_hooks={"response": [_keep_headers]},
                follow_redirects=False,
                trust_env=False,
            )

        self._looks = client(LOOKS, LOOKS, None)
        # A kept connection may be dead already, and then nobody knows whether a create got through.
        self._creates = client(LOOKS, 0, None)
        self._files = client(LOOKS, 0, self._pace.over)

    async def __aenter__(self) -> Http:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def allow(self, host: str, port: int) -> None:
        """Add one private host: the built-in sandbox, which moves to another port with each start."""
        self._private_hosts.add((host, port))

    async def aclose(self) -> None:
        """Close every connection."""
        async with AsyncExitStack() as stack:
            for client in (self._looks, self._creates, self._files):
                stack.push_async_callback(client.aclose)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: object | None = None,
        deadline: float,
        observe: Observe | None = None,
        secrets: Sequence[str] = (),
        once: bool = False,
    ) -> Reply:
        """Send one request and read the whole answer, whatever its status; redirects are not followed.

        Args:
            deadline: seconds from now to the last byte of the answer.
            observe: told what happened, without secrets, also when it failed.
            secrets: strings that must not appear in what is observed.
            once: for requests that cost money: never on a connection that was used before.

        Raises:
            NotReachedError, AddressRefusedError: nothing was sent.
            NoAnswerError: it was sent, but no whole answer came.
            UnexpectedReplyError: the answer is compressed or larger than 1 MiB.
        """
        client = self._creates if once else self._looks
        call = _Call(method, url, dict(headers or {}), json, secrets)
        async with _watched(call, observe), _translated(call):
            return await self._send(client, _build(client, call), call, deadline)

    async def upload(
        self,
        url: str,
        path: Path,
        *,
        fields: Mapping[str, str],
        filename: str,
        mime: str,
        deadline: float,
        observe: Observe | None = None,
        secrets: Sequence[str] = (),
    ) -> None:
        """Bring a file to a storage as a form: every field in order, then the file as ``file``.

        It is read from the disk while it is sent. No key is sent and no redirect followed.

        Args:
            deadline: seconds from now to the last byte of the answer.
            secrets: strings that must not appear in what is observed.

        Raises:
            StorageError: the file can't be read.
            NotReachedError, AddressRefusedError, NoAnswerError, UnexpectedReplyError,
            ServerError, RateLimitError: as their names say.
        """
        call = _Call("POST", url, {}, secrets=secrets)
        with opened(path) as file:
            async with _watched(call, observe), _translated(call):
                request = self._files.build_request(
                    call.method,
                    url,
                    data=dict(fields),
                    files={"file": (filename, file, mime)},
                    extensions={"trace": call.trace},
                )
                call.headers = dict(request.headers)
                reply = await self._send(self._files, request, call, deadline)
                if not 200 <= reply.status < 300:
                    raise not_taken(reply, host=call.host)

    async def _send(
        self, client: httpx.AsyncClient, request: httpx.Request, call: _Call, deadline: float
    ) -> Reply:
        async with asyncio.timeout(min(deadline, self._longest)):
            response = await client.send(request, stream=True)
            try:
                call.reply = reply = await _read(response, call)
            finally:
                await response.aclose()
        return reply

    async def download(
        self,
        url: str,
        target: Path,
        *,
        broken: Path | None = None,
        max_bytes: int = 512 * MIB,
        deadline: float = 600,
        observe: Observe | None = None,
    ) -> Download:
        """Fetch a finished file to `target`, flushed to the disk; nothing stays there when it fails.

        No key is sent. At most 3 redirects are followed, each checked like the first address.

        Args:
            broken: where to keep what came when the line breaks off, for a day. The next call with the same path
                fetches only the rest, if the server proves that the file is still the same.
            max_bytes: bytes after which it is given up, what came before among them.
            deadline: seconds for all of it, earlier tries that are gone on with among them.

        Raises:
            OutputExpiredError: the link no longer works (401, 403, 404, 410).
            NotReachedError, AddressRefusedError, NoAnswerError, UnexpectedReplyError,
            ServerError, RateLimitError: as their names say.
            DiskFullError, StorageError: the file can't be written.
        """
        piece = await asyncio.to_thread(find, broken, within=deadline)
        left = min(deadline - (piece.facts.seconds if piece else 0), self._longest)
        ends = asyncio.get_running_loop().time() + left
        order = Order(target, broken, max_bytes, self._pace, piece)
        for _ in range(REDIRECTS + 1):
            call = _Call("GET", url, {})
            async with _watched(call, observe), _counted(call, piece), _translated(call):
                async with asyncio.timeout_at(ends):
                    found = await self._file(call, order)
            if isinstance(found, Download):
                return found
            url = found
        raise UnexpectedReplyError(f"{call.host} sends from one address to the next without end.")

    async def _file(self, call: _Call, order: Order) -> Download | str:
        """The saved file, or the address that the server points to."""
        call.headers = asked = order.piece.headers(call.url) if order.piece else {}
        request = _build(self._files, call)
        response = await self._files.send(request, stream=True)
        try:
            call.reply = reply = _head(response, call)
            if reply.status in MOVED and reply.headers.get("location"):
                return str(request.url.join(reply.headers["location"]))
            return await receive(
                reply, response.aiter_raw(), order, url=call.url, host=call.host, rest=bool(asked)
            )
        finally:
            await response.aclose()


@asynccontextmanager
async def _watched(call: _Call, observe: Observe | None) -> AsyncIterator[None]:
    """Tell `observe` about the call when it is over, however it ends."""
    error: DeskError | None = None
    try:
        yield
    except DeskError as raised:
        error = raised
        raise
    finally:
        if observe:
            _tell(
                observe,
                record(
                    method=call.method,
                    url=call.url,
                    headers=call.headers,
                    body=call.body,
                    reply=call.reply,
                    error=error,
                    started_at=call.started_at,
                    elapsed_ms=call.elapsed_ms,
                    secrets=call.secrets,
                ),
            )


def _tell(observe: Observe, exchange: Exchange) -> None:
    try:
        observe(exchange)
    except Exception:
        logging.getLogger(__name__).warning("An exchange could not be recorded.", exc_info=True)


@asynccontextmanager
async def _counted(call: _Call, piece: Piece | None) -> AsyncIterator[None]:
    """Count when the rest of a file was asked for and did not come."""
    try:
        yield
    except DeskError:
        if piece and call.sent and "range" in call.headers:
            await asyncio.to_thread(piece.in_vain)
        raise


@asynccontextmanager
async def _translated(call: _Call) -> AsyncIterator[None]:
    """Let only our own errors out, without the libraries' ones behind them."""
    try:
        yield
    except FAULTS as error:
        trouble = fault(error, host=call.host, sent=call.sent)
    else:
        return
    raise trouble from None


def _build(client: httpx.AsyncClient, call: _Call) -> httpx.Request:
    check_headers(call.headers, host=call.host)
    headers, content = dict(call.headers), None
    if call.body is not None:
        headers["Content-Type"] = "application/json"
        content = _encode(call)
    request = client.build_request(
        call.method, call.url, headers=headers, content=content, extensions={"trace": call.trace}
    )
    call.headers = dict(request.headers)
    return request


def _encode(call: _Call) -> bytes:
    try:
        text = jsonlib.dumps(call.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8")
    except (ValueError, RecursionError):
        trouble = not_sendable(call.host, "the request has characters that can't be sent")
    raise trouble


async def _read(response: httpx.Response, call: _Call) -> Reply:
    call.reply = head = _head(response, call)
    if not head.is_plain:
        raise encoded(call.host)
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > BODY_MOST:
            raise too_much(call.host, "1 MiB")
    return Reply(head.status, head.headers, bytes(body), call.elapsed_ms)


async def _keep_headers(response: httpx.Response) -> None:
    """Hide ``Location`` from httpx, which reads it even when it follows nothing, and raises if it is odd."""
    response.extensions["headers"] = list(response.headers.raw)
    response.headers.pop("location", None)


def _head(response: httpx.Response, call: _Call) -> Reply:
    """All of an answer but its body."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.extensions["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Reply(response.status_code, headers, b"", call.elapsed_ms)
