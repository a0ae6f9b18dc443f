"""The scheduler for more than one machine: any number of workers share the tasks in one PostgreSQL database.

Procrastinate wakes a worker when a task is due and keeps two from following the same one. What it
can't know is done here every few seconds: jobs of workers that are gone are given to others, and open
tasks without a reminder get one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from datetime import UTC, datetime

import procrastinate
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

from runway_core.domain import TaskStatus
from runway_core.engine.accounts import AccountWatch
from runway_core.engine.advance import advance
from runway_core.engine.feeding import feed
from runway_core.engine.processes import this_worker
from runway_core.engine.receipts import Receipts
from runway_core.engine.reminders import QUEUE, reading, writing
from runway_core.engine.step import Tools
from runway_core.http import Http
from runway_core.store.batches import REMINDER
from runway_core.store.postgres import PostgresDatabase
from runway_core.studio import Studio

log = logging.getLogger(__name__)
BEAT = 5.0
"""Seconds between two signs of life, and between two looks for what was left lying."""
GONE = 15.0
"""Seconds of silence after which a worker's jobs are given to others."""
_GRACE = 30.0
"""Seconds after which the queue itself breaks jobs off at a stop; we do that before, when `stop` says."""
AT_ONCE = 200
"""Steps that one worker may have under way: most of them wait for a socket."""


