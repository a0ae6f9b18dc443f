"""API keys at rest: AES-256-GCM, each bound to its connection and host, under a master key in a 0600 file."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from runway_core.errors import ConfigError, InvalidInputError, KeyUnreadableError, Problem
from runway_core.redact import remember

_VERSION = b"\x01"
_NONCE = 12


def clean_key(text: str) -> str:
    """Strip what comes along when a key is pasted, and refuse what can't be a key.

    Raises:
        InvalidInputError: for the field ``key``; the key itself is not in the message.
    """
    key = re.sub(r"^bearer(\s+|$)", "", text.strip(), flags=re.IGNORECASE)
    if not key:
        raise InvalidInputError(Problem("key", "is empty."))
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise InvalidInputError(
            Problem("key", "holds spaces, line breaks or other characters that no API key has.")
        )
    if not 4 <= len(key) <= 512:
        raise InvalidInputError(Problem("key", "must be 4 to 512 characters."))
    return key


def key_hint(key: str) -> str:
    """All that is ever shown of a key: its last four characters."""
    return f"…{key[-4:]}" if len(key) >= 8 else "…"


class Vault:
    """Seals and opens keys with the master key at `path`, making it on first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def seal(self, key: str, *, connection_id: str, host: str) -> bytes:
        """Encrypt a key so that it opens for this connection and host only.

        Raises:
            ConfigError: the master key can't be made or read, or is not safe where it is.
        """
        remember(key)
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher().encrypt(nonce, key.encode("ascii"), _bound(connection_id, host))
        return _VERSION + nonce + sealed

    def open(self, sealed: bytes, *, connection_id: str, host: str) -> str:
        """Decrypt a key.

        Raises:
            KeyUnreadableError: it was sealed for another connection or host, under another master
                key, or was changed.
            ConfigError: the master key can't be read, or is not safe where it is.
        """
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            if sealed[:1] != _VERSION:
                raise InvalidTag
            key = self._cipher().decrypt(nonce, body, _bound(connection_id, host)).decode("ascii")
        except (InvalidTag, ValueError):
            raise KeyUnreadableError(
                "The saved API key can't be opened: it belongs to another address or another "
                "master key."
            ) from None
        remember(key)
        return key

    def check(self) -> None:
        """Look at the master key as it lies on the disk, if there is one yet.

        Raises:
            ConfigError: it can't be read, is damaged, or is not safe where it is.
        """
        self._refuse_checkout()
        if self._path.exists():
            self._cipher()

    def derive(self, purpose: str) -> bytes:
        """32 bytes that only this home can make again, and that tell nothing of the master key.

        Raises:
            ConfigError: the master key can't be made or read, or is not safe where it is.
        """
        info = f"runway-desk/v1/{purpose}".encode()
        return HKDFExpand(algorithm=SHA256(), length=32, info=info).derive(self._master())

    def _cipher(self) -> AESGCM:
        return AESGCM(self._master())

    def _master(self) -> bytes:
        try:
            if not self._path.exists():
                self._make()
            master = self._read()
        except OSError as error:
            raise ConfigError(
                f"The master key {self._path} can't be made or read: {error.strerror}.",
                hint="Check that you may write to this folder and that its disk has room.",
            ) from None
        if len(master) != 32:
            raise ConfigError(
                f"The master key {self._path} is damaged.",
                hint="Put back a copy of it, or delete it and enter your API keys again.",
            )
        return master

    def _read(self) -> bytes:
        mode = self._path.stat()
        if mode.st_mode & 0o077 or mode.st_uid != os.getuid():
            raise ConfigError(
                f"The master key {self._path} can be read by others.",
                hint=f"Run: chmod 600 {self._path}",
            )
        return self._path.read_bytes()

    def _refuse_checkout(self) -> None:
        checkout = Path(__file__).resolve().parents[1]
        if (checkout / ".git").exists() and self._path.resolve().is_relative_to(checkout):
            raise ConfigError(
                f"The data folder {self._path.parent} lies inside the program's own git checkout, "
                "where a key could be committed.",
                hint="Set RUNWAY_HOME to a folder outside of it.",
            )

    def _make(self) -> None:
        self._refuse_checkout()
        # Written apart and linked into place: another process sees all of it or nothing.
        own = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        try:
            with open(own, "xb", opener=_private) as file:
                file.write(AESGCM.generate_key(256))
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(
                FileExistsError
            ):  # another process was quicker: its key counts
                self._path.hardlink_to(own)
        finally:
            own.unlink(missing_ok=True)
        # The keys sealed with it are durable at once, so it has to be as well.
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _bound(connection_id: str, host: str) -> bytes:
    return f"runway-desk/v1/{connection_id}/{host}".encode()
