"""Whose browser the pages are drawn for: the harness has no cookies of its own, so it is given those of a session."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.runtime.context import ContextProxy

from runway_core.people import Actor, Person
from runway_core.studio import Studio
from runway_core.web import visitor
from tests.team import token

Become = Callable[[Person], None]
"""Has the pages that are opened or drawn from now on be somebody's."""


def working_as(studio: Studio, person: Person) -> Studio:
    """The studio as somebody uses it."""
    return studio.acting_as(Actor.of(person))


def becoming(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Become:
    """How a test becomes somebody."""

    def become(person: Person) -> None:
        held = dict.fromkeys((visitor.SESSION, f"__Host-{visitor.SESSION}"), token(studio, person))
        monkeypatch.setattr(ContextProxy, "cookies", property(lambda _self: held))

    return become
