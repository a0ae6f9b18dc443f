"""How the pages reach the studio."""

from __future__ import annotations

from runway_core.studio import Studio
from runway_core.web.runtime import runtime


def get_studio() -> Studio:
    """The studio of this process, opened on first use.

    Raises:
        ConfigError, StorageError: the home can't be opened; the next call tries again.
    """
    return runtime().studio


def engine_running() -> bool:
    """Whether recorded videos are being sent and followed by this process."""
    return runtime().engine_running
