"""The address that providers are given to call us at, and the secrets that they sign with.

What a call may change is in `runway_core.studio.calls`.
"""

from __future__ import annotations

import asyncio
import json
import secrets as random
from urllib.parse import urlsplit

from runway_core.catalog import Profile
from runway_core.domain import Connection, Noun, Task
from runway_core.errors import (
    DeskError,
    InvalidInputError,
    NotReachedError,
    Problem,
)
from runway_core.http import Http, Reply
from runway_core.people import Right
from runway_core.redact import remember
from runway_core.settings import Settings
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.connections import Connections
from runway_core.vault import Vault
from runway_core.webhooks import subject_of, token_for

PATH = "/webhooks"
"""Where calls come in, below the public address."""
SECRETS_KEPT = 2
"""The newest are valid, so that a secret can be changed without a gap."""
TEST = "test"
"""Stands in the address where a profile's name would."""
_ADDRESS = "public_url"
ARRIVED = "callback_test"
"""Name of the preference that holds what the last test call carried."""
SEALED_FOR = "callbacks"
"""Stands in the seal where a key's host would."""
_SECONDS = 10.0
_KNOWN_MOST = 50


class Tested(Noun):
    """Whether a call to the public address came back to this home."""

    came_back: bool
    says: str
    do: str = ""


