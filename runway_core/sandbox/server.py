"""Runs the sandbox: for the command line, or inside the app for its own use."""

from __future__ import annotations

import fcntl
import ipaddress
import json
import os
import secrets
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Self

import uvicorn
from starlette.applications import Starlette

from runway_core.errors import ConfigError
from runway_core.sandbox.app import create_app
from runway_core.sandbox.hooks import SECRET
from runway_core.sandbox.shelf import write_atomically

LOOPBACK = "127.0.0.1"
GRACE_SECONDS = 1
"""How long a stop waits for answers that are being sent."""
STOP_SECONDS = 2.0


def serve(
    *,
    host: str = LOOPBACK,
    port: int = 8787,
    speed: float = 1,
    folder: Path | None = None,
    key: str | None = None,
    concurrency: int = 2,
    output_ttl: float = 86400,
    webhook_secret: str = SECRET,
) -> None:
    """Run the sandbox until SIGINT or SIGTERM. Call it from the main thread; `port` 0 takes a free one.

    Without a `folder` everything is gone at the end.

    Raises:
        ConfigError: not a loopback host, the port is taken, or another sandbox uses the folder.
    """
    if not _is_loopback(host):
        raise ConfigError(
            f"The sandbox does not listen on {host}.",
            hint=f"It has no protection: use {LOOPBACK}, and an SSH tunnel to reach it from afar.",
        )
    with _state_folder(folder) as state:
        app = create_app(
            folder=state,
            speed=speed,
            key=key,
            concurrency=concurrency,
            output_ttl=output_ttl,
            webhook_secret=webhook_secret,
        )
        server = _Server(_config(app))
        with _listen(host, port) as listener, _stoppable(server):
            sys.stdout.write(_greeting(listener, key) + "\n")
            sys.stdout.flush()
            server.run(sockets=[listener])


class EmbeddedSandbox:
    """The sandbox of one home folder, served by whichever process was there first."""

    def __init__(self, folder: Path, *, speed: float) -> None:
        self._folder = folder
        self._speed = speed
        self._lock: int | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Serve on a free loopback port and write ``address.json``; return when requests are answered.

        Does nothing when another live process serves this folder.

        Raises:
            ConfigError: the server does not come up.
            OSError: the folder can't be used.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _try_lock(self._folder)
        if self._lock is None:
            return
        try:
            self._serve()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Withdraw the address and end the server, within 2 seconds. Harmless when it does not run."""
        if self._lock is None:
            return
        self._address.unlink(missing_ok=True)
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(STOP_SECONDS)
        self._server = self._thread = None
        os.close(self._lock)
        self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def _address(self) -> Path:
        return self._folder / "address.json"

    def _serve(self) -> None:
        key, last_port = self._remembered()
        listener = _listen_again(last_port)
        port = listener.getsockname()[1]
        write_atomically(self._folder / "embedded.json", _json({"key": key, "port": port}))
        app = create_app(folder=self._folder, speed=self._speed, key=key)
        self._server = _Server(_config(app))
        self._thread = threading.Thread(
            target=self._server.run_on, args=(listener,), name="sandbox", daemon=True
        )
        self._thread.start()
        self._server.answered.wait()
        if not self._server.started:
            raise ConfigError("The built-in sandbox did not start.")
        url = f"http://{LOOPBACK}:{port}"
        write_atomically(self._address, _json({"url": url, "key": key}))

    def _remembered(self) -> tuple[str, int]:
        try:
            data = json.loads((self._folder / "embedded.json").read_bytes())
            return str(data["key"]), int(data["port"])
        except (OSError, ValueError, KeyError, TypeError):
            return f"sandbox-{secrets.token_urlsafe(24)}", 0


class _Server(uvicorn.Server):
    """Says when it is up, or never will be."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answered = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answered.set()

    def run_on(self, listener: socket.socket) -> None:
        try:
            with listener:
                self.run(sockets=[listener])
        finally:
            self.answered.set()


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError):
        raise ConfigError(
            f"Port {port} on {host} can't be used.",
            hint="Another program has it. Choose another with --port.",
        ) from None
    # Connections inherit it. Without, each answer waits some 40 ms for the client to confirm its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _listen_again(port: int) -> socket.socket:
    """Listen where it was last time, so that links go on working; elsewhere if that is taken."""
    try:
        return _listen(LOOPBACK, port)
    except ConfigError:
        return _listen(LOOPBACK, 0)


def _greeting(listener: socket.socket, key: str | None) -> str:
    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    which = "the key you chose" if key else "any key"
    return (
        f"Sandbox ready at {url} (relay: {url}/runwayml). "
        f"Use it as a base URL with {which}; nothing is charged. Ctrl+C stops it."
    )


@contextmanager
def _state_folder(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="runway-sandbox-") as name:
            yield Path(name)
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = _try_lock(folder)
    if lock is None:
        raise ConfigError(
            f"Another sandbox uses {folder}.", hint="Stop it, or choose another folder."
        )
    try:
        yield folder
    finally:
        os.close(lock)


def _try_lock(folder: Path) -> int | None:
    """Hold the folder until the descriptor is closed; None when somebody else holds it."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def _stoppable(server: uvicorn.Server) -> Iterator[None]:
    """Let SIGINT and SIGTERM be a normal end: uvicorn hands them on after it has stopped."""

    def end(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value).encode()
