"""Media in an S3-compatible bucket, through fsspec. Credentials and endpoint are those of the AWS tools.

A put is one request, or a multipart upload that appears with its last request: nobody ever sees half a file.
Each request carries the SHA-256 of its body, which the server checks; what is fetched is checked against
the hash in its name. s3fs is imported at the first use, because it takes time to load.
"""

from __future__ import annotations

import hashlib
import mimetypes
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from runway_core.archive.cache import CACHE_MOST, Cache
from runway_core.archive.disk import Disk
from runway_core.archive.storage import PIECE, missing
from runway_core.errors import ConfigError, StorageError

_KEPT = ("assets", "videos")
_UPLOAD = 8 * 1024 * 1024
"""Bytes of one request of a large upload; four run at a time."""
_ANSWER, _TRANSFER = 20.0, 600.0
"""Seconds for a question or a piece, and for a whole upload."""
_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": 20,
    "retries": {"mode": "standard", "total_max_attempts": 2},
    "s3": {"payload_signing_enabled": True},
    # Not every server knows the newer checksums that botocore would add to each request.
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}
_HINT = (
    "Nothing is lost or paid again: finished videos are kept as soon as it works. "
    "Check RUNWAY_MEDIA_URL and the AWS_… variables."
)


class RemoteStorage:
    """A bucket, or a folder in one; `folder` on this machine holds parts and copies."""

    elsewhere = True

    def __init__(self, folder: Path, url: str, *, most: int = CACHE_MOST) -> None:
        self.disk = Disk(folder)
        self._url = url
        self._base = url.partition("://")[2]
        self._cache = Cache(self.disk, most=most)
        self._lock = threading.Lock()
        self._opened: Any = None

    def put(self, part: Path, name: str) -> None:
        with self.disk.faults_named():
            size = part.stat().st_size
        kind = mimetypes.guess_type(name)[0]
        with self._faults_named():
            self._files().put_file(
                str(part),
                self._at(name),
                chunksize=_UPLOAD,
                max_concurrency=4,
                timeout=_TRANSFER,
                **({"ContentType": kind} if kind else {}),
            )
        if self.size(name) != size:
            raise self._error("did not keep all of a file")
        self._cache.take(part, name)

    def write(self, name: str, data: bytes) -> None:
        kind = mimetypes.guess_type(name)[0]
        with self._faults_named():
            self._files().pipe_file(
                self._at(name), data, timeout=_ANSWER, **({"ContentType": kind} if kind else {})
            )
        self._cache.drop(name)

    def near(self, name: str) -> Path | None:
        # A sidecar is written again under the same name, from any machine.
        return None if name.endswith(".json") else self._cache.find(name)

    def fetch(self, name: str) -> Path:
        near = self.near(name)
        if near is not None:
            return near
        size = self.size(name)
        if size is None:
            raise missing()
        part = self.disk.parts / f"{uuid.uuid4().hex}.part"
        try:
            digest = self._copy(name, size, part)
            if _is_hash_of_it(name) and digest != PurePosixPath(name).stem:
                raise self._error(f"gave other bytes than were kept as {name}")
            return self._cache.take(part, name)
        finally:
            part.unlink(missing_ok=True)

    def _copy(self, name: str, size: int, part: Path) -> str:
        digest = hashlib.sha256()
        with self.disk.faults_named():
            self.disk.make_folder(self.disk.parts)
            file = part.open("wb")
        with file:
            for piece in self.read(name, 0, size):
                digest.update(piece)
                with self.disk.faults_named():
                    file.write(piece)
        return digest.hexdigest()

    def size(self, name: str) -> int | None:
        found: dict[str, Any] = {}
        with self._faults_named(absent_is_fine=True):
            found = self._files().info(self._at(name), timeout=_ANSWER)
        return int(found["size"]) if found.get("type") == "file" else None

    def read(self, name: str, start: int, end: int) -> Iterator[bytes]:
        while start < end:
            upto = min(start + PIECE, end)
            with self._faults_named():
                piece: bytes = self._files().cat_file(
                    self._at(name), start=start, end=upto, timeout=_ANSWER
                )
            if len(piece) != upto - start:
                raise self._error(f"gave only a part of {name}")
            yield piece
            start = upto

    def beside(self, stem: str) -> list[str]:
        folder, _, start = self._at(stem).rpartition("/")
        return self._find(folder, prefix=f"{start}.")

    def names(self) -> Iterator[str]:
        for folder in _KEPT:
            yield from self._find(self._at(folder))

    def _find(self, folder: str, **options: str) -> list[str]:
        found: list[str] = []
        with self._faults_named(absent_is_fine=True):
            found = self._files().find(folder, timeout=_TRANSFER, **options)
        return sorted(name.removeprefix(f"{self._base}/") for name in found)

    def remove(self, name: str) -> None:
        self._cache.drop(name)
        with self._faults_named(absent_is_fine=True):
            self._files().rm_file(self._at(name), timeout=_ANSWER)

    def shown(self, name: str) -> str:
        return f"{self._url}/{name}"

    def free_bytes(self) -> int:
        return sys.maxsize  # a bucket has no end

    def check(self) -> None:
        name, data = f"check/{uuid.uuid4().hex}", b"Runway Desk may write here."
        self.write(name, data)
        whole = b"".join(self.read(name, 0, len(data))) == data
        self.remove(name)
        if not whole:
            raise self._error("does not give back what was written")

    def close(self) -> None:
        with self._lock:
            self._opened = None

    def _at(self, name: str) -> str:
        return f"{self._base}/{name}"

    def _files(self) -> Any:
        """The file system of fsspec."""
        with self._lock:
            if self._opened is None:
                self._opened = _open()
            return self._opened

    @contextmanager
    def _faults_named(self, *, absent_is_fine: bool = False) -> Iterator[None]:
        """Turn what four packages raise into ours; their words may hold the endpoint's password."""
        fault: Exception
        try:
            yield
            return
        except ConfigError:
            raise
        except Exception as error:  # noqa: BLE001 - see above
            fault = error
        if not (absent_is_fine and isinstance(fault, FileNotFoundError) and not _no_bucket(fault)):
            raise self._error(_why(fault)) from None

    def _error(self, why: str) -> StorageError:
        error = StorageError(f"The media storage {self._url} (RUNWAY_MEDIA_URL) {why}.", hint=_HINT)
        error.retryable = True
        return error


