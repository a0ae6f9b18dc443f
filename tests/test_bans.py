"""What the shipped code may never do, found in its syntax trees; each rule is tried on a sample that breaks it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.house import CORE, name, product, tree

Rule = Callable[[ast.AST], str]
"""What a node does that it may not; empty when it is fine."""


def called(node: ast.AST) -> str:
    """The dotted name of what a node calls; empty when it calls nothing."""
    return dotted(node.func) if isinstance(node, ast.Call) else ""


@cache
def dotted(value: ast.expr) -> str:
    """A name with its dots; what comes before them may be anything."""
    if isinstance(value, ast.Attribute):
        return f"{dotted(value.value)}.{value.attr}"
    return value.id if isinstance(value, ast.Name) else "…"


def imported(node: ast.AST) -> list[str]:
    """The dotted names that one statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def keyword(node: ast.AST, wanted: str) -> ast.expr | None:
    """What a call gives for a keyword."""
    found = node.keywords if isinstance(node, ast.Call) else []
    return next((one.value for one in found if one.arg == wanted), None)


def truthy(value: ast.expr | None) -> bool:
    """Whether this may be true: all but absent and a plain False."""
    return value is not None and not (isinstance(value, ast.Constant) and not value.value)


def text_that_runs(node: ast.AST) -> str:
    return called(node) if called(node) in ("eval", "exec", "compile", "__import__") else ""


def shell(node: ast.AST) -> str:
    by_text = called(node) in ("os.system", "os.popen", "subprocess.getoutput")
    return called(node) if by_text or truthy(keyword(node, "shell")) else ""


def other_program(node: ast.AST) -> str:
    """Starting a program at all: only our own interpreter, with no word of anybody else's."""
    starts = re.compile(r"subprocess(\.\w+)?|os\.(exec|spawn|posix_spawn|fork)\w*|pty(\.\w+)?")
    return next((what for what in [*imported(node), called(node)] if starts.fullmatch(what)), "")


def foreign_objects(node: ast.AST) -> str:
    """Reading bytes that may make any object: pickles, and YAML in its unsafe forms."""
    modules = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "jsonpickle"}
    if found := [one for one in imported(node) if one.partition(".")[0] in modules]:
        return found[0]
    unsafe = re.fullmatch(
        r"yaml\.(unsafe_|full_)?load(_all)?|yaml\.(Unsafe|Full)?Loader", called(node)
    )
    return called(node) if unsafe else ""


def xml(node: ast.AST) -> str:
    readers = {"xml", "lxml", "defusedxml", "xmlrpc", "xmltodict", "bs4"}
    return next((one for one in imported(node) if one.partition(".")[0] in readers), "")


def weak_hash(node: ast.AST) -> str:
    weak = re.compile(
        r"hashlib\.(md5|sha1|new)|(hashes\.)?(MD5|SHA1)|hmac\.new\(.*(md5|sha1).*\)", re.I
    )
    found = ast.unparse(node) if called(node) == "hmac.new" else called(node)
    return found if weak.fullmatch(found) else ""


def weak_cipher(node: ast.AST) -> str:
    """Of what ``cryptography`` offers only these are used: AES-GCM, HKDF with SHA-256, and their error."""
    fine = re.compile(
        r"cryptography\.(exceptions|hazmat\.primitives\.(ciphers\.aead|hashes|kdf\.hkdf))(\.\w+)?"
    )
    used = [
        one for one in imported(node) if one.partition(".")[0] in ("cryptography", "Crypto", "ssl")
    ]
    return next((one for one in used if one != "ssl" and not fine.fullmatch(one)), "")


def markup(node: ast.AST) -> str:
    """Having the browser take a text as markup unchecked, or run a script in it."""
    switches = ("unsafe_allow_html", "unsafe_allow_javascript")
    return next((switch for switch in switches if truthy(keyword(node, switch))), "")


def foreign_component(node: ast.AST) -> str:
    """Code of others in the browser, and frames of our own."""
    found = re.compile(
        r"(st\.|streamlit\.)components(\..*)?|extra_streamlit_components.*|st\.iframe"
    )
    return next((what for what in [*imported(node), called(node)] if found.fullmatch(what)), "")


def debugging(node: ast.AST) -> str:
    return "debug=True" if truthy(keyword(node, "debug")) else ""


def other_origins(node: ast.AST) -> str:
    """Letting pages of others read our answers."""
    if isinstance(node, ast.Constant) and str(node.value).lower() == "access-control-allow-origin":
        return str(node.value)
    return next((one for one in imported(node) if one.endswith("CORSMiddleware")), "")


