"""Budgets: what counts, exactly, and that no number of processes ever passes a hard one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import Budget, Period, Task, TaskStatus
from runway_core.errors import BudgetExceededError, InvalidInputError
from runway_core.pricing import Outlook
from runway_core.store import Store, TaskQuery
from tests.builders import NOW, RELAY, connection, estimate, new_task
from tests.children import at_once, barrier, spend

CAP = 100
PRICE = 7
"""What `spend` asks for."""


def budget(**changes: Any) -> Budget:
    values: dict[str, Any] = {
        "connection_id": RELAY,
        "period": Period.MONTH,
        "amount": Decimal(CAP),
        "unit": "credit",
        "hard": True,
        "created_at": NOW,
    }
    return Budget(**values | changes)


def asked(store: Store, high: str | None = "60", **changes: Any) -> Task:
    """A new task of that price, moved on as told."""
    price = None if high is None else Decimal(high)
    made_at = changes.pop("created_at", NOW)
    new = new_task(estimate=estimate(low=price, high=price), created_at=made_at)
    assert store.tasks.add(new)
    if changes:
        assert store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, **changes)
    task = store.tasks.get(new.id)
    assert task is not None
    return task


def now_spent(store: Store, at: datetime = NOW) -> Outlook:
    """The one budget's outlook."""
    (found,) = store.budgets.outlooks(RELAY, at)
    return found


def where(store: Store) -> tuple[Path, str]:
    """Home and URL, for another process."""
    url = store.database.engine.url.render_as_string(hide_password=False)
    return (Path(store.database.name).parent, "") if "sqlite" in url else (Path(), url)


# --- never passed ------------------------------------------------------------------------------


def test_eight_processes_that_try_ten_times_never_pass_the_budget(
    store: Store, record_property: Callable[[str, object], None]
) -> None:
    store.budgets.set(budget())
    let_in = at_once(8, spend, *where(store), 10, barrier(8), False)
    assert sum(let_in) == CAP // PRICE
    assert store.tasks.page(TaskQuery()).total == CAP // PRICE
    found = now_spent(store)
    assert found.reserved == 98 and found.left == 2
    record_property("let in by each of 8 processes", sorted(let_in))


def test_looking_first_and_recording_later_would_pass_it(
    store: Store, record_property: Callable[[str, object], None]
) -> None:
    """The same run without the one transaction: evidence that the test above can fail."""
    store.budgets.set(budget())
    let_in = at_once(8, spend, *where(store), 10, barrier(8), True)
    assert sum(let_in) > CAP // PRICE
    assert now_spent(store).reserved > CAP
    record_property("let in without the one transaction", sum(let_in))


def test_the_last_room_is_given_once_and_to_the_last_credit(store: Store) -> None:
    store.budgets.set(budget(amount=Decimal("0.3")))
    for _ in range(3):
        asked(store, "0.1")
    with pytest.raises(BudgetExceededError):
        asked(store, "0.0001")
    assert now_spent(store).percent == 100 and now_spent(store).left == 0


# --- what a refusal says -----------------------------------------------------------------------


def test_a_refusal_says_what_it_costs_what_is_left_and_when_it_starts_anew(store: Store) -> None:
    store.budgets.set(budget(amount=Decimal(500)))
    asked(store, "400", status=TaskStatus.SUCCEEDED, charge=Decimal(400))
    asked(store, "60")
    with pytest.raises(BudgetExceededError) as refused:
        asked(store, "60")
    words = str(refused.value)
    for part in ("cost 60 credits", "500 credits for November 460 are", "40 are left"):
        assert part in words
    assert "1 December 2026 at 00:00 UTC" in words
    assert refused.value.hint.startswith("Nothing was sent and nothing was charged.")
    assert "Settings" in refused.value.hint and not refused.value.retryable
    assert store.tasks.page(TaskQuery()).total == 2


def test_the_shorter_budget_refuses_as_well(store: Store) -> None:
    store.budgets.set(budget(amount=Decimal(500)))
    store.budgets.set(budget(period=Period.DAY))
    asked(store)
    with pytest.raises(BudgetExceededError, match="100 credits for 22 November 60 are") as refused:
        asked(store)
    assert "23 November 2026 at 00:00 UTC" in str(refused.value)
    asked(store, created_at=NOW + timedelta(days=1))


def test_a_soft_budget_refuses_nothing(store: Store) -> None:
    store.budgets.set(budget(hard=False))
    for _ in range(3):
        asked(store)
    found = now_spent(store)
    assert (found.verdict, found.refused, found.percent) == ("over", False, 180)
    assert found.left == 0


