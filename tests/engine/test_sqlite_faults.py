"""Every way in which SQLite fails, made really: a person is told in plain words, and nothing is paid for."""

from __future__ import annotations

import ast
import logging
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy import event

from runway_core.domain import TaskStatus
from runway_core.errors import DiskFullError, StorageError
from runway_core.settings import Settings
from runway_core.store.migrate import migrate
from runway_core.store.schema import HEAD, drafts
from runway_core.store.sqlite import SqliteDatabase
from runway_core.studio import open_studio
from runway_core.studio.copies import keep_daily
from runway_core.studio.startup import open_for_work
from tests.builders import NOW, request
from tests.children import PATIENCE, at_once, start
from tests.cli.conftest import CommandLine, stop
from tests.engine.conftest import Desk
from tests.house import CORE, name, tree
from tests.relay import Relay

SUBMIT = ("submit", "--connection", "relay", "--model", "gen4.5", "--prompt", "a lake")


class Home:
    """A home with one task that waits to be sent: a program that works on it pays for that."""

    def __init__(self, folder: Path, relay: Relay) -> None:
        folder.mkdir(mode=0o700)
        hosts = frozenset({("127.0.0.1", relay.port)})
        self.settings = Settings(home=folder, private_hosts=hosts)
        self.database = self.settings.database
        self.relay = relay
        self.command = CommandLine(folder, RUNWAY_PRIVATE_HOSTS=f"127.0.0.1:{relay.port}")
        studio = open_studio(self.settings)
        connection = studio.connections.add(
            "relay", profile="sandbox", base_url=relay.url, key="hk-canary-0001"
        )
        wish = request(prompt="x" * 900)
        self.task = studio.tasks.submit(wish, connection=connection, token="waiting").id
        for number in range(40):  # so that there are pages enough to spoil
            made = studio.tasks.submit(wish, connection=connection, token=f"{number}")
            studio.tasks.cancel(made.id)
        studio.close()

    def refusals(self) -> list[str]:
        """What a submit that waits and a worker say, neither of which may start."""
        error = self.command.json(*SUBMIT, "--wait", code=1)["error"]
        worker = self.command.run("worker", code=1)
        assert worker.stdout == "" and error["message"] in worker.stderr
        assert error["hint"] in worker.stderr
        return [error["kind"], error["message"], error["hint"]]

    def is_whole(self) -> bool:
        with closing(sqlite3.connect(self.database)) as sql:
            return bool(sql.execute("PRAGMA integrity_check").fetchone() == ("ok",))


@pytest.fixture
def home(tmp_path: Path, relay: Relay) -> Home:
    return Home(tmp_path / "home", relay)


# --- full, locked, lost upgrade ----------------------------------------------------------------


