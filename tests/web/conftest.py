"""The app's routes behind its guard, served by a real server on loopback; a home with a kept video."""

from __future__ import annotations

import random
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from runway_core.domain import Artifact, TaskStatus
from runway_core.web import auth, health, media, webhooks, zips
from runway_core.web.guard import Door
from runway_core.web.lifespan import Lifespan
from runway_core.web.runtime import reset, runtime
from tests.buckets import Buckets
from tests.builders import NOW, artifact, connection, new_task

DEADLINE = 20.0


def until(happened: Callable[[], Any]) -> Any:
    """What `happened` gives as soon as it is true."""
    ends, pause = time.monotonic() + DEADLINE, threading.Event()
    while True:
        found = happened()
        if found:
            return found
        assert time.monotonic() < ends, f"did not happen within {DEADLINE} s"
        pause.wait(0.02)


async def _page(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("a page")


async def _document(_request: Request) -> HTMLResponse:
    return HTMLResponse("<!doctype html>")


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@contextmanager
def serving(*, engine: bool = False, **door: Any) -> Iterator[httpx.Client]:
    """A client of a running server; `engine` starts what the app starts with it, `door` is how it guards."""
    app = Starlette(
        routes=[
            *(*auth.ROUTES, *media.ROUTES, *zips.ROUTES, *health.ROUTES, *webhooks.ROUTES),
            Route("/", _page),
            Route("/document", _document),
            WebSocketRoute("/talk", _talk),
        ],
        middleware=[Middleware(Door, **door)],
        lifespan=Lifespan() if engine else None,
    )
    config = uvicorn.Config(app, log_config=None, ws="websockets-sansio", lifespan="on")
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    run = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    run.start()
    try:
        until(lambda: server.started)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with httpx.Client(base_url=url, trust_env=False, timeout=DEADLINE) as client:
            yield client
    finally:
        server.should_exit = True
        run.join(DEADLINE)
        assert not run.is_alive()
        listener.close()


@dataclass(frozen=True)
class Kept:
    """A task whose video is kept."""

    task_id: str
    video: bytes
    poster: bytes
    artifact: Artifact

    @property
    def url(self) -> str:
        return f"/app/static/desk/{self.task_id}/0/video.mp4"

    @property
    def poster_url(self) -> str:
        return f"/app/static/desk/{self.task_id}/0/poster.jpg"


def keep_video(*, size: int = 200_000, **changes: Any) -> Kept:
    """Record a finished task in the running home and put its files where they belong."""
    store, content = runtime().studio.store, random.Random(7).randbytes(size)
    made = artifact(content)
    made = made.model_copy(update={"poster": made.path.replace(".mp4", ".jpg")} | changes)
    runtime().studio.archive.take_back(made.path, BytesIO(content))
    if made.poster:
        runtime().studio.archive.take_back(made.poster, BytesIO(b"\xff\xd8 a poster"))
    store.connections.add(connection(), key_sealed=None)
    new = new_task()
    store.tasks.add(new)
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.SUCCEEDED)
    store.tasks.attach(new.id, [made], now=NOW)
    return Kept(new.id, content, b"\xff\xd8 a poster", made)


@pytest.fixture(autouse=True)
def forgotten(home: Path) -> Iterator[Path]:
    """Each test opens its own home, and leaves none open."""
    reset()
    yield home
    reset()


@pytest.fixture
def kept(home: Path) -> Kept:
    return keep_video()


@pytest.fixture
def in_bucket(home: Path, buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """A large video in a bucket, and no copy of it on this machine."""
    monkeypatch.setenv("RUNWAY_MEDIA_URL", buckets.fresh())
    made = keep_video(size=9_000_000)
    shutil.rmtree(home / "media" / "cache")
    return made


@pytest.fixture
def client(home: Path) -> Iterator[httpx.Client]:
    with serving() as made:
        yield made