def test_an_unknown_price_is_refused_by_a_hard_budget_and_never_taken_for_nothing(
    store: Store,
) -> None:
    asked(store, None)
    store.budgets.set(budget(hard=False))
    asked(store, None)
    assert now_spent(store).reserved == 0 and now_spent(store).unpriced == 2
    store.budgets.set(budget())
    with pytest.raises(InvalidInputError, match="unit_price: is not known, so") as refused:
        asked(store, None)
    assert "Enter the price once" in refused.value.hint
    assert [problem.field for problem in refused.value.problems] == ["unit_price"]
    other = estimate(unit="point")
    with pytest.raises(InvalidInputError, match="budget: is in credits, but prices are in points"):
        store.tasks.add(new_task(estimate=other))
    asked(store, "0")  # known to be free


def test_a_draft_that_was_recorded_is_not_refused_afterwards(store: Store) -> None:
    new = new_task("a draft")
    store.budgets.set(budget(amount=Decimal(60)))
    assert store.tasks.add(new)
    assert not store.tasks.add(new_task("a draft"))
    assert now_spent(store).reserved == Decimal(60)


def test_a_refused_draft_may_be_sent_once_there_is_room(store: Store) -> None:
    store.budgets.set(budget(amount=Decimal(50)))
    with pytest.raises(BudgetExceededError):
        store.tasks.add(new_task("a draft"))
    store.budgets.set(budget(amount=Decimal(60)))
    assert store.tasks.add(new_task("a draft"))
    assert [b.amount for b in store.budgets.of(RELAY)] == [Decimal(60)]


def test_another_connection_has_a_budget_of_its_own(store: Store) -> None:
    store.connections.add(connection(id="other", name="other"), key_sealed=None)
    store.budgets.set(budget(amount=Decimal(60)))
    asked(store)
    assert store.tasks.add(new_task(connection_id="other"))
    assert store.budgets.outlooks("other", NOW) == []
    assert store.budgets.remove(RELAY, Period.MONTH)
    assert not store.budgets.remove(RELAY, Period.MONTH)
    asked(store)


# --- what counts -------------------------------------------------------------------------------

SENT: dict[str, Any] = {"submitted_at": NOW, "remote_id": "r"}


@pytest.mark.parametrize(
    ("changes", "spent", "reserved"),
    [
        ({}, 0, 60),
        ({"status": TaskStatus.SUBMITTING}, 0, 60),
        ({"status": TaskStatus.UNCERTAIN}, 0, 60),
        (SENT | {"status": TaskStatus.RUNNING}, 0, 60),
        (SENT | {"status": TaskStatus.RUNNING, "quoted": Decimal(40)}, 0, 60),
        (SENT | {"status": TaskStatus.RUNNING, "quoted": Decimal(90)}, 0, 90),
        (SENT | {"status": TaskStatus.RUNNING, "charge": Decimal(50)}, 50, 0),
        (SENT | {"status": TaskStatus.SUCCEEDED}, 60, 0),
        (SENT | {"status": TaskStatus.SUCCEEDED, "charge": Decimal("59.5")}, Decimal("59.5"), 0),
        (SENT | {"status": TaskStatus.SUCCEEDED, "charge": Decimal(0)}, 0, 0),
        (SENT | {"status": TaskStatus.FAILED, "failure_code": "INTERNAL.BAD_OUTPUT.CODE01"}, 0, 0),
        (SENT | {"status": TaskStatus.FAILED, "failure_code": "SAFETY.INPUT.TEXT"}, 60, 0),
        (SENT | {"status": TaskStatus.FAILED, "failure_code": "SOMETHING.NEW"}, 60, 0),
        (SENT | {"status": TaskStatus.FAILED, "charge": Decimal(0)}, 0, 0),
        ({"status": TaskStatus.FAILED, "failure_code": "NotReached"}, 0, 0),
        ({"status": TaskStatus.FAILED, "failure_code": "WRITTEN_OFF"}, 60, 0),
        ({"status": TaskStatus.CANCELLED}, 0, 0),
        (SENT | {"status": TaskStatus.CANCELLED}, 60, 0),
        (SENT | {"status": TaskStatus.CANCELLED, "charge": Decimal(12)}, 12, 0),
    ],
)
def test_what_a_task_counts(
    sqlite_store: Store, changes: dict[str, Any], spent: Decimal, reserved: Decimal
) -> None:
    sqlite_store.budgets.set(budget())
    task = asked(sqlite_store, **changes)
    found = now_spent(sqlite_store)
    assert found.spent == spent and found.reserved == reserved
    sqlite_store.tasks.hide(task.id, NOW)  # a budget is not freed by deleting what was paid for
    assert now_spent(sqlite_store).spent == spent


