"""The examples that users of this client know, ours, and the dry run, each as a program of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runway_core import (
    RunwayClient,
    VideoFailedError,
    create_video_5s,
    wait_for_video_completion,
)
from tests.client.conftest import PICTURE
from tests.house import ROOT
from tests.sandbox.conftest import Sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox"), speed=100)
    yield running
    running.stop()


def test_the_script_in_the_readme_runs_against_the_sandbox(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    (block,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.M | re.S
    )
    assert "https://api.openai-hk.com" in block
    script = tmp_path / "readme.py"
    here = block.replace("https://api.openai-hk.com", sandbox.url)
    script.write_text(here.replace("poll_interval=6", "poll_interval=0.1"), "utf-8")
    assert re.search(rf"{sandbox.url}/outputs/\S+\.mp4", run_python(str(script)))


EXAMPLES = [
    """
    from runway_core import RunwayClient, create_video_5s
    client = RunwayClient(api_token="你的token", base_url=URL)
    request = create_video_5s(
        image_url="https://example.com/image.jpg",
        prompt_text="the cat dances"
    )
    response = client.generate_video(request)
    print(response["data"])
    """,
    """
    task_id = response["data"]["id"]
    from runway_core import RunwayClient, wait_for_video_completion
    client = RunwayClient(api_token="你的token", base_url=URL)
    result = wait_for_video_completion(client, task_id, timeout=100, poll_interval=0.1)
    print(f"ready: {result['data']['video_url']}")
    """,
    """
    from runway_core import RunwayClient
    client = RunwayClient(api_token="你的token", base_url=URL)
    for known in (task_id, "2f19d8a7-3b74-4fc4-af42-d0bcadbaec54"):
        response = client.query_video(known)
        status = response["data"]["status"]
        print(f"status: {status}")
        if status == "completed":
            print(f"link: {response['data']['video_url']}")
    """,
    """
    from runway_core import create_video_10s
    request = create_video_10s(
        image_url="https://example.com/image.jpg",
        prompt_text="waves run up the beach"
    )
    response = client.generate_video(request)
    """,
    """
    from runway_core import create_video_5s
    # full HD (1920x1080)
    request = create_video_5s(
        image_url="https://example.com/image.jpg",
        prompt_text="sunset in time lapse",
        ratio="1920:1080"
    )
    client.generate_video(request)
    # upright (768x1280)
    request = create_video_5s(
        image_url="https://example.com/image.jpg",
        prompt_text="a street",
        ratio="768:1280"
    )
    client.generate_video(request)
    # square (1024x1024)
    request = create_video_5s(
        image_url="https://example.com/image.jpg",
        prompt_text="a flower opens",
        ratio="1024:1024"
    )
    client.generate_video(request)
    """,
    """
    from runway_core import RunwayVideoRequest
    request = RunwayVideoRequest(
        promptImage="https://example.com/image.jpg",
        model="runwayml-gen4_turbo-5",
        promptText="the cat dances",
        watermark=True,
        duration=5
    )
    client.generate_video(request)
    """,
    """
    from runway_core import RunwayClient, create_video_5s
    client = RunwayClient(api_token="你的token", base_url=URL)
    request = create_video_5s(image_url="https://example.com/image.jpg")
    is_valid, error = client.validate_request(request)
    if not is_valid:
        print(f"invalid: {error}")
        raise SystemExit(1)
    else:
        response = client.generate_video(request)
    """,
    """
    import os
    token = os.getenv("RUNWAY_API_TOKEN")
    client = RunwayClient(api_token=token)
    """,
    """
    client = RunwayClient(api_token="你的token", base_url=URL)
    try:
        response = client.generate_video(request)
        if response["status_code"] == 200:
            print("it worked")
        else:
            print(f"error: {response['status_code']}")
    except Exception as e:
        print(f"API error: {e}")
    """,
]


def test_the_examples_that_users_know_run_against_the_sandbox(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    script = tmp_path / "examples.py"
    lines = [f"URL = {sandbox.url!r}", *map(textwrap.dedent, EXAMPLES)]
    script.write_text("\n".join(lines), "utf-8")
    said = run_python(str(script))
    assert said.count("status: ") == 2
    assert "status: completed" in said and "status: unknown" in said
    assert re.search(rf"ready: {sandbox.url}/outputs/\S+\.mp4", said)
    assert "it worked" in said


ROOTS = (
    *("", "/pro", "/wrapped", "/wrapped-old", "/late", "/unified", "/luma", "/generations"),
    *("/generations-wrapped", "/openai-video", "/private", "/kling"),
)


@pytest.mark.parametrize("root", ROOTS)
def test_every_kind_of_relay_is_told_in_the_same_words(sandbox: Sandbox, root: str) -> None:
    client = RunwayClient("sk-any-token", f"{sandbox.url}{root}")
    made = client.generate_video(create_video_5s(PICTURE, "fail: a boat"))
    assert (made["status_code"], made["data"]["status"]) == (200, "processing")
    first = client.query_video(made["data"]["id"])
    assert first["status_code"] == 200
    with pytest.raises(VideoFailedError) as caught:
        wait_for_video_completion(client, made["data"]["id"], timeout=60, poll_interval=0.05)
    data = caught.value.response["data"]
    assert (data["status"], data["video_url"]) == ("failed", None)
    assert data["error"] in str(caught.value)


@pytest.mark.parametrize("root", ["/wrapped-old", "/unified"])
def test_every_kind_of_relay_gives_a_link_to_a_video(sandbox: Sandbox, root: str) -> None:
    client = RunwayClient("sk-any-token", f"{sandbox.url}{root}")
    made = client.generate_video(create_video_5s(PICTURE, "a boat"))
    told = wait_for_video_completion(client, made["data"]["id"], timeout=90, poll_interval=0.05)
    assert httpx.get(told["data"]["video_url"], trust_env=False).content[4:8] == b"ftyp"


def test_the_dry_run_sends_nothing_and_shows_no_token() -> None:
    said = run_python("-W", "error", "-m", "runway_core.examples")
    assert said.count("POST https://yunwu.ai/runwayml/v1/image_to_video") == 5
    assert said.count("GET https://yunwu.ai/runwayml/v1/tasks/") == 1
    assert "your-api-token" not in said
    assert said.count('"watermark": true') == 1
    for ratio in ("1280:720", "720:1280", "960:960"):
        assert f'"ratio": "{ratio}"' in said


def test_importing_the_package_loads_nothing() -> None:
    said = run_python(
        "-c",
        "import sys, runway_core\n"
        "print(*(m for m in sys.modules if m.startswith(('runway_core.', 'httpx', 'pydantic'))))\n"
        "print(all(hasattr(runway_core, name) for name in runway_core.__all__))\n"
        "print(set(runway_core.__all__) <= set(dir(runway_core)), hasattr(runway_core, 'nonsense'))",
    )
    assert said.splitlines() == ["", "True", "True False"]


def run_python(*words: str) -> str:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "HOME")}
    environment = kept | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    ran = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment | {"RUNWAY_API_TOKEN": "sk-your-token", "HK_KEY": "hk-your-key"},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
