"""A home with people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runway_core.people import Actor, Person, Role
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from tests.team import person


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """Nobody is here yet."""
    made = open_studio(Settings(home=tmp_path))
    yield made
    made.close()


@pytest.fixture
def ada(studio: Studio) -> Person:
    """The first admin."""
    return person(studio, "Ada", Role.ADMIN)


@pytest.fixture
def mo(studio: Studio, ada: Person) -> Person:
    """A maker."""
    return person(studio, "Mo", email="mo@example.org")


@pytest.fixture
def as_ada(studio: Studio, ada: Person) -> Studio:
    return studio.acting_as(Actor.of(ada))


@pytest.fixture
def as_mo(studio: Studio, mo: Person) -> Studio:
    return studio.acting_as(Actor.of(mo))
