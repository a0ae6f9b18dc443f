"""Runway Desk without its pages: make AI videos through Runway-compatible endpoints, paid once, never lost.

The names below are for scripts. They are loaded on first use, so that nothing else waits for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runway_core.client import (
        MayBeChargedError,
        RunwayClient,
        RunwayVideoRequest,
        StillRunningError,
        VideoFailedError,
        create_simple_video_request,
        create_video_5s,
        create_video_10s,
        wait_for_video_completion,
    )

__all__ = [
    "MayBeChargedError",
    "RunwayClient",
    "RunwayVideoRequest",
    "StillRunningError",
    "VideoFailedError",
    "create_simple_video_request",
    "create_video_5s",
    "create_video_10s",
    "wait_for_video_completion",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from runway_core import client

    return getattr(client, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
