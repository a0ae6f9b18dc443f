"""What a person types as a key, and all that is ever shown of it."""

from __future__ import annotations

import re

from runway_core.errors import InvalidInputError, Problem


def clean_key(text: str) -> str:
    """Strip what comes along when a key is pasted, and refuse what can't be a key.

    Raises:
        InvalidInputError: for the field ``key``; the key itself is not in the message.
    """
    key = re.sub(r"^bearer(\s+|$)", "", text.strip(), flags=re.IGNORECASE)
    if not key:
        raise InvalidInputError(Problem("key", "is empty."))
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise InvalidInputError(
            Problem("key", "holds spaces, line breaks or other characters that no API key has.")
        )
    if not 4 <= len(key) <= 512:
        raise InvalidInputError(Problem("key", "must be 4 to 512 characters."))
    return key


def key_hint(key: str) -> str:
    """All that is ever shown of a key: its last four characters."""
    return f"…{key[-4:]}" if len(key) >= 8 else "…"