@contextmanager
def _no_more_pages(database: Any) -> Iterator[None]:
    def limit(raw: sqlite3.Connection, _record: Any) -> None:
        raw.execute("PRAGMA max_page_count=1")  # SQLite takes the present size instead

    database.engine.dispose()
    event.listen(database.engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", limit)
        database.engine.dispose()


def _fill(desk: Desk, task_id: str) -> None:
    """Write until not even the shortest line fits any more."""
    queued = [TaskStatus.QUEUED]
    for size in (2000, 200, 20, 1):
        with pytest.raises(DiskFullError):
            for _ in range(10_000):
                desk.studio.store.tasks.move(task_id, queued, now=NOW, event="x", detail="x" * size)


def _until(happened: Callable[[], bool]) -> None:
    ends, pause = time.monotonic() + PATIENCE, threading.Event()
    while not happened():
        assert time.monotonic() < ends
        pause.wait(0.02)


def test_full(desk: Desk, relay: Relay, caplog: pytest.LogCaptureFixture) -> None:
    task = desk.submit("full")
    with _no_more_pages(desk.studio.store.database):
        _fill(desk, task.id)
        with pytest.raises(DiskFullError, match=r"The disk that holds .* is full\."):
            desk.submit("another")
        with caplog.at_level(logging.ERROR):
            desk.engine.start()
            _until(lambda: any("stumbled" in record.getMessage() for record in caplog.records))
        assert relay.posts == 0 and desk.studio.tasks.get(task.id).status is TaskStatus.QUEUED
    done = desk.until_settled(task)  # there is room again
    assert (done.status, relay.prompts()["full"]) == (TaskStatus.SUCCEEDED, 1)


def test_locked(home: Home, relay: Relay) -> None:
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        worker = home.command.start("worker")
        error = home.command.json(*SUBMIT, "--wait", code=1)["error"]
        assert (error["kind"], error["retryable"]) == ("DatabaseBusy", True)
        assert error["message"] == "The database is in use by another program."
        assert "Nothing was sent" in error["hint"]
        assert relay.posts == 0 and worker.poll() is None
        other.execute("COMMIT")
    assert home.command.json("wait", home.task)["status"] == "SUCCEEDED"
    assert relay.posts == 1 and stop(worker) == 0


def test_a_transaction_that_was_begun_to_read_can_never_write(home: Home) -> None:
    studio = open_studio(home.settings)
    row = {"owner": "local", "form": {}, "updated_at": NOW}
    with (
        pytest.raises(StorageError, match="can't be written to"),
        studio.store.database.read() as sql,
    ):
        sql.execute(sa.select(drafts)).all()
        sql.execute(sa.insert(drafts).values(row))
    with studio.store.database.write() as sql:  # the same connection of the pool, now for writing
        sql.execute(sa.insert(drafts).values(row))
    assert studio.store.drafts.get() == {}
    studio.close()


def test_nobody_but_the_database_itself_begins_a_transaction() -> None:
    begins = {"begin", "connect", "raw_connection"}
    found = {
        f"{name(path)}: {ast.unparse(node.func)}"
        for path in CORE.rglob("*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in begins and "engine" in ast.unparse(node.func.value)
    }
    assert found == {
        "runway_core/store/database.py: self.engine.connect",
        "runway_core/store/postgres.py: self.engine.connect",
    }


# --- damaged, foreign, cut, gone, read-only ----------------------------------------------------


def _middle_overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 8192)


def _cut(size: Callable[[int], int]) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, size(path.stat().st_size))


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        pytest.param(_middle_overwritten, "is damaged", id="corrupt"),
        pytest.param(_cut(lambda size: size // 2), "is damaged", id="truncated"),
        pytest.param(_cut(lambda size: size - 1), "is damaged", id="truncated by one byte"),
        pytest.param(
            lambda path: path.write_text("My diary. " * 500),
            "is not a Runway Desk database",
            id="not a database",
        ),
    ],
)
def test_a_spoilt_file(home: Home, relay: Relay, harm: Callable[[Path], None], words: str) -> None:
    harm(home.database)
    before = home.database.read_bytes()
    kind, message, hint = home.refusals()
    assert (kind, message) == ("DatabaseDamaged", f"The database {home.database} {words}.")
    assert "Nothing was sent" in hint and "no copy to go back to" in hint
    assert home.database.read_bytes() == before
    assert relay.posts == 0


def test_a_folder_that_is_gone(home: Home, relay: Relay) -> None:
    moved = home.settings.home.rename(home.settings.home.with_name("moved"))
    home.settings.home.write_text("a file in its place")
    error = home.command.json(*SUBMIT, "--wait", code=1)["error"]
    assert (error["kind"], "can't be made" in error["message"]) == ("Config", True)
    assert "RUNWAY_HOME" in error["hint"]
    assert home.command.run("worker", code=1).stderr.startswith("The data folder")
    assert relay.posts == 0 and (moved / "desk.db").exists()


def _work_as_nobody(folder: Path) -> str:
    for part in folder.rglob("*"):
        part.chmod(0o444)
    folder.chmod(0o555)
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    try:
        open_for_work(Settings(home=folder))
    except StorageError as error:
        return f"{error} {error.hint}"
    return ""


def test_read_only(relay: Relay) -> None:
    with tempfile.TemporaryDirectory() as parent:  # not tmp_path: nobody may enter that one
        Path(parent).chmod(0o755)
        home = Home(Path(parent) / "home", relay)
        (said,) = at_once(1, _work_as_nobody, home.settings.home)
        home.settings.home.chmod(0o755)
    assert said.startswith(f"The data folder {home.settings.home} can't be written to: Permission")
    assert "Nothing is sent that could not be recorded" in said
    assert relay.posts == 0


