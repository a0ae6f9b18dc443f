"""People for tests, and the sessions that their browsers hold."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime
from functools import cache

from runway_core.people import Person, Role
from runway_core.studio import Studio
from runway_core.studio.passwords import hashed

PASSWORD = "kettle moon paper 7"
BROWSER = "the-browser-of-a-test"


@cache
def password_hash() -> str:
    """Made once, because it takes a while on purpose."""
    return hashed(PASSWORD)


def person(studio: Studio, name: str, role: Role = Role.MAKER, email: str = "") -> Person:
    """Somebody with `PASSWORD`; the first one has to be an admin."""
    made = Person(
        id=str(uuid.uuid4()), name=name, email=email, role=role, created_at=datetime.now(UTC)
    )
    assert studio.store.people.add(made, password_hash=password_hash())
    return made


def token(studio: Studio, whose: Person) -> str:
    """The token of a new session of theirs."""
    code = studio.sign_in.code_for(whose, BROWSER)
    return studio.sign_in.complete(code, BROWSER, user_agent="Firefox/140 (X11; Linux x86_64)")


def digest(secret: str) -> str:
    """How a secret is kept in the database."""
    return hashlib.sha256(secret.encode()).hexdigest()
