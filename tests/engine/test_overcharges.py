"""A charge far over its estimate stops the sending, and nothing else, until a person lifts it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runway_core.domain import ArtifactState, Period, TaskStatus
from runway_core.errors import BudgetExceededError, InvalidInputError
from tests.builders import request
from tests.engine.conftest import Desk
from tests.engine.test_doitong import DoitongDesk, DoitongServer
from tests.relay import Call, Relay


class PricedRelay(Relay):
    """Says what each finished task cost, and finishes those whose prompt it may."""

    def __init__(self) -> None:
        super().__init__()
        self.credits = 100
        self.may_end = {"dear", "cheap"}

    def task(self, remote_id: str, *, done: bool) -> dict[str, Any]:
        prompt = self.created[remote_id]["promptText"]
        told = super().task(remote_id, done=done and prompt in self.may_end)
        cost = {"credits": self.credits}
        return told | ({"cost": cost} if "output" in told else {})


@pytest.fixture
def priced() -> Iterator[PricedRelay]:
    server = PricedRelay()
    yield server
    server.close()


@pytest.fixture
def till(tmp_path: Path, priced: PricedRelay) -> Iterator[Desk]:
    made = Desk(tmp_path / "home", priced)
    made.engine.start()
    yield made
    made.close()


def paused(desk: Desk) -> str:
    return desk.studio.connections.get(desk.connection.id).paused


def test_nothing_more_is_sent_until_a_person_lifts_it_and_what_runs_goes_on(
    till: Desk, priced: PricedRelay
) -> None:
    running = till.until(till.submit("running"), lambda task: task.status is TaskStatus.RUNNING)
    dear = till.until_settled(till.submit("dear"))
    assert (dear.status, dear.charge) == (TaskStatus.SUCCEEDED, Decimal(100))
    assert dear.artifact_state is ArtifactState.KEPT
    assert "charged 100 credits where at most 60 credits had been expected" in paused(till)
    assert "overcharged" in till.kinds(dear)

    waiting = till.submit("cheap")
    priced.credits = 60
    priced.may_end.add("running")
    assert till.until_settled(running).status is TaskStatus.SUCCEEDED
    other = till.studio.connections.add(
        "other", profile="sandbox", base_url=priced.url, key="hk-canary-key-0002"
    )
    fence = till.studio.tasks.submit(request(prompt="dear", seed=8), connection=other, token="f")
    till.until_settled(fence)
    assert till.studio.tasks.get(waiting.id).status is TaskStatus.QUEUED
    assert priced.posts == 3

    assert till.studio.connections.resume(till.connection.id)
    assert till.until_settled(waiting).status is TaskStatus.SUCCEEDED
    assert priced.posts == 4
    assert paused(till) == ""


class DearDoitong(DoitongServer):
    """Books 300 credits at the create, where 100 to 200 are expected."""

    def on_create(self, call: Call, body: dict[str, Any]) -> None:
        if body["query"].startswith("mutation"):
            self.posts += 1
            task = {"id": f"dt-{self.posts}", "status": "processing", "creditCost": 300}
            call.answer(200, {"data": {"generate": task}})
        else:
            super().on_create(call, body)


def test_a_charge_that_is_booked_at_the_create_pauses_as_well(tmp_path: Path) -> None:
    server = DearDoitong()
    server.states = [{"status": "queued"}]
    desk = DoitongDesk(tmp_path / "home", server, profile="doitong")
    desk.engine.start()
    task = desk.until(desk.ask(), lambda found: found.status is TaskStatus.PENDING)
    assert task.charge == 300
    assert "charged 300 credits where at most 200 credits had been expected" in paused(desk)
    desk.close()
    server.close()


def test_the_told_charge_takes_the_place_of_what_was_reserved(
    till: Desk, priced: PricedRelay
) -> None:
    priced.credits = 50
    till.studio.budgets.set(till.connection, {Period.MONTH: Decimal(110)})
    till.until_settled(till.submit("cheap"))
    (found,) = till.studio.budgets.outlooks(till.connection)
    assert found.spent == 50 and found.assumed == 0 and found.reserved == 0
    till.until_settled(till.submit("dear"))
    with pytest.raises(BudgetExceededError, match="10 are left"):
        till.submit("running")
    assert priced.posts == 2


def test_a_create_that_made_nothing_gives_its_room_back(till: Desk, priced: PricedRelay) -> None:
    till.studio.budgets.set(till.connection, {Period.MONTH: Decimal(60)})
    priced.creates.append(lambda call: call.answer(400, {"error": "No such ratio"}))
    refused = till.until_settled(till.submit("dear"))
    assert refused.status is TaskStatus.FAILED
    (found,) = till.studio.budgets.outlooks(till.connection)
    assert found.left == 60
    till.until_settled(till.submit("cheap"))


def test_an_uncertain_task_keeps_its_room_until_a_person_has_decided(
    till: Desk, priced: PricedRelay
) -> None:
    till.studio.budgets.set(till.connection, {Period.MONTH: Decimal(60)})

    def breaks(call: Call) -> None:
        call.reset()

    priced.creates.append(breaks)
    lost = till.until_settled(till.submit("dear"))
    assert lost.status is TaskStatus.UNCERTAIN
    with pytest.raises(BudgetExceededError):
        till.submit("cheap")
    till.studio.budgets.set(till.connection, {Period.MONTH: Decimal(59)})
    with pytest.raises(
        InvalidInputError, match=r"59 credits for [A-Z][a-z]+ 60 are spent or reserved"
    ):
        till.studio.tasks.send_again(lost.id)
    assert till.studio.tasks.get(lost.id).status is TaskStatus.UNCERTAIN
    till.studio.budgets.set(till.connection, {Period.MONTH: Decimal(60)})
    priced.credits = 60
    again = till.studio.tasks.send_again(lost.id)
    assert till.until_settled(again).status is TaskStatus.SUCCEEDED
    assert priced.posts == 2
    (found,) = till.studio.budgets.outlooks(till.connection)
    assert found.spent == 60 and found.reserved == 0