def cookie(node: ast.AST) -> str:
    return called(node) if called(node).endswith(".set_cookie") else ""


def guessable(node: ast.AST) -> str:
    return "random" if "random" in imported(node) else ""


def table_export(node: ast.AST) -> str:
    """Spreadsheets run what begins with ``=``; nothing here writes a file for one."""
    modules = [
        one for one in imported(node) if one.partition(".")[0] in ("csv", "pandas", "openpyxl")
    ]
    return next(iter(modules), called(node) if called(node).endswith(".to_csv") else "")


def shown_password(node: ast.AST) -> str:
    """A secret that is sent to the browser: a masked field with a value, or a secret that isn't masked."""
    if not called(node).endswith(".text_input"):
        return ""
    masked = ast.unparse(keyword(node, "type") or ast.Constant("")) == "'password'"
    if masked:
        return "a value" if keyword(node, "value") is not None else ""
    label = node.args[0] if isinstance(node, ast.Call) and node.args else None
    words = str(label.value).lower() if isinstance(label, ast.Constant) else ""
    return words if re.search(r"password|\bkey\b|secret", words) else ""


def refused_paste(node: ast.AST) -> str:
    """A masked field that keeps password managers out."""
    masked = ast.unparse(keyword(node, "type") or ast.Constant("")) == "'password'"
    off = ast.unparse(keyword(node, "autocomplete") or ast.Constant("")) in ("'off'", "''")
    return "autocomplete" if masked and off and keyword(node, "autocomplete") else ""


def built_sql(node: ast.AST) -> str:
    """SQL that is put together from values instead of being told them apart."""
    if not isinstance(node, ast.Call) or not node.args:
        return ""
    owner, _, verb = called(node).rpartition(".")
    of_sqlalchemy = owner in ("", "sa", "sqlalchemy") and verb in ("text", "literal_column")
    if of_sqlalchemy or verb in ("exec_driver_sql", "executescript"):
        return "" if constant(node.args[0]) else ast.unparse(node.args[0])
    if verb in ("execute", "executemany", "scalar", "scalars"):
        return ast.unparse(node.args[0]) if pieced(node.args[0]) else ""
    return ""


def constant(value: ast.expr) -> bool:
    """Whether a text is written here as a whole, or chosen between two that are."""
    if isinstance(value, ast.IfExp):
        return constant(value.body) and constant(value.orelse)
    if isinstance(value, ast.JoinedStr):
        return all(constant(part) for part in value.values)
    if isinstance(value, ast.FormattedValue):
        return constant(value.value)
    return isinstance(value, ast.Constant)


def pieced(value: ast.expr) -> bool:
    """Whether a text is put together of what is not written here."""
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.Add | ast.Mod) and any(
            isinstance(side, ast.Constant) and isinstance(side.value, str)
            for side in (value.left, value.right)
        )
    formatted = isinstance(value, ast.Call) and called(value).endswith(".format")
    return formatted or (isinstance(value, ast.JoinedStr) and not constant(value))


