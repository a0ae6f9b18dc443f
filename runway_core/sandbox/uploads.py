"""Files that are sent before the request that uses them: a slot, a multipart POST, and a ``runway://`` address."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from runway_core.domain import Noun
from runway_core.sandbox import intake
from runway_core.sandbox.dialects import OFFICIAL
from runway_core.sandbox.issues import MISSING, Issues
from runway_core.sandbox.shelf import Shelf, write_atomically

if TYPE_CHECKING:
    from runway_core.sandbox.api import Desk

SIZE_MIN, SIZE_MAX = 512, 200 * 1024 * 1024
"""Bytes of an uploaded file (docs.dev.runwayml.com/assets/uploads)."""
FORM_MAX = 64 * 1024
"""Bytes of a form besides its file."""
NAME_MIN, NAME_MAX = 3, 255
"""Characters of a file's name (Runway OpenAPI of 2026-08-08)."""
ENDINGS = (
    *("jpg", "jpeg", "png", "webp"),
    *("mp4", "m4v", "mov", "webm", "ogv", "mkv", "h264"),
    *("mp3", "m4a", "aac", "flac", "wav", "ogg", "opus"),
)
"""Of pictures, videos and sounds that Runway takes; which ones exactly is assumed."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class Slot(Noun):
    """A place for one file."""

    owner: str
    filename: str
    policy: str
    """What the form must hold to show that it may write here."""
    expires: datetime


class StorageRefused(Exception):  # noqa: N818 - an answer, not a fault of ours
    """The file host takes no such form."""

    def __init__(self, status_code: int, code: str, message: str) -> None:
        super().__init__(message)
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        self.response = Response(body, status_code, media_type="application/xml")


class Uploads:
    """Uploaded files of one state folder; each is gone when its time is over."""

    def __init__(self, shelf: Shelf, ttl: float) -> None:
        """`ttl` is how many seconds a file can be used."""
        self._folder = shelf.uploads
        self._ttl = ttl
        self.clean()

    def open(self, filename: str, *, owner: str) -> tuple[str, Slot]:
        """Make a slot; return its token and what it is.

        Raises:
            OSError: the folder can't be written.
        """
        self.clean()
        token = secrets.token_urlsafe(24)
        expires = datetime.now(UTC) + timedelta(seconds=self._ttl)
        policy = secrets.token_urlsafe(24)
        slot = Slot(owner=owner, filename=filename, policy=policy, expires=expires)
        write_atomically(self._note(token), slot.model_dump_json().encode())
        return token, slot

    def slot(self, token: str) -> Slot | None:
        """A slot that has not expired, or None."""
        if not TOKEN.fullmatch(token):
            return None
        try:
            slot = Slot.model_validate_json(self._note(token).read_bytes())
        except (OSError, ValidationError):
            return None
        return slot if datetime.now(UTC) < slot.expires else None

    def put(self, token: str, file: UploadFile) -> None:
        """Keep the file of a slot.

        Raises:
            OSError: the folder can't be written.
        """
        part = self._folder / f".{token}.part"
        with part.open("wb") as target:
            shutil.copyfileobj(file.file, target)
        part.replace(self._folder / token)

    def find(self, uri: str, *, owner: str) -> Path | None:
        """The file of a ``runway://`` address; None when this key has none there, or no longer."""
        token = uri.removeprefix("runway://")
        slot = self.slot(token)
        path = self._folder / token
        return path if slot and slot.owner == owner and path.exists() else None

    def clean(self) -> None:
        """Remove what has expired."""
        for note in self._folder.glob("*.json"):
            if self.slot(note.stem) is None:
                (self._folder / note.stem).unlink(missing_ok=True)
                note.unlink(missing_ok=True)

    def _note(self, token: str) -> Path:
        return self._folder / f"{token}.json"


