"""How a task goes: its natural times, and what a prompt's first word makes happen."""

from __future__ import annotations

import random
from dataclasses import dataclass

from runway_core.sandbox.record import Fault

PENDING_SECONDS = 4.0
RUNNING_SECONDS_PER_SECOND = 4.8
"""24 s for a video of 5 s."""
THROTTLED_SECONDS = 12.0
MODERATION_SHARE = 0.1
"""Input is looked at early in a run."""
SLOW = 10.0


@dataclass(frozen=True)
class Script:
    """Seconds at speed 1, and how it ends."""

    pending: float
    throttled: float
    running: float
    fault: Fault | None = None


def script(prompt: str, *, duration: float, seed: int) -> Script:
    """Plan a task of `duration` seconds of video; the same input gives the same plan.

    A prompt that begins with ``fail:``, ``moderate:``, ``throttle:`` or ``slow:`` makes that happen.
    """
    chance = random.Random(f"times {seed}")  # noqa: S311 - no secret hangs on it
    pending = PENDING_SECONDS * chance.uniform(0.85, 1.15)
    running = RUNNING_SECONDS_PER_SECOND * duration * chance.uniform(0.95, 1.05)
    match prompt.lstrip().partition(":")[0].lower() if ":" in prompt else "":
        case "fail":
            return Script(pending, 0.0, running, Fault.BAD_OUTPUT)
        case "moderate":
            return Script(pending, 0.0, running * MODERATION_SHARE, Fault.MODERATED)
        case "throttle":
            return Script(pending, THROTTLED_SECONDS, running)
        case "slow":
            return Script(pending * SLOW, 0.0, running * SLOW)
    return Script(pending, 0.0, running)
