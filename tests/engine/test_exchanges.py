"""What the engine keeps of the wire while it works, and the file for a support ticket that it becomes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

import pytest
from typer.testing import CliRunner

from runway_core.cli import app as command_line
from runway_core.domain import Task, TaskStatus
from runway_core.policy import Operation
from tests.engine.faulty import Bench, Provider
from tests.http.raw_server import answer

RUNNING = TaskStatus.RUNNING


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "home")
    made.tools.put_offs = {}
    yield made
    made.close()


@pytest.fixture
def server(bench: Bench) -> Iterator[Provider]:
    made = Provider(None, None, clock=bench.clock)
    with made:
        yield made


def doing(bench: Bench, task: Task) -> list[str]:
    return [exchange.doing for exchange in bench.studio.exchanges.of(task.id)]


def looks(bench: Bench, task: Task, number: int) -> None:
    """Look so often, and write what was put off as the engine's loop does."""
    tools = bench.tools
    assert tools.put_offs is not None
    for _ in range(number):
        bench.step(task)
        if tools.put_offs:
            tools.studio.store.tasks.put_off(list(tools.put_offs.values()))
            tools.put_offs.clear()


def test_a_video_is_told_from_its_create_to_its_file(bench: Bench, server: Provider) -> None:
    task = bench.step(bench.task(bench.connect(server.url)))
    looks(bench, task, 1)
    assert doing(bench, task) == ["create", "look"]
    server.status = "SUCCEEDED"
    bench.steps(task, until=lambda found: not found.is_open)
    assert doing(bench, task) == ["create", "look", "look", "file"]
    made, _, seen, file = bench.studio.exchanges.of(task.id)
    assert (made.method, made.status_code) == ("POST", 200) and "promptText" in made.request_body
    assert made.request_headers["authorization"].startswith("Bearer …")
    assert "_jwt=" not in seen.model_dump_json() and "?" not in file.url
    assert file.request_body == file.response_body == ""
    assert int(file.response_headers["content-length"]) > 100


def test_a_cancel_is_told_apart_from_the_look_before_it(bench: Bench, server: Provider) -> None:
    task = bench.step(bench.task(bench.connect(server.url)))
    looks(bench, task, 1)
    bench.studio.tasks.cancel(task.id)
    assert bench.step(task).status is TaskStatus.CANCELLED
    assert doing(bench, task) == ["create", "look", "look", "cancel"]


def test_of_looks_that_teach_nothing_one_a_minute_replaces_the_one_before(
    bench: Bench, server: Provider, record_property: Callable[[str, object], None]
) -> None:
    relay = bench.connect(server.url, profile="custom")
    task = bench.task(relay, status=RUNNING, submitted_at=bench.clock.now)
    looks(bench, task, 1)
    began = bench.clock.now
    looks(bench, task, 40)
    (last,) = bench.studio.exchanges.of(task.id)
    assert last.doing == "look" and json.loads(last.response_body)["status"] == "RUNNING"
    minutes = (bench.clock.now - began).total_seconds() / 60
    assert minutes > 5
    size = len(last.model_dump_json())
    record_property("kept of 40 looks that taught nothing", f"1 exchange, {size} bytes")


def test_without_an_engine_that_writes_together_the_last_look_is_kept_too(
    bench: Bench, server: Provider
) -> None:
    bench.tools.put_offs = None
    relay = bench.connect(server.url, profile="custom")
    task = bench.task(relay, status=RUNNING, submitted_at=bench.clock.now)
    for _ in range(20):
        bench.step(task)
    assert doing(bench, task) == ["look"]


def test_a_record_that_can_not_be_made_fails_no_task(bench: Bench, server: Provider) -> None:
    nonsense = answer(b'\xff\xfe{"id": "\\ud800"' + b"\x00" * 50_000, "404 Not Found")
    server.broken, server.left = Operation.LOOK, 1
    server.fault = lambda line, _: line.send(nonsense)
    task = bench.step(bench.task(bench.connect(server.url)))
    server.status = "SUCCEEDED"
    done = bench.steps(task, until=lambda found: not found.is_open)
    assert done.artifacts and "create" in doing(bench, task)


def test_the_file_for_a_support_ticket_is_an_http_archive_without_secrets(
    bench: Bench, server: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = bench.connect(server.url)
    task = bench.step(bench.task(connection))
    server.status = "SUCCEEDED"
    bench.steps(task, until=lambda found: not found.is_open)
    ticket = bench.studio.exchanges.ticket(task.id)
    assert ticket.name == f"runway-desk-{task.id[:8]}.har"
    key = bench.studio.connections.key(connection)
    assert key[:20].encode() not in ticket.data and b"_jwt=" not in ticket.data
    log = json.loads(ticket.data)["log"]
    assert (log["version"], log["creator"]["name"]) == ("1.2", "Runway Desk")
    assert log["_task"]["remote_id"] == bench.studio.tasks.get(task.id).remote_id
    assert [event["kind"] for event in log["_events"]][-1] == "KEPT"
    assert [entry["_doing"] for entry in log["entries"]] == ["create", "look", "file"]
    made = log["entries"][0]
    assert made["request"]["method"] == "POST" and made["response"]["status"] == 200
    assert made["timings"]["wait"] == made["time"] >= 0
    monkeypatch.setenv("RUNWAY_HOME", str(bench.studio.settings.home))
    ran = CliRunner().invoke(command_line, ["task", task.id, "--wire", "--json"])
    assert json.loads(ran.output)["wire"]["log"]["entries"] == log["entries"]
    told = CliRunner().invoke(command_line, ["task", task.id, "--wire"]).output
    assert "create" in told and f"POST {server.url}/v1/text_to_video  200" in told


def test_what_slipped_into_an_old_record_is_not_in_the_file(bench: Bench, server: Provider) -> None:
    task = bench.step(bench.task(bench.connect(server.url)))
    made = bench.studio.exchanges.of(task.id)[0]
    leaky = made.model_copy(update={"response_body": '{"echo": "Bearer sk-0123456789abcdef"}'})
    bench.studio.store.exchanges.keep_last(task.id, leaky)
    assert "0123456789abcdef" in bench.studio.exchanges.of(task.id)[-1].response_body
    assert b"0123456789abcdef" not in bench.studio.exchanges.ticket(task.id).data


def test_a_record_costs_little_of_a_look(
    bench: Bench, server: Provider, record_property: Callable[[str, object], None]
) -> None:
    task = bench.step(bench.task(bench.connect(server.url)))
    look = bench.studio.exchanges.of(task.id)[0]
    rows, began = bench.studio.store.exchanges, process_time()
    for _ in range(50):
        rows.keep_last(task.id, look)
    each = (process_time() - began) / 50 * 1000
    record_property("keeping one look", f"{each:.2f} ms CPU, once a minute for each open video")
    assert each < 50  # far above what it takes: only a mistake in kind is caught here
