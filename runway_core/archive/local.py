"""Media in a folder: in the home, or one that several machines share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

from runway_core.archive.disk import Disk, sync
from runway_core.archive.storage import PIECE, missing
from runway_core.errors import NotFoundError

_KEPT = ("assets", "videos")


class LocalStorage:
    """A folder of a file system; a part is put by renaming it.

    A `shared` folder must be there already. On a machine where it is not mounted, it would otherwise be made
    on that machine's own disk, where nobody else finds it.
    """

    elsewhere = False

    def __init__(self, root: Path, *, shared: bool = False) -> None:
        self.root = root
        self.disk = Disk(root, shared=shared)

    def put(self, part: Path, name: str) -> None:
        with self.disk.faults_named():
            self.disk.put(part, self._path(name))

    def write(self, name: str, data: bytes) -> None:
        self.disk.write(self._path(name), data)

    def near(self, name: str) -> Path | None:
        path = self._path(name)
        return path if path.is_file() else None

    def fetch(self, name: str) -> Path:
        path = self.near(name)
        if path is None:
            raise missing()
        return path

    def size(self, name: str) -> int | None:
        path = self.near(name)
        with self.disk.faults_named():
            return None if path is None else path.stat().st_size

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        with self.disk.faults_named(), self._path(name).open("rb") as file:
            file.seek(start)
            while start < end and (piece := file.read(min(PIECE, end - start))):
                start += len(piece)
                yield piece

    def beside(self, stem: str) -> list[str]:
        path = self._path(stem)
        with self.disk.faults_named():
            if not path.parent.is_dir():
                return []
            found = (
                file for file in path.parent.iterdir() if file.name.startswith(f"{path.name}.")
            )
            return [self._name(file) for file in found]

    def names(self) -> Iterator[str]:
        with self.disk.faults_named():
            for folder in _KEPT:
                for path in sorted((self.root.resolve() / folder).rglob("*")):
                    if path.is_file():
                        yield self._name(path)

    def remove(self, name: str) -> None:
        path = self._path(name)
        with self.disk.faults_named():
            if path.parent.is_dir():
                path.unlink(missing_ok=True)
                sync(path.parent)

    def shown(self, name: str) -> str:
        return str(self._path(name))

    def free_bytes(self) -> int:
        return self.disk.free_bytes()

    def check(self) -> None:
        path = self.disk.parts / f"{uuid.uuid4().hex}.check"
        self.disk.write(path, b"")
        with self.disk.faults_named():
            path.unlink()

    def close(self) -> None:
        return None

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root.resolve()).as_posix()

    def _path(self, name: str) -> Path:
        """Where a file is; links in the folder lead nowhere else."""
        try:
            path, root = (self.root / name).resolve(), self.root.resolve()
        except (OSError, RuntimeError, ValueError):
            path = root = self.root
        if path == root or not path.is_relative_to(root):
            raise NotFoundError("This file is not in the media folder.")
        return path
