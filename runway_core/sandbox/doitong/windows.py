"""Doitong's rate limit: so many requests of a key in each minute, told on every answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

WINDOW = 60
"""Seconds; they are real ones, whatever the sandbox's speed."""


class Windows:
    """Counts requests by key in whole minutes of the clock."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, owner: str) -> tuple[bool, Mapping[str, str]]:
        """Count a request: whether it is within the limit, and the headers that tell.

        ``X-RateLimit-Reset`` is in Unix seconds: Doitong's page says only "timestamp".
        """
        now = int(time.time())
        with self._lock:
            if self._window != now // WINDOW:
                self._window = now // WINDOW
                self._counts.clear()
            count = self._counts[owner] = self._counts.get(owner, 0) + 1
        reset = (now // WINDOW + 1) * WINDOW
        headers = {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(max(self._limit - count, 0)),
            "X-RateLimit-Reset": str(reset),
        }
        if count > self._limit:
            headers["Retry-After"] = str(max(reset - now, 1))
        return count <= self._limit, headers
