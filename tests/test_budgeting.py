"""The arithmetic of budgets: nothing negative, nothing lost, nothing almost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from runway_core.domain import Budget, Period, TaskStatus
from runway_core.pricing import (
    Counted,
    Measure,
    Outlook,
    Spending,
    admit,
    begins,
    counted,
    ends,
    is_excessive,
    outlook,
    spending,
    tally,
)
from tests.builders import NOW, RELAY, estimate

EXACT = Context(prec=1000)
AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=4)
KNOWN = AMOUNTS | st.none()
TIMES = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone itself
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone itself
    timezones=st.just(UTC) | st.timezones(),
)
CODES = st.sampled_from(["", "INTERNAL", "SAFETY.INPUT.TEXT", "WRITTEN_OFF", "SOMETHING.NEW"])
TASKS = st.builds(
    Counted,
    status=st.sampled_from(TaskStatus),
    high=KNOWN,
    quoted=KNOWN,
    charge=KNOWN,
    failure_code=CODES,
    taken=st.booleans(),
    unit=st.sampled_from(["credit", "point"]),
)


def test_days_are_those_of_utc_whatever_the_zone_of_the_clock() -> None:
    shanghai = datetime(2026, 12, 1, 7, 59, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert begins(Period.MONTH, shanghai) == datetime(2026, 11, 1, tzinfo=UTC)
    assert ends(Period.DAY, shanghai) == datetime(2026, 12, 1, tzinfo=UTC)


@given(TASKS)
def test_no_task_counts_less_than_nothing_or_more_than_it_may_cost(task: Counted) -> None:
    share = counted(task)
    known = [v for v in (task.high, task.quoted, task.charge) if v is not None]
    if share.amount is None:
        assert task.high is task.quoted is task.charge is None
    else:
        assert 0 <= share.amount <= max(known, default=Decimal(0))
    if task.charge is not None:
        assert (share.part, share.amount) == ("confirmed", task.charge)


@given(st.lists(TASKS, max_size=12), st.data())
def test_parts_make_the_whole_however_it_is_cut(tasks: list[Counted], data: st.DataObject) -> None:
    whole = spending([tally(task) for task in tasks], "credit")
    cut = data.draw(st.integers(0, len(tasks)))
    first, second = (
        spending([tally(task) for task in part], "credit") for part in (tasks[:cut], tasks[cut:])
    )
    for name in ("confirmed", "assumed", "reserved", "unpriced", "total"):
        assert getattr(first, name) + getattr(second, name) == getattr(whole, name) >= 0
    shares = [counted(t).amount for t in tasks if t.unit == "credit"]
    assert whole.total == sum((amount for amount in shares if amount is not None), Decimal(0))
    doubled = spending([tally(task) for task in [*tasks, *tasks]], "credit")
    assert doubled.total == 2 * whole.total and doubled.unpriced == 2 * whole.unpriced


@given(TASKS, TASKS)
def test_a_task_that_ends_without_a_charge_never_counts_more_than_before(
    before: Counted, after: Counted
) -> None:
    ended = before.model_copy(update={"status": after.status, "charge": None})
    was = counted(before.model_copy(update={"status": TaskStatus.RUNNING, "charge": None}))
    now = counted(ended)
    assert (now.amount or 0) <= (was.amount or 0)


@given(
    confirmed=AMOUNTS,
    assumed=AMOUNTS,
    reserved=AMOUNTS,
    amount=AMOUNTS.filter(bool),
    cost=KNOWN,
    hard=st.booleans(),
    at=TIMES,
)
def test_an_outlook_adds_up(
    confirmed: Decimal,
    assumed: Decimal,
    reserved: Decimal,
    amount: Decimal,
    cost: Decimal | None,
    hard: bool,
    at: datetime,
) -> None:
    spent = Spending(confirmed=confirmed, assumed=assumed, reserved=reserved)
    own = Budget(
        connection_id=RELAY,
        period=Period.MONTH,
        amount=amount,
        unit="credit",
        hard=hard,
        created_at=NOW,
    )
    found = outlook(own, spent, at, estimate(low=cost, high=cost))
    assert found.spent == confirmed + assumed and found.assumed <= found.spent
    assert found.left == max(amount - found.spent - found.reserved, 0)
    if cost is None:
        assert (found.after, found.percent, found.verdict) == (None, None, "unknown")
    else:
        assert found.after == found.spent + found.reserved + cost
        assert (found.verdict == "over") == (found.after > amount)
        assert found.percent is not None
        assert (found.percent == 100) == (found.after == amount)
        assert (found.percent > 100) == (found.after > amount)
        assert abs(found.percent - found.after * 100 / amount) < 1
    assert found.refused == (hard and found.verdict != "fits")
    assert Outlook.model_validate_json(found.model_dump_json()) == found
    assert not {type(value) for value in found.model_dump().values()} & {float}


@given(TIMES, st.sampled_from(Period))
def test_periods_follow_one_another_without_a_gap(at: datetime, period: Period) -> None:
    start, end = begins(period, at), ends(period, at)
    assert start <= at < end
    assert begins(period, end) == end and begins(period, start) == start
    assert ends(period, end - timedelta(microseconds=1)) == end
    assert timedelta(days=1) <= end - start <= timedelta(days=31 if period is Period.MONTH else 1)


@given(AMOUNTS, KNOWN)
def test_only_more_than_a_fifth_over_is_too_much(charge: Decimal, high: Decimal | None) -> None:
    told = is_excessive(charge, estimate(low=high, high=high))
    assert told is (high is not None and charge * 5 > high * 6)


RATES = st.decimals(min_value=0, max_value=10**6, places=9)


@given(st.lists(TASKS, max_size=8), RATES, AMOUNTS)
def test_money_is_told_to_the_last_digit_and_nothing_unknown_is_taken_for_nothing(
    tasks: list[Counted], rate: Decimal, amount: Decimal
) -> None:
    known = Measure(unit="credit", rate=rate)
    tallies = [tally(task) for task in tasks if task.unit == "credit"]
    own, money = (
        spending(tallies, "credit"),
        spending([t.told(known, "CNY") for t in tallies], "CNY"),
    )
    assert money.total == EXACT.multiply(own.total, rate)
    assert money.unpriced == (own.unpriced if rate else 0)
    unknown = spending([t.told(Measure(unit="credit", rate=None), "CNY") for t in tallies], "CNY")
    assert unknown.total == 0
    assert unknown.unpriced == own.unpriced + sum(t.priced for t in tallies)
    assert known.of(amount, "credit") == EXACT.multiply(amount, rate)
    assert known.of(amount, "point") == (None if amount and rate else 0)
    assert known.of(None, "credit") == (None if rate else 0)


@given(AMOUNTS, RATES.filter(bool), st.decimals(min_value="0.01", max_value=10**9, places=2))
def test_a_budget_in_money_lets_in_exactly_what_fits(
    cost: Decimal, rate: Decimal, room: Decimal
) -> None:
    budget = Budget(
        connection_id="",
        period=Period.DAY,
        amount=room,
        unit="CNY",
        hard=True,
        created_at=NOW,
    )
    asked = estimate(low=cost, high=cost)
    found = outlook(budget, Spending(), NOW, asked, Measure(unit="credit", rate=rate))
    assert found.refused is (EXACT.multiply(cost, rate) > room)
    (verdict,) = admit([asked], [found], None).verdicts
    assert verdict.fits is not found.refused
    assert verdict.waits_for == ("budget" if found.refused else "")


def test_a_lot_waits_for_what_nobody_said_a_unit_is_worth() -> None:
    budget = Budget(
        connection_id="",
        period=Period.DAY,
        amount=Decimal(9),
        unit="CNY",
        hard=True,
        created_at=NOW,
    )
    measure = Measure(unit="credit", rate=None, lacks="USD")
    found = outlook(budget, Spending(), NOW, None, measure)
    lot = admit([estimate(), estimate(low=Decimal(0), high=Decimal(0))], [found], None)
    assert [verdict.waits_for for verdict in lot.verdicts] == ["price", ""]
    assert "what one USD is worth in that is not known" in lot.verdicts[0].why
    known = outlook(budget, Spending(), NOW, None, Measure(unit="credit", rate=Decimal("0.05")))
    lot = admit([estimate()] * 4, [known], None)
    assert [verdict.fits for verdict in lot.verdicts] == [True, True, True, False]
    assert "It may cost 3 CNY, and 0 are left of the budget for 22 November." in (
        lot.verdicts[3].why
    )
