"""Tells whether the process of another worker is still alive, so that its tasks can be taken over at once."""

from __future__ import annotations

import os
import socket
import uuid
from datetime import UTC, datetime
from pathlib import Path

from runway_core.store import Store
from runway_core.store.workers import STALE, Worker


def this_worker(now: datetime) -> Worker:
    """A new identity for an engine in this process."""
    pid = os.getpid()
    return Worker(
        id=str(uuid.uuid4()),
        host=socket.gethostname(),
        pid=pid,
        process_started=_started(pid),
        heartbeat_at=now,
    )


def is_dead(worker: Worker, now: datetime) -> bool:
    """Whether a worker will never come back: its process is gone, or it has been silent for too long."""
    if worker.host == socket.gethostname() and Path("/proc/self/stat").exists():
        return _started(worker.pid) != worker.process_started
    return now - worker.heartbeat_at > STALE


def living(store: Store, now: datetime) -> list[Worker]:
    """The workers that follow this home's tasks."""
    return [worker for worker in store.workers.all() if not is_dead(worker, now)]


def runs_since(worker: Worker) -> datetime | None:
    """When a worker's process was started; None for another computer's, or where it can't be told."""
    if worker.host != socket.gethostname() or not worker.process_started.isdecimal():
        return None
    try:
        stat = Path("/proc/stat").read_text("ascii", "replace")
        booted = int(stat.partition("\nbtime ")[2].split(maxsplit=1)[0])
    except (OSError, ValueError, IndexError):
        return None
    seconds = booted + int(worker.process_started) / os.sysconf("SC_CLK_TCK")
    return datetime.fromtimestamp(seconds, UTC)


def someone_follows(store: Store, now: datetime) -> bool:
    """Whether a living worker follows this home's tasks."""
    return bool(living(store, now))


def _started(pid: int) -> str:
    """Start time of a process, in the kernel's ticks; empty when there is none or it can't be told."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    except (OSError, IndexError):
        return ""
