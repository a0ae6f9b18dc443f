"""The command line, from a key in the environment to a file on the disk."""

from __future__ import annotations

import signal
import subprocess
from decimal import Decimal
from pathlib import Path

import av
import pytest

from runway_core.settings import Settings
from runway_core.studio import open_studio
from tests.builders import request
from tests.cli.conftest import CommandLine, free_port, stop, wait_for_port
from tests.relay import Relay, small_video

KEY = "hk-canary-key-0001"


def relay_command(tmp_path: Path, relay: Relay) -> CommandLine:
    command = CommandLine(
        tmp_path / "home", RUNWAY_PRIVATE_HOSTS=f"127.0.0.1:{relay.port}", MY_KEY=KEY
    )
    command.run(
        "connection", "add", "hk", "--profile", "openai-hk",
        "--base-url", f"{relay.url}/runwayml/", "--key-env", "MY_KEY",
    )  # fmt: skip
    return command


def test_a_picture_becomes_a_kept_video_without_any_set_up(
    command: CommandLine, photo: Path
) -> None:
    task = command.json(
        "submit", "--connection", "sandbox", "--model", "gen4_turbo", "--image", str(photo),
        "--prompt", "the light moves", "--ratio", "720:1280", "--duration", "2", "--seed", "5",
        "--wait",
    )  # fmt: skip
    assert task["status"] == "SUCCEEDED"
    assert task["model"] == "gen4_turbo"
    assert task["connection"] == "Sandbox"
    assert Decimal(task["charge"]) == Decimal(task["estimate"]["low"]) == 10
    assert task["request"]["seed"] == 5
    with av.open(task["artifacts"][0]["path"]) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (720, 1280, "h264")
        assert sum(1 for _ in video.decode(stream)) == 48
    assert command.json("task", task["id"]) == task
    assert command.json("tasks") == [task]


def test_the_relay_needs_only_a_base_url_and_a_key(
    tmp_path: Path, relay: Relay, photo: Path
) -> None:
    command = relay_command(tmp_path, relay)
    task = command.json(
        "submit", "--connection", "hk", "--model", "gen4_turbo", "--image", str(photo),
        "--prompt", "wave", "--ratio", "960:960", "--duration", "5", "--wait",
    )  # fmt: skip
    assert task["status"] == "SUCCEEDED"
    assert Path(task["artifacts"][0]["path"]).read_bytes() == small_video()
    assert task["estimate"]["low"] is None  # nobody has published it: unknown is not zero
    assert task["charge"] is None
    (body,) = relay.created.values()
    assert body["promptImage"].startswith("data:image/jpeg;base64,")
    assert {k: v for k, v in body.items() if k not in ("promptImage", "seed")} == {
        "model": "gen4_turbo",
        "promptText": "wave",
        "ratio": "960:960",
        "duration": 5,
    }
    assert relay.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_no_command_shows_a_key(tmp_path: Path, relay: Relay) -> None:
    command = relay_command(tmp_path, relay)
    (hk, sandbox) = command.json("connection", "list")
    assert sandbox["profile"] == "sandbox"
    assert hk["key_hint"] == "…0001"
    assert hk["address"] == f"{relay.url}/runwayml/v1/image_to_video"
    said = command.run("connection", "list")
    tested = command.run("doctor", "hk", "--json")
    assert "canary" not in said.stdout + said.stderr + tested.stdout + tested.stderr
    for file in filter(Path.is_file, (tmp_path / "home").rglob("*")):
        assert b"canary" not in file.read_bytes(), file


def test_submit_only_records_and_a_worker_sends(tmp_path: Path, relay: Relay) -> None:
    command = relay_command(tmp_path, relay)
    task = command.json(
        "submit", "--connection", "hk", "--model", "gen3a_turbo", "--prompt", "wave",
        "--image", "https://pictures.example/open.png", "--ratio", "1280:768",
    )  # fmt: skip
    assert task["status"] == "QUEUED"
    assert relay.posts == 0
    worker = command.start("worker")
    waited = command.json("wait", task["id"])
    assert waited["status"] == "SUCCEEDED"
    assert relay.posts == 1
    assert stop(worker) == 0
    (body,) = relay.created.values()
    assert body["promptImage"] == "https://pictures.example/open.png"


