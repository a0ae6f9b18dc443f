"""Finds every text that a page may show, and brings the catalogues up to date: ``make words``.

Three sources. Pages mark their texts themselves. Below the pages texts are written as they are, so all
that reads as words is taken from the modules whose texts reach a page, f-strings as templates with their parts in
braces. The catalogue's rows are data; of them the fields that are shown are taken.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from runway_core.language import CATALOGUES, DOMAIN, LANGUAGES

CORE = Path(__file__).parents[1]
PAGES = (CORE / "ui", CORE / "web", CORE.parent / "pages")
SPOKEN = (
    *(
        "archive",
        "catalog",
        "errors.py",
        "failures",
        "http",
        "images",
        "people.py",
        "pricing",
        "providers",
    ),
    *("settings.py", "store", "studio", "vault"),
)
"""Where texts are written that pages tell."""
SILENT = frozenset({"migrations", "drift.py", "compare.py", "schema", "proof.py", "load.py"})
"""Among these, what speaks to nobody at a page."""
FIELDS = frozenset(
    {
        "title",
        "says",
        "help",
        "note",
        "links_only",
        "price_note",
        "unpriced",
        "placeholder",
        "about",
        "source",
    }
)
"""Fields of the catalogue's rows that pages show."""
_NOT_TOLD = frozenset(
    {
        "getLogger",
        "compile",
        "fullmatch",
        "sub",
        "split",
        "replace",
        "startswith",
        "endswith",
        "Field",
        "text",
    }
)
"""Calls whose texts are for programs."""
_FAULTS = frozenset(
    {"ValueError", "TypeError", "RuntimeError", "AssertionError", "LookupError", "KeyError"}
)
_LOGS = frozenset({"log", "_log", "logger", "_logger", "logging"})
_SQL = re.compile(
    r"(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|ALTER|LOCK|VACUUM|NOTIFY|LISTEN|DROP|SET) "
)
_PATTERN = re.compile(
    r"\(\?|\\[bSsdw]|\[\[|\w\|\w|[A-Z_]{4,} [A-Z_]{4,}|HTTP/1|^[<{] ?[(_]"
    r"|^(import|mutation|query|prompt prompts|Bearer|POST|python -m) "
)
"""Regular expressions, lists of codes and lines of programs."""
_WORD = re.compile(r"[A-Za-z]{2,}")


def messages() -> Catalog:
    """All texts that a page may show, in the order of the source."""
    found = Catalog(domain=DOMAIN, project="Runway Desk", charset="utf-8")
    for path in sorted(path for folder in PAGES for path in folder.rglob("*.py")):
        for text in _marked(path.read_text("utf-8")):
            found.add(text, locations=[(path.relative_to(CORE.parent).as_posix(), 0)])
    for path in _spoken():
        for text in sorted(texts_of(path.read_text("utf-8"))):
            found.add(text, locations=[(path.relative_to(CORE.parent).as_posix(), 0)])
    for path in sorted((CORE / "catalog").rglob("*.toml")):
        for text in _shown(tomllib.loads(path.read_text("utf-8"))):
            found.add(text, locations=[(path.relative_to(CORE.parent).as_posix(), 0)])
    return found


def _marked(source: str) -> Iterator[str | tuple[str, str]]:
    """What pages mark, in f-strings too, which Babel's own reader passes by."""
    for node in ast.walk(ast.parse(source)):
        name = (
            node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        )
        if name not in ("_", "N_", "ngettext"):
            continue
        assert isinstance(node, ast.Call)
        texts = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
        if name == "ngettext":
            yield texts[0], texts[1]
        else:
            yield from texts[:1]


def texts_of(source: str) -> set[str]:
    """What reads as words in a module that marks nothing; f-strings as templates."""
    tree = ast.parse(source)
    return {text for node in _told(tree) for text in _templates(node) if _reads_as_words(text)}


