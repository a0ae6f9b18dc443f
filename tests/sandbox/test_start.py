"""How the sandbox starts, and what many tasks do to it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from tests.sandbox.conftest import StartSandbox, create, image_body

MANY = 300
SECONDS_MAX = 3.0


def test_codecs_are_not_loaded_before_the_first_video() -> None:
    code = (
        "import sys; from pathlib import Path; from runway_core.sandbox import create_app;"
        "create_app(folder=Path(sys.argv[1]));"
        "print(sorted({'av', 'PIL', 'PIL.Image'} & set(sys.modules)))"
    )
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True
        )
    assert run.stdout.strip() == "[]"


def test_many_tasks_are_taken_and_a_stop_does_not_wait_for_them(
    start_sandbox: StartSandbox, record_property: Callable[[str, object], None]
) -> None:
    sandbox = start_sandbox(speed=1)
    begun = time.monotonic()
    for _ in range(MANY):
        create(sandbox.official, image_body(duration=10))
    taken = time.monotonic() - begun
    record_property(f"{MANY} creates, seconds", round(taken, 1))
    begun = time.monotonic()
    sandbox.stop()
    stopped = time.monotonic() - begun
    record_property(f"stop with {MANY} open tasks, seconds", round(stopped, 2))
    assert stopped < SECONDS_MAX
