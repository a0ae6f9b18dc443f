"""A wish as code: what is copied is what is sent, it runs as it stands, and no key is in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from runway_core.domain import Frame
from runway_core.errors import NotReachedError
from runway_core.providers import Outline, Provider
from runway_core.studio import Studio
from runway_core.ui.recipe_code import as_curl, as_json, as_python
from tests.builders import connection, request
from tests.http.raw_server import Connection, RawServer, Request, answer
from tests.providers import calls
from tests.providers.calls import KEY, with_provider
from tests.sandbox.conftest import StartSandbox, start_sandbox
from tests.shelf import picture

__all__ = ["start_sandbox"]
NASTY = 'it\'s "quoted" $HOME `id` \\ 波\nJSON\n$(touch pwned) %s 100%'


def copied(studio: Studio, url: str, **asked: object) -> Outline:
    here = connection(profile="sandbox", base_url=url)
    return studio.outlines.create(request(prompt=NASTY, **asked), here)


def run(*words: str, folder: Path) -> dict[str, object]:
    environment = {"PATH": os.environ["PATH"], "RUNWAY_API_KEY": "key_of_whoever_runs_it"}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_copied_curl_and_python_run_as_they_stand_and_get_a_task(
    studio: Studio, start_sandbox: StartSandbox, tmp_path: Path
) -> None:
    assert shutil.which("curl"), "This test needs curl."
    sandbox = start_sandbox(key="key_of_whoever_runs_it")
    made = copied(studio, sandbox.url)
    shell = run("/bin/sh", "-c", as_curl(made), folder=tmp_path)
    program = run(sys.executable, "-I", "-c", as_python(made), folder=tmp_path)
    assert shell["id"] and program["id"] and shell["id"] != program["id"]
    assert not (tmp_path / "pwned").exists()
    assert json.loads(as_json(made))["promptText"] == NASTY
    for text in (as_curl(made), as_python(made)):
        assert "RUNWAY_API_KEY" in text


@pytest.mark.parametrize(
    ("profile", "model"), [("openai-hk", "gen4_turbo"), ("doitong", "runway-i2v")]
)
def test_what_is_copied_is_what_goes_over_the_wire(profile: str, model: str) -> None:
    made: list[Outline] = []

    def handler(connection: Connection, _asked: Request) -> None:
        connection.send(answer(json.dumps({"id": calls.ID})))

    async def use(provider: Provider) -> None:
        wish = calls.request(model=model, ratio="16:9" if profile == "doitong" else "1280:720")
        made.append(provider.outline(wish, token=calls.TOKEN))
        await provider.submit(wish, token=calls.TOKEN)

    with RawServer(handler) as server:
        with_provider(server, use, profile=profile)
    (sent,), (outline,) = server.requests, made
    assert outline.url.endswith(sent.line.split()[1])
    assert json.loads(sent.body) == outline.body
    assert {name: sent.header(name) for name in outline.headers} == outline.headers
    assert any(KEY in value for value in outline.headers.values())


def test_a_saved_key_and_a_private_file_are_not_in_the_copy(studio: Studio) -> None:
    asset = studio.assets.add(picture(), filename="our house.jpg")
    studio.connections.add("Relay", profile="openai-hk", key="hk-canary-0123456789")
    relay = studio.connections.by_name("Relay")
    asked = request(capability="image_to_video", model="gen4_turbo", frames=(Frame(uri=asset.uri),))
    made = studio.outlines.create(asked, relay)
    text = as_curl(made) + as_python(made) + as_json(made)
    assert "canary" not in text and asset.sha256 not in text
    assert made.body["promptImage"] == "https://example.com/our%20house.jpg"
    assert made.headers["Authorization"] == "Bearer $RUNWAY_API_KEY"


def test_a_sandbox_that_does_not_run_has_no_address_to_copy(studio: Studio) -> None:
    (sandbox,) = studio.connections.all()
    with pytest.raises(NotReachedError):
        studio.outlines.create(request(), sandbox)
