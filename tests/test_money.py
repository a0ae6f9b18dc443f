"""The arithmetic of the ledger, of running sums, of reports, of batches and of prices that are learnt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runway_core.domain import Budget, Period, TaskStatus
from runway_core.pricing import (
    Available,
    Counted,
    Line,
    Outlook,
    Sent,
    Spending,
    Tally,
    admit,
    at_rank,
    counted,
    learnt,
    lines,
    outlook,
    spending,
    spent,
    tally,
)
from tests.builders import NOW, RELAY, estimate

EXACT = st.decimals(min_value=0, max_value=10**12, places=9)
FINE = st.decimals(min_value=0, max_value=10**12, places=30)
"""With more digits than plain arithmetic keeps."""
KNOWN = EXACT | st.none()
CODES = st.sampled_from(["", "INTERNAL", "SAFETY.INPUT.TEXT", "WRITTEN_OFF", "SOMETHING.NEW"])


@st.composite
def histories(draw: st.DrawFn) -> list[Counted]:
    """A task as it is asked for, and states that it has gone through since."""
    low, high = draw(st.one_of(st.just((None, None)), st.tuples(EXACT, EXACT).map(sorted)))
    asked = Counted(status=TaskStatus.QUEUED, low=low, high=high, unit="credit", seconds=5)
    found = [asked]
    for _ in range(draw(st.integers(0, 5))):
        changes: dict[str, Any] = {
            "status": draw(st.sampled_from(TaskStatus)),
            "quoted": draw(KNOWN),
            "charge": draw(KNOWN),
            "failure_code": draw(CODES),
            "taken": draw(st.booleans()),
        }
        found.append(asked.model_copy(update=changes))
    return found


def written(states: Sequence[Counted]) -> list[Line]:
    befores = [None, *states[:-1]]
    return [
        line for before, after in zip(befores, states, strict=True) for line in lines(before, after)
    ]


def summed(ledger: Sequence[Line]) -> tuple[dict[str, Decimal], int]:
    """Each part as the lines alone tell it, and how many amounts in it nobody knows."""
    sums = dict.fromkeys(("confirmed", "assumed", "reserved"), Decimal(0))
    unknown = 0
    for line in ledger:
        sign = -1 if line.kind in ("release", "refund") else 1
        if line.kind == "estimate":
            continue
        part = "confirmed" if line.certainty == "confirmed" else "assumed"
        part = "reserved" if line.kind in ("reservation", "release") else part
        if line.amount is None:
            unknown += sign
        else:
            sums[part] += sign * line.amount
    return sums, unknown


# --- the ledger --------------------------------------------------------------------------------


@given(histories())
def test_the_lines_of_any_history_come_to_what_the_task_counts(states: list[Counted]) -> None:
    ledger = written(states)
    assert all(line.amount is None or line.amount >= 0 for line in ledger)
    assert not any(isinstance(value, float) for line in ledger for value in dict(line).values())
    sums, unknown = summed(ledger)
    share = counted(states[-1])
    assert unknown == int(share.amount is None)
    parts = dict.fromkeys(sums, Decimal(0)) | {share.part: share.amount or Decimal(0)}
    assert sums == parts


@given(histories())
def test_what_did_not_change_is_not_written_again(states: list[Counted]) -> None:
    assert lines(states[-1], states[-1]) == []


LIFE: dict[str, Any] = {"status": TaskStatus.QUEUED, "low": 40, "high": 60, "unit": "credit"}


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (
            [{"status": "RUNNING"}, {"status": "SUCCEEDED", "charge": 50}],
            ["charge 50 confirmed", "release 60 estimated"],
        ),
        (
            [{"status": "PENDING", "quoted": 90}],
            ["reservation 90 estimated", "release 60 estimated"],
        ),
        ([{"status": "SUCCEEDED"}], ["charge 60 estimated", "release 60 estimated"]),
        ([{"status": "FAILED", "failure_code": "INTERNAL"}], ["release 60 estimated"]),
        ([{"status": "CANCELLED"}], ["release 60 estimated"]),
        (
            [{"status": "CANCELLED", "taken": True}],
            ["charge 60 estimated", "release 60 estimated"],
        ),
        (
            [{"status": "FAILED", "failure_code": "SAFETY.INPUT.TEXT"}],
            ["charge 60 estimated", "release 60 estimated"],
        ),
        (
            [{"status": "FAILED", "failure_code": "SOMETHING.NEW"}],
            ["charge 60 unknown", "release 60 estimated"],
        ),
        ([{"status": "UNCERTAIN"}], []),
        (
            [{"status": "UNCERTAIN"}, {"status": "FAILED", "failure_code": "WRITTEN_OFF"}],
            ["write-off 60 unknown", "release 60 estimated"],
        ),
        (
            [{"status": "FAILED", "failure_code": "WRITTEN_OFF"}, {"status": "PENDING"}],
            [
                *("write-off 60 unknown", "release 60 estimated"),
                *("reservation 60 estimated", "refund 60 unknown"),
            ],
        ),
        (
            [{"status": "SUCCEEDED", "charge": 50}, {"status": "SUCCEEDED", "charge": 20}],
            ["charge 50 confirmed", "release 60 estimated", "refund 30 confirmed"],
        ),
        (
            [{"status": "SUCCEEDED"}, {"status": "SUCCEEDED", "charge": 70}],
            [
                *("charge 60 estimated", "release 60 estimated"),
                *("charge 70 confirmed", "refund 60 estimated"),
            ],
        ),
    ],
)
def test_what_is_written_when_a_task_moves_on(then: list[dict[str, Any]], said: list[str]) -> None:
    states = [Counted(**LIFE), *[Counted(**LIFE | changes) for changes in then]]
    ledger = written(states)
    first = ["estimate 60 estimated", "reservation 60 estimated"]
    assert [f"{x.kind} {x.amount} {x.certainty}" for x in ledger] == first + said
    assert ledger[0].why.startswith("40 to 60: ")
    assert all(line.why for line in ledger)


# --- running sums ------------------------------------------------------------------------------


@given(st.lists(FINE, max_size=6), st.data())
def test_what_was_added_to_a_sum_can_be_taken_out_to_the_last_digit(
    charges: list[Decimal], data: st.DataObject
) -> None:
    empty = Tally(part="confirmed", unit="credit", outcome="succeeded")
    total = empty
    made = Counted(status=TaskStatus.SUCCEEDED, low=1, high=1, unit="credit", seconds=5)
    tallies = [tally(made.model_copy(update={"charge": charge})) for charge in charges]
    for found in tallies:
        total = total.plus(found)
    for found in data.draw(st.permutations(tallies)):
        total = total.plus(found, times=-1)
    assert total == empty


@given(st.lists(histories(), max_size=8))
def test_a_report_says_the_same_as_the_budgets(tasks: list[list[Counted]]) -> None:
    tallies = [tally(states[-1]) for states in tasks]
    budgets, report = spending(tallies, "credit"), spent([("m", t) for t in tallies], "credit")
    assert (report.confirmed, report.assumed, report.reserved, report.unpriced) == (
        budgets.confirmed,
        budgets.assumed,
        budgets.reserved,
        budgets.unpriced,
    )
    assert report.tasks == len(tasks)
    assert report.tasks == report.open + report.succeeded + report.failed + report.cancelled
    assert 0 <= report.failed_confirmed <= report.confirmed
    assert 0 <= report.failed_assumed <= report.assumed
    assert 0 <= report.compared <= report.confirmed and report.low <= report.high


def test_the_price_of_a_second_that_came_out_bears_the_failures_too() -> None:
    def ended(status: TaskStatus, charge: int | None, seconds: int = 5) -> Tally:
        known = {"status": status, "charge": charge, "low": 25, "high": 25, "unit": "credit"}
        return tally(Counted(**known, seconds=seconds, failure_code="SAFETY.INPUT"))

    good, bad = ended(TaskStatus.SUCCEEDED, 25), ended(TaskStatus.FAILED, 25)
    report = spent([("gen4", good), ("gen4", good), ("gen4", bad)], "credit")
    assert (report.seconds, report.per_second) == (10, Decimal("7.5"))
    assert [report.failed_confirmed, report.compared, report.high] == [25, 75, 75]
    # What follows its input has no length here, and no share in the price of a second.
    upscaled = ended(TaskStatus.SUCCEEDED, 300, seconds=0)
    assert spent([("gen4", good), ("upscale", upscaled)], "credit").per_second == 5
    # Nobody knows its cost: its seconds would make the others look cheap.
    gift = tally(Counted(status=TaskStatus.SUCCEEDED, unit="credit", seconds=5))
    assert spent([("gen4", good), ("gen4", gift)], "credit").per_second == 5
    assert spent([("upscale", upscaled)], "credit").per_second is None


def test_ranks_are_of_real_waits() -> None:
    waits = [timedelta(seconds=n) for n in (50, 10, 20, 40, 30, 60, 70, 80, 90, 100)]
    assert at_rank(waits, 50) == timedelta(seconds=50)
    assert at_rank(waits, 90) == timedelta(seconds=90)
    assert at_rank(waits[:1], 90) == timedelta(seconds=50)
    assert at_rank([], 50) is None


# --- batches -----------------------------------------------------------------------------------


def standing(left: int, *, hard: bool = True, unit: str = "credit") -> Outlook:
    budget = Budget(
        connection_id=RELAY,
        period=Period.MONTH,
        amount=Decimal(1000),
        unit=unit,
        hard=hard,
        created_at=NOW,
    )
    return outlook(budget, Spending(confirmed=Decimal(1000 - left)), NOW)


def wishes(*highs: int | None) -> list[Any]:
    return [
        estimate(low=None, high=None) if high is None else estimate(low=0, high=high)
        for high in highs
    ]


def test_a_batch_is_let_in_as_far_as_the_budget_reaches_and_the_rest_says_why() -> None:
    lot = admit(wishes(60, 60, 60), [standing(130)], None)
    assert [v.fits for v in lot.verdicts] == [True, True, False]
    assert lot.fit == 2 and lot.cost == 120 and lot.unit == "credit"
    refused = lot.verdicts[2]
    assert refused.waits_for == "budget"
    assert "may cost 60 credits, and 10 are left of the budget for November" in refused.why
    assert "1 December 2026 at 00:00 UTC" in refused.why


def test_a_cheaper_one_behind_a_dear_one_still_fits() -> None:
    lot = admit(wishes(60, 500, 40), [standing(100)], None)
    assert [v.fits for v in lot.verdicts] == [True, False, True]


def test_the_balance_is_a_limit_too_and_the_words_say_which() -> None:
    have = Available(amount=Decimal(100), unit="credit")
    lot = admit(wishes(60, 60, 0), [standing(1000)], have)
    assert [v.waits_for for v in lot.verdicts] == ["", "balance", ""]
    assert "40 are left at the provider" in lot.verdicts[1].why
    other = Available(amount=Decimal(1), unit="point")  # says nothing of credits
    assert admit(wishes(60), [], other).fit == 1


def test_a_soft_budget_keeps_nothing_waiting() -> None:
    assert admit(wishes(60), [standing(0, hard=False)], None).fit == 1


def test_a_price_that_is_not_known_is_not_taken_for_nothing() -> None:
    lot = admit(wishes(None, 60), [standing(1000)], None)
    assert [v.waits_for for v in lot.verdicts] == ["price", ""]
    assert admit(wishes(60), [standing(1000, unit="point")], None).verdicts[0].waits_for == "price"
    free = admit(wishes(None), [], Available(amount=Decimal(0), unit="credit"))
    assert free.fit == free.unpriced == 1 and free.cost == 0


@given(st.lists(EXACT, max_size=12), EXACT, st.integers(0, 1000))
def test_no_batch_passes_a_budget_or_a_balance(
    highs: list[Decimal], balance: Decimal, left: int
) -> None:
    asked = [estimate(low=0, high=high) for high in highs]
    lot = admit(asked, [standing(left)], Available(amount=balance, unit="credit"))
    let_in = [high for high, v in zip(highs, lot.verdicts, strict=True) if v.fits]
    assert lot.cost == sum(let_in, Decimal(0)) <= min(balance, Decimal(left))
    assert all(bool(v.why) is not v.fits for v in lot.verdicts)


# --- prices that are learnt --------------------------------------------------------------------


def sent(minute: int, **changes: Any) -> Sent:
    at = NOW + timedelta(minutes=minute)
    values: dict[str, Any] = {"model": "gen4_turbo", "sent_at": at, "steps": 1, "unit": "point"}
    values |= {"made_at": at + timedelta(seconds=30), "charge": None}
    return Sent(**values | {"balance": None, "balance_at": None} | changes)


def test_a_price_is_learnt_from_charges_as_their_median_for_five_seconds() -> None:
    told = [
        sent(1, charge=2000),
        sent(2, charge=4000, steps=2),
        sent(3, charge=9000),
        sent(4, charge=1, unit="CNY", model="gen4.5"),
        sent(5, charge=500, made_at=None),
        sent(6),
    ]
    first, second = learnt(told, balance_unit="point")
    assert (first.model, first.number) == ("gen4_turbo", 3) and first.price == 2000
    assert (first.unit, first.source) == ("point", "charges")
    assert (second.model, second.unit) == ("gen4.5", "CNY") and second.price == 1


def told(minute: int, balance: int | None, read: int, **changes: Any) -> Sent:
    """Sent when the balance was known from `read` minutes."""
    at = NOW + timedelta(minutes=read)
    return sent(minute, balance=balance, balance_at=at, **changes)


def test_a_price_is_learnt_from_the_balance_where_no_charge_is_told() -> None:
    readings = [
        told(1, 10_000, 0),
        told(2, 10_000, 0, steps=2),
        told(11, 4000, 10),  # 6000 for three steps
        told(21, 1900, 20),  # 2100 for one
    ]
    (found,) = learnt(readings, balance_unit="point")
    assert (found.number, found.source) == (2, "balance") and found.price == 2050


@pytest.mark.parametrize(
    "between",
    [
        told(2, 10_000, 0, model="gen4.5"),
        told(2, 10_000, 0, made_at=None),
        told(2, 10_000, 0, made_at=NOW + timedelta(hours=1)),
        told(2, 10_000, 0, steps=0),
    ],
    ids=["another model", "failed", "finished later", "of no known length"],
)
def test_a_balance_that_fell_for_something_else_teaches_nothing(between: Sent) -> None:
    assert learnt([told(1, 10_000, 0), between, told(11, 4000, 10)], balance_unit="point") == ()


def test_a_balance_that_rose_teaches_nothing() -> None:
    assert learnt([told(1, 100, 0), told(11, 4000, 10)], balance_unit="point") == ()
