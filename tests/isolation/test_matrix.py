"""Each public function of the studio and the store × everybody who might call it.

The functions are found by looking, so a new one without a row fails. Whatever is another person's
must answer exactly like what is not there.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from runway_core.errors import DeskError, NotAllowedError
from runway_core.people import ANYBODY, LOCAL
from runway_core.store import Store
from runway_core.store.rows import Rows
from runway_core.studio import Studio
from runway_core.studio.acting import Service
from tests.isolation.rows_store import STORE
from tests.isolation.rows_studio import STUDIO, Row
from tests.isolation.world import WHO, World, build, open_copy, people

REFUSED = "not allowed"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    folder = tmp_path_factory.mktemp("people") / "home"
    folder.mkdir(mode=0o700)
    return folder, build(folder)


Opened = Callable[[], Studio]


@pytest.fixture
def anew(home: tuple[Path, World], tmp_path: Path) -> Iterator[Opened]:
    """Opens the same home afresh, so that no caller sees what another one did."""
    opened: list[Studio] = []

    def open_() -> Studio:
        opened.append(open_copy(home[0], tmp_path / str(len(opened))))
        return opened[-1]

    yield open_
    for studio in opened:
        studio.close()


def _public(thing: object, kind: type) -> set[str]:
    """The public functions of every part of the studio or the store, such as ``tasks.get``."""
    return {
        f"{part}.{name}"
        for part, service in vars(thing).items()
        if isinstance(service, kind)
        for name, _ in inspect.getmembers(type(service), inspect.isfunction)
        if not name.startswith("_") and name != "audit"
    }


def _outcome(call: Callable[[], Any]) -> str:
    """What a caller sees: a value, or an error's kind and words."""
    try:
        return repr(call())
    except NotAllowedError:
        return REFUSED
    except DeskError as error:
        return f"{error.kind}: {error}"
    except AttributeError:  # past the gate, where nothing real was given to work with
        return "let in"


def _signs(row: Row, world: World, opened: Callable[[str], Any]) -> str:
    """What the row says, as it really is."""
    signs = ""
    for who in WHO:
        outcome = _outcome(partial(row.call, opened(who), world))
        if outcome == REFUSED:
            signs += "n"
        elif "0" in row.may and outcome == _outcome(
            partial(row.call, opened(who), world.elsewhere())
        ):
            signs += "0"
        else:
            signs += "y"
    return signs


@pytest.mark.parametrize("name", sorted(STUDIO))
def test_each_function_of_the_studio_asks_who_acts(
    name: str, home: tuple[Path, World], anew: Opened
) -> None:
    def opened(who: str) -> Studio:
        studio = anew()
        return studio.acting_as(people(studio)[who])

    assert _signs(STUDIO[name], home[1], opened) == STUDIO[name].may


@pytest.mark.parametrize("name", sorted(STORE))
def test_each_function_of_the_store_asks_who_acts(
    name: str, home: tuple[Path, World], anew: Opened
) -> None:
    def opened(who: str) -> Store:
        studio = anew()
        return studio.store.acting_as(people(studio)[who])

    assert _signs(STORE[name], home[1], opened) == STORE[name].may


def test_no_function_is_without_a_row(anew: Opened) -> None:
    studio = anew()
    assert _public(studio, Service) == set(STUDIO)
    assert _public(studio.store, Rows) == set(STORE)


def test_every_part_of_the_studio_and_the_store_knows_who_acts(anew: Opened) -> None:
    local = anew()
    for thing, kind in ((local, Service), (local.store, Rows)):
        for actor in (ANYBODY, LOCAL, people(local)["owner"]):
            parts = [p for p in vars(thing.acting_as(actor)).values() if isinstance(p, kind)]
            assert len(parts) > 10
            assert {part.actor for part in parts} == {actor}


def test_a_shared_video_is_seen_by_all_and_changed_by_its_owner_alone(
    home: tuple[Path, World], anew: Opened
) -> None:
    world = home[1]
    studio = anew()
    by = {who: studio.acting_as(actor) for who, actor in people(studio).items()}
    for who in ("owner", "teammate", "viewer", "admin"):
        assert by[who].tasks.get(world.shared.id).id == world.shared.id
    with pytest.raises(NotAllowedError, match="Only whoever made this video"):
        by["teammate"].tasks.delete(world.shared.id)
    assert not by["teammate"].store.tasks.share(world.shared.id, False)
    by["owner"].tasks.share(world.shared.id, False)
    assert by["teammate"].store.tasks.get(world.shared.id) is None


def test_what_an_admin_changes_is_in_the_log(home: tuple[Path, World], anew: Opened) -> None:
    studio = anew()
    admin = studio.acting_as(people(studio)["admin"])
    admin.connections.pause("relay-1", "a look at its prices")
    admin.tasks.cancel(home[1].queued.id)
    said = [(e.person, e.act, e.subject) for e in admin.store.audit.newest(limit=2)]
    assert said == [
        ("admin", "video cancelled", home[1].queued.id),
        ("admin", "connection paused", "relay-1"),
    ]
