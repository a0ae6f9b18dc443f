"""The processes that read uploads, as Linux tells of them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def children(process: int) -> list[int]:
    """Of any of its threads."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*"):
        with suppress(OSError):
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def servers(app: int = 0) -> list[int]:
    """The servers of decoders that an app, or this test, has."""
    return [child for child in children(app or os.getpid()) if _serves(child)]


def decoders(app: int = 0) -> list[int]:
    """The processes that decode files for an app, or for this test."""
    return [child for server in servers(app) for child in children(server)]


def _serves(process: int) -> bool:
    with suppress(OSError):
        return b"runway_core.images.server" in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


def processor_seconds() -> float:
    """What the server of this process and all its decoders have taken of the processor; in hundredths."""
    used = 0
    for server in servers():
        # After the name, which may hold anything: user and system, of itself and of its dead children.
        told = Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()
        used += sum(int(ticks) for ticks in told[11:15])
    return used / _TICKS