class Reminders:
    """The app's side: writes reminders for the workers and follows nothing itself."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    @property
    def running(self) -> bool:
        """Whether reminders are written; `someone_follows` tells whether a worker reads them."""
        return self._studio.store.database.remind is not None

    def start(self) -> None:
        """Make the queue's tables and connect the store to it.

        Raises:
            StorageError: the database can't be reached.
        """
        writing(_database(self._studio))

    def stop(self, *, drain: float = 0.0) -> None:
        """Write no more reminders; workers find open tasks without one by themselves."""
        self._studio.store.database.remind = None


class ClusterEngine:
    """One worker. Any number may run, on any machine that reaches the database."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._queue = reading(_database(studio).conninfo, self._step)
        self._worker = this_worker(datetime.now(UTC))
        self._thread: threading.Thread | None = None
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tools: Tools | None = None
        self._steps: dict[str, asyncio.Task[object]] = {}
        self._ids: set[int] = set()
        self._idle: set[int | None] = set()
        self._drain_for = 10.0
        self._rows_wait = False
        """Whether rows of batches wait to become tasks."""
        self._ready = threading.Event()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread; open tasks of workers that are gone are picked up within seconds.

        Raises:
            StorageError: the database can't be reached.
        """
        if self.running:
            return
        writing(_database(self._studio))
        self._thread = threading.Thread(target=self._main, name="runway-engine", daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def stop(self, *, drain: float = 10.0) -> None:
        """Take nothing new, wait up to `drain` seconds for creates on the wire, then end."""
        self._drain_for = drain
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # it closed in between
                self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join(timeout=drain + 5)
            self._thread = None

    def _main(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._run())
        self._loop = None

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        self._ready.set()
        settings = self._studio.settings
        async with Http(private_hosts=settings.private_hosts) as http:
            receipts = Receipts(settings.receipts)
            self._tools = Tools(self._studio, http, receipts, now=lambda: datetime.now(UTC))
            asking = asyncio.create_task(AccountWatch(self._tools, every=BEAT).run())
            while not self._stop.is_set():
                try:
                    await self._work()
                except Exception:
                    # The database was stopped, or started again: nothing is lost by waiting.
                    log.exception("the worker lost its queue")
                    await self._pause(BEAT)
            asking.cancel()
        with contextlib.suppress(Exception):
            self._studio.store.workers.leave(self._worker.id)

    async def _work(self) -> None:
        """Work until the stop, or until the queue can't be reached."""
        assert self._stop is not None
        async with self._queue.open_async():
            worker = asyncio.create_task(
                self._queue.run_worker_async(
                    queues=[QUEUE],
                    concurrency=AT_ONCE,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=_GRACE,
                    update_heartbeat_interval=BEAT,
                    stalled_worker_timeout=GONE,
                    fetch_job_polling_interval=1.0,
                    delete_jobs="always",
                )
            )
            tending = asyncio.create_task(self._tend())
            stopping = asyncio.create_task(self._stop.wait())
            await asyncio.wait({worker, tending, stopping}, return_when="FIRST_COMPLETED")
            self._break_off()
            for job in (tending, stopping, worker):
                job.cancel()
            last = asyncio.get_running_loop().call_later(self._drain_for, self._break_off, True)
            found = await asyncio.gather(worker, tending, stopping, return_exceptions=True)
            last.cancel()
        for fault in found:
            if isinstance(fault, Exception) and not self._stop.is_set():
                raise fault

    def _break_off(self, everything: bool = False) -> None:
        """End looks and downloads, which are done again by others; creates on the wire may finish."""
        posting = self._tools.posting if self._tools and not everything else set()
        for task_id, step in list(self._steps.items()):
            if task_id not in posting:
                step.cancel()

    async def _tend(self) -> None:
        while True:
            self._beat()
            self._rows_wait = feed(self._studio)
            for job in await self._queue.job_manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=GONE
            ):
                await self._give_back(job)
            manager = self._queue.job_manager
            doing = list(await manager.list_jobs_async(queue=QUEUE, status="doing"))
            todo = await manager.list_jobs_async(queue=QUEUE, status="todo")
            await self._free_own(doing)
            self._remind_again({job.lock for job in (*doing, *todo)})
            await asyncio.sleep(BEAT)

    async def _free_own(self, doing: list[Job]) -> None:
        """Give back jobs of ours that nobody works on: their end could not be written down.

        Seen twice, because a job is taken a moment before its step begins.
        """
        idle = {
            job.id: job
            for job in doing
            if job.worker_id in self._ids and job.lock not in self._steps
        }
        for number in idle.keys() & self._idle:
            await self._give_back(idle[number])
        self._idle = set(idle)

    async def _give_back(self, job: Job) -> None:
        """Have a job done again by anybody; it is not needed where the same reminder waits already."""
        manager = self._queue.job_manager
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, status=Status.ABORTED, delete_job=True)

    def _beat(self) -> None:
        now = datetime.now(UTC)
        workers = self._studio.store.workers
        if self._tools is not None:
            self._studio.connections.allow_sandbox(self._tools.http)
        workers.beat(self._worker.model_copy(update={"heartbeat_at": now}))

    def _remind_again(self, known: set[str | None]) -> None:
        """Write a reminder for each open task that has none among the `known` ones."""
        database = self._studio.store.database
        for task_id, found in self._studio.store.tasks.open_ones().items():
            if task_id not in known:
                with database.write() as sql:
                    database.made_due(sql, task_id, found.due)

    async def _step(self, context: procrastinate.JobContext, task_id: str) -> None:
        """Do what is next for a task, if it is due: a later write may have made this reminder stale."""
        if self._stop is None or self._stop.is_set():
            self._leave_to_others(task_id)
            return
        tools = self._tools
        if context.job.worker_id is not None:
            self._ids.add(context.job.worker_id)
        if task_id.startswith(REMINDER):
            self._rows_wait = feed(self._studio)
            return
        task = self._studio.store.tasks.get(task_id)
        if tools is None or task is None or task.next_at is None or task.next_at > tools.now():
            return
        step = asyncio.ensure_future(advance(tools, task_id))
        self._steps[task_id] = step
        try:
            next_at = await step
            if self._rows_wait and (task.status is TaskStatus.QUEUED or next_at is None):
                self._rows_wait = feed(self._studio)  # it has made room for another
        except asyncio.CancelledError:
            self._leave_to_others(task_id)
        finally:
            self._steps.pop(task_id, None)

    def _leave_to_others(self, task_id: str) -> None:
        """Write a reminder for a task whose step a stop broke off: whoever is first takes it up."""
        task, database = self._studio.store.tasks.get(task_id), self._studio.store.database
        if task is not None and task.next_at is not None:
            with database.write() as sql:
                database.made_due(sql, task_id, task.next_at)

    async def _pause(self, seconds: float) -> None:
        assert self._stop is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()


def _database(studio: Studio) -> PostgresDatabase:
    database = studio.store.database
    assert isinstance(database, PostgresDatabase)
    return database
