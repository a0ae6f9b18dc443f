"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import importlib
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import CORE, PAGES, ROOT, files, imports, modules, name, packages, product, tree

MODULE_LINES = 400
FUNCTION_LINES = 40
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}
TOP = {
    *("app.py", "pages", "runway_core", "tests", "benchmarks", "docs", "Makefile"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE"),
    *("pyproject.toml", "requirements.lock", "requirements-dev.lock"),
    *(".streamlit", ".ci", ".gitignore", ".gitattributes"),
}
# Written so that this file does not hold what it forbids.
MACHINE = re.compile(r"(?<![\w.])/(?:root|w[o]rk|ho[m]e|Us[e]rs)/[\w.]")
REGISTRY = re.compile(r"py[p]i\.org|pythonhosted\.o[r]g|npm[j]s|anacond[a]\.org|ghcr\.i[o]", re.I)
WAIVER = re.compile(r"#\s*(?:type:\s*ignore|noqa|pragma)", re.IGNORECASE)
REASONED = re.compile(
    r"#\s*(?:type:\s*ignore\[[\w, -]+\]|noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)\s*[-#–—:]+\s*\w.{5,}"
)


def test_every_rule_has_something_to_hold() -> None:
    assert len(product()) > 40
    assert len(list(PAGES.glob("*.py"))) > 3
    assert all(path.is_file() for path in product())


def test_no_module_is_longer_than_400_lines() -> None:
    long = {name(p): n for p in modules() if (n := len(p.read_text("utf-8").splitlines())) > 400}
    assert long == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{name(path)}: {node.name}: {length}"
        for path in product()
        if "versions" not in path.parts  # a migration is one list of tables
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [
        name(p) for p in modules() if VAGUE & {part.strip("_") for part in p.with_suffix("").parts}
    ] == []


def test_nothing_unexpected_lies_at_the_top() -> None:
    assert {file.partition("/")[0] for file in files()} - TOP == set()


def comments(path: Path) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def test_every_waived_rule_says_why() -> None:
    silent = [
        f"{name(path)}: {comment}"
        for path in modules()
        for comment in comments(path)
        if WAIVER.search(comment) and not REASONED.search(comment)
    ]
    assert silent == []


def test_no_work_is_left_for_later_in_the_code() -> None:
    marks = re.compile(r"#\s*(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")
    assert [f"{name(p)}: {c}" for p in modules() for c in comments(p) if marks.search(c)] == []


def documented(node: ast.Module | ast.ClassDef) -> Iterator[str]:
    """Public classes and functions of a module or class that lack a docstring."""
    for child in node.body:
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            if ast.get_docstring(child) is None:
                yield child.name
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            public = not child.name.startswith("_") and isinstance(node, ast.Module)
            if public and ast.get_docstring(child) is None:
                yield child.name


def test_every_module_and_public_thing_says_what_it_is() -> None:
    written_by_alembic = {"upgrade", "downgrade"}
    silent = [
        f"{name(path)}: {what}"
        for path in product()
        for what in [
            *([] if ast.get_docstring(tree(path)) else ["(module)"]),
            *documented(tree(path)),
        ]
        if what not in written_by_alembic
    ]
    assert silent == []


def test_only_the_pages_and_the_ui_know_streamlit() -> None:
    allowed = {ROOT / "app.py", *PAGES.glob("*.py"), *(CORE / "ui").rglob("*.py")}
    assert [name(p) for p in product() if "streamlit" in packages(p) and p not in allowed] == []


def test_only_the_store_speaks_sql() -> None:
    sql = {"sqlalchemy", "alembic", "sqlite3"}
    elsewhere = [p for p in product() if packages(p) & sql and CORE / "store" not in p.parents]
    assert [name(p) for p in elsewhere] == []


def test_only_the_http_module_opens_a_socket_outwards() -> None:
    clients = {"httpx", "requests", "urllib3", "aiohttp", "httpcore"}
    http = {CORE / "http.py", *(CORE / "http").rglob("*.py")}
    assert [name(p) for p in product() if packages(p) & clients and p not in http] == []
    assert [name(p) for p in product() if "urllib.request" in imports(p)] == []
    # The sandbox calls hooks back, at addresses of this machine alone, and may not know runway_core.http.
    assert [name(p) for p in product() if "http.client" in imports(p)] == [
        "runway_core/sandbox/hooks.py"
    ]


def tls_switches(path: Path) -> Iterator[str]:
    switches = {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context"}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.keyword) and node.arg in ("verify", "check_hostname"):
            if isinstance(node.value, ast.Constant) and node.value.value in (False, None):
                yield f"{node.arg}={node.value.value}"
        elif isinstance(node, ast.Attribute):
            written = isinstance(node.ctx, ast.Store)
            if node.attr in switches or (written and node.attr == "check_hostname"):
                yield node.attr


def test_certificates_are_always_checked() -> None:
    assert [f"{name(p)}: {what}" for p in product() for what in tls_switches(p)] == []


def text_of(file: str) -> str:
    try:
        return (ROOT / file).read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_file_names_a_registry_or_a_folder_of_one_machine() -> None:
    found = [
        f"{file}: {hit.group()}"
        for file in files()
        for pattern in (REGISTRY, MACHINE)
        if (hit := pattern.search(text_of(file)))
    ]
    assert found == []
    assert "uv.lock" not in files()


def calls(path: Path) -> Iterator[str]:
    """The names that a page calls while it runs, in order; not those inside functions it defines."""
    for statement in tree(path).body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        found = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
        for call in sorted(found, key=lambda c: (c.lineno, c.col_offset)):
            yield ast.unparse(call.func).rpartition(".")[2]


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.py")), ids=lambda page: page.stem)
def test_a_page_asks_who_is_there_before_anything_else(page: Path) -> None:
    assert next(calls(page), None) == "require_user"


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.py")), ids=lambda page: page.stem)
def test_a_page_is_registered(page: Path) -> None:
    assert "runway_core.ui.places" in set(imports(CORE / "ui" / "main.py"))
    texts = {n.value for n in ast.walk(tree(CORE / "ui/places.py")) if isinstance(n, ast.Constant)}
    assert page.name in texts


def provider_classes() -> Iterator[type]:
    base = importlib.import_module("runway_core.providers")
    for path in sorted((CORE / "providers").glob("*.py")):
        if not path.stem.startswith("_"):
            module = importlib.import_module(f"{base.__name__}.{path.stem}")
            own = (v for v in vars(module).values() if isinstance(v, type))
            yield from (v for v in own if v.__module__ == module.__name__)


def test_every_provider_is_in_the_registry_and_knows_its_whole_interface() -> None:
    registry = importlib.import_module("runway_core.providers").PROVIDERS
    registered = {
        value if isinstance(value, type) else getattr(value, "__func__", value)
        for value in registry.values()
    }
    verbs = ("submit", "retrieve", "cancel")
    speaking = [
        cls
        for cls in provider_classes()
        if all(hasattr(cls, verb) for verb in verbs)
        and not getattr(cls, "_is_protocol", False)
        and not getattr(cls, "__abstractmethods__", None)
    ]
    assert speaking, "no provider found"
    assert [cls.__name__ for cls in speaking if cls not in registered] == []


WITHOUT_IMPORT = {"python-multipart"}  # Streamlit imports it; we only raise its floor
MODULE_OF = {"graphql-core": "graphql", "pillow": "PIL", "python-multipart": "multipart"}
MODULE_OF |= {"pyyaml": "yaml"}


def test_every_package_that_is_imported_is_asked_for_by_name_and_the_reverse() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    asked = {re.split(r"[^a-z0-9-]", line)[0] for line in [*project["dependencies"], *extras]}
    used = set().union(*map(packages, product()))
    foreign = used - set(sys.stdlib_module_names) - {"runway_core", "pages"}
    by_module = {MODULE_OF.get(package, package): package for package in asked}
    assert sorted(foreign - by_module.keys()) == []
    unused = {by_module[module] for module in by_module.keys() - used}
    assert sorted(unused - WITHOUT_IMPORT) == []


def test_scripts_and_workers_load_neither_the_ui_nor_what_renders() -> None:
    script = (
        "import sys, runway_core.studio, runway_core.engine\n"
        "print(*sorted({'streamlit', 'av', 'PIL', 'pandas', 'numpy'} & sys.modules.keys()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stdout.strip()) == (0, ""), ran.stderr