def test_told_and_assumed_charges_are_kept_apart(store: Store) -> None:
    store.budgets.set(budget(amount=Decimal(1000)))
    asked(store, "60", status=TaskStatus.SUCCEEDED, charge=Decimal(40))
    asked(store, "60", status=TaskStatus.SUCCEEDED)
    asked(store, "60")
    asked(store, "60")
    found = now_spent(store)
    assert found.spent == 100 and found.assumed == 60 and found.reserved == 120
    assert found.after == 220 and found.left == 780 and found.percent == 22


def test_a_task_made_elsewhere_counts_and_is_never_refused(store: Store) -> None:
    store.budgets.set(budget())
    elsewhere = new_task(estimate=estimate(low=None, high=None))
    known: dict[str, Any] = {
        "status": TaskStatus.SUCCEEDED,
        "remote_id": "theirs",
        "event": "adopted",
    }
    assert store.tasks.add_known(elsewhere, now=NOW, charge=Decimal(300), **known)
    assert now_spent(store).spent == 300 and now_spent(store).percent == 300
    with pytest.raises(BudgetExceededError):
        asked(store, "1")


def test_a_task_counts_in_the_day_and_month_in_which_it_was_asked_for(store: Store) -> None:
    store.budgets.set(budget(amount=Decimal(1000)))
    store.budgets.set(budget(amount=Decimal(1000), period=Period.DAY))
    midnight = datetime(2026, 12, 1, tzinfo=UTC)
    moments = [midnight - timedelta(days=1), midnight - timedelta(microseconds=1), midnight]
    for moment in moments:
        asked(store, created_at=moment, status=TaskStatus.SUCCEEDED, finished_at=midnight)
    last, first = (store.budgets.outlooks(RELAY, at) for at in moments[1:])
    assert [found.spent for found in last] == [120, 120]
    assert [found.spent for found in first] == [60, 60]
    assert [found.resets_at for found in last] == [midnight, midnight]


# --- charges far over their estimates ----------------------------------------------------------


@pytest.mark.parametrize(
    ("charge", "pauses"), [("72", False), ("72.01", True), ("60", False), ("600", True)]
)
def test_a_charge_over_its_estimate_by_more_than_a_fifth_pauses_the_connection(
    store: Store, charge: str, pauses: bool
) -> None:
    task = asked(store, "60", status=TaskStatus.RUNNING)
    told: dict[str, Any] = {"status": TaskStatus.SUCCEEDED, "charge": Decimal(charge)}
    assert store.tasks.move(task.id, [TaskStatus.RUNNING], now=NOW, **told)
    why = paused(store)
    assert bool(why) is pauses
    if pauses:
        assert f"charged {charge} credits where at most 60 credits had been expected" in why
        assert store.journal.events(task.id)[-1].kind == "overcharged"


def test_what_a_person_has_looked_at_pauses_no_second_time(store: Store) -> None:
    task = asked(store, "60", status=TaskStatus.PENDING, charge=Decimal(100))
    waiting = asked(store, next_at=NOW + timedelta(days=1))
    assert paused(store)
    later = NOW + timedelta(minutes=1)
    assert store.connections.resume(RELAY, later) and not paused(store)
    woken = store.tasks.get(waiting.id)
    assert woken is not None and woken.next_at == later
    ended: dict[str, Any] = {"status": TaskStatus.SUCCEEDED, "charge": Decimal(100)}
    assert store.tasks.move(task.id, [TaskStatus.PENDING], now=NOW, **ended)
    assert not paused(store)
    again = asked(store, "60")
    assert store.tasks.move(again.id, [TaskStatus.QUEUED], now=NOW, charge=Decimal(101))
    assert paused(store)
    assert store.connections.resume(RELAY, later) and not store.connections.resume(RELAY, later)


def test_a_move_that_comes_too_late_pauses_nothing(store: Store) -> None:
    task = asked(store, "60")
    assert not store.tasks.move(task.id, [TaskStatus.RUNNING], now=NOW, charge=Decimal(999))
    unpriced = asked(store, None)
    assert store.tasks.move(unpriced.id, [TaskStatus.QUEUED], now=NOW, charge=Decimal(999))
    assert not paused(store)


def test_a_connection_that_is_paused_keeps_its_first_reason(store: Store) -> None:
    assert store.connections.pause(RELAY, "The key was refused.")
    asked(store, "60", charge=Decimal(999))
    assert paused(store) == "The key was refused."
    assert not store.connections.pause(RELAY, "Another.")


def paused(store: Store) -> str:
    found = store.connections.get(RELAY)
    assert found is not None
    return found.paused
