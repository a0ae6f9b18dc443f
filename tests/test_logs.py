"""What the processes log: lines that can be read, and never a key, a signed link or a prompt."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from runway_core import logs
from runway_core.domain import Task
from runway_core.settings import Settings
from runway_core.studio import Studio, open_studio
from runway_core.vault import Vault
from tests.builders import new_task, request
from tests.cli.conftest import ROOT, CommandLine, free_port
from tests.relay import Call, Relay

CANARY = "CANARY7"
KEY = f"hk-{CANARY}-0123456789"
ODD_KEY = f"{CANARY}/no known=shape"
JWT = f"eyJ{CANARY}.{CANARY}.{CANARY}"
PROMPT = f"a {CANARY} in the snow"
PATIENCE = 60.0
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def read(text: str) -> list[dict[str, Any]]:
    """Each line as the JSON that it must be."""
    return [json.loads(line) for line in text.splitlines()]


# --- the chain itself --------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was logged in this process since; everything is put back afterwards."""
    stream, root = io.StringIO(), logging.getLogger()
    before = root.level, list(root.handlers), sys.excepthook, threading.excepthook
    unraisable = sys.unraisablehook
    handler = logs.configure("json", "DEBUG", stream=stream)
    yield lambda: read(stream.getvalue())
    root.removeHandler(handler)
    logging.captureWarnings(False)
    root.setLevel(before[0])
    sys.excepthook, threading.excepthook, sys.unraisablehook = *before[2:], unraisable
    for name in (*logs._LEAST, *logs._OWN):
        if name:
            logging.getLogger(name).setLevel(logging.NOTSET)


