"""What a good password is, and how one is kept: bcrypt, as streamlit-authenticator keeps it.

Hashes go both ways: its files can be brought in as they are. Its own `Hasher` isn't used here, because its
package loads Streamlit, and the core knows nothing of pages.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading

import bcrypt

from runway_core.errors import InvalidInputError, Problem

LEAST = 12
MOST = 128
"""Characters; OWASP ASVS 5.0, V6.2.1 and V6.2.9, asks for at least 8 and that 64 are allowed."""
COST_MOST = 15
"""Rounds of a hash that is brought in, as a power of two; checking one of 15 takes about 2 s."""
_BCRYPT_BYTES = 72
"""Beyond these bcrypt sees nothing (and bcrypt 5 refuses to look)."""
_GOOD = 3
"""Of zxcvbn's scores 0 to 4 the least that is not found by guessing: over 10**8 tries."""
_HASH = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}")
_NOBODYS = "$2b$12$WVTG4oRpWk9nXBzZr4uQseO0GZ3q5B3cJm0yQ9yq1n8m1rX7v2k5K"
"""A hash that no password is known for: an unknown name costs as much to check as a known one."""
_SIMPLE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_zxcvbn_lock = threading.Lock()  # it keeps the words of one call in a global


def check(password: str, *, name: str = "", email: str = "") -> None:
    """Nothing, if a password is good enough for somebody; any characters may be in it.

    Raises:
        InvalidInputError: it is not; names ``password``.
    """
    if wrong := _problem(password, name, email):
        raise InvalidInputError(
            Problem("password", wrong), hint="Nothing was changed. Choose another password."
        )


def _problem(password: str, name: str, email: str) -> str:
    if len(password) < LEAST:
        return f"must have at least {LEAST} characters. Four words that have nothing to do with each other are good."
    if len(password) > MOST:
        return f"must have at most {MOST} characters."
    if name and " ".join(password.split()).casefold() == " ".join(name.split()).casefold():
        return "must not be the name."
    about = [name, email, "".join(name.split()), *re.split(r"\W+", f"{name} {email}")]
    if _easily_guessed(password, about):
        return "is too easily guessed: it is common, or made of common pieces."
    return ""


def _easily_guessed(password: str, about: list[str]) -> bool:
    """Whether it is among the first that are tried: its 30,000 most common ones, words, names and patterns."""
    from zxcvbn import zxcvbn  # its lists take a while to load

    words = ["runway", "desk", "runwaydesk", "runwayml", *filter(None, about)]
    with _zxcvbn_lock:
        return bool(zxcvbn(password[:_BCRYPT_BYTES], user_inputs=words)["score"] < _GOOD)


def random_password() -> str:
    """A new one to hand over: 16 letters and digits that can't be mistaken for each other, 79 bits."""
    groups = ("".join(secrets.choice(_SIMPLE_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def hashed(password: str) -> str:
    """What is kept of a password. Takes a quarter of a second, on purpose."""
    return bcrypt.hashpw(_bytes(password), bcrypt.gensalt()).decode()


def matches(password: str, password_hash: str) -> bool:
    """Whether a password is the one that was kept; without a hash it is not, and that takes as long."""
    usable = is_hash(password_hash)
    found = bcrypt.checkpw(_bytes(password), (password_hash if usable else _NOBODYS).encode())
    return found and usable


def looks_hashed(text: str) -> bool:
    """Whether this is no password but what some bcrypt made of one."""
    return _HASH.fullmatch(text) is not None


def is_hash(text: str) -> bool:
    """Whether this is a bcrypt hash that can be checked in a sensible time."""
    found = _HASH.fullmatch(text)
    return found is not None and 4 <= int(found[1]) <= COST_MOST


def is_aged(password_hash: str) -> bool:
    """Whether a hash was made otherwise than `hashed` makes it today."""
    return not password_hash.startswith(_NOBODYS[:7])


def _bytes(password: str) -> bytes:
    """A password as bcrypt takes it; what it would not see all of is hashed first."""
    plain = password.encode("utf-8", "surrogatepass")
    if len(plain) > _BCRYPT_BYTES or b"\0" in plain:
        return base64.b64encode(hashlib.sha256(plain).digest())
    return plain
