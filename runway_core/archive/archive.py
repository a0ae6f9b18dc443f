"""Media files, whole or not at all, named by what is in them.

    assets/ab/<sha256>.jpg              a picture that a person brought in (.mp4 .mp3 … for the rest)
    assets/ab/<sha256>.small.jpg        the same, small, or a frame of it
    videos/ab/<sha256>.mp4              a finished video (.mov .webm .png .jpg .zip for what else comes)
    videos/ab/<sha256>.jpg              a frame of it
    videos/ab/<sha256>.strip.jpg        five frames of it, once somebody has looked at them
    videos/ab/<sha256>.<task>.json      who made it how, for each task that gave it
    parts/                              what is being written, or broke off; never in a bucket

A file is written in ``parts``, made durable, then put into the storage, which is a folder or a
bucket (`runway_core.archive.storage`): under a final name there is never half a file.
What decodes pictures and videos is imported by the methods that need it (see `runway_core.archive.poster`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from runway_core.archive.brought import HEAD, Medium, as_stream, kind_of, take_in
from runway_core.archive.files import Files
from runway_core.archive.media import JPEG, Format, recognise
from runway_core.archive.storage import proper
from runway_core.archive.strips import strip_name
from runway_core.domain import Artifact, Asset, Exchange, MediaKind
from runway_core.errors import (
    InvalidInputError,
    NotFoundError,
    Problem,
    StorageError,
)
from runway_core.http import Http

OUTPUT_MAX = 512 * 1024 * 1024
"""Bytes of one output; 10 seconds from any model in the catalogue are under 50 MB."""
OUTPUT_DEADLINE = 600.0
"""Seconds for one download, from the first byte of the request to the last of the file, in however many tries."""


class Archive(Files):
    """The media of a home: what people bring in, and what was made."""

    # --- files brought in ----------------------------------------------------------------------

    def add_asset(
        self,
        source: bytes | BinaryIO,
        *,
        filename: str,
        field: str,
        now: datetime,
        kinds: tuple[MediaKind, ...] = (MediaKind.IMAGE,),
    ) -> Asset:
        """Check a file of one of these kinds and keep it; the same bytes twice make one file.

        A picture is encoded anew. A video or sound is kept as it is, and never held in memory whole.

        Raises:
            InvalidInputError: it is none that can be used; names `field`.
            DiskFullError, StorageError: it could not be written.
        """
        stream = as_stream(source)
        found = kind_of(stream.read(HEAD), kinds, field=field)
        stream.seek(0)
        if found is None:
            return self._add_picture(stream, filename=filename, field=field, now=now)
        medium = self._add_medium(stream, found, kinds, field=field)
        return Asset(
            sha256=medium.sha256,
            filename=_shown_name(filename),
            kind=medium.format.kind or MediaKind.VIDEO,
            mime=medium.format.mime,
            width=medium.width,
            height=medium.height,
            size=medium.size,
            seconds=medium.seconds,
            fps=medium.fps,
            created_at=now,
        )

    def _add_picture(self, stream: BinaryIO, *, filename: str, field: str, now: datetime) -> Asset:
        from runway_core.images import check_bytes, open_picture

        check_bytes(stream.seek(0, os.SEEK_END), field=field)
        stream.seek(0)
        picture = open_picture(stream.read(), field=field)
        sha256 = hashlib.sha256(picture.data).hexdigest()
        name = _asset(sha256, JPEG.suffix)
        if self._storage.size(name) != len(picture.data):
            self._storage.write(name, picture.data)
        return Asset(
            sha256=sha256,
            filename=_shown_name(filename),
            mime=picture.mime,
            width=picture.width,
            height=picture.height,
            size=len(picture.data),
            created_at=now,
        )

    def _add_medium(
        self, stream: BinaryIO, found: Format, kinds: tuple[MediaKind, ...], *, field: str
    ) -> Medium:
        part = self._disk.parts / f"{uuid.uuid4().hex}.part"
        with self._disk.faults_named():
            self._disk.make_folder(self._disk.parts)
            try:
                medium = take_in(stream, part, found, kinds, field=field)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        self._put_medium(part, medium)
        return medium

    def _put_medium(self, part: Path, medium: Medium) -> None:
        name = _asset(medium.sha256, medium.format.suffix)
        try:
            if self._storage.size(name) != medium.size:
                self._storage.put(part, name)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        if medium.poster is not None:
            self._storage.write(_small(name), medium.poster)

    def asset_name(self, sha256: str) -> str:
        """The name of a kept picture, video or sound; see `path`, `near` and `read`.

        Raises:
            NotFoundError: there is none.
            StorageError: the storage can't be asked.
        """
        for name in self._storage.beside(_asset(sha256)):
            if name != _small(name):
                return name
        raise _not_here()

    def asset_path(self, sha256: str) -> Path:
        """A file on this machine with a kept picture, video or sound.

        Raises:
            NotFoundError: there is none.
            DiskFullError, StorageError: it can't be fetched from where it is.
        """
        return self._storage.fetch(self.asset_name(sha256))

    def asset_thumbnail(self, sha256: str) -> Path:
        """A small JPEG of a kept picture, made at the first call, or a frame of a kept video.

        Raises:
            NotFoundError: there is no such file, or it is a sound.
            DiskFullError, StorageError: it can't be fetched or written.
        """
        small = self._storage.near(_asset(sha256, ".small.jpg"))
        if small is not None:
            return small
        name = self.asset_name(sha256)
        with suppress(NotFoundError):
            return self._storage.fetch(_small(name))
        if not name.endswith(JPEG.suffix):
            raise NotFoundError("There is no picture of this file.")
        from runway_core.archive.poster import thumbnail

        source = self._storage.fetch(name)
        with self._disk.faults_named():
            data = thumbnail(source)
        self._storage.write(_small(name), data)
        return self._storage.fetch(_small(name))

    # --- finished videos -----------------------------------------------------------------------

    async def keep(
        self,
        http: Http,
        url: str,
        *,
        name: str,
        now: datetime,
        observe: Callable[[Exchange], None] | None = None,
    ) -> Artifact:
        """Fetch a provider's output and keep it, with a poster frame where one can be made.

        `name` (a task's id) names the unfinished file: a second try goes on where the first broke off, if the
        server proves that the file is the same, and else takes its place. May be killed at any moment and called again.

        Raises:
            UnexpectedReplyError: what came is no whole video or picture, such as a web page.
            ProviderError: the download failed; see `Http.download`.
            DiskFullError, StorageError: it could not be written.
        """
        # Its own for each try: one that hung, and wakes when another has taken over, writes to nobody's file.
        part = self._disk.parts / f"{_safe_name(name)}.{uuid.uuid4().hex}.part"
        try:
            sha256 = await asyncio.to_thread(self._take_up, part)
            if not sha256:
                with self._disk.faults_named():
                    download = await http.download(
                        url,
                        part,
                        broken=_beside(part, "broken"),
                        max_bytes=OUTPUT_MAX,
                        deadline=OUTPUT_DEADLINE,
                        observe=observe,
                    )
                sha256 = download.sha256
            return await _unwaited(partial(self._store, part, sha256, now))
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _take_up(self, part: Path) -> str:
        """Make room for a part; its hash when an earlier try has it whole already, else nothing."""
        with self._disk.faults_named():
            self._disk.make_folder(self._disk.parts)
            self._disk.clean_broken()
            for left in self._disk.parts.glob(_beside(part, "*.part").name):
                left.unlink(missing_ok=True)
            for held in self._disk.parts.glob(_beside(part, "*.held").name):
                sha256 = held.suffixes[0].removeprefix(".")
                held.replace(part)
                with part.open("rb") as file:
                    if hashlib.file_digest(file, "sha256").hexdigest() == sha256:
                        return sha256
                part.unlink()
        return ""

    def holds(self, name: str) -> bool:
        """Whether `keep` with this `name` needs no link: the file is whole on this machine and waits
        for a storage that could not be reached."""
        return any(self._disk.parts.glob(f"{_safe_name(name)}.*.held"))

    def _store(self, part: Path, sha256: str, now: datetime) -> Artifact:
        with self._disk.faults_named():
            kind, size = recognise(part), part.stat().st_size
        from runway_core.archive.poster import Probe, probe

        facts = probe(part, kind) if kind.kind else Probe()
        name = f"videos/{sha256[:2]}/{sha256}{kind.suffix}"
        self._put(part, name, sha256)
        return Artifact(
            sha256=sha256,
            path=name,
            poster=self._poster(name, kind, facts.poster),
            mime=kind.mime,
            size=size,
            width=facts.width,
            height=facts.height,
            seconds=facts.seconds,
            created_at=now,
        )

    def _put(self, part: Path, name: str, sha256: str) -> None:
        try:
            self._storage.put(part, name)
        except StorageError:
            # The link to it may have expired by the time the storage answers again.
            if self._storage.elsewhere:
                with suppress(OSError):
                    part.replace(_beside(part, f"{sha256}.held"))
            raise

    def _poster(self, name: str, kind: Format, data: bytes | None) -> str:
        if kind is JPEG:
            return name
        if data is None:
            return ""
        poster = str(PurePosixPath(name).with_suffix(".jpg"))
        try:
            self._storage.write(poster, data)
        except StorageError:
            # The video is safe, and it is what was paid for.
            return ""
        return poster

    def write_sidecar(self, artifact: Artifact, task_id: str, data: dict[str, object]) -> str:
        """Write beside a video how it was made, as JSON; replaces what was there for this task.

        Gives its name.

        Raises:
            InvalidInputError: `task_id` is no id.
            DiskFullError, StorageError: it could not be written.
        """
        name = self._sidecar(artifact, task_id)
        text = json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True, default=str)
        self._storage.write(name, (text + "\n").encode("utf-8", "backslashreplace"))
        return name

    def _sidecar(self, artifact: Artifact, task_id: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", task_id):
            raise InvalidInputError(Problem("task", "is not the id of a task."))
        return f"{_stem(proper(artifact.path))}.{task_id}.json"

    def remove(self, artifact: Artifact, task_id: str) -> None:
        """Forget one task's video: its sidecar goes, and the files go when no other task's sidecar is left.

        What is already gone is no error.

        Raises:
            InvalidInputError, NotFoundError: `task_id` or the artifact's path make no sense.
            StorageError: a file could not be removed.
        """
        sidecar, poster = (
            self._sidecar(artifact, task_id),
            artifact.poster and proper(artifact.poster),
        )
        self._storage.remove(sidecar)
        if not any(n.endswith(".json") for n in self._storage.beside(_stem(artifact.path))):
            for name in filter(None, (artifact.path, poster, strip_name(artifact))):
                self._storage.remove(name)


async def _unwaited(work: Callable[[], Artifact]) -> Artifact:
    """Work in a thread that a stop does not wait for: a bucket may take minutes, and a kill tears nothing."""
    future: Future[Artifact] = Future()

    def run() -> None:
        if future.set_running_or_notify_cancel():
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                future.set_exception(error)

    threading.Thread(target=run, name="media-put", daemon=True).start()
    return await asyncio.wrap_future(future)


def _asset(sha256: str, suffix: str = "") -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise _not_here()
    return f"assets/{sha256[:2]}/{sha256}{suffix}"


def _not_here() -> NotFoundError:
    return NotFoundError(
        "This file is not kept here.", hint="Bring it in again on the Create page."
    )


def _stem(name: str) -> str:
    return name.removesuffix(PurePosixPath(name).suffix)


def _small(name: str) -> str:
    """The name of an asset's thumbnail; a thumbnail's is its own."""
    return f"{_stem(name).removesuffix('.small')}.small.jpg"


def _beside(part: Path, ending: str) -> Path:
    """Another file of the same output."""
    return part.with_name(f"{part.name.partition('.')[0]}.{ending}")


def _safe_name(name: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]{1,100}", name):
        return name
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def _shown_name(filename: str) -> str:
    """A file's name as it may be shown: no folders, nothing invisible, at most 120 characters."""
    last = re.split(r"[\\/]", filename)[-1]
    name = " ".join("".join(c if c.isprintable() else " " for c in last).split())
    stem, dot, suffix = name.rpartition(".")
    if len(name) > 120 and stem and len(suffix) <= 10:
        name = stem[: 119 - len(suffix)] + dot + suffix
    return name[:120].strip() or "file"
