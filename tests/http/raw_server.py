"""A server on loopback that answers with any bytes at all, and remembers what it was sent."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

Handler = Callable[["Connection", "Request"], None]


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    head: str
    body: bytes
    connection: int
    """Counts connections from 1."""

    @property
    def line(self) -> str:
        return self.head.splitlines()[0]

    def header(self, name: str) -> str | None:
        found = re.search(rf"(?im)^{re.escape(name)}: *(.*?)\r?$", self.head)
        return found[1] if found else None


class Connection:
    """One accepted connection, for handlers that do more than answer."""

    def __init__(self, sock: socket.socket, stopping: threading.Event, number: int) -> None:
        self.sock = sock
        self.stopping = stopping
        self.number = number

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def drip(self, data: bytes, every: float) -> None:
        """Send byte after byte, `every` seconds."""
        for byte in data:
            if self.stopping.wait(every):
                return
            self.send(bytes([byte]))

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class RawServer:
    """Listens on 127.0.0.1; `handler` answers each request. Use with ``with``."""

    def __init__(self, handler: Handler, *, tls: ssl.SSLContext | None = None) -> None:
        self.handler = handler
        self.requests: list[Request] = []
        self.connections = 0
        self._tls = tls
        self._arrived = threading.Condition()
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.settimeout(0.01)
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    @property
    def private(self) -> frozenset[tuple[str, int]]:
        return frozenset({("127.0.0.1", self.port)})

    def wait_for(self, count: int, seconds: float = 5) -> list[Request]:
        """Wait until `count` requests have come."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, seconds)
            return list(self.requests)

    def __enter__(self) -> RawServer:
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        for thread in list(self._threads):
            thread.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        sock.settimeout(5)
        try:
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            connection = Connection(sock, self._stopping, number)
            while (request := self._read(sock, number)) is not None:
                with self._arrived:
                    self.requests.append(request)
                    self._arrived.notify_all()
                self.handler(connection, request)
        except (OSError, ValueError):
            pass
        finally:
            sock.close()

    def _read(self, sock: socket.socket, number: int) -> Request | None:
        data = self._until(sock, b"", lambda d: b"\r\n\r\n" in d)
        if data is None:
            return None
        head, _, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        size = int(length[1]) if length else 0
        body = self._until(sock, body, lambda d: len(d) >= size) or b""
        return Request(head.decode("latin-1"), body, number)

    def _until(
        self, sock: socket.socket, data: bytes, done: Callable[[bytes], bool]
    ) -> bytes | None:
        sock.settimeout(0.01)
        try:
            while not done(data):
                try:
                    more = sock.recv(1 << 16)
                except TimeoutError:
                    if self._stopping.is_set():
                        return None
                    continue
                if not more:
                    return None
                data += more
            return data
        finally:
            sock.settimeout(5)


def answer(
    body: bytes | str = b"{}",
    status: str = "200 OK",
    *headers: str,
    kind: str = "application/json",
) -> bytes:
    """A whole HTTP answer."""
    data = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(data)}",
        *headers,
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + data


def always(data: bytes) -> Handler:
    """A handler that gives every request the same answer."""
    return lambda connection, _request: connection.send(data)


def closing(data: bytes) -> Handler:
    """A handler that sends `data` and hangs up."""

    def handler(connection: Connection, _request: Request) -> None:
        connection.send(data)
        connection.sock.shutdown(socket.SHUT_RDWR)

    return handler
