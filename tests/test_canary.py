"""One sweep for a key that nobody may see: every page, many faults that repeat it, every file, log and output."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import sys
import threading
import traceback
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from runway_core import logs
from runway_core.cli import app as command_line
from runway_core.domain import Connection, Task, TaskStatus
from runway_core.engine.advance import advance
from runway_core.engine.receipts import Receipts
from runway_core.engine.step import Tools
from runway_core.errors import DeskError
from runway_core.http import Http
from runway_core.policy import Operation
from runway_core.studio import Studio
from runway_core.studio.backups import back_up
from runway_core.web.runtime import reset, runtime
from tests.builders import new_task, request
from tests.engine.faulty import Clock, kind_of
from tests.http.raw_server import Connection as Line
from tests.http.raw_server import RawServer, Request, answer
from tests.relay import small_video
from tests.test_logs import ANSI
from tests.ui.conftest import MAIN, ROOT, click, sent_to_browser, show

MARK = "CANARY9f8e"
KEY = f"hk-{MARK}-0123-7788"
SECRET = f"whsec-{MARK}-4455"
NEEDLES = (MARK, MARK[::-1], MARK.encode().hex(), *(
    base64.b64encode(bytes(shift) + MARK.encode()).decode()[4 if shift else 0 : -4]
    for shift in range(3)
))  # fmt: skip
SAYS = f'{{"error": {{"message": "no account for {KEY}", "code": "{KEY}", "param": "{KEY}"}}}}'
ECHO = (f"X-Request-Id: {KEY}", f"X-Runway-Request-Id: {KEY}", f"WWW-Authenticate: Bearer {KEY}")

FAULTS: dict[str, Callable[[Line], None]] = {
    **{
        status: lambda line, status=status: line.send(answer(SAYS, status, *ECHO))  # type: ignore[misc] # bound by default
        for status in (
            *("400 X", "401 X", "402 X", "403 X", "404 X", "409 X", "422 X", "500 X", "503 X"),
        )
    },
    "429": lambda line: line.send(answer(SAYS, "429 X", f"Retry-After: {KEY}", *ECHO)),
    "web page": lambda line: line.send(answer(f"<html>{KEY}</html>", "502 X", kind="text/html")),
    "plain words": lambda line: line.send(answer(f"Bearer {KEY}", "400 X", kind="text/plain")),
    "moved": lambda line: line.send(
        answer("", "307 X", f"Location: https://x.example/{KEY}?key={KEY}")
    ),
    "reset": lambda line: line.reset(),
    "torn": lambda line: _torn(line),
    "no id": lambda line: line.send(answer(json.dumps({KEY: KEY, "status": KEY}))),
    "an id that is the key": lambda line: line.send(answer(json.dumps({"id": f"{KEY} {KEY}"}))),
    "no JSON": lambda line: line.send(answer(f'{{"id": "{KEY}')),
    "compressed": lambda line: line.send(answer(KEY, "200 OK", "Content-Encoding: gzip")),
    "no HTTP": lambda line: line.send(f"{KEY}\r\n\r\n".encode()),
    "odd header": lambda line: line.send(answer(SAYS, f"500 {KEY}", f"X-{KEY}: {KEY}")),
    "failed": lambda line: line.send(
        answer(json.dumps({"id": "t", "status": "FAILED", "failure": KEY, "failureCode": KEY}))
    ),
}


def _torn(line: Line) -> None:
    line.send(answer(SAYS, "200 OK")[:-5])
    line.sock.close()


class Teller(RawServer):
    """A provider that tells everybody the key it is given; what is asked of it goes well when `fault` is empty."""

    def __init__(self) -> None:
        super().__init__(self._handle)
        self.fault = ""
        self.carried = 0
        """Requests that had the key."""

    def _handle(self, line: Line, asked: Request) -> None:
        self.carried += KEY in asked.head
        if self.fault:
            FAULTS[self.fault](line)
        elif kind_of(asked) is Operation.DOWNLOAD:
            line.send(answer(small_video(), "200 OK", *ECHO, kind="video/mp4"))
        elif kind_of(asked) is Operation.CREATE:
            line.send(answer(json.dumps({"id": str(uuid.uuid4())}), "200 OK", *ECHO))
        else:
            done = {
                "id": "made",
                "status": "SUCCEEDED",
                "output": [f"{self.url}/files/a.mp4?_jwt=1"],
            }
            line.send(answer(json.dumps(done), "200 OK", *ECHO))


@pytest.fixture
def teller() -> Iterator[Teller]:
    server = Teller()
    with server:
        yield server


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, teller: Teller) -> Iterator[Studio]:
    monkeypatch.setenv("RUNWAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("RUNWAY_PRIVATE_HOSTS", f"127.0.0.1:{teller.port}")
    reset()
    yield runtime().studio
    reset()


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the program's own way out for logs writes, with every logger at its most talkative."""
    stream, root = io.StringIO(), logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    levels = {name: logging.getLogger(name).level for name in [*logging.root.manager.loggerDict]}
    handler = logs.configure("text", "DEBUG", stream=stream)
    for name in levels:
        if not name.startswith(
            "sqlalchemy"
        ):  # its rows are the database's, which is searched itself
            logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    logging.captureWarnings(False)
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    assert root.handlers == handlers
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def through_every_fault(studio: Studio, teller: Teller, connection: Connection) -> list[str]:
    """Have tasks and questions meet each fault; what every error says of itself."""
    told: list[str] = []

    async def run() -> None:
        clock = Clock()
        async with Http(private_hosts=studio.settings.private_hosts) as http:
            tools = Tools(studio, http, Receipts(studio.settings.receipts), now=clock)
            for teller.fault in ("", *FAULTS):
                for task in _tasks(studio, connection, clock):
                    for _ in range(3):
                        due = studio.tasks.get(task.id).next_at
                        clock.now = max(clock.now, due or clock.now)
                        await advance(tools, task.id)
                provider = studio.connections.open(connection, http)
                asks = (
                    provider.submit(request(), token="t"),
                    provider.retrieve("made"),
                    provider.cancel("made"),
                    provider.balance(),
                    provider.account(),
                    provider.probe(),
                )
                told.extend([await _told(ask) for ask in asks])

    asyncio.run(run())
    return told


