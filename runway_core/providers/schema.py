"""Questions for a task's state that are read out of a GraphQL schema, where the schema is told."""

from __future__ import annotations

import re

from runway_core.http import Reply
from runway_core.providers.envelope import NotJsonError, dig, parse
from runway_core.providers.ladder import Rung

FOUND_MOST = 3
"""Queries that are made from a schema."""

SCHEMA_QUERY = (
    "{ __schema { queryType { fields { name "
    "args { name type { kind name ofType { kind name } } } "
    "type { kind name fields { name type { kind ofType { kind } } } "
    "ofType { kind name fields { name type { kind ofType { kind } } } } } } } } }"
)
"""Asks which queries there are, what they take and what they tell."""

_TOLD = ("id", "status", "type", "provider", "url", "metadata", "creditCost", "createdAt")
_LIKELY = re.compile(r"generation|job|task|video|status|result|media", re.IGNORECASE)


def rungs_of_schema(reply: Reply) -> tuple[Rung, ...]:
    """Queries that look like a look at one task, the likeliest first; none when the schema is not told."""
    try:
        document = parse(reply.body)
    except NotJsonError:
        return ()
    if not isinstance(document, dict):
        return ()
    fields = [f for f in dig(document, "data.__schema.queryType.fields.*") if isinstance(f, dict)]
    lines = [line for field in fields if (line := _line(field))]
    lines.sort(key=lambda line: not _LIKELY.search(line.partition("{")[2]))
    return tuple(Rung(line, query=line) for line in lines[:FOUND_MOST])


def _line(field: dict[str, object]) -> str:
    """A query for a field that takes an id alone and tells an id and a status; empty for any other."""
    name, takes = str(field.get("name")), [a for a in dig(field, "args.*") if isinstance(a, dict)]
    needed = [arg for arg in takes if _kind(arg.get("type")) == "NON_NULL"]
    if len(needed) > 1 or not re.fullmatch(r"[A-Za-z]\w{0,60}", name):
        return ""
    by_id = [arg for arg in needed or takes if _scalar(arg.get("type")) in ("ID", "String")]
    by_id.sort(key=lambda arg: "id" not in str(arg.get("name")).lower())
    told = _told(field.get("type"))
    if not by_id or not {"id", "status"} <= set(told):
        return ""
    argument, kind = by_id[0].get("name"), _scalar(by_id[0].get("type"))
    if not re.fullmatch(r"[A-Za-z]\w{0,60}", str(argument)):
        return ""
    return f"query Look($id: {kind}!) {{ {name}({argument}: $id) {{ {' '.join(told)} }} }}"


def _told(kind: object) -> tuple[str, ...]:
    """Which of the fields we read a type has, as plain values."""
    if _kind(kind) == "NON_NULL" and isinstance(kind, dict):
        kind = kind.get("ofType")
    if not isinstance(kind, dict) or _kind(kind) != "OBJECT":
        return ()
    plain = {
        str(f.get("name"))
        for f in dig(kind, "fields.*")
        if isinstance(f, dict) and _is_plain(f.get("type"))
    }
    return tuple(name for name in _TOLD if name in plain)


def _is_plain(kind: object) -> bool:
    if _kind(kind) == "NON_NULL" and isinstance(kind, dict):
        kind = kind.get("ofType")
    return _kind(kind) in ("SCALAR", "ENUM")


def _scalar(kind: object) -> str:
    if _kind(kind) == "NON_NULL" and isinstance(kind, dict):
        kind = kind.get("ofType")
    return str(kind.get("name")) if isinstance(kind, dict) else ""


def _kind(kind: object) -> str:
    return str(kind.get("kind")) if isinstance(kind, dict) else ""
