"""A server that gives out finished videos, and the videos."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import av
from PIL import Image

from runway_core.archive import Archive
from runway_core.domain import Artifact, Exchange
from runway_core.http import Http

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SECONDS_TO_WAIT = 20.0


def video(
    form: str = "mp4",
    *,
    codec: str = "libx264",
    size: tuple[int, int] = (320, 180),
    frames: int = 48,
    options: dict[str, str] | None = None,
    still: Image.Image | None = None,
) -> bytes:
    """A real video, 24 frames a second: its first frame red, then green, then blue; or one `still`."""
    shown = [still] if still else [Image.new("RGB", size, c) for c in ("red", "lime", "blue")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"video.{form}"
        _encode(path, shown, codec=codec, frames=frames, options=options or {})
        return path.read_bytes()


def _encode(
    path: Path, shown: list[Image.Image], *, codec: str, frames: int, options: dict[str, str]
) -> None:
    with av.open(str(path), "w", options=options) as container:
        stream: Any = container.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = *shown[0].size, "yuv420p"
        for number in range(frames):
            which = 0 if number == 0 else 1 if number < frames // 2 else 2
            image = shown[min(which, len(shown) - 1)]
            frame: Any = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]  # PyAV gives no type
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def picture(form: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    """A small grey picture."""
    out = BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, form)
    return out.getvalue()


MP4 = video()


class Shelf(BaseHTTPRequestHandler):
    """Gives out what a test has put on it; ``/held`` stops half-way until it is let go."""

    files: ClassVar[dict[str, tuple[int, str, bytes]]] = {}
    half_sent: ClassVar[threading.Event]
    go_on: ClassVar[threading.Event]

    def do_GET(self) -> None:
        status, mime, body = self.files.get(self.path, (404, "text/plain", b"no"))
        length = len(body) * 2 if self.path == "/short" else len(body)
        self.send_response(status)
        self.send_header("Content-Type", mime)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        half = len(body) // 2 if self.path == "/held" else len(body)
        self.wfile.write(body[:half])
        if self.path == "/held":
            self.half_sent.set()
            self.go_on.wait(SECONDS_TO_WAIT)
            self.wfile.write(body[half:])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: pytest shows what is printed."""


class Server:
    """A real HTTP server on loopback."""

    def __init__(self) -> None:
        class ThisShelf(Shelf):
            files: ClassVar[dict[str, tuple[int, str, bytes]]] = {}
            half_sent = threading.Event()
            go_on = threading.Event()

        self.shelf = ThisShelf
        self.listener = ThreadingHTTPServer(("127.0.0.1", 0), ThisShelf)
        self.listener.daemon_threads = False
        self.port = self.listener.server_address[1]
        self.thread = threading.Thread(target=self.listener.serve_forever, args=(0.02,))
        self.thread.start()

    def put(
        self, body: bytes, *, status: int = 200, mime: str = "video/mp4", at: str = "/v"
    ) -> str:
        self.shelf.files[at] = (status, mime, body)
        return f"http://127.0.0.1:{self.port}{at}"

    def close(self) -> None:
        """Let go what is held, and end every thread."""
        self.shelf.go_on.set()
        self.listener.shutdown()
        self.thread.join()
        self.listener.server_close()


def keep(
    archive: Archive,
    url: str,
    *,
    name: str = "t1",
    observe: Callable[[Exchange], None] | None = None,
) -> Artifact:
    """Fetch and keep, with a client that may reach the test's own server."""
    port = int(url.split(":")[2].split("/")[0])

    async def run() -> Artifact:
        async with Http(private_hosts=frozenset({("127.0.0.1", port)})) as http:
            return await archive.keep(http, url, name=name, now=NOW, observe=observe)

    return asyncio.run(run())


def files(archive: Archive, folder: str = "") -> list[str]:
    """Every file that is kept or on its way, as its name."""
    found = {*archive.names(), *_in(archive.root)} - set(_in(archive.root, "cache"))
    return sorted(name for name in found if name.startswith(folder))


def _in(root: Path, folder: str = "") -> list[str]:
    found = (root / folder).rglob("*")
    return [path.relative_to(root).as_posix() for path in found if path.is_file()]
