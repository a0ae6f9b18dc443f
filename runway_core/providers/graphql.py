"""What a GraphQL answer tells about whether anything was done, and which names the other side lacks.

A request that does not fit the schema is refused before any of it runs, and then the answer has no
``data`` (GraphQL specification, October 2021, 7.1.1 and 6.1). The wordings are those of graphql-js and
its many ports, graphql-java, graphql-ruby, gqlgen, Absinthe, async-graphql, Hasura and Hot Chocolate.
"""

from __future__ import annotations

import re
from dataclasses import replace

from runway_core.http import Reply
from runway_core.providers.envelope import Layer, NotJsonError, layers, parse, task_id
from runway_core.providers.refusals import STATUS_OF_CODE

FIELDS = ("generate", "animateImage")
"""What we ask to be made; an error at one of these comes from something that ran."""

_NAME = r"[\"'`]?(\w+)[\"'`]?"
_UNKNOWN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bfield {_NAME} (?:in type \S+ |on type \S+ )?(?:is |was )?(?:not |un)(?:defined|found)",
        rf"\bfield {_NAME} (?:doesn.t|does not) exist",
        rf"\bcannot query field {_NAME}",
        rf"\bunknown (?:field|argument|type|mutation):? {_NAME}",
        rf"\bin field {_NAME}: unknown field",
        rf"\bfield name {_NAME} that is not defined",
        r"(?:\.|\bfor )(\w+) \(field is not defined",
        rf"\bdoesn.t accept argument {_NAME}",
        r"(?:^|[\s\"'`])(\w+)[\"'`]? isn.t a defined input type",
        rf"\binclude unknown field {_NAME}",
    )
)
_REFUSED = re.compile(
    r"got invalid value|invalid value for argument|was provided invalid value|of required type"
    r"|^\s*syntax error|\bvalidation error \(",
    re.IGNORECASE,
)


def unknown_names(reply: Reply) -> frozenset[str]:
    """The fields, arguments, types and mutations that the other side says it has never heard of.

    Empty unless the whole answer is a refusal from before anything ran.
    """
    found: set[str] = set()
    for error in _before_running(reply):
        text = str(error.get("message") or "")[:5000]
        found.update(name for pattern in _UNKNOWN for name in pattern.findall(text))
        path = error.get("path")
        if text.strip().lower().endswith("unknown field") and isinstance(path, list) and path:
            found.add(str(path[-1]))
    return frozenset(found)


def was_refused(reply: Reply) -> bool:
    """True when the answer says that the request does not fit, and nothing of it ran."""
    words = (str(error.get("message") or "")[:5000] for error in _before_running(reply))
    return bool(unknown_names(reply)) or any(_REFUSED.search(text) for text in words)


def made_anyway(reply: Reply) -> Reply:
    """The answer with a good status when a task is in its ``data``, whatever its status and ``errors`` say.

    GraphQL over HTTP allows a task beside errors ("partial success"), and it has been paid for.
    """
    data = _document(reply).get("data")
    if 300 <= reply.status < 400 or not isinstance(data, dict) or not task_id(layers(data)):
        return reply
    return replace(reply, status=200)


def says_none(reply: Reply) -> bool:
    """True when a query was answered, and the answer is that there is no such thing."""
    document = _document(reply)
    data = document.get("data")
    if not isinstance(data, dict) or not data or any(v is not None for v in data.values()):
        return False
    return all(_code(error) == "NOT_FOUND" for error in _errors(document))


def is_graphql(reply: Reply) -> bool:
    """True for an answer in GraphQL's shape, good or bad."""
    document = _document(reply)
    return isinstance(document.get("data"), dict) or bool(_errors(document))


def has_errors(reply: Reply) -> bool:
    """True when an answer in GraphQL's shape complains of anything."""
    return bool(_errors(_document(reply)))


def _before_running(reply: Reply) -> list[Layer]:
    document = _document(reply)
    errors = _errors(document)
    if document.get("data") is not None or any(_ran(error) for error in errors):
        return []
    return errors


def _ran(error: Layer) -> bool:
    path = error.get("path")
    started = isinstance(path, list) and bool(path) and path[0] in FIELDS
    return started or STATUS_OF_CODE.get(_code(error), 400) != 400


def _code(error: Layer) -> str:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else ""
    return code.upper() if isinstance(code, str) else ""


def _errors(document: Layer) -> list[Layer]:
    errors = document.get("errors")
    return [e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else []


def _document(reply: Reply) -> Layer:
    try:
        document = parse(reply.body)
    except NotJsonError:
        return {}
    return document if isinstance(document, dict) else {}
