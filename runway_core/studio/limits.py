"""What one key may do: its plan's figures, what its provider said itself, and what its owner says."""

from __future__ import annotations

from runway_core.catalog import Profile
from runway_core.domain import Connection, ModelLimit
from runway_core.pricing import Limits, usable


def limits_of(connection: Connection, profile: Profile, model: str) -> Limits:
    """What may be sent with a connection's key for a model; its owner's own figures count first."""
    plan = profile.plan(connection.options.get("plan", ""))
    per_minute = _own(connection, "requests_a_minute") or (plan.per_minute if plan else None)
    running, per_day, per_model = (
        (plan.running, plan.per_day, plan.per_model) if plan else (None, None, False)
    )
    if plan is not None and plan.as_told:
        told = _told(connection, model)
        running, per_day = (told.concurrent, told.daily) if told else (None, None)
    own_running = _own(connection, "running_at_once")
    own_day = _own(connection, "tasks_a_day")
    if own_running or own_day:
        per_model = False
    return Limits(
        model=model if per_model else "",
        per_minute=None if per_minute is None else usable(per_minute),
        # A plan that says 0 is told by the provider, whose refusal has the better words.
        running=own_running or running or None,
        per_day=own_day or per_day or None,
    )


def plan_words(connection: Connection, profile: Profile, limits: Limits) -> str:
    """Why tasks wait, such as ``Free plan runs 1 at a time``; empty where nothing is held back."""
    if limits.running is None:
        return ""
    each = f" of {limits.model}" if limits.model else ""
    who = _who(connection, profile, "running_at_once")
    return f"{who} runs {limits.running}{each} at a time"


def who_limits(connection: Connection, profile: Profile) -> str:
    """Whose limits those of a connection are: such as ``Free plan``, or its own name."""
    return _who(connection, profile, "running_at_once", "requests_a_minute", "tasks_a_day")


def _who(connection: Connection, profile: Profile, *own: str) -> str:
    """The plan, unless it is the provider's or the owner's own word that counts."""
    plan = profile.plan(connection.options.get("plan", ""))
    said = any(_own(connection, name) for name in own)
    named = plan is not None and not plan.as_told and not said
    return f"{plan.title} plan" if named and plan is not None else connection.name


def in_words(connection: Connection, profile: Profile) -> str:
    """What a connection's key may do, such as ``Free plan: 1 at once, 10 requests a minute, 100 a day``."""
    plan = profile.plan(connection.options.get("plan", ""))
    running = _own(connection, "running_at_once") or (plan.running if plan else None)
    minute = _own(connection, "requests_a_minute") or (plan.per_minute if plan else None)
    day = _own(connection, "tasks_a_day") or (plan.per_day if plan else None)
    figures = [
        f"{running:,} at once" if running else "",
        f"{minute:,} requests a minute" if minute else "",
        f"{day:,} a day" if day else "",
    ]
    told = ", ".join(filter(None, figures))
    if plan is not None and plan.as_told:
        return f"Plan: as its provider says{'; ' + told if told else ''}"
    if not told:
        return ""
    return f"{plan.title} plan: {told}" if plan and not plan.unlimited else f"Plan: {told}"


def _own(connection: Connection, name: str) -> int | None:
    text = connection.options.get(name, "")
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _told(connection: Connection, model: str) -> ModelLimit | None:
    return next((limit for limit in connection.model_limits if limit.model == model), None)
