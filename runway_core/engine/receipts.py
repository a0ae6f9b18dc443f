"""Remote ids on disk the moment they arrive, so that a kill before the row is written loses none."""

from __future__ import annotations

import os
from pathlib import Path

from runway_core.errors import StorageError


class Receipts:
    """An append-only file of ``task id, remote id``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, task_id: str, remote_id: str) -> None:
        """Write one line through to the disk.

        Raises:
            StorageError: it could not be written.
        """
        line = f"{task_id} {remote_id}\n".encode()
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, line)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            raise StorageError(f"{self._path} can't be written: {error.strerror}.") from None

    def find(self, task_id: str) -> str | None:
        """The newest remote id of a task; a line torn by a kill does not count."""
        try:
            lines = self._path.read_text("utf-8", "replace").split("\n")[:-1]
        except OSError:
            return None
        found = [line.split(" ", 1)[1] for line in lines if line.startswith(f"{task_id} ")]
        return found[-1] if found else None
