"""The ledger and the running sums: written with each task, and always what the tasks themselves say."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from runway_core.domain import Budget, Period, TaskStatus
from runway_core.errors import StorageError
from runway_core.people import Actor, Person, Role
from runway_core.store import CellQuery, Store, open_store
from runway_core.store.database import Database
from runway_core.store.migrate import migrate
from runway_core.store.postgres import PostgresDatabase
from runway_core.store.schema import connections, tallies, tasks
from runway_core.store.sqlite import SqliteDatabase
from tests.builders import NOW, RELAY, connection, estimate, new_task, request, store_with_relay
from tests.children import at_once, settle
from tests.postgres import postgres
from tests.store.recount import by_task, of_ledger, of_store, of_tasks
from tests.store.test_budgets import where

AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=6)
KNOWN = AMOUNTS | st.none()
STATUSES = st.sampled_from(TaskStatus)
CODES = st.sampled_from(["", "INTERNAL", "SAFETY.INPUT.TEXT", "WRITTEN_OFF", "SOMETHING.NEW"])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "status": STATUSES,
        "quoted": KNOWN,
        "charge": KNOWN,
        "failure_code": CODES,
        "submitted_at": st.just(NOW) | st.none(),
        "note": st.just("seen"),
    },
)
ASKED = st.fixed_dictionaries(
    {
        "price": st.none() | st.tuples(AMOUNTS, AMOUNTS).map(sorted),
        "unit": st.sampled_from(["credit", "point"]),
        "model": st.sampled_from(["gen4_turbo", "gen4.5"]),
        "days": st.integers(0, 40),
        "known": st.none() | STATUSES,
    }
)


def ask(store: Store, asked: dict[str, Any], charge: Decimal | None = None) -> str:
    """Record a task, or one that its provider knows already; its id."""
    low, high = asked["price"] or (None, None)
    new = new_task(
        estimate=estimate(low=low, high=high, unit=asked["unit"]),
        request=request(model=asked["model"]),
        created_at=NOW + timedelta(days=asked["days"]),
    )
    if asked["known"] is None:
        assert store.tasks.add(new)
    else:
        found: dict[str, Any] = {"status": asked["known"], "remote_id": new.id, "charge": charge}
        assert store.tasks.add_known(new, now=NOW, event="found", **found)
    return new.id


def test_the_sums_and_the_ledger_are_what_the_tasks_say_after_any_history(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path)

    @settings(max_examples=25, deadline=None)
    @given(ASKED, KNOWN, st.lists(CHANGES, max_size=4), st.booleans(), CHANGES)
    def live(
        asked: dict[str, Any],
        charge: Decimal | None,
        life: list[dict[str, Any]],
        deleted: bool,
        back: dict[str, Any],
    ) -> None:
        task_id = ask(store, asked, charge)
        for changes in life:
            store.tasks.move(task_id, list(TaskStatus), now=NOW, **changes)
        store.tasks.move(task_id, [], now=NOW, charge=Decimal(9))  # nobody's state: changes nothing
        if deleted:
            store.tasks.hide(task_id, NOW)
            store.tasks.show_again(task_id, now=NOW, event="found again", **back)
        assert of_store(store) == of_tasks(store)
        assert of_ledger(store)[task_id] == by_task(store)[task_id]

    live()
    assert of_ledger(store) == by_task(store)
    store.close()


def test_the_sums_hold_when_processes_settle_the_same_tasks_at_once(store: Store) -> None:
    ids = [
        ask(store, {"price": (5, 7), "unit": "credit", "model": "m", "days": 0, "known": None})
        for _ in range(12)
    ]
    moved = at_once(4, settle, *where(store), ids)
    assert sum(moved) > len(ids)
    assert of_store(store) == of_tasks(store)
    assert of_ledger(store) == by_task(store)


def test_a_line_says_when_for_what_whose_and_why(store: Store) -> None:
    mia = Actor.of(Person(id="mia", name="Mia", role=Role.MAKER, created_at=NOW))
    new = new_task(estimate=estimate(low=40, high=60, source="the price list"))
    store.acting_as(mia).tasks.add(new)
    later = NOW + timedelta(minutes=5)
    ended: dict[str, Any] = {"status": TaskStatus.SUCCEEDED, "charge": Decimal("59.50")}
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=later, **ended)
    found = store.acting_as(mia).ledger.of(new.id)
    assert [(e.kind, str(e.amount), e.unit, e.certainty, e.at) for e in found] == [
        ("estimate", "60", "credit", "estimated", NOW),
        ("reservation", "60", "credit", "estimated", NOW),
        ("charge", "59.50", "credit", "confirmed", later),
        ("release", "60", "credit", "estimated", later),
    ]
    assert {(e.connection_id, e.person_id, e.model) for e in found} == {(RELAY, "mia", "gen4.5")}
    assert found[0].why == "40 to 60: the price list"
    assert found[2].why == "told by the provider"


def test_a_move_that_comes_too_late_writes_nothing(store: Store) -> None:
    new = new_task()
    store.tasks.add(new)
    before = of_store(store), of_ledger(store)
    assert not store.tasks.move(new.id, [TaskStatus.RUNNING], now=NOW, charge=Decimal(9))
    store.tasks.hide(new.id, NOW)  # frees nothing
    assert (of_store(store), of_ledger(store)) == before == (of_tasks(store), by_task(store))


def test_what_is_nobodys_is_counted_for_the_first_person_from_then_on(store: Store) -> None:
    store.tasks.add(new_task())
    first = Person(id="ada", name="Ada", role=Role.ADMIN, created_at=NOW)
    assert store.people.add(first, password_hash="hash")
    assert of_store(store) == of_tasks(store)
    assert [cell.person_id for cell in of_store(store)] == ["ada"]
    store.budgets.set(_budget("ada"))
    (found,) = store.budgets.outlooks_of(RELAY, "ada", NOW)
    assert found.reserved == 60


def _budget(person_id: str = "") -> Budget:
    own: dict[str, Any] = {"connection_id": RELAY, "person_id": person_id, "unit": "credit"}
    return Budget(**own, period=Period.MONTH, amount=Decimal(1000), hard=True, created_at=NOW)


def test_a_sum_that_nothing_is_in_is_gone(store: Store) -> None:
    new = new_task()
    store.tasks.add(new)
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.SUCCEEDED)
    (cell,) = of_store(store)
    assert (cell.tally.outcome, cell.tally.part, cell.tally.tasks) == ("succeeded", "assumed", 1)


def test_sums_are_found_by_day_connection_person_and_model(store: Store) -> None:
    store.connections.add(connection(id="other", name="other"), key_sealed=None)
    mia = Actor.of(Person(id="mia", name="Mia", role=Role.MAKER, created_at=NOW))
    store.acting_as(mia).tasks.add(new_task(request=request(model="gen4_turbo")))
    store.tasks.add(new_task(connection_id="other", created_at=NOW + timedelta(days=1)))
    day = NOW.date()

    def number(asker: Store = store, **query: Any) -> int:
        return sum(cell.tally.tasks for cell in asker.tallies.cells(CellQuery(**query)))

    assert number() == 2
    assert number(since=day + timedelta(days=1)) == number(until=day) == 1
    assert number(since=day, until=day + timedelta(days=1)) == 2
    assert number(connection_id="other") == number(model="gen4_turbo") == 1
    assert number(person_id="mia") == number(person_id="") == 1
    assert number(store.acting_as(mia)) == 1
    assert number(store.acting_as(mia), person_id="") == 0


def lines_of(store: Store, actor: Actor | None = None, **query: Any) -> int:
    asker = store.acting_as(actor) if actor else store
    until = NOW + timedelta(days=9)
    first = asker.ledger.after(0, CellQuery(**query), until=until, limit=3)
    last = first[-1].id if first else 0
    return len(first + asker.ledger.after(last, CellQuery(**query), until=until, limit=99))


def test_lines_come_in_pieces_and_each_only_to_whom_it_belongs(store: Store) -> None:
    mia = Actor.of(Person(id="mia", name="Mia", role=Role.MAKER, created_at=NOW))
    store.acting_as(mia).tasks.add(new_task())
    for days in (0, 1):
        new = new_task(created_at=NOW + timedelta(days=days))
        store.tasks.add(new)
        assert store.acting_as(mia).ledger.of(new.id) == []
    assert lines_of(store) == 6
    assert lines_of(store, mia) == lines_of(store, person_id="mia") == 2
    assert lines_of(store, since=NOW.date() + timedelta(days=1)) == 2
    assert lines_of(store, until=NOW.date()) == 4
    assert store.ledger.after(0, CellQuery(), until=NOW, limit=9) == []


# --- tasks from before there was a ledger ------------------------------------------------------


def _before_the_ledger(store: Store, folder: Path) -> tuple[Path, str]:
    """The same tasks in a home of the version before the ledger; where it is."""
    _, url = where(store)
    url = postgres().empty() if url else ""
    path = folder / "before.db"
    old: Database = PostgresDatabase(url) if url else SqliteDatabase(path)
    migrate(old, head="0005")
    with store.database.read() as new, old.write() as sql:
        for table in (connections, tasks):
            there = {column["name"] for column in sa.inspect(sql).get_columns(table.name)}
            kept = sa.select(*[column for column in table.c if column.name in there])
            for row in new.execute(kept).mappings():
                sql.execute(sa.insert(table).values(dict(row)))
    old.close()
    return path, url


def _some_history(store: Store) -> None:
    lives: list[dict[str, Any]] = [
        {},
        {"status": TaskStatus.SUCCEEDED, "charge": Decimal("0.1")},
        {"status": TaskStatus.SUCCEEDED, "finished_at": NOW + timedelta(hours=1)},
        {"status": TaskStatus.FAILED, "failure_code": "WRITTEN_OFF"},
        {"status": TaskStatus.FAILED, "failure_code": "INTERNAL"},
        {"status": TaskStatus.CANCELLED, "submitted_at": NOW},
        {"status": TaskStatus.PENDING, "quoted": Decimal(90)},
    ]
    for number, life in enumerate(lives):
        for price in ((Decimal("0.1"), Decimal("0.3")), None):
            task_id = ask(
                store,
                {"price": price, "unit": "credit", "model": "m", "days": number, "known": None},
            )
            store.tasks.move(task_id, [TaskStatus.QUEUED], now=NOW, **life)


def test_a_home_from_before_gets_the_ledger_and_the_sums_that_it_would_have(
    store: Store, tmp_path: Path
) -> None:
    _some_history(store)
    kept, told = of_store(store), of_ledger(store)
    path, url = _before_the_ledger(store, tmp_path)
    again = open_store(path, url=url)
    assert of_store(again) == kept == of_tasks(again)
    assert of_ledger(again) == told == by_task(again)
    ended = _last_line(again, "charge", "estimated", "0.3")
    assert ended == NOW + timedelta(hours=1)
    ask(again, {"price": None, "unit": "credit", "model": "m", "days": 0, "known": None})
    assert of_store(again) == of_tasks(again)
    again.close()


def _last_line(store: Store, kind: str, certainty: str, amount: str) -> datetime:
    found = store.ledger.after(0, CellQuery(), until=NOW + timedelta(days=99), limit=999)
    same = [
        e.at for e in found if (e.kind, e.certainty, str(e.amount)) == (kind, certainty, amount)
    ]
    return max(same)


# --- what nobody changes, and what is counted anew ---------------------------------------------


@pytest.mark.parametrize("act", ["UPDATE ledger SET amount = '0'", "DELETE FROM ledger"])
def test_the_database_itself_refuses_to_change_or_delete_a_line(store: Store, act: str) -> None:
    store.tasks.add(new_task())
    before = of_ledger(store)
    with pytest.raises(StorageError), store.database.write() as sql:
        sql.execute(sa.text(act))
    store.tasks.add(new_task())  # lines are still added
    assert len(of_ledger(store)) == 2 and before.items() <= of_ledger(store).items()


def test_postgres_refuses_to_empty_the_ledger(tmp_path: Path) -> None:
    store = store_with_relay(tmp_path, url=postgres().fresh())
    store.tasks.add(new_task())
    with pytest.raises(StorageError), store.database.write() as sql:
        sql.execute(sa.text("TRUNCATE ledger"))
    assert len(of_ledger(store)) == 1
    store.close()


def test_a_sum_that_is_not_what_the_ledger_says_is_found_and_counted_anew(store: Store) -> None:
    _some_history(store)
    assert store.recount.differences() == []
    kept = of_store(store)
    with store.database.write() as sql:
        wrong = tallies.c.outcome == "succeeded"
        sql.execute(sa.update(tallies).where(wrong, tallies.c.part == "confirmed").values(tasks=3))
        sql.execute(
            sa.update(tallies).where(tallies.c.part == "reserved").values(amount=Decimal(7))
        )
        sql.execute(sa.delete(tallies).where(tallies.c.outcome == "cancelled"))
    found = store.recount.differences()
    assert [(one.what, str(one.summed), str(one.ledger)) for one in found] == [
        ("reserved credit", "7", "0.3"),
        ("tasks", "3", "2"),
        ("assumed credit", "0", "0.3"),
        ("tasks", "0", "2"),
        ("reserved credit", "7", "180.0"),
    ]
    assert store.recount.rebuild() == []
    assert of_store(store) == kept == of_tasks(store)
    assert store.recount.differences() == []


def test_a_task_that_is_not_what_its_lines_say_is_found_even_after_that(store: Store) -> None:
    new = new_task()
    store.tasks.add(new)
    with store.database.write() as sql:
        sql.execute(sa.update(tasks).where(tasks.c.id == new.id).values(quoted=Decimal(90)))
    assert store.recount.differences() == []  # the sum and the ledger agree
    (found,) = store.recount.rebuild()
    assert (found.what, str(found.summed), str(found.ledger)) == ("reserved credit", "90", "60")
    assert found.day == NOW.date() and found.connection_id == RELAY