async def _told(ask: Awaitable[object]) -> str:
    try:
        return repr(await ask)
    except DeskError as error:
        whole = traceback.TracebackException.from_exception(error, capture_locals=False)
        logging.getLogger("a.caller").exception("It was refused: %r", vars(error))
        return "\n".join([*whole.format(), str(error), error.hint, repr(vars(error))])


def _tasks(studio: Studio, connection: Connection, clock: Clock) -> list[Task]:
    """One that is to be sent, and one that runs."""
    about = {"connection_id": connection.id, "connection": connection.name}
    new, runs = (
        new_task(**about, profile=connection.profile, created_at=clock.now) for _ in range(2)
    )
    studio.store.tasks.add(new)
    studio.store.tasks.add_known(
        runs,
        now=clock.now,
        event="PENDING",
        remote_id=str(uuid.uuid4()),
        status=TaskStatus.PENDING,
        next_at=clock.now,
    )
    studio.connections.mended(connection.id, anew=True)
    studio.connections.resume(connection.id)
    return [studio.tasks.get(new.id), studio.tasks.get(runs.id)]


def on_every_page(studio: Studio, connection: Connection, tasks: list[str]) -> list[str]:
    """All that goes to the browser, and all that the session holds."""
    app = AppTest.from_file(MAIN, default_timeout=30).run()
    seen = []

    def look() -> None:
        assert not app.exception
        seen.append(sent_to_browser(app) + repr(dict(app.query_params)))

    for page in sorted(path.stem for path in (ROOT / "pages").glob("*.py")):
        show(app, page)
        look()
    for task_id in tasks:
        show(app, "history", task=task_id)
        look()
        app.session_state[f"wire.{task_id}"] = app.session_state[f"wire.request.{task_id}"] = True
        exchanges = studio.exchanges.of(task_id)
        for number, exchange in enumerate(exchanges):
            at = exchange.started_at.timestamp()
            app.session_state[f"wire.{task_id}.{number}.{at}"] = True
        app.run()
        look()
        assert all(f"{exchange.method} {exchange.url}" in seen[-1] for exchange in exchanges)
    show(app, "settings")
    click(app, f"settings.test.{connection.id}")
    look()
    click(app, f"settings.change.{connection.id}")
    look()
    return seen


