"""``adopt`` and ``import`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import CommandLine
from tests.cli.test_commands import relay_command
from tests.relay import Relay


def test_a_task_is_adopted_looked_at_and_kept_without_a_payment(
    tmp_path: Path, relay: Relay
) -> None:
    command = relay_command(tmp_path, relay)
    remote_id = relay.make({"model": "gen4_turbo"})
    task = command.json("adopt", "hk", remote_id)
    assert (task["status"], task["remote_id"], task["connection"]) == ("SUCCEEDED", remote_id, "hk")
    assert (task["model"], task["estimate"]["low"], task["quoted"], task["charge"]) == (
        "",
        None,
        None,
        None,
    )
    assert len(task["outputs"]) == 1
    kept = command.json("wait", task["id"])
    assert Path(kept["artifacts"][0]["path"]).is_file()
    assert command.json("adopt", "hk", remote_id) == kept
    said = command.run("task", task["id"]).stdout
    assert f"{task['id']}  SUCCEEDED  made elsewhere  hk" in said
    assert relay.posts == 0


def test_an_unknown_task_is_an_error_and_not_recorded(tmp_path: Path, relay: Relay) -> None:
    command = relay_command(tmp_path, relay)
    error = command.json("adopt", "hk", "nonsense", code=1)["error"]
    assert error["kind"] == "TaskNotFound"
    assert command.json("adopt", "nobody", "x", code=1)["error"]["kind"] == "NotFound"
    assert command.json("tasks") == []
    # The built-in sandbox runs for as long as it is asked.
    error = command.json("adopt", "Sandbox", "nonsense", code=1)["error"]
    assert error["kind"] == "TaskNotFound"


def test_the_tester_s_history_comes_in_once(tmp_path: Path, relay: Relay) -> None:
    command = relay_command(tmp_path, relay)
    file = tmp_path / "copied.json"
    failed = {"id": "t-1", "status": "FAILED", "failure": "too dark", "promptText": "a night"}
    done = {"id": relay.make({}), "status": "SUCCEEDED", "promptText": "the boat leaves"}
    store = json.dumps({"data": [failed, done, {"status": "x"}], "expire": None})
    file.write_text(json.dumps({"runwayml-store": store}), "utf-8")
    found = command.json("import", str(file), "--connection", "hk")
    assert (found["added"], found["known"], found["unreadable"]) == (2, 0, 1)
    assert found["unread"] == [{"where": "runwayml-store[2]", "why": "has no id of a task."}]
    prompts = {t["request"]["prompt"]: t for t in command.json("tasks")}
    assert prompts["a night"]["failure"] == "too dark"
    kept = command.json("wait", prompts["the boat leaves"]["id"])
    assert Path(kept["artifacts"][0]["path"]).is_file()
    said = command.run("import", str(file), "--connection", "hk")
    assert "0 came in, 2 were known, 1 could not be read. Nothing was paid for." in said.stdout
    assert relay.posts == 0


def test_a_file_that_is_no_history_is_refused(command: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "copied.json"
    file.write_text("{}", "utf-8")
    for path, says in ((file, "holds no history"), (tmp_path / "none", "can't be read")):
        error = command.json("import", str(path), "--connection", "sandbox", code=1)["error"]
        assert [p["field"] for p in error["problems"]] == ["file"]
        assert says in error["message"]
    file.write_text('{"runwayml-store": [{}]}', "utf-8")
    assert command.json("import", str(file), "--connection", "sandbox", code=1)["unreadable"] == 1
