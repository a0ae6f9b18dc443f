"""A create as it would be sent, for somebody else to send: with a name for the key, and links for files."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from runway_core.domain import Connection, GenerationRequest
from runway_core.http import Http
from runway_core.people import Right
from runway_core.providers import Outline
from runway_core.store import Store
from runway_core.studio.acting import Service, may
from runway_core.studio.connections import Connections

VARIABLE = "RUNWAY_API_KEY"
"""The environment variable that holds the key of whoever sends it."""
STAND_IN = "https://example.com/"
"""What the link of a file begins with that is kept here: nobody else can fetch it."""


class Outlines(Service):
    """Writes requests down and sends none."""

    def __init__(self, store: Store, *, connections: Connections) -> None:
        super().__init__(store)
        self._connections = connections

    @may(Right.MAKE)
    def create(self, request: GenerationRequest, connection: Connection) -> Outline:
        """The create that this connection would send, with ``$RUNWAY_API_KEY`` in the key's place.

        The saved key is not opened. A token of its own makes it another wish than the app's, so that a
        provider with idempotency keys takes one for no repetition of the other.

        Raises:
            InvalidInputError: the connection does not offer the model.
            NotReachedError: the built-in sandbox is not running, so nobody knows its address.
        """
        provider = self._connections.provider(
            connection,
            Http(),
            root=self._connections.root(connection),
            key=f"${VARIABLE}",
            options={"callback_url": ""},  # calls are for the app, and their address may be secret
        )
        return provider.outline(self._for_others(request), token=str(uuid.uuid4()))

    def _for_others(self, request: GenerationRequest) -> GenerationRequest:
        """With a link in place of each file that is kept here or sent inside the request."""
        frames = [f.model_copy(update={"uri": self._link(f.uri)}) for f in request.frames]
        media = [m.model_copy(update={"uri": self._link(m.uri)}) for m in request.media]
        return request.model_copy(update={"frames": tuple(frames), "media": tuple(media)})

    def _link(self, uri: str) -> str:
        if uri.startswith("data:"):
            return f"{STAND_IN}your-file"
        if not uri.startswith("asset:"):
            return uri
        asset = self._store.assets.get(uri.removeprefix("asset:"))
        return STAND_IN + quote(asset.filename if asset else "your-file")
