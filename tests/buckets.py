"""A real S3-compatible server on loopback, and a gate before it that can be shut or break a connection off."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import threading
import uuid
from contextlib import suppress
from pathlib import Path

import httpx

from runway_core.archive import Archive

KEY, SECRET = "AKIACANARYKEY0000001", "SECRET-CANARY-0123456789"
_SERVE = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


class Gate:
    """Passes connections on to a server, counts what goes through, and breaks them off when told to."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.shut = False
        self.sent = self.given = 0
        """Bytes to the server, and back."""
        self._most: int | None = None
        self.broken = threading.Event()
        self.hold: threading.Event | None = None
        """What a connection waits for before it is broken off."""
        threading.Thread(target=self._accept, daemon=True).start()

    def break_after(self, size: int) -> None:
        """Break every connection off once `size` more bytes have gone to the server."""
        self.sent, self._most = 0, size
        self.broken.clear()

    def reset(self) -> None:
        self.shut, self._most, self.hold = False, None, None
        self.sent = self.given = 0
        self.broken.clear()

    def close(self) -> None:
        self._listener.close()
        self.break_off()

    def break_off(self) -> None:
        """End every connection at once, without a word."""
        with self._lock:
            ending, self._open = self._open, set()
        for one in ending:
            with suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.shut:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._lock:
                    self._open |= {client, server}
                for source, target in ((client, server), (server, client)):
                    pump = threading.Thread(
                        target=self._pump, args=(source, target, source is client), daemon=True
                    )
                    pump.start()

    def _pump(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if up and self._is_enough(len(data)):
                    self.broken.set()
                    if self.hold is not None:
                        self.hold.wait(30)
                    self.break_off()
                    return
                self.given += 0 if up else len(data)  # before who counts can have it
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _is_enough(self, size: int) -> bool:
        with self._lock:
            self.sent += size
            return self._most is not None and self.sent > self._most


class Buckets:
    """The server, in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        self.gate = Gate(self._port)
        httpx.put(f"http://127.0.0.1:{self._port}/desk", trust_env=False).raise_for_status()

    @property
    def environment(self) -> dict[str, str]:
        """What the AWS tools read."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.gate.port}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def fresh(self) -> str:
        """The URL of a folder that has nothing in it."""
        return f"s3://desk/{uuid.uuid4().hex}"

    def close(self) -> None:
        self.gate.close()
        self._process.kill()
        self._process.communicate()


def another(archive: Archive, folder: Path) -> Archive:
    """The same media as another machine sees them."""
    shown = archive.address("x").removesuffix("/x")
    if shown.startswith("s3://"):
        return Archive(folder, url=shown)
    return Archive(Path(shown), url=Path(shown).as_uri())
