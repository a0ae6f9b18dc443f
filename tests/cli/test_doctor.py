"""``doctor`` on the command line: one JSON value, the right exit code, and never the key."""

from __future__ import annotations

from tests.cli.conftest import CommandLine
from tests.relay import Relay

KEY = "hk-canary-key-0001"


def connected(command: CommandLine, url: str) -> None:
    command.environment["MY_KEY"] = KEY
    command.run(
        "connection",
        "add",
        "hk",
        "--profile",
        "openai-hk",
        "--base-url",
        url,
        "--key-env",
        "MY_KEY",
    )


def test_a_connection_that_works_exits_with_0_and_asks_for_nothing_that_costs(
    command: CommandLine, relay: Relay
) -> None:
    command.environment["RUNWAY_PRIVATE_HOSTS"] = f"127.0.0.1:{relay.port}"
    connected(command, relay.url)
    found = command.json("doctor", "hk")
    assert found["ok"] is True
    assert found["urls"] == [f"POST {relay.url}/runwayml/v1/image_to_video"]
    assert found["key_header"] == "Authorization: Bearer …0001"
    assert [step["name"] for step in found["steps"]][:5] == [
        "address",
        "name",
        "connection",
        "encryption",
        "answer",
    ]
    assert not [body for body in relay.created.values() if "model" in body]
    assert "canary" not in str(found)


def test_a_connection_that_does_not_work_exits_with_1_and_says_why(
    command: CommandLine, relay: Relay
) -> None:
    command.environment["RUNWAY_PRIVATE_HOSTS"] = f"127.0.0.1:{relay.port}"
    connected(command, relay.url)
    del command.environment["RUNWAY_PRIVATE_HOSTS"]
    ran = command.run("doctor", "hk", code=1)
    assert "[failed]       Address" in ran.stdout
    assert f"RUNWAY_PRIVATE_HOSTS=127.0.0.1:{relay.port}" in ran.stdout
    assert "canary" not in ran.stdout + ran.stderr
    assert relay.posts == 0


def test_the_built_in_sandbox_is_started_for_its_check(command: CommandLine) -> None:
    found = command.json("doctor", "sandbox")
    assert found["ok"] is True
    assert found["unit"] == "credit" and found["balance"]


def test_an_unknown_name_is_an_error_with_what_it_costs_and_what_to_do(
    command: CommandLine,
) -> None:
    error = command.json("doctor", "nobody", code=1)["error"]
    assert (error["kind"], error["retryable"], error["charged"]) == ("NotFound", False, "no")
    assert "Sandbox" in error["hint"]