def update() -> None:
    """Write the template, and each language's file with what is new marked as missing."""
    found = messages()
    with (CATALOGUES / f"{DOMAIN}.pot").open("wb") as file:
        write_po(file, found, width=120, omit_header=True)
    for language in LANGUAGES:
        if language == "en":
            continue
        path = CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        known = Catalog(locale=language, domain=DOMAIN)
        if path.exists():
            with path.open("rb") as file:
                known = read_po(file, locale=language, domain=DOMAIN)
        known.update(found, no_fuzzy_matching=True)
        known.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, known, width=120, omit_header=True, ignore_obsolete=True)


def _spoken() -> Iterator[Path]:
    for name in SPOKEN:
        path = CORE / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            if not SILENT.intersection(file.relative_to(CORE).parts):
                yield file


def _told(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Texts below a node, without those that only programs read."""
    if isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    ):
        yield node
        if isinstance(node, ast.Constant):
            return
    for child in ast.iter_child_nodes(node):
        if not _is_for_programs(node, child):
            yield from _told(child)


def _is_for_programs(node: ast.AST, child: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(child, ast.Constant):
        return True  # a docstring
    if isinstance(node, ast.JoinedStr):
        return isinstance(child, ast.Constant)
    if isinstance(node, ast.Assign):
        return any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    if isinstance(node, ast.Compare) or (isinstance(node, ast.Subscript) and child is node.slice):
        return True
    if isinstance(node, ast.Dict) and child in node.keys:
        return True
    if isinstance(node, ast.AnnAssign | ast.arg) and child is node.annotation:
        return True
    if isinstance(node, ast.Call) and child is not node.func:
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        owner = getattr(getattr(node.func, "value", None), "id", "")
        changed = name == "replace" and isinstance(node.func, ast.Name)  # of dataclasses
        return (name in _NOT_TOLD | _FAULTS and not changed) or owner in _LOGS
    return False


def _templates(node: ast.Constant | ast.JoinedStr) -> list[str]:
    """The text; of an f-string one for each choice that it makes between fixed words."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    names: dict[str, str] = {}
    parts = [_choices(value, names) for value in node.values]
    return ["".join(chosen) for chosen in product(*parts)]


def _choices(value: ast.expr, names: dict[str, str]) -> list[str]:
    if isinstance(value, ast.Constant):
        return [str(value.value).replace("{", "{{").replace("}", "}}")]
    inner = value.value if isinstance(value, ast.FormattedValue) else value
    if isinstance(inner, ast.IfExp):
        sides = [
            side.value for side in (inner.body, inner.orelse) if isinstance(side, ast.Constant)
        ]
        if len(sides) == 2:
            return [str(side) for side in sides]
    return ["{" + _name(inner, names) + "}"]


def _name(part: ast.expr, names: dict[str, str]) -> str:
    """What a translator sees in braces: the last name in the expression."""
    last = [
        n.attr if isinstance(n, ast.Attribute) else n.id
        for n in ast.walk(part)
        if isinstance(n, ast.Attribute | ast.Name)
    ]
    base = (last[0] if last else "value").strip("_").lower()
    name, number = base, 2
    while names.setdefault(name, ast.dump(part)) != ast.dump(part):
        name, number = f"{base}{number}", number + 1
    return name


def _reads_as_words(text: str) -> bool:
    bare = re.sub(r"\{\w*\}", "", text).strip()
    if not _WORD.search(bare) or _SQL.match(bare) or _PATTERN.search(text):
        return False
    if " " not in text.strip():
        return bare[:1].isupper() and bare[1:].islower() and bare.isalpha()
    return re.fullmatch(r"[a-z0-9_.:/%#=?&,;*\[\]()<>|+-]+", bare) is None


def _shown(data: Any) -> Iterator[str]:
    """Every text of a shown field, however deep."""
    if isinstance(data, list):
        for each in data:
            yield from _shown(each)
    if not isinstance(data, dict):
        return
    for name, value in data.items():
        if name in FIELDS and isinstance(value, str) and _WORD.search(value):
            yield value
        elif name == "labels" and isinstance(value, dict):
            yield from (
                label for label in value.values() if isinstance(label, str) and _WORD.search(label)
            )
        else:
            yield from _shown(value)
