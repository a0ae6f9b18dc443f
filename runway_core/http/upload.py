"""What a storage's answer to an upload means, and the file that is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import httpx

from runway_core.errors import (
    ProviderError,
    RateLimitError,
    ServerError,
    StorageError,
    UnexpectedReplyError,
)
from runway_core.http.call import OURS, Call
from runway_core.http.reply import Reply, request_id, retry_after


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A kept file, to be read while it is sent.

    Raises:
        StorageError: it can't be opened.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise StorageError(f"A file that is kept here can't be read: {error.strerror}.") from None
    with file:
        yield file


def form(
    call: Call, file: BinaryIO, *, fields: Mapping[str, str], filename: str, mime: str
) -> httpx.AsyncByteStream:
    """The body of an upload, whose headers are added to the call: every field in order, then the file."""
    made = httpx.Request(
        call.method,
        call.at,
        headers=OURS,
        data=dict(fields),
        files={"file": (filename, file, mime)},
    )
    call.headers = dict(made.headers)
    assert isinstance(made.stream, httpx.AsyncByteStream)
    return made.stream


def not_taken(reply: Reply, *, host: str) -> ProviderError:
    """Our error for a storage that did not take a file."""
    status, number = reply.status, request_id(reply.headers) or None
    if status == 429:
        return RateLimitError(
            f"{host} asks to wait: too many uploads.",
            retry_after=retry_after(reply.headers),
            status_code=status,
            request_id=number,
        )
    if status in (408, 409) or 500 <= status < 600:
        return ServerError(
            f"{host} failed to take the file (HTTP {status}).",
            hint="Nothing was charged: uploads are free.",
            status_code=status,
            request_id=number,
        )
    return UnexpectedReplyError(
        f"{host} did not take the file (HTTP {status}).",
        hint="Nothing was charged: uploads are free. Try again, or use a link to the file.",
        status_code=status,
        request_id=number,
    )
