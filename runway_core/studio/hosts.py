"""To which hosts connections may be made at all: the catalogue's, those an admin has added, and the operator's.

Whoever runs a host gets to see the keys, prompts and pictures that are sent there, and no filter can tell a good
public host from a bad one. So a person has to say it, and the list says to which it was said.
"""

from __future__ import annotations

import json
from typing import NamedTuple
from urllib.parse import urlsplit

from runway_core.catalog import catalog
from runway_core.domain import Noun
from runway_core.errors import (
    ConfigError,
    HostNotAllowedError,
    InvalidInputError,
    NotFoundError,
    Problem,
)
from runway_core.http import SandboxHost, is_public
from runway_core.people import Right
from runway_core.providers import normalise_base_url
from runway_core.settings import Settings
from runway_core.store import Store
from runway_core.studio.acting import Service, may

_NAME = "allowed_hosts"
"""Name of the preference that holds what was added, as JSON."""
_PORTS = {"https": 443, "http": 80}
_OWN_SERVER = (
    "If this is your own server on a private network, whoever runs Runway Desk can name it in "
    "RUNWAY_PRIVATE_HOSTS as host:port. Nothing was saved and nothing was sent."
)


class AllowedHost(Noun):
    """A host that connections may be made to."""

    host: str
    """A name, or ``host:port`` where the operator has named it."""
    by: str
    """``catalogue``, ``admin`` or ``operator``."""


class _Place(NamedTuple):
    scheme: str
    host: str
    port: int


class Hosts(Service):
    """The hosts that connections may be made to."""

    def __init__(self, settings: Settings, *, store: Store) -> None:
        super().__init__(store)
        self._settings = settings

    @may(Right.LOOK)
    def all(self) -> list[AllowedHost]:
        """Every host, the catalogue's first."""
        private = (f"{host}:{port}" for host, port in self._settings.private_hosts)
        kinds = {"catalogue": _of_catalogue(), "admin": self._added(), "operator": private}
        return [
            AllowedHost(host=host, by=by) for by, hosts in kinds.items() for host in sorted(hosts)
        ]

    @may(Right.LOOK)
    def name(self, address: str) -> str:
        """The host of an address that somebody has typed.

        Raises:
            InvalidInputError: it is no address; names ``base_url``.
        """
        return _place(normalise_base_url(address)).host

    @may(Right.LOOK)
    def check(self, root: str) -> None:
        """Nothing, if a connection to this normalised root may be saved. Opens no socket.

        Raises:
            HostNotAllowedError: an admin can allow it.
            InvalidInputError: nobody can: it is not encrypted, another port than 443, or not public.
        """
        place = _place(root)
        if place[1:] in self._settings.private_hosts:
            return
        _check_public(place)
        if place.host not in _of_catalogue() | self._added():
            raise HostNotAllowedError(place.host)

    @may(Right.MANAGE, "host allowed")
    def allow(self, address: str) -> str:
        """Let connections be made to the host of an address, and say which host that is.

        Raises:
            InvalidInputError: it is no address, or none that can be allowed; names ``base_url``.
        """
        place = _place(normalise_base_url(address))
        if place[1:] in self._settings.private_hosts:
            return place.host
        _check_public(place)
        if place.host not in _of_catalogue():
            self._set(self._added() | {place.host})
        return place.host

    @may(Right.MANAGE, "host forbidden")
    def forbid(self, address: str) -> str:
        """Take back what `allow` has allowed, and say which host that is.

        Raises:
            NotFoundError: it was not added.
            ConfigError: a connection uses it.
            InvalidInputError: it is no address; names ``base_url``.
        """
        host = _place(normalise_base_url(address)).host
        if host not in self._added():
            raise NotFoundError(
                f"{host} was not added.", hint="Those of the catalogue and the operator stay."
            )
        users = [c.name for c in self._store.connections.all() if _host(c.base_url) == host]
        if users:
            raise ConfigError(
                f"{host} is used by {', '.join(users)}.",
                hint="Change or remove that connection first. Nothing was changed.",
            )
        self._set(self._added() - {host})
        return host

    def _added(self) -> set[str]:
        """What was added; before anything was, the hosts of connections from before there was a list."""
        saved = self._store.preferences.get(_NAME)
        if saved:
            return set(json.loads(saved))
        found = [_place(one.base_url) for one in self._store.connections.all()]
        private = self._settings.private_hosts
        public = {p.host for p in found if p.scheme == "https" and p[1:] not in private}
        return public - _of_catalogue()

    def _set(self, hosts: set[str]) -> None:
        self._store.preferences.set(_NAME, json.dumps(sorted(hosts)))


def host_of(root: str) -> str:
    """Host and port that a key is bound to."""
    return urlsplit(root).netloc.casefold()


def sandbox_host(settings: Settings) -> tuple[SandboxHost, int] | None:
    """Where the built-in sandbox of this home listens now; None while it does not run.

    It is no entry of the list: it proves with its own key that it is the sandbox, each time before
    anything is sent to it.
    """
    address = settings.sandbox_address()
    if address is None:
        return None

    def key() -> str:
        found = settings.sandbox_address()
        return found.key if found else ""

    parts = urlsplit(address.url)
    return SandboxHost(parts.hostname or "", key=key), parts.port or _PORTS["http"]


def _of_catalogue() -> set[str]:
    return {_host(profile.root) for profile in catalog().profiles if profile.root}


def _host(root: str) -> str:
    return _place(root).host


def _place(root: str) -> _Place:
    parts = urlsplit(root)
    return _Place(parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))


def _check_public(place: _Place) -> None:
    if place.scheme != "https":
        _refuse("must begin with https://: only that is safe for a key.")
    if place.port != _PORTS["https"]:
        _refuse("must not name another port than 443.")
    if (":" in place.host or place.host.replace(".", "").isdigit()) and not is_public(place.host):
        _refuse(f"{place.host} is not on the public internet.")


def _refuse(message: str) -> None:
    raise InvalidInputError(Problem("base_url", message), hint=_OWN_SERVER)
