"""Asks providers about their accounts beside the tasks of an engine, in its loop: what was used, and what is left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from runway_core.engine import balances, usage
from runway_core.engine.step import Tools

Look = Callable[[Tools], Awaitable[float]]
"""Asks for all that is due; gives how many seconds later the next is."""
log = logging.getLogger(__name__)
GAP = 1.0
"""Seconds between two looks for what is wished for, however often somebody calls."""
AGAIN = 3600.0
"""Seconds until it is looked again after a look that broke."""


class AccountWatch:
    """Sleeps until something is due, or a person wishes for it."""

    def __init__(self, tools: Tools, *, every: float | None = None) -> None:
        """`every` is how many seconds may pass between two looks where nobody can be called."""
        self._tools = tools
        self._most = AGAIN if every is None else every
        self._called = asyncio.Event()

    def call(self) -> None:
        """Have it look soon; from the loop's own thread."""
        self._called.set()

    async def run(self) -> None:
        """Look until cancelled; no fault ends it."""
        while True:
            self._called.clear()
            wait = min([await self._look(of) for of in (usage.look, balances.look)])
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._called.wait()
                    await asyncio.sleep(GAP)

    async def _look(self, of: Look) -> float:
        """Seconds until the next look."""
        try:
            return min(await of(self._tools), self._most)
        except Exception:
            log.exception("what an account has or used could not be looked for")
            return self._most
