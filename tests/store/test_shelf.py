"""What is kept under a name, and the newest of everything, each person only their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from runway_core.errors import InvalidInputError
from runway_core.people import Actor, Person, Role
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from runway_core.studio.shelf import MOST, UNFINISHED_MOST
from tests.builders import NOW, connection, new_task
from tests.team import person as join


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(Settings(home=tmp_path))
    opened.store.connections.add_once(connection())
    yield opened
    opened.close()


def acting(studio: Studio, name: str) -> Studio:
    found: Person = join(studio, name, Role.MAKER)
    return studio.acting_as(Actor.of(found))


def test_the_same_name_takes_the_place_of_what_was_there(studio: Studio) -> None:
    studio.shelf.keep_draft("one", {"prompt": "first"})
    studio.shelf.keep_draft("two", {"prompt": "other"})
    studio.shelf.keep_draft(" one ", {"prompt": "second"})
    assert [(k.name, k.content["prompt"]) for k in studio.shelf.drafts()] == [
        ("one", "second"),
        ("two", "other"),
    ]


def test_each_person_has_a_shelf_of_their_own(studio: Studio) -> None:
    mia, bo = acting(studio, "Mia"), acting(studio, "Bo")
    mia.shelf.keep_prompt("fox", "A fox")
    bo.shelf.keep_prompt("fox", "Another fox")
    assert not bo.shelf.forget("prompt", "dog")
    assert bo.shelf.forget("prompt", "fox") and bo.shelf.prompts() == []
    assert [kept.content for kept in mia.shelf.prompts()] == ["A fox"]
    mia.store.tasks.add(new_task(prompt="hers alone"))
    assert mia.shelf.used_prompts() == ["hers alone"] and bo.shelf.used_prompts() == []


def test_a_full_shelf_refuses_and_drops_nothing_that_has_a_name(studio: Studio) -> None:
    for number in range(MOST):
        studio.shelf.keep_draft(f"{number}", {})
    with pytest.raises(InvalidInputError, match="Delete one first"):
        studio.shelf.keep_draft("one more", {})
    studio.shelf.keep_draft("0", {"prompt": "changed"})
    assert len(studio.shelf.drafts()) == MOST


def test_unfinished_forms_make_room_for_newer_ones(studio: Studio) -> None:
    for number in range(UNFINISHED_MOST + 3):
        studio.shelf.set_aside(f"{number}", {"number": number})
    left = [kept.content["number"] for kept in studio.shelf.unfinished()]
    assert left == list(range(UNFINISHED_MOST + 2, 2, -1))


def test_used_prompts_are_told_once_the_last_one_first(studio: Studio) -> None:
    for number, prompt in enumerate(("a boat", "a fox", "a boat", " ")):
        at = NOW + timedelta(minutes=number)
        studio.store.tasks.add(new_task(prompt=prompt, created_at=at))
    assert studio.shelf.used_prompts() == ["a boat", "a fox"]
    assert studio.shelf.used_prompts("FOX") == ["a fox"]
    assert studio.shelf.used_prompts(limit=1) == ["a boat"]
