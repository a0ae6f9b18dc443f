"""The table of faults and operations is the test: each cell's fault is made on a socket, and counted what follows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from runway_core.domain import ArtifactState, Connection, Task, TaskStatus
from runway_core.engine.pace import one_round
from runway_core.errors import DeskError
from runway_core.policy import EVERY, Cell, Do, Fault, Operation, patiently
from runway_core.pricing import WINDOW
from runway_core.store import Limits
from tests.engine.cells import ASKED, CELLS, SENT_ONCE, UNKNOWN, Case, told
from tests.engine.faulty import Bench, Provider
from tests.engine.test_wire import change, film, largest
from tests.http.raw_server import Connection as Line
from tests.http.raw_server import Request, answer
from tests.http.test_tls import Authority

MANY = 9
"""Tries after which a limit is taken not to exist."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """Whom this test's programs trust, beside nobody."""
    made = Authority(tmp_path_factory.mktemp("authority"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(made.file))
        yield made


@pytest.fixture(scope="module")
def bench(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path_factory.mktemp("desk") / "home")
    yield made
    made.close()


@pytest.fixture(scope="module")
def video(bench: Bench) -> str:
    """A kept video that must be uploaded before it is used."""
    return film(bench.studio, largest() + 1)


@pytest.fixture
def case(
    request: pytest.FixtureRequest, bench: Bench, authority: Authority, tmp_path: Path
) -> Iterator[Case]:
    fault, operation = request.param
    made = Case(bench, fault, operation, tmp_path, authority)
    with made.server:
        yield made


def cells(*operations: Operation) -> pytest.MarkDecorator:
    found = [(fault, operation) for fault, operation in CELLS if operation in operations]
    ids = [f"{operation.value}-{fault.name}" for fault, operation in found]
    return pytest.mark.parametrize("case", found, ids=ids, indirect=True)


def closed(task: Task) -> bool:
    return not task.is_open


def said(bench: Bench, task: Task) -> str:
    found = bench.studio.tasks.get(task.id)
    return f"{found.failure} {found.note} {found.hint}"


# --- creates -----------------------------------------------------------------------------------


@cells(Operation.CREATE, Operation.PROVEN)
def test_a_create(case: Case) -> None:
    bench, cell = case.bench, case.cell
    connection = case.connect()
    task = bench.task(connection)
    once = SENT_ONCE | (UNKNOWN if case.operation is Operation.CREATE else set())
    assert (cell.tries == 0) is (case.fault in once)
    expected = cell.tries or 1
    task = bench.steps(task, until=lambda t: closed(t) or case.count >= expected)
    assert said(bench, task).strip()
    assert task.charge is None
    check_create(case, connection, task)
    assert case.count == expected


def check_create(case: Case, connection: Connection, task: Task) -> None:
    bench, do, then = case.bench, case.cell.do, case.cell.then
    if do in (Do.NO, Do.MARK):
        assert task.status is TaskStatus.FAILED
        assert bool(bench.paused(connection)) is (do is Do.MARK)
    elif do is Do.UNCERTAIN or do is Do.SAME_KEY:
        assert task.status is TaskStatus.UNCERTAIN
        assert "may have been charged" in task.note
        assert len({(r.header("idempotency-key"), r.body) for r in case.server.creates}) <= 1
    elif do is Do.RESET:
        assert task.status is TaskStatus.QUEUED
        assert task.next_at is not None
        assert task.next_at.strftime("%H:%M") == "00:00"
        assert timedelta(0) < task.next_at - bench.clock.now < timedelta(hours=24, minutes=1)
        assert "limit is used up; it starts again at 00:00 UTC" in task.note
    else:
        assert do is Do.AGAIN
        assert all(0.5 * bench.tools.scale <= gap <= case.cell.cap for gap in case.gaps())
        assert task.status is (TaskStatus.FAILED if then is Do.NO else TaskStatus.QUEUED)
        if then is Do.LINE:
            assert bench.planned(task) >= EVERY[Do.LINE] * bench.tools.scale
    if case.fault is Fault.LIMIT:
        assert all(gap >= ASKED for gap in case.gaps())


@cells(Operation.PREPARE)
def test_what_goes_before_a_create(case: Case, video: str) -> None:
    bench, cell = case.bench, case.cell
    connection = case.connect()
    task = bench.task(connection, request=change(video))
    expected = cell.tries or 1
    task = bench.steps(task, until=lambda t: closed(t) or case.count >= expected)
    assert len(case.server.creates) == 0, "it is not to be paid for without its file"
    assert case.count == expected
    if cell.do in (Do.NO, Do.MARK) or (cell.do is Do.AGAIN and cell.then is Do.NO):
        assert task.status is TaskStatus.FAILED
    else:
        assert task.status is TaskStatus.QUEUED
        assert bench.planned(task) > 0
    assert bool(bench.paused(connection)) is (cell.do is Do.MARK)


# --- looks, cancels, files ---------------------------------------------------------------------


@cells(Operation.LOOK)
def test_a_look(case: Case) -> None:
    bench, cell = case.bench, case.cell
    connection = case.connect()
    task = running(bench, connection)
    if cell.do is Do.WAIT:
        check_held_back(case, connection, task)
        return
    expected = 1 if case.fault is Fault.NOT_OFFERED else cell.tries or wanted(cell)
    task = bench.steps(task, until=lambda t: closed(t) or case.count >= expected)
    if case.fault is not Fault.NOT_OFFERED:  # which takes several questions to find out
        assert case.count == expected
    assert case.server.creates == []
    end = cell.then if cell.is_limited else cell.do
    if end is Do.GONE:
        assert (task.status, task.failure_code) == (TaskStatus.FAILED, "TASK_GONE")
        assert sum(case.gaps()) >= cell.over
        return
    assert task.status is TaskStatus.RUNNING, "a failed look ends no task"
    assert task.note
    assert bool(bench.paused(connection)) is (end is Do.PAUSE)
    if end in EVERY:
        assert EVERY[end] <= bench.planned(task) <= EVERY[end] * 1.1 + 1
    else:
        most = case.floor + cell.cap + 60  # and what the circuit of a host in trouble adds
        if case.fault is not Fault.NOT_OFFERED:
            assert all(case.floor <= gap <= most for gap in case.gaps())
        assert case.floor <= bench.planned(task) <= most
        assert bench.kinds(task).count("look failed") == 1, "the history is not filled with it"


def wanted(cell: Cell) -> int:
    return MANY if cell.do is Do.AGAIN else 1


def check_held_back(case: Case, connection: Connection, task: Task) -> None:
    bench = case.bench
    bench.studio.store.line.take(connection.id, Limits(per_minute=1), now=bench.clock.now)
    before = bench.kinds(task)
    held = bench.step(task)
    assert case.asked == []
    assert (held.looks, held.note, bench.kinds(held)) == (0, "", before)
    most = WINDOW.total_seconds() + one_round(per_minute=1, followed=1)
    assert 0 < bench.planned(held) <= most


def running(bench: Bench, connection: Connection, **changes: object) -> Task:
    submitted = bench.clock.now - timedelta(seconds=300)
    values = {"status": TaskStatus.RUNNING, "submitted_at": submitted} | changes
    return bench.task(connection, **values)


@cells(Operation.CANCEL)
def test_a_cancel(case: Case) -> None:
    bench, cell = case.bench, case.cell
    connection = case.connect()
    task = running(bench, connection, cancel_requested=True)
    expected = cell.tries or wanted(cell)
    if case.fault is Fault.NOT_OFFERED:
        case.server.fault = doitong_runs
        task = bench.step(task)
    else:
        task = bench.steps(task, until=lambda t: closed(t) or case.count >= expected)
        assert case.count == expected
        looks = len(case.server.asked[Operation.LOOK])
        assert looks >= case.count, "each is asked only after a look"
    end = cell.then if cell.is_limited else cell.do
    if end is Do.DONE:
        assert task.status is TaskStatus.CANCELLED
    else:
        assert task.status is TaskStatus.RUNNING
        assert task.cancel_requested is (end in (Do.AGAIN, Do.PAUSE))
        assert ("can't be cancelled" in bench.kinds(task)) is (end is Do.NO)
    assert bool(bench.paused(connection)) is (end is Do.PAUSE)
    assert case.server.creates == []


def doitong_runs(line: Line, asked: Request) -> None:
    found = {"id": json.loads(asked.body)["variables"]["id"], "status": "processing"}
    line.send(answer(json.dumps({"data": {"generation": found}})))


def test_a_cancel_whose_answer_was_lost_is_told_by_the_next_look(bench: Bench) -> None:
    def done_but_reset(line: Line, _: Request) -> None:
        server.deleted = True
        line.reset()

    server = Provider(Operation.CANCEL, done_but_reset, clock=bench.clock)
    with server:
        task = running(bench, bench.connect(server.url), cancel_requested=True)
        task = bench.steps(task, until=closed)
    assert task.status is TaskStatus.CANCELLED
    assert len(server.asked[Operation.CANCEL]) == 1


@cells(Operation.DOWNLOAD)
def test_a_download(case: Case) -> None:
    bench, cell = case.bench, case.cell
    teller = Provider(None, None, clock=bench.clock)
    with teller:
        teller.status, teller.files = "SUCCEEDED", case.server
        bench.http.allow("127.0.0.1", case.server.port)
        task = running(
            bench,
            bench.connect(teller.url),
            status=TaskStatus.SUCCEEDED,
            artifact_state=ArtifactState.DOWNLOADING,
            outputs=(f"{case.server.url}/files/a.mp4",),
        )
        check_download(case, teller, task, cell)


def check_download(case: Case, teller: Provider, task: Task, cell: Cell) -> None:
    bench = case.bench
    expected = cell.tries or (MANY if cell.do is Do.FRESH else 1)
    task = bench.steps(task, until=lambda t: closed(t) or case.count >= expected)
    end = cell.then if cell.is_limited else cell.do
    assert case.count == expected
    assert len(teller.asked[Operation.LOOK]) == expected - 1, "a fresh link before each further try"
    assert teller.creates == case.server.creates == []
    assert task.status is TaskStatus.SUCCEEDED
    if end is Do.EXPIRED:
        assert task.artifact_state is ArtifactState.EXPIRED
        assert task.note
    else:
        assert task.artifact_state is ArtifactState.DOWNLOADING
        assert bench.planned(task) >= EVERY.get(end, 0.5)


# --- while a person waits ----------------------------------------------------------------------


@cells(Operation.BALANCE)
def test_a_balance(case: Case) -> None:
    bench, cell = case.bench, case.cell
    provider = bench.studio.connections.open(case.connect(), bench.http)
    began = time.monotonic()
    with pytest.raises(DeskError) as caught:
        bench.run(patiently(provider.balance))
    assert str(caught.value)
    assert time.monotonic() - began < 6
    too_long = case.fault is Fault.LIMIT  # it asks for more than a person waits
    assert case.count == (1 if too_long else cell.tries or 1)


def test_a_balance_that_fails_once_is_told_all_the_same(bench: Bench) -> None:
    server = Provider(Operation.BALANCE, told("502 X"), clock=bench.clock, times=1)
    with server:
        provider = bench.studio.connections.open(
            bench.connect(server.url, profile="runway"), bench.http
        )
        balance = bench.run(patiently(provider.balance))
    assert balance.amount == 7
    assert len(server.asked[Operation.BALANCE]) == 2
