"""Budgets in plain words. Pure: no Streamlit, no database."""

from __future__ import annotations

from runway_core.pricing import Outlook, amount, anew, named


def leads_to(found: Outlook, *, at_most: bool = False) -> str:
    """Where one more task takes a budget.

    Args:
        at_most: the task may also cost less.
    """
    whose = "your own" if found.budget.person_id else "the"
    period = f"{whose} budget for {named(found)}"
    if found.after is None:
        return f"Its cost is not known, so it is not counted in {period}."
    figures = f"{amount(found.after, '')} of {amount(found.budget.amount, found.budget.unit)}"
    up_to = "up to " if at_most else ""
    if found.verdict == "over":
        return f"This takes you over {period}: {up_to}{figures}, {_share(found)}."
    return f"This takes you to {up_to}{_share(found)} of {period} ({figures})."


def stands(found: Outlook) -> str:
    """Where a budget stands now, in one line."""
    whole = amount(found.budget.amount, found.budget.unit)
    used = amount(found.spent + found.reserved, "")
    return f"{named(found)}: {used} of {whole}, {_share(found)}"


def parts(found: Outlook) -> str:
    """What is behind that, and when it starts anew."""
    told = [f"{amount(found.spent, '')} spent"]
    if found.assumed:
        told[0] += f" ({amount(found.assumed, '')} of it assumed: the provider has not said)"
    if found.reserved:
        told.append(f"{amount(found.reserved, '')} held for what is on its way")
    told.append(f"{amount(found.left, '')} left")
    words = f"{', '.join(told)}. Starts anew on {anew(found.resets_at)}."
    if found.unpriced:
        words += f" Not in it: {_tasks(found.unpriced)} whose cost is not known."
    return words


def _tasks(number: int) -> str:
    return "1 video" if number == 1 else f"{number} videos"


def _share(found: Outlook) -> str:
    return f"{found.percent} %"
