"""What the documents say is there, is there."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from runway_core.cli import app
from tests.house import CORE, ROOT

DOCUMENTS = [
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *(
        "docs/architecture.md",
        "docs/batches.md",
        "docs/budgets.md",
        "docs/callbacks.md",
        "docs/cluster.md",
        "docs/compare.md",
        "docs/create.md",
        "docs/faults.md",
        "docs/history.md",
        "docs/inspector.md",
        "docs/people.md",
        "docs/pricing.md",
        "docs/sandbox.md",
        "docs/security.md",
        "docs/spending.md",
        "docs/team.md",
    ),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def text_of(document: str) -> str:
    return (ROOT / document).read_text("utf-8")


def code(document: str) -> Iterator[str]:
    """Each line of a code block and each piece of code in a sentence."""
    text = text_of(document)
    blocks = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
    for block in blocks.findall(text):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", blocks.sub("", text))


def table(document: str, heading: str) -> dict[str, str]:
    """The first two columns of the table under a heading."""
    section = text_of(document).split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\|\s*(.+?)\s*\|\s*(.+?)\s*\|", section, re.MULTILINE)
    return {left.strip("`"): right for left, right in rows[2:]}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))


def test_every_make_command_in_the_documents_exists() -> None:
    named = {
        (document, found)
        for document in DOCUMENTS
        for line in code(document)
        for found in re.findall(r"^make ([a-z-]+)", line)
    }
    assert len(named) > 6
    assert {(document, name) for document, name in named if name not in targets()} == set()


def test_every_make_target_for_people_is_explained() -> None:
    explained = set(re.findall(r"^([a-z]+):.*## \S", text_of("Makefile"), re.MULTILINE))
    assert explained == {
        "help",
        "run",
        "test",
        "lint",
        "fix",
        "check",
        "bench",
        "lock",
        "drift",
        "screenshots",
        "words",
        "suite",
    }
    documented = {line.removeprefix("make ").split()[0] for line in code("CONTRIBUTING.md")}
    assert explained - {"help"} <= documented


def commands() -> list[tuple[str, str]]:
    return [
        (document, line)
        for document in DOCUMENTS
        for line in code(document)
        if re.match(r"(\S*python\S* )?-m runway_core\s", line)
    ]


def test_the_documents_show_every_command_of_the_command_line() -> None:
    shown = {line.split("runway_core", 1)[1].split()[0] for _, line in commands()}
    group: Any = typer.main.get_command(app)
    assert shown == set(group.commands)


@pytest.mark.parametrize(("document", "line"), commands(), ids=lambda part: part[:60])
def test_a_command_in_the_documents_is_understood(document: str, line: str) -> None:
    words = shlex.split(line.split("runway_core", 1)[1])
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands"):
        assert words, f"{document}: half a command: {line}"
        assert words[0] in command.commands, f"{document}: no such command: {line}"
        command, words = command.commands[words[0]], words[1:]
    context = command.make_context(command.name, words)  # raises for what it does not know
    assert context.args == []


def test_every_link_inside_the_project_leads_somewhere() -> None:
    dead = [
        f"{document}: {link}"
        for document in DOCUMENTS
        for link in re.findall(r"\]\(([^)\s]+)\)", text_of(document))
        if not link.startswith(("https://", "#"))
        and not ((ROOT / document).parent / link.partition("#")[0]).is_file()
    ]
    assert dead == []


def test_every_folder_and_file_that_is_named_exists() -> None:
    named = {
        (document, piece)
        for document in DOCUMENTS
        for piece in code(document)
        if re.fullmatch(r"(?:pages|runway_core|tests|docs|\.ci)/[\w./]*", piece)
    }
    assert len(named) > 4
    assert {(document, piece) for document, piece in named if not (ROOT / piece).exists()} == set()


def test_the_layers_on_the_page_are_the_ones_that_are_held() -> None:
    (block,) = re.findall(r"^```layers\n(.*?)^```", text_of("docs/architecture.md"), re.M | re.S)
    (contract,) = [c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    assert block.splitlines() == contract["layers"]
    assert contract["exhaustive"] is True


def test_every_module_has_its_place_in_the_layers() -> None:
    (contract,) = [c for c in PROJECT["tool"]["importlinter"]["contracts"] if c["type"] == "layers"]
    placed = {name.strip(" ()") for line in contract["layers"] for name in line.split("|")}
    found = {p.stem for p in CORE.iterdir() if p.suffix == ".py" or (p / "__init__.py").is_file()}
    assert found - {"__init__"} - placed == set()
    absent = {n.strip() for line in contract["layers"] for n in line.split("|") if "(" in n}
    assert {f"({n})" for n in placed - found} == absent


def test_every_dependency_earns_its_place_on_the_page() -> None:
    asked = [*PROJECT["project"]["dependencies"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        asked += extra
    for group in PROJECT["dependency-groups"].values():
        asked += group
    packages = {re.split(r"[^a-z0-9-]", line)[0] for line in asked}
    reasons = table("docs/architecture.md", "Dependencies")
    assert reasons.keys() == packages
    assert [package for package, why in reasons.items() if len(why) < 15] == []


def test_every_variable_that_is_read_is_in_the_readme() -> None:
    read = set(re.findall(r"\.get\(\s*\"([A-Z][A-Z_]+)\"", text_of("runway_core/settings.py")))
    assert len(read) >= 3
    documented = table("README.md", "Environment").keys()
    assert read - documented == set()
    assert {name for name in documented if name.startswith("RUNWAY_")} == read


def test_no_other_module_reads_a_variable_of_ours() -> None:
    elsewhere = [
        path.relative_to(ROOT).as_posix()
        for path in CORE.rglob("*.py")
        if path.name != "settings.py"
        and re.search(r"(?:environ|getenv)\W+(?:get\W+)?\"RUNWAY_", path.read_text("utf-8"))
    ]
    assert elsewhere == []


def test_the_changelog_has_a_place_for_what_comes() -> None:
    headings = re.findall(r"^## (.+)$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert PROJECT["project"]["readme"] == "README.md"
