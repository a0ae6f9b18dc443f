"""Several videos by one click: their prices together, and each sent once by its own token."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from runway_core.domain import Connection, Estimate, GenerationRequest, Task
from runway_core.errors import DeskError
from runway_core.language import _, ngettext
from runway_core.ui.services import get_studio
from runway_core.ui.words import amounts, dollar_range, plain


@dataclass(frozen=True)
class Wanted:
    """One video that is to be asked for."""

    connection: Connection
    request: GenerationRequest
    token: str
    estimate: Estimate
    free: bool = False
    """Whether it is practice."""


def send(wanted: Iterable[Wanted]) -> tuple[list[Task], DeskError | None]:
    """Record each; what was recorded before stays one task. Stops at the first that is refused, and gives why."""
    made: list[Task] = []
    try:
        for one in wanted:
            tasks = get_studio().tasks
            made.append(tasks.submit(one.request, connection=one.connection, token=one.token))
    except DeskError as error:
        return made, error
    return made, None


def total(estimates: Sequence[Estimate]) -> Estimate:
    """All of them as one; not known when one is not. They have one unit."""
    first = estimates[0]
    sums = {
        name: _sum([getattr(one, name) for one in estimates])
        for name in ("low", "high", "usd_low", "usd_high")
    }
    return first.model_copy(update=sums)


def total_words(wanted: Sequence[Wanted]) -> str:
    """What all cost together, as Markdown: each provider's unit by itself, and dollars where all tell them."""
    paid = [one for one in wanted if not one.free]
    if not paid:
        return _("**Free**: practice, made on this computer.")
    parts = []
    for name, unit in dict.fromkeys((one.connection.name, one.estimate.unit) for one in paid):
        own = [o.estimate for o in paid if (o.connection.name, o.estimate.unit) == (name, unit)]
        known = amounts(total(own)) or _("price not known")
        parts.append(f"**{plain(known)}** ({plain(name)})")
    words = " + ".join(parts)
    dollars = dollar_range(_in_dollars(paid))
    if len(paid) > 1 and dollars:
        words += " = " + plain(dollars)
    left = len(wanted) - len(paid)
    if left:
        free = ngettext("{n} more is free practice.", "{n} more are free practice.", left)
        words += f". {free.format(n=left)}"
    return words


def _in_dollars(paid: Sequence[Wanted]) -> Estimate:
    return total([one.estimate for one in paid])


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if len(known) == len(values) else None
