"""The questions by which a task's state is asked for where no page says how: tried in order, line by line.

query Job($id: ID!) { job(id: $id) { id status url } }      a query for GraphQL, on one line
GET /v1/jobs/{id}                                           an address of REST
# anything                                                  a remark
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from runway_core.errors import ConfigError

_QUERY = re.compile(r"query\b[^\x00-\x1f]*\{[^\x00-\x1f]*\}")
_ADDRESS = re.compile(r"(?:GET\s+)?(/[\x21-\x7e]*\{id\}[\x21-\x7e]*)")


@dataclass(frozen=True)
class Rung:
    """One question."""

    line: str
    query: str = ""
    """GraphQL with the variable ``$id``; empty for REST."""
    path: str = ""
    """Where to GET, with ``{id}``; empty for GraphQL."""


def read_ladder(text: str) -> tuple[Rung, ...]:
    """The questions of a setting.

    Raises:
        ConfigError: a line is neither a query nor an address; says which.
    """
    found = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = " ".join(raw.split())
        if line and not line.startswith("#"):
            found.append(_rung(line, number))
    return tuple(found)


def _rung(line: str, number: int) -> Rung:
    # Nothing that could make something: a look must stay free.
    if _QUERY.fullmatch(line) and "$id" in line and not re.search(r"\bmutation\b", line):
        return Rung(line, query=line)
    address = _ADDRESS.fullmatch(line)
    if address:
        return Rung(line, path=address[1])
    raise ConfigError(
        f"Line {number} of the status questions is neither a query with $id nor an address with {{id}}.",
        hint="Mend it in the connection's settings. The task is watched on.",
    )
