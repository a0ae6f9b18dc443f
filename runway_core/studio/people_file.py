"""Reads the file of people that streamlit-authenticator 0.3 and 0.4 keep. Nothing in it is trusted.

Its form (github.com/mkhorasani/Streamlit-Authenticator, README, read 2026-11)::

    credentials:
      usernames:
        jsmith: {email, first_name, last_name (0.3: name), password: bcrypt or plain, role(s), …}
"""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml

from runway_core.errors import InvalidInputError, Problem
from runway_core.people import Role

BYTES_MOST = 256 * 1024
PEOPLE_MOST = 500


class Written(NamedTuple):
    """Somebody, as the file has them."""

    name: str
    email: str
    password: str
    """A bcrypt hash or the plain password; empty when there is none."""
    role: Role
    role_known: bool
    """False when no role of theirs is one of ours: they come as viewers."""


def read(text: str) -> list[Written]:
    """Everybody in the file, admins first.

    Raises:
        InvalidInputError: it is no such file, or too large; names ``file``.
    """
    if len(text.encode("utf-8", "surrogatepass")) > BYTES_MOST:
        raise _refused(f"is larger than {BYTES_MOST // 1024} kB.")
    try:
        whole = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _refused("is not valid YAML.") from None
    people = whole
    for step in ("credentials", "usernames"):
        people = people.get(step) if isinstance(people, dict) else None
    if not isinstance(people, dict) or not people:
        raise _refused("has no people under credentials: usernames.")
    if len(people) > PEOPLE_MOST:
        raise _refused(f"has more than {PEOPLE_MOST} people.")
    found = [_written(_text(name), row) for name, row in people.items() if isinstance(row, dict)]
    return sorted(found, key=lambda one: one.role is not Role.ADMIN)


def _written(name: str, row: dict[Any, Any]) -> Written:
    role, known = _role(row.get("roles") or row.get("role"))
    return Written(name, _text(row.get("email")), _text(row.get("password")), role, known)


def _role(value: Any) -> tuple[Role, bool]:
    """The greatest of their roles that is one of ours."""
    named = value if isinstance(value, list) else [value]
    theirs = {_text(name).strip().lower() for name in named}
    for role in (Role.ADMIN, Role.MAKER, Role.VIEWER):
        if role.value in theirs:
            return role, True
    return Role.VIEWER, False


def _text(value: Any) -> str:
    """A value as it was written; YAML reads a name or a password of digits as a number."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _refused(why: str) -> InvalidInputError:
    return InvalidInputError(Problem("file", why), hint="Nobody was added.")
