"""API keys at rest: AES-256-GCM, each bound to its connection and host, under a master key in a 0600 file."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from runway_core.errors import ConfigError, InvalidInputError, KeyUnreadableError, Problem

_VERSION = b"\x01"
_NONCE = 12


def clean_key(text: str) -> str:
    """Strip what comes along when a key is pasted, and refuse what can't be a key.

    Raises:
        InvalidInputError: for the field ``key``; the key itself is not in the message.
    """
    key = text.strip().removeprefix("Bearer ").strip()
    if not re.fullmatch(r"[\x21-\x7e]{4,512}", key):
        raise InvalidInputError(
            Problem("key", "holds spaces, line breaks or other characters that no API key has.")
            if key
            else Problem("key", "is empty.")
        )
    return key


def key_hint(key: str) -> str:
    """All that is ever shown of a key: its last four characters."""
    return f"…{key[-4:]}" if len(key) >= 8 else "…"


class Vault:
    """Seals and opens keys with the master key at `path`, making it on first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def seal(self, key: str, *, connection_id: str, host: str) -> bytes:
        """Encrypt a key so that it opens for this connection and host only."""
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher().encrypt(nonce, key.encode("ascii"), _bound(connection_id, host))
        return _VERSION + nonce + sealed

    def open(self, sealed: bytes, *, connection_id: str, host: str) -> str:
        """Decrypt a key.

        Raises:
            KeyUnreadableError: it was sealed for another connection or host, under another master
                key, or was changed.
        """
        nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
        try:
            if sealed[:1] != _VERSION:
                raise InvalidTag
            return self._cipher().decrypt(nonce, body, _bound(connection_id, host)).decode("ascii")
        except (InvalidTag, ValueError):
            raise KeyUnreadableError(
                "The saved API key can't be opened: it belongs to another address or another "
                "master key."
            ) from None

    def _cipher(self) -> AESGCM:
        if not self._path.exists():
            self._make()
        mode = self._path.stat()
        if mode.st_mode & 0o077 or mode.st_uid != os.getuid():
            raise ConfigError(
                f"The master key {self._path} can be read by others.",
                hint=f"Run: chmod 600 {self._path}",
            )
        master = self._path.read_bytes()
        if len(master) != 32:
            raise ConfigError(
                f"The master key {self._path} is damaged.",
                hint="Put back a copy of it, or delete it and enter your API keys again.",
            )
        return AESGCM(master)

    def _make(self) -> None:
        checkout = Path(__file__).resolve().parents[1]
        if (checkout / ".git").exists() and self._path.resolve().is_relative_to(checkout):
            raise ConfigError(
                f"The data folder {self._path.parent} lies inside the program's own git checkout, "
                "where a key could be committed.",
                hint="Set RUNWAY_HOME to a folder outside of it.",
            )
        # Written apart and linked into place: another process sees all of it or nothing.
        own = self._path.with_name(f"{self._path.name}.{secrets.token_hex(8)}")
        file = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(file, AESGCM.generate_key(256))
            os.fsync(file)
        finally:
            os.close(file)
        try:
            self._path.hardlink_to(own)
        except FileExistsError:
            pass  # another process was quicker; its key is the one
        finally:
            own.unlink()


def _bound(connection_id: str, host: str) -> bytes:
    return f"runway-desk/v1/{connection_id}/{host}".encode()
