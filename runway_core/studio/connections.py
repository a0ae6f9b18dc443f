"""Connections: a profile, an address and a key, and the provider behind them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from runway_core.catalog import Profile, catalog
from runway_core.domain import Connection, Exchange
from runway_core.errors import (
    ConfigError,
    InvalidInputError,
    NotFoundError,
    NotReachedError,
    Problem,
)
from runway_core.http import Http
from runway_core.people import LOCAL, Right
from runway_core.pricing import OWN_WORTH
from runway_core.providers import (
    PROVIDERS,
    Endpoint,
    Gate,
    Provider,
    normalise_base_url,
    open_provider,
    prefix_for,
)
from runway_core.settings import SandboxAddress, Settings
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now
from runway_core.studio.connection_fields import checked_price, clean_name, clean_options
from runway_core.studio.hosts import Hosts, host_of, sandbox_host
from runway_core.vault import Vault, clean_key, key_hint

SANDBOX = "Sandbox"
"""Name of the connection to the built-in sandbox."""


class Connections(Service):
    """Adds, changes, removes and opens connections."""

    def __init__(self, settings: Settings, *, store: Store, vault: Vault) -> None:
        self._settings = settings
        super().__init__(store)
        self._vault = vault
        self._hosts = Hosts(settings, store=store)

    @may(Right.LOOK)
    def all(self) -> list[Connection]:
        """Every connection, oldest first; the built-in sandbox is there unless it was deleted."""
        self._store.acting_as(LOCAL).connections.add_once(
            Connection(id="sandbox", name=SANDBOX, profile="sandbox", base_url="", created_at=now())
        )
        return self._store.connections.all()

    @may(Right.LOOK)
    def get(self, connection_id: str) -> Connection:
        """One connection, deleted ones included.

        Raises:
            NotFoundError: there is none of that id.
        """
        found = self._store.connections.get(connection_id)
        if found is None:
            raise NotFoundError("There is no such connection.")
        return found

    @may(Right.LOOK)
    def by_name(self, name: str) -> Connection:
        """One connection by its name, in any case.

        Raises:
            NotFoundError: there is none of that name; says which there are.
        """
        known_ones = self.all()
        found = self._store.connections.by_name(name)
        if found is None:
            known = ", ".join(c.name for c in known_ones) or "none yet"
            raise NotFoundError(
                f"There is no connection “{name}”.", hint=f"Connections here: {known}."
            )
        return found

    @may(Right.LOOK)
    def profile(self, connection: Connection) -> Profile:
        """The catalogue row behind a connection."""
        return catalog().profile(connection.profile)

    @may(Right.LOOK)
    def address(
        self, profile_id: str, base_url: str = "", options: Mapping[str, str] | None = None
    ) -> str:
        """The exact address that a create will call, to show before anything is saved.

        Empty for the built-in sandbox.

        Raises:
            InvalidInputError: the base URL makes no sense; names ``base_url``.
        """
        profile = catalog().profile(profile_id)
        root = self._root(profile, base_url)
        if not root:
            return ""
        own_prefix = (options or {}).get("prefix", "")
        endpoint = Endpoint(root=root, prefix=prefix_for(root, profile, own_prefix))
        protocol = PROVIDERS[profile.protocol]
        return protocol.create_address(endpoint, profile.capabilities()[0], options or {})

    @may(Right.MANAGE, "connection added")
    def add(
        self,
        name: str,
        *,
        profile: str,
        base_url: str = "",
        key: str = "",
        unit_price: Decimal | None = None,
        unit: str = "",
        options: Mapping[str, str] | None = None,
        allow_host: bool = False,
    ) -> Connection:
        """Save a new connection; the key is encrypted before it is written.

        `allow_host` also lets keys be sent to the host of this address from now on.

        Raises:
            HostNotAllowedError: an admin has to allow this address first.
            InvalidInputError: names each field that is wrong.
        """
        row = catalog().profile(profile)
        root = self._root(row, base_url)
        if key or row.kind != "sandbox":
            key = clean_key(key)
        connection = Connection(
            id=str(uuid.uuid4()),
            name=clean_name(name),
            profile=profile,
            base_url=root,
            key_hint=key_hint(key) if key else "",
            unit_price=checked_price(unit_price),
            unit=unit.strip()[:20],
            options=clean_options(row, options or {}),
            created_at=now(),
        )
        self._check_host(root, allow=allow_host)
        sealed = self._seal(connection.id, root, key) if key else None
        if not self._store.connections.add(connection, key_sealed=sealed):
            raise InvalidInputError(Problem("name", f"“{name}” is taken; choose another."))
        return connection

    @may(Right.MANAGE, "connection changed")
    def change(
        self,
        connection_id: str,
        *,
        name: str,
        base_url: str,
        key: str = "",
        unit_price: Decimal | None = None,
        unit: str = "",
        options: Mapping[str, str] | None = None,
        allow_host: bool = False,
    ) -> Connection:
        """Change a connection; an empty key keeps the saved one, and so does None for the options.

        A key goes to no other host than its own, so a change of host needs the key again.
        `allow_host` also lets keys be sent to the new one from now on.

        Raises:
            HostNotAllowedError: an admin has to allow this address first.
            InvalidInputError: names each field that is wrong.
        """
        old = self.get(connection_id)
        root = self._root(self.profile(old), base_url)
        changes: dict[str, Any] = {"name": clean_name(name), "base_url": root}
        changes |= {"unit_price": checked_price(unit_price), "unit": unit.strip()[:20]}
        if options is not None:
            changes["options"] = clean_options(self.profile(old), options)
        changes |= self._new_key(old, root, key)
        if root != old.base_url:
            self._check_host(root, allow=allow_host)
        if not self._store.connections.change(connection_id, **changes):
            raise InvalidInputError(Problem("name", f"“{changes['name']}” is taken."))
        found = self.get(connection_id)
        if (root, found.options) != (old.base_url, old.options) or "key_sealed" in changes:
            self.mended(connection_id, anew=True)
            self._store.line.wake_next(connection_id, now())  # its plan may allow more by now
        return found

    @may(Right.MANAGE, "prices entered")
    def set_prices(
        self, connection_id: str, *, unit_price: Decimal | None, unit: str, worth: str
    ) -> Connection:
        """Note what a connection's owner says of its prices; nothing is sent or tried anew because of it.

        Args:
            unit_price: What a 5-second video costs, where nobody published it.
            unit: The unit of that.
            worth: What one unit is worth, such as ``0.002 USD``; empty for what is published.

        Raises:
            InvalidInputError: names each field that is wrong.
        """
        old = self.get(connection_id)
        options = clean_options(self.profile(old), old.options | {OWN_WORTH: worth})
        changes = {"unit_price": checked_price(unit_price), "unit": unit.strip()[:20]}
        self._store.connections.change(
            connection_id, **changes, options={name: text for name, text in options.items() if text}
        )
        return self.get(connection_id)

    @may(Right.MANAGE)
    def mended(self, connection_id: str, *, anew: bool = False) -> None:
        """A person has seen that a key works, or entered it `anew`: what waits for it goes on now."""
        floor = timedelta(seconds=self.profile(self.get(connection_id)).poll_floor)
        self._store.pauses.lift(connection_id, now=now(), floor=floor, for_good=True, anew=anew)

    @may(Right.MANAGE)
    def refused(self, connection: Connection, why: str) -> None:
        """A check has seen that the key is refused: what waits to be sent with it waits on."""
        pauses = self._store.pauses
        pauses.begin(connection.id, why, key_hint=connection.key_hint, now=now())

    @may(Right.MANAGE, "connection paused")
    def pause(self, connection_id: str, why: str) -> bool:
        """Send nothing more with a connection until a person lifts it; what runs is followed on.

        `why` is for a person. False when it was paused before, whose reason stays.
        """
        return self._store.connections.pause(connection_id, why)

    @may(Right.MANAGE, "connection resumed")
    def resume(self, connection_id: str) -> bool:
        """Send again with a connection; what waits for it is looked at now. False when it was not paused."""
        return self._store.connections.resume(connection_id, now())

    @may(Right.MANAGE, "connection removed")
    def remove(self, connection_id: str) -> None:
        """Delete a connection and its key; its videos stay.

        Raises:
            InvalidInputError: videos are still being made with it.
        """
        still = self._store.tasks.count_open(connection_id)
        if still:
            raise InvalidInputError(
                Problem("connection", f"{still} of its tasks are still open; wait or cancel them."),
                hint="Nothing was deleted.",
            )
        self._store.connections.remove(connection_id, now())

    @may(Right.MAKE)
    def open(
        self,
        connection: Connection,
        http: Http,
        *,
        observe: Callable[[Exchange], None] | None = None,
        gate: Gate | None = None,
    ) -> Provider:
        """The provider behind a connection, with its key in hand; `gate` is asked before each request.

        Raises:
            ConfigError: no key is saved.
            KeyUnreadableError: the saved key can't be opened.
            NotReachedError: the built-in sandbox is not running.
        """
        root, key = self.root(connection), self._key(connection)
        return self.provider(connection, http, root=root, key=key, observe=observe, gate=gate)

    @may(Right.MAKE)
    def provider(
        self,
        connection: Connection,
        http: Http,
        *,
        root: str,
        key: str,
        observe: Callable[[Exchange], None] | None = None,
        options: Mapping[str, str] | None = None,
        gate: Gate | None = None,
    ) -> Provider:
        """The provider of a connection with another root, key or further settings than the saved ones.

        Raises:
            InvalidInputError: the root or a setting makes no sense.
        """
        if not connection.base_url:
            self.allow_sandbox(http)
        return open_provider(
            self.profile(connection),
            root,
            key=key,
            http=http,
            observe=observe,
            options=connection.options | dict(options or {}),
            memory=_Learnt(self._store, connection.id),
            gate=gate,
        )

    @may(Right.MAKE)
    def allow_sandbox(self, http: Http) -> None:
        """Let `http` reach the built-in sandbox of this home, wherever it listens now."""
        place = sandbox_host(self._settings)
        if place is not None:
            http.allow(*place)

    @may(Right.LOOK)
    def root(self, connection: Connection) -> str:
        """The root that is called, the built-in sandbox's of this moment included.

        Raises:
            NotReachedError: the built-in sandbox is not running.
        """
        return connection.base_url or self._sandbox().url

    @may(Right.MANAGE)
    def key(self, connection: Connection) -> str:
        """The saved key, opened; for the provider alone.

        Raises:
            ConfigError: no key is saved.
            KeyUnreadableError: the saved key can't be opened.
            NotReachedError: the built-in sandbox, which makes its own, is not running.
        """
        return self._key(connection)

    def _key(self, connection: Connection) -> str:
        # Whoever may make videos uses a key, and whoever uses it does not see it.
        sealed = self._store.acting_as(LOCAL).connections.key_sealed(connection.id)
        if sealed is not None:
            host = host_of(connection.base_url)
            return self._vault.open(sealed, connection_id=connection.id, host=host)
        if connection.profile != "sandbox":
            raise ConfigError(
                f"No API key is saved for {connection.name}.", hint="Enter it in Settings."
            )
        return "sandbox" if connection.base_url else self._sandbox().key

    def _sandbox(self) -> SandboxAddress:
        address = self._settings.sandbox_address()
        if address is None:
            raise NotReachedError(
                "The built-in sandbox is not running yet.",
                hint="It runs while the app or a worker runs.",
            )
        return address

    def _root(self, profile: Profile, base_url: str) -> str:
        if base_url.strip():
            return normalise_base_url(base_url)
        if profile.root or profile.kind == "sandbox":
            return profile.root
        raise InvalidInputError(
            Problem("base_url", f"{profile.title} needs the address of the endpoint.")
        )

    def _check_host(self, root: str, *, allow: bool) -> None:
        if root:  # the built-in sandbox has none
            (self._hosts.allow if allow else self._hosts.check)(root)

    def _new_key(self, old: Connection, root: str, key: str) -> dict[str, Any]:
        """The columns of a key that was entered; none when the saved one stays."""
        if key.strip():
            key = clean_key(key)
            return {"key_sealed": self._seal(old.id, root, key), "key_hint": key_hint(key)}
        if old.key_hint and host_of(root) != host_of(old.base_url):
            raise InvalidInputError(
                Problem("key", "Enter the key again: the saved one is for another address.")
            )
        return {}

    def _seal(self, connection_id: str, root: str, key: str) -> bytes:
        return self._vault.seal(key, connection_id=connection_id, host=host_of(root))


class _Learnt:
    """What a provider remembers about one connection, in the store."""

    def __init__(self, store: Store, connection_id: str) -> None:
        self._store = store
        self._id = connection_id

    def get(self, name: str) -> str:
        return self._store.connections.learnt(self._id).get(name, "")

    def set(self, name: str, value: str) -> None:
        self._store.connections.learn(self._id, name, value)
