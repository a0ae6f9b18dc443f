"""What is in the house: its files, its modules, and what each of them imports."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "runway_core"
PAGES = ROOT / "pages"
TESTS = ROOT / "tests"


@cache
def files() -> tuple[str, ...]:
    """Every file that is or would be committed, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return tuple(name for name in listed if name and (ROOT / name).is_file())


def product() -> list[Path]:
    """The modules that ship."""
    return [ROOT / "app.py", *sorted(PAGES.glob("*.py")), *sorted(CORE.rglob("*.py"))]


def modules() -> list[Path]:
    """Every module, tests and benchmarks included."""
    return [ROOT / name for name in files() if name.endswith(".py")]


@cache
def tree(path: Path) -> ast.Module:
    """The module's syntax tree."""
    return ast.parse(path.read_text("utf-8"), str(path))


def name(path: Path) -> str:
    """How a person names the file: its path from the root."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def packages(path: Path) -> set[str]:
    """The first parts of what a module imports."""
    return {dotted.partition(".")[0] for dotted in imports(path)}
