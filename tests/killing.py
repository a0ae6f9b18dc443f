"""What a kill may not do: a provider that kills its customer, and a judge of what is there afterwards."""

from __future__ import annotations

import json
import random
import sqlite3
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from runway_core.domain import ArtifactState, Task, TaskStatus
from runway_core.studio import Studio
from tests.relay import Call, Relay, small_video

PIECE = 256 * 1024
"""Bytes; a download reaches the disk in pieces of this size."""


class KillRelay(Relay):
    """Takes its time, gives every video a file of its own, and tells `at` of every moment.

    `keyed`: it answers a create whose ``Idempotency-Key`` it has seen with the same task, and charges once.
    """

    def __init__(self, *, keyed: bool = False, slowness: float = 0.01) -> None:
        super().__init__()
        self.keyed = keyed
        self.at: Callable[[str], None] = lambda _moment: None
        """Called with the name of each moment of a request; one that has begun keeps to what it was then."""
        self.large = False
        """Whether files are of more than one piece; else one in eight is."""
        self._slowness = slowness
        self._pause = threading.Event()  # never set: a wait that can be no busy loop
        self._by_key: dict[str, str] = {}

    def paid(self) -> dict[str, str]:
        """What was charged: remote id → prompt."""
        with self._lock:
            return {
                remote_id: body.get("promptText") or body.get("prompt") or ""
                for remote_id, body in self.created.items()
            }

    def prompts(self) -> Counter[str]:
        return Counter(self.paid().values())

    def on_create(self, call: Call, body: dict[str, Any]) -> None:
        at = self.at
        at("create read")
        with self._lock:
            self.posts += 1
        remote_id = self._made(call.headers.get("Idempotency-Key"), body)
        at("create made")
        self._dawdle()
        answer = json.dumps({"id": remote_id, "status": "processing"}).encode()
        call.send_response(200)
        call.send_header("Content-Type", "application/json")
        call.send_header("Content-Length", str(len(answer)))
        call.end_headers()
        call.wfile.write(answer[:20])
        at("create half answered")
        call.wfile.write(answer[20:])
        at("create answered")

    def _made(self, key: str | None, body: dict[str, Any]) -> str:
        known = self._by_key.get(key or "")
        if known is not None:
            return known
        remote_id = self.make(body)
        if self.keyed and key:
            self._by_key[key] = remote_id
        return remote_id

    def on_get(self, call: Call) -> None:
        at = self.at
        if "/files/" in call.path:
            self._send_file(call, at)
            return
        at("look read")
        super().on_get(call)
        at("look answered")

    def task(self, remote_id: str, *, done: bool) -> dict[str, Any]:
        told = super().task(remote_id, done=done)
        if self.keyed:
            told |= {"status": "completed" if done else "processing"}
            told["url"] = told.pop("output", [None])[0]
        return told

    def _send_file(self, call: Call, at: Callable[[str], None]) -> None:
        data = video_of(call.path.rpartition("/")[2].partition(".")[0])
        if self.large or random.random() < 0.125:
            data += box(b"free", bytes(2 * PIECE))
        call.send_response(200)
        call.send_header("Content-Type", "video/mp4")
        call.send_header("Content-Length", str(len(data)))
        call.end_headers()
        at("file begun")
        for start in range(0, len(data), PIECE):
            call.wfile.write(data[start : start + PIECE])
            self._dawdle()
            at("file piece")
        at("file sent")

    def _dawdle(self) -> None:
        self._pause.wait(random.uniform(0, self._slowness))


def box(kind: bytes, content: bytes) -> bytes:
    """A box of an MP4."""
    return struct.pack(">I", 8 + len(content)) + kind + content


def video_of(remote_id: str) -> bytes:
    """The file that a `KillRelay` gives for a task; a large one has more zeros at its end."""
    return small_video() + box(b"free", remote_id.encode())


@dataclass(frozen=True)
class Record:
    """What a program knows of one video when it is asked for the last time."""

    prompt: str
    remote_id: str | None = None
    left_to_a_person: bool = False
    """It says itself that it does not know whether this was paid for."""
    file: bytes | None = None


@dataclass(frozen=True)
class Harm:
    """What kills have done, each by the prompt of the video."""

    doubled: list[str]
    """Paid for more than once."""
    lost: list[str]
    """Paid for or asked for, and nothing knows or says so."""
    torn: list[str]
    """The kept file is not the one that the provider made."""


