"""The sandbox's guide names what there is, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx

from runway_core.sandbox.doitong.shapes import SHAPES
from runway_core.sandbox.faults import FAULTS
from runway_core.sandbox.hooks import PAUSES, SECRET
from runway_core.sandbox.relays import FAMILIES
from runway_core.sandbox.script import script
from tests.house import ROOT
from tests.sandbox.conftest import Sandbox

GUIDE = (ROOT / "docs" / "sandbox.md").read_text("utf-8")


def first_column(heading: str) -> list[str]:
    section = GUIDE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `(.+?)` \|", section, re.MULTILINE)


def test_every_root_is_in_the_guide() -> None:
    prefixes = {shape.prefix for shape in SHAPES} | {family.prefix for family in FAMILIES}
    roots = first_column("Roots")
    assert len(roots) == len(set(roots))
    assert set(roots) == (prefixes - {""}) | {"/", "/runwayml"}


def test_every_word_is_in_the_guide() -> None:
    plain = script("x: a cat", duration=5, seed=1)
    words = first_column("Words that make things happen")
    script_words = {w for w in words if script(f"{w} a cat", duration=5, seed=1) != plain}
    assert script_words == {"fail:", "moderate:", "throttle:", "slow:"}
    assert set(words) - script_words == {f"{word}:" for word in FAULTS} | {"partial:"}


def test_the_guide_tells_how_calls_are_made() -> None:
    assert f"`{SECRET}`" in GUIDE
    assert len(PAUSES) + 1 == 4
    assert "four times at most" in GUIDE


def test_the_own_paths_in_the_guide_take_creates(sandbox: Sandbox) -> None:
    for family in FAMILIES:
        if family.create_path:
            (row,) = re.findall(rf"^\| `{family.prefix}` .*", GUIDE, re.MULTILINE)
            assert f"`{family.create_path}`" in row or "the same" in row
            answer = httpx.post(sandbox.url + family.prefix + family.create_path, json={})
            assert answer.status_code == 401


def test_a_start_of_the_sandbox_loads_neither_graphql_nor_what_renders(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\nfrom runway_core.sandbox import create_app\n"
        "create_app(folder=pathlib.Path(sys.argv[1]))\n"
        "print(*sorted({'graphql', 'av', 'PIL', 'streamlit', 'httpx'} & sys.modules.keys()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, ""), ran.stderr
