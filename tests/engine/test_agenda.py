"""What is due comes out once, at its last word, in order, and no lane keeps another waiting."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from runway_core.domain import TaskStatus
from runway_core.engine.agenda import GATHERED, ROOM, Agenda, Lane, lane_of
from tests.builders import NOW

LANES: list[Lane] = ["create", "keep", "look"]


def at(second: int) -> datetime:
    return NOW + timedelta(seconds=second)


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(0, 50), st.sampled_from(LANES)),
        max_size=60,
    )
)
def test_each_task_comes_once_at_its_last_word_and_in_order(
    words: list[tuple[str, int, Lane]],
) -> None:
    agenda, truth = Agenda(), dict[str, tuple[int, Lane]]()
    for task, second, lane in words:
        agenda.put(task, at(second), lane)
        truth[task] = (second, lane)
    assert len(agenda) == len(truth)
    taken = agenda.take(at(25))
    assert {task: (due, lane) for task, due, lane in taken} == {
        task: (at(second), lane) for task, (second, lane) in truth.items() if second <= 25
    }
    for lane in LANES:
        dues = [due for _, due, own in taken if own == lane]
        assert dues == sorted(dues)
    slack = {"look": GATHERED}
    later = [
        at(second) + slack.get(lane, timedelta()) for second, lane in truth.values() if second > 25
    ]
    assert agenda.next_due() == min(later, default=None)
    assert agenda.take(at(25)) == []


def test_a_full_lane_waits_for_room_and_stops_no_other() -> None:
    agenda = Agenda()
    for number in range(100):
        agenda.put(f"look {number}", at(number), "look")
    first = agenda.take(at(100))
    assert [task for task, _, _ in first] == [f"look {n}" for n in range(ROOM["look"])]
    assert agenda.take(at(100)) == []
    assert agenda.next_due() is None  # its lane has no room, so no time makes a difference
    agenda.put("a create", at(99), "create")
    assert agenda.next_due() == at(99)
    assert [task for task, _, _ in agenda.take(at(100))] == ["a create"]
    agenda.leave("look")
    assert [task for task, _, _ in agenda.take(at(100))] == [f"look {ROOM['look']}"]


def test_another_time_counts_and_what_is_forgotten_does_not_come() -> None:
    agenda = Agenda()
    agenda.put("a", at(5), "look")
    agenda.change("a", at(1))
    agenda.put("b", at(2), "keep")
    assert "a" in agenda and "c" not in agenda
    assert [task for task, _, _ in agenda.take(at(1))] == ["a"]
    agenda.clear()
    assert agenda.take(at(9)) == [] and len(agenda) == 0


def test_each_state_has_its_lane() -> None:
    lanes = {status: lane_of(status) for status in TaskStatus}
    assert lanes[TaskStatus.QUEUED] == lanes[TaskStatus.SUBMITTING] == "create"
    assert lanes[TaskStatus.SUCCEEDED] == "keep"
    assert lanes[TaskStatus.RUNNING] == lanes[TaskStatus.UNCERTAIN] == "look"