def harm(relay: KillRelay, asked: Iterable[str], records: Iterable[Record]) -> Harm:
    """Compare what a program has with what its provider was paid for and what people asked for.

    `asked` are the prompts that the program has said to have taken.
    """
    records = list(records)
    paid, prompts = relay.paid(), Counter(record.prompt for record in records)
    known = {record.remote_id for record in records}
    told = {record.prompt for record in records if record.left_to_a_person}
    ended = told | {record.prompt for record in records if record.file is not None}
    lost = {prompt for remote_id, prompt in paid.items() if remote_id not in known} - told
    lost |= {prompt for prompt in asked if prompt not in ended}
    return Harm(
        doubled=sorted(p for p in {*paid.values(), *prompts} if _times(p, paid, prompts) > 1),
        lost=sorted(lost),
        torn=sorted(record.prompt for record in records if _is_torn(record)),
    )


def _times(prompt: str, paid: dict[str, str], prompts: Counter[str]) -> int:
    return max(list(paid.values()).count(prompt), prompts[prompt])


def _is_torn(record: Record) -> bool:
    if record.file is None:
        return False
    whole = video_of(record.remote_id or "")
    return record.file not in (whole, whole + box(b"free", bytes(2 * PIECE)))


def records_of(studio: Studio, tasks: Iterable[Task]) -> list[Record]:
    """What Runway Desk knows."""
    return [
        Record(
            prompt=task.request.prompt,
            remote_id=task.remote_id,
            left_to_a_person=task.status is TaskStatus.UNCERTAIN,
            file=_kept(studio, task),
        )
        for task in tasks
    ]


def _kept(studio: Studio, task: Task) -> bytes | None:
    if task.artifact_state is not ArtifactState.KEPT:
        return None
    return studio.archive.path(task.artifacts[0].path).read_bytes()


def half_written(media: Path) -> list[str]:
    """Posters and descriptions in a media folder that can't be read."""
    return [
        path.name
        for path in media.rglob("*")
        if (path.suffix == ".jpg" and not _is_picture(path))
        or (path.suffix == ".json" and not _is_json(path))
    ]


def _is_picture(path: Path) -> bool:
    try:
        with Image.open(path) as picture:
            picture.load()
    except OSError:
        return False
    return True


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text("utf-8"))
    except ValueError:
        return False
    return True


def figures(relay: Relay, tasks: list[Task]) -> str:
    """What kills have led to, in one line."""
    uncertain = [task for task in tasks if task.status is TaskStatus.UNCERTAIN]
    really = [t for t in uncertain if t.request.prompt in relay.prompts()]
    return (
        f"{len(tasks)} tasks, {len(relay.created)} paid, "
        f"{len(uncertain)} flagged UNCERTAIN ({len(really)} of them really paid)"
    )


def integrity(database: Path) -> str:
    """What SQLite says of a file: ``ok`` when it is whole."""
    with closing(sqlite3.connect(database)) as raw:
        return str(raw.execute("PRAGMA integrity_check").fetchone()[0])


class WatchedRelay(KillRelay):
    """Notes how far apart the looks at each task are."""

    def __init__(self) -> None:
        super().__init__()
        self.looks_needed = 2
        self.beside = 0
        """Looks that began while another at the same task was being answered."""
        self.gaps: list[float] = []
        """Seconds from the answer to one look until the next at the same task."""
        self._answering: Counter[str] = Counter()
        self._answered: dict[str, float] = {}

    def on_get(self, call: Call) -> None:
        if "/tasks/" not in call.path:
            super().on_get(call)
            return
        remote_id, now = call.path.rpartition("/")[2], time.monotonic()
        with self._lock:
            self.beside += self._answering[remote_id] > 0
            self._answering[remote_id] += 1
            if remote_id in self._answered:
                self.gaps.append(now - self._answered[remote_id])
        try:
            super().on_get(call)
        finally:
            with self._lock:
                self._answering[remote_id] -= 1

    def task(self, remote_id: str, *, done: bool) -> dict[str, Any]:
        with self._lock:
            self._answered[remote_id] = time.monotonic()
        return super().task(remote_id, done=done)