VERSIONS = "runway_core/store/migrations/versions"
RULES: dict[str, tuple[Rule, str, dict[str, str]]] = {
    "runs text as code": (text_that_runs, "eval(words)", {}),
    "asks a shell": (shell, "subprocess.run(words, shell=True)", {}),
    "starts a program": (
        other_program,
        "import subprocess",
        {
            "runway_core/images/decoders.py": "the server that decodes foreign files",
            "runway_core/images/server.py": "a process of its own for each of them",
        },
    ),
    "makes objects of foreign bytes": (foreign_objects, "yaml.load(text)", {}),
    "reads XML": (xml, "from xml.etree import ElementTree", {}),
    "uses a weak hash": (weak_hash, "hashlib.md5(data)", {}),
    "uses another cipher": (
        weak_cipher,
        "from cryptography.hazmat.primitives.ciphers import modes",
        {},
    ),
    "hands markup on": (
        markup,
        "st.markdown(text, unsafe_allow_html=True)",
        {"runway_core/ui/browser.py": "one element that loads the one script of ours"},
    ),
    "brings code of others to the browser": (
        foreign_component,
        "import streamlit.components.v1",
        {},
    ),
    "shows what goes on inside": (debugging, "Starlette(debug=True)", {}),
    "opens itself to other sites": (
        other_origins,
        "headers['Access-Control-Allow-Origin'] = '*'",
        {},
    ),
    "sets a cookie": (
        cookie,
        "response.set_cookie('a', 'b')",
        {"runway_core/web/visitor.py": "gives every cookie the same strict marks"},
    ),
    "writes a table for a spreadsheet": (
        table_export,
        "import csv",
        {
            "runway_core/studio/spreadsheets.py": "has no cell begin like a formula",
            "runway_core/studio/prompt_lists.py": "reads lists, and writes one for its own field",
            "runway_core/studio/sheets.py": "reads, and writes none",
        },
    ),
    "sends a secret back to the browser": (
        shown_password,
        "st.text_input('Key', type='password', value=saved)",
        {},
    ),
    "keeps password managers out": (
        refused_paste,
        "st.text_input('Password', type='password', autocomplete='off')",
        {},
    ),
    "puts SQL together": (
        built_sql,
        "sql.execute(sa.text(f'SELECT * FROM {name}'))",
        {
            "runway_core/store/postgres.py": "one number of ours, in a SET that takes no parameters",
            "runway_core/store/sqlite.py": "PRAGMAs of ours, which take no parameters",
            f"{VERSIONS}/0004_limits_and_budgets.py": "two texts that the migration holds itself",
            f"{VERSIONS}/0008_usage.py": "a trigger for each of two words that the migration holds itself",
        },
    ),
}
"""Each rule, a line that breaks it, and the modules that may, with why."""


@cache
def nodes(module: ast.Module) -> list[ast.AST]:
    """Whatever rules are about."""
    kinds = (ast.Call, ast.Import, ast.ImportFrom, ast.Constant)
    return [node for node in ast.walk(module) if isinstance(node, kinds)]


def breaks(rule: Rule, module: ast.Module) -> Iterator[str]:
    for node in nodes(module):
        if what := rule(node):
            yield f"{getattr(node, 'lineno', 0)}: {what}"


@pytest.mark.parametrize("title", RULES)
def test_no_module(title: str) -> None:
    rule, _, allowed = RULES[title]
    found = {name(path): list(breaks(rule, tree(path))) for path in product()}
    found = {module: hits for module, hits in found.items() if hits}
    assert {module: hits for module, hits in found.items() if module not in allowed} == {}
    assert found.keys() == allowed.keys(), "a permission that nobody needs any more"


@pytest.mark.parametrize("title", RULES)
def test_a_sample_that_breaks_the_rule_is_found(title: str) -> None:
    rule, sample, _ = RULES[title]
    assert list(breaks(rule, ast.parse(sample)))


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (other_program, "os.fork()"),
        (foreign_objects, "from pickle import loads"),
        (foreign_objects, "yaml.unsafe_load(text)"),
        (weak_hash, "hmac.new(key, body, hashlib.sha1)"),
        (weak_cipher, "from cryptography.fernet import Fernet"),
        (markup, "st.html(text, unsafe_allow_javascript=switch)"),
        (other_origins, "from starlette.middleware.cors import CORSMiddleware"),
        (shown_password, "st.text_input('New password', key='a')"),
        (built_sql, "sql.execute('DELETE FROM tasks WHERE id = %s' % task_id)"),
        (built_sql, "sql.execute('DELETE FROM {}'.format(table))"),
        (built_sql, "connection.exec_driver_sql(words)"),
    ],
)
def test_other_ways_to_do_it_are_found_too(rule: Rule, line: str) -> None:
    assert list(breaks(rule, ast.parse(line)))


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (text_that_runs, "re.compile(pattern)"),
        (shell, "run(words, shell=False)"),
        (foreign_objects, "yaml.safe_load(text)"),
        (weak_hash, "hashlib.sha256(data)"),
        (built_sql, "sql.execute(sa.select(tasks).where(tasks.c.id == task_id))"),
        (built_sql, "connection.exec_driver_sql('BEGIN IMMEDIATE' if writing else 'BEGIN')"),
        (shown_password, "st.text_input('Key', type='password', placeholder='saved')"),
    ],
)
def test_what_is_fine_is_let_be(rule: Rule, line: str) -> None:
    assert list(breaks(rule, ast.parse(line))) == []


def test_chance_decides_nothing_that_must_not_be_guessed() -> None:
    places = {"sandbox", "engine", "policy", "cli"}  # films, pauses between tries, a seed
    found = [path for path in product() if list(breaks(guessable, tree(path)))]
    assert found
    assert [name(path) for path in found if path.relative_to(CORE).parts[0] not in places] == []
