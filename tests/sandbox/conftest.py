"""A sandbox on a real socket, and a person's view of it."""

from __future__ import annotations

import base64
import io
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
import uvicorn
from PIL import Image

from runway_core.sandbox import create_app

OFFICIAL_HEADERS = {"Authorization": "Bearer key_test", "X-Runway-Version": "2024-11-06"}
RELAY_HEADERS = {"Authorization": "Bearer hk-test"}


def wait_until(happened: Callable[[], Any], *, seconds: float = 20.0) -> Any:
    """Return what `happened` says as soon as it is true."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        result = happened()
        if result:
            return result
        pause.wait(0.02)
    raise AssertionError(f"did not happen within {seconds} s")


class Sandbox:
    """A running sandbox and its two roots."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder = folder
        app = create_app(folder=folder, **options)
        config = uvicorn.Config(
            app, ws="none", log_level="warning", log_config=None, timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as the server does
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        self.official = httpx.Client(base_url=self.url, headers=OFFICIAL_HEADERS)
        self.relay = httpx.Client(base_url=f"{self.url}/runwayml", headers=RELAY_HEADERS)

    def stop(self) -> None:
        self.official.close()
        self.relay.close()
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()
        self._socket.close()


class StartSandbox(Protocol):
    def __call__(self, folder: Path | None = None, **options: Any) -> Sandbox: ...


@pytest.fixture
def start_sandbox(tmp_path: Path) -> Iterator[StartSandbox]:
    running: list[Sandbox] = []

    def start(folder: Path | None = None, **options: Any) -> Sandbox:
        running.append(Sandbox(folder or tmp_path / "state", **({"speed": 100} | options)))
        return running[-1]

    yield start
    for sandbox in running:
        sandbox.stop()


@pytest.fixture
def sandbox(start_sandbox: StartSandbox) -> Sandbox:
    """A fast sandbox that takes any key."""
    return start_sandbox()


def picture(width: int = 640, height: int = 360) -> Image.Image:
    """Four coloured quarters, so that a part of the picture can be told from another."""
    image = Image.new("RGB", (width, height), (210, 40, 40))
    image.paste((40, 180, 60), (width // 2, 0, width, height // 2))
    image.paste((40, 60, 200), (0, height // 2, width // 2, height))
    image.paste((230, 210, 60), (width // 2, height // 2, width, height))
    return image


def data_uri(image: Image.Image | None = None, kind: str = "png") -> str:
    """Encode a picture as a create request carries it."""
    buffer = io.BytesIO()
    (image or picture()).save(buffer, "jpeg" if kind == "jpg" else kind)
    return f"data:image/{kind};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def image_body(**changes: Any) -> dict[str, Any]:
    """A good image_to_video body; a change to None takes the key away."""
    body = {
        "model": "gen4_turbo",
        "promptImage": "https://example.com/cat.jpg",
        "promptText": "wave",
        "ratio": "1280:720",
        "duration": 2,
        "seed": 7,
    }
    return {key: value for key, value in (body | changes).items() if value is not None}


def text_body(**changes: Any) -> dict[str, Any]:
    """A good text_to_video body; a change to None takes the key away."""
    body = {
        "model": "gen4.5",
        "promptText": "a cat",
        "ratio": "720:1280",
        "duration": 2,
        "seed": 7,
    }
    return {key: value for key, value in (body | changes).items() if value is not None}


def create(root: httpx.Client, body: dict[str, Any], path: str = "/v1/image_to_video") -> str:
    """Create a task and return its id."""
    answer = root.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def look(root: httpx.Client, task_id: str) -> dict[str, Any]:
    """Look at a task."""
    answer = root.get(f"/v1/tasks/{task_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def wait_for(root: httpx.Client, task_id: str, *statuses: str) -> dict[str, Any]:
    """Look until the task has one of these statuses."""

    def seen() -> dict[str, Any] | None:
        task = look(root, task_id)
        return task if task["status"] in statuses else None

    return dict(wait_until(seen))
