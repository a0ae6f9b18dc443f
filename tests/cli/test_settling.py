"""``adopt --task``, ``send-again`` and ``write-off``: a person's decision about an uncertain task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tests.cli.test_commands import relay_command
from tests.relay import Call, Relay


@pytest.fixture
def command(tmp_path: Path, relay: Relay) -> CommandLine:
    return relay_command(tmp_path, relay)


def lost(command: CommandLine, relay: Relay, photo: Path) -> dict[str, Any]:
    """A task whose create got no answer."""
    relay.creates.append(Call.reset)
    words = ["--connection", "hk", "--model", "gen4_turbo", "--prompt", "x", "--duration", "5"]
    ratio = ["--ratio", "1280:720", "--image", str(photo), "--wait"]
    task: dict[str, Any] = command.json("submit", *words, *ratio, code=1)
    assert task["status"] == "UNCERTAIN"
    return task


def test_an_uncertain_task_is_settled_by_its_id_once_its_provider_knows_it(
    command: CommandLine, relay: Relay, photo: Path
) -> None:
    task = lost(command, relay, photo)
    assert {"balance_before", "balance_after"} <= task.keys()
    error = command.json("adopt", "hk", "mistyped", "--task", task["id"], code=1)["error"]
    assert error["kind"] == "TaskNotFound"
    assert command.json("task", task["id"])["status"] == "UNCERTAIN"
    remote_id = relay.make({})
    found = command.json("adopt", "hk", remote_id, "--task", task["id"])
    assert (found["id"], found["status"], found["remote_id"]) == (
        task["id"],
        "SUCCEEDED",
        remote_id,
    )
    assert len(found["outputs"]) == 1
    assert Path(command.json("wait", task["id"])["artifacts"][0]["path"]).is_file()
    error = command.json("adopt", "hk", "other", "--task", task["id"], code=1)["error"]
    assert "needs no id" in error["message"]
    assert relay.posts == 1


def test_an_uncertain_task_is_sent_again(command: CommandLine, relay: Relay, photo: Path) -> None:
    task = lost(command, relay, photo)
    assert command.json("send-again", task["id"])["status"] == "QUEUED"
    assert command.json("wait", task["id"])["status"] == "SUCCEEDED"
    assert relay.posts == 2
    error = command.json("send-again", task["id"], code=1)["error"]
    assert "is SUCCEEDED by now" in error["message"]
    assert command.json("send-again", "nobody", code=1)["error"]["kind"] == "NotFound"


def test_an_uncertain_task_is_written_off(command: CommandLine, relay: Relay, photo: Path) -> None:
    task = lost(command, relay, photo)
    found = command.json("write-off", task["id"])
    assert (found["status"], found["failure_code"]) == ("FAILED", "WRITTEN_OFF")
    assert found["advice"]["charged"] == "unknown"
    assert relay.posts == 1
