"""What a person is told when their videos are done, and how: by default quietly."""

from __future__ import annotations

from runway_core.domain import Noun
from runway_core.people import Right
from runway_core.studio.acting import Service, may

_NAME = "notices"
WATCHED = 500
"""So many open tasks are watched at most; the end of any further one is told once these are done."""


class Choice(Noun):
    """How somebody wants to be told, beside the note on the page."""

    sound: bool = False
    """A short tone when the last open video is done."""
    browser: bool = False
    """A notification of the browser then."""


class Notices(Service):
    """Tells what is open, and keeps how each person wants to be told of its end."""

    @may(Right.LOOK)
    def open_ids(self) -> tuple[str, ...]:
        """Ids of the acting person's tasks that are still worked on, the oldest first; at most `WATCHED`."""
        return self._store.notices.open_ids(limit=WATCHED)

    @may(Right.LOOK)
    def choice(self) -> Choice:
        """How the acting person wants to be told."""
        chosen = self._store.own_preferences.get(_NAME).split()
        return Choice(sound="sound" in chosen, browser="browser" in chosen)

    @may(Right.LOOK)
    def choose(self, choice: Choice) -> None:
        """Be told so from now on."""
        chosen = [name for name, on in choice.model_dump().items() if on]
        self._store.own_preferences.set(_NAME, " ".join(chosen))
