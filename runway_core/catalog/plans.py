"""What a provider's plans allow, and how a connection says which plan it has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runway_core.catalog.parts import Day, OptionSpec, Words
from runway_core.domain import Noun

Most = Annotated[int, Field(ge=1)]


class Plan(Noun):
    """One plan of a profile: what one key may do. None means that the plan sets no such limit."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: Words
    per_minute: Most | None = None
    """Requests of any kind in any 60 seconds."""
    running: Most | None = None
    """Tasks at once."""
    per_day: Most | None = None
    """Tasks in any 24 hours."""
    per_model: bool = False
    """Whether tasks are counted for each model apart."""
    as_told: bool = False
    """Whether the provider's own answer says what this key may do; until it has, nothing is held back."""
    source: Words
    as_of: Day
    assumed: bool = False

    @property
    def unlimited(self) -> bool:
        """Whether it sets no limit of its own."""
        return self.per_minute is self.running is self.per_day is None


OWN_FIGURES = (
    OptionSpec(
        name="requests_a_minute",
        kind="number",
        title="Requests a minute",
        help="If your key's plan differs: how many requests it may make in a minute. "
        "A tenth is kept free, so that the plan's own count is never reached.",
        low=1,
        high=100_000,
        advanced=True,
    ),
    OptionSpec(
        name="running_at_once",
        kind="number",
        title="Videos at once",
        help="If your key's plan differs: how many videos may be in the making. Others wait here.",
        low=1,
        high=10_000,
        advanced=True,
    ),
    OptionSpec(
        name="tasks_a_day",
        kind="number",
        title="Videos a day",
        help="If your key's plan differs: how many videos may be started in 24 hours.",
        low=1,
        high=1_000_000,
        advanced=True,
    ),
    OptionSpec(
        name="unit_worth",
        kind="text",
        title="What one unit of its credit is worth",
        help="What you pay for one credit, point or unit, so that prices can be told in money and compared.",
        high=40,
        pattern=r"[0-9]{1,9}(\.[0-9]{1,12})? [A-Z]{3}",
        example="0.002 USD",
        advanced=True,
    ),
)
"""What a connection can say of its own key, whatever its plan."""


def plan_choice(plans: tuple[Plan, ...]) -> tuple[OptionSpec, ...]:
    """The setting that says which plan a connection has; none where no plans are known."""
    if not plans:
        return ()
    told = "How many videos it lets you make at once. Others wait here in line and cost nothing."
    return (
        OptionSpec(
            name="plan",
            kind="choice",
            title="Plan of this key",
            help=told,
            choices=tuple(plan.id for plan in plans),
            labels={plan.id: plan.title for plan in plans},
            default=plans[0].id,
            assumed=any(plan.assumed for plan in plans),
        ),
    )
