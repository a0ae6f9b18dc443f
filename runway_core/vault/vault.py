"""`Vault` seals and opens keys."""

from __future__ import annotations

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from runway_core.errors import ConfigError, KeyUnreadableError
from runway_core.redact import remember
from runway_core.vault.file import RingFile
from runway_core.vault.ring import ID_SIZE, SIZE, Ring, name_of

_UNNAMED = b"\x01"
"""Begins what was sealed before sealed values named their master key."""
_NAMED = b"\x02"
_NONCE = 12
SETTLED = 60.0
"""Seconds after which nobody can be writing any more what was sealed before the keys were changed."""


class Vault:
    """Seals and opens keys with the master keys at `path`, making the first on first use."""

    def __init__(self, path: Path) -> None:
        self._file = RingFile(path)
        self._derived: dict[str, tuple[Ring, tuple[bytes, ...]]] = {}

    def seal(self, key: str, *, connection_id: str, host: str) -> bytes:
        """Encrypt a key so that it opens for this connection and host only.

        Raises:
            ConfigError: the master key can't be made or read, or is not safe where it is.
        """
        remember(key)
        return _sealed(self._file.ring(), key, _bound(_NAMED, connection_id, host))

    def open(self, sealed: bytes, *, connection_id: str, host: str) -> str:
        """Decrypt a key.

        Raises:
            KeyUnreadableError: it was sealed for another connection or host, under another master
                key, or was changed.
            ConfigError: the master key can't be read, or is not safe where it is.
        """
        opened = _opened(self._file.ring(), sealed, connection_id, host)
        if opened is None:
            raise KeyUnreadableError(
                "The saved API key can't be opened: it belongs to another address or another "
                "master key."
            )
        remember(opened[0])
        return opened[0]

    def opened_by(self, sealed: bytes, *, connection_id: str, host: str) -> str:
        """The name of the master key that opens it; empty when none does."""
        opened = _opened(self._file.ring(), sealed, connection_id, host)
        return name_of(opened[1]).hex() if opened else ""

    def is_current(self, sealed: bytes) -> bool:
        """Whether it was sealed with the master key that seals now."""
        return sealed.startswith(_NAMED + name_of(self._file.ring().seal))

    def check(self) -> None:
        """Look at the master keys as they lie on the disk, if there are any yet.

        Raises:
            ConfigError: they can't be read, are damaged, or are not safe where they are.
        """
        self._file.check()

    def derive(self, purpose: str) -> tuple[bytes, ...]:
        """32 bytes for each master key that only this home can make again, and that tell nothing of it.

        The first is for what is made now; the others know what was made before the master key changed.

        Raises:
            ConfigError: the master key can't be made or read, or is not safe where it is.
        """
        ring = self._file.ring()
        known = self._derived.get(purpose)
        if known is None or known[0] is not ring:
            info = f"runway-desk/v1/{purpose}".encode()
            made = (HKDFExpand(algorithm=SHA256(), length=32, info=info) for _ in ring.all)
            known = ring, tuple(one.derive(key) for one, key in zip(made, ring.all, strict=True))
            self._derived[purpose] = known
        return known[1]

    # --- other master keys -----------------------------------------------------------------------

    def names(self) -> dict[str, str]:
        """The name of each master key, and what it is for: ``seal``, ``next`` or ``old``."""
        ring = self._file.ring()
        found = {name_of(ring.seal).hex(): "seal"}
        found |= {name_of(ring.next).hex(): "next"} if ring.next else {}
        return found | {name_of(key).hex(): "old" for key in ring.old}

    def prepare(self) -> None:
        """Make the master key that is to seal next; it opens from now on.

        Raises:
            ConfigError: the file can't be read or written.
        """
        self._file.change(lambda ring: ring.prepared(secrets.token_bytes(SIZE)))

    def turn(self) -> None:
        """Seal with the prepared master key from now on, or with a new one; the one before only opens.

        Raises:
            ConfigError: the file can't be read or written.
        """
        self._file.change(lambda ring: ring.turned(secrets.token_bytes(SIZE)))

    def forget(self) -> None:
        """Give up the master keys that only open: what they have sealed can't be opened any more.

        Raises:
            ConfigError: the keys were changed a moment ago, or the file can't be read or written.
        """
        if self._file.age() < SETTLED:
            raise ConfigError(
                "The master keys were changed less than a minute ago.",
                hint="Try again in a minute: something sealed before may still be on its way.",
            )
        self._file.change(lambda ring: ring.without_old())


def _sealed(ring: Ring, key: str, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    body = AESGCM(ring.seal).encrypt(nonce, key.encode("ascii"), bound)
    return _NAMED + name_of(ring.seal) + nonce + body


def _opened(ring: Ring, sealed: bytes, connection_id: str, host: str) -> tuple[str, bytes] | None:
    """A key, and the master key that has opened it."""
    bound = _bound(sealed[:1], connection_id, host)
    if sealed[:1] == _UNNAMED:
        masters, rest = ring.all, sealed[1:]
    elif sealed[:1] == _NAMED:
        named = ring.named(sealed[1 : 1 + ID_SIZE])
        masters, rest = (named,) if named else (), sealed[1 + ID_SIZE :]
    else:
        return None
    for master in masters:
        try:
            opened = AESGCM(master).decrypt(rest[:_NONCE], rest[_NONCE:], bound)
            return opened.decode("ascii"), master
        except (InvalidTag, ValueError):
            continue
    return None


def _bound(version: bytes, connection_id: str, host: str) -> bytes:
    return f"runway-desk/v{version.hex().lstrip('0')}/{connection_id}/{host}".encode()
