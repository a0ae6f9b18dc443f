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
    "runway_core/ui/browser.py: markup",
    "runway_core/ui/browser.py: script",
}
"""Not escaped: what callers write out, a code of letters, digits, ``-`` and ``_``, and markup that is held
to this rule where it is made."""
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
                        and not harmless(part.value, function, module)
                    )


def _is_html(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and bool(HTML.search(str(part.value)))


def harmless(value: ast.expr, function: ast.FunctionDef, module: ast.Module) -> bool:
    """Whether a value can hold no markup of others: written here, escaped, a hash, or made of such."""
    if isinstance(value, ast.Attribute):
        return value.attr == "sha256"
    if isinstance(value, ast.Name) and value.id.strip("_").isupper():
        return True
    if isinstance(value, ast.Call) and called(value) == "escape":
        return True
    if isinstance(value, ast.Call) and (made := list(returned(called(value), module))):
        return all(harmless(one, maker, module) for one, maker in made)
    parts = pieces(value, function)
    return parts is not None and all(harmless(part, function, module) for part in parts)


def pieces(value: ast.expr, function: ast.FunctionDef) -> list[ast.expr] | None:
    """What a value is made of, none for what is written out; `None` for what the rule can't tell."""
    match value:
        case ast.Constant():
            return []
        case ast.IfExp():
            return [value.body, value.orelse]
        case ast.BoolOp():
            return value.values
        case ast.BinOp(op=ast.Add()):
            return [value.left, value.right]
        case ast.JoinedStr():
            return [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
        case ast.GeneratorExp():
            return [value.elt]
        case ast.Call():
            return value.args
        case ast.Name():
            return list(assigned(value.id, function)) or None
    return None


def returned(wanted: str, module: ast.Module) -> Iterator[tuple[ast.expr, ast.FunctionDef]]:
    """Every value that a function of the module gives back, if it makes markup."""
    for function in module.body:
        if isinstance(function, ast.FunctionDef) and function.name == wanted:
            inside = list(ast.walk(function))
            if any(isinstance(t, ast.JoinedStr) and any(map(_is_html, t.values)) for t in inside):
                given = (one.value for one in inside if isinstance(one, ast.Return))
                yield from ((one, function) for one in given if one is not None)


def assigned(wanted: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Every value that a function gives a name of its own."""
    for node in ast.walk(function):
        if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == wanted:
            yield node.value
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


def test_markup_that_is_drawn_with_a_script_is_escaped_where_it_is_made() -> None:
    drawn = [
        (call, function, tree(path))
        for path in product()
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and called(call) == "with_script"
    ]
    assert drawn
    for call, function, module in drawn:
        markup, script = call.args
        assert harmless(markup, function, module), ast.unparse(call)
        assert constant(script) or (isinstance(script, ast.Name) and script.id.isupper())


@pytest.mark.parametrize(
    ("line", "fine"),
    [
        ("st.html(f'<b>{task.prompt}</b>')", False),
        ("about = task.prompt; st.html(f'<b>{about}</b>')", False),
        ("st.html(f'<b>{escape(task.prompt)}</b>')", True),
        ("about = escape(task.prompt); st.html(f'<b>{about}</b>')", True),
        ("about = ''; about += task.prompt; st.html(f'<b>{about}</b>')", False),
        ("st.html(f'<b>{task.prompt or NONE}</b>')", False),
        ("st.html(f'<b>{escape(task.prompt) or NONE}</b>')", True),
        ("st.html('<b>' + f'<i>{task.prompt}</i>')", False),
        ("st.html(f'<b>{\"\".join(tag for tag in task.tags)}</b>')", False),
        ("st.html(f'<b>{\"\".join(escape(tag) for tag in task.tags)}</b>')", True),
        (
            "st.html(f'<b>{made(task)}</b>')\n\ndef made(task):\n    return f'<i>' + task.prompt",
            False,
        ),
        (
            "st.html(f'<b>{made(task)}</b>')\n\ndef made(task):\n    return f'<i>{escape(task.prompt)}</i>'",
            True,
        ),
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
