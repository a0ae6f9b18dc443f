"""What it takes to follow 2,000 open tasks, against a bare httpx loop and Runway's own client.

All three ask the same provider in the same run; each in a process of its own, whose CPU and memory are
measured. Run it as ``python -m benchmarks.following``; the goals are at most 1.5 times the CPU of the
bare loop for each request, and at most 100 MB over the engine without tasks.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.provider import SPAWN, Provider, provider
from runway_core.domain import GenerationRequest, TaskStatus, TaskUpdate
from runway_core.engine import LocalEngine
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from runway_core.studio.adopting import Found

TASKS = 2000
THREADS = 200
"""Of the official client: it needs one for each task."""
SECONDS = 20.0
CONNECTIONS = 8
KEY = "key_" + "0" * 128
CPU_GOAL, MEMORY_GOAL = 1.5, 100.0


def _peak() -> float:
    """The most memory that this process has had, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def follow(port: int, home: str) -> tuple[float, int, float]:
    """Follow the tasks with the engine; CPU seconds, requests, MB over the engine without tasks."""
    there = Provider(port)
    hosts = frozenset({("127.0.0.1", port)})
    studio = open_studio(Settings(home=Path(home), private_hosts=hosts))
    engine = LocalEngine(studio)
    engine.start()
    time.sleep(2)
    idle = _peak()
    _record(studio, there.url)
    time.sleep(2)
    before, began = there.requests(), time.process_time()
    time.sleep(SECONDS)
    used, asked = time.process_time() - began, there.requests() - before
    grown = _peak() - idle
    engine.stop()
    studio.close()
    return used, asked, grown


def _record(studio: Studio, url: str) -> None:
    """Tasks that are running at the provider, looked at for the first time spread over one gap."""
    connection = studio.connections.add("bench", profile="runway", base_url=url, key=KEY)
    now = datetime.now(UTC)
    for number in range(TASKS):
        found = Found(
            remote_id=str(uuid.uuid4()),
            update=TaskUpdate(status=TaskStatus.RUNNING, progress=0.0, created_at=now),
            request=GenerationRequest(capability=None, model="gen4.5"),
            event="adopted",
            next_look=now + timedelta(seconds=5 + 5 * number / TASKS),
        )
        studio.adopting.record(connection, found)


def ask(port: int, number: int) -> tuple[float, int, float]:
    """Ask as often with nothing around it."""
    began = time.process_time()
    asyncio.run(_ask(f"http://127.0.0.1:{port}/v1/tasks/", number))
    return time.process_time() - began, number, 0.0


async def _ask(url: str, number: int) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "X-Runway-Version": "2024-11-06"}
    limits = httpx.Limits(max_connections=CONNECTIONS)
    numbers = iter(range(number))
    async with httpx.AsyncClient(headers=headers, limits=limits, trust_env=False) as client:

        async def some() -> None:
            for _ in numbers:
                (await client.get(f"{url}{uuid.uuid4()}")).json()

        await asyncio.gather(*(some() for _ in range(CONNECTIONS)))


def wait(port: int) -> tuple[float, int, float]:
    """Wait for tasks with Runway's own client, in threads."""
    from runwayml import RunwayML

    there = Provider(port)
    client = RunwayML(api_key=KEY, base_url=there.url, max_retries=0)
    ids = [str(uuid.uuid4()) for _ in range(THREADS)]
    client.tasks.retrieve(ids[0])  # what is loaded at the first request is not counted
    idle, before, began = _peak(), there.requests(), time.process_time()

    def one(task_id: str) -> None:
        try:
            client.tasks.retrieve(task_id).wait_for_task_output(timeout=SECONDS)
        except Exception as error:
            if type(error).__name__ != "TaskTimeoutError":
                raise

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, ids))
    return time.process_time() - began, there.requests() - before, _peak() - idle


def in_a_process(work: Callable[..., Any], *arguments: Any) -> Any:
    """What `work` gives in a process of its own."""
    answers = SPAWN.Queue()
    process = SPAWN.Process(target=_tell, args=(answers, work, arguments), daemon=True)
    process.start()
    found = answers.get(timeout=600)
    process.join()
    return found


def _tell(answers: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    answers.put(work(*arguments))


def main() -> None:
    """Follow, ask and wait, one after the other, and print a line for each."""
    with provider() as there, tempfile.TemporaryDirectory() as home:
        used, asked, grown = in_a_process(follow, there.port, home)
        bare, same, _ = in_a_process(ask, there.port, asked)
        peer, waited, heavier = in_a_process(wait, there.port)
    ours, base, theirs = used / asked * 1000, bare / same * 1000, peer / waited * 1000
    sys.stdout.write(
        f"following     {TASKS} tasks, {asked} looks in {SECONDS:.0f} s: {ours:.2f} ms CPU each, "
        f"bare httpx {base:.2f} ms: {ours / base:.2f} x (goal {CPU_GOAL} x)\n"
        f"memory        {grown:.0f} MB over the engine without tasks (goal {MEMORY_GOAL:.0f} MB)\n"
        f"official SDK  {THREADS} tasks in threads, {waited} looks: {theirs:.2f} ms CPU each, "
        f"{theirs / base:.2f} x bare httpx, {heavier:.0f} MB over idle\n"
    )


if __name__ == "__main__":
    main()
