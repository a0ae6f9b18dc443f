"""Ratios: what shape they are, and which of a model's own is nearest to another."""

from __future__ import annotations

import math

from runway_core.catalog.parts import AS_SENT
from runway_core.catalog.spec import ModelSpec

_SHAPE_MOST = 100
"""Numbers below this are a shape such as 21:9 and not pixels."""


def aspect(ratio: str) -> float:
    """Width divided by height of ``width:height``.

    Raises:
        ValueError, ArithmeticError: it is none, such as ``adaptive``.
    """
    width, _, height = ratio.partition(":")
    return int(width) / int(height)


def pixels_known(ratio: str) -> bool:
    """Whether a ratio names pixels (``1280:720``) and not only a shape (``16:9``)."""
    width, _, height = ratio.partition(":")
    return width.isdecimal() and height.isdecimal() and int(width) >= _SHAPE_MOST <= int(height)


def nearest_ratio(spec: ModelSpec, ratio: str) -> str:
    """The model's own ratio whose shape is nearest to `ratio`, the first of equals.

    The model's default if `ratio` is no ratio; empty if the model has none to choose.
    """
    if ratio in spec.ratios or not spec.ratios:
        return ratio if ratio in spec.ratios else ""
    own = [r for r in spec.ratios if r != AS_SENT]
    try:
        wanted = aspect(ratio)
        return min(own, key=lambda r: abs(math.log(aspect(r) / wanted)))
    except (ValueError, ArithmeticError):
        return spec.default_ratio or spec.ratios[0]
