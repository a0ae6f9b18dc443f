"""Media files on disk, whole or not at all, named by what is in them.

    <root>/assets/ab/<sha256>.jpg              a picture that a person brought in (.mp4 .mp3 … for the rest)
    <root>/assets/ab/<sha256>.small.jpg        the same, small, or a frame of it
    <root>/videos/ab/<sha256>.mp4              a finished video (.mov .webm .png .jpg .zip for what else comes)
    <root>/videos/ab/<sha256>.jpg              a frame of it
    <root>/videos/ab/<sha256>.<task>.json      who made it how, for each task that gave it
    <root>/parts/                              what is being written

A file is written in ``parts``, made durable, then renamed: under a final name there is never half a file.
What decodes pictures and videos is imported by the methods that need it (see `runway_core.archive.poster`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from runway_core.archive.brought import HEAD, Medium, as_stream, kind_of, take_in
from runway_core.archive.disk import Disk, sync
from runway_core.archive.media import BROUGHT, JPEG, Format, recognise
from runway_core.catalog import UPLOAD_MAX
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
"""Seconds for one download, from the first byte of the request to the last of the file."""


class Archive:
    """The media folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._disk = Disk(root)

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
        from runway_core.images import open_picture

        picture = open_picture(stream.read(UPLOAD_MAX), field=field)
        sha256 = hashlib.sha256(picture.data).hexdigest()
        path = self._asset(sha256, JPEG.suffix)
        if not path.is_file():
            self._disk.write(path, picture.data)
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
                path = self._asset(medium.sha256, medium.format.suffix)
                if not path.is_file():
                    self._disk.put(part, path)
            finally:
                part.unlink(missing_ok=True)
        if medium.poster is not None:
            self._disk.write(path.with_suffix(".small.jpg"), medium.poster)
        return medium

    def asset_path(self, sha256: str) -> Path:
        """The file of a kept picture, video or sound.

        Raises:
            NotFoundError: there is none.
        """
        if re.fullmatch(r"[0-9a-f]{64}", sha256):
            for kind in (JPEG, *BROUGHT):
                path = self._asset(sha256, kind.suffix)
                if path.is_file():
                    return path
        raise NotFoundError(
            "This file is not kept here.", hint="Bring it in again on the Create page."
        )

    def asset_thumbnail(self, sha256: str) -> Path:
        """A small JPEG of a kept picture, made at the first call, or a frame of a kept video.

        Raises:
            NotFoundError: there is no such file, or it is a sound.
            DiskFullError, StorageError: it could not be written.
        """
        source = self.asset_path(sha256)
        path = source.with_suffix(".small.jpg")
        if path.is_file():
            return path
        if source.suffix != JPEG.suffix:
            raise NotFoundError("There is no picture of this file.")
        from runway_core.archive.poster import thumbnail

        with self._disk.faults_named():
            data = thumbnail(source)
        self._disk.write(path, data)
        return path

    def _asset(self, sha256: str, suffix: str) -> Path:
        return self.root / "assets" / sha256[:2] / f"{sha256}{suffix}"

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

        `name` (a task's id) names the unfinished file: a second try takes the place of the first.
        May be killed at any moment and called again.

        Raises:
            UnexpectedReplyError: what came is no whole video or picture, such as a web page.
            ProviderError: the download failed; see `Http.download`.
            DiskFullError, StorageError: it could not be written.
        """
        part = self._disk.parts / f"{_safe_name(name)}.part"
        try:
            with self._disk.faults_named():
                await asyncio.to_thread(self._disk.make_folder, self._disk.parts)
                part.unlink(missing_ok=True)
                download = await http.download(
                    url, part, max_bytes=OUTPUT_MAX, deadline=OUTPUT_DEADLINE, observe=observe
                )
            return await asyncio.to_thread(self._store, part, download.sha256, now)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _store(self, part: Path, sha256: str, now: datetime) -> Artifact:
        with self._disk.faults_named():
            kind, size = recognise(part), part.stat().st_size
            path = self.root / "videos" / sha256[:2] / f"{sha256}{kind.suffix}"
            self._disk.put(part, path)
        from runway_core.archive.poster import Probe, probe

        facts = probe(path, kind) if kind.kind else Probe()
        poster = self._poster(path, kind, facts.poster)
        return Artifact(
            sha256=sha256,
            path=path.relative_to(self.root).as_posix(),
            poster=poster.relative_to(self.root).as_posix() if poster else "",
            mime=kind.mime,
            size=size,
            width=facts.width,
            height=facts.height,
            seconds=facts.seconds,
            created_at=now,
        )

    def _poster(self, path: Path, kind: Format, data: bytes | None) -> Path | None:
        if kind is JPEG:
            return path
        if data is None:
            return None
        poster = path.with_suffix(".jpg")
        try:
            self._disk.write(poster, data)
        except StorageError:
            # The video is safe, and it is what was paid for.
            return None
        return poster

    def write_sidecar(self, artifact: Artifact, task_id: str, data: dict[str, object]) -> Path:
        """Write beside a video how it was made, as JSON; replaces what was there for this task.

        Raises:
            InvalidInputError: `task_id` is no id.
            DiskFullError, StorageError: it could not be written.
        """
        path = self._sidecar(artifact, task_id)
        text = json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True, default=str)
        self._disk.write(path, (text + "\n").encode("utf-8", "backslashreplace"))
        return path

    def _sidecar(self, artifact: Artifact, task_id: str) -> Path:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", task_id):
            raise InvalidInputError(Problem("task", "is not the id of a task."))
        return self.path(artifact.path).with_suffix(f".{task_id}.json")

    def path(self, relative: str) -> Path:
        """The place of a file named by `Artifact.path` or `Artifact.poster`; it need not exist.

        Raises:
            NotFoundError: the name leads out of the media folder.
        """
        try:
            path, root = (self.root / relative).resolve(), self.root.resolve()
        except (OSError, RuntimeError, ValueError):
            path = root = self.root
        if path == root or not path.is_relative_to(root):
            raise NotFoundError("This file is not in the media folder.")
        return path

    def remove(self, artifact: Artifact, task_id: str) -> None:
        """Forget one task's video: its sidecar goes, and the files go when no other task's sidecar is left.

        What is already gone is no error.

        Raises:
            InvalidInputError, NotFoundError: `task_id` or the artifact's path make no sense.
            StorageError: a file could not be removed.
        """
        video, sidecar = self.path(artifact.path), self._sidecar(artifact, task_id)
        with self._disk.faults_named():
            sidecar.unlink(missing_ok=True)
            if not video.parent.is_dir():
                return
            if not _has_sidecar(video):
                video.unlink(missing_ok=True)
                if artifact.poster:
                    self.path(artifact.poster).unlink(missing_ok=True)
            sync(video.parent)

    # --- the folder itself ---------------------------------------------------------------------

    def clean_parts(self, *, older_than: float = 3600.0) -> int:
        """See `Disk.clean_parts`."""
        return self._disk.clean_parts(older_than=older_than)

    def free_bytes(self) -> int:
        """See `Disk.free_bytes`."""
        return self._disk.free_bytes()


def _has_sidecar(video: Path) -> bool:
    names = (path.name for path in video.parent.iterdir())
    return any(name.startswith(f"{video.stem}.") and name.endswith(".json") for name in names)


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
