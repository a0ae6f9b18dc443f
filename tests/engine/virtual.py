"""An event loop whose time goes on only while there is nothing to do, and a provider that has bad days in it.

Both ends of every socket are in this one loop, so what is sent has arrived before the clock moves.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import selectors
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

from runway_core.domain import Task
from runway_core.engine.advance import go_on
from runway_core.engine.following import FOLLOWED
from runway_core.engine.step import Tools

SETTLE = 0.001
"""Seconds of real time that the kernel is given before a long wait is skipped."""
FAULTS = {"429": 0.05, "5xx": 0.05, "time-out": 0.03, "reset": 0.03}
"""Which share of the requests meets what."""
TRAVEL = (0.02, 0.3)
"""Seconds that a request takes to its provider: a plan is counted there, by when it comes."""
ZIP = b"PK\x03\x04"


class _Clock(selectors.DefaultSelector):
    """Never waits: where the loop would, its time is moved on."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            return super().select(0.01)
        if timeout > 0.5 and (ready := super().select(SETTLE)):
            return ready
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Work for threads is done at once, in the loop's own."""

    def __init__(self) -> None:
        self._clock = _Clock()
        super().__init__(self._clock)
        self.set_default_executor(_Inline())

    def time(self) -> float:
        return self._clock.now


class _Inline(ThreadPoolExecutor):
    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **options))
        except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
            future.set_exception(error)
        return future


class Hand:
    """Follows one task: it sleeps until the task is due, and hears when that changes, as an engine does."""

    def __init__(self, tools: Tools, task_id: str) -> None:
        self._tools = tools
        self._id = task_id
        self._heard = asyncio.Event()
        self._due: datetime | None = tools.now()
        self._known: Task | None = None

    def hear(self, due: datetime) -> None:
        self._due, self._known = due, None
        self._heard.set()

    async def follow(self) -> None:
        while self._due is not None:
            self._heard.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout((self._due - self._tools.now()).total_seconds()):
                    await self._heard.wait()
            if self._due <= self._tools.now():
                after = await go_on(self._tools, self._id, known=self._known)
                self._due = None if after is None else after.next_at
                self._known = after if after and after.status in FOLLOWED else None


class BadDays:
    """A provider on loopback that fails some requests of every kind.

    `per_minute` is its plan: whoever asks more often in 60 seconds gets a 429 for it as well.
    `travel` and `ends_after` are the least and the most seconds that a request takes to it and a video.
    """

    def __init__(
        self,
        *,
        per_minute: int | None = None,
        faults: Mapping[str, float] = FAULTS,
        travel: tuple[float, float] = TRAVEL,
        ends_after: tuple[float, float] = (5, 30),
        seed: int = 1,
    ) -> None:
        self.per_minute = per_minute
        self._faults = dict(faults)
        self._travel = travel
        self._ends_after = ends_after
        self.times: list[float] = []
        """When each request came that the plan counts."""
        self.answers: Counter[str] = Counter()
        self.refused_by_plan = 0
        self.unclear: set[str] = set()
        """Prompts of creates that it gave no clear answer to."""
        self.prompts: Counter[str] = Counter()
        """How often each was made and charged."""
        self._chance = random.Random(seed)
        self._ready_at: dict[str, float] = {}
        self._now: Callable[[], float] = lambda: 0.0
        self._server: asyncio.Server | None = None
        self._served: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        """The port where it listens; the time is that of the loop from now on."""
        self._now = asyncio.get_running_loop().time
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=256)
        port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return port

    async def stop(self) -> None:
        """Call it when nobody is connected any more."""
        assert self._server is not None
        self._server.close()
        await asyncio.gather(*self._served)

    def most_in_a_minute(self) -> int:
        """Requests in the fullest 60 seconds."""
        first = most = 0
        for last, at in enumerate(self.times):
            while self.times[first] <= at - 60:
                first += 1
            most = max(most, last - first + 1)
        return most

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._served.add(task)
        task.add_done_callback(self._served.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while request := await _read(reader):
                await asyncio.sleep(self._chance.uniform(*self._travel))
                fault = self._fault(counts=not request[0].startswith("/files/"))
                if fault == "time-out":
                    self._lose(*request)
                    await reader.read()  # until the other side hangs up
                    break
                if fault == "reset":
                    self._lose(*request)
                    writer.transport.abort()
                    break
                writer.write(self._reply(fault, *request))
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def _is_over(self) -> bool:
        now = self._now()
        self.times.append(now)
        if self.per_minute is None:
            return False
        return sum(at > now - 60 for at in self.times[-self.per_minute - 1 :]) > self.per_minute

    def _lose(self, path: str, body: bytes) -> None:
        """Give no clear answer to a create: every other one was made."""
        if path.endswith("_to_video"):
            self.unclear.add(_prompt(body))
            if self._chance.random() < 0.5:
                self.make(_prompt(body))

    def _fault(self, *, counts: bool) -> str:
        """What is wrong with the next answer; files lie where the plan does not count."""
        if counts and self._is_over():
            self.refused_by_plan += 1
            return "429"
        good = 1 - sum(self._faults.values())
        (fault,) = self._chance.choices(["", *self._faults], [good, *self._faults.values()])
        self.answers[fault or "good"] += 1
        return fault

    def _reply(self, fault: str, path: str, body: bytes) -> bytes:
        if fault == "429":
            asked = self._chance.choice(["Retry-After: 2\r\n", "Retry-After: banana\r\n", ""])
            return http_answer(429, {"error": "Too many requests"}, asked)
        if fault == "5xx":
            self._lose(path, body)
            return http_answer(self._chance.choice([500, 502, 504]), {"error": "oops"})
        name = path.rpartition("/")[2]
        if path.endswith("_to_video"):
            return http_answer(200, {"id": self.make(_prompt(body))})
        if path.startswith("/files/"):
            return http_answer(200, ZIP + name.encode())
        if name not in self._ready_at:
            return http_answer(404, {"error": "Not found"})
        return http_answer(200, self._told(name))

    def _told(self, remote_id: str) -> dict[str, Any]:
        told = {"id": remote_id, "createdAt": "2026-11-22T07:00:00.000Z"}
        if self._now() < self._ready_at[remote_id]:
            return told | {"status": "RUNNING", "progress": 0.5}
        return told | {"status": "SUCCEEDED", "output": [f"{self.url}/files/{remote_id}"]}

    def make(self, prompt: str) -> str:
        """Make and charge a video."""
        remote_id = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
        self._ready_at[remote_id] = self._now() + self._chance.uniform(*self._ends_after)
        self.prompts[prompt] += 1
        return remote_id


async def _read(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Path and body of the next request."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = re.search(r"content-length: *([0-9]+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(length[1]) if length else 0)
    return head.split(" ")[1], body


def _prompt(body: bytes) -> str:
    return str(json.loads(body)["promptText"])


def http_answer(status: int, body: object, more: str = "") -> bytes:
    """A whole answer, as JSON unless it is bytes."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{more}"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data
