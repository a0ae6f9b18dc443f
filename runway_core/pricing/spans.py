"""Spans of time, as words."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

_SECOND = timedelta(seconds=1)


Unit = Literal["s", "min", "h", "days"]


def lasting(span: timedelta) -> str:
    """How long something takes, such as ``1 min 20 s``."""
    return " ".join(f"{number} {unit}" for number, unit in measured(span))


def measured(span: timedelta) -> list[tuple[int, Unit]]:
    """How long something takes, in the one or two units that people would say."""
    seconds = max(0, span // _SECOND)
    if seconds < 60:
        return [(seconds, "s")]
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return [(minutes, "min"), (seconds, "s")] if minutes < 10 else [(minutes, "min")]
    hours, minutes = divmod(minutes, 60)
    return [(hours, "h"), (minutes, "min")] if hours < 48 else [(hours // 24, "days")]
