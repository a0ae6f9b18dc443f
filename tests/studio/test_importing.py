"""The tester's history, copied out of its browser in any way, comes in once and is never paid for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runway_core.domain import ArtifactState, Task, TaskStatus
from runway_core.errors import InvalidInputError
from runway_core.store import TaskQuery
from runway_core.studio.importing import Imported
from runway_core.studio.tester import STORES, read_history
from tests.engine.conftest import Desk
from tests.relay import Relay, small_video

UUID = "3d957031-9a2a-45e2-9dc7-bc8513059c5{}"
FINISHED = {
    "id": UUID.format(0),
    "status": "SUCCEEDED",
    "createdAt": "2025-03-04T05:06:07.000Z",
    "output": ["https://files.example/boat.mp4?_jwt=old"],
    "model": "gen3a_turbo",
    "promptText": "the boat leaves",
    "last_feed": 1741064827000,
}
FAILED = {
    "id": UUID.format(1),
    "status": "FAILED",
    "createdAt": "2025-03-04T06:06:07.000Z",
    "failure": "Text did not pass moderation",
    "failureCode": "SAFETY.INPUT.TEXT",
    "model": "gen4_turbo",
    "promptText": "a fight",
}
RUNNING = {
    "id": UUID.format(2),
    "status": "RUNNING",
    "createdAt": "2026-11-22T07:06:07.000Z",
    "progress": 0.4,
    "model": "gen3a_turbo",
    "promptText": "waves",
}
WEBSITE = {
    "id": UUID.format(3),
    "name": "Gen-3 Alpha 1234",
    "image": None,
    "createdAt": "2024-10-01T10:00:00.000Z",
    "updatedAt": "2024-10-01T10:02:00.000Z",
    "taskType": "europa",
    "options": {
        "name": "Gen-3 Alpha 1234",
        "seconds": 10,
        "seed": 77,
        "text_prompt": "a red train",
        "image_prompt": "https://pictures.example/train.jpg",
    },
    "status": "SUCCEEDED",
    "error": None,
    "progressText": None,
    "progressRatio": "1",
    "artifacts": [{"id": "a", "url": "https://files.example/train.mp4", "taskId": "x"}],
    "last_feed": 1727776920000,
}
ALL: list[dict[str, Any]] = [FINISHED, FAILED, RUNNING]
KEY = "hk-canary-0001"


def text(value: object) -> str:
    return json.dumps(value)


def kept_with_expiry(value: object) -> str:
    """As the tester's storage wraps each value."""
    return text({"data": value, "expire": None})


COPIES = {
    "the bare list": ALL,
    "the list as the store keeps it": {"data": ALL, "expire": None},
    "text in text": text(kept_with_expiry(ALL)),
    "one store": {"runwayml-store": ALL},
    "the whole storage": {
        "gptServerStore": kept_with_expiry({"RUNWAY_KEY": KEY, "id": "x", "status": "y"}),
        "chatStorage": kept_with_expiry({"history": [{"uuid": "1"}], "chat": []}),
        "luma-store": kept_with_expiry([{"id": "l-1", "status": "completed"}]),
        "runwayml-store": kept_with_expiry(ALL),
    },
    "pairs of names and values": {
        "origins": [
            {"localStorage": [{"name": "runwayml-store", "value": kept_with_expiry(ALL)}]},
        ]
    },
    "under another key": {"localStorage": text({"runwayml-store": kept_with_expiry(ALL)})},
}


@pytest.mark.parametrize("copy", COPIES.values(), ids=COPIES.keys())
def test_every_way_of_copying_is_read(copy: object) -> None:
    entries, unread = read_history(text(copy).encode())
    assert [entry.remote_id for entry in entries] == [task["id"] for task in ALL]
    assert [entry.request.prompt for entry in entries] == ["the boat leaves", "a fight", "waves"]
    assert unread == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_editor_s_way_of_saving_is_read(encoding: str) -> None:
    entries, _ = read_history(json.dumps(ALL, ensure_ascii=False).encode(encoding))
    assert len(entries) == 3


