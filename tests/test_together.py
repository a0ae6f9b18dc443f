"""The tests of one file run in one process, whatever the runner's version makes of that wish."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.house import ROOT

TOLD = """
import os
import pathlib
import pytest

@pytest.mark.parametrize("at", range(6))
def test_of_this_file(at):
    with pathlib.Path(__file__).with_suffix(".txt").open("a") as file:
        print(os.environ["PYTEST_XDIST_WORKER"], file=file)
"""


def test_a_file_stays_in_one_process_and_at_most_two_run_browsers(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_xdist_make_scheduler")
    browsers = sorted(path.name for path in (ROOT / "tests" / "browser").glob("test_*.py"))[:6]
    assert len(browsers) == 6
    files = [*(f"browser/{file}" for file in browsers), "test_one.py", "test_other.py"]
    (tmp_path / "tests" / "browser").mkdir(parents=True)
    for file in files:
        (tmp_path / "tests" / file).write_text(TOLD)
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir=.", "-n4", "-q", "tests"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = {
        file: (tmp_path / "tests" / file).with_suffix(".txt").read_text().split() for file in files
    }
    assert [file for file, where in told.items() if len(where) != 6 or len(set(where)) > 1] == []
    assert len({told[file][0] for file in files if "browser" in file}) <= 2
