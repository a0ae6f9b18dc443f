"""The state folder: one JSON file a task, the files still needed, uploads, the results."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from runway_core.sandbox.record import Charge, Record


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part.

    Raises:
        OSError: the disk refuses.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class Shelf:
    """Files of one state folder."""

    def __init__(self, folder: Path) -> None:
        self._tasks = folder / "tasks"
        self._frames = folder / "frames"
        self._outputs = folder / "outputs"
        self.uploads = folder / "uploads"
        self._gone = folder / "gone.jsonl"
        for part in (folder, self._tasks, self._frames, self._outputs, self.uploads):
            part.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._secret = folder / "link-secret"

    def secret(self) -> bytes:
        """What links to outputs are signed with; kept, so that they outlive a restart."""
        if not self._secret.exists():
            write_atomically(self._secret, secrets.token_bytes(32))
        return self._secret.read_bytes()

    def clean(self) -> None:
        """Remove what a killed process left half written."""
        for folder in (self._tasks, self._frames, self._outputs, self.uploads):
            for part in folder.glob(".*.part"):
                part.unlink(missing_ok=True)

    def records(self) -> Iterator[Record]:
        """Every task, oldest first; a file that is none is passed over."""
        found = []
        for path in self._tasks.glob("*.json"):
            try:
                found.append(Record.model_validate_json(path.read_bytes()))
            except (ValidationError, OSError):
                continue
        yield from sorted(found, key=lambda record: record.created_at)

    def record(self, task_id: str) -> Record | None:
        """One task as its file says, or None. `task_id` must be a UUID's text."""
        try:
            return Record.model_validate_json(self._task(task_id).read_bytes())
        except (ValidationError, OSError):
            return None

    def charges(self) -> Iterator[Charge]:
        """What deleted tasks have cost."""
        try:
            lines = self._gone.read_text().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                yield Charge.model_validate_json(line)
            except ValidationError:  # cut off by a kill
                continue

    def charge(self, charge: Charge) -> None:
        """Keep what a task has cost that is about to be deleted."""
        with self._gone.open("a") as file:
            file.write(charge.model_dump_json() + "\n")

    def save(self, record: Record) -> None:
        """Keep a task's present state."""
        write_atomically(self._task(record.id), record.model_dump_json(indent=1).encode())

    def save_frame(self, name: str, data: bytes) -> None:
        """Keep a picture until its video is made."""
        write_atomically(self.frame(name), data)

    def take_frame(self, name: str, upload: Path) -> None:
        """Keep an uploaded file until it was used, however soon the upload expires."""
        try:
            self.frame(name).hardlink_to(upload)
        except OSError:  # such as a file system without links
            shutil.copyfile(upload, self.frame(name))

    def frame(self, name: str) -> Path:
        return self._frames / name

    def output(self, task_id: str, ending: str = "mp4") -> Path:
        return self._outputs / f"{task_id}.{ending}"

    def part(self, task_id: str) -> Path:
        """Where a result is made before it is `output`."""
        return self._outputs / f".{task_id}.part"

    def drop_frames(self, task_id: str) -> None:
        """Remove a task's pictures: its video is made, or nobody wants it."""
        for path in self._frames.glob(f"{task_id}-*"):
            path.unlink(missing_ok=True)

    def drop(self, task_id: str) -> None:
        """Remove everything of a task."""
        self._task(task_id).unlink(missing_ok=True)
        for path in self._outputs.glob(f"{task_id}.*"):
            path.unlink(missing_ok=True)
        self.drop_frames(task_id)

    def _task(self, task_id: str) -> Path:
        return self._tasks / f"{task_id}.json"
