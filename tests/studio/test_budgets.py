"""Budgets through the studio: what may be set, in which unit, and what is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from runway_core.domain import Connection, Frame, Period, TaskStatus
from runway_core.errors import BudgetExceededError, InvalidInputError
from runway_core.people import Actor, Person, Role
from runway_core.settings import Settings
from runway_core.store import TaskQuery
from runway_core.studio import Studio, open_studio
from tests.builders import NOW, request


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Studio]:
    made = open_studio(Settings(home=tmp_path))
    yield made
    made.close()


def relay(studio: Studio, **more: str | Decimal) -> Connection:
    known = {"profile": "openai-hk", "key": "hk-canary-key-0003"}
    return studio.connections.add("Relay", **(known | more))  # type: ignore[arg-type] # of two kinds


def ask(studio: Studio, connection: Connection, prompt: str = "a fox", duration: int = 5) -> None:
    wish = request(
        capability="image_to_video",
        model="gen4_turbo",
        prompt=prompt,
        frames=(Frame(uri="https://pictures.example/fox.jpg"),),
        duration=duration,
    )
    studio.tasks.submit(wish, connection=connection, token=prompt)


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "1000000000001"])
def test_an_amount_that_is_none_is_refused_and_changes_nothing(home: Studio, amount: str) -> None:
    own = relay(home)
    wanted = {Period.DAY: Decimal(5), Period.MONTH: Decimal(amount)}
    with pytest.raises(
        InvalidInputError, match=r"budget\.month: must be a number above 0"
    ) as wrong:
        home.budgets.set(own, wanted)
    assert wrong.value.hint == "Nothing was changed."
    assert home.budgets.all(own) == []


def test_a_budget_is_in_the_unit_that_the_owner_pays_in(home: Studio) -> None:
    own = relay(home, unit_price=Decimal("0.35"), unit="CNY")
    (budget,) = home.budgets.set(own, {Period.MONTH: Decimal("1.05")})
    assert (budget.unit, budget.hard) == ("CNY", True)
    ask(home, own, "one")
    ask(home, own, "two", duration=10)
    with pytest.raises(BudgetExceededError, match=r"1\.05 CNY for \w+ 1\.05 are"):
        ask(home, own, "three")
    assert home.tasks.page(TaskQuery()).total == 2


def test_a_price_that_nobody_told_is_asked_for_and_then_it_goes(home: Studio) -> None:
    own = relay(home)
    home.budgets.set(own, {Period.MONTH: Decimal(10000)})
    with pytest.raises(InvalidInputError, match="unit_price: is not known, so") as unknown:
        ask(home, own)
    assert "Enter the price once in Settings" in unknown.value.hint
    assert home.tasks.page(TaskQuery()).total == 0
    priced = home.connections.change(
        own.id, name=own.name, base_url=own.base_url, unit_price=Decimal(2000), unit="point"
    )
    ask(home, priced)
    (found,) = home.budgets.outlooks(priced)
    assert (found.reserved, found.percent) == (Decimal(2000), 20)


def test_a_change_of_the_unit_asks_for_a_new_budget(home: Studio) -> None:
    own = relay(home, unit_price=Decimal(2000), unit="point")
    home.budgets.set(own, {Period.MONTH: Decimal(10000)})
    ask(home, own)
    changed = home.connections.change(
        own.id, name=own.name, base_url=own.base_url, unit_price=Decimal("0.2"), unit="CNY"
    )
    with pytest.raises(
        InvalidInputError, match="budget: is in points, but prices are in CNY by now"
    ):
        ask(home, changed, "another")
    home.budgets.set(changed, {Period.MONTH: Decimal(10)})
    ask(home, changed, "another")
    (found,) = home.budgets.outlooks(changed)
    assert (found.reserved, found.unpriced) == (Decimal("0.2"), 1)


def test_the_same_draft_is_given_back_even_when_the_budget_is_used_up(home: Studio) -> None:
    own = home.connections.by_name("Sandbox")
    home.budgets.set(own, {Period.DAY: Decimal(25)})
    ask(home, own)
    ask(home, own)
    assert home.tasks.page(TaskQuery()).total == 1


def test_a_pause_is_kept_until_it_is_lifted(home: Studio) -> None:
    own = home.connections.by_name("Sandbox")
    assert home.connections.pause(own.id, "Look at the prices.")
    assert home.connections.get(own.id).paused == "Look at the prices."
    assert home.connections.resume(own.id) and not home.connections.get(own.id).paused
    assert not home.connections.resume(own.id)


def join(studio: Studio, name: str, role: Role) -> Studio:
    """The studio as somebody new uses it."""
    person = Person(id=name, name=name, role=role, created_at=NOW)
    assert studio.store.people.add(person, password_hash="a hash")
    return studio.acting_as(Actor.of(person))


def test_a_persons_hard_budget_holds_for_them_alone_and_whoever_settles_for_them(
    home: Studio,
) -> None:
    admin, mia = join(home, "Ada", Role.ADMIN), join(home, "Mia", Role.MAKER)
    own = home.connections.by_name("Sandbox")
    home.budgets.set(own, {Period.DAY: Decimal(25)}, person_id="Mia")
    ask(mia, own)
    (hers,) = mia.tasks.page(TaskQuery()).tasks
    with pytest.raises(BudgetExceededError, match="of your own 25 credits") as refused:
        ask(mia, own, "another")
    assert refused.value.hint.endswith("or ask an admin for more.")
    ask(admin, own, "of the admin")
    assert [found.reserved for found in home.budgets.outlooks_of(own, "Mia")] == [25]
    home.budgets.set(own, {Period.DAY: Decimal(24)}, person_id="Mia")
    home.store.tasks.move(hers.id, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.UNCERTAIN)
    with pytest.raises(BudgetExceededError, match="has been passed"):
        admin.tasks.send_again(hers.id)
    home.budgets.remove(own, Period.DAY, "Mia")
    assert admin.tasks.send_again(hers.id).status is TaskStatus.QUEUED