def test_what_is_known_of_a_task_is_taken_over() -> None:
    boat, fight, waves, train = read_history(
        text({"runwayml-store": ALL, "runway-store": [WEBSITE]}).encode()
    )[0]
    assert boat.update.status is TaskStatus.SUCCEEDED
    assert boat.update.outputs == ("https://files.example/boat.mp4?_jwt=old",)
    assert boat.update.created_at == datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert boat.finished_at == datetime(2025, 3, 4, 5, 7, 7, tzinfo=UTC)
    assert (fight.update.failure, fight.update.failure_code) == (
        "Text did not pass moderation",
        "SAFETY.INPUT.TEXT",
    )
    assert (waves.update.status, waves.update.progress) == (TaskStatus.RUNNING, 0.4)
    asked = train.request
    assert (asked.prompt, asked.model, asked.duration, asked.seed) == (
        "a red train",
        "europa",
        10,
        77,
    )
    assert [frame.uri for frame in asked.frames] == ["https://pictures.example/train.jpg"]
    assert train.update.outputs == ("https://files.example/train.mp4",)


def test_later_versions_may_keep_more() -> None:
    more = RUNNING | {
        "promptImage": [{"uri": "https://pictures.example/a.png", "position": "first"}],
        "ratio": "960:960",
        "duration": 5,
        "seed": 2**32,
        "version": {"nested": [1, 2, {"id": "no task"}]},
    }
    (entry,), _ = read_history(text([more]).encode())
    assert entry.request.frames[0].uri == "https://pictures.example/a.png"
    assert (entry.request.ratio, entry.request.duration) == ("960:960", 5)
    assert entry.request.seed is None  # out of range


def test_a_picture_that_is_no_https_link_is_left_out() -> None:
    for picture in ("data:image/png;base64,AAAA", "http://x.example/a.png", "blob:https://x/1", 7):
        (entry,), _ = read_history(text([RUNNING | {"promptImage": picture}]).encode())
        assert entry.request.frames == ()


def test_what_can_t_be_read_is_said_with_its_place() -> None:
    items = [FINISHED, {"status": "SUCCEEDED"}, "nonsense", None, 7, {"id": 5, "status": "x"}]
    entries, unread = read_history(text({"runwayml-store": items}).encode())
    assert len(entries) == 1
    assert [u.where for u in unread] == [f"runwayml-store[{n}]" for n in (1, 2, 3, 4, 5)]
    assert all(u.why for u in unread)


def test_a_task_that_is_there_twice_counts_once_and_as_it_ended() -> None:
    ended = RUNNING | {"status": "FAILED", "failure": "late"}
    for items in ([RUNNING, ended], [ended, RUNNING]):
        (entry,), _ = read_history(text(items).encode())
        assert entry.update.status is TaskStatus.FAILED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"[" * 5000,
        b'{"a": NaN}',
        text({"chatStorage": "x"}).encode(),
        b"7",
        b"[]",
    ],
)
def test_what_is_no_history_is_refused_with_a_way_to_get_one(data: bytes) -> None:
    with pytest.raises(InvalidInputError, match="file") as caught:
        read_history(data)
    assert "localStorage" in caught.value.hint


def test_an_empty_history_is_none_the_less_one() -> None:
    assert read_history(text({"runwayml-store": kept_with_expiry([])}).encode()) == ([], [])


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*FINISHED, *WEBSITE, *STORES, "data", "name", "value"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(JSON_VALUES, st.booleans())
def test_nothing_in_a_file_breaks_the_reader(value: Any, wrapped: bool) -> None:
    copy = {"runwayml-store": text(value) if wrapped else value}
    entries, _ = read_history(text(copy).encode())
    for entry in entries:
        assert entry.remote_id
        entry.request.model_dump_json().encode()


# --- into a home -----------------------------------------------------------------------------------


