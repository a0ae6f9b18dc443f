"""Turns a create in a relay family's own words into Runway's, so that one reader checks them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runway_core.domain import Capability

PICTURES = ("image", "image_url", "images", "input_reference", "init_image", "promptImage")
LAST = "image_tail"
PROMPTS = ("prompt", "user_prompt", "text_prompt", "promptText")
SECONDS = ("duration", "seconds")
RATIOS = {
    "16:9": "1280:720",
    "9:16": "720:1280",
    "1:1": "960:960",
    "4:3": "1104:832",
    "3:4": "832:1104",
    "21:9": "1584:672",
}
"""Pixels by shape, of gen4_turbo."""
RATIO = "1280:720"
DURATION = 5
KNOWN = ("gen4_turbo", "gen3a_turbo", "gen4.5")
Json = dict[str, Any]


def translate(body: object) -> tuple[Json, Capability]:
    """What Runway would be asked, and where. A body that is no object is one without anything in it."""
    values = _flat(body)
    picture = _first(values, PICTURES)
    if isinstance(picture, list):
        picture = picture[0] if picture else None
    told: Json = {
        "model": _model(values, has_picture=bool(picture)),
        "promptText": _first(values, PROMPTS),
        "promptImage": picture or None,
        "ratio": _ratio(values),
        "duration": _seconds(values),
        "seed": values.get("seed"),
    }
    capability = Capability.IMAGE_TO_VIDEO if picture else Capability.TEXT_TO_VIDEO
    return {name: value for name, value in told.items() if value is not None}, capability


def _flat(body: object) -> Json:
    """The body with what is below ``options`` and ``metadata`` beside the rest."""
    if not isinstance(body, dict):
        return {}
    inner = [part for name in ("options", "metadata") if isinstance(part := body.get(name), dict)]
    return {name: value for part in (*inner, body) for name, value in part.items()}


def _first(values: Json, names: tuple[str, ...]) -> Any:
    return next((values[name] for name in names if values.get(name) not in (None, "")), None)


def _model(values: Json, *, has_picture: bool) -> str:
    """The model that is named, or the one that can do it: other families' models are practised with ours."""
    named = str(_first(values, ("model", "model_name", "taskType")) or "")
    return named if named in KNOWN else "gen4_turbo" if has_picture else "gen4.5"


def _ratio(values: Json) -> str:
    for given in _ratios(values):
        if given in RATIOS or given in RATIOS.values() or given in ("1280:768", "768:1280"):
            return RATIOS.get(given, given)
    return RATIO


def _ratios(values: Json) -> Iterator[str]:
    yield str(values.get("ratio", ""))
    yield str(values.get("aspect_ratio", ""))
    yield str(values.get("size", "")).replace("x", ":")
    yield f"{values.get('width')}:{values.get('height')}"


def _seconds(values: Json) -> object:
    """A number; these families also write it as text."""
    value = _first(values, SECONDS)
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return DURATION if value is None else value
