"""The inputs of the pricing page: what is to be made, drawn from what the connections offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import chain
from math import ceil, floor
from typing import Literal, cast, get_args

import streamlit as st

from runway_core.catalog import ModelSpec, OptionSpec
from runway_core.domain import Capability, Role
from runway_core.language import N_, _, translated
from runway_core.pricing import Wish
from runway_core.studio.pricing import COUNT_MOST
from runway_core.ui import price_address as address
from runway_core.ui.rights import to_settings
from runway_core.ui.services import get_studio
from runway_core.ui.words import CAPABILITIES, capability, choice, model_label, pixels, plain, shape

Sort = Literal["price", "time", "connection"]
SORTS: dict[Sort, str] = {
    "price": N_("Cheapest first"),
    "time": N_("Fastest first"),
    "connection": N_("By connection"),
}
_USUAL_LENGTH = 5
_LENGTH_MOST = 120
"""Seconds; longer videos can be worked on, and are priced on Create."""
_FPS = (1, 240)
_QUALITY = frozenset({"quality", "version", "resolution"})
"""Settings that people compare by, also where no price hangs on them."""
_ON_OFF = {"true": N_("On"), "false": N_("Off")}


@dataclass(frozen=True)
class Question:
    """What to price, and how to show it."""

    wish: Wish
    sort: Sort
    lengths: tuple[int, ...]
    """Seconds that one of the models makes or takes; empty where there is no length."""
    said: dict[str, str]
    """The same as the address says it."""


def price_questions() -> Question | None:
    """Draw the inputs; None when there is no connection.

    Raises:
        StorageError: the database can't be read.
    """
    offered = list(_offered())
    if not offered:
        st.info(
            _("There is no connection yet, so there is nothing to price."),
            icon=":material/link_off:",
        )
        to_settings(_("Open Settings"), ask=_("add one"), icon=":material/settings:")
        return None
    address.arrive()
    wanted = _capability(offered)
    specs = [spec for spec in offered if spec.capability == wanted]
    models = _models(specs)
    specs = [spec for spec in specs if not models or spec.id in models]
    lengths = tuple(_lengths(specs))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        duration = _length(specs, lengths)
        count = _count(specs)
        options = dict(_options(specs))
        ratio = _shape(specs)
        references = _references(specs)
        fps = _fps(specs)
    wish = Wish(
        capability=wanted,
        models=tuple(models),
        duration=duration,
        count=count,
        ratio=ratio,
        options=dict(options),
        references=references,
        video_fps=None if fps is None else Decimal(fps),
    )
    return Question(wish, _sort(), lengths, _said(wish))


def _offered() -> Iterator[ModelSpec]:
    connections = get_studio().connections
    found = list(chain.from_iterable(connections.profile(c).specs for c in connections.all()))
    return (spec for wanted in CAPABILITIES for spec in found if spec.capability == wanted)


def _capability(offered: Sequence[ModelSpec]) -> Capability:
    kinds = list(dict.fromkeys(spec.capability.value for spec in offered))
    chosen = st.pills(
        _("What to make"),
        kinds,
        format_func=lambda kind: capability(Capability(kind)),
        required=True,
        wrap=True,
        key=address.text("make", kinds[0], kinds),
    )
    return Capability(chosen or kinds[0])


def _models(specs: Sequence[ModelSpec]) -> list[str]:
    names = {spec.id: model_label(spec) for spec in reversed(specs)}
    ordered = sorted(names, key=lambda model: names[model].casefold())
    return st.multiselect(
        _("Models"),
        ordered,
        format_func=lambda model: names.get(model, model),
        placeholder=_("All models"),
        key=address.texts("models", names),
    )


def _lengths(specs: Iterable[ModelSpec]) -> list[int]:
    """Seconds that can be chosen, or that a video which is worked on may have."""
    found: set[int] = set()
    for spec in specs:
        found |= set(spec.offered_durations())
        if spec.follows is not None and spec.follows.seconds is not None:
            least, most = spec.follows.seconds
            found |= set(range(max(1, ceil(least)), min(floor(most), _LENGTH_MOST) + 1))
    return sorted(found)


def _length(specs: Sequence[ModelSpec], lengths: Sequence[int]) -> int:
    if not lengths:
        return 0
    follows = all(spec.follows is not None for spec in specs)
    label = _("Length of your video") if follows else _("Length of each video")
    if len(lengths) == 1:
        return lengths[0]
    return st.select_slider(
        label,
        lengths,
        format_func=lambda seconds: _("{n} s").format(n=seconds),
        key=address.nearest("length", _USUAL_LENGTH, lengths),
        width=300,
    )


def _count(specs: Sequence[ModelSpec]) -> int:
    pictures = all(spec.makes == "image" for spec in specs)
    label = _("Number of pictures") if pictures else _("Number of videos")
    key = address.whole("count", 1, 1, COUNT_MOST)
    return int(st.number_input(label, 1, COUNT_MOST, step=1, key=key, width=160))


def _options(specs: Sequence[ModelSpec]) -> Iterator[tuple[str, str]]:
    """The settings that were chosen: those that a price hangs on, and those of quality."""
    for name, rows in _comparable(specs).items():
        values = list(dict.fromkeys(chain.from_iterable(map(_values, rows))))
        key = address.text(f"{address.OPTION}{name}", "", ["", *values])
        chosen = st.selectbox(
            plain(translated(rows[0].title)),
            ["", *values],
            format_func=partial(_value_label, rows),
            key=key,
            width=200,
        )
        if chosen:
            yield name, chosen


def _comparable(specs: Sequence[ModelSpec]) -> dict[str, list[OptionSpec]]:
    found: dict[str, list[OptionSpec]] = {}
    for spec in specs:
        for option in spec.options:
            if option.kind in ("choice", "switch") and _matters(spec, option.name):
                found.setdefault(option.name, []).append(option)
    return found


def _matters(spec: ModelSpec, name: str) -> bool:
    if name in _QUALITY or spec.price is None:
        return name in _QUALITY
    rates = (*spec.price.rates, *spec.price.extras)
    return name in spec.price.faster_with or any(name in rate.when for rate in rates)


def _values(option: OptionSpec) -> tuple[str, ...]:
    return tuple(_ON_OFF) if option.kind == "switch" else option.choices


def _value_label(rows: Sequence[OptionSpec], value: str) -> str:
    if not value:
        return _("Each model's own")
    if value in _ON_OFF:
        return _(_ON_OFF[value])
    named = next((row.label(value) for row in rows if row.label(value) != value), value)
    return translated(named) if named != value else choice(value)


def _shape(specs: Sequence[ModelSpec]) -> str:
    ratios = list(dict.fromkeys(chain.from_iterable(spec.offered_ratios() for spec in specs)))
    if not ratios:
        return ""
    return st.selectbox(
        _("Shape"),
        ["", *ratios],
        format_func=lambda ratio: _shape_label(ratio) if ratio else _("Each model's own"),
        key=address.text("shape", "", ["", *ratios]),
        width=200,
    )


def _shape_label(ratio: str) -> str:
    return " · ".join(filter(None, (shape(ratio), pixels(ratio))))


def _references(specs: Sequence[ModelSpec]) -> int:
    """How many reference pictures go along, where each of them costs something."""
    most = max((_references_most(spec) for spec in specs), default=0)
    if not most:
        return 0
    key = address.whole("references", 0, 0, most)
    return int(st.number_input(_("Reference pictures"), 0, most, step=1, key=key, width=180))


def _references_most(spec: ModelSpec) -> int:
    pictures = spec.medium(Role.REFERENCE)
    paid = spec.price is not None and any(e.per == "reference" for e in spec.price.extras)
    return pictures.most if paid and pictures is not None else 0


def _fps(specs: Sequence[ModelSpec]) -> int | None:
    """Frames a second of the video to enlarge, where the price goes by frames."""
    if not any(spec.price is not None and spec.price.per == "frame" for spec in specs):
        return None
    value = st.number_input(
        _("Its frames a second"),
        *_FPS,
        value=None,
        step=1,
        key=address.whole("fps", None, *_FPS),
        placeholder=_("not known"),
        width=180,
    )
    return None if value is None else int(value)


def _sort() -> Sort:
    """The order of the rows; its widget is drawn with them, by `sort_field`."""
    return cast("Sort", st.session_state[address.text("sort", "price", get_args(Sort))])


def sort_field() -> None:
    """Draw the choice of the order."""
    st.selectbox(
        _("Order"),
        list(SORTS),
        format_func=lambda sort: _(SORTS[sort]),
        key="pricing.sort",
        label_visibility="collapsed",
        width=190,
    )


def _said(wish: Wish) -> dict[str, str]:
    """What the address says of it; nothing of what is usual."""
    kind = wish.capability.value if wish.capability is not None else ""
    sort = st.session_state["pricing.sort"]
    said = {
        "make": "" if kind == next(iter(CAPABILITIES)) else kind,
        "models": ",".join(wish.models),
        "length": "" if wish.duration in (0, _USUAL_LENGTH) else str(wish.duration),
        "count": "" if wish.count == 1 else str(wish.count),
        "shape": wish.ratio,
        "references": "" if not wish.references else str(wish.references),
        "fps": "" if wish.video_fps is None else f"{wish.video_fps:f}",
        "sort": "" if sort == "price" else sort,
    }
    return said | {f"{address.OPTION}{name}": str(v) for name, v in wish.options.items()}
