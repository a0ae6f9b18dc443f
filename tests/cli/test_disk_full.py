"""A disk that fills up: nothing is sent that could not be kept, and nothing that was paid for is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, CommandLine, Listened
from tests.relay import Call, Relay, small_video


class SmallDisk(CommandLine):
    """A command line whose home is a small disk of its own, in a mount namespace of its own."""

    def __init__(self, home: Path, relay: Relay, *, megabytes: int) -> None:
        super().__init__(home, RUNWAY_PRIVATE_HOSTS=f"127.0.0.1:{relay.port}", MY_KEY="hk-key-0001")
        home.mkdir()
        rootless = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
        mount = f"mount -t tmpfs -o size={megabytes}m none '{home}' && echo ready && exec cat"
        self.holder = subprocess.Popen(
            ["unshare", *rootless, "--mount", "sh", "-c", mount],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.holder.stdout is not None
        assert self.holder.stdout.readline() == b"ready\n"
        self.enter = ["nsenter", "--target", str(self.holder.pid), "--mount"]
        self.enter += ["--user", "--preserve-credentials"] if rootless else []
        self.inside = Path(f"/proc/{self.holder.pid}/root{home}")

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self.enter, "--wd=" + str(ROOT), sys.executable, "-m", "runway_core", *words],
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def fill(self) -> None:
        """Write until nothing more fits."""
        try:
            with (self.inside / "ballast").open("wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 4096)
        except OSError:
            return

    def empty(self) -> None:
        (self.inside / "ballast").unlink()

    def close(self) -> None:
        assert self.holder.stdin is not None
        assert self.holder.stdout is not None
        self.holder.stdin.close()
        self.holder.wait(10)
        self.holder.stdout.close()


def add_relay(command: CommandLine, relay: Relay) -> None:
    command.run(
        "connection", "add", "relay", "--profile", "sandbox", "--base-url", relay.url,
        "--key-env", "MY_KEY",
    )  # fmt: skip


SUBMIT = ("submit", "--connection", "relay", "--model", "gen4.5", "--prompt", "a lake")


def test_nothing_is_sent_when_the_video_could_not_be_kept(tmp_path: Path, relay: Relay) -> None:
    command = SmallDisk(tmp_path / "home", relay, megabytes=20)
    add_relay(command, relay)
    error = command.json(*SUBMIT, "--wait", code=1)["error"]
    assert error["kind"] == "DiskFull"
    assert "nothing was sent" in error["message"]
    assert command.json("tasks") == []
    assert relay.posts == 0
    command.close()


def test_a_task_is_not_sent_while_that_cant_be_recorded(tmp_path: Path, relay: Relay) -> None:
    command = SmallDisk(tmp_path / "home", relay, megabytes=140)
    add_relay(command, relay)
    task = command.json(*SUBMIT)
    command.fill()
    error = command.json(*SUBMIT, code=1)["error"]
    assert error["kind"] == "DiskFull"
    worker = Listened(command.start("worker"))
    worker.until_said("stumbled")  # it has tried to send it
    assert relay.posts == 0
    command.empty()
    assert command.json("wait", task["id"])["status"] == "SUCCEEDED"
    assert relay.posts == 1
    worker.process.terminate()
    assert worker.end() == 0
    command.close()


@pytest.mark.parametrize("moment", ["create", "download"])
def test_what_was_paid_for_is_kept_once_there_is_room_again(
    tmp_path: Path, relay: Relay, moment: str
) -> None:
    command = SmallDisk(tmp_path / "home", relay, megabytes=140)
    add_relay(command, relay)
    full = threading.Event()

    def fill() -> None:
        command.fill()
        full.set()

    _at(moment, relay, fill)
    task = command.json(*SUBMIT)
    worker = Listened(command.start("worker"))
    assert full.wait(20)
    worker.until_said("can't be recorded", "stumbled")  # it has come and can't be written down
    command.empty()
    kept = command.json("wait", task["id"])
    assert (kept["status"], kept["artifact_state"]) == ("SUCCEEDED", "kept")
    path = Path(kept["artifacts"][0]["path"])
    assert (command.inside / path.relative_to(command.environment["RUNWAY_HOME"])).read_bytes() == (
        small_video()
    )
    assert relay.posts == 1
    worker.process.terminate()
    assert worker.end() == 0
    command.close()


def _at(moment: str, relay: Relay, act: Callable[[], None]) -> None:
    if moment == "create":
        done = threading.Event()

        def once() -> None:
            if not done.is_set():
                done.set()
                act()

        relay.hold = once
        return

    def serve(call: Call) -> None:
        act()
        call.answer(200, small_video(), Content_Type="video/mp4")

    relay.files.append(serve)


def test_json_errors_are_json_even_then(tmp_path: Path, relay: Relay) -> None:
    command = SmallDisk(tmp_path / "home", relay, megabytes=20)
    add_relay(command, relay)
    out = command.run(*SUBMIT, "--json", code=1).stdout
    assert set(json.loads(out)["error"]) >= {"kind", "message", "hint", "retryable"}
    command.close()
