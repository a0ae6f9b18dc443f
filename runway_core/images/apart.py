"""Decodes what other people made in a process of its own, which ends with the file.

Decoders are large programs in C, and hostile files are written for their faults. So each file gets a
fresh process without keys or other files, with limits on time and memory (`runway_core.images.child`);
whatever happens in it, this process goes on, and what comes back is checked like any foreign bytes.

Nothing is forked: the app has many threads, and a fork copies their locks without them.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

SECONDS = 10.0
"""Longest that one file may take, by the clock."""
ANSWER_MAX = 64 * 1024 * 1024
"""Bytes; a JPEG of 3840 × 3840 pixels of noise has half of it."""
AT_ONCE = 4
"""Files decoded at the same time; the others wait, and their time does not run. See `child.MEMORY`."""

_START = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from runway_core.images.child import main; main(sys.argv[1])"
)
_NEEDED = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All of the environment that goes along: where systems look for libraries."""

_RECORDS_MAX = 8
_RECORD_MAX = 4096
"""Bytes of a record's line."""
_STOPPED = "could not be read"
_BUSY = "could not be read: this computer can't start what reads it. Try again in a moment."

log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(AT_ONCE)

Work = Literal["picture", "film"]


@dataclass(frozen=True)
class Outcome:
    """What was found in a file before the process ended, whether or not it came to its end."""

    fault: str = ""
    """Why it did not, as the rest of a sentence about the file; empty when it did."""
    facts: dict[str, Any] = field(default_factory=dict)
    """Foreign: a decoder that was taken over may say anything here."""
    data: bytes = b""

    def words(self, advice: str) -> str:
        """The fault as a sentence; with `advice` where it does not say itself what to do."""
        fault = self.fault or _STOPPED
        return fault if fault.endswith(".") else f"{fault}; {advice}"


def apart(
    work: Work, source: bytes | BinaryIO, *, seconds: float = SECONDS, **wanted: str | bool
) -> Outcome:
    """Decode a file, or bytes, in a process of its own; `work` says as what, `wanted` how.

    An open `source` needs a descriptor and is read from where it stands. Never raises for what is
    in the file. The process is gone when this returns.
    """
    told = json.dumps({"work": work, "seconds": seconds, **wanted})
    with _places:
        try:
            answer, fault = _answer(told, source, seconds)
        except (OSError, RuntimeError) as error:
            # No memory, descriptor or thread is free: nothing is wrong with the file.
            answer, fault = b"", _BUSY
            log.warning("no process for reading a %s could be started: %s", work, error)
    outcome = outcome_of(answer, fault)
    if outcome.fault:
        log.info("a %s that was looked into %s", work, outcome.fault)
    return outcome


def _answer(told: str, source: bytes | BinaryIO, seconds: float) -> tuple[bytes, str]:
    """All that the process said, and why it had to be ended if it said no end.

    Raises:
        OSError, RuntimeError: it could not be started.
    """
    given = subprocess.PIPE if isinstance(source, bytes) else source
    with _running(told, given) as process:
        late = threading.Event()
        clock = threading.Timer(seconds, _end, (process, late))
        clock.start()
        try:
            if isinstance(source, bytes):
                _feed(process, source)
            answer = _heard(process)
        finally:
            clock.cancel()
            clock.join()
    if late.is_set():
        return answer, f"could not be read within {seconds:g} seconds"
    return answer, ""


@contextmanager
def _running(told: str, given: int | BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
    """A process, dead and buried afterwards.

    It finds our code and its libraries where this process does, and runs nothing else at its start.
    """
    paths = [str(Path(__file__).parents[2]), *(p for p in sys.path if p)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-ISB", "-c", _START, told, *(str(Path(p).absolute()) for p in paths)],
        stdin=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _NEEDED if name in os.environ},
        start_new_session=True,  # Ctrl-C is for the app, which ends its work in order
    )
    try:
        yield process
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait()


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _feed(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    with suppress(OSError):  # it may have been ended meanwhile
        process.stdin.write(data)
        process.stdin.close()


def _heard(process: subprocess.Popen[bytes]) -> bytes:
    """All that it says until it ends or says more than anything true can be."""
    assert process.stdout is not None
    heard = bytearray()
    while len(heard) < ANSWER_MAX and (piece := os.read(process.stdout.fileno(), 1024 * 1024)):
        heard += piece
    return bytes(heard)


def outcome_of(answer: bytes, fault: str = "") -> Outcome:
    """What the last whole record says; the process writes one when it knows more, and one at its end.

    `fault` is why it was ended, if it was. Whatever the bytes are, nothing is raised.
    """
    facts: dict[str, Any] = {}
    data, at = b"", 0
    with suppress(ValueError, TypeError, AttributeError, KeyError, RecursionError):
        for _ in range(_RECORDS_MAX):
            ends = answer.index(b"\n", at, at + _RECORD_MAX)
            record = json.loads(answer[at:ends])
            size, at = record.pop("bytes"), ends + 1
            if "end" in record:
                return Outcome(str(record["end"])[:200], facts, data)
            if not 0 <= size <= len(answer) - at:
                break
            facts, data, at = record, answer[at : at + size], at + size
    return Outcome(fault or _STOPPED, facts, data)
