"""Turns an order into a task: how large, how long and in which form its result will be, and what it costs."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from runway_core.catalog import AS_SENT
from runway_core.domain import Capability, Role
from runway_core.sandbox.body import Order
from runway_core.sandbox.cost import FPS_MOST, Length, credits
from runway_core.sandbox.record import Kept, Record
from runway_core.sandbox.script import script
from runway_core.sandbox.sent import Sent

DRAWN_FPS = 24.0
DRAWN_SECONDS = 5.0
"""How long a linked video is taken to be: links are never fetched."""
IMAGE_SECONDS = 2
"""A picture takes as long as so many seconds of video."""
PIXELS_FROM = 64
"""Sides from here on are pixels; below, a shape such as 16:9."""
SIDES = {"1k": 1080, "2k": 1440, "4k": 2160}
"""Pixels of the shorter side behind a resolution's name; assumed. ``720p`` says its own."""
USUAL_SIDE = 720
USUAL_ASPECT = 16 / 9
SEED_MAX = 4_294_967_295
ENDINGS = {"jpeg": "jpg", "prores": "mov", "png_sequence": "zip", "sdr_rec709_10bit": "mov"}
"""Of each output format that is not its own ending."""


@dataclass(frozen=True)
class Plan:
    """What a result will be."""

    width: int
    height: int
    seconds: float
    fps: float
    ending: str


def new_record(
    order: Order,
    capability: Capability,
    *,
    owner: str,
    notes: Mapping[str, str] | None = None,
) -> Record:
    """Make a task of an order. Its files are not kept yet."""
    task_id = str(uuid.uuid4())
    seed = order.seed
    if seed is None:
        seed = random.randrange(SEED_MAX + 1)  # noqa: S311 - any will do
    plan = plan_of(order)
    times = script(order.prompt, duration=plan.seconds or IMAGE_SECONDS, seed=seed)
    return Record(
        id=task_id,
        owner=owner,
        model=order.spec.id,
        capability=capability,
        prompt=order.prompt,
        ratio=f"{plan.width}:{plan.height}",
        duration=plan.seconds,
        fps=plan.fps,
        ending=plan.ending,
        seed=seed,
        files=tuple(_kept(task_id, order)),
        credits=credits(order, Length(plan.seconds, plan.fps)),
        estimate=credits(order, _longest(order, plan)),
        pending=times.pending,
        throttled=times.throttled,
        running=times.running,
        fault=times.fault,
        created_at=datetime.now(UTC),
        notes=dict(notes or {}),
    )


def plan_of(order: Order) -> Plan:
    """What the result of an order will be."""
    source = _source(order)
    if order.spec.makes == "image":
        seconds = fps = 0.0
    else:
        seconds = order.duration or (source.seconds if source else 0) or _assumed_seconds(order)
        fps = min(source.fps, FPS_MOST) if source and source.fps else DRAWN_FPS
    if _is_boosted(order):
        fps = min(fps * 2, FPS_MOST)
    width, height = _size(order, source)
    return Plan(width, height, float(seconds), fps, _ending(order))


def _is_boosted(order: Order) -> bool:
    """Whether more frames a second were asked for than the video has."""
    faster = order.spec.price.faster_with if order.spec.price else {}
    return bool(faster) and all(order.chosen(name) == value for name, value in faster.items())


def files_of(order: Order) -> Iterator[tuple[str, Sent]]:
    """Every file of an order under a name that is its own."""
    yield from order.pictures.items()
    for number, given in enumerate(order.media):
        yield f"{given.role}{number}", given.sent


def _kept(task_id: str, order: Order) -> Iterator[Kept]:
    roles = [*order.pictures, *(str(given.role) for given in order.media)]
    for role, (name, sent) in zip(roles, files_of(order), strict=True):
        yield Kept(role=role, kind=sent.kind, source=sent.link or f"{task_id}-{name}")


def _source(order: Order) -> Sent | None:
    """The video that the result follows."""
    roles = (Role.VIDEO, Role.PERFORMANCE)
    return next((given.sent for given in order.media if given.role in roles), None)


def _assumed_seconds(order: Order) -> float:
    low, high = _bounds(order)
    return min(max(DRAWN_SECONDS, low), high)


def _bounds(order: Order) -> tuple[float, float]:
    return next((m.seconds for m in order.spec.media if m.seconds), (0.0, DRAWN_SECONDS))


def _longest(order: Order, plan: Plan) -> Length:
    """What is charged at most: a linked video may be as long as the model takes."""
    source = _source(order)
    if order.duration or source is None or source.seconds:
        return Length(plan.seconds, plan.fps)
    return Length(_bounds(order)[1], FPS_MOST)


def _size(order: Order, source: Sent | None) -> tuple[int, int]:
    width, height = _pair(order.ratio)
    if width >= PIXELS_FROM and height >= PIXELS_FROM:
        return _even(width), _even(height)
    sent = next((s for s in (source, *order.pictures.values()) if s and s.size[0]), None)
    aspect = width / height if width else _option_aspect(order)
    aspect = aspect or (sent.size[0] / sent.size[1] if sent else USUAL_ASPECT)
    own = min(source.size) if source and source.size[0] else 0
    side = _side(order) or own or USUAL_SIDE
    if order.spec.capability is Capability.VIDEO_UPSCALE:
        side = max(side, own)
    return (
        (_even(side * aspect), _even(side)) if aspect > 1 else (_even(side), _even(side / aspect))
    )


def _option_aspect(order: Order) -> float:
    shape = next((o.name for o in order.spec.options if o.key == "targetAspectRatio"), "")
    width, height = _pair(order.chosen(shape))
    return width / height if width else 0.0


def _side(order: Order) -> int:
    """Pixels of the shorter side that were asked for; 0 when nothing was."""
    name = next((o.name for o in order.spec.options if o.key == "resolution"), "")
    chosen = order.chosen(name).lower()
    if chosen in SIDES:
        return SIDES[chosen]
    match = re.fullmatch(r"(\d{3,4})p", chosen)
    return int(match[1]) if match else 0


def _pair(ratio: str) -> tuple[int, int]:
    width, _, height = ratio.partition(":")
    if ratio == AS_SENT or not (width.isdecimal() and height.isdecimal()):
        return 0, 0
    return int(width), int(height)


def _ending(order: Order) -> str:
    usual = "png" if order.spec.makes == "image" else "mp4"
    name = next((o.name for o in order.spec.options if o.key == "outputFormat"), "")
    chosen = order.chosen(name) or usual
    return ENDINGS.get(chosen, chosen)


def _even(length: float) -> int:
    return max(round(length / 2) * 2, 2)
