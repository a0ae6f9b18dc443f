"""Changes the master key while everything goes on: a kill at any moment leaves every key readable.

The new key is made beside the old one, in the same file, and only then seals anything. Whatever the old
one has sealed is sealed anew, value by value. The old key stays, to open copies of the database that were
made before and to know the addresses that providers were given, until `forget`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runway_core.domain import Noun
from runway_core.errors import ConfigError, KeyUnreadableError
from runway_core.people import Right
from runway_core.store import Store
from runway_core.store.sealed import SealedValue
from runway_core.studio.acting import Service, may
from runway_core.studio.callbacks import SEALED_FOR
from runway_core.studio.hosts import host_of
from runway_core.vault import Vault

BOUND: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "connections.key_sealed": lambda row: host_of(row["base_url"]),
    "connections.hook_secrets_sealed": lambda _row: SEALED_FOR,
}
"""What each sealed column is bound to beside its row's id; a test holds it complete."""


class MasterKey(Noun):
    """One master key; the key itself is never in here."""

    name: str
    """The start of a hash."""
    role: str
    """``seal``, ``next`` or ``old``."""
    seals: int
    """How many saved keys and secrets were sealed with it."""


class Rotated(Noun):
    """What a change of the master key has done."""

    resealed: int
    """How many saved keys and secrets were sealed anew."""
    unreadable: tuple[str, ...] = ()
    """Connections with something saved that no master key here opens; it was left as it is."""


class MasterKeys(Service):
    """The master keys of a home."""

    def __init__(self, store: Store, *, vault: Vault) -> None:
        super().__init__(store)
        self._vault = vault

    @may(Right.MANAGE)
    def all(self) -> list[MasterKey]:
        """The master keys, the one that seals first.

        Raises:
            ConfigError: the file can't be read.
        """
        names = self._vault.names()
        used = [self._vault.opened_by(one.value, **_place(one)) for one in self._store.sealed.all()]
        return [MasterKey(name=n, role=role, seals=used.count(n)) for n, role in names.items()]

    @may(Right.MANAGE, "master key prepared")
    def prepare(self) -> None:
        """Make the next master key and seal nothing with it yet: first every machine needs the file.

        Raises:
            ConfigError: the file can't be read or written.
        """
        self._vault.prepare()

    @may(Right.MANAGE, "master key changed")
    def rotate(self) -> Rotated:
        """Seal with another master key from now on, and all that is saved anew.

        It may be broken off and done again, with the app and other programs at work.

        Raises:
            ConfigError: the rows are in PostgreSQL and no key was prepared; or the file can't be read or written.
            StorageError: the database can't be written; what was not sealed anew opens as before.
        """
        broken_off = any(one.seals for one in self.all() if one.role == "old")
        if self._store.database.kind == "SQLite" or "next" in self._vault.names().values():
            self._vault.turn()
        elif not broken_off:
            raise ConfigError(
                "Other machines may work on this database, and don't have the new master key yet.",
                hint="Run: python -m runway_core key prepare. Copy the key file to every machine, "
                "then rotate.",
            )
        return self._reseal()

    @may(Right.MANAGE, "old master keys forgotten")
    def forget(self) -> None:
        """Give up the old master keys: copies of the database from before open no more.

        Raises:
            ConfigError: something saved still needs one, the keys were changed a moment ago, or the file
                can't be read or written.
        """
        needed = sum(one.seals for one in self.all() if one.role == "old")
        if needed:
            raise ConfigError(
                f"{needed} saved keys or secrets still need an old master key.",
                hint="Run: python -m runway_core key rotate. Nothing was changed.",
            )
        self._vault.forget()

    def _reseal(self) -> Rotated:
        done, unreadable = 0, []
        for saved in self._store.sealed.all():
            if self._vault.is_current(saved.value):
                continue
            try:
                done += self._store.sealed.replace(saved, self._anew(saved))
            except KeyUnreadableError:
                unreadable.append(str(saved.row["name"]))
        return Rotated(resealed=done, unreadable=tuple(dict.fromkeys(unreadable)))

    def _anew(self, saved: SealedValue) -> bytes:
        place = _place(saved)
        return self._vault.seal(self._vault.open(saved.value, **place), **place)


def _place(saved: SealedValue) -> dict[str, str]:
    return {"connection_id": saved.row["id"], "host": BOUND[saved.place](saved.row)}
