"""Runs the command line as a person does: as a process, on a home of its own."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.forked import Forked
from tests.relay import Relay

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
STOP = 10.0
"""Seconds that a stop may take."""


class CommandLine:
    """``python -m runway_core …`` on one home."""

    def __init__(self, home: Path, **environment: str) -> None:
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
        self.environment = kept | {"RUNWAY_HOME": str(home), "RUNWAY_SANDBOX_SPEED": "100"}
        self.environment |= environment

    def start(self, *words: str) -> subprocess.Popen[str]:
        return Forked(["runway_core", *words], environment=self.environment, folder=ROOT)

    def run(self, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        process = self.start(*words)
        out, err = process.communicate(timeout=60)
        assert process.returncode == code, f"{words}: exit {process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def json(self, *words: str, code: int = 0) -> Any:
        """What a command prints with ``--json``; it must be one value and nothing else."""
        return json.loads(self.run(*words, "--json", code=code).stdout)


class Listened:
    """A process, and what it says on standard error."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self._more = threading.Condition()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def until_said(self, *words: str) -> None:
        """Wait until it has said one of these."""
        with self._more:
            heard = self._more.wait_for(lambda: any(one in self.said for one in words), PATIENCE)
        assert heard, self.said

    def end(self) -> int:
        """Its exit code; it must have ended within the time that a stop may take."""
        code = self.process.wait(STOP)
        self._reading.join(PATIENCE)
        self.process.communicate()
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._more:
                self.said += line
                self._more.notify_all()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(process: subprocess.Popen[str]) -> int:
    """SIGTERM, and the exit code; it must end within ten seconds."""
    process.terminate()
    process.communicate(timeout=STOP)
    return process.returncode


def wait_for_port(port: int, process: subprocess.Popen[str]) -> None:
    ends = time.monotonic() + 20
    while True:
        assert process.poll() is None, process.communicate()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < ends
        select.select([], [], [], 0.05)


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "home")


@pytest.fixture
def relay() -> Iterator[Relay]:
    server = Relay()
    yield server
    server.close()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.linear_gradient("L").resize((800, 500)).convert("RGB").save(path)
    return path
