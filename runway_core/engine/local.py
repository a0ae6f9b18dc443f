"""The default scheduler: one asyncio loop in a thread of this process calls `advance` when a task is due."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from datetime import UTC, datetime, timedelta

from runway_core.engine.advance import advance
from runway_core.engine.processes import is_dead, this_worker
from runway_core.engine.receipts import Receipts
from runway_core.engine.step import Tools
from runway_core.errors import StorageError
from runway_core.http import Http
from runway_core.studio import Studio

log = logging.getLogger(__name__)
BEAT = timedelta(seconds=5)
"""Between two signs of life; see `runway_core.store.workers.STALE`."""
SCAN = 1.0
"""Seconds between looks into the store for tasks that another process recorded."""
STUMBLE = timedelta(seconds=5)
"""Until a task is tried again whose step broke."""


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
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._stumbled: dict[str, datetime] = {}
        self._beaten = datetime.min.replace(tzinfo=UTC)

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; open tasks of earlier runs are picked up at once."""
        if self.running:
            return
        self._stopping = False
        self._studio.tasks.on_change = self.notify
        self._thread = threading.Thread(target=self._main, name="runway-engine", daemon=True)
        self._thread.start()

    def notify(self) -> None:
        """Say from any thread that the store has something new."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with contextlib.suppress(RuntimeError):  # it closed in between: nothing is left to wake
                loop.call_soon_threadsafe(self._wake.set)

    def stop(self, *, drain: float = 10.0) -> None:
        """Send nothing new, wait up to `drain` seconds for creates on the wire, then end.

        Looks and downloads are broken off: they are done again by whoever runs next.
        """
        self._stopping = True
        self._drain_for = drain
        self.notify()
        if self._thread is not None:
            self._thread.join(timeout=drain + 5)
            self._thread = None

    def _main(self) -> None:
        with asyncio.Runner() as runner:
            self._wake = asyncio.Event()  # belongs to one loop, so each start has its own
            self._loop = runner.get_loop()
            runner.run(self._run())
        self._loop = None

    async def _run(self) -> None:
        settings = self._studio.settings
        async with Http(private_hosts=settings.private_hosts) as http:
            tools = Tools(self._studio, http, Receipts(settings.receipts), now=_utc_now)
            await asyncio.to_thread(self._clean)
            while not self._stopping:
                wait = SCAN
                try:
                    wait = self._pass(tools)
                except Exception:
                    log.exception("the engine stumbled")
                await self._sleep(wait)
            await self._drain(tools)
        try:
            self._studio.store.workers.leave(self._worker.id)
        except Exception:
            log.exception("the engine could not sign off")

    def _clean(self) -> None:
        """Remove what killed downloads have left; a fault in that keeps nobody from following."""
        try:
            self._studio.archive.clean_parts()
        except StorageError:
            log.warning("unfinished files of earlier runs can't be removed")

    def _pass(self, tools: Tools) -> float:
        """Start what is due; seconds until the next pass."""
        now = tools.now()
        if now - self._beaten > BEAT:
            self._beat(tools, now)
        rows = self._studio.store
        rows.workers.claim(self._worker.id)
        for task_id in rows.tasks.due(self._worker.id, now):
            if task_id not in self._jobs and self._stumbled.get(task_id, now) <= now:
                job = asyncio.get_running_loop().create_task(self._step(tools, task_id))
                self._jobs[task_id] = job
        return self._until_next(rows.tasks.next_due(self._worker.id, after=now), now)

    @staticmethod
    def _until_next(due: datetime | None, now: datetime) -> float:
        if due is None:
            return SCAN
        return min(SCAN, max(0.0, (due - now).total_seconds()))

    def _beat(self, tools: Tools, now: datetime) -> None:
        workers = self._studio.store.workers
        self._studio.connections.allow_sandbox(tools.http)
        workers.beat(self._worker.model_copy(update={"heartbeat_at": now}))
        for worker in workers.all():
            if worker.id != self._worker.id and is_dead(worker, now):
                workers.leave(worker.id)
        self._beaten = now

    async def _step(self, tools: Tools, task_id: str) -> None:
        try:
            await advance(tools, task_id)
            self._stumbled.pop(task_id, None)
        except Exception:
            log.exception("task %s stumbled", task_id)
            self._stumbled[task_id] = tools.now() + STUMBLE
        finally:
            self._jobs.pop(task_id, None)
            self._wake.set()

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _drain(self, tools: Tools) -> None:
        for task_id, job in list(self._jobs.items()):
            if task_id not in tools.posting:
                job.cancel()
        if self._jobs:
            await asyncio.wait(list(self._jobs.values()), timeout=self._drain_for)
