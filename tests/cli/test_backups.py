"""A backup on the command line, and the drill of bringing it back."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import CommandLine
from tests.relay import Relay


def test_a_home_is_backed_up_and_brought_back(tmp_path: Path, relay: Relay) -> None:
    hosts = {"RUNWAY_PRIVATE_HOSTS": f"127.0.0.1:{relay.port}", "MY_KEY": "hk-key-0001"}
    command = CommandLine(tmp_path / "home", **hosts)
    command.run(
        "connection", "add", "relay", "--profile", "sandbox", "--base-url", relay.url,
        "--key-env", "MY_KEY",
    )  # fmt: skip
    submit = ("submit", "--connection", "relay", "--model", "gen4.5", "--prompt")
    done = command.json(*submit, "a lake", "--wait")
    waiting = command.json(*submit, "a hill")
    made = command.json("backup", str(tmp_path / "desk.tar"), "--with-key")
    assert (made["has_key"], made["media"], made["uncertain"]) == (True, True, 0)
    assert "is there already" in command.run("backup", str(tmp_path / "desk.tar"), code=1).stderr

    back = CommandLine(tmp_path / "back", **hosts)
    assert back.json("restore", str(tmp_path / "desk.tar"))["uncertain"] == 1
    kept = back.json("task", done["id"])
    old, new = (Path(task["artifacts"][0]["path"]) for task in (done, kept))
    assert new.is_relative_to(tmp_path / "back")
    assert new.read_bytes() == old.read_bytes()
    assert back.json("task", waiting["id"])["status"] == "UNCERTAIN"
    assert relay.posts == 1
    assert "not empty" in back.run("restore", str(tmp_path / "desk.tar"), code=1).stderr
