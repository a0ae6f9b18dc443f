"""``POST /webhooks/{profile}/{token}``: takes providers' calls in, quickly and from anybody, and believes none.

An address that we have not made looks like one that is not there, before a byte of the body is read or the
database is asked. What counts is written down before the answer, so a call that was taken is never lost.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from runway_core.errors import DeskError

if TYPE_CHECKING:
    from runway_core.studio import Studio
    from runway_core.studio.calls import Call

log = logging.getLogger(__name__)
BODY_MOST = 64 * 1024
"""Bytes of a call; the largest known is under 1 kB."""
BODY_SECONDS = 5.0
"""Until the whole body has to be here."""
GUESSES_MOST = 300
"""Calls of one address in a minute that name no address of ours; after that it is told to stop."""
CALLS_MOST = 120
"""Calls about one video in a minute; a provider makes two or three, and some more when we don't answer."""
KNOWN_MOST = 10_000
MINUTE = 60.0
TOGETHER = 500
"""Calls that are written down at once, at most."""


class Pace:
    """How often each caller has called in its last minute. Each process counts for itself."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}
        self._calls: Counter[str] = Counter()

    def admits(self, caller: str, most: int) -> bool:
        """Count a call; False when it is one too many."""
        now = time.monotonic()
        if len(self._since) >= KNOWN_MOST:
            self._since.clear()
            self._calls.clear()
        if now - self._since.get(caller, -MINUTE) >= MINUTE:
            self._since[caller] = now
            self._calls[caller] = 0
        self._calls[caller] += 1
        return self._calls[caller] <= most


class Receiver:
    """Takes calls in; holds what one process counts of them.

    Calls that come while others are being written down are written together, by one thread: a thousand at
    once cost a few writes, and leave every other thread to the pages.
    """

    def __init__(self) -> None:
        self._pace = Pace()
        self._waiting: list[tuple[Call, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def receive(self, request: Request) -> Response:
        """204 when it was taken; says nothing of what became of it."""
        try:
            return await self._take(request)
        except DeskError:
            return PlainTextResponse("Try again", 503, {"Retry-After": "60"})

    async def _take(self, request: Request) -> Response:
        from runway_core.studio.calls import Call

        place, token = request.path_params["profile"], request.path_params["token"]
        subject = (await _studio()).callbacks.subject(place, token)
        if subject is None:
            # Behind a proxy on this computer, the server has put the caller's own address here.
            guesser = f"from {request.client.host if request.client else ''}"
            admitted = self._pace.admits(guesser, GUESSES_MOST)
            return PlainTextResponse("Not Found", 404) if admitted else _too_many()
        if not self._pace.admits(subject, CALLS_MOST):
            return _too_many()
        body = await _body(request)
        if isinstance(body, Response):
            return body
        if not await self._write(Call(place, subject, list(request.scope["headers"]), body)):
            return PlainTextResponse("Unauthorized", 401)
        return Response(status_code=204)

    async def _write(self, call: Call) -> bool:
        """Have a call written down with those that come at the same time; whether it was taken."""
        taken = asyncio.get_running_loop().create_future()
        self._waiting.append((call, taken))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return bool(await taken)

    async def _write_all(self) -> None:
        while self._waiting:
            calls, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            try:
                studio = await _studio()
                found = await to_thread.run_sync(studio.calls.receive, [call for call, _ in calls])
            except DeskError as error:
                _end(calls, error)
            except Exception as error:
                log.exception("calls could not be taken in")
                _end(calls, error)
            else:
                for (_, taken), good in zip(calls, found, strict=True):
                    if not taken.done():
                        taken.set_result(good)


def _too_many() -> Response:
    return PlainTextResponse("Too many", 429, {"Retry-After": "60"})


def _end(calls: list[tuple[Call, asyncio.Future[bool]]], error: Exception) -> None:
    """Tell those who wait that their calls could not be written down."""
    for _, taken in calls:
        if not taken.done():
            taken.set_exception(error)


async def _studio() -> Studio:
    from runway_core.web.runtime import opened, runtime  # at the first call: see `web.lifespan`

    found = opened()
    if found is not None and found.studio.callbacks.ready:
        return found.studio

    def ready() -> Studio:
        studio = runtime().studio
        studio.callbacks.subject("", "")  # reads the key
        return studio

    return await to_thread.run_sync(ready)


async def _body(request: Request) -> bytes | Response:
    """The whole body, or the answer that refuses it."""
    pieces, size = [], 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                size += len(piece)
                if size > BODY_MOST:
                    return PlainTextResponse("Too large", 413, {"Connection": "close"})
                pieces.append(piece)
    except TimeoutError:
        return PlainTextResponse("Too slow", 408, {"Connection": "close"})
    except ClientDisconnect:
        return PlainTextResponse("Gone", 400)
    return b"".join(pieces)


ROUTES = [Route("/webhooks/{profile}/{token}", Receiver().receive, methods=["POST"])]
