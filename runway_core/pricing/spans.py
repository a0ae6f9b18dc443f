"""Spans of time, as words."""

from __future__ import annotations

from datetime import timedelta

_SECOND = timedelta(seconds=1)


def lasting(span: timedelta) -> str:
    """How long something takes, such as ``1 min 20 s``."""
    seconds = max(0, span // _SECOND)
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s" if minutes < 10 else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} days"
