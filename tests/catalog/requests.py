"""Requests that every test here starts from, and the problems that a check finds in them."""

from __future__ import annotations

from typing import Any

from runway_core.catalog import Catalog, ModelSpec, Notice, Profile, catalog, check
from runway_core.domain import Capability, Frame, FramePosition, GenerationRequest
from runway_core.errors import InvalidInputError

LINK = "https://pictures.example.com/a.png"
CATALOG: Catalog = catalog()
OFFERS = [(profile, spec) for profile in CATALOG.profiles for spec in profile.specs]
OFFER_IDS = [f"{profile.id}-{spec.id}-{spec.capability}" for profile, spec in OFFERS]


def offer(
    profile_id: str, model: str, capability: str = "image_to_video"
) -> tuple[Profile, ModelSpec]:
    """A profile and what it offers of a model."""
    return CATALOG.profile(profile_id), CATALOG.spec(profile_id, model, capability)


def frame(position: str = "first", uri: str = LINK) -> Frame:
    """A picture that fixes one frame."""
    return Frame(position=FramePosition(position), uri=uri)


def good(spec: ModelSpec, **changes: Any) -> GenerationRequest:
    """A request that the model takes, with `changes` in it."""
    fields: dict[str, Any] = {
        "capability": Capability(spec.capability),
        "model": spec.id,
        "prompt": "a boat leaves the harbour",
        "frames": (frame(),) if spec.frames_min else (),
        "ratio": spec.ratios[0],
        "duration": spec.default_duration,
    }
    return GenerationRequest(**(fields | changes))


def refused(profile: Profile, spec: ModelSpec, **changes: Any) -> dict[str, str]:
    """What the check says of each field; empty when it lets the request pass."""
    try:
        check(good(spec, **changes), spec, profile)
    except InvalidInputError as error:
        return {problem.field: problem.message for problem in error.problems}
    return {}


def warned(profile: Profile, spec: ModelSpec, **changes: Any) -> tuple[Notice, ...]:
    """What the check warns of while it lets the request pass."""
    return check(good(spec, **changes), spec, profile)
