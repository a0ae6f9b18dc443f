"""The sandbox's tasks: who waits, who runs, what is rendered. The folder is the truth, this is its reader."""

from __future__ import annotations

import hashlib
import random
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runway_core.domain import Capability
from runway_core.sandbox.body import Order
from runway_core.sandbox.record import Fault, Record
from runway_core.sandbox.script import script
from runway_core.sandbox.shelf import Shelf

RENDERS_AT_ONCE = 2
NEVER = timedelta(hours=1)
AGAIN = timedelta(seconds=1)


def owner_of(key: str) -> str:
    """Stand in for a key where it must not be written."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


class Book:
    """All tasks of one state folder. Every method may be called from any thread."""

    def __init__(self, shelf: Shelf, *, speed: float, concurrency: int) -> None:
        self.speed = speed
        self.concurrency = concurrency
        self._shelf = shelf
        self._changed = threading.Condition()
        self._stopping = False
        self._renderers: ThreadPoolExecutor | None = None
        self._clock: threading.Thread | None = None
        self._rendering: set[str] = set()
        shelf.clean()
        self._records = {record.id: record for record in shelf.records()}
        self._open = {r.id for r in self._records.values() if r.finished_at is None}
        self._due = datetime.now(UTC)

    def start(self) -> None:
        """Let time pass: start tasks, render, finish them."""
        with self._changed:
            self._stopping = False
            self._renderers = ThreadPoolExecutor(RENDERS_AT_ONCE, thread_name_prefix="render")
            self._clock = threading.Thread(target=self._tick, name="sandbox-clock", daemon=True)
            self._due = datetime.now(UTC)
        self._clock.start()

    def stop(self) -> None:
        """End the threads within one frame of video; half-made videos are begun again after a start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            renderers, clock = self._renderers, self._clock
            self._renderers = None
        if clock:
            clock.join()
        if renderers:
            renderers.shutdown(wait=True, cancel_futures=True)
        self._rendering.clear()

    def create(self, order: Order, capability: Capability, *, owner: str) -> Record:
        """Record a task; it runs when its time has come.

        Raises:
            OSError: the folder can't be written; there is no task then.
        """
        record = _record(order, capability, owner)
        for position, picture in order.pictures.items():
            if picture.data:
                self._shelf.save_frame(f"{record.id}-{position}", picture.data)
        with self._changed:
            self._put(record)
            self._open.add(record.id)
            self._wake()
        return record

    def find(self, task_id: str, *, owner: str) -> Record | None:
        """A task of this key as it is now, or None."""
        with self._changed:
            if datetime.now(UTC) >= self._due:
                self._advance()
            record = self._records.get(task_id)
            return record if record and record.owner == owner else None

    def delete(self, task_id: str, *, owner: str) -> bool:
        """Forget a task and its files; False when this key has no such task."""
        with self._changed:
            record = self._records.get(task_id)
            if record is None or record.owner != owner:
                return False
            del self._records[task_id]
            self._open.discard(task_id)
            self._shelf.drop(task_id)
            self._wake()
            return True

    def made_since(self, moment: datetime, *, owner: str) -> Counter[str]:
        """How many tasks of each model this key made since then."""
        return Counter(r.model for r in self._of(owner) if r.created_at >= moment)

    def spent(self, *, owner: str) -> int:
        """Credits that this key's finished tasks cost."""
        return sum(r.cost for r in self._of(owner) if r.finished_at)

    def _of(self, owner: str) -> Iterator[Record]:
        with self._changed:
            records = tuple(self._records.values())
        return (record for record in records if record.owner == owner)

    def _put(self, record: Record) -> None:
        self._shelf.save(record)
        self._records[record.id] = record

    def _wake(self) -> None:
        self._due = datetime.now(UTC)
        self._changed.notify_all()

    def _tick(self) -> None:
        with self._changed:
            while not self._stopping:
                try:
                    self._advance()
                except OSError:  # such as a full disk: a later look may do
                    self._due = datetime.now(UTC) + AGAIN
                wait = (self._due - datetime.now(UTC)).total_seconds()
                self._changed.wait(max(wait, 0.0))

    def _advance(self) -> None:
        """Do all that is due, and note when to look next. The lock is held."""
        now = datetime.now(UTC)
        self._due = now + NEVER
        waiting = self._finish(now)
        places = Counter(
            r.owner for r in map(self._records.__getitem__, self._open) if r.started_at
        )
        hopeful = [r for r in waiting if places[r.owner] < self.concurrency]
        for record in sorted(hopeful, key=lambda r: r.waits_until(self.speed)):
            if places[record.owner] >= self.concurrency:
                continue
            ready = record.waits_until(self.speed)
            if ready > now:
                self._due = min(self._due, ready)
                continue
            places[record.owner] += 1
            started = record.model_copy(update={"started_at": now})
            self._put(started)
            self._due = min(self._due, started.runs_until(self.speed))
            self._render(started)

    def _finish(self, now: datetime) -> list[Record]:
        """Finish what is over; return what does not run yet."""
        waiting = []
        for record in [self._records[task_id] for task_id in self._open]:
            if record.started_at is None:
                waiting.append(record)
                continue
            over = record.runs_until(self.speed)
            if over > now:
                self._due = min(self._due, over)
            elif not record.needs_file or self._shelf.output(record.id).exists():
                self._put(record.model_copy(update={"finished_at": now}))
                self._open.discard(record.id)
                self._shelf.drop_frames(record.id)
            self._render(record)
        return waiting

    def _render(self, record: Record) -> None:
        wanted = record.id in self._open and record.needs_file and self._renderers
        if not wanted or record.id in self._rendering or self._shelf.output(record.id).exists():
            return
        assert self._renderers
        self._rendering.add(record.id)
        self._renderers.submit(self._make, record)

    def _make(self, record: Record) -> None:
        """Render in a thread of its own. The lock is not held."""
        part = self._shelf.part(record.id)
        fault: Fault | None = Fault.INTERNAL
        try:
            fault = self._rendered(record, part)
        finally:
            self._settle(record.id, part, fault)

    def _settle(self, task_id: str, part: Path, fault: Fault | None) -> None:
        with self._changed:
            self._rendering.discard(task_id)
            if not self._is_unwanted(task_id):
                if fault:
                    present = self._records[task_id]
                    self._put(present.model_copy(update={"fault": fault}))
                else:
                    part.replace(self._shelf.output(task_id))
            part.unlink(missing_ok=True)
            self._wake()

    def _rendered(self, record: Record, part: Path) -> Fault | None:
        # Here, because a start of the server should not wait for codecs.
        from runway_core.sandbox.render import Shot, StoppedError, render
        from runway_core.sandbox.scene import UnusablePictureError

        width, _, height = record.ratio.partition(":")
        first, last = (self._picture(name) for name in (record.first, record.last))
        shot = Shot(
            width=int(width),
            height=int(height),
            seconds=record.duration,
            seed=record.seed,
            prompt=record.prompt,
            first=first,
            last=last,
        )
        try:
            render(shot, part, should_stop=lambda: self._is_unwanted(record.id))
        except UnusablePictureError:
            return Fault.UNUSABLE_PICTURE
        except StoppedError:
            pass
        return None

    def _picture(self, name: str) -> Path | str | None:
        if not name:
            return None
        return name if name.startswith("https://") else self._shelf.frame(name)

    def _is_unwanted(self, task_id: str) -> bool:
        return self._stopping or task_id not in self._records


def _record(order: Order, capability: Capability, owner: str) -> Record:
    task_id = str(uuid.uuid4())
    seed = order.seed
    if seed is None:
        seed = random.randrange(order.spec.seed_max + 1)  # noqa: S311 - any will do
    plan = script(order.prompt, duration=order.duration, seed=seed)
    names = {
        position: picture.link or f"{task_id}-{position}"
        for position, picture in order.pictures.items()
    }
    price = order.spec.price
    return Record(
        id=task_id,
        owner=owner,
        model=order.spec.id,
        capability=capability,
        prompt=order.prompt,
        ratio=order.ratio,
        duration=order.duration,
        seed=seed,
        first=names.get("first", ""),
        last=names.get("last", ""),
        credits=int(price.rates[0].high * order.duration) if price else 0,
        pending=plan.pending,
        throttled=plan.throttled,
        running=plan.running,
        fault=plan.fault,
        created_at=datetime.now(UTC),
    )
