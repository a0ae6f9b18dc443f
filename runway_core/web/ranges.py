"""Answers with the asked bytes of a file that lies elsewhere, read a piece at a time.

For a file on this machine's disk Starlette's own ``FileResponse`` does the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

Read = Callable[[int, int], Iterator[bytes]]
"""Gives the bytes from one place in the file up to, and without, another."""


def ranged(
    request: Request, read: Read, *, size: int, etag: str, mime: str, headers: dict[str, str]
) -> Response:
    """The whole file, or the one range that is asked for; nothing is read for a HEAD.

    The first piece is read before the answer begins, so that a storage that is down is an error and not a
    file that breaks off.

    Raises:
        StorageError: the first piece can't be read.
    """
    headers = headers | {"Accept-Ranges": "bytes", "ETag": etag}
    asked = request.headers.get("range", "")
    span = _span(asked, size) if request.headers.get("if-range", etag) == etag else None
    if span == (0, 0):
        return PlainTextResponse(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = span or (0, size)
    if span:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    status = 206 if span else 200
    if request.method == "HEAD":
        return Response(status_code=status, media_type=mime, headers=headers)
    pieces = read(start, end)
    first = next(pieces, b"")
    return StreamingResponse(
        chain((first,), pieces), status_code=status, media_type=mime, headers=headers
    )


def disposition(kind: str, filename: str) -> str:
    """``Content-Disposition``; letters beyond ASCII as RFC 5987 writes them."""
    plain = quote(filename)
    if plain == filename:
        return f'{kind}; filename="{filename}"'
    return f"{kind}; filename*=utf-8''{plain}"


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """Where the asked range begins and ends; None for the whole file, ``(0, 0)`` when it lies beyond it.

    What is no range, or several at once, is passed over, as RFC 9110 (14.2) allows.
    """
    unit, _, spec = asked.partition("=")
    first, dash, last = (part.strip() for part in spec.partition("-"))
    digits = all(re.fullmatch("[0-9]{0,18}", part) for part in (first, last))
    if unit.strip().lower() != "bytes" or not dash or not digits or not (first or last):
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last or size) + 1, size)
        if last and int(last) < start:
            return None
    return (start, end) if start < min(end, size) else (0, 0)
