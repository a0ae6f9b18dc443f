"""One wish, however it was written: nested for `generate`, flat for `animateImage` and REST.

The bounds and prices are the catalogue's rows. Source of the names: the parameter tables and samples of
doitong.com/tr/developers/api/runway and doitong.com/ms/developers/api/runway-i2v.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from runway_core.catalog import ModelSpec, catalog
from runway_core.domain import Capability
from runway_core.sandbox.doitong.refused import Refused

SIZES = {"16:9": "1280:720", "9:16": "720:1280", "1:1": "960:960"}
"""Pixels by aspectRatio. Doitong's webhook sample says 1920x1080; gen-4 makes 1280x720."""
LINK_MAX = 2048
SERVICES = {"runway": "generatevideo", "runway-i2v": "imagevideo"}
"""Each `provider`, which REST calls `service`, and the name of its job in a REST answer."""
TEXTS = {"version": "version", "quality": "quality", "motionIntensity": "motion_intensity"}
"""The catalogue's name of each option that is text."""


@dataclass(frozen=True)
class Wish:
    """A job that can be made."""

    spec: ModelSpec
    prompt: str
    image: str
    """An https link; empty for text to video."""
    seconds: int
    ratio: str
    """Pixels, ``width:height``."""
    quality: str
    webhook: str

    @property
    def credits(self) -> int:
        """What it costs: the shortest the low end of the published range, the longest the high end (assumed)."""
        assert self.spec.price
        rates = self.spec.price.rates
        chosen = {"quality": self.quality, "duration": str(self.seconds)}
        rate = next((rate for rate in rates if rate.fits(chosen)), rates[-1])
        shortest, longest = min(self.spec.durations), max(self.spec.durations)
        if rate.low is None:
            return int(rate.high)
        share = (self.seconds - shortest) * (rate.high - rate.low) / (longest - shortest)
        return int(rate.low + share)


def read_wish(values: Mapping[str, object], *, prompt_required: bool) -> Wish:
    """Check a wish given by REST's names.

    Raises:
        Refused: something is missing or out of bounds.
    """
    image = _text(values, "imageUrl") or _text(values, "image")
    service = _text(values, "service") or ("runway-i2v" if image else "runway")
    if service not in SERVICES:
        raise _bad("service", f"must be one of {', '.join(SERVICES)}")
    spec = next(spec for spec in catalog().models if spec.id == service)
    animates = spec.capability is Capability.IMAGE_TO_VIDEO
    if animates:
        _check_link(image)
    for name in TEXTS:
        _check_option(values, name, spec)
    return Wish(
        spec=spec,
        prompt=_prompt(values, spec, required=prompt_required or spec.prompt_required),
        image=image if animates else "",
        seconds=_seconds(values, spec),
        ratio=SIZES[_choice(values, "aspectRatio", spec.ratios)],
        quality=_text(values, "quality"),
        webhook=_text(values, "webhookUrl"),
    )


def _prompt(values: Mapping[str, object], spec: ModelSpec, *, required: bool) -> str:
    prompt = _text(values, "prompt")
    if required and not prompt.strip():
        raise _bad("prompt", "is required")
    if len(prompt) > spec.prompt_max:
        raise _bad("prompt", f"must have at most {spec.prompt_max} characters")
    return prompt


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _bad(name, "must be a string")
    # A lone surrogate can be sent, but neither stored nor drawn.
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _choice(values: Mapping[str, object], name: str, allowed: Iterable[str]) -> str:
    known = list(allowed)
    value = _text(values, name) or known[0]
    if value not in known:
        raise _bad(name, f"must be one of {', '.join(known)}")
    return value


def _check_option(values: Mapping[str, object], name: str, spec: ModelSpec) -> None:
    option = spec.option(TEXTS[name])
    if option is not None and option.kind == "choice":
        _choice(values, name, option.choices)
    elif len(_text(values, name)) > LINK_MAX:
        raise _bad(name, "is too long")


def _seconds(values: Mapping[str, object], spec: ModelSpec) -> int:
    value = values.get("duration")
    shortest, longest = min(spec.durations), max(spec.durations)
    if value is None:
        return shortest
    if isinstance(value, bool) or not isinstance(value, int):
        raise _bad("duration", "must be a whole number")
    if not shortest <= value <= longest:
        raise _bad("duration", f"must be between {shortest} and {longest}")
    return value


def _check_link(image: str) -> None:
    """Only links: that Doitong takes a picture's data is nowhere said."""
    if not image:
        raise _bad("imageUrl", "is required")
    try:
        parts = urlsplit(image)
        good = parts.scheme == "https" and "." in (parts.hostname or "")
    except ValueError:
        good = False
    if not good or re.search(r"\s", image) or len(image) > LINK_MAX:
        raise _bad("imageUrl", "must be an https link to a picture")


def _bad(name: str, words: str) -> Refused:
    return Refused("BAD_USER_INPUT", f"{name}: {words}", field=name)
