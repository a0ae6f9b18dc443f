"""How long after a task is recorded its request is on the wire, with nothing else queued.

Run it as ``python -m benchmarks.wire``; the goal is at most 100 ms.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from runway_core.domain import Capability, GenerationRequest
from runway_core.engine import LocalEngine
from runway_core.settings import Settings
from runway_core.studio import open_studio

ROUNDS = 20


class Clock(BaseHTTPRequestHandler):
    """Notes when a create arrives, and refuses it."""

    arrived = threading.Event()

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        self.arrived.set()
        self.send_response(400)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


def main() -> None:
    """Record tasks one after the other and print the median and the worst."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Clock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hosts = frozenset({("127.0.0.1", server.server_port)})
    with tempfile.TemporaryDirectory() as name:
        studio = open_studio(Settings(home=Path(name), private_hosts=hosts))
        connection = studio.connections.add(
            "clock", profile="sandbox", base_url=f"http://127.0.0.1:{server.server_port}"
        )
        engine = LocalEngine(studio)
        engine.start()
        waits = []
        for number in range(ROUNDS):
            request = GenerationRequest(
                capability=Capability.TEXT_TO_VIDEO,
                model="gen4.5",
                prompt="a lake",
                ratio="1280:720",
                duration=5,
                seed=number,
            )
            Clock.arrived.clear()
            began = time.perf_counter()
            studio.tasks.submit(request, connection=connection, token=str(number))
            Clock.arrived.wait(10)
            waits.append((time.perf_counter() - began) * 1000)
        engine.stop()
        studio.close()
    server.shutdown()
    median, worst = statistics.median(waits), max(waits)
    sys.stdout.write(f"click to wire {median:.0f} ms, worst of {ROUNDS} {worst:.0f} ms\n")


if __name__ == "__main__":
    main()
