"""What a person keeps to use again: drafts by name, forms that were left unfinished, and prompts."""

from __future__ import annotations

from typing import Any, Literal

from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Right
from runway_core.store import Kept
from runway_core.studio.acting import Service, may
from runway_core.studio.clock import now

MOST = 50
"""Drafts, and prompts, that a person keeps."""
UNFINISHED_MOST = 10
"""Forms that were left for another; the oldest of more makes room."""
NAME_MOST = 80
"""Characters of a name."""

Kind = Literal["draft", "prompt"]
_UNFINISHED = "unfinished"


class Shelf(Service):
    """The acting person's own."""

    @may(Right.LOOK)
    def drafts(self) -> list[Kept]:
        """Forms that were kept under a name, the last one first."""
        return self._store.shelf.all("draft")

    @may(Right.LOOK)
    def prompts(self) -> list[Kept]:
        """Prompts that were kept under a name, the last one first."""
        return self._store.shelf.all("prompt")

    @may(Right.LOOK)
    def unfinished(self) -> list[Kept]:
        """Forms that another one took the place of before they were sent, the last one first."""
        return self._store.shelf.all(_UNFINISHED)

    @may(Right.LOOK)
    def used_prompts(self, text: str = "", *, limit: int = 40) -> list[str]:
        """What was asked for lately, each prompt once, the last one first; `text` as in the history's search."""
        return self._store.recent.prompts(text, limit=limit)

    @may(Right.MAKE)
    def keep_draft(self, name: str, form: dict[str, Any]) -> str:
        """Keep a form under a name, in place of one of the same name. Gives the name as it is kept.

        Raises:
            InvalidInputError: no name, one that is too long, or too many are kept; names ``name``.
        """
        return self._keep("draft", name, form)

    @may(Right.MAKE)
    def keep_prompt(self, name: str, prompt: str) -> str:
        """Keep a prompt under a name, in place of one of the same name. Gives the name as it is kept.

        Raises:
            InvalidInputError: no name or prompt, one that is too long, or too many are kept; names it.
        """
        if not prompt.strip():
            raise InvalidInputError(Problem("prompt", "is empty: write it first."))
        return self._keep("prompt", name, prompt)

    @may(Right.MAKE)
    def set_aside(self, name: str, form: dict[str, Any]) -> None:
        """Keep a form that another one takes the place of; it can be opened again until ten more were left."""
        self._store.shelf.put(_UNFINISHED, name[:NAME_MOST], form, now())
        for old in self._store.shelf.all(_UNFINISHED)[UNFINISHED_MOST:]:
            self._store.shelf.remove(_UNFINISHED, old.name)

    @may(Right.MAKE)
    def forget(self, kind: Kind | Literal["unfinished"], name: str) -> bool:
        """Delete what is kept under a name; False when nothing is."""
        return self._store.shelf.remove(kind, name)

    def _keep(self, kind: Kind, name: str, content: Any) -> str:
        name = " ".join(name.split())
        if not name:
            raise InvalidInputError(Problem("name", "is missing: give it one to find it by."))
        if len(name) > NAME_MOST:
            most = f"is too long: it may have {NAME_MOST} characters."
            raise InvalidInputError(Problem("name", most))
        there = {kept.name for kept in self._store.shelf.all(kind)}
        if name not in there and len(there) >= MOST:
            full = f"is one too many: {MOST} are kept. Delete one first."
            raise InvalidInputError(Problem("name", full))
        self._store.shelf.put(kind, name, content, now())
        return name
