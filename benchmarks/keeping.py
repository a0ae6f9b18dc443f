"""How long after a provider has finished a video its file is kept here.

Run it as ``python -m benchmarks.keeping``; the goal is that of 20 at least 19 are kept within one gap
between two looks and a second.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.provider import Provider, provider
from runway_core.catalog import catalog
from runway_core.domain import Capability, GenerationRequest, Task
from runway_core.engine import LocalEngine
from runway_core.settings import Settings
from runway_core.store import TaskQuery
from runway_core.studio import Studio, open_studio

VIDEOS = 40
LAST = 30.0
"""Seconds until the last one is finished."""
JITTER = 1.25
"""Most that a gap is longer than the profile's floor."""
PROFILE = "runway"


def _ask(studio: Studio, there: Provider) -> None:
    key = "key_" + "0" * 128
    connection = studio.connections.add("bench", profile=PROFILE, base_url=there.url, key=key)
    for number in range(VIDEOS):
        request = GenerationRequest(
            capability=Capability.TEXT_TO_VIDEO,
            model="gen4.5",
            prompt=f"{3 + LAST * number / VIDEOS:.2f}",
            ratio="1280:720",
            duration=5,
            seed=number,
        )
        studio.tasks.submit(request, connection=connection, token=str(number))


def _until_kept(studio: Studio) -> tuple[Task, ...]:
    ends = time.monotonic() + 4 * LAST
    while True:
        found = studio.tasks.page(TaskQuery(limit=VIDEOS)).tasks
        if all(task.artifacts for task in found) or time.monotonic() > ends:
            return found
        time.sleep(0.5)


def main() -> None:
    """Make videos that end one after the other, and print the median and the 95th of a hundred."""
    floor = catalog().profile(PROFILE).poll_floor
    with provider() as there, tempfile.TemporaryDirectory() as home:
        hosts = frozenset({("127.0.0.1", there.port)})
        studio = open_studio(Settings(home=Path(home), private_hosts=hosts))
        engine = LocalEngine(studio)
        engine.start()
        _ask(studio, there)
        found, ended = _until_kept(studio), there.ended()
        waits = sorted(_wait(studio, task, ended) for task in found if task.artifacts)
        engine.stop()
        studio.close()
    median, late = statistics.median(waits), waits[int(len(waits) * 0.95) - 1]
    sys.stdout.write(
        f"kept          {len(waits)} of {VIDEOS} videos, {median:.1f} s after the provider had finished, "
        f"95th {late:.1f} s, with a look every {floor:.0f}-{floor * JITTER:.1f} s "
        f"(goal {floor * JITTER + 1:.1f} s)\n"
    )


def _wait(studio: Studio, task: Task, ended: dict[str, float]) -> float:
    kept = next(event.at for event in studio.tasks.events(task.id) if event.kind == "KEPT")
    return kept.timestamp() - ended[task.remote_id or ""]


if __name__ == "__main__":
    main()
