"""A provider on loopback in which one kind of call goes wrong, and an engine that a test turns by hand."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runway_core.domain import Connection, Event, Task
from runway_core.engine.advance import advance
from runway_core.engine.receipts import Receipts
from runway_core.engine.step import Tools
from runway_core.http import Http
from runway_core.policy import Operation
from runway_core.settings import Settings
from runway_core.studio import open_studio
from tests.builders import connections_at, new_task, request
from tests.http.raw_server import Connection as Line
from tests.http.raw_server import Handler, RawServer, Request, answer
from tests.relay import small_video

CREATE, LOOK, CANCEL = Operation.CREATE, Operation.LOOK, Operation.CANCEL
DOWNLOAD, BALANCE, PREPARE = Operation.DOWNLOAD, Operation.BALANCE, Operation.PREPARE


class Clock:
    """A time that only goes on when a test says so."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.running_since: float | None = None
        """A moment of the computer's own clock, from which on this one goes on by itself."""

    def __call__(self) -> datetime:
        if self.running_since is None:
            return self.now
        return self.now + timedelta(seconds=time.monotonic() - self.running_since)


class Provider(RawServer):
    """Speaks Runway's API and Doitong's GraphQL; calls of the `broken` kind are answered by `fault`.

    `fault` None means that a connection for that kind is counted and closed before it is encrypted.
    """

    def __init__(
        self,
        broken: Operation | None,
        fault: Handler | None,
        *,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
        times: int | None = None,
    ) -> None:
        super().__init__(self._handle, tls=tls)
        self.broken, self.fault, self.left = broken, fault, times
        self.clock = clock
        self.asked: dict[Operation, list[datetime]] = {operation: [] for operation in Operation}
        """When calls of each kind came, by the test's clock."""
        self.creates: list[Request] = []
        self.deleted = False
        self.status = "RUNNING"
        self.files = self
        """Who serves the files."""
        self._shut = fault is None and broken not in (None, CANCEL)

    def __enter__(self) -> Provider:
        super().__enter__()
        return self

    def _serve(self, sock: socket.socket, number: int) -> None:
        if self._shut and self.broken is not None and self._breaks(self.broken):
            self.asked[self.broken].append(self.clock.now)
            self._shut = self.broken is not CANCEL
            sock.close()
            return
        super()._serve(sock, number)

    def _breaks(self, kind: Operation) -> bool:
        if kind is not self.broken or self.left == 0:
            return False
        self.left = None if self.left is None else self.left - 1
        return True

    def _handle(self, line: Line, asked: Request) -> None:
        kind = kind_of(asked)
        self.asked[kind].append(self.clock.now)
        if kind is CREATE:
            self.creates.append(asked)
        if self.fault is not None and self._breaks(kind):
            self.fault(line, asked)
            return
        if self.broken is CANCEL and self.fault is None:
            self._shut = kind is LOOK  # the connection after a look is the cancel's
        self._good(line, asked, kind)

    def _good(self, line: Line, asked: Request, kind: Operation) -> None:
        if kind is CREATE:
            made = {"id": str(uuid.uuid4())}
            graphql = {"data": {"generate": made | {"status": "queued"}}}
            line.send(answer(json.dumps(graphql if "graphql" in asked.line else made)))
        elif kind is CANCEL:
            self.deleted = True
            line.send(answer(b"", "204 No Content"))
        elif kind is DOWNLOAD:
            line.send(answer(small_video(), kind="video/mp4"))
        elif kind is BALANCE:
            line.send(answer('{"creditBalance": 7, "tier": {}, "usage": {}}'))
        elif self.deleted:
            line.send(answer('{"error": "Could not find Task"}', "404 Not Found"))
        else:
            ends = ("Connection: close",) if self._shut else ()
            line.send(answer(json.dumps(self._task(asked)), "200 OK", *ends))

    def _task(self, asked: Request) -> dict[str, Any]:
        found: dict[str, Any] = {"id": asked.line.split()[1].rsplit("/", 1)[-1]}
        if self.status == "SUCCEEDED":
            link = f"{self.files.url}/files/a.mp4?_jwt={uuid.uuid4().hex}"
            return found | {"status": "SUCCEEDED", "output": [link]}
        return found | {"status": self.status, "progress": 0.5}


def kind_of(asked: Request) -> Operation:
    """Which operation a request belongs to."""
    method, path = asked.line.split()[:2]
    if method == "DELETE":
        return CANCEL
    if "/files/" in path:
        return DOWNLOAD
    if "/organization" in path:
        return BALANCE
    if "/uploads" in path:
        return PREPARE
    if "/graphql" in path:
        return CREATE if b'"mutation' in asked.body else LOOK
    return LOOK if method == "GET" else CREATE


class Bench:
    """A home and an engine's tools; every step is made by a call, at the test's own time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.clock = Clock()
        self.studio = open_studio(Settings(home=folder))
        self.runner = asyncio.Runner()
        self.http = self.run(_opened())
        receipts = Receipts(self.studio.settings.receipts)
        self.tools = Tools(self.studio, self.http, receipts, now=self.clock)

    def run(self, doing: Any) -> Any:
        return self.runner.run(doing)

    def close(self) -> None:
        self.run(self.http.aclose())
        self.runner.close()
        self.studio.close()

    def connect(self, url: str, *, profile: str = "sandbox", **options: str) -> Connection:
        host, port = url.partition("://")[2].split(":")
        self.http.allow(host, int(port))
        return connections_at(self.studio, url).add(
            f"c {uuid.uuid4().hex[:20]}",
            profile=profile,
            base_url=url,
            key="key_" + uuid.uuid4().hex * 4,
            options=options,
        )

    def task(self, connection: Connection, **changes: Any) -> Task:
        """A QUEUED task, or one that is somewhere else in its life."""
        wish = request(model="runway", ratio="16:9") if _is_doitong(connection) else request()
        new = new_task(
            connection_id=connection.id,
            connection=connection.name,
            profile=connection.profile,
            request=changes.pop("request", wish),
            created_at=self.clock.now,
        )
        rows = self.studio.store.tasks
        if changes:
            known: dict[str, Any] = {
                "remote_id": str(uuid.uuid4()),
                "next_at": self.clock.now,
            } | changes
            rows.add_known(new, now=self.clock.now, event="PENDING", **known)
        else:
            rows.add(new)
        return self.studio.tasks.get(new.id)

    def step(self, task: Task) -> Task:
        """Let time go on until the task is due, and make its step."""
        due = self.studio.tasks.get(task.id).next_at
        assert due is not None, "nothing is left to do"
        self.clock.now = max(self.clock.now, due)
        self.run(advance(self.tools, task.id))
        return self.studio.tasks.get(task.id)

    def steps(self, task: Task, *, until: Callable[[Task], bool], most: int = 60) -> Task:
        """Step after step, until it is as wanted."""
        for _ in range(most):
            task = self.step(task)
            if until(task):
                return task
        raise AssertionError(f"still {task.status} {task.note} after {most} steps")

    def planned(self, task: Task) -> float:
        """Seconds until its next step."""
        assert task.next_at is not None
        return (task.next_at - self.clock.now).total_seconds()

    def events(self, task: Task) -> list[Event]:
        return self.studio.tasks.events(task.id)

    def kinds(self, task: Task) -> list[str]:
        return [event.kind for event in self.events(task)]

    def paused(self, connection: Connection) -> str:
        return self.studio.connections.get(connection.id).paused


async def _opened() -> Http:
    return Http()


def _is_doitong(connection: Connection) -> bool:
    return connection.profile == "doitong"
