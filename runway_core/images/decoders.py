"""Gives each foreign file a process of its own, forked by a server that has loaded the decoders already.

Loading them takes ten times as long as most files do. The app itself can't be forked: it has many threads, whose
locks a fork copies without them, and it holds the keys. So the first file starts `runway_core.images.server`
as a clean program, which has one thread and nothing of the app's, and is told of files through a socket.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 30.0
"""Seconds in which the server must have started and forked; it takes a fifth of one."""

_START = (
    "import sys; sys.path[:] = sys.argv[1:]; from runway_core.images.server import main; main()"
)
_NEEDED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All of the environment that goes along: where systems look for libraries."""


class Decoders:
    """The server of this process: started when it is first needed, and anew if it is gone.

    It ends with this process, however that ends, because nobody holds the other end of its socket then.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._server: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self, told: str, source: int, answer: int) -> Iterator[socket.socket]:
        """A process that decodes, dead and buried afterwards; shut what is given down to end it before.

        It reads the descriptor `source` and writes to `answer`; see `runway_core.images.child`.

        Raises:
            OSError: it could not be started.
        """
        leash, other_end = socket.socketpair()
        with leash:
            with other_end, self._lock:
                self._begin(told.encode(), [source, answer, other_end.fileno()])
            leash.settimeout(PATIENCE)
            try:
                yield leash
            finally:
                let_go(leash)
                with suppress(OSError):
                    leash.recv(1)  # the server hangs up when the process is gone

    def close(self) -> None:
        """End the server, and the files that it is at; another file starts it again."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """In a fork: the server is that of the other process, which has another thread at it perhaps."""
        if self._line is not None:
            self._line.close()
        if self._server is not None:
            self._server.returncode = (
                0  # not a child of this process, which has nothing to wait for
            )
        self._lock, self._line, self._server = threading.Lock(), None, None

    def _begin(self, told: bytes, descriptors: list[int]) -> None:
        """Have a process forked, by a new server if the one there was is gone."""
        for _ in range(2):
            try:
                line = self._line or self._started()
                socket.send_fds(line, [told], descriptors)
                word = line.recv(1)
            except ConnectionError:
                word = b""
            except (
                OSError
            ):  # such as silence: what it says later would be taken for another's answer
                self._end()
                raise
            if word:
                break
            self._end()
        if word != b"+":
            raise OSError("no process could be forked")

    def _started(self) -> socket.socket:
        """A server that finds our code and its libraries where this process does, and runs nothing else."""
        paths = [str(Path(__file__).parents[2]), *(p for p in sys.path if p)]
        self._line, other_end = socket.socketpair()
        self._line.settimeout(PATIENCE)
        with other_end:
            self._server = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
                [sys.executable, "-ISB", "-c", _START, *(str(Path(p).absolute()) for p in paths)],
                stdin=other_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _NEEDED if name in os.environ},
                start_new_session=True,  # Ctrl-C is for the app, which ends its work in order
            )
        return self._line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
        if self._server is not None:
            try:
                self._server.wait(1)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._line = self._server = None


def let_go(leash: socket.socket) -> None:
    """Have the process at the other end ended."""
    with suppress(OSError):  # it is gone already
        leash.shutdown(socket.SHUT_WR)


decoders = Decoders()
atexit.register(decoders.close)
os.register_at_fork(after_in_child=decoders.forget)
