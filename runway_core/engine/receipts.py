"""Remote ids on disk the moment they arrive, so that a kill before the row is written loses none."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

from runway_core.errors import DiskFullError, StorageError


class Receipts:
    """An append-only file; each line is a JSON list of a task's id and its remote id."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, task_id: str, remote_id: str) -> None:
        """Write one line through to the disk.

        Raises:
            DiskFullError, StorageError: it could not be written.
        """
        # The line break before it keeps it apart from a line that a kill or a full disk has torn.
        line = f"\n{json.dumps([task_id, remote_id])}\n".encode()
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                if os.write(file, line) != len(line):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            kind = DiskFullError if error.errno == errno.ENOSPC else StorageError
            raise kind(f"{self._path} can't be written: {error.strerror}.") from None

    def find(self, task_id: str) -> str | None:
        """The newest remote id of a task; a torn line does not count."""
        return dict(self.all()).get(task_id)

    def all(self) -> list[tuple[str, str]]:
        """Each task's id and its remote id, oldest first; torn lines are left out."""
        try:
            lines = self._path.read_text("ascii", "replace").split("\n")
        except OSError:
            return []
        return [receipt for line in lines if (receipt := _receipt(line)) is not None]


def _receipt(line: str) -> tuple[str, str] | None:
    """Both ids of a line, or None when it is not whole."""
    try:
        ids = json.loads(line)
    except ValueError:
        return None
    match ids:
        case [str(task_id), str(remote_id)]:
            return task_id, remote_id
    return None