class Callbacks(Service):
    """Gives addresses out and takes calls in."""

    def __init__(
        self, settings: Settings, *, store: Store, connections: Connections, vault: Vault
    ) -> None:
        self._settings = settings
        super().__init__(store)
        self._connections = connections
        self._vault = vault
        self._ready = False
        self._known: dict[bytes, tuple[str, ...]] = {}
        """Opened secrets by what they were sealed as: a storm of calls need not open them each time."""

    # --- the address -----------------------------------------------------------------------------

    @may(Right.LOOK)
    def address(self) -> str:
        """The public address of this app, such as ``https://desk.example.com``; empty when it has none."""
        return self._store.preferences.get(_ADDRESS)

    @may(Right.MANAGE, "public address set")
    def set_address(self, text: str) -> str:
        """Set the public address; empty means that no provider is told to call.

        Raises:
            InvalidInputError: it is none; names ``public_url``.
        """
        address = self._clean(text.strip()) if text.strip() else ""
        self._store.preferences.set(_ADDRESS, address)
        return address

    @may(Right.LOOK)
    def url_for(self, task: Task) -> str:
        """Where its provider is to call about a task; empty when it is not to call us.

        It is the same for each try, and never keeps a create from being sent: where it can't be made,
        there is none.
        """
        try:
            address = self.address()
            if not address or not self.can_call(self._connections.get(task.connection_id)):
                return ""
            token = token_for(self._keys()[0], task.profile, task.id)
        except DeskError:
            return ""
        return f"{address}{PATH}/{task.profile}/{token}"

    @may(Right.LOOK)
    def can_call(self, connection: Connection) -> bool:
        """Whether its provider is told an address to call, and its owner has not set another one."""
        profile = self._connections.profile(connection)
        own = profile.setting("callback_url") is None or connection.options.get("callback_url", "")
        return not own and not _is_left_out(profile, connection)

    @may(Right.MANAGE)
    def test(self) -> Tested:
        """Call the public address from here, and see whether it comes back to this home. Free.

        Raises:
            InvalidInputError: there is no public address.
        """
        address = self.address()
        if not address:
            raise InvalidInputError(Problem("public_url", "is not set."))
        nonce = random.token_hex(16)
        url = f"{address}{PATH}/{TEST}/{token_for(self._keys()[0], TEST, nonce)}"
        try:
            reply = asyncio.run(self._post(url))
        except DeskError as error:
            inside = isinstance(error, NotReachedError)
            hint = " Some networks can't call themselves from inside: try it from elsewhere."
            return Tested(
                came_back=False, says=str(error), do=error.hint + (hint if inside else "")
            )
        if self._store.preferences.get(ARRIVED) == nonce:
            return Tested(came_back=True, says=f"It came back in {reply.elapsed_ms} ms.")
        return Tested(
            came_back=False,
            says=f"Something answers there ({reply.status}), but the call did not come here.",
            do=f"Have your proxy pass POST {PATH}/… on to this app, with the whole path.",
        )

    # --- secrets ---------------------------------------------------------------------------------

    @may(Right.LOOK)
    def signs(self, connection: Connection) -> bool:
        """Whether its provider is known to sign its calls."""
        return self._connections.profile(connection).protocol == "doitong"

    @may(Right.MANAGE)
    def secrets(self, connection_id: str) -> tuple[str, ...]:
        """The secrets that calls of a connection may be signed with, the newest first.

        Raises:
            KeyUnreadableError, ConfigError: they can't be opened.
        """
        return self._opened(
            connection_id, self._store.connections.hook_secrets_sealed(connection_id)
        )

    @may(Right.RUN)
    def opened(self, connection_id: str, sealed: bytes | None) -> tuple[str, ...]:
        """`secrets`, where they have been read from the store already."""
        return self._opened(connection_id, sealed)

    def _opened(self, connection_id: str, sealed: bytes | None) -> tuple[str, ...]:
        if sealed is None:
            return ()
        if sealed in self._known:
            return self._known[sealed]
        text = self._vault.open(sealed, connection_id=connection_id, host=SEALED_FOR)
        found = tuple(json.loads(text))
        for secret in found:
            remember(secret)
        self._known = {sealed: found} | dict(list(self._known.items())[:_KNOWN_MOST])
        return found

    @may(Right.MANAGE, "signing secret added")
    def add_secret(self, connection_id: str, secret: str) -> int:
        """Save a new secret for the calls of a connection; the one before it stays valid.

        Returns:
            How many are valid now.

        Raises:
            InvalidInputError: it is none; names ``hook_secret``.
        """
        secret = secret.strip()
        if not 8 <= len(secret) <= 512 or not secret.isprintable():
            raise InvalidInputError(Problem("hook_secret", "must be 8 to 512 characters."))
        before = [known for known in self.secrets(connection_id) if known != secret]
        kept = [secret, *before][:SECRETS_KEPT]
        sealed = self._vault.seal(json.dumps(kept), connection_id=connection_id, host=SEALED_FOR)
        self._store.connections.change(connection_id, hook_secrets_sealed=sealed)
        return len(kept)

    @may(Right.MANAGE, "signing secrets forgotten")
    def forget_secrets(self, connection_id: str) -> None:
        """Take calls of a connection without a signature again."""
        self._store.connections.change(connection_id, hook_secrets_sealed=None)

    @property
    @may(Right.LOOK)
    def ready(self) -> bool:
        """Whether `subject` answers without reading a file."""
        return self._ready

    # --- calls -----------------------------------------------------------------------------------

    @may(Right.RUN)
    def subject(self, place: str, token: str) -> str | None:
        """Whom an address means; None when it is none of ours. Asks no database.

        An address from before the master key changed is known as long as the old key is kept.

        Raises:
            ConfigError: the master key can't be read.
        """
        found = (subject_of(key, place, token) for key in self._keys())
        return next((subject for subject in found if subject is not None), None)

    def _keys(self) -> tuple[bytes, ...]:
        keys = self._vault.derive("callbacks")
        self._ready = True
        return keys

    def _clean(self, text: str) -> str:
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port, parts = "", None, urlsplit("")
        if not host or len(text) > 500 or not text.isascii() or not text.isprintable():
            raise _not_an_address("is no address; it looks like https://desk.example.com.")
        if parts.query or parts.fragment or parts.username is not None or " " in text:
            raise _not_an_address("must be a plain address, without ?, # or a name in it.")
        near = (host, port or 80) in self._settings.private_hosts
        if parts.scheme != "https" and not (parts.scheme == "http" and (near or _is_here(host))):
            raise _not_an_address(
                "must begin with https://, so that nobody on the way can read it."
            )
        return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"

    async def _post(self, url: str) -> Reply:
        async with Http(private_hosts=self._settings.private_hosts) as http:
            return await http.request("POST", url, json={"test": True}, deadline=_SECONDS)


def _is_left_out(profile: Profile, connection: Connection) -> bool:
    """Whether nobody has said where in its requests Doitong's GraphQL takes an address."""
    field = profile.setting("webhook_field")
    if field is None or connection.options.get("api", "graphql") != "graphql":
        return False
    return connection.options.get("webhook_field", field.default) == field.default


def _is_here(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _not_an_address(message: str) -> InvalidInputError:
    return InvalidInputError(Problem("public_url", message))
