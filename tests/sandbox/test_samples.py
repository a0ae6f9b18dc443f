"""Every published sample runs against the sandbox with nothing but its host changed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import Sandbox, wait_until
from tests.sandbox.samples import (
    DOCUMENT,
    DOCUMENT_IMAGE,
    DOCUMENT_TEXT,
    HOST,
    RELAY_CREATE,
    RELAY_LOOK,
    SAMPLES,
    Sample,
)

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
RUNNERS = {
    "sh": ("sh", "-s"),
    "js": ("node", "--input-type=module"),
    "py": (sys.executable, "-"),
}
KEY = {"Authorization": "Bearer YOUR_API_KEY"}


def run(language: str, code: str, sandbox: Sandbox) -> str:
    """Run a sample as somebody who pasted it, and return what it printed."""
    program, *arguments = RUNNERS[language]
    found = shutil.which(program)
    assert found, f"{program} is not installed: a part of this test could not run"
    ran = subprocess.run(
        [found, *arguments],
        input=code.replace(HOST, sandbox.url),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def tasks(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (sandbox.folder / "tasks").glob("*.json")]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_doitong_sample_makes_the_job_that_it_shows(sandbox: Sandbox, sample: Sample) -> None:
    printed = run(sample.language, sample.code, sandbox)
    (task,) = tasks(sandbox)
    assert task["capability"] == sample.capability
    assert task["duration"] == 5
    assert re.findall(UUID, printed) == [task["id"]]
    assert "processing" in printed or "queued" in printed  # on a busy machine it has not begun yet
    if sample.language == "sh":
        job = json.loads(printed)["data"][sample.field]
        assert job["status"] in ("processing", "queued")
        assert (job["url"], job["type"]) == (None, "VIDEO")


@pytest.mark.parametrize(
    ("variables", "cost"), [(DOCUMENT_TEXT, 300), (DOCUMENT_IMAGE, 10)], ids=["text", "image"]
)
def test_a_graphql_sample_makes_a_job_and_tells_when(
    sandbox: Sandbox, variables: str, cost: int
) -> None:
    body = {"query": DOCUMENT, "variables": json.loads(variables)}
    job = httpx.post(f"{sandbox.url}/graphql", json=body, headers=KEY).json()["data"]["generate"]
    assert job["creditCost"] == cost
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", job["createdAt"])


def test_the_relay_samples_make_a_task_and_look_at_it_until_it_is_done(sandbox: Sandbox) -> None:
    created = json.loads(run("sh", RELAY_CREATE, sandbox))
    assert list(created) == ["id"]
    look = RELAY_LOOK.replace("@ID@", created["id"])
    relay = {"Authorization": "Bearer hk-your-key"}
    url = f"{sandbox.url}/runwayml/v1/tasks/{created['id']}"
    wait_until(lambda: httpx.get(url, headers=relay).json()["status"] == "SUCCEEDED")
    done = json.loads(run("sh", look, sandbox))
    assert done["status"] == "SUCCEEDED"
    assert set(done) == {"id", "output", "status", "createdAt"}
    (link,) = done["output"]
    assert httpx.get(link).headers["content-type"] == "video/mp4"


def test_the_relay_look_sample_shows_a_moderated_task(sandbox: Sandbox) -> None:
    created = json.loads(run("sh", RELAY_CREATE.replace('"wave"', '"moderate: wave"'), sandbox))
    look = RELAY_LOOK.replace("@ID@", created["id"])

    def failed() -> dict[str, Any] | None:
        task = json.loads(run("sh", look, sandbox))
        return task if task["status"] == "FAILED" else None

    task = wait_until(failed)
    assert task["failure"] == "Text prompt did not pass moderation"
    assert task["failureCode"] == "INPUT_PREPROCESSING.SAFETY.TEXT"
