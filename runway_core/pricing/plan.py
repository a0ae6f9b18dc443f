"""What one key's plan allows, and how that is counted: by the line that admits tasks, and by the schedule."""

from __future__ import annotations

from datetime import timedelta

from runway_core.domain import Noun

WINDOW = timedelta(seconds=62)
"""A minute, and what one request may travel longer than another: the provider counts them as they come."""
DAY = timedelta(hours=24)
"""Providers count days as the last 24 hours (docs.dev.runwayml.com/usage/tiers); for others it is assumed."""


class Limits(Noun):
    """What one key's plan allows; None where it sets no limit."""

    model: str = ""
    """Where places and days are counted for each model apart: which one this is about."""

    per_minute: int | None = None
    """Requests of any kind in 60 seconds."""
    running: int | None = None
    """Tasks at once."""
    per_day: int | None = None
    """Tasks in 24 hours."""


def usable(per_minute: int) -> int:
    """Of a plan's requests a minute, how many are used: evenly spread ones at the full figure met a refusal."""
    return max(1, per_minute * 9 // 10)
