"""Requests that every test here starts from, and the problems that a check finds in them."""

from __future__ import annotations

from typing import Any

from runway_core.catalog import AS_SENT, Catalog, MediaSpec, ModelSpec, Notice, Profile, catalog
from runway_core.catalog import check as check_request
from runway_core.domain import (
    Capability,
    Frame,
    FramePosition,
    GenerationRequest,
    Media,
    MediaKind,
)
from runway_core.errors import InvalidInputError

LINK = "https://pictures.example.com/a.png"
LINKS = {
    MediaKind.IMAGE: LINK,
    MediaKind.VIDEO: "https://videos.example.com/a.mp4",
    MediaKind.AUDIO: "https://sounds.example.com/a.mp3",
}
CATALOG: Catalog = catalog()
_RUNWAYS = CATALOG.profile("runway").specs
OFFERS = [
    (profile, spec)
    for profile in CATALOG.profiles
    for spec in profile.specs
    if profile.kind != "sandbox" or spec not in _RUNWAYS
]
"""What each profile offers; of the sandbox only what is not just as Runway itself offers it."""
OFFER_IDS = [f"{profile.id}-{spec.id}-{spec.capability}" for profile, spec in OFFERS]


def offer(
    profile_id: str, model: str, capability: str = "image_to_video"
) -> tuple[Profile, ModelSpec]:
    """A profile and what it offers of a model."""
    return CATALOG.profile(profile_id), CATALOG.spec(profile_id, model, capability)


def frame(position: str = "first", uri: str = LINK) -> Frame:
    """A picture that fixes one frame."""
    return Frame(position=FramePosition(position), uri=uri)


def files(medium: MediaSpec, count: int, *, kind: MediaKind | None = None) -> tuple[Media, ...]:
    """So many files of one sort, each as the model takes it."""
    kind = kind or medium.kinds[0]
    seconds = 1.0 if medium.shape == "keyframes" else None
    one = Media(role=medium.role, kind=kind, uri=LINKS[kind], seconds=seconds)
    return (one,) * count


def needed(spec: ModelSpec, *but: MediaSpec) -> tuple[Media, ...]:
    """The files that the model can't do without, `but` for some."""
    return tuple(one for m in spec.media if m not in but for one in files(m, m.least))


def good(spec: ModelSpec, **changes: Any) -> GenerationRequest:
    """A request that the model takes, with `changes` in it."""
    fields: dict[str, Any] = {
        "capability": Capability(spec.capability),
        "model": spec.id,
        "prompt": "a boat leaves the harbour" if spec.prompt_max else "",
        "frames": (frame(),) if spec.frames_min else (),
        "media": needed(spec),
        "ratio": spec.default_ratio or next(iter(spec.ratios), ""),
        "duration": spec.default_duration,
    }
    return GenerationRequest(**(fields | changes))


def seen(spec: ModelSpec, ratio: str) -> dict[str, Any]:
    """A change to this ratio, with a picture to take the shape from where it needs one."""
    if ratio != AS_SENT or spec.frames_min or needed(spec) or not spec.media:
        return {"ratio": ratio}
    return {"ratio": ratio, "media": files(spec.media[0], 1)}


def refused(profile: Profile, spec: ModelSpec, **changes: Any) -> dict[str, str]:
    """What the check says of each field; empty when it lets the request pass."""
    try:
        check_request(good(spec, **changes), spec, profile)
    except InvalidInputError as error:
        return {problem.field: problem.message for problem in error.problems}
    return {}


def warned(profile: Profile, spec: ModelSpec, **changes: Any) -> tuple[Notice, ...]:
    """What the check warns of while it lets the request pass."""
    return check_request(good(spec, **changes), spec, profile)