def _open() -> Any:
    try:
        import fsspec  # type: ignore[import-untyped]  # it has no types
        import s3fs  # type: ignore[import-untyped]  # noqa: F401 - fsspec's own words name no extra
    except ImportError:
        raise ConfigError(
            "RUNWAY_MEDIA_URL names a bucket, and what speaks to buckets is not installed.",
            hint="Install it with: pip install 'runway-desk[cluster]'",
        ) from None
    files = fsspec.filesystem(
        "s3", skip_instance_cache=True, use_listings_cache=False, config_kwargs=_OPTIONS
    )
    files.retries = 2  # the engine tries again, with longer pauses
    return files


def _is_hash_of_it(name: str) -> bool:
    """Whether a file is called by the hash of its own bytes: a poster is called by its video's."""
    path = PurePosixPath(name)
    own = path.suffix != ".jpg" if path.parts[0] == "videos" else len(path.suffixes) == 1
    return own and path.suffix != ".json" and path.parts[0] in _KEPT


def _no_bucket(fault: Exception) -> bool:
    answer = getattr(fault.__cause__, "response", None) or {}
    return bool(answer.get("Error", {}).get("Code") == "NoSuchBucket")


def _why(fault: Exception) -> str:
    kind = type(fault).__name__
    if isinstance(fault, PermissionError):
        return "refuses it: check the credentials and what they may do"
    if isinstance(fault, FileNotFoundError):
        return "can't be used: there is no such bucket" if _no_bucket(fault) else "lacks this file"
    if "Credentials" in kind:
        return "can't be used: no credentials were found"
    if isinstance(fault, TimeoutError) or "Timeout" in kind:
        return "gave no answer in time"
    return f"can't be {'used' if isinstance(fault, OSError) else 'reached'} ({kind})"
