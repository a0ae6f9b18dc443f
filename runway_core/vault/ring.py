"""The master keys of a home: one that seals, and others that only open.

A file with one key is its 32 bytes and nothing else. A file with several is text, a key a line in hex
behind what it is for::

    runway-desk master keys 1
    seal 5f…      seals, opens, and makes the addresses for callbacks
    next 0c…      was made, and will seal once every machine of the home has it; opens already
    old 91…       has sealed: opens copies of the database, and knows the addresses it has made
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

SIZE = 32
"""Bytes of a master key."""
ID_SIZE = 8
"""Bytes by which a sealed value names its key."""
_HEAD = "runway-desk master keys 1"
_LINE = re.compile(r"(seal|next|old) ([0-9a-f]{64})")


@dataclass(frozen=True)
class Ring:
    """The master keys of a home."""

    seal: bytes
    next: bytes | None = None
    old: tuple[bytes, ...] = ()
    """The newest first."""

    @property
    def all(self) -> tuple[bytes, ...]:
        """Every key: the one that seals first."""
        return (self.seal, *([self.next] if self.next else []), *self.old)

    def named(self, name: bytes) -> bytes | None:
        """The key of that name; None when it is not here."""
        return next((key for key in self.all if name_of(key) == name), None)

    def prepared(self, new: bytes) -> Ring:
        """With a key that is to seal next; one that was made for that before stays."""
        return Ring(self.seal, self.next or new, self.old)

    def turned(self, new: bytes) -> Ring:
        """With the prepared key sealing, or else the `new` one; the one that has sealed is old."""
        return Ring(self.next or new, None, (self.seal, *self.old))

    def without_old(self) -> Ring:
        """Without the keys that only open."""
        return Ring(self.seal, self.next)


def name_of(key: bytes) -> bytes:
    """What a key is called in the values that it has sealed; tells nothing of the key."""
    return hashlib.sha256(b"runway-desk/v2/name/" + key).digest()[:ID_SIZE]


def written(ring: Ring) -> bytes:
    """The content of the file."""
    if ring.all == (ring.seal,):
        return ring.seal
    lines = [_HEAD, f"seal {ring.seal.hex()}"]
    lines += [f"next {ring.next.hex()}"] if ring.next else []
    lines += [f"old {key.hex()}" for key in ring.old]
    return "".join(f"{line}\n" for line in lines).encode()


def read(content: bytes) -> Ring | None:
    """The keys in a file's content; None when it is damaged."""
    if len(content) == SIZE:
        return Ring(content)
    head, *lines = content.decode("ascii", "replace").splitlines() or [""]
    found: dict[str, list[bytes]] = {"seal": [], "next": [], "old": []}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        found[match[1]].append(bytes.fromhex(match[2]))
    if head != _HEAD or len(found["seal"]) != 1 or len(found["next"]) > 1:
        return None
    return Ring(found["seal"][0], next(iter(found["next"]), None), tuple(found["old"]))
