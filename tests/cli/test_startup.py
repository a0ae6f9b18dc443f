"""What a worker and a submit that waits say before they begin."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.cli.conftest import CommandLine, Listened
from tests.relay import Relay


def test_what_is_only_to_be_said_is_one_line_of_the_log(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    worker = Listened(CommandLine(tmp_path / "home").start("worker"))
    worker.until_said("Following the tasks")
    worker.process.terminate()
    assert worker.end() == 0
    (told,) = [line for line in map(json.loads, worker.said.splitlines()) if "git" in line["event"]]
    assert told["level"] == "warning" and "RUNWAY_HOME" in told["event"]


def test_what_is_refused_is_refused_before_anything_is_recorded(
    tmp_path: Path, relay: Relay
) -> None:
    command = CommandLine(
        tmp_path / "home", RUNWAY_PRIVATE_HOSTS=f"127.0.0.1:{relay.port}", MY_KEY="hk-key-0001"
    )
    command.run(
        "connection", "add", "relay", "--profile", "sandbox", "--base-url", relay.url,
        "--key-env", "MY_KEY",
    )  # fmt: skip
    (tmp_path / "home" / "master.key").chmod(0o640)
    words = ("submit", "--connection", "relay", "--model", "gen4.5", "--prompt", "a lake", "--wait")
    error = command.json(*words, code=1)["error"]
    assert "can be read by others" in error["message"] and "chmod 600" in error["hint"]
    refused = command.run("worker", code=1)
    assert error["message"] in refused.stderr and refused.stdout == ""
    assert relay.posts == 0 and command.json("tasks") == []