def load(desk: Desk, *items: object) -> Imported:
    return desk.studio.importing.load(
        text({"runwayml-store": items, "gptServerStore": {"RUNWAY_KEY": KEY}}).encode(),
        connection=desk.connection,
    )


def tasks(desk: Desk) -> list[Task]:
    return list(desk.studio.tasks.page(TaskQuery(limit=100)).tasks)


def test_a_history_comes_in_once(desk: Desk, relay: Relay) -> None:
    first = load(desk, *ALL, {"status": "x"})
    assert (len(first.added), first.known, len(first.unread)) == (3, 0, 1)
    again = load(desk, *ALL)
    assert (again.added, again.known, again.unread) == ((), 3, ())
    assert [t.request.prompt for t in tasks(desk)] == ["waves", "a fight", "the boat leaves"]
    assert {t.id for t in tasks(desk)} == set(first.added)
    assert relay.posts == 0
    data = b"".join(p.read_bytes() for p in desk.settings.home.rglob("*") if p.is_file())
    assert KEY.encode() not in data


def test_failed_ones_stay_failed_and_are_not_looked_at(desk: Desk, relay: Relay) -> None:
    load(desk, FAILED)
    (task,) = tasks(desk)
    assert (task.status, task.is_open) == (TaskStatus.FAILED, False)
    assert task.failure == "Text did not pass moderation"
    assert task.hint
    assert desk.studio.tasks.count_open() == 0
    assert relay.seen == {}


def test_open_and_finished_ones_are_fetched_with_fresh_links(desk: Desk, relay: Relay) -> None:
    ids = [relay.make({}), relay.make({})]
    dead = f"{relay.url}/files/old.mp4?_jwt=old"
    relay.files = [lambda call: call.answer(403, {"error": "expired"})]
    load(desk, FINISHED | {"id": ids[0], "output": [dead]}, RUNNING | {"id": ids[1]})
    desk.engine.start()
    for task in tasks(desk):
        kept = desk.until_settled(task)
        assert kept.artifact_state is ArtifactState.KEPT
        path = desk.studio.archive.path(kept.artifacts[0].path)
        assert path.read_bytes() == small_video()
    assert relay.posts == 0


def test_a_finished_one_that_nobody_has_any_more_is_expired_and_not_failed(
    desk: Desk, relay: Relay
) -> None:
    load(desk, FINISHED | {"output": [f"{relay.url}/nowhere/old.mp4"]})
    (task,) = tasks(desk)
    # Five tries failed before: the next one decides.
    for looks in range(1, 6):
        desk.studio.store.tasks.move(
            task.id,
            [TaskStatus.SUCCEEDED],
            now=task.updated_at,
            event="file not kept yet",
            detail="404: Sandbox (built in) does not know this task.",
            looks=looks,
        )
    desk.engine.start()
    ended = desk.until_settled(task)
    assert (ended.status, ended.artifact_state) == (TaskStatus.SUCCEEDED, ArtifactState.EXPIRED)
    assert relay.posts == 0


def test_what_was_deleted_stays_deleted(desk: Desk) -> None:
    load(desk, FAILED)
    desk.studio.tasks.delete(tasks(desk)[0].id)
    assert load(desk, FAILED).known == 1
    assert tasks(desk) == []


def test_the_tester_s_word_on_the_model_is_doubted(desk: Desk) -> None:
    load(desk, FINISHED)
    (task,) = tasks(desk)
    (event,) = desk.studio.tasks.events(task.id)
    assert (event.kind, task.request.model) == ("imported", "gen3a_turbo")
    assert "whatever made it" in event.detail
    assert (datetime.now(UTC) - event.at).total_seconds() < 60


def test_a_long_history_does_not_fall_upon_the_provider_at_once(desk: Desk) -> None:
    load(desk, *(RUNNING | {"id": f"task-{n}"} for n in range(21)))
    due = sorted(task.next_at for task in tasks(desk) if task.next_at)
    assert len(due) == 21
    assert (due[-1] - due[0]).total_seconds() == pytest.approx(10)
