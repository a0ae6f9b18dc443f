"""A recipe as the query of an address that opens Create filled. Pure: no Streamlit, no database.

    /?make=image_to_video&model=gen4_turbo&prompt=A+fox+turns&shape=1280%3A720&seconds=5&seed=7&files=first

It holds what anybody may read: no key, no connection, and no file, only which ones belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from runway_core.catalog import OptionSpec, catalog
from runway_core.domain import Capability, FramePosition, GenerationRequest, Role, Value
from runway_core.ui.form import SEED_MAX, Form

NAMES = ("make", "model", "prompt", "shape", "seconds", "seed", "with", "files")
"""Every word that a recipe uses in an address, but those of further settings."""
SETTING = "set."
"""What the word of a further setting begins with."""
TEXT_MOST = 8000
"""Characters of a prompt or setting that are read: no model takes more."""
_MARKS = ("make", "model", "prompt")
"""One of these makes an address a recipe."""


def is_recipe(query: Mapping[str, str]) -> bool:
    """Whether an address asks for the form to be filled."""
    return any(name in query for name in _MARKS)


def recipe_of(request: GenerationRequest, *, profile: str = "") -> dict[str, str]:
    """The query that opens Create with what was asked for.

    Args:
        profile: the id of the service that it was made with, such as ``openai-hk``; a connection of the
            same service is chosen where it is opened.
    """
    files = [frame.position.value for frame in request.frames]
    files += [sent.role.value for sent in request.media]
    found = {
        "make": request.capability.value if request.capability else "",
        "model": request.model,
        "prompt": request.prompt,
        "shape": request.ratio,
        "seconds": str(request.duration or ""),
        "seed": "" if request.seed is None else str(request.seed),
        **{f"{SETTING}{name}": _written(value) for name, value in request.options.items()},
        "with": profile,
        "files": ",".join(dict.fromkeys(files)),
    }
    return {name: value for name, value in found.items() if value}


def address_of(query: Mapping[str, str], *, page: str) -> str:
    """The whole link; `page` is the address of any page of the app."""
    scheme, _, rest = page.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/?{urlencode(query)}"


def form_of(query: Mapping[str, str], *, connection_for: Callable[[str], str]) -> Form:
    """The form that a recipe fills, as a new draft; what makes no sense is left out.

    Args:
        connection_for: gives the id of a connection of a service, or nothing.
    """
    make, model = query.get("make", ""), query.get("model", "")
    known = {capability.value for capability in Capability}
    seed = _number(query.get("seed", ""), SEED_MAX)
    return Form(
        connection_id=connection_for(query.get("with", "")),
        capability=make if make in known else _first_made(model),
        model=model[:200],
        prompt=query.get("prompt", "")[:TEXT_MOST],
        ratio=query.get("shape", "")[:40],
        duration=_number(query.get("seconds", ""), 3600) or 0,
        options=_options(query, model),
        **({} if seed is None else {"seed": seed}),
    )


def missing_files(query: Mapping[str, str]) -> tuple[str, ...]:
    """The fields of the files that belong to a recipe and can't be in a link, such as ``frames.first``."""
    asked = dict.fromkeys(query.get("files", "").split(","))
    fields = {position.value: f"frames.{position.value}" for position in FramePosition}
    fields |= {role.value: f"media.{role.value}" for role in Role}
    return tuple(fields[name] for name in asked if name in fields)


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str, most: int) -> int | None:
    found = int(text) if text.isdecimal() and text.isascii() and len(text) <= 10 else None
    return found if found is not None and found <= most else None


def _first_made(model: str) -> str:
    """What a model makes, for a recipe that does not say."""
    return next((s.capability.value for s in catalog().models if s.id == model), "")


def _options(query: Mapping[str, str], model: str) -> dict[str, Value]:
    """The settings that the model knows; a value that it does not take is left out when the form is fitted."""
    known: dict[str, OptionSpec] = {
        option.name: option
        for spec in catalog().models
        if spec.id == model
        for option in spec.options
    }
    asked = {
        name.removeprefix(SETTING): text[:TEXT_MOST]
        for name, text in query.items()
        if name.startswith(SETTING)
    }
    return {name: known[name].read(text) for name, text in asked.items() if name in known}
