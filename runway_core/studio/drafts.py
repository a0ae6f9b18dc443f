"""The create form as a person left it, so that it survives a reload, a closed tab and a restart."""

from __future__ import annotations

from typing import Any

from runway_core.people import Right
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now


class Drafts(Service):
    """Loads and saves the acting person's draft."""

    @may(Right.LOOK)
    def load(self) -> dict[str, Any]:
        """The last saved form; empty when there is none."""
        return self._store.drafts.get() or {}

    @may(Right.MAKE)
    def save(self, form: dict[str, Any]) -> None:
        """Keep a form: plain JSON values only."""
        self._store.drafts.save(form, now())
