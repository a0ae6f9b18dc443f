"""What reaches every browser: markup that is escaped, nothing from elsewhere, and no cache that mixes people."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import streamlit

from runway_core.web import auth, health, media, notices, webhooks
from tests.house import CORE, ROOT, name, product, tree
from tests.test_bans import called, constant, nodes

CACHED = {
    "runway_core/ui/data_folder.py: _total": "bytes of a folder",
    "runway_core/ui/status.py: _changed_at": "when the program was installed",
}
"""What all sessions of the process share. Nothing in it belongs to a person."""


def test_nothing_of_a_person_is_in_a_cache_that_all_share() -> None:
    found = {}
    for path in product():
        for node in ast.walk(tree(path)):
            marks = getattr(node, "decorator_list", [])
            for mark in map(ast.unparse, marks):
                if re.match(r"(st\.|streamlit\.)?cache_(data|resource)\b", mark):
                    found[f"{name(path)}: {getattr(node, 'name', '')}"] = mark
    assert found.keys() == CACHED.keys()
    assert [mark for mark in found.values() if "persist" in mark] == []


# --- markup of ours ------------------------------------------------------------------------------


PLAIN = {
    "runway_core/ui/browser.py: path",
    "runway_core/ui/browser.py: code",
    "runway_core/ui/browser.py: to",
}
"""Not escaped: two that callers write out, and a code of letters, digits, ``-`` and ``_``."""
HTML = re.compile(r"<[a-z]+[ >]")


def unchecked(module: ast.Module) -> Iterator[str]:
    """What is put into markup without being escaped."""
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef):
            for text in ast.walk(function):
                if isinstance(text, ast.JoinedStr) and any(map(_is_html, text.values)):
                    yield from (
                        ast.unparse(part.value)
                        for part in text.values
                        if isinstance(part, ast.FormattedValue)
                        and not harmless(part.value, function)
                    )


def _is_html(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and bool(HTML.search(str(part.value)))


def harmless(value: ast.expr, function: ast.FunctionDef) -> bool:
    """Whether a value can hold no markup of others: written here, escaped, or a hash."""
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.IfExp):
        return harmless(value.body, function) and harmless(value.orelse, function)
    if isinstance(value, ast.JoinedStr):
        parts = [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
        return all(harmless(part, function) for part in parts)
    if isinstance(value, ast.Attribute):
        return value.attr == "sha256"
    if isinstance(value, ast.Call):
        return called(value) == "escape" or all(harmless(one, function) for one in value.args)
    if isinstance(value, ast.Name):
        given = list(assigned(value.id, function))
        return value.id.strip("_").isupper() or (
            bool(given) and all(harmless(one, function) for one in given)
        )
    return False


def assigned(wanted: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Every value that a function gives a name of its own."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                pairs = zip(names, values, strict=False)
                yield from (v for n, v in pairs if isinstance(n, ast.Name) and n.id == wanted)


def test_whatever_is_put_into_markup_is_escaped() -> None:
    pages = [*sorted((CORE / "ui").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py"))]
    written = [path for path in pages if "st.html(" in path.read_text("utf-8")]
    assert written, "no markup found: the rule holds nothing"
    found = {f"{name(path)}: {what}" for path in pages for what in unchecked(tree(path))}
    assert found == PLAIN


def test_what_is_not_escaped_is_written_out_by_whoever_calls() -> None:
    found = [node for path in product() for node in nodes(tree(path)) if called(node) == "post"]
    assert found
    for call in found:
        assert isinstance(call, ast.Call)
        told = [*call.args, *(one.value for one in call.keywords if one.arg != "code")]
        assert all(map(constant, told)), ast.unparse(call)


@pytest.mark.parametrize(
    ("line", "fine"),
    [
        ("st.html(f'<b>{task.prompt}</b>')", False),
        ("about = task.prompt; st.html(f'<b>{about}</b>')", False),
        ("st.html(f'<b>{escape(task.prompt)}</b>')", True),
        ("about = escape(task.prompt); st.html(f'<b>{about}</b>')", True),
    ],
)
def test_markup_that_is_not_escaped_would_be_seen(line: str, fine: bool) -> None:
    module = ast.parse(f"def draw(task):\n    {line}")
    assert (list(unchecked(module)) == []) is fine


# --- what browsers are sent ----------------------------------------------------------------------


class Addresses(HTMLParser):
    """Everything that a document has a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            wanted = ("src", "href", "action", "poster", "data", "srcset")
            self.found += [value or "" for key, value in attrs if key in wanted]


def test_the_page_itself_names_no_other_host() -> None:
    page = Addresses()
    page.feed((Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8"))
    assert len(page.found) > 5
    assert [address for address in page.found if not address.startswith("./")] == []


def test_our_own_markup_and_scripts_fetch_nothing_from_elsewhere() -> None:
    fetching = re.compile(
        r"(src|href|poster|action)\s*=\s*\\?[\"']?https?:|url\(\s*[\"']?https?:|@import|fetch\(\s*[\"'`]https?:"
    )
    files = [*product(), *CORE.rglob("*.js"), *CORE.rglob("*.css"), *CORE.rglob("*.html")]
    found = {name(path): fetching.search(path.read_text("utf-8")) for path in files}
    assert [file for file, hit in found.items() if hit] == []


def test_tables_are_not_offered_to_spreadsheets() -> None:
    drawn = [
        f"{name(path)}: {called(node)}"
        for path in product()
        for node in ast.walk(tree(path))
        if called(node) in ("st.dataframe", "st.data_editor")
    ]
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))
    assert drawn == [] or config["client"].get("disableDataExport") is True


def test_only_a_post_changes_anything() -> None:
    routes = [
        *auth.ROUTES,
        *webhooks.ROUTES,
        *media.ROUTES,
        *health.ROUTES,
        *notices.ROUTES,
    ]
    posts = {route.path for route in routes if "POST" in (route.methods or ())}
    assert posts == {"/auth/complete", "/auth/sign-out", "/webhooks/{profile}/{token}"}
    read = [route for route in routes if route.path not in posts]
    assert [route.path for route in read if route.methods != {"GET", "HEAD"}] == []
    assert [
        route.path for route in routes if route.path in posts and route.methods != {"POST"}
    ] == []