def by_commands(connection: Connection, tasks: list[str]) -> list[str]:
    """What the command line prints."""
    words = [
        *(["tasks"], ["connection", "list"], ["doctor", connection.name], ["host", "list"]),
        *(
            ["key", "list"],
            ["key", "rotate"],
            *(["task", task_id, "--wire"] for task_id in tasks[:6]),
        ),
    ]
    said = []
    for asked in words:
        for flag in ([], ["--json"]):
            ran = CliRunner().invoke(command_line, [*asked, *flag])
            said.append(f"{ran.output}{ran.exception!r}")
            assert ran.exit_code in (0, 1) and len(ran.output) > 5, asked
    return said


def hits(where: str, text: str) -> list[str]:
    plain = ANSI.sub("", text)
    return [
        f"{where}: …{plain[max(0, at - 150) : at + 50]}…"
        for n in NEEDLES
        if (at := plain.find(n)) >= 0
    ]


def test_the_key_is_nowhere(
    studio: Studio,
    teller: Teller,
    logged: io.StringIO,
    record_property: Callable[[str, object], None],
) -> None:
    connection = studio.connections.add("Teller", profile="runway", base_url=teller.url, key=KEY)
    studio.callbacks.set_address("https://desk.example.com")
    studio.callbacks.add_secret(connection.id, SECRET)
    assert studio.callbacks.secrets(connection.id) == (SECRET,)
    errors = through_every_fault(studio, teller, connection)
    assert teller.carried > 4 * len(FAULTS)  # it was sent, and told again each time
    with studio.store.database.engine.connect() as sql:
        tasks = [str(row[0]) for row in sql.exec_driver_sql("SELECT id FROM tasks")]
    known = [studio.tasks.get(task_id) for task_id in tasks]
    assert [task for task in known if task.artifacts]
    unlike = {(t.status, t.note, t.failure, t.said): t.id for t in known}
    tickets = [studio.exchanges.ticket(task_id).data.decode() for task_id in tasks]
    assert sum(len(studio.exchanges.of(task_id)) for task_id in tasks) > 2 * len(FAULTS)
    teller.fault = "401 X"
    pages = on_every_page(studio, connection, [*unlike.values()])
    commands = by_commands(connection, [*unlike.values()])
    back_up(studio.settings, studio.settings.home / "backup.tar")
    files = {
        path: path.read_bytes().decode("latin-1")
        for path in studio.settings.home.rglob("*")
        if path.is_file() and path.name != "master.key"
    }
    assert [path for path in files if path.suffix == ".json" and "media" in path.parts]
    found = [hit for number, text in enumerate(errors) for hit in hits(f"error {number}", text)]
    found += [hit for number, text in enumerate(pages) for hit in hits(f"page {number}", text)]
    found += [hit for text in commands for hit in hits("command line", text)]
    found += [hit for text in tickets for hit in hits("ticket", text)]
    found += [hit for path, text in files.items() for hit in hits(path.name, text)]
    found += hits("log", logged.getvalue())
    assert len(logged.getvalue()) > 10_000 and "…7788" in "".join(pages)
    record_property(
        "canary sweep",
        f"{len(found)} hits in {len(FAULTS)} faults, {len(errors)} answers, {len(pages)} pages, "
        f"{len(commands)} commands, {len(tickets)} tickets, {len(files)} files, "
        f"{len(logged.getvalue()) // 1000} kB of logs",
    )
    assert found == []


@pytest.mark.parametrize(
    "text", [KEY, f"\x1b[1m{KEY[:6]}\x1b[0m{KEY[6:]}", base64.b64encode(KEY.encode()).decode()]
)
def test_the_sweep_would_find_it(text: str) -> None:
    assert hits("here", f"some words {text} and more")
