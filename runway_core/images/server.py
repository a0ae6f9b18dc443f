"""The program that forks a process for each foreign file: what `runway_core.images.decoders` starts, and nobody else.

Its standard input is a socket. Each message is what `runway_core.images.child` is told, with three descriptors: the
file, where the answer goes, and a leash. The process is killed when the other end of its leash is let go, and
the leash closed when it is gone. The server ends when the socket does. It decodes nothing itself.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
from contextlib import suppress
from typing import NoReturn

from runway_core.images.child import decode, limit, load

DESCRIPTORS = 64
"""That it may hold, and each process of it."""
_MESSAGE_MAX = 4096


class Server:
    """One thread that waits for messages and for leashes that are let go."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(line, selectors.EVENT_READ)
        self._held: dict[int, int] = {}
        """The process on each leash."""

    def serve(self) -> None:
        """Until the other end of the line is closed."""
        while True:
            for key, _ in self._waiting.select():
                if key.fd in self._held:
                    self._bury(key.fd)
                elif not self._heard():
                    return

    def _heard(self) -> bool:
        """Take a message; False when there will be no more."""
        told, given = b"", list[int]()
        with suppress(ConnectionError):
            told, given, _, _ = socket.recv_fds(self._line, _MESSAGE_MAX, 3)
        if not told:
            for leash in list(self._held):
                self._bury(leash)
            return False
        word, kept = b"-", given
        with suppress(OSError, ValueError):
            source, answer, leash = given
            load(json.loads(told)["work"])
            self._held[leash] = _forked(told.decode(), source, answer)
            self._waiting.register(leash, selectors.EVENT_READ)
            word, kept = b"+", [source, answer]
        for descriptor in kept:
            os.close(descriptor)
        with suppress(ConnectionError):  # which the next look at the line tells as well
            self._line.sendall(word)
        return True

    def _bury(self, leash: int) -> None:
        """It is our child until it is waited for, so its number is nobody else's."""
        process = self._held.pop(leash)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        self._waiting.unregister(leash)
        os.close(leash)


def _forked(told: str, source: int, answer: int) -> int:
    return os.fork() or _become(told, source, answer)


def _become(told: str, source: int, answer: int) -> NoReturn:
    """In the new process: hold the file and the answer, and nothing of the server's or of other files."""
    try:
        os.dup2(source, 0)
        os.dup2(answer, 1)
        os.closerange(3, DESCRIPTORS)
        decode(told)
    finally:
        os._exit(0)


def main() -> None:
    """Serve the socket that is standard input."""
    limit("RLIMIT_NOFILE", DESCRIPTORS)
    gc.collect()
    gc.freeze()  # its memory is shared with each process until it is written to
    with socket.socket(fileno=0) as line:
        Server(line).serve()
