"""Asks for a task's state where nobody has said how: question by question, and never ends a task by it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable

from runway_core.domain import TaskUpdate
from runway_core.errors import (
    InvalidRequestError,
    NotOfferedError,
    TaskNotFoundError,
    UnexpectedReplyError,
)
from runway_core.http import Reply
from runway_core.providers.base import Memory
from runway_core.providers.graphql import made_anyway, says_none
from runway_core.providers.ladder import Rung, read_ladder
from runway_core.providers.refusals import Who, problem_error
from runway_core.providers.replies import FRESH, read_task
from runway_core.providers.schema import SCHEMA_QUERY, rungs_of_schema

SILENCE = 3600.0
"""Seconds for which nothing is asked once no question was answered: a free key has 100 requests a day."""
SILENCE_PROVEN = 600.0
"""Seconds at most until the next try where a question was answered once."""
SILENCE_LEAST = 60.0
_PROVEN, _FOUND, _SILENT = "status_questions", "status_found", "status_silent"

Ask = Callable[[Rung, str], Awaitable[Reply]]
"""Sends one question about one task."""


class Questions:
    """The questions of one connection, and what became of them.

    Args:
        setting: the lines of the connection's setting; without any nothing is asked.
    """

    def __init__(self, setting: str, *, ask: Ask, who: Who, memory: Memory) -> None:
        self._setting = setting
        self._ask = ask
        self._who = who
        self._memory = memory

    async def about(self, remote_id: str, *, age: float) -> TaskUpdate:
        """The first answer about a task that is `age` seconds old.

        Raises:
            NotOfferedError: no question was answered; the task is as before.
            TaskNotFoundError: a question that was answered before says that there is no such task.
            ConfigError: a line of the setting can't be read.
            ProviderError: the key, the credit, the rate or the other side itself is the trouble.
        """
        ladder = self.ladder()
        if not ladder or self._is_silent(ladder):
            raise self._silence(age)
        proven = self._memory.get(_PROVEN).splitlines()
        gone: Reply | None = None
        for rung in sorted(ladder, key=lambda rung: rung.line not in proven):
            reply = await self._ask(rung, remote_id)
            update = self._told(reply, remote_id)
            if update is not None:
                self._learn(rung, proven)
                return update
            if rung.query and rung.line in proven and says_none(reply):
                gone = reply
        if gone is not None and age > FRESH.total_seconds():
            raise problem_error("no task", gone, self._who)
        if not proven and age > FRESH.total_seconds():
            return await self._search(remote_id, ladder, age)
        raise self._silence(min(age, SILENCE_PROVEN) if proven else age)

    def ladder(self) -> tuple[Rung, ...]:
        """The questions of the setting, and the one that was found in the schema.

        Raises:
            ConfigError: a line of the setting can't be read.
        """
        own = read_ladder(self._setting)
        return own + read_ladder(self._memory.get(_FOUND)) if own else ()

    def _told(self, reply: Reply, remote_id: str) -> TaskUpdate | None:
        """What an answer says of this task; None when that question is not answered there."""
        try:
            return read_task(made_anyway(reply), self._who, expect=remote_id)
        except (InvalidRequestError, UnexpectedReplyError, TaskNotFoundError):
            return None

    async def _search(self, remote_id: str, ladder: tuple[Rung, ...], age: float) -> TaskUpdate:
        """Read the questions that there are out of the schema; if none helps, be silent for an hour."""
        reply = await self._ask(Rung(SCHEMA_QUERY, query=SCHEMA_QUERY), remote_id)
        for rung in rungs_of_schema(reply):
            update = self._told(await self._ask(rung, remote_id), remote_id)
            if update is not None:
                self._memory.set(_FOUND, rung.line)
                self._learn(rung, [])
                return update
        self._memory.set(_SILENT, f"{_digest(ladder)} {int(time.time())}")
        raise self._silence(age)

    def _learn(self, rung: Rung, proven: list[str]) -> None:
        if rung.line not in proven:
            self._memory.set(_PROVEN, "\n".join([*proven, rung.line]))

    def _is_silent(self, ladder: tuple[Rung, ...]) -> bool:
        digest, _, since = self._memory.get(_SILENT).partition(" ")
        fresh = since.isdecimal() and 0 <= time.time() - int(since) < SILENCE
        return fresh and digest == _digest(ladder)

    def _silence(self, age: float) -> NotOfferedError:
        return NotOfferedError(
            f"{self._who.title} does not say how this task stands: "
            "none of the questions that are known here was answered.",
            hint="It is asked again later. Look at the provider's own pages whether the video is ready; "
            "the questions can be changed in the connection's settings.",
            retry_after=min(max(age, SILENCE_LEAST), SILENCE),
        )


def _digest(ladder: tuple[Rung, ...]) -> str:
    return hashlib.sha256("\n".join(rung.line for rung in ladder).encode()).hexdigest()[:16]