class UploadApi:
    """The endpoint that gives out slots, and the file host that fills them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [
            Route("/v1/uploads", self._open, methods=["POST"]),
            Route("/uploads/{token}", self._fill, methods=["POST"]),
        ]

    async def _open(self, request: Request) -> Response:
        from runway_core.sandbox.api import admit, reply

        owner = admit(request, OFFICIAL, self._desk)
        filename = _filename(intake.decode(await intake.read_body(request)))
        token, slot = await run_in_threadpool(self._desk.uploads.open, filename, owner=owner)
        origin = f"{request.url.scheme}://{request.url.netloc}"
        body = {
            "uploadUrl": f"{origin}/uploads/{token}",
            "fields": {"key": f"ephemeral/{token}", "policy": slot.policy},
            "runwayUri": f"runway://{token}",
        }
        return reply(OFFICIAL, body)

    async def _fill(self, request: Request) -> Response:
        token = request.path_params["token"]
        slot = self._desk.uploads.slot(token)
        try:
            if slot is None:
                raise StorageRefused(403, "AccessDenied", "Invalid according to Policy: expired")
            async with _Form(request) as form:
                file = _file_of(form, {"key": f"ephemeral/{token}", "policy": slot.policy})
                await run_in_threadpool(self._desk.uploads.put, token, file)
        except StorageRefused as refused:
            return refused.response
        return Response(status_code=204)


def _filename(body: object) -> str:
    issues = Issues()
    if not isinstance(body, dict):
        issues.wrong_type("object", body)
        raise issues.refusal()
    name = issues.text(body.get("filename", MISSING), NAME_MIN, NAME_MAX, "filename")
    if not issues.found and name.rpartition(".")[2].lower() not in ENDINGS:
        message = "Filename must have the extension of an image, video or audio file"
        issues.add("custom", message, "filename")
    issues.one_of(body.get("type", MISSING), ["ephemeral"], "type")
    if issues.found:
        raise issues.refusal()
    return name


class _Form:
    """A multipart form that is read up to a limit, and whose files are closed in the end."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._form: FormData | None = None

    async def __aenter__(self) -> FormData:
        headers = self._request.headers
        if not headers.get("content-type", "").startswith("multipart/form-data"):
            raise StorageRefused(
                412, "PreconditionFailed", "Bucket POST must be multipart/form-data"
            )
        parser = MultiPartParser(headers, self._limited(), max_files=1, max_fields=50)
        try:
            self._form = await parser.parse()
        except MultiPartException as error:
            raise StorageRefused(400, "MalformedPOSTRequest", error.message) from None
        return self._form

    async def __aexit__(self, *exc_info: object) -> None:
        if self._form:
            await self._form.close()

    async def _limited(self) -> AsyncGenerator[bytes, None]:
        seen = 0
        async for piece in self._request.stream():
            seen += len(piece)
            if seen > SIZE_MAX + FORM_MAX:
                raise _too_large()
            yield piece


def _file_of(form: FormData, wanted: dict[str, str]) -> UploadFile:
    """The file of a form, which must come last, after every field that was given for it."""
    items = form.multi_items()
    files = [value for _, value in items if isinstance(value, UploadFile)]
    if len(files) != 1 or items[-1][0] != "file" or items[-1][1] is not files[0]:
        raise StorageRefused(
            400, "InvalidArgument", "POST requires exactly one file, the last field"
        )
    given = {name: value for name, value in items[:-1] if isinstance(value, str)}
    if any(given.get(name) != value for name, value in wanted.items()):
        raise StorageRefused(403, "AccessDenied", "Invalid according to Policy")
    size = files[0].size or 0
    if size < SIZE_MIN:
        message = "Your proposed upload is smaller than the minimum allowed size"
        raise StorageRefused(400, "EntityTooSmall", message)
    if size > SIZE_MAX:
        raise _too_large()
    return files[0]


def _too_large() -> StorageRefused:
    message = "Your proposed upload exceeds the maximum allowed size"
    return StorageRefused(400, "EntityTooLarge", message)
