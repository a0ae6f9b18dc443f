"""A relay on loopback that keeps count of what it was paid for, and fails as it is told."""

from __future__ import annotations

import io
import json
import socket
import struct
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import av
import numpy as np

Answer = Callable[["Call"], None]
_BILLING = ("/billing/subscription", "/billing/usage", "/usage/token", "/organization")


@cache
def small_video(seconds: int = 1) -> bytes:
    """A real MP4, small enough to be served a thousand times."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(8 * seconds):
            picture = np.full((48, 64, 3), shade * 20 % 255, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()


class Call(BaseHTTPRequestHandler):
    """One request and the ways to answer it."""

    protocol_version = "HTTP/1.1"
    relay: Relay

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def answer(self, status: int, body: object, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        given = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        for name, value in (given | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def reset(self) -> None:
        """Break the connection so that the other side sees a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True  # the other side was killed while it sent
            return
        if not self.path.rpartition("/")[2].endswith(("_to_video", "graphql")):
            self.answer(404, {"error": "Not found"})
            return
        self.relay.on_create(self, json.loads(body))

    def do_GET(self) -> None:
        self.relay.on_get(self)

    def do_DELETE(self) -> None:
        self.relay.on_delete(self)

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True  # the other side was killed


class Relay:
    """Creates tasks that succeed after `looks_needed` looks, unless `creates` or `looks` say otherwise."""

    def __init__(self, *, looks_needed: int = 1) -> None:
        self.looks_needed = looks_needed
        self.created: dict[str, dict[str, Any]] = {}
        """What was paid for: remote id → body."""
        self.posts = 0
        self.post_times: list[float] = []
        self.seen: Counter[str] = Counter()
        """Looks by remote id."""
        self.headers: list[dict[str, str]] = []
        self.deleted: list[str] = []
        self.downloads = 0
        self.left: float | None = None
        """What the billing routes say is left; None when this relay has none."""
        self.balances: list[Answer] = []
        """How the next questions for what is left are answered."""
        self.balance_calls = 0
        self.creates: list[Answer] = []
        """How the next creates are answered; the usual way when empty."""
        self.looks: list[Answer] = []
        """How the next looks are answered."""
        self.files: list[Answer] = []
        """How the next downloads are answered."""
        self.hold: Callable[[], None] = lambda: None
        """Called after a create is made and before it is answered."""
        self._lock = threading.Lock()
        handler = type("Handler", (Call,), {"relay": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def prompts(self) -> Counter[str]:
        """How often each prompt was paid for."""
        return Counter(body.get("promptText", "") for body in self.created.values())

    def make(self, body: dict[str, Any]) -> str:
        """Charge for a task, as a provider does before it answers."""
        remote_id = str(uuid.uuid4())
        with self._lock:
            self.created[remote_id] = body
        return remote_id

    def on_create(self, call: Call, body: dict[str, Any]) -> None:
        with self._lock:
            self.posts += 1
            self.post_times.append(time.monotonic())
            self.headers.append(dict(call.headers.items()))
            planned = self.creates.pop(0) if self.creates else None
        if planned is not None:
            planned(call)
            return
        remote_id = self.make(body)
        self.hold()
        call.answer(200, {"id": remote_id})

    def on_get(self, call: Call) -> None:
        path = call.path.partition("?")[0]
        if path.startswith("/files/"):
            self._file(call)
            return
        if path.endswith(_BILLING):
            self._tell_balance(call, path)
            return
        remote_id = path.rsplit("/", 1)[-1]
        with self._lock:
            self.seen[remote_id] += 1
            count = self.seen[remote_id]
            planned = self.looks.pop(0) if self.looks else None
        if planned is not None:
            planned(call)
        elif remote_id not in self.created or remote_id in self.deleted:
            call.answer(404, {"error": "Could not find Task"})
        else:
            call.answer(200, self.task(remote_id, done=count >= self.looks_needed))

    def task(self, remote_id: str, *, done: bool) -> dict[str, Any]:
        """What a look at a task tells."""
        base = {"id": remote_id, "createdAt": "2026-11-22T07:00:00.000Z"}
        if not done:
            return base | {"status": "RUNNING", "progress": 0.5}
        url = f"{self.url}/files/{remote_id}.mp4?_jwt={uuid.uuid4().hex}"
        return base | {"status": "SUCCEEDED", "output": [url]}

    def on_delete(self, call: Call) -> None:
        self.deleted.append(call.path.rsplit("/", 1)[-1])
        call.send_response(204)
        call.end_headers()

    def _tell_balance(self, call: Call, path: str) -> None:
        """As new-api's billing routes do; a question for the limit counts as one."""
        limit = path.endswith("subscription")
        with self._lock:
            self.balance_calls += limit
            planned = self.balances.pop(0) if limit and self.balances else None
        if planned is not None:
            planned(call)
        elif self.left is None or path.endswith("token"):
            call.answer(404, {"error": "Not found"})
        else:
            call.answer(200, {"hard_limit_usd": self.left, "total_usage": 0})

    def _file(self, call: Call) -> None:
        with self._lock:
            self.downloads += 1
            planned = self.files.pop(0) if self.files else None
        if planned is not None:
            planned(call)
        else:
            call.answer(200, small_video(), Content_Type="video/mp4")
