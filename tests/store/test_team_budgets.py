"""Budgets over all connections together: counted in money, in the same transaction, and never passed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from runway_core.domain import Budget, TaskStatus
from runway_core.errors import BudgetExceededError, InvalidInputError
from runway_core.people import Actor, Person, Role
from runway_core.pricing import Reporting
from runway_core.store import Store, open_store
from runway_core.store.database import Database
from runway_core.store.migrate import migrate
from runway_core.store.postgres import PostgresDatabase
from runway_core.store.schema import budgets, connections
from runway_core.store.sqlite import SqliteDatabase
from tests.builders import NOW, RELAY, connection, estimate, new_task
from tests.children import at_once, barrier, spend
from tests.postgres import postgres
from tests.store.test_budgets import asked, budget, now_spent, paused, where


def team_budget(**changes: Any) -> Budget:
    """One over all connections, in CNY."""
    return budget(**{"connection_id": "", "unit": "CNY", "amount": Decimal(280)} | changes)


def make_worth(store: Store) -> None:
    """A credit of the relay is worth 4 CNY, one of Runway's 0.07 CNY."""
    own = {"unit": "credit", "options": {"unit_worth": "0.5 EUR"}}
    store.connections.change(RELAY, **own)
    store.connections.add(connection(id="other", name="other", profile="runway"), key_sealed=None)
    rates = {"EUR": Decimal(8), "USD": Decimal(7)}
    store.preferences.set_reporting(Reporting(currency="CNY", rates=rates))


def test_eight_processes_never_pass_what_all_connections_may_cost_together(
    store: Store, record_property: Callable[[str, object], None]
) -> None:
    make_worth(store)
    store.budgets.set(team_budget(), budget(amount=Decimal(35)))
    turns = ((RELAY, 7), ("other", 100))  # 28 CNY and 7 CNY
    let_in = at_once(8, spend, *where(store), 10, barrier(8), False, turns)
    (team,) = store.budgets.outlooks_of("", "", NOW)
    assert team.reserved == 280 and team.left == 0
    own, _ = store.budgets.outlooks(RELAY, NOW)
    assert own.reserved <= 35 and own.budget.connection_id == RELAY
    record_property("let in over two connections by each of 8 processes", sorted(let_in))


def test_what_units_are_worth_counts_as_it_is_said_now(store: Store) -> None:
    make_worth(store)
    store.budgets.set(team_budget(amount=Decimal(300)))
    asked(store, "60")
    (team,) = store.budgets.outlooks(RELAY, NOW, estimate(high=Decimal(15)))
    assert team.reserved == 240 and team.cost == 60 and team.after == 300
    assert team.percent == 100
    store.preferences.set_reporting(Reporting(currency="CNY", rates={"EUR": Decimal("7.5")}))
    assert now_spent(store).reserved == 225
    store.connections.change(RELAY, options={"unit_worth": "0.5 CNY"})
    assert now_spent(store).reserved == 30
    store.connections.remove(RELAY, NOW)  # what it has cost still counts
    (team,) = store.budgets.outlooks_of("", "", NOW)
    assert team.reserved == 30


def test_nothing_is_sent_on_a_hard_budget_before_it_is_said_what_a_unit_is_worth(
    store: Store,
) -> None:
    asked(store)
    store.connections.change(RELAY, unit="credit")
    store.budgets.set(team_budget())
    with pytest.raises(InvalidInputError, match="what one credit is worth in that is not known"):
        asked(store)
    store.connections.change(RELAY, options={"unit_worth": "0.5 EUR"})
    with pytest.raises(InvalidInputError, match="what one EUR is worth") as refused:
        asked(store)
    assert "Enter it once in Settings" in refused.value.hint
    store.budgets.set(team_budget(hard=False))
    asked(store)
    (team,) = store.budgets.outlooks(RELAY, NOW, estimate())
    assert (team.verdict, team.refused, team.unpriced) == ("unknown", False, 2)
    store.connections.change(RELAY, options={"unit_worth": "0 EUR"})  # worth nothing at any price
    store.budgets.set(team_budget())
    asked(store, None)
    (team,) = store.budgets.outlooks_of("", "", NOW)
    assert team.reserved == 0 and team.unpriced == 0


def test_a_persons_budget_over_all_connections_holds_beside_the_teams(store: Store) -> None:
    make_worth(store)
    person = Person(id="mia", name="Mia", role=Role.MAKER, created_at=NOW)
    mia = store.acting_as(Actor.of(person))
    store.budgets.set(team_budget(amount=Decimal(1000)), team_budget(person_id="mia"))
    asked(store, "60")
    asked(mia, "60")
    with pytest.raises(BudgetExceededError) as refused:
        asked(mia, "60")
    for part in ("your own 280 CNY for November, over all connections, 240 are", "cost 240 CNY"):
        assert part in str(refused.value)
    (hers,) = store.budgets.outlooks_of("", "mia", NOW)
    assert hers.reserved == 240 and hers.left == 40
    asked(store, "60")
    with pytest.raises(BudgetExceededError, match="of the team's 1,000 CNY for November, over all"):
        asked(store, "71")


def test_a_charge_far_over_its_estimate_counts_in_money_and_pauses(store: Store) -> None:
    make_worth(store)
    store.budgets.set(team_budget())
    task = asked(store, "60", status=TaskStatus.RUNNING)
    told: dict[str, Any] = {"status": TaskStatus.SUCCEEDED, "charge": Decimal("73.5")}
    assert store.tasks.move(task.id, [TaskStatus.RUNNING], now=NOW, **told)
    (team,) = store.budgets.outlooks_of("", "", NOW)
    assert team.spent == 294 and team.reserved == 0 and team.left == 0
    assert paused(store)
    with pytest.raises(BudgetExceededError, match="would be passed"):
        store.tasks.add(new_task(connection_id="other", estimate=estimate(high=Decimal(1))))


def test_budgets_of_a_home_from_before_are_kept(store: Store, tmp_path: Path) -> None:
    url = postgres().empty() if where(store)[1] else ""
    old: Database = PostgresDatabase(url) if url else SqliteDatabase(tmp_path / "before.db")
    migrate(old, head="0006")
    row = budget(person_id="mia").model_dump() | {"id": "one", "period": "month"}
    with store.database.read() as new, old.write() as sql:
        relay = new.execute(sa.select(connections)).mappings().one()
        sql.execute(sa.insert(connections).values(dict(relay)))
        sql.execute(sa.insert(budgets).values(row))
    old.close()
    again = open_store(tmp_path / "before.db", url=url)
    assert again.budgets.of(RELAY, "mia") == [budget(person_id="mia")]
    again.budgets.set(budget(person_id="mia", amount=Decimal(7)), team_budget())
    assert [b.amount for b in again.budgets.of(RELAY, "mia")] == [Decimal(7)]
    assert again.budgets.of("") == [team_budget()]
    again.close()