def test_a_queued_task_is_cancelled_for_nothing(tmp_path: Path, relay: Relay) -> None:
    command = relay_command(tmp_path, relay)
    words = ("submit", "--connection", "hk", "--model", "gen4_turbo", "--image")
    task = command.json(*words, "https://pictures.example/open.png")
    cancelled = command.json("cancel", task["id"])
    assert cancelled["status"] == "CANCELLED"
    assert relay.posts == 0
    error = command.json("cancel", task["id"], code=1)["error"]
    assert error["kind"] == "InvalidInput"


def test_a_waiting_task_is_moved_in_its_line_and_tells_where_it_stands(
    tmp_path: Path, relay: Relay
) -> None:
    command = CommandLine(tmp_path / "home", RUNWAY_PRIVATE_HOSTS=f"127.0.0.1:{relay.port}")
    (tmp_path / "home").mkdir()
    hosts = frozenset({("127.0.0.1", relay.port)})
    studio = open_studio(Settings(home=tmp_path / "home", private_hosts=hosts))
    connection = studio.connections.add(
        "Relay", profile="sandbox", base_url=relay.url, key="hk-12345678", options={"plan": "free"}
    )
    one, two, three = (
        studio.tasks.submit(request(prompt=name), connection=connection, token=name)
        for name in ("one", "two", "three")
    )
    studio.close()
    assert command.json("task", three.id)["line"] == {
        "number": 3,
        "last": 3,
        "why": "Free plan runs 1 at a time",
        "wait_seconds": None,
    }
    assert command.json("move", three.id)["line"]["number"] == 1
    assert command.json("move", three.id, "--by", "1")["line"]["number"] == 2
    assert "in line: 1 of 3" in command.run("task", one.id).stdout
    command.json("cancel", two.id)
    refused = command.json("move", two.id, code=1)["error"]
    assert "not waiting any more" in refused["message"]
    assert relay.posts == 0


def test_a_wait_that_ends_does_not_end_the_task(tmp_path: Path, relay: Relay) -> None:
    relay.looks_needed = 2
    command = relay_command(tmp_path, relay)
    words = ("submit", "--connection", "hk", "--model", "gen4_turbo", "--image")
    picture = "https://pictures.example/open.png"
    task = command.json(*words, picture, "--wait", "--timeout", "1", code=1)
    assert task["status"] in ("QUEUED", "SUBMITTING", "PENDING")
    assert command.json("wait", task["id"])["status"] == "SUCCEEDED"
    assert relay.posts == 1


@pytest.mark.parametrize(
    ("words", "field", "says"),
    [
        (("--ratio", "1280:768", "--model", "gen4.5"), "ratio", "1280:720"),
        (("--duration", "11"), "duration", "2 to 10"),
        (("--prompt", "x" * 1001), "prompt", "1 too long"),
        (("--seed", "4294967296"), "seed", "4294967295"),
        (("--model", "gen9"), "model", "gen4_turbo"),
        (("--image", "missing.png"), "frames.first", "can't be read"),
        (("--image", "http://plain.example/x.png"), "frames.first", "https://"),
    ],
)
def test_bad_input_names_the_field_and_nothing_is_recorded(
    command: CommandLine, photo: Path, words: tuple[str, ...], field: str, says: str
) -> None:
    given = {"--connection": "sandbox", "--model": "gen4_turbo", "--image": str(photo)}
    given |= {"--prompt": "wave", "--ratio": "1280:720", "--duration": "5"}
    given |= dict(zip(words[::2], words[1::2], strict=True))
    flat = [word for pair in given.items() for word in pair]
    error = command.json("submit", *flat, code=1)["error"]
    assert error["kind"] == "InvalidInput"
    assert [p["field"] for p in error["problems"]] == [field]
    assert says in error["problems"][0]["message"]
    assert "Nothing was" in error["hint"]
    assert command.json("tasks") == []


def test_wrong_usage_exits_with_two(command: CommandLine) -> None:
    command.run("submit", code=2)
    command.run("nonsense", code=2)


