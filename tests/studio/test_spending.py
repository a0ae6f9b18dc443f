"""What videos have cost and how well connections have served, as people ask for it; and what is left."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import Connection, Period, TaskStatus
from runway_core.errors import InvalidInputError, NotAllowedError
from runway_core.people import LOCAL, Actor, Person, Role
from runway_core.settings import Settings
from runway_core.store import CellQuery, Limits
from runway_core.studio import Studio, open_studio
from runway_core.studio.clock import now
from runway_core.studio.spending import Group
from tests.builders import NOW, RELAY, connection, estimate, new_task, request

DONE: dict[str, Any] = {"status": TaskStatus.SUCCEEDED}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Studio]:
    """With one relay, as its admin uses it."""
    made = open_studio(Settings(home=tmp_path))
    made.store.connections.add_once(connection(name="=Our relay"))
    yield join(made, "Ada", Role.ADMIN)
    made.close()


def join(studio: Studio, name: str, role: Role) -> Studio:
    """The studio as somebody new uses it."""
    person = Person(id=name.lower(), name=name, role=role, created_at=NOW)
    assert studio.store.acting_as(LOCAL).people.add(person, password_hash="a hash")
    return studio.acting_as(Actor.of(person))


def made(studio: Studio, *, seconds: int = 60, **changes: Any) -> str:
    """A video of 5 seconds for 25 credits that took so long, but for what is said."""
    asked = {k: changes.pop(k) for k in ("created_at", "connection_id") if k in changes}
    model, price = changes.pop("model", "gen4_turbo"), changes.pop("price", 25)
    new = new_task(estimate=estimate(low=price, high=price), request=request(model=model), **asked)
    assert studio.store.tasks.add(new)
    engine, at = studio.store.acting_as(LOCAL), new.created_at
    assert engine.line.start(new.id, Limits(), attempts=1, now=at).started
    ended = {"submitted_at": at, "finished_at": at + timedelta(seconds=seconds)} | DONE | changes
    assert engine.tasks.move(new.id, [TaskStatus.SUBMITTING], now=at, **ended)
    return new.id


def keys(groups: list[Group]) -> dict[str, Decimal]:
    return {group.key: group.spent.total for group in groups}


# --- what was spent ----------------------------------------------------------------------------


def test_spending_is_put_together_by_day_connection_model_and_person(home: Studio) -> None:
    mia = join(home, "Mia", Role.MAKER)
    made(home, charge=Decimal(20))
    made(home, status=TaskStatus.FAILED, failure_code="SAFETY.INPUT.TEXT", charge=Decimal(25))
    made(mia, model="gen4.5", created_at=NOW + timedelta(days=1))
    spending = home.spending
    days = keys(spending.by("day"))
    assert list(days) == ["2026-11-23", "2026-11-22"] and list(days.values()) == [25, 45]
    assert keys(spending.by("model")) == {"gen4_turbo": 45, "gen4.5": 25}
    assert keys(spending.by("person")) == {"ada": 45, "mia": 25}
    (relay,) = spending.by("connection")
    assert (relay.key, relay.name) == (RELAY, "=Our relay")
    spent = relay.spent
    assert (spent.tasks, spent.succeeded, spent.failed) == (3, 2, 1)
    assert spent.confirmed == 45 and spent.assumed == 25 and spent.failed_confirmed == 25
    assert spent.compared == 45 and spent.low == spent.high == 50
    assert spent.seconds == 10 and spent.per_second == 7
    only = CellQuery(until=NOW.date(), person_id="ada", connection_id=RELAY, model="gen4_turbo")
    assert keys(spending.by("all", only)) == {"": 45}


def test_units_are_never_added(home: Studio) -> None:
    made(home)
    points = new_task(estimate=estimate(low=2000, high=2000, unit="point"))
    home.store.tasks.add(points)
    found = {group.spent.unit: group.spent.total for group in home.spending.by("all")}
    assert found == {"credit": 25, "point": 2000}


def test_a_maker_sees_and_takes_away_only_what_is_their_own(home: Studio) -> None:
    mia = join(home, "Mia", Role.MAKER)
    theirs, own = made(home), made(mia, charge=Decimal(24))
    assert keys(mia.spending.by("person")) == {"mia": 24}
    assert keys(mia.spending.by("all", CellQuery(person_id="ada"))) == {}
    (score,) = mia.spending.scoreboard()
    assert (score.succeeded, score.waits) == (1, 1)
    assert mia.spending.entries(theirs) == [] and len(mia.spending.entries(own)) == 4
    text = mia.spending.csv().decode("utf-8-sig")
    assert own in text and theirs not in text
    assert theirs in home.spending.csv().decode("utf-8-sig")


def test_the_ledger_as_a_file_has_no_formula_and_exact_amounts(home: Studio) -> None:
    made(home, price=None, model="\uff1dcmd", charge=Decimal("1E+3"))
    made(home, created_at=NOW - timedelta(days=1))
    file = io.StringIO(home.spending.csv(CellQuery(since=NOW.date())).decode("utf-8-sig"))
    rows = list(csv.DictReader(file))
    assert [(row["What"], row["Amount"], row["Certainty"]) for row in rows] == [
        ("estimate", "", "unknown"),
        ("reservation", "", "unknown"),
        ("charge", "1000", "confirmed"),
        ("release", "", "unknown"),
    ]
    first = rows[0]
    assert (first["Connection"], first["Model"], first["Person"]) == (
        "'=Our relay",
        "'\uff1dcmd",
        "Ada",
    )
    assert first["When (UTC)"] == "2026-11-22 09:30:00"
    newest = home.store.audit.newest(limit=1)[0]
    assert (newest.act, newest.person) == ("spending downloaded", "Ada")


def test_units_of_two_providers_are_never_added_and_worth_differs_by_connection(
    home: Studio,
) -> None:
    rows = home.store.acting_as(LOCAL).connections
    for name, profile, worth in (
        ("runway", "runway", ""),
        ("first", "doitong", "0.001 USD"),
        ("second", "doitong", "0.002 USD"),
        ("third", "doitong", ""),
    ):
        options = {"unit_worth": worth} if worth else {}
        rows.add_once(connection(id=name, name=name, profile=profile, options=options))
        made(home, connection_id=name, charge=Decimal(25))
    made(home, connection_id="third", price=None)
    report = home.spending.report("connection")
    whole = {group.provider: group for group in report.whole}
    assert {name: group.spent.total for name, group in whole.items()} == {
        "Runway (official)": 25,
        "Doitong": 75,
    }
    told = whole["Doitong"].told
    assert (told.total, told.untold, told.unpriced) == (Decimal("0.075"), 1, 1)
    assert (report.currency, report.told.total) == ("USD", Decimal("0.325"))
    assert [group.told.known for group in report.groups if group.name == "third"] == [False]
    home.currencies.choose("EUR", {"USD": "0.5"})
    assert home.spending.report("day").told.total == Decimal("0.1625")
    scores = {score.connection: score.told_per_second for score in home.spending.scoreboard()}
    assert (scores["runway"], scores["third"]) == (Decimal("0.025"), None)


def test_practice_is_left_out_unless_it_is_asked_for(home: Studio) -> None:
    sandbox = home.connections.by_name("Sandbox")
    paid, practice = made(home), made(home, connection_id=sandbox.id)
    assert home.spending.report("day").practice == 1
    assert keys(home.spending.by("connection")) == {RELAY: 25}
    assert [score.connection_id for score in home.spending.scoreboard()] == [RELAY]
    only = CellQuery(connection_id=sandbox.id)
    (group,) = home.spending.by("all", only)
    assert group.practice and group.spent.total == 25 and group.told.total == 0
    text = home.spending.csv().decode("utf-8-sig")
    assert paid in text and practice not in text
    assert practice in home.spending.csv(only).decode("utf-8-sig")


# --- how well it went --------------------------------------------------------------------------


def test_the_scoreboard_tells_waits_success_and_the_last_failure(home: Studio) -> None:
    for seconds in range(10, 110, 10):
        made(home, seconds=seconds)
    for minute, code in ((1, "INTERNAL.OLD"), (2, "INTERNAL.NEW"), (0, "INTERNAL.FIRST")):
        at = NOW + timedelta(minutes=minute)
        made(home, created_at=at, status=TaskStatus.FAILED, failure_code=code, failure="Broke.")
    made(home, status=TaskStatus.CANCELLED)
    made(home, model="gen4.5")
    first, second = home.spending.scoreboard()
    assert (first.model, first.connection) == ("gen4_turbo", "=Our relay")
    assert (first.succeeded, first.failed) == (10, 3)
    assert first.success_rate == Decimal("0.7692")
    assert first.waits == 10
    assert first.median_wait == timedelta(seconds=50)
    assert first.slow_wait == timedelta(seconds=90)
    assert first.spent.per_second == Decimal("5.5")  # the cancelled one was not refunded
    assert first.last_failure is not None
    assert (first.last_failure.code, first.last_failure.words) == ("INTERNAL.NEW", "Broke.")
    assert second.success_rate == 1 and second.last_failure is None
    assert home.spending.scoreboard(CellQuery(since=NOW.date() + timedelta(days=1))) == []


def test_a_model_that_has_not_finished_has_no_rate_and_no_wait(home: Studio) -> None:
    home.store.tasks.add(new_task())
    (score,) = home.spending.scoreboard()
    assert (score.success_rate, score.median_wait, score.slow_wait) == (None, None, None)


# --- prices that are learnt --------------------------------------------------------------------


def relay(studio: Studio) -> Connection:
    found = studio.store.connections.get(RELAY)
    assert found is not None
    return found


def test_a_price_is_learnt_from_what_was_charged_and_offered_to_all(home: Studio) -> None:
    viewer = join(home, "Vic", Role.VIEWER)
    for charge in ("1900", "2000", "2600"):
        made(home, price=None, charge=Decimal(charge))
    (found,) = viewer.spending.learnt(relay(home))
    assert (found.model, found.number, found.source) == ("gen4_turbo", 3, "charges")
    assert found.price == 2000 and found.unit == "credit"


def test_a_price_is_learnt_from_the_balance_before_each_create(home: Studio) -> None:
    for minute, left in enumerate((10_000, 8000, 6000)):
        at = NOW + timedelta(minutes=5 * minute)
        home.store.connections.set_balance(RELAY, Decimal(left), "point", at)
        made(home, price=None, created_at=at)
    (found,) = home.spending.learnt(relay(home))
    assert (found.number, found.source, found.unit) == (2, "balance", "point")
    assert found.price == 2000


def test_a_published_price_needs_no_learning(home: Studio) -> None:
    sandbox = home.connections.by_name("Sandbox")
    made(home, connection_id=sandbox.id, charge=Decimal(99))
    assert home.spending.learnt(sandbox) == ()


# --- what is left ------------------------------------------------------------------------------


def test_a_low_balance_is_told_with_its_age(home: Studio) -> None:
    told = now() - timedelta(hours=2)
    home.store.connections.set_balance(RELAY, Decimal(100), "credit", told)
    assert home.balances.low() == []
    home.balances.set_alert(relay(home), Decimal(100))
    assert home.balances.low() == []  # not below it
    home.store.acting_as(LOCAL).connections.spend(RELAY, Decimal("0.01"), "credit")
    (low,) = home.balances.low()
    assert (low.connection.id, low.unit) == (RELAY, "credit")
    assert low.balance == Decimal("99.99") and low.below == 100
    assert timedelta(hours=2) <= low.age < timedelta(hours=2, minutes=1)
    assert home.store.audit.newest(limit=1)[0].detail == "below 100 credits"
    home.balances.set_alert(relay(home), None)
    assert home.balances.low() == []


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity"])
def test_an_alert_at_no_amount_is_refused(home: Studio, amount: str) -> None:
    with pytest.raises(InvalidInputError, match="alert_below: must be a number above 0"):
        home.balances.set_alert(relay(home), Decimal(amount))
    with pytest.raises(NotAllowedError):
        join(home, "Mia", Role.MAKER).balances.set_alert(relay(home), Decimal(1))


def test_what_is_available_is_less_what_the_balance_cannot_know_of(home: Studio) -> None:
    assert home.balances.available(relay(home)) is None
    home.store.connections.set_balance(RELAY, Decimal(200), "credit", NOW)
    made(home, created_at=NOW - timedelta(hours=1))  # booked before
    home.store.tasks.add(new_task(estimate=estimate(low=10, high=30)))  # not sent yet
    made(home, created_at=NOW + timedelta(minutes=1), price=50)  # sent since, no charge told
    made(home, created_at=NOW + timedelta(minutes=1), price=50, charge=Decimal(50))  # taken off
    failed: dict[str, Any] = {"status": TaskStatus.FAILED, "failure_code": "INTERNAL"}
    made(home, created_at=NOW + timedelta(minutes=1), **failed)
    found = home.balances.available(relay(home))
    assert found is not None and found.amount == 120 and found.unit == "credit"


def test_a_batch_is_let_in_as_far_as_balance_and_budgets_reach(home: Studio) -> None:
    mia, own = join(home, "Mia", Role.MAKER), relay(home)
    wishes = [estimate(low=10, high=60)] * 4
    assert home.balances.admit(own, wishes).fit == 4
    home.store.connections.set_balance(RELAY, Decimal(190), "credit", now())
    assert home.balances.admit(relay(home), wishes).fit == 3
    home.budgets.set(own, {Period.DAY: Decimal(130)}, person_id="mia")
    unit = home.budgets.all(own, "mia")[0].unit
    theirs = mia.balances.admit(relay(home), [w.model_copy(update={"unit": unit}) for w in wishes])
    assert [v.waits_for for v in theirs.verdicts] == ["", "", "budget", "budget"]
    assert home.balances.admit(relay(home), wishes).fit == 3
