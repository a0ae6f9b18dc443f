"""Programs of ours, started as processes of their own by a server that has loaded them already.

``python -m runway_core …`` takes most of a second of the processor to load what it needs, and the app three, in each
of some hundred tests. Started from here they are what they always are: processes with their own environment,
files and signals, which can be killed. Some tests start them in the usual way all the same.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import IO, Any

from tests.children import start


class Forked(subprocess.Popen[str]):
    """A running program, to be used like any other."""

    _child_created = False  # the server is its parent, and waits for it

    def __init__(
        self,
        words: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: IO[bytes] | None = None,
    ) -> None:
        """Start ``python -m`` with these words; what it says goes to `log`, or can be read from here."""
        pipes = [] if log else [os.pipe(), os.pipe()]
        ends = [log.fileno()] * 2 if log else [writing for _, writing in pipes]
        given = (list(words), dict(environment), str(folder), *map(DupFd, ends))
        self._process = start(_run, *given)
        self.args, self.pid, self.stdin = list(words), self._process.pid or 0, None
        self.stdout = self.stderr = None
        if pipes:
            for end in ends:
                os.close(end)
            self.stdout, self.stderr = (os.fdopen(end, encoding="utf-8") for end, _ in pipes)

    @property
    def returncode(self) -> int | None:  # type: ignore[override]  # there it is kept, here it is asked for
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return self.returncode

    def communicate(self, input: Any = None, timeout: float | None = None) -> tuple[str, str]:
        """All that it says until its end; nothing of what has been read before."""
        with ThreadPoolExecutor(2) as readers:
            said = [readers.submit(_rest, pipe) for pipe in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()  # or the readers would wait for ever
                raise
        out, err = (each.result() for each in said)
        return out, err

    def send_signal(self, sig: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, sig)


def _rest(pipe: IO[str] | None) -> str:
    if pipe is None or pipe.closed:
        return ""
    with pipe:
        return pipe.read()


def _run(words: list[str], environment: dict[str, str], folder: str, out: Any, err: Any) -> None:
    """In the new process: become what ``python -m`` with these words would be."""
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    for number, end in ((1, out), (2, err)):
        own = end.detach()
        os.dup2(own, number)
        os.close(own)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)
