"""``key`` and ``host`` on the command line: one JSON value, plain words, and never a key."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import CommandLine

KEY = "hk-canary-key-0001"
ADD = ("connection", "add", "mine", "--profile", "custom", "--key-env", "MY_KEY", "--base-url")


def test_a_host_is_allowed_listed_and_taken_back(command: CommandLine) -> None:
    command.environment["MY_KEY"] = KEY
    error = command.json(*ADD, "https://relay.example.com", code=1)["error"]
    assert (error["kind"], error["charged"], error["retryable"]) == ("HostNotAllowed", "no", False)
    assert "python -m runway_core host allow relay.example.com" in error["hint"]
    assert command.json("host", "allow", "relay.example.com") == {"allowed": "relay.example.com"}
    assert {"host": "relay.example.com", "by": "admin"} in command.json("host", "list")
    assert "api.openai-hk.com  known service" in command.run("host", "list").stdout
    command.run("host", "forbid", "relay.example.com")
    said = command.run(*ADD, "https://other.example.com", "--allow-host").stdout
    assert "https://other.example.com/runwayml/v1" in said
    assert command.json("host", "forbid", "other.example.com", code=1)["error"]["kind"] == "Config"


def test_the_master_key_is_changed_and_told_of_without_being_shown(
    command: CommandLine, tmp_path: Path
) -> None:
    command.environment["MY_KEY"] = KEY
    command.run(*ADD, "https://yunwu.ai")
    path = tmp_path / "home" / "master.key"
    keys = [path.read_bytes().hex()]
    assert command.json("key", "rotate") == {"resealed": 1, "unreadable": []}
    keys += [line.split()[1] for line in path.read_text().splitlines()[1:]]
    assert len(set(keys)) == 2
    found = command.json("key", "list")
    assert [(one["role"], one["seals"]) for one in found] == [("seal", 1), ("old", 0)]
    told = command.run("key", "list").stdout + command.run("key", "rotate").stdout
    assert "seals what is saved now; 1 saved" in told and "1 saved keys and secrets with it" in told
    refused = command.run("key", "forget", code=1).stderr
    assert "less than a minute ago" in refused
    command.run("key", "prepare")
    assert [one["role"] for one in command.json("key", "list")][:2] == ["seal", "next"]
    keys += [line.split()[1] for line in path.read_text().splitlines()[1:]]
    assert not [key for key in keys if key in told + str(found) + refused]
