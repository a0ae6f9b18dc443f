"""Reads what a provider's call to us hints at. Nobody vouches for it: it says where to look, never what is so."""

from __future__ import annotations

import re

from runway_core.domain import Noun, TaskStatus
from runway_core.providers.envelope import NotJsonError, layers, parse, state, task_id

_ID = re.compile(r"[\x21-\x7e]{1,200}")


class Hint(Noun):
    """What a call says, as far as it can be read."""

    remote_id: str = ""
    """The provider's id of the task; empty when none was found."""
    status: TaskStatus | None = None


def read_hint(body: bytes) -> Hint:
    """The task and the state that a call names, in any of the envelopes that a look may come in.

    Never raises: what can't be read is a hint that something happened.
    """
    try:
        found = layers(parse(body))
    except NotJsonError:
        return Hint()
    remote_id = task_id(found)
    return Hint(
        remote_id=remote_id if _ID.fullmatch(remote_id) else "",
        status=state(found),
    )