# --- killed, old, new, shared, brought back ----------------------------------------------------


def _write_half(database: Path, ready: Path) -> None:
    """Change everything within a transaction, so much that it is on the disk already, and hang."""
    sql = sqlite3.connect(database, isolation_level=None)
    sql.execute("PRAGMA cache_size=1")
    sql.execute("BEGIN IMMEDIATE")
    sql.execute(
        "UPDATE tasks SET status = 'QUEUED', next_at = created_at, note = printf('%5000s', 1)"
    )
    ready.touch()
    threading.Event().wait()


def test_killed_in_a_transaction(home: Home, relay: Relay, tmp_path: Path) -> None:
    before = home.database.read_bytes()
    child = start(_write_half, home.database, tmp_path / "ready")
    _until((tmp_path / "ready").exists)
    child.kill()
    child.join(PATIENCE)
    assert home.database.read_bytes() != before  # half of it was on the disk
    done = home.command.json(*SUBMIT, "--wait")
    assert done["status"] == "SUCCEEDED" and home.is_whole()
    # The one that waited, this one, and none of the forty that the dead one had begun to queue.
    assert home.command.json("wait", home.task)["status"] == "SUCCEEDED"
    assert relay.posts == 2


def test_written_by_a_newer_version(home: Home, relay: Relay) -> None:
    with closing(sqlite3.connect(home.database)) as sql:
        sql.execute("UPDATE alembic_version SET version_num = '9999'")
        sql.commit()
    before = home.database.read_bytes()
    kind, message, hint = home.refusals()
    assert kind == "NewerSchema" and "newer version of Runway Desk" in message
    assert "Update Runway Desk" in hint
    assert home.database.read_bytes() == before and relay.posts == 0


@pytest.mark.parametrize("old", ["0001", "0002", "0003"])
def test_written_by_an_older_version(tmp_path: Path, relay: Relay, old: str) -> None:
    (tmp_path / "home").mkdir()
    database = SqliteDatabase(tmp_path / "home" / "desk.db")
    migrate(database, head=old)
    database.close()
    studio, found = open_for_work(Settings(home=tmp_path / "home"))
    studio.close()
    assert found == ()
    with closing(sqlite3.connect(tmp_path / "home" / f"desk.before-{HEAD}.db")) as sql:
        assert sql.execute("SELECT version_num FROM alembic_version").fetchone() == (old,)
        assert sql.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert relay.posts == 0


def test_two_processes(home: Home, relay: Relay) -> None:
    tasks = [home.command.json(*SUBMIT[:-1], f"lake {n}")["id"] for n in range(2)]
    workers = [home.command.start("worker") for _ in range(2)]
    for task in (home.task, *tasks):
        assert home.command.json("wait", task)["status"] == "SUCCEEDED"
    assert [stop(worker) for worker in workers] == [0, 0]
    assert relay.posts == 3 and set(relay.prompts().values()) == {1}
    assert home.is_whole()


def test_damaged_and_brought_back_by_the_words_of_the_refusal(home: Home, relay: Relay) -> None:
    studio = open_studio(home.settings)
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=1)):
        keep_daily(home.settings, studio.store.database)
    later = studio.tasks.submit(
        request(prompt="after the copy"),
        connection=studio.connections.by_name("relay"),
        token="after the copy",
    )
    studio.close()
    home.settings.receipts.write_text(f'["{later.id}", "remote-of-later"]\n')
    _middle_overwritten(home.database)
    hint = home.refusals()[2]
    words = hint.partition("python -m runway_core ")[2].split()
    assert words[0] == "restore"
    back = home.command.json(*words)
    assert back["uncertain"] == 1 and back["sent_since"] == ["remote-of-later"]
    assert Path(back["old_database"]).is_file() and home.is_whole()
    worker = home.command.start("worker")
    studio = open_studio(home.settings)
    _until(lambda: bool(studio.store.workers.all()))
    studio.close()
    assert home.command.json("task", home.task)["status"] == "UNCERTAIN"
    assert "is running" in home.command.run(*words, code=1).stderr
    assert stop(worker) == 0 and relay.posts == 0
