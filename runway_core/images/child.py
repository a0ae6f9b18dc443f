"""What a process does that decodes one foreign file: `runway_core.images.server` forks it, and nobody else.

The file is its standard input; what it finds is its standard output, as records: a line of JSON that
ends with the number of bytes after it, then those bytes. The last record says how it ended.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

from PIL import Image

from runway_core.errors import InvalidInputError

MEMORY = 276 * 1024**2
"""Bytes of its own; with the libraries it shares, it stays below 300 MiB. Held by Linux only."""
ADDRESSES = 1024**3
"""Bytes of addresses, for systems that count those only."""

Found = Iterator[tuple[dict[str, Any], bytes]]


def load(work: str) -> None:
    """Load what a kind of work needs, ahead of the first file of it."""
    if work == "picture":
        Image.preinit()
    else:
        import runway_core.images.film  # noqa: F401 - FFmpeg is large, and pictures do without


def decode(told: str) -> None:
    """Decode standard input as the JSON in `told` says."""
    wanted = json.loads(told)
    _hold_to_limits(wanted["seconds"])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write between our records
    with out, os.fdopen(0, "rb", closefd=False) as source:
        end = ""
        try:
            for facts, data in _WORKS[wanted["work"]](source, wanted):
                _put(out, facts, data)
        except InvalidInputError as error:
            end = error.problems[0].message
        except MemoryError:
            end = "needs too much memory to be read; make it smaller."
        except Exception:  # noqa: BLE001 - decoders raise dozens of unrelated types on foreign bytes
            end = "is damaged or incomplete"
        _put(out, {"end": end}, b"")


def _put(out: BinaryIO, record: dict[str, Any], data: bytes) -> None:
    out.write(json.dumps({**record, "bytes": len(data)}).encode() + b"\n" + data)
    out.flush()


def limit(name: str, most: int) -> None:
    """Let the system refuse this process, and those that it forks, more than that; see ``setrlimit``."""
    kind: int = getattr(resource, name, -1)
    with suppress(ValueError, OSError):
        hard = resource.getrlimit(kind)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (least, least))


def _hold_to_limits(seconds: float) -> None:
    """Let the system end or refuse what runs away.

    macOS refuses to limit memory: there the limits on the file and the clock of whoever asked hold.
    """
    whole = math.ceil(seconds)
    for name, most in (
        ("RLIMIT_CORE", 0),  # a dump of memory would hold the picture
        ("RLIMIT_FSIZE", 0),  # pipes are no files
        ("RLIMIT_DATA", MEMORY),
        ("RLIMIT_AS", ADDRESSES),
        ("RLIMIT_CPU", whole),
    ):
        limit(name, most)
    # Should whoever forked us be gone, nobody else ends us.
    signal.alarm(whole + 1)


def _picture(source: BinaryIO, wanted: dict[str, Any]) -> Found:
    from runway_core.images.opening import open_header
    from runway_core.images.picture import SIDE_MAX
    from runway_core.images.pixels import jpeg, plain

    image = plain(open_header(source.read(), "picture"), longest=SIDE_MAX)
    yield {"width": image.width, "height": image.height}, jpeg(image, quality=95)


def _film(source: BinaryIO, wanted: dict[str, Any]) -> Found:
    from runway_core.images.film import looks

    return looks(source, demuxer=wanted["demuxer"], still=wanted["still"])


def _last_frame(source: BinaryIO, wanted: dict[str, Any]) -> Found:
    from runway_core.images.film import last_frame

    return last_frame(source, demuxer=wanted["demuxer"])


def _strip(source: BinaryIO, wanted: dict[str, Any]) -> Found:
    from runway_core.images.film import strip

    return strip(source, demuxer=wanted["demuxer"])


_WORKS: dict[str, Callable[[BinaryIO, dict[str, Any]], Found]] = {
    "picture": _picture,
    "film": _film,
    "last frame": _last_frame,
    "strip": _strip,
}
