"""Asks something that costs nothing, and asks again as the table allows, while a person waits for the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from runway_core.errors import DeskError, RateLimitError
from runway_core.policy.table import Operation, decide

Answer = TypeVar("Answer")


async def patiently(
    ask: Callable[[], Awaitable[Answer]], operation: Operation = Operation.BALANCE
) -> Answer:
    """The answer to `ask`; seconds are spent on it and no more.

    Raises:
        DeskError: the last one, when asking again won't help or would take too long.
    """
    began, tries = time.monotonic(), 0
    while True:
        tries += 1
        try:
            return await ask()
        except DeskError as error:
            cell = decide(error, operation)
            asked = error.retry_after if isinstance(error, RateLimitError) else None
            wait = cell.wait(tries, asked=asked)
            spent = time.monotonic() - began + wait
            if cell.after(tries, spent=spent) is cell.then:
                raise
        await asyncio.sleep(wait)
