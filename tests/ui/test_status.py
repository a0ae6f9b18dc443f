"""What Settings tells of the work: who does it, what waits, what is not as it should be, and the copies."""

from __future__ import annotations

import itertools
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import TaskStatus
from runway_core.engine.processes import this_worker
from runway_core.store.workers import Worker
from runway_core.studio import Studio
from runway_core.studio.backups import back_up
from runway_core.studio.copies import keep_daily
from runway_core.web.runtime import runtime
from tests.builders import new_task
from tests.ui.conftest import Open, said


def _now() -> datetime:
    return datetime.now(UTC)


def _add(studio: Studio, status: TaskStatus, due: timedelta | None) -> None:
    new = new_task(connection_id=studio.connections.all()[0].id, created_at=_now())
    studio.store.tasks.add(new)
    studio.store.tasks.move(
        new.id,
        [TaskStatus.QUEUED],
        now=_now(),
        status=status,
        next_at=None if due is None else _now() + due,
    )


def _facts(app: AppTest) -> dict[str, str]:
    """What stands under each label, in the order of the page."""
    found: list[str] = []

    def walk(node: Any) -> None:
        found.append(str(getattr(node, "value", "")))
        for child in getattr(node, "children", {}).values():
            walk(child)

    walk(app.main)
    told = [text for text in found if text]
    return dict(itertools.pairwise(told))


def test_an_app_without_its_launcher_says_that_nobody_works(open_app: Open) -> None:
    shown = said(open_app("settings"))
    assert "not running" in shown
    assert "Nobody sends or follows videos." in shown and "make run" in shown
    assert "goes on at its provider" in shown


def test_an_app_that_works_says_since_when(open_app: Open, studio: Studio) -> None:
    studio.store.workers.beat(this_worker(_now()))
    shown = said(open_app("settings"))
    assert "not running" not in shown and "Nobody sends" not in shown
    assert f"This app: since {runtime().opened_at.day} " in shown and "alive now" in shown


def test_workers_elsewhere_are_named_with_their_last_sign_of_life(
    open_app: Open, studio: Studio
) -> None:
    other = Worker(
        id="w",
        host="render-2",
        pid=os.getpid(),
        process_started="1",
        heartbeat_at=_now() - timedelta(seconds=9),
    )
    studio.store.workers.beat(other)
    studio.store.workers.beat(
        other.model_copy(
            update={"id": "x", "host": "gone", "heartbeat_at": _now() - timedelta(days=1)}
        )
    )
    shown = said(open_app("settings"))
    assert f"A worker on render-2, process {os.getpid()}: last sign of life" in shown
    assert "gone" not in shown


def test_what_is_open_late_or_for_a_person_is_counted(open_app: Open, studio: Studio) -> None:
    _add(studio, TaskStatus.RUNNING, timedelta(minutes=5))
    _add(studio, TaskStatus.RUNNING, timedelta(minutes=-90))
    for _ in range(2):
        _add(studio, TaskStatus.UNCERTAIN, None)
    app = open_app("settings")
    shown = said(app)
    markdown = [element.value for element in app.markdown]
    assert {"2", "for 1 h 30 min"} <= set(markdown)
    assert "2 videos were sent, but no clear answer came" in shown
    (link,) = [e for e in app.get("page_link") if "Decide" in repr(e.proto)]
    assert "uncertain" in repr(link.proto) and "history" in repr(link.proto)


def test_a_quiet_home_names_no_trouble(open_app: Open, studio: Studio) -> None:
    studio.store.workers.beat(this_worker(_now()))
    app = open_app("settings")
    assert not app.warning and not app.error
    assert "none" in [element.value for element in app.markdown]


def test_a_paused_connection_says_why(open_app: Open, studio: Studio) -> None:
    saved = studio.connections.add("Our *relay*", profile="openai-hk", key="hk-canary-0001")
    studio.store.connections.change(saved.id, paused="It refused the key (401).")
    shown = said(open_app("settings"))
    assert "Our *relay* is paused:" in shown and "It refused the key (401)." in shown


def test_what_the_start_looks_at_is_looked_at_again(
    open_app: Open, studio: Studio, home: Path
) -> None:
    studio.connections.add("Relay", profile="openai-hk", key="hk-canary-0001")
    assert "is gone" not in said(open_app("settings"))
    (home / "master.key").unlink()
    shown = said(open_app("settings"))
    assert "The file master.key, which opens the saved API keys, is gone." in shown
    assert "enter the API key again for: Relay." in shown


def test_a_program_that_was_changed_under_a_running_app_is_told(open_app: Open) -> None:
    assert "was changed since it was started" not in said(open_app("settings"))
    runtime().opened_at = datetime(2020, 1, 1, tzinfo=UTC)
    assert "was changed since it was started" in said(open_app("settings"))


def test_copies_and_sizes_are_told(
    open_app: Open, studio: Studio, home: Path, tmp_path: Path
) -> None:
    before = _facts(open_app("settings"))
    assert before["Database copied"] == before["Last backup"] == "not yet"
    keep_daily(studio.settings, studio.store.database)
    back_up(studio.settings, tmp_path / "desk.tar")
    after = _facts(open_app("settings"))
    assert after["Database copied"] == after["Last backup"] == "just now"
    assert after["Database (SQLite)"].endswith("kB")


def test_the_media_folder_is_not_walked_at_each_draw(open_app: Open, home: Path) -> None:
    (home / "media").mkdir(parents=True)
    (home / "media" / "a.mp4").write_bytes(b"x" * 5000)
    shown = _facts(open_app("settings"))["Videos and pictures"]
    assert shown == "5 kB"
    (home / "media" / "b.mp4").write_bytes(b"x" * 5000)
    assert _facts(open_app("settings"))["Videos and pictures"] == shown


@pytest.mark.parametrize("name", ["create", "history", "pricing"])
def test_other_pages_do_not_pay_for_it(open_app: Open, name: str) -> None:
    assert "Sending and following" not in said(open_app(name))
