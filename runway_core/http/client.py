"""`Http`: one guarded client for looks, one for creates, one for downloads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from math import inf
from pathlib import Path
from types import TracebackType

import httpcore
import httpx

from runway_core.errors import DeskError, UnexpectedReplyError
from runway_core.http.call import Call, watched
from runway_core.http.download import Download, Order, Pace, receive
from runway_core.http.exchange import Observe
from runway_core.http.faults import encoded, too_much
from runway_core.http.guard import GuardBackend, PrivateHosts, check_url, tls_context
from runway_core.http.piece import Piece, find
from runway_core.http.pool import Pool
from runway_core.http.reply import Reply
from runway_core.http.sink import MIB
from runway_core.http.upload import form, not_taken, opened

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
        backend, tls = GuardBackend(private_hosts=self._private_hosts), tls_context()
        self._looks = Pool(backend, tls=tls, connections=LOOKS, keep=True)
        # A kept connection may be dead already, and then nobody knows whether a create got through.
        self._creates = Pool(backend, tls=tls, connections=LOOKS, keep=False)
        self._files = Pool(backend, tls=tls, connections=LOOKS, keep=False)

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
            for pool in (self._looks, self._creates, self._files):
                stack.push_async_callback(pool.aclose)

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
        pool = self._creates if once else self._looks
        call = Call(method, url, headers or {}, json, secrets)
        async with watched(call, observe):
            return await self._ask(pool, self._request(call, call.complete()), call, deadline)

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
        call = Call("POST", url, {}, secrets=secrets)
        with opened(path) as file:
            async with watched(call, observe):
                body = form(call, file, fields=fields, filename=filename, mime=mime)
                request = self._request(call, body, over=self._pace.over)
                reply = await self._ask(self._files, request, call, deadline)
                if not 200 <= reply.status < 300:
                    raise not_taken(reply, host=call.host)

    async def _ask(
        self, pool: Pool, request: httpcore.Request, call: Call, deadline: float
    ) -> Reply:
        async with asyncio.timeout(min(deadline, self._longest)):
            async with pool.send(request, leaves=call.leaves) as response:
                call.reply = reply = await _read(response, call)
        return reply

    def _request(
        self, call: Call, content: bytes | httpx.AsyncByteStream, *, over: float | None = None
    ) -> httpcore.Request:
        """What goes out; `over` is how many seconds nothing may move, None for as long as all of it may take.

        Raises:
            AddressRefusedError: the address is not allowed.
        """
        url = call.at
        check_url(url, self._private_hosts)
        where = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        headers = [(n.encode("ascii"), value.encode("ascii")) for n, value in call.headers.items()]
        patience = {"connect": CONNECT_SECONDS, "read": over, "write": over}
        return httpcore.Request(
            call.method, where, headers=headers, content=content, extensions={"timeout": patience}
        )

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
            call = Call("GET", url, {})
            async with _counted(call, piece), watched(call, observe):
                async with asyncio.timeout_at(ends):
                    found = await self._file(call, order)
            if isinstance(found, Download):
                return found
            url = found
        raise UnexpectedReplyError(f"{call.host} sends from one address to the next without end.")

    async def _file(self, call: Call, order: Order) -> Download | str:
        """The saved file, or the address that the server points to."""
        call.headers = order.piece.headers(call.url) if order.piece else {}
        rest = bool(call.headers)
        request = self._request(call, call.complete(), over=self._pace.over)
        async with self._files.send(request, leaves=call.leaves) as response:
            call.reply = reply = _head(response, call)
            if reply.status in MOVED and reply.headers.get("location"):
                return str(call.at.join(reply.headers["location"]))
            return await receive(
                reply, response.aiter_stream(), order, url=call.url, host=call.host, rest=rest
            )


@asynccontextmanager
async def _counted(call: Call, piece: Piece | None) -> AsyncIterator[None]:
    """Count when the rest of a file was asked for and did not come."""
    try:
        yield
    except DeskError:
        if piece and call.sent and "Range" in call.headers:
            await asyncio.to_thread(piece.in_vain)
        raise


async def _read(response: httpcore.Response, call: Call) -> Reply:
    call.reply = head = _head(response, call)
    if not head.is_plain:
        raise encoded(call.host)
    body = bytearray()
    async for chunk in response.aiter_stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise too_much(call.host, "1 MiB")
    return Reply(head.status, head.headers, bytes(body), call.elapsed_ms)


def _head(response: httpcore.Response, call: Call) -> Reply:
    """All of an answer but its body."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Reply(response.status, headers, b"", call.elapsed_ms)
