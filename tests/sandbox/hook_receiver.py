"""Somebody's own server on loopback that is called back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Delivery:
    """One call as it came."""

    path: str
    headers: dict[str, str]
    """By lower-case name."""
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.raw))


class Receiver:
    """Takes calls; `answers` are the statuses of the first ones, 200 after those, 0 hangs up."""

    def __init__(self, *answers: int) -> None:
        self.deliveries: list[Delivery] = []
        self.hold = threading.Event()
        """Calls are answered only while it is set."""
        self.hold.set()
        self._answers = list(answers)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.deliveries.append(Delivery(self.path, headers, raw))
                status = receiver._answers.pop(0) if receiver._answers else 200
                receiver.hold.wait(20)
                if status:
                    self.send_response(status)
                    self.send_header("Location", "/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hooks/secret-path?of=us"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving(*answers: int) -> Iterator[Receiver]:
    """A receiver for as long as it is needed."""
    receiver = Receiver(*answers)
    try:
        yield receiver
    finally:
        receiver.close()
