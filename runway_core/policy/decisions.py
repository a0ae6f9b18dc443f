"""What a cell of the table can say, and how long it has us wait. Pure; all times are in seconds."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum


class Do(StrEnum):
    """What is done about a fault; the words are those of the table in the documents."""

    AGAIN = "again"
    """The same once more; a create only because nothing was made."""
    SAME_KEY = "again, same key"
    """The same bytes with the same idempotency key, although something may have been made."""
    FRESH = "again, fresh link"
    """Ask the provider for a fresh link to the file, and fetch that."""
    WAIT = "wait, no failure"
    """Go on when there is room; nothing went wrong."""
    LINE = "back in line"
    """A task waits here, unsent, as it did before it was tried."""
    RESET = "in line until the reset"
    """The same, until the limit of the day starts again."""
    NO = "no"
    """It ends: a create FAILS for nothing, a cancel is given up, a question is answered with the error."""
    UNCERTAIN = "UNCERTAIN"
    """It may have been made and charged: a person decides."""
    PAUSE = "pause"
    """The connection is paused: nothing is sent with it, and looks are rare, until it works again."""
    MARK = "no, pause"
    """Both: the first create that meets it ends for nothing, and all others wait in line."""
    STUCK = "rarely, told"
    """Asking soon will not help: it is told, and done rarely. It never ends a task."""
    TRUTH = "look for the truth"
    """A look tells what became of it; only what still runs is asked again."""
    DONE = "= done"
    """As good as what was wanted."""
    GONE = "gone"
    """The provider has lost the task, and that is believed."""
    EXPIRED = "expired"
    """The file can't be had any more, which is told; a person can have it tried again."""


EVERY = {Do.LINE: 300.0, Do.PAUSE: 600.0, Do.STUCK: 600.0}
"""Between two tries of what is done rarely; up to a tenth more at random."""
LEAST = 0.5
"""The shortest wait."""
SPREAD = 60.0
"""Over so long tasks begin again after a limit of the day: not all at once."""


@dataclass(frozen=True)
class Cell:
    """One decision: `do`, until the tries are used up, and `then` what comes after."""

    do: Do
    tries: int = 0
    """Most tries in a row, the first included; 0 for no limit."""
    over: float = 0
    """The last of the tries comes at the earliest so long after the first."""
    within: float = 0
    """How long after the first try another one may begin; 0 for no limit."""
    base: float = 2
    cap: float = 120
    """Between tries: anything up to `base`, twice as much after each failure, never more than `cap`."""
    then: Do = Do.NO

    @property
    def is_limited(self) -> bool:
        """Whether the tries are counted."""
        return bool(self.tries or self.within)

    def after(self, tries: int, *, spent: float, scale: float = 1) -> Do:
        """What to do after so many tries in a row, the first of them `spent` seconds ago."""
        enough = self.tries and tries >= self.tries and spent >= self.over * scale
        late = self.within and spent >= self.within * scale
        return self.then if enough or late else self.do

    def wait(
        self,
        tries: int,
        *,
        spent: float = 0,
        asked: float | None = None,
        floor: float = 0,
        scale: float = 1,
    ) -> float:
        """How long until the next try after so many in a row; what the other side `asked` for wins.

        Never less than `floor`; the last try also waits for the end of `over`. `scale` is for our own
        waits, so that tests need not take hours.
        """
        if asked is not None:
            return max(asked, floor)
        longest = min(self.cap, self.base * 2.0 ** min(tries - 1, 16))
        jitter = max(LEAST, random.uniform(0, longest))  # noqa: S311 - jitter, not a secret
        rest = self.over * scale - spent if tries >= self.tries - 1 else 0
        return max(floor + jitter * scale, rest)

    @property
    def text(self) -> str:
        """The cell in words, such as ``again ≤ 4 in 10 min, then no``."""
        if not self.is_limited:
            return str(self.do)
        many = f" ≤ {self.tries}" if self.do is not self.then and not self.over else ""
        many = many or f" × {self.tries}"
        over = f" over {duration(self.over)}" if self.over else ""
        within = f" in {duration(self.within)}" if self.within else ""
        return f"{self.do}{many}{over}{within}, then {self.then}"


def rarely(do: Do, *, scale: float = 1) -> float:
    """How long until the next try of what is done rarely."""
    return EVERY[do] * scale * random.uniform(1.0, 1.1)  # noqa: S311 - jitter, not a secret


def until_reset(now: datetime, *, told: float | None) -> float:
    """Until a limit of the day starts again: as the provider has `told`, else at midnight of UTC."""
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    wait = (tomorrow - now).total_seconds() if told is None else told
    return wait + random.uniform(0, SPREAD)  # noqa: S311 - jitter, not a secret


def duration(seconds: float) -> str:
    """A length of time in the words of a person, such as ``40 s`` or ``10 min``."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"
