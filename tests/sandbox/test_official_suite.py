"""The tests of Runway's own client, which nobody here wrote, pass on the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.sandbox.conftest import StartSandbox

SUITE = Path(sys.prefix) / "runwayml-suite"
FILES = (
    "image_to_video",
    "text_to_video",
    "video_to_video",
    "character_performance",
    "text_to_image",
    "tasks",
)
FEWEST = 600
"""Tests that must at least have run: 35 models and endpoints of 20 tests each, less some."""


@pytest.mark.timeout(180)
def test_the_clients_own_tests_pass(
    start_sandbox: StartSandbox, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    assert SUITE.is_dir(), (
        "The tests of Runway's own client are missing: `make suite` fetches them."
    )
    assert f"Version: {version('runwayml')}\n" in (SUITE / "PKG-INFO").read_text()
    # So slow that nothing is rendered meanwhile: their tests make tasks and ask for no result.
    sandbox = start_sandbox(speed=0.01)
    results, left_out = tmp_path / "results.xml", tmp_path / "deselected.json"
    environment = os.environ | {
        "TEST_API_BASE_URL": sandbox.url,
        "SANDBOX_FOLDER": str(sandbox.folder),
        "DESELECTED_FILE": str(left_out),
        "PYTHONPATH": str(Path(__file__).parent),
    }
    begun = time.monotonic()
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--tb=short", f"--junitxml={results}"),
            *("-c", "pyproject.toml", "-o", "addopts=", "-p", "official_suite_plugin"),
            *("-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:timeout", "-p", "no:logging"),
            *(f"tests/api_resources/test_{name}.py" for name in FILES),
        ],
        cwd=SUITE,
        env={key: value for key, value in environment.items() if not key.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    taken = time.monotonic() - begun
    deselected = Counter(json.loads(left_out.read_text()).values())
    suite = ElementTree.parse(results).getroot()[0]
    counts = {
        name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")
    }
    passed = counts["tests"] - counts["failures"] - counts["errors"] - counts["skipped"]
    record_property("client's own tests passed", passed)
    record_property("client's own tests failed", counts["failures"] + counts["errors"])
    for reason, number in deselected.items():
        record_property(f"client's own tests left out: model {reason}", number)
    record_property("client's own tests, seconds", round(taken, 1))
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    assert counts["skipped"] == 0
    assert passed >= FEWEST
    assert not list((sandbox.folder / "outputs").iterdir())
