"""The create form as a person left it, so that it survives a reload, a closed tab and a restart."""

from __future__ import annotations

from typing import Any

from runway_core.store import Store
from runway_core.studio.clock import now

OWNER = "local"
"""The one person of an app without sign-in."""


class Drafts:
    """Loads and saves drafts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load(self) -> dict[str, Any]:
        """The last saved form; empty when there is none."""
        return self._store.drafts.get(OWNER) or {}

    def save(self, form: dict[str, Any]) -> None:
        """Keep a form: plain JSON values only."""
        self._store.drafts.save(OWNER, form, now())
