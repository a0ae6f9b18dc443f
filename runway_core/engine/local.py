"""The default scheduler: one asyncio loop in a thread of this process calls `advance` when a task is due.

It knows when each of its tasks is due and sleeps until then. The store says what else of this process's
doing made a task due, a bell (`runway_core.store.bells`) that another process did. With no task open
anywhere it does not wake at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from runway_core.domain import Task
from runway_core.engine.accounts import AccountWatch
from runway_core.engine.advance import go_on
from runway_core.engine.agenda import Agenda, Lane, lane_of
from runway_core.engine.feeding import feed, makes_room
from runway_core.engine.following import FOLLOWED
from runway_core.engine.processes import is_dead, this_worker
from runway_core.engine.receipts import Receipts
from runway_core.engine.step import Tools
from runway_core.errors import StorageError
from runway_core.http import Http
from runway_core.store.bells import Bells
from runway_core.studio import Studio

log = logging.getLogger(__name__)
BEAT = timedelta(seconds=5)
"""Between two signs of life, and two looks for tasks of dead workers; see `runway_core.store.workers.STALE`."""
SCAN = timedelta(seconds=1)
"""Between two looks into the store where no bell can be had, or one has just been rung."""
BREATH = timedelta(milliseconds=30)
"""Between two such looks in any case, so that two thousand new tasks are not two thousand looks."""
ECHO = timedelta(seconds=10)
"""For so long after a bell: it is rung before its change can be seen, lest a kill comes in between."""
TOGETHER = timedelta(seconds=0.25)
"""For so long are looks that taught nothing gathered, to be written at once."""
OFTEN = timedelta(seconds=15)
"""A task is held in memory between two looks that are closer together than this."""
STUMBLE = timedelta(seconds=5)
"""Until a task is tried again whose step broke, or changed nothing."""
_RARELY = 10.0
"""Seconds between two looks for what is wished for besides tasks, where no bell can be had."""
_FOR_EVER = timedelta(days=365)
_NEVER = datetime.min.replace(tzinfo=UTC)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class LocalEngine:
    """Follows the open tasks of one home until it is stopped. Several may run on one home."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._worker = this_worker(_utc_now())
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._stopping = False
        self._drain_for = 10.0
        self._agenda = Agenda()
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._stumbled: dict[str, datetime] = {}
        self._followed: dict[str, Task] = {}
        """Tasks as they were left: not read again before a look, unless somebody has set them another time."""
        self._taken: dict[str, datetime] = {}
        """When what is under way was due."""
        self._told: set[str] = set()
        """Tasks under way that somebody else has changed meanwhile."""
        self._accounts: AccountWatch | None = None
        self._bell: int | None = None
        self._echo_until = self._read_at = self._beaten = self._written = _NEVER
        self._until = _NEVER
        """When the next pass comes, unless something wakes it."""
        self._must_read = True
        self._strangers = False
        self._rows_wait = False
        """Whether rows of batches wait to become tasks."""

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; open tasks of earlier runs are picked up at once."""
        if self.running:
            return
        self._stopping = False
        self._thread = threading.Thread(target=self._main, name="runway-engine", daemon=True)
        self._thread.start()

    def stop(self, *, drain: float = 10.0) -> None:
        """Send nothing new, wait up to `drain` seconds for creates on the wire, then end.

        Looks and downloads are broken off: they are done again by whoever runs next.
        """
        self._stopping = True
        self._drain_for = drain
        self._call(self._wake.set)
        if self._thread is not None:
            self._thread.join(timeout=drain + 5)
            self._thread = None

    def _call(self, what: Callable[[], object]) -> None:
        """Have the loop do something, from whatever thread."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with contextlib.suppress(RuntimeError):  # it closed in between: nothing is left to wake
                loop.call_soon_threadsafe(what)

    def _main(self) -> None:
        with asyncio.Runner() as runner:
            self._wake = asyncio.Event()  # belongs to one loop, so each start has its own
            self._loop = runner.get_loop()
            runner.run(self._run())
        self._loop = None

    async def _run(self) -> None:
        settings = self._studio.settings
        async with Http(private_hosts=settings.private_hosts) as http:
            tools = Tools(
                self._studio, http, Receipts(settings.receipts), now=_utc_now, put_offs={}
            )
            await asyncio.to_thread(self._clean)
            with self._listening():
                self._accounts = AccountWatch(tools, every=_RARELY if self._bell is None else None)
                asking = asyncio.create_task(self._accounts.run())
                while not self._stopping:
                    await self._sleep(self._pass(tools))
                asking.cancel()
                await self._drain(tools)
        try:
            self._studio.store.workers.leave(self._worker.id)
        except Exception:
            log.exception("the engine could not sign off")

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Hear of tasks that become due: from this process's store, and by the bell from others."""
        database = self._studio.store.database
        bells = database.bells or Bells(self._studio.settings.home / "bells")
        loop = asyncio.get_running_loop()
        database.heard, database.called = self._heard, partial(self._call, self._called)
        self._bell = bells.listen()
        if self._bell is not None:
            loop.add_reader(self._bell, self._ring, self._bell)
        try:
            yield
        finally:
            database.heard = database.called = None
            if self._bell is not None:
                loop.remove_reader(self._bell)
                bells.silence(self._bell)

    def _ring(self, bell: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(bell, 4096)
        self._echo_until = _utc_now() + ECHO
        self._must_read = True
        self._wake.set()
        self._called()

    def _called(self) -> None:
        """Somebody has asked for what is no step of a task, or may have."""
        if self._accounts is not None:
            self._accounts.call()

    def _heard(self, task_id: str, due: datetime) -> None:
        """Somebody in this process has written when a task is due."""
        if threading.current_thread() is self._thread:
            self._note(task_id, due)
        else:
            self._call(partial(self._hear, task_id, due))

    def _hear(self, task_id: str, due: datetime) -> None:
        if task_id in self._jobs:  # whose step may have read it before
            self._told.add(task_id)
        self._note(task_id, due)

    def _note(self, task_id: str, due: datetime) -> None:
        self._followed.pop(task_id, None)
        if task_id in self._agenda:
            self._agenda.change(task_id, due)
        elif task_id not in self._jobs:  # whose step tells us itself when it ends
            self._must_read = True  # it may be another's: the store says whose
        self._wake.set()

    def _clean(self) -> None:
        """Remove what killed downloads have left; a fault in that keeps nobody from following."""
        try:
            self._studio.archive.clean_parts()
        except StorageError:
            log.warning("unfinished files of earlier runs can't be removed")

    def _pass(self, tools: Tools) -> float | None:
        """Start what is due; seconds until the next pass, None when only a word can make one needed."""
        now = tools.now()
        try:
            if tools.put_offs and now - self._written >= TOGETHER:
                self._write(tools, now)
            if now - self._read_at >= self._reading_gap(now):
                self._read(tools, now)
            for task_id, due, lane in self._agenda.take(now):
                job = self._step(tools, task_id, due, lane)
                self._jobs[task_id] = asyncio.get_running_loop().create_task(job)
                self._taken[task_id] = due
        except Exception:
            log.exception("the engine stumbled")
            self._until = now + STUMBLE
            return STUMBLE.total_seconds()
        self._until = self._next_pass(tools, now)
        seconds = (self._until - now).total_seconds()
        return None if seconds > _FOR_EVER.total_seconds() / 2 else max(0.0, seconds)

    def _next_pass(self, tools: Tools, now: datetime) -> datetime:
        """When there is something to do, as far as it is known."""
        known = [self._read_at + self._reading_gap(now)]
        if due := self._agenda.next_due():
            known.append(due)
        if tools.put_offs:
            known.append(self._written + TOGETHER)
        return min(known)

    def _reading_gap(self, now: datetime) -> timedelta:
        """How long the last reading of the store is good for."""
        if self._must_read:
            return BREATH
        if self._bell is None or now < self._echo_until:
            return SCAN
        busy = self._jobs or self._agenda or self._strangers or self._rows_wait
        return BEAT if busy else _FOR_EVER

    def _read(self, tools: Tools, now: datetime) -> None:
        """Read the store: take what nobody follows, and see whether others follow anything."""
        rows = self._studio.store
        self._write(tools, now)
        if self._beaten + BEAT <= now:
            self._beat(tools, now)
        self._rows_wait = feed(self._studio)
        rows.workers.claim(self._worker.id)
        mine = rows.tasks.open_ones(self._worker.id)
        self._agenda.clear()
        self._followed = {
            task_id: self._followed[task_id] for task_id in self._followed if task_id in mine
        }
        for task_id, found in mine.items():
            if task_id not in self._jobs:
                due = max(found.due, self._stumbled.get(task_id, found.due))
                self._agenda.put(task_id, due, lane_of(found.status))
            elif found.due != self._taken[task_id]:
                self._told.add(task_id)
        self._strangers = rows.tasks.count_open() > len(mine)
        self._read_at, self._must_read = now, False

    def _write(self, tools: Tools, now: datetime) -> None:
        """Write in one go when the tasks are due next with which nothing has happened."""
        self._written = now
        if tools.put_offs:
            self._studio.store.tasks.put_off(list(tools.put_offs.values()))
            tools.put_offs.clear()

    def _beat(self, tools: Tools, now: datetime) -> None:
        workers = self._studio.store.workers
        self._studio.connections.allow_sandbox(tools.http)
        workers.beat(self._worker.model_copy(update={"heartbeat_at": now}))
        for worker in workers.all():
            if worker.id != self._worker.id and is_dead(worker, now):
                workers.leave(worker.id)
        self._beaten = now

    async def _step(self, tools: Tools, task_id: str, due: datetime, lane: Lane) -> None:
        after, changed = None, False
        known = self._followed.pop(task_id, None)
        if known is not None and known.next_at != due:
            known = None  # somebody wants something of it
        try:
            after = await go_on(tools, task_id, known=known)
            changed = after is None or (after.next_at is not None and after.next_at > due)
        except Exception:
            log.exception("task %s stumbled", task_id)
        finally:
            self._jobs.pop(task_id, None)
            self._taken.pop(task_id, None)
            self._agenda.leave(lane)
        self._stumbled.pop(task_id, None)
        if task_id in self._told or (self._rows_wait and makes_room(lane, after)):
            self._told.discard(task_id)
            self._must_read = True
        if not changed:
            self._stumbled[task_id] = tools.now() + STUMBLE
            self._agenda.put(task_id, self._stumbled[task_id], lane)
        elif after is not None and after.next_at is not None:
            self._agenda.put(task_id, after.next_at, lane_of(after.status))
            if after.status in FOLLOWED and after.next_at - tools.now() < OFTEN:
                self._followed[task_id] = after
        if self._stopping or self._next_pass(tools, tools.now()) < self._until:
            self._wake.set()

    async def _sleep(self, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()

    async def _drain(self, tools: Tools) -> None:
        for task_id, job in list(self._jobs.items()):
            if task_id not in tools.posting:
                job.cancel()
        if self._jobs:
            await asyncio.wait(list(self._jobs.values()), timeout=self._drain_for)
        with contextlib.suppress(StorageError):
            self._write(tools, tools.now())