SECRETS = [
    f"the key {KEY} was refused",
    f"Illegal header value b'Bearer {KEY}\\n'",
    f"Authorization: Bearer {CANARY}",
    f'{{"x-api-key": "{CANARY}"}}',
    f"{{'Authorization': 'Basic {CANARY}'}}",
    f"sk-{CANARY}0123",
    f"key_0123456789abcdef0123{CANARY}",
    f"GET https://cdn.example/a.mp4?_jwt={JWT}&x=1 200",
    f'"GET /webhooks/x?token={CANARY} HTTP/1.1" 200',
    f"https:\\/\\/cdn.example\\/a.mp4?_jwt={CANARY}",
    f"a token alone: {JWT}",
    f"postgresql://desk:{CANARY}@db.example/desk",
    f"data:image/png;base64,{CANARY}",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("way", ["message", "argument", "extra", "exception", "cause"])
def test_no_secret_passes_however_it_is_logged(
    lines: Callable[[], list[dict[str, Any]]], secret: str, way: str
) -> None:
    log = logging.getLogger("some.library")
    if way == "message":
        log.warning(secret.replace("%", "%%"))
    elif way == "argument":
        log.warning("It said %s.", secret)
    elif way == "extra":
        log.warning("It said something.", extra={"said": {"words": [secret]}})
    else:
        try:
            try:
                raise ValueError(secret)
            except ValueError as error:
                if way == "exception":
                    raise
                raise RuntimeError("it broke") from error
        except (ValueError, RuntimeError):
            log.exception("It broke.")
    (line,) = lines()
    if way in ("exception", "cause"):
        assert line["exception"].startswith("Traceback") and "ValueError" in line["exception"]
    assert CANARY in secret and CANARY not in json.dumps(line)


def test_a_key_in_use_is_known_whatever_it_looks_like(
    lines: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    Vault(tmp_path / "master.key").seal(ODD_KEY, connection_id="c", host="h")
    quoted = ODD_KEY.replace("/", "%2F").replace(" ", "%20").replace("=", "%3D")
    for spelling in (ODD_KEY, quoted, json.dumps(ODD_KEY).replace("/", "\\/")):
        logging.getLogger("any").warning("sent %s", spelling)
    assert CANARY not in json.dumps(lines())


def test_a_line_says_when_where_and_what_it_is_about(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    log = logging.getLogger("runway_core.engine")
    with logs.about(task_id="t-1", connection="Relay"), logs.about(provider="openai-hk"):
        log.info("A task went on.", extra={"outcome": "PENDING", "duration": 0.25})
    log.info("Another.")
    first, second = lines()
    at = datetime.fromisoformat(first.pop("time"))
    assert at.utcoffset() == timedelta(0) and abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert first == {
        "level": "info",
        "event": "A task went on.",
        "logger": "runway_core.engine",
        "task_id": "t-1",
        "connection": "Relay",
        "provider": "openai-hk",
        "outcome": "PENDING",
        "duration": 0.25,
    }
    assert set(second) == {"time", "level", "event", "logger"}


def test_no_text_can_pretend_to_be_a_line_of_ours() -> None:
    stream = io.StringIO()
    words = "one\n2026 [error] two\x1b[31m\r"
    record = logging.LogRecord("x", logging.INFO, "", 1, words, (), None)
    logs._Console(stream, as_json=False).emit(record)
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue() and "\r" not in stream.getvalue()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_line_that_cannot_be_written_shows_nothing_of_its_arguments(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO()
    record = logging.LogRecord("careless", logging.INFO, "", 1, "%d", (CANARY,), None)
    logs._Console(stream, as_json=as_json).emit(record)
    assert "A log line of careless could not be written" in stream.getvalue()
    assert CANARY not in stream.getvalue() + "".join(capsys.readouterr())


def test_a_library_is_never_asked_for_its_payloads(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    for name in ("sqlalchemy.engine.Engine", "streamlit.runtime", "websockets.server", "uvicorn"):
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG), name
    assert not logging.getLogger("sqlalchemy.engine.Engine").isEnabledFor(logging.INFO)
    assert logging.getLogger("runway_core.engine").isEnabledFor(logging.DEBUG)


def test_a_database_that_refuses_a_row_repeats_nothing_of_it(
    lines: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    studio = open_studio(Settings(home=tmp_path))
    with studio.store.database.engine.connect() as sql, pytest.raises(Exception) as refused:
        sql.exec_driver_sql("INSERT INTO nowhere VALUES (?)", (PROMPT,))
    with pytest.raises(ValueError) as invalid:
        new_task(request=request(prompt=PROMPT), attempts=PROMPT)
    for error in (refused.value, invalid.value):
        logging.getLogger("runway_core").error("It broke.", exc_info=error)
    studio.close()
    told = [line["exception"] for line in lines() if "exception" in line]
    assert len(told) == 2 and "INSERT INTO nowhere" in told[0]
    assert CANARY not in "".join(told)


# --- processes ---------------------------------------------------------------------------------

TALKATIVE = """
import logging, sys, threading, warnings
from runway_core import logs
logs.configure("json", "DEBUG")
import httpx
for name in ("httpx", "httpcore"):
    logging.getLogger(name).setLevel(logging.DEBUG)
url, key = sys.argv[1:]
headers = {"Authorization": f"Bearer {key}", "X-API-Key": key}
answer = httpx.get(f"{url}/files/a.mp4?_jwt={key}", headers=headers, trust_env=False)
try:
    httpx.get(url, headers={"Authorization": f"Bearer {key}" + chr(10)}, trust_env=False)
except httpx.HTTPError:
    logging.getLogger("a.library").exception("Not sent: %s", {"headers": headers})
try:
    httpx.get(f"{url}/v1/tasks/none?_jwt={key}", trust_env=False).raise_for_status()
except httpx.HTTPError:
    logging.getLogger("a.library").exception("Refused")
warnings.warn(f"{url}/old?key={key} is old", DeprecationWarning)
thread = threading.Thread(target=lambda: {}[key])
thread.start()
thread.join()
raise SystemError(f"broke with {key}")
"""


def test_libraries_at_their_most_talkative_and_what_nobody_catches_give_no_key_away() -> None:
    relay = Relay()
    ran = subprocess.run(
        [sys.executable, "-W", "always", "-c", TALKATIVE, relay.url, KEY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    relay.close()
    found = read(ran.stderr)
    who = {line["logger"].partition(".")[0] for line in found}
    assert {"httpx", "httpcore", "a", "py", "runway_core"} <= who
    assert "SystemError" in found[-1]["exception"] and ran.returncode == 1
    assert CANARY not in ran.stdout + ran.stderr


def _echo_key(call: Call) -> None:
    call.answer(500, {"error": f"no account for {call.headers['Authorization']}"})


def _signed(call: Call) -> None:
    base = {"id": call.path.rsplit("/", 1)[-1], "createdAt": "2026-11-22T07:00:00.000Z"}
    url = f"{call.relay.url}/files/a.mp4?_jwt={JWT}"
    call.answer(200, base | {"status": "SUCCEEDED", "output": [url]})


def _home(tmp_path: Path, relay: Relay) -> tuple[CommandLine, Studio, list[Task]]:
    """A home whose tasks meet every fault; the first is sent with a key that ends in a line break."""
    command = CommandLine(
        tmp_path / "home",
        RUNWAY_PRIVATE_HOSTS=f"127.0.0.1:{relay.port}",
        RUNWAY_LOG_LEVEL="DEBUG",
    )
    hosts = frozenset({("127.0.0.1", relay.port)})
    settings = Settings(home=tmp_path / "home", private_hosts=hosts)
    settings.home.mkdir()
    studio = open_studio(settings)
    good = studio.connections.add("good", profile="sandbox", base_url=relay.url, key=KEY)
    bad = studio.connections.add("bad", profile="sandbox", base_url=relay.url, key=KEY)
    sealed = Vault(settings.master_key).seal(f"{KEY}\n", connection_id=bad.id, host="127.0.0.1")
    studio.store.connections.change(bad.id, key_sealed=sealed)
    relay.creates += [Call.reset, _echo_key]
    relay.looks += [Call.reset, _signed]
    relay.files += [Call.reset, lambda call: call.answer(403, {"error": f"expired: {call.path}"})]
    relay.looks += [_signed] * 4
    tasks = [
        studio.tasks.submit(request(prompt=f"{PROMPT} {n}"), connection=one, token=f"{n}")
        for n, one in enumerate([bad, good, good, good])
    ]
    return command, studio, tasks


def _until_over(studio: Studio, tasks: list[Task]) -> None:
    ends, pause = time.monotonic() + PATIENCE, threading.Event()
    while any(studio.tasks.get(task.id).is_open for task in tasks):
        assert time.monotonic() < ends, [studio.tasks.get(task.id).status for task in tasks]
        pause.wait(0.05)


def _drain(source: Any) -> tuple[threading.Thread, list[bytes]]:
    found: list[bytes] = []

    def drain() -> None:
        try:
            while chunk := os.read(source, 65536):
                found.append(chunk)
        except OSError:  # the other end of a terminal is gone
            return

    thread = threading.Thread(target=drain)
    thread.start()
    return thread, found


@pytest.mark.parametrize(("who", "where"), [("worker", "terminal"), ("app", "pipe")])
def test_a_process_that_meets_every_fault_gives_no_key_away(
    tmp_path: Path, who: str, where: str, record_property: Callable[[str, object], None]
) -> None:
    relay = Relay()
    command, studio, tasks = _home(tmp_path, relay)
    out, into = pty.openpty() if where == "terminal" else os.pipe()
    environment = command.environment | {"STREAMLIT_SERVER_PORT": str(free_port())}
    words = (
        ["-m", "runway_core", "worker"] if who == "worker" else ["-m", "streamlit", "run", "app.py"]
    )
    process = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if where == "pipe" else into, stderr=into,
    )  # fmt: skip
    os.close(into)
    thread, found = _drain(out)
    try:
        _until_over(studio, tasks)
    finally:
        process.terminate()
        assert process.wait(20) in (0, -signal.SIGTERM)  # Streamlit ends by the signal itself
        thread.join(PATIENCE)
        os.close(out)
        studio.close()
        relay.close()
    text = ANSI.sub("", b"".join(found).decode())
    assert "A task went on." in text and "PENDING" in text
    assert CANARY not in text
    if where == "pipe":
        told = read(text)
        record_property(f"{who}: lines through every fault", len(told))
        assert {"task_id", "connection", "provider", "outcome", "duration"} <= {
            name for line in told for name in line
        }


PAGE = """
import sys
from pathlib import Path
from runway_core import logs
logs.configure("json", "INFO")
from runway_core.ui.streamlit_logs import take_over
take_over()
from streamlit.testing.v1 import AppTest
AppTest.from_string("raise ValueError('broke with ' + 'hk-CANARY7-' + '0123456789')").run()
import logging, streamlit.logger
streamlit.logger.get_logger("streamlit.made_later").warning("once hk-CANARY7-0123456789")
"""


def test_a_page_that_breaks_is_told_in_one_line_of_ours() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PAGE], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    found = read(ran.stderr)
    broken = [line for line in found if "ValueError" in line.get("exception", "")]
    later = [line for line in found if line["logger"] == "streamlit.made_later"]
    assert (len(broken), len(later)) == (1, 1)
    assert CANARY not in "".join(line for line in ran.stderr.splitlines() if "raise" not in line)
    assert CANARY not in ran.stdout
    assert "\x1b" not in ran.stderr


@pytest.mark.parametrize(("form", "first"), [("json", "{"), ("text", "2"), ("auto", "{")])
def test_the_form_is_as_asked_for(tmp_path: Path, form: str, first: str) -> None:
    worker = CommandLine(tmp_path / "home", RUNWAY_LOG=form).start("worker")
    assert worker.stderr is not None
    line = next(line for line in worker.stderr if "Following" in line)
    worker.terminate()
    worker.communicate(timeout=60)
    assert line[0] == first and worker.returncode == 0


@pytest.mark.parametrize(("name", "value"), [("RUNWAY_LOG", "xml"), ("RUNWAY_LOG_LEVEL", "LOUD")])
def test_a_choice_that_makes_no_sense_is_refused(tmp_path: Path, name: str, value: str) -> None:
    refused = CommandLine(tmp_path / "home", **{name: value}).run("tasks", code=1)
    assert f"{name} must be" in refused.stderr
