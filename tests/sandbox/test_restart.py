"""A new process on the same folder goes on where the old one stopped."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from runway_core.errors import ConfigError
from runway_core.sandbox import EmbeddedSandbox, serve
from runway_core.settings import Settings
from tests.sandbox.conftest import (
    OFFICIAL_HEADERS,
    StartSandbox,
    create,
    data_uri,
    image_body,
    look,
    text_body,
    wait_for,
    wait_until,
)


def test_a_restart_goes_on_with_every_open_task(start_sandbox: StartSandbox) -> None:
    first = start_sandbox(speed=2, concurrency=1)
    body = image_body(promptImage=data_uri())
    ids = [create(first.official, body) for _ in range(2)]
    wait_until(lambda: "RUNNING" in [look(first.official, i)["status"] for i in ids])
    before = {i: look(first.official, i) for i in ids}
    first.stop()

    second = start_sandbox(first.folder, speed=50, concurrency=1)
    assert second.url != first.url
    for task_id in ids:
        task = wait_for(second.official, task_id, "SUCCEEDED")
        assert task["createdAt"] == before[task_id]["createdAt"]
        assert task["output"][0].startswith(second.url)
        assert httpx.get(task["output"][0]).status_code == 200


def test_a_restart_keeps_finished_tasks_and_their_files(start_sandbox: StartSandbox) -> None:
    first = start_sandbox()
    done = create(first.official, image_body())
    failed = create(first.official, image_body(promptText="fail: x"))
    video = httpx.get(wait_for(first.official, done, "SUCCEEDED")["output"][0]).content
    wait_for(first.official, failed, "FAILED")
    first.stop()
    # A slower clock must not make the past undone.
    second = start_sandbox(first.folder, speed=0.1)
    assert httpx.get(look(second.official, done)["output"][0]).content == video
    assert look(second.official, failed)["failureCode"] == "INTERNAL.BAD_OUTPUT.CODE01"


def test_pictures_stay_on_disk_only_until_the_video_is_made(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox(speed=20)
    task_id = create(sandbox.official, image_body(promptImage=data_uri()))
    assert [path.name for path in (sandbox.folder / "frames").iterdir()] == [f"{task_id}-first"]
    wait_for(sandbox.official, task_id, "SUCCEEDED")
    assert not list((sandbox.folder / "frames").iterdir())


def test_a_damaged_task_file_and_half_written_files_do_not_stop_a_start(
    start_sandbox: StartSandbox,
) -> None:
    first = start_sandbox(speed=1)
    task_id = create(first.official, image_body())
    first.stop()
    tasks, outputs = first.folder / "tasks", first.folder / "outputs"
    (tasks / "broken.json").write_text("{")
    (outputs / f".{task_id}.part").write_bytes(b"half")
    (outputs / ".deleted-since.part").write_bytes(b"half")
    second = start_sandbox(first.folder)
    wait_for(second.official, task_id, "SUCCEEDED")
    assert not list(outputs.glob(".*"))


def test_a_key_is_never_written_to_the_folder(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox()
    key = "key_very-secret-indeed"
    answer = sandbox.official.post(
        "/v1/image_to_video", json=image_body(), headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200
    for path in sandbox.folder.rglob("*"):
        if path.is_file():
            assert key.encode() not in path.read_bytes()


def test_the_embedded_sandbox_leaves_its_address_and_takes_only_its_key(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with EmbeddedSandbox(settings.sandbox, speed=200):
        address = settings.sandbox_address()
        assert address is not None
        file = settings.sandbox / "address.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert json.loads(file.read_text()) == {"url": address.url, "key": address.key}
        headers = {"Authorization": f"Bearer {address.key}", "X-Runway-Version": "2024-11-06"}
        with httpx.Client(base_url=address.url, headers=headers) as root:
            task_id = create(root, text_body(), "/v1/text_to_video")
            assert wait_for(root, task_id, "SUCCEEDED")["output"]
        assert httpx.get(f"{address.url}/v1/tasks/x", headers=OFFICIAL_HEADERS).status_code == 401
    assert settings.sandbox_address() is None
    with pytest.raises(httpx.ConnectError):
        httpx.get(address.url)
    with EmbeddedSandbox(settings.sandbox, speed=200):
        assert settings.sandbox_address() == address
        assert httpx.get(f"{address.url}/v1/tasks/{task_id}", headers=headers).status_code == 200


def test_a_second_embedded_sandbox_leaves_the_first_one_alone(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first, second = (EmbeddedSandbox(settings.sandbox, speed=1) for _ in range(2))
    with first:
        address = settings.sandbox_address()
        second.start()
        second.stop()
        assert settings.sandbox_address() == address
        assert address is not None
        assert httpx.get(address.url).status_code == 404
        with pytest.raises(ConfigError):
            serve(folder=settings.sandbox, port=0)


def test_a_stop_ends_a_render_and_an_open_download_at_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    embedded = EmbeddedSandbox(settings.sandbox, speed=50)
    embedded.start()
    address = settings.sandbox_address()
    assert address is not None
    headers = {"Authorization": f"Bearer {address.key}", "X-Runway-Version": "2024-11-06"}
    with httpx.Client(base_url=address.url, headers=headers) as root:
        ids = [create(root, text_body(duration=10), "/v1/text_to_video") for _ in range(4)]
        wait_for(root, ids[0], "RUNNING")
        stopper = threading.Thread(target=embedded.stop)
        stopper.start()
        stopper.join(2.5)
        assert not stopper.is_alive()
    assert "sandbox" not in {thread.name for thread in threading.enumerate()}


def test_a_start_waits_for_no_codecs(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from runway_core.sandbox import EmbeddedSandbox\n"
        "with EmbeddedSandbox(pathlib.Path(sys.argv[1]), speed=1):\n"
        "    print(sorted({'av', 'PIL'} & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=30
    )
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, "[]", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_it_is_and_stops_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    code = (
        "import sys, pathlib\n"
        "from runway_core.sandbox import serve\n"
        "serve(port=0, speed=100, folder=pathlib.Path(sys.argv[1]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
        url = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
        assert httpx.get(f"{url}/nothing").status_code == 404
        os.kill(process.pid, number)
        rest, errors = process.communicate(timeout=10)
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(ConfigError, match="does not listen"):
        serve(host=host, port=0)


def test_a_taken_port_is_said_plainly(start_sandbox: StartSandbox) -> None:
    sandbox = start_sandbox()
    with pytest.raises(ConfigError, match="can't be used"):
        serve(port=int(sandbox.url.rpartition(":")[2]))
