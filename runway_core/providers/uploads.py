"""A place at Runway's storage for a file that is too large to go inside a request.

Source: docs.dev.runwayml.com/assets/uploads and Runway's OpenAPI of 2026-08-08: POST /v1/uploads gives a
form, the file is sent with it, and ``runway://…`` then stands for the file for 24 hours.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runway_core.catalog import UPLOAD_MAX
from runway_core.domain import Exchange
from runway_core.errors import InvalidInputError, Problem, StorageError
from runway_core.http import Observe, Reply
from runway_core.providers.refusals import Who, problem_error
from runway_core.providers.replies import read_document

UPLOAD_MIN = 512
"""Bytes."""
BYTES_PER_SECOND = 100_000
"""The slowest upload that is waited for."""
_ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "image/webp": (".webp",),
    "video/mp4": (".mp4", ".m4v"),
    "video/webm": (".webm",),
    "video/quicktime": (".mov",),
    "video/ogg": (".ogv", ".ogg"),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/x-wav": (".wav",),
    "audio/flac": (".flac",),
    "audio/aac": (".aac",),
    "audio/mp4": (".m4a",),
    "audio/ogg": (".ogg", ".oga"),
}


class Slot(BaseModel):
    """Where one file may be sent, once, as POST /v1/uploads tells it."""

    model_config = ConfigDict(frozen=True, strict=True)

    url: str = Field(alias="uploadUrl", pattern=r"^https?://[!-~]{1,8000}$")
    form: dict[str, str] = Field(alias="fields", max_length=100)
    uri: str = Field(alias="runwayUri", pattern=r"^runway://[!-~]{4,4991}$")
    """What stands for the file in a request."""


def read_slot(reply: Reply, who: Who) -> Slot:
    """Read the answer to POST /v1/uploads.

    Raises:
        ProviderError: whatever the answer means; UnexpectedReplyError when it gives no place.
    """
    top = read_document(reply, who, "account")[0]
    with suppress(ValidationError):
        slot = Slot.model_validate(top)
        if "file" not in slot.form:
            return slot
    raise problem_error("strange", reply, who)


def file_size(path: Path, filename: str) -> int:
    """Bytes of a file that may be uploaded.

    Raises:
        InvalidInputError: it is too small or too large; names the field ``media``.
        StorageError: it can't be looked at.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise StorageError(f"A file that is kept here can't be read: {error.strerror}.") from None
    if not UPLOAD_MIN <= size <= UPLOAD_MAX:
        most = UPLOAD_MAX // 1024**2
        words = f"{filename} has {size:,} bytes; an upload has {UPLOAD_MIN} bytes to {most} MiB."
        raise InvalidInputError(Problem("media", words))
    return size


def upload_name(filename: str, mime: str) -> str:
    """A name that Runway takes: 3 to 255 characters, with an ending that fits the kind of file."""
    plain = "".join(c for c in filename if c.isprintable() and c not in '\\/:*?"<>|').strip(" .")
    stem, dot, ending = plain.rpartition(".")
    fitting = _ENDINGS.get(mime, ())
    if dot and (not fitting or f".{ending.lower()}" in fitting):
        suffix = f".{ending[:10]}"
    else:
        stem, suffix = plain, next(iter(fitting), "")
    return f"{stem[: 200 - len(suffix)] or 'file'}{suffix}"


def upload_seconds(size: int) -> float:
    """How long an upload of that many bytes is waited for."""
    return 60 + size / BYTES_PER_SECOND


def without_slot(observe: Observe | None) -> Observe | None:
    """Tells of an exchange without the form it gave: who has it can send a file in our name."""
    if observe is None:
        return None

    def tell(exchange: Exchange) -> None:
        given = exchange.status_code is not None and 200 <= exchange.status_code < 300
        body = "(a place for the file)" if given else exchange.response_body
        observe(exchange.model_copy(update={"response_body": body}))

    return tell
