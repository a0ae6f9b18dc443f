"""What a key may do: by its plan, by its owner's own figures, by what its provider said."""

from __future__ import annotations

from typing import Any

import pytest

from runway_core.catalog import catalog
from runway_core.domain import ModelLimit
from runway_core.store import Limits
from runway_core.studio.limits import in_words, limits_of, plan_words
from tests.builders import connection

NONE = Limits()


def limits(profile: str, model: str = "gen4_turbo", **changes: Any) -> Limits:
    row = catalog().profile(profile)
    return limits_of(connection(profile=profile, **changes), row, model)


@pytest.mark.parametrize(
    ("plan", "per_minute", "running", "per_day"),
    [
        ("free", 9, 1, 100),
        ("starter", 27, 3, 1_000),
        ("pro", 54, 10, 10_000),
        ("enterprise", None, None, None),
        ("", 9, 1, 100),  # nobody has said: the smallest
    ],
)
def test_doitongs_plans_are_kept_with_a_tenth_of_the_requests_to_spare(
    plan: str, per_minute: int | None, running: int | None, per_day: int | None
) -> None:
    options = {"plan": plan} if plan else {}
    found = limits("doitong", "runway", options=options)
    assert found == Limits(per_minute=per_minute, running=running, per_day=per_day)


@pytest.mark.parametrize(
    ("tier", "running", "per_day"),
    [(1, 1, 50), (2, 3, 500), (3, 5, 1_000), (4, 10, 5_000), (5, 20, 25_000)],
)
def test_runways_tiers_count_each_model_apart_and_no_requests(
    tier: int, running: int, per_day: int
) -> None:
    found = limits("runway", options={"plan": f"tier-{tier}"})
    assert found == Limits(model="gen4_turbo", running=running, per_day=per_day)


def test_what_runway_says_of_an_account_counts_for_the_model_it_says_it_of() -> None:
    told = (
        ModelLimit(model="gen4_turbo", concurrent=2, daily=200),
        ModelLimit(model="aleph2", concurrent=None, daily=None),
    )
    assert limits("runway", model_limits=told) == Limits(model="gen4_turbo", running=2, per_day=200)
    assert limits("runway", "aleph2", model_limits=told) == Limits(model="aleph2")
    assert limits("runway", "veo3.1", model_limits=told) == Limits(model="veo3.1")
    assert limits("runway") == Limits(model="gen4_turbo")  # it has not said anything yet


@pytest.mark.parametrize("profile", ["openai-hk", "yunwu", "custom"])
def test_a_relay_without_published_plans_holds_nothing_back_unless_its_owner_says_so(
    profile: str,
) -> None:
    assert limits(profile) == NONE
    own = {"requests_a_minute": "20", "running_at_once": "4", "tasks_a_day": "50"}
    assert limits(profile, options=own) == Limits(per_minute=18, running=4, per_day=50)


def test_the_owners_own_figures_count_before_the_plans() -> None:
    own = {"plan": "free", "running_at_once": "5"}
    assert limits("doitong", "runway", options=own) == Limits(per_minute=9, running=5, per_day=100)
    assert limits("doitong", "runway", options={"requests_a_minute": "1"}).per_minute == 1


def test_why_a_video_waits_is_said_with_the_plans_name() -> None:
    def words(profile: str, model: str = "runway", **changes: Any) -> str:
        row, one = catalog().profile(profile), connection(profile=profile, **changes)
        return plan_words(one, row, limits_of(one, row, model))

    assert words("doitong") == "Free plan runs 1 at a time"
    assert words("doitong", options={"plan": "starter"}) == "Starter plan runs 3 at a time"
    tier = words("runway", "gen4_turbo", options={"plan": "tier-2"})
    assert tier == "Tier 2 plan runs 3 of gen4_turbo at a time"
    assert words("custom", name="My relay", options={"running_at_once": "2"}) == (
        "My relay runs 2 at a time"
    )
    assert words("custom") == ""


@pytest.mark.parametrize(
    ("profile", "options", "says"),
    [
        ("doitong", {}, "Free plan: 1 at once, 10 requests a minute, 100 a day"),
        ("doitong", {"plan": "pro"}, "Pro plan: 10 at once, 60 requests a minute, 10,000 a day"),
        ("doitong", {"plan": "enterprise"}, ""),
        ("doitong", {"plan": "enterprise", "running_at_once": "40"}, "Plan: 40 at once"),
        ("runway", {}, "Plan: as its provider says"),
        ("runway", {"plan": "tier-1"}, "Tier 1 plan: 1 at once, 50 a day"),
        ("custom", {}, ""),
        ("custom", {"requests_a_minute": "30"}, "Plan: 30 requests a minute"),
        ("sandbox", {}, ""),
    ],
)
def test_a_plan_is_told_in_figures(profile: str, options: dict[str, str], says: str) -> None:
    row = catalog().profile(profile)
    assert in_words(connection(profile=profile, options=options), row) == says
