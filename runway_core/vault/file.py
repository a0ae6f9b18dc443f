"""The file of the master keys: for its owner alone, whole or not there, changed by one process at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runway_core.errors import ConfigError
from runway_core.vault.ring import SIZE, Ring, read, written


class RingFile:
    """Reads and changes the master keys at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[tuple[int, ...], Ring] | None = None
        """What was read last, and by what the file is known to be the same still."""

    def check(self) -> None:
        """Look at the file as it lies on the disk, if it is there yet.

        Raises:
            ConfigError: it can't be read, is damaged, or is not safe where it is.
        """
        self._refuse_checkout()
        if self._path.exists():
            self.ring()

    def ring(self) -> Ring:
        """The keys as they are now, made on first use.

        Raises:
            ConfigError: the file can't be made or read, is damaged, or is not safe where it is.
        """
        with self._faults_named():
            if not self._path.exists():
                self._make()
            return self._read()

    def age(self) -> float:
        """Seconds since the keys were last changed.

        Raises:
            ConfigError: the file can't be read.
        """
        with self._faults_named():
            return time.time() - self._path.stat().st_mtime

    def change(self, turn: Callable[[Ring], Ring]) -> Ring:
        """Put other keys in the place of those that are there; `turn` gives them.

        Every process sees either the old file or the new one, also after a power cut.

        Raises:
            ConfigError: the file can't be read or written.
        """
        self.ring()
        with self._faults_named(), self._alone():
            ring = turn(self._read())
            with self._beside(written(ring)) as own:
                own.replace(self._path.resolve())
            self._flush_folder()
            return ring

    def _read(self) -> Ring:
        stamp = _stamp(self._path.stat())
        if self._known is not None and self._known[0] == stamp:
            return self._known[1]
        with self._path.open("rb") as file:
            facts = os.fstat(file.fileno())
            if facts.st_mode & 0o077 or facts.st_uid != os.getuid():
                raise ConfigError(
                    f"The master key {self._path} can be read by others.",
                    hint=f"Run: chmod 600 {self._path}",
                )
            ring = read(file.read())
        if ring is None:
            raise ConfigError(
                f"The master key {self._path} is damaged.",
                hint="Put back a copy of it, or delete it and enter your API keys again.",
            )
        self._known = _stamp(facts), ring
        return ring

    def _make(self) -> None:
        self._refuse_checkout()
        # Linked into place: when another process was quicker, its key counts.
        fresh = self._beside(secrets.token_bytes(SIZE))
        with fresh as own, contextlib.suppress(FileExistsError):
            self._path.hardlink_to(own)
        # What is sealed with it is durable at once, so it has to be as well.
        self._flush_folder()

    @contextmanager
    def _beside(self, content: bytes) -> Iterator[Path]:
        """A whole file beside the real one, for its owner alone; gone afterwards."""
        place = self._path.resolve()
        own = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
        try:
            with open(own, "xb", opener=_private) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            yield own
        finally:
            own.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from changing the file meanwhile."""
        while True:
            with self._path.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                # Whoever had the lock before has put another file in its place.
                if os.fstat(file.fileno()).st_ino == self._path.stat().st_ino:
                    yield
                    return

    def _flush_folder(self) -> None:
        folder = os.open(self._path.resolve().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _refuse_checkout(self) -> None:
        checkout = Path(__file__).resolve().parents[2]
        if (checkout / ".git").exists() and self._path.resolve().is_relative_to(checkout):
            raise ConfigError(
                f"The data folder {self._path.parent} lies inside the program's own git checkout, "
                "where a key could be committed.",
                hint="Set RUNWAY_HOME to a folder outside of it.",
            )

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ConfigError(
                f"The master key {self._path} can't be made or read: {error.strerror}.",
                hint="Check that you may write to this folder and that its disk has room.",
            ) from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _stamp(facts: os.stat_result) -> tuple[int, ...]:
    return (
        *(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns),
        *(facts.st_mode, facts.st_uid),
    )
