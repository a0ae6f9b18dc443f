"""A provider of the official shape that costs as little as it can, in a process of its own.

Tasks run for ever, but for those whose prompt is a number: they are finished after so many seconds.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.relay import small_video

SPAWN = multiprocessing.get_context("spawn")


class Provider:
    """Where it listens, and what it has seen."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def requests(self) -> int:
        """How often it was asked about a task."""
        return int(self._ask("count"))

    def ended(self) -> dict[str, float]:
        """When each task was finished, in seconds since 1970."""
        return dict(self._ask("ended"))

    def _ask(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self.url}/{what}", timeout=10) as answer:
            return json.load(answer)


@contextmanager
def provider() -> Iterator[Provider]:
    """Run one."""
    ports = SPAWN.Queue()
    process = SPAWN.Process(target=_run, args=(ports,), daemon=True)
    process.start()
    try:
        yield Provider(ports.get(timeout=60))
    finally:
        process.terminate()
        process.join()


def _run(ports: Any) -> None:
    asyncio.run(_Server().serve(ports))


class _Server:
    def __init__(self) -> None:
        self._video = small_video()
        self._count = 0
        self._since = time.time()
        self._ends: dict[str, float] = {}
        self._calls: set[asyncio.Task[None]] = set()
        self._port = 0

    async def serve(self, ports: Any) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        ports.put(self._port)
        await server.serve_forever()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = [
                    line[15:]
                    for line in head.split("\r\n")
                    if line[:15].lower() == "content-length:"
                ]
                sent = await reader.readexactly(int(length[0])) if length else b""
                body, kind = self._answer(head.split(" ", 2)[1].partition("?")[0], sent)
                start = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
                writer.write(f"{start}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, path: str, sent: bytes) -> tuple[bytes, str]:
        if path.startswith("/files/"):
            return self._video, "video/mp4"
        return json.dumps(self._say(path, sent)).encode(), "application/json"

    def _say(self, path: str, sent: bytes) -> Any:
        if path == "/count":
            return self._count
        if path == "/ended":
            return self._ends
        if sent:
            body = json.loads(sent)
            made, prompt = str(uuid.uuid4()), str(body.get("promptText", ""))
            if prompt.replace(".", "").isdecimal():
                self._ends[made] = time.time() + float(prompt)
                if hook := body.get("notify_hook"):
                    self._calls.add(asyncio.create_task(self._call(hook, made, float(prompt))))
            return {"id": made}
        self._count += 1
        return self._task(path.rpartition("/")[2])

    def _progress(self) -> float:
        """Further each time, and never at its end, as of a task that runs for ever."""
        return round(1 - 60 / (60 + time.time() - self._since), 6)

    async def _call(self, hook: str, task_id: str, seconds: float) -> None:
        """Tell somebody that a video is finished, as relays do."""
        await asyncio.sleep(seconds)
        parts, body = urlsplit(hook), json.dumps(self._task(task_id)).encode()
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await reader.read()
        writer.close()

    def _task(self, task_id: str) -> dict[str, Any]:
        told = {"id": task_id, "createdAt": "2026-11-22T07:00:00.000Z"}
        if self._ends.get(task_id, time.time() + 1) > time.time():
            return told | {"status": "RUNNING", "progress": self._progress()}
        link = f"http://127.0.0.1:{self._port}/files/{task_id}.mp4"
        return told | {"status": "SUCCEEDED", "output": [link], "cost": {"credits": 60}}
