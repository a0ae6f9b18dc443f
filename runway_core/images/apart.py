"""Decodes what other people made in a process of its own, which ends with the file.

Decoders are large programs in C, and hostile files are written for their faults. So each file gets a
fresh process without keys or other files, with limits on time and memory (`runway_core.images.child`);
whatever happens in it, this process goes on, and what comes back is checked like any foreign bytes.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from socket import socket
from typing import Any, BinaryIO, Literal

from runway_core.images.decoders import decoders, let_go

SECONDS = 10.0
"""Longest that one file may take, by the clock."""
ANSWER_MAX = 64 * 1024 * 1024
"""Bytes; a JPEG of 3840 × 3840 pixels of noise has half of it."""
AT_ONCE = 4
"""Files decoded at the same time; the others wait, and their time does not run. See `child.MEMORY`."""

_RECORDS_MAX = 8
_RECORD_MAX = 4096
"""Bytes of a record's line."""
_STOPPED = "could not be read"
_BUSY = "could not be read: this computer can't start what reads it. Try again in a moment."

log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(AT_ONCE)

Work = Literal["picture", "film", "last frame", "strip"]


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
    late = threading.Event()
    with ExitStack() as ours:
        heard, said = _pipe(ours)
        given, feed = _pipe(ours) if isinstance(source, bytes) else (source, None)
        leash = ours.enter_context(decoders.running(told, given.fileno(), said.fileno()))
        said.close()  # the process has its own
        clock = threading.Timer(seconds, _end, (leash, late))
        clock.start()
        try:
            if isinstance(source, bytes) and feed is not None:
                given.close()
                _feed(feed, source)
            answer = _heard(heard)
        finally:
            clock.cancel()
            clock.join()
    if late.is_set():
        return answer, f"could not be read within {seconds:g} seconds"
    return answer, ""


def _pipe(ours: ExitStack) -> tuple[BinaryIO, BinaryIO]:
    """Its ends for reading and for writing, closed in the end."""
    reading, writing = os.pipe()
    return (
        ours.enter_context(os.fdopen(reading, "rb", 0)),
        ours.enter_context(os.fdopen(writing, "wb", 0)),
    )


def _end(leash: socket, late: threading.Event) -> None:
    late.set()
    let_go(leash)


def _feed(pipe: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    with suppress(OSError), pipe:  # it may have been ended meanwhile
        while rest:
            rest = rest[pipe.write(rest) :]


def _heard(pipe: BinaryIO) -> bytes:
    """All that it says until it ends or says more than anything true can be."""
    heard = bytearray()
    while len(heard) < ANSWER_MAX and (piece := os.read(pipe.fileno(), 1024 * 1024)):
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
