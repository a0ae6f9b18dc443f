"""The sandbox's tasks: who waits, who runs, what is rendered. The folder is the truth, this is its reader."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runway_core.domain import Capability
from runway_core.sandbox.body import Order
from runway_core.sandbox.plan import files_of, new_record
from runway_core.sandbox.record import Charge, Fault, Record
from runway_core.sandbox.sent import Sent
from runway_core.sandbox.shelf import Shelf
from runway_core.sandbox.workshop import make

RENDERS_AT_ONCE = 2
START_CREDITS = 1_000_000
"""What each key has to play with."""
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
        self.on_finished: Callable[[Record], None] = lambda record: None
        """Told of each task that ends, under the lock: it may only note it."""
        self._shelf = shelf
        self._changed = threading.Condition()
        self._stopping = False
        self._renderers: ThreadPoolExecutor | None = None
        self._clock: threading.Thread | None = None
        self._rendering: set[str] = set()
        shelf.clean()
        self._records = {record.id: record for record in shelf.records()}
        self._gone = list(shelf.charges())
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

    def create(
        self,
        order: Order,
        capability: Capability,
        *,
        owner: str,
        notes: Mapping[str, str] | None = None,
    ) -> Record:
        """Record a task; it runs when its time has come. `notes` are kept with it.

        Raises:
            OSError: the folder can't be written; there is no task then.
        """
        record = new_record(order, capability, owner=owner, notes=notes)
        return self.add(record, dict(files_of(order)))

    def add(self, record: Record, files: Mapping[str, Sent]) -> Record:
        """Take a new task on, with its files by name.

        Raises:
            OSError: the folder can't be written; there is no task then.
        """
        for name, sent in files.items():
            if sent.data:
                self._shelf.save_frame(f"{record.id}-{name}", sent.data)
            elif sent.upload:
                self._shelf.take_frame(f"{record.id}-{name}", sent.upload)
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
            record = self._records.get(task_id) or self._put_there(task_id)
            return record if record and record.owner == owner else None

    def _put_there(self, task_id: str) -> Record | None:
        """A task whose file somebody put into the folder since the start."""
        record = self._shelf.record(task_id) if _is_uuid(task_id) else None
        if record and record.id == task_id:
            self._records[task_id] = record
            if record.finished_at is None:
                self._open.add(task_id)
                self._wake()
            return record
        return None

    def noted(self, name: str, value: str, *, owner: str) -> Record | None:
        """This key's task that was made with such a note."""
        return next((r for r in self._of(owner) if r.notes.get(name) == value), None)

    def delete(self, task_id: str, *, owner: str) -> bool:
        """Forget a task and its files, but not what it has cost; False when this key has no such task."""
        with self._changed:
            record = self._records.get(task_id) or self._put_there(task_id)
            if record is None or record.owner != owner:
                return False
            charge = record.charge(datetime.now(UTC), speed=self.speed)
            self._shelf.charge(charge)
            self._gone.append(charge)
            del self._records[task_id]
            self._open.discard(task_id)
            self._shelf.drop(task_id)
            self._wake()
            return True

    def made_since(self, moment: datetime, *, owner: str) -> Counter[str]:
        """How many tasks of each model this key made since then."""
        made = [(r.model, r.created_at) for r in self._of(owner)]
        made += [(c.model, c.made_at) for c in self._gone_of(owner)]
        return Counter(model for model, at in made if at >= moment)

    def spent(self, *, owner: str) -> int:
        """Credits that this key's tasks have cost, deleted ones included."""
        return sum(charge.credits for charge in self.charges(owner=owner))

    def left(self, *, owner: str) -> int:
        """Credits that this key still has."""
        return max(START_CREDITS - self.spent(owner=owner), 0)

    def charges(self, *, owner: str) -> list[Charge]:
        """What each task of this key that has ended or was deleted has cost."""
        now = datetime.now(UTC)
        ended = [r.charge(now, speed=self.speed) for r in self.finished(owner=owner)]
        return ended + self._gone_of(owner)

    def _gone_of(self, owner: str) -> list[Charge]:
        with self._changed:
            return [charge for charge in self._gone if charge.owner == owner]

    def finished(self, *, owner: str) -> list[Record]:
        """This key's tasks that have ended, in the order in which they did."""
        ended = ((r.finished_at, r) for r in self._of(owner) if r.finished_at)
        return [record for _, record in sorted(ended, key=lambda pair: pair[0])]

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
            elif not record.needs_file or self._output(record).exists():
                finished = record.model_copy(update={"finished_at": now})
                self._put(finished)
                self._open.discard(record.id)
                self.on_finished(finished)
                self._shelf.drop_frames(record.id)
            self._render(record)
        return waiting

    def _render(self, record: Record) -> None:
        wanted = record.id in self._open and record.needs_file and self._renderers
        if not wanted or record.id in self._rendering or self._output(record).exists():
            return
        assert self._renderers
        self._rendering.add(record.id)
        self._renderers.submit(self._make, record)

    def _make(self, record: Record) -> None:
        """Render in a thread of its own. The lock is not held."""
        part = self._shelf.part(record.id)
        fault: Fault | None = Fault.INTERNAL
        try:
            fault = make(record, self._shelf, part, lambda: self._is_unwanted(record.id))
        finally:
            self._settle(record, part, fault)

    def _settle(self, record: Record, part: Path, fault: Fault | None) -> None:
        with self._changed:
            self._rendering.discard(record.id)
            if not self._is_unwanted(record.id):
                if fault:
                    present = self._records[record.id]
                    self._put(present.model_copy(update={"fault": fault}))
                else:
                    part.replace(self._output(record))
            part.unlink(missing_ok=True)
            self._wake()

    def _output(self, record: Record) -> Path:
        return self._shelf.output(record.id, record.ending)

    def _is_unwanted(self, task_id: str) -> bool:
        return self._stopping or task_id not in self._records


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
