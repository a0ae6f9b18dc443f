"""Batches as a person has them: checked, priced, confirmed once, and asked for as far as money reaches."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from runway_core.domain import Connection, Period, TaskStatus
from runway_core.errors import InvalidInputError
from runway_core.people import Actor, Role
from runway_core.store import Batch
from runway_core.studio import Studio
from runway_core.studio.batch_rows import Checked, Usual
from runway_core.studio.feeding import AHEAD, AHEAD_LEAST
from runway_core.studio.prompt_lists import read_list
from tests.builders import NOW
from tests.engine.conftest import DEADLINE, Desk
from tests.relay import Relay

USUAL = Usual(model="gen4.5", ratio="16:9", duration=5)
PRICE = 60
"""Credits of one of these."""


def checked(desk: Desk, text: str, usual: Usual = USUAL) -> Checked:
    return desk.studio.lists.check(read_list(text), desk.connection, usual)


def made(desk: Desk, text: str, token: str = "") -> Batch:
    found = checked(desk, text)
    return desk.studio.batches.make(token or text, found, connection=desk.connection, name="")


def counts(desk: Desk, batch: Batch) -> dict[str, int]:
    return {str(how): n for how, n in desk.studio.batches.progress(batch.id).rows.items()}


def until(desk: Desk, batch: Batch, wanted: Callable[[dict[str, int]], bool]) -> dict[str, int]:
    ends, pause = time.monotonic() + DEADLINE, threading.Event()
    while not wanted(found := counts(desk, batch)):
        assert time.monotonic() < ends, found
        pause.wait(0.02)
    return found


def whys(desk: Desk, batch: Batch) -> list[str]:
    return [view.why for view in desk.studio.batches.rows(batch.id)]


def prompts(number: int) -> str:
    return "\n".join(f"video {n}" for n in range(1, number + 1))


# --- before anything -----------------------------------------------------------------------------


def test_each_row_says_what_is_wrong_and_what_it_costs(desk: Desk) -> None:
    text = (
        "prompt,model,ratio,duration,seed\n"
        "a fox,,,,\n"
        "a boat,,9:16,10,5\n"
        "a cat,gen9,,,\n"
        "a dog,,7:1,11,\n"
        "a bird,,,x,\n"
        f"{'y' * 2000},,,,\n"
    )
    found = checked(desk, text)
    problems = [[problem.field for problem in row.problems] for row in found.rows]
    assert problems == [[], [], ["model"], ["ratio", "duration"], ["duration"], ["prompt"]]
    assert [row.estimate.high if row.estimate else None for row in found.rows] == [
        *(Decimal(60), Decimal(120)),
        *[None] * 4,
    ]
    assert found.high == 180
    assert (found.unit, found.wrong, len(found.good)) == ("credit", 4, 2)
    with pytest.raises(InvalidInputError):
        desk.studio.batches.make("t", found, connection=desk.connection, name="")
    assert desk.studio.batches.page() == ([], 0)


def test_nothing_is_made_of_an_empty_list(desk: Desk) -> None:
    empty = checked(desk, "a fox").model_copy(update={"rows": ()})
    with pytest.raises(InvalidInputError):
        desk.studio.batches.make("t", empty, connection=desk.connection, name="")


def test_which_rows_fit_is_said_before_and_which_wait_for_what(desk: Desk) -> None:
    desk.studio.budgets.set(desk.connection, {Period.DAY: Decimal(2 * PRICE)})
    found = checked(desk, prompts(3))
    lot = desk.studio.lists.admission(desk.connection, found.estimates)
    assert [verdict.fits for verdict in lot.verdicts] == [True, True, False]
    assert "left of the budget" in lot.verdicts[2].why


def test_a_list_that_is_being_written_is_each_persons_own(desk: Desk) -> None:
    desk.studio.lists.save_draft({"text": "a fox"})
    assert desk.studio.lists.draft() == {"text": "a fox"}
    person = desk.studio.people.add("Ann", role=Role.ADMIN, password="seven quiet foxes in snow")
    assert desk.studio.acting_as(Actor.of(person)).lists.draft() == {}


# --- asked for -----------------------------------------------------------------------------------


def test_one_confirmation_makes_every_row_once(desk: Desk, relay: Relay) -> None:
    desk.engine.start()
    batch = made(desk, prompts(12), token="once")
    assert made(desk, prompts(12), token="once").id == batch.id
    until(desk, batch, lambda found: found.get("ready") == 12)
    assert relay.posts == 12
    assert relay.prompts() == {f"video {n}": 1 for n in range(1, 13)}
    seeds = {view.row.request.seed for view in desk.studio.batches.rows(batch.id)}
    assert None not in seeds and len(seeds) == 12
    assert desk.studio.batches.get(batch.id).state == "fed"


def test_few_are_asked_for_ahead_so_that_a_pause_holds(desk: Desk) -> None:
    batch = made(desk, prompts(AHEAD + 5))
    assert desk.studio.feeding.feed()
    assert desk.studio.feeding.feed()
    assert counts(desk, batch) == {"line": AHEAD, "waiting": 5}
    assert desk.studio.batches.pause(batch.id)
    assert counts(desk, batch) == {"waiting": AHEAD + 5}
    assert not desk.studio.feeding.feed()
    assert "Paused" in whys(desk, batch)[0]
    assert desk.studio.batches.resume(batch.id)
    assert desk.studio.feeding.feed()
    assert counts(desk, batch) == {"line": AHEAD, "waiting": 5}
    assert desk.studio.batches.stop(batch.id)
    assert counts(desk, batch) == {"stopped": AHEAD + 5}
    assert not desk.studio.batches.stop(batch.id)


def test_a_plan_that_runs_one_at_a_time_is_asked_for_little_ahead(
    tmp_path_factory: pytest.TempPathFactory, relay: Relay
) -> None:
    desk = Desk(tmp_path_factory.mktemp("home"), relay)
    slow = desk.studio.connections.change(
        desk.connection.id,
        name=desk.connection.name,
        base_url=desk.connection.base_url,
        options={"running_at_once": "1"},
    )
    found = desk.studio.lists.check(read_list(prompts(5)), slow, USUAL)
    batch = desk.studio.batches.make("t", found, connection=slow, name="")
    desk.studio.feeding.feed()
    assert counts(desk, batch) == {"line": AHEAD_LEAST, "waiting": 5 - AHEAD_LEAST}
    desk.close()


def test_rows_wait_for_a_budget_and_go_on_by_themselves_when_it_grows(
    desk: Desk, relay: Relay
) -> None:
    desk.studio.budgets.set(desk.connection, {Period.DAY: Decimal(PRICE)})
    desk.engine.start()
    batch = made(desk, prompts(3))
    until(desk, batch, lambda found: found.get("ready") == 1)
    assert counts(desk, batch) == {"ready": 1, "waiting": 2}
    assert all("left of the budget" in why for why in whys(desk, batch)[1:])
    assert relay.posts == 1
    desk.studio.budgets.set(desk.connection, {Period.DAY: Decimal(3 * PRICE)})
    until(desk, batch, lambda found: found.get("ready") == 3)
    assert relay.posts == 3


def test_rows_wait_for_the_balance(desk: Desk) -> None:
    store = desk.studio.store.connections
    store.set_balance(desk.connection.id, Decimal(PRICE + 5), "credit", NOW)
    batch = made(desk, prompts(2))
    desk.studio.feeding.feed()
    assert counts(desk, batch) == {"line": 1, "waiting": 1}
    assert "left at the provider" in whys(desk, batch)[1]
    store.set_balance(desk.connection.id, Decimal(10 * PRICE), "credit", NOW)
    desk.studio.feeding.feed()
    assert counts(desk, batch) == {"line": 2}


def test_one_that_is_too_dear_keeps_no_cheaper_one_from_being_made(desk: Desk) -> None:
    desk.studio.budgets.set(desk.connection, {Period.DAY: Decimal(PRICE)})
    batch = made(desk, "prompt,duration\nlong,10\nshort,5\n")
    desk.studio.feeding.feed()
    views = desk.studio.batches.rows(batch.id)
    assert [view.how for view in views] == ["waiting", "line"]
    assert "may cost 120 credits" in views[0].why


def test_a_paused_connection_holds_the_rows_and_says_so(desk: Desk) -> None:
    batch = made(desk, prompts(2))
    desk.studio.connections.pause(desk.connection.id, "its prices are odd")
    desk.studio.feeding.feed()
    assert counts(desk, batch) == {"waiting": 2}
    assert "its prices are odd" in whys(desk, batch)[0]


def test_whoever_may_make_nothing_any_more_is_asked_nothing_for(desk: Desk) -> None:
    studio = desk.studio
    studio.people.add("Ann", role=Role.ADMIN, password="seven quiet foxes in snow")
    bob = studio.people.add("Bob", role=Role.MAKER, password="seven quiet foxes in snow")
    his = studio.acting_as(Actor.of(bob))
    found = his.lists.check(read_list(prompts(2)), desk.connection, USUAL)
    batch = his.batches.make("t", found, connection=desk.connection, name="")
    studio.people.disable(bob)
    studio.feeding.feed()
    assert counts(desk, batch) == {"waiting": 2}
    assert "may not make videos any more" in whys(desk, batch)[0]
    studio.people.enable(bob)
    studio.feeding.feed()
    (first, _second) = studio.batches.rows(batch.id)
    assert first.row.task is not None and first.row.task.owner_id == bob.id


def test_a_price_that_has_risen_since_is_not_paid_unasked(desk: Desk, relay: Relay) -> None:
    connections = desk.studio.connections
    one = connections.add(
        "Another", profile="openai-hk", key="hk-canary-0002", unit_price=Decimal(2), unit="CNY"
    )
    text = "prompt,image\na fox,https://a.example/a.png\na cat,https://a.example/b.png\n"
    found = desk.studio.lists.check(read_list(text), one, Usual(model="gen4_turbo"))
    assert found.high == 4 and found.unit == "CNY"
    batch = desk.studio.batches.make("t", found, connection=one, name="")
    desk.studio.store.connections.change(one.id, unit_price=Decimal(3))
    desk.studio.feeding.feed()
    assert counts(desk, batch) == {"refused": 2}
    assert "confirmed at most 2 CNY" in whys(desk, batch)[0]
    anew = desk.studio.batches.once_more(batch.id)
    assert [row.estimate.high for row in anew] == [3, 3]
    assert desk.studio.batches.retry(batch.id, anew) == 2
    desk.studio.feeding.feed()
    assert counts(desk, batch) == {"line": 2}


def test_what_failed_is_made_again_once_as_a_new_paid_video(desk: Desk, relay: Relay) -> None:
    relay.creates = [lambda call: call.answer(400, {"error": "no such thing"})]
    desk.engine.start()
    batch = made(desk, "a fox")
    until(desk, batch, lambda found: found.get("failed") == 1)
    rows = desk.studio.batches.once_more(batch.id)
    assert desk.studio.batches.retry(batch.id, rows) == 1
    assert desk.studio.batches.retry(batch.id, rows) == 0
    until(desk, batch, lambda found: found.get("ready") == 1)
    assert relay.posts == 2
    (view,) = desk.studio.batches.rows(batch.id)
    assert view.row.attempt == 2


def test_the_results_are_a_table_that_no_spreadsheet_takes_for_formulas(desk: Desk) -> None:
    batch = made(desk, 'prompt,seed\n"=HYPERLINK(""http://a"")",7\na fox,8\n')
    desk.studio.feeding.feed()
    data = desk.studio.batches.csv(batch.id, lambda task, n: f"{task.id}/{n}")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["prompt"] for row in rows] == ['\'=HYPERLINK("http://a")', "a fox"]
    assert [(row["row"], row["state"], row["seed"]) for row in rows] == [
        ("2", "line", "7"),
        ("3", "line", "8"),
    ]
    assert rows[0]["estimate_high"] == "60" and rows[0]["unit"] == "credit"


def test_an_engine_that_waits_for_nothing_of_a_batch_feeds_nothing(desk: Desk) -> None:
    batch = made(desk, prompts(1))
    assert desk.studio.feeding.feed()
    assert not desk.studio.feeding.feed()
    task = desk.studio.batches.rows(batch.id)[0].row.task
    assert task is not None and task.status is TaskStatus.QUEUED


def test_a_batch_is_seen_by_its_owner_and_admins_alone(desk: Desk) -> None:
    studio: Studio = desk.studio
    studio.people.add("Ann", role=Role.ADMIN, password="seven quiet foxes in snow")
    bob = studio.people.add("Bob", role=Role.MAKER, password="seven quiet foxes in snow")
    cat = studio.people.add("Cat", role=Role.MAKER, password="seven quiet foxes in snow")
    his, hers = (studio.acting_as(Actor.of(person)) for person in (bob, cat))
    connection: Connection = desk.connection
    found = his.lists.check(read_list("a fox"), connection, USUAL)
    batch = his.batches.make("t", found, connection=connection, name="")
    assert hers.batches.page() == ([], 0)
    assert his.batches.page()[1] == studio.batches.page()[1] == 1
    assert studio.batches.pause(batch.id) and his.batches.resume(batch.id)
