"""Tells other processes on this home that a task is due, so that none has to keep looking.

Each process that listens has a named pipe in one folder; whoever makes a task due writes a byte into
all of them. Where a system has no named pipes, `listen` says so, and listeners have to look.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path


class Bells:
    """The pipes of one home."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Path | None = None

    def listen(self) -> int | None:
        """Open a bell of our own; its file descriptor becomes readable when it is rung.

        None where that can't be had. Close it with `silence`.
        """
        if not hasattr(os, "mkfifo"):
            return None
        name = str(uuid.uuid4())
        coming = self._folder / f".{name}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            os.mkfifo(coming, 0o600)
            # Open for both: one that is only read from stays readable once a writer has closed it.
            descriptor = os.open(coming, os.O_RDWR | os.O_NONBLOCK)
            # Shown only now: a bell that nobody hears is taken for a dead process's, and removed.
            coming.rename(self._folder / name)
        except OSError:
            return None
        self._own = self._folder / name
        return descriptor

    def silence(self, descriptor: int) -> None:
        """Close our own bell."""
        if self._own is not None:
            with contextlib.suppress(OSError):
                self._own.unlink()
            self._own = None
        os.close(descriptor)

    def ring(self) -> None:
        """Ring every bell but our own; those of dead processes are removed."""
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._folder):
                if not entry.name.startswith(".") and Path(entry.path) != self._own:
                    _ring(Path(entry.path))


def _ring(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # nobody has it open any more
        with contextlib.suppress(OSError):
            path.unlink()
        return
    with contextlib.suppress(BlockingIOError):  # full: it has been rung often enough
        os.write(descriptor, b"!")
    os.close(descriptor)
