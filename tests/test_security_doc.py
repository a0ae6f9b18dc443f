"""The security page is complete, and whatever it cites is there: tests, headings, figures in the code."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.house import ROOT, tree

PAGE = ROOT / "docs" / "security.md"
LEVEL_1 = re.findall(
    r"[\d.]+",
    """
1.2.1 1.2.2 1.2.3 1.2.4 1.2.5 1.3.1 1.3.2 1.5.1
2.1.1 2.2.1 2.2.2 2.3.1
3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.5.1 3.5.2 3.5.3
4.1.1 4.4.1
5.2.1 5.2.2 5.3.1 5.3.2
6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2
7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2
8.1.1 8.2.1 8.2.2 8.3.1
9.1.1 9.1.2 9.1.3 9.2.1
10.4.1 10.4.2 10.4.3 10.4.4 10.4.5
11.3.1 11.3.2 11.4.1
12.1.1 12.2.1 12.2.2
13.4.1
14.2.1 14.3.1
15.1.1 15.2.1 15.3.1
""",
)
"""OWASP ASVS 5.0.0, level 1 (github.com/OWASP/ASVS, 5.0/docs_en, the CSV; read 2026-11)."""
GROUPS = [
    "Keys",
    "Outgoing traffic",
    "People and isolation",
    "Callbacks",
    "Money",
    "Hostile replies",
    "Hostile uploads",
    "Database and files",
]
UNITS = {
    "": 1.0,
    "s": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "days": 86_400.0,
    "bytes": 1.0,
    "KiB": 1024.0,
    "MiB": 1024.0**2,
}
TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def page() -> str:
    return PAGE.read_text("utf-8")


def section(title: str, level: int = 2) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    mark = "#" * level
    (start,) = re.finditer(rf"^{mark} {re.escape(title)}$", page(), re.MULTILINE)
    rest = page()[start.end() :]
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The rows of the only table in a text, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) > 2, "no table"
    cells = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in lines]
    assert len({len(row) for row in cells}) == 1, "a row with too many or too few cells"
    return [[cell.strip() for cell in row] for row in cells[2:]]


def cited(text: str) -> list[tuple[str, str]]:
    """Each test that a text names: its file and its function."""
    return [(file, function) for file, function in TEST.findall(text)]


@cache
def functions(file: str) -> frozenset[str]:
    """The tests in a file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    defined = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = (node.name for node in ast.walk(tree(path)) if isinstance(node, defined))
    return frozenset(name for name in found if name.startswith("test_"))


@cache
def anchors(document: Path) -> frozenset[str]:
    """What links into a page may name, as GitHub makes it from its headings."""
    text = re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return frozenset(
        re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles
    )


def leads_somewhere(link: str) -> bool:
    """Whether a link inside the project names a file, and a heading in it if it names one."""
    file, _, anchor = link.partition("#")
    target = (PAGE.parent / file).resolve() if file else PAGE
    return target.is_file() and (not anchor or anchor in anchors(target))


def inner_links(text: str) -> list[str]:
    return [link for link in LINK.findall(text) if not link.startswith("https://")]


# --- what is cited ---------------------------------------------------------------------------------


def test_every_test_that_is_named_exists() -> None:
    named = cited(page())
    assert len(named) > 100
    missing = [f"{file}::{name}" for file, name in named if name and name not in functions(file)]
    missing += [file for file, name in named if not name and not functions(file)]
    assert missing == []


def test_nothing_that_looks_like_a_test_escapes_that_look() -> None:
    assert len(cited(page())) == len(re.findall(r"tests/[\w/]+\.py", page()))


def test_every_heading_that_is_linked_to_exists() -> None:
    links = inner_links(page())
    assert len(links) > 10
    assert [link for link in links if not leads_somewhere(link)] == []


def test_a_heading_and_a_test_that_are_not_there_would_be_seen() -> None:
    assert leads_somewhere("#limits") and leads_somewhere("callbacks.md#set-up")
    assert not leads_somewhere("#no-such-heading") and not leads_somewhere("callbacks.md#no-such")
    assert "test_no_such_thing" not in functions("tests/test_vault.py")
    assert functions("tests/test_nothing.py") == frozenset()


# --- the tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS)
def test_every_threat_is_met_by_a_test(group: str) -> None:
    table = rows(section(group, level=3))
    assert len(table) >= 3
    for what, whom, defence, proof in table:
        assert what and len(whom) > 3 and len(defence) > 10
        assert cited(proof), f"{what}: {whom}"


def test_the_threats_are_in_these_groups_and_no_others() -> None:
    assert re.findall(r"^### (.+)$", section("Threats"), re.MULTILINE) == GROUPS


def test_every_promise_has_a_figure_and_a_test() -> None:
    table = rows(section("Promises, with their figures"))
    assert len(table) >= 12
    for promise, figure, proof in table:
        assert re.search(r"\d", figure), promise
        assert cited(proof), promise


def test_every_requirement_of_level_1_is_there_once() -> None:
    assert len(set(LEVEL_1)) == len(LEVEL_1) == 70
    assert [row[0] for row in rows(section("OWASP ASVS 5.0, level 1"))] == [
        f"V{i}" for i in LEVEL_1
    ]


def test_every_requirement_is_met_or_says_why_not() -> None:
    for number, asked, state, where in rows(section("OWASP ASVS 5.0, level 1")):
        assert len(asked) > 10, number
        assert state in ("met", "exception", "not applicable"), number
        if state == "not applicable":
            assert len(where) > 15, number
        else:
            assert cited(where) or inner_links(where), number


def test_the_summary_counts_what_is_in_the_table() -> None:
    states = [row[2] for row in rows(section("OWASP ASVS 5.0, level 1"))]
    told = re.search(
        r"(\d+) are met, (\d+) with an\s+exception, (\d+) do not\s+apply",
        section("OWASP ASVS 5.0, level 1"),
    )
    assert told, "the summary is gone"
    counted = (states.count("met"), states.count("exception"), states.count("not applicable"))
    assert tuple(map(int, told.groups())) == counted


# --- the figures -----------------------------------------------------------------------------------


def constant(dotted: str) -> float:
    """A figure in the code: a constant, a class's default, or with ``(name)`` that of a parameter."""
    path, _, parameter = dotted.removesuffix(")").partition("(")
    module = path
    names: list[str] = []
    while True:
        try:
            found: Any = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, last = module.rpartition(".")
            assert module, f"{dotted} is nowhere"
            names.insert(0, last)
    for name in names:
        found = getattr(found, name)
    if parameter:
        found = inspect.signature(found).parameters[parameter].default
    return found.total_seconds() if isinstance(found, timedelta) else float(found)


def told(text: str) -> float:
    """A figure as the page writes it, in seconds, bytes or as it is."""
    found = re.match(r"([\d,]+(?:\.\d+)?)(?: ([A-Za-z]+))?", text)
    assert found, f"{text!r} is no figure"
    unit = found[2] if found[2] in UNITS else ""
    return float(found[1].replace(",", "")) * UNITS[unit]


def test_every_limit_is_what_the_code_holds() -> None:
    table = rows(section("Limits"))
    assert len(table) > 20
    wrong = {
        what: (figure, found)
        for what, figure, where in table
        if told(figure) != (found := constant(where.strip("`")))
    }
    assert wrong == {}


def test_a_wrong_figure_would_be_seen() -> None:
    assert told("12 characters") == 12 and told("2 h") == 7200 and told("1,024 bytes") == 1024
    assert told("15 min") == told("900 s") != told("15 s")
    assert constant("runway_core.studio.passwords.LEAST") != told("11 characters")
