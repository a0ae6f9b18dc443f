"""Billing ids of relays, which join a model and its seconds: ``runwayml-gen4_turbo-5``.

yunwu makes such an id itself, from the model and the duration of a request, to find its price; sent as
the model it would be joined once more and found nowhere. So it is split before anything is sent
(github.com/handsomeboy0612/yunwu-desktop, 2026-08).
"""

from __future__ import annotations

import re

from runway_core.errors import InvalidInputError, Problem

_BILLING_ID = re.compile(r"runwayml-(?P<model>.+)-(?P<seconds>[0-9]{1,4})")


def split_billing_id(model: str, duration: int | None) -> tuple[str, int | None]:
    """The model and the seconds that a billing id stands for; any other model comes back as it is.

    Raises:
        InvalidInputError: `duration` is another one than the id says; names the field ``duration``.
    """
    found = _BILLING_ID.fullmatch(model)
    if found is None:
        return model, duration
    seconds = int(found["seconds"])
    if duration not in (None, seconds):
        raise InvalidInputError(
            Problem("duration", f"{model} is a video of {seconds} s, not of {duration} s.")
        )
    return found["model"], seconds


def billing_id(model: str, duration: int) -> str:
    """The id that stands for a model and its seconds; a model without a length to choose has none."""
    return f"runwayml-{model}-{duration}" if duration else model
