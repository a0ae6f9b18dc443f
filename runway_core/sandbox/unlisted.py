"""What Runway takes although the catalogue's rows don't list it: its own defaults, and what has come since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runway_core.catalog import ModelSpec

UNSAID: dict[str, dict[str, Any]] = {
    "gen4_turbo": {"duration": 10},
    "gen3a_turbo": {"duration": 10, "ratio": "1280:768"},
}
"""What Runway takes when a key that it can do without is missing; of other models our own default.
Source: OpenAPI of 2026-03-04 for gen3a_turbo; gen4_turbo states no default, the older model's is assumed."""

_SEEDANCE: dict[str, tuple[str, ...]] = {"duration": ("auto",), "seed": ()}
SINCE: dict[str, dict[str, tuple[str, ...]]] = {
    "seedance2": _SEEDANCE,
    "seedance2_fast": _SEEDANCE,
    "seedance2_mini": _SEEDANCE,
    "seedance2_5": {
        **_SEEDANCE,
        "mode": ("edit",),
        "outputFormat": (),
        "draft": (),
        "draftTaskId": (),
    },
    "hailuo3": {"resolution": ("768p", "2k")},
    "happyhorse_1_0": {"resolution": ("720p", "1080p")},
}
"""Further values of keys, or with none whole keys. Source: the types of Runway's own client runwayml 5.24.0
(2026-10-23), which are newer than the description that the catalogue follows."""


def also(spec: ModelSpec) -> Mapping[str, tuple[str, ...]]:
    """What a model takes besides what its row can ask for, as `ModelSpec.also` says it."""
    return {**spec.also, **SINCE.get(spec.id, {})}