def test_an_unknown_connection_says_which_there_are(command: CommandLine) -> None:
    error = command.json("submit", "--connection", "hk", "--model", "gen4_turbo", code=1)["error"]
    assert error["kind"] == "NotFound"
    assert "Sandbox" in error["hint"]


def test_an_address_on_a_private_network_is_refused_unless_it_is_named(
    command: CommandLine, relay: Relay
) -> None:
    command.environment["MY_KEY"] = KEY
    add = (
        "connection", "add", "inner", "--profile", "custom", "--base-url", relay.url,
        "--key-env", "MY_KEY",
    )  # fmt: skip
    error = command.json(*add, "--allow-host", code=1)["error"]
    assert "https://" in error["message"] and "RUNWAY_PRIVATE_HOSTS" in error["hint"]
    command.environment["RUNWAY_PRIVATE_HOSTS"] = f"127.0.0.1:{relay.port}"
    command.run(*add)
    del command.environment["RUNWAY_PRIVATE_HOSTS"]
    picture = ("--image", "https://pictures.example/a.png", "--prompt", "wave")
    task = command.json(
        "submit", "--connection", "inner", "--model", "gen4_turbo", *picture, "--wait", code=1
    )
    assert (task["status"], task["failure_code"]) == ("FAILED", "AddressRefused")
    assert "RUNWAY_PRIVATE_HOSTS" in task["hint"]
    assert relay.posts == 0


def test_estimates_say_where_they_are_from(command: CommandLine) -> None:
    known = command.json("estimate", "--profile", "runway", "--model", "gen4.5", "--count", "3")
    assert Decimal(known["low"]) == 180
    assert Decimal(known["usd_high"]) == Decimal("1.8")
    assert known["source"]
    assert known["as_of"]
    unknown = command.json("estimate", "--profile", "openai-hk", "--model", "gen4_turbo")
    assert (unknown["low"], unknown["basis"]) == (None, "unknown")


def test_the_worker_ends_at_once_when_asked(command: CommandLine) -> None:
    command.run("connection", "list")
    worker = command.start("worker")
    assert worker.stderr is not None
    assert "Following" in worker.stderr.readline()
    worker.send_signal(signal.SIGINT)
    worker.communicate(timeout=10)
    assert worker.returncode == 0


SEED_003 = """curl --request POST \\
--url {root}/runwayml/v1/image_to_video \\
--header 'Authorization: Bearer hk-your-key' \\
--header 'Content-Type: application/json' \\
--data '{{
"promptImage": [
{{"uri":"https://www.openai-hk.com/res/img/open.png","position":"first"}},
{{"uri":"https://www.openai-hk.com/res/img/open.png","position":"last"}}
],
"seed": 4294967295,
"model": "gen3a_turbo",
"promptText": "wave",
"watermark": false,
"duration": 5,
"ratio": "1280:768"
}}'"""


def test_the_relays_own_curl_example_works_with_only_the_host_changed(
    command: CommandLine, tmp_path: Path
) -> None:
    import json

    port = free_port()
    sandbox = command.start("sandbox", "--port", str(port), "--speed", "100")
    wait_for_port(port, sandbox)
    root = f"http://127.0.0.1:{port}"

    def shell(line: str) -> bytes:
        quiet = line.replace("curl ", "curl --silent --fail-with-body --noproxy '*' ", 1)
        return subprocess.run(quiet, shell=True, check=True, capture_output=True).stdout

    created = json.loads(shell(SEED_003.format(root=root)))
    assert set(created) == {"id"}
    look = (
        f"curl --request GET --url {root}/runwayml/v1/tasks/{created['id']} "
        "--header 'Authorization: Bearer hk-your-key' --header 'Content-Type: application/json'"
    )
    task = json.loads(shell(look))
    for _ in range(200):
        if task["status"] == "SUCCEEDED":
            break
        sandbox_breathes()
        task = json.loads(shell(look))
    assert task["status"] == "SUCCEEDED", task
    assert "cost" not in task
    file = tmp_path / "out.mp4"
    shell(f"curl --output {file} '{task['output'][0]}'")
    with av.open(str(file)) as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height) == (1280, 768)
        assert sum(1 for _ in video.decode(stream)) == 120
    assert stop(sandbox) == 0


def sandbox_breathes() -> None:
    import select

    select.select([], [], [], 0.1)
