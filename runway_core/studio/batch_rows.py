"""A row of a list as the request that it stands for, held against what its model can be asked for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal

from runway_core.catalog import ModelSpec, Profile, aspect, nearest_ratio
from runway_core.catalog.billing import split_billing_id
from runway_core.domain import Capability, Estimate, Frame, GenerationRequest, Noun
from runway_core.errors import InvalidInputError, Problem
from runway_core.pricing import Timetable
from runway_core.studio.prompt_lists import ROWS_MOST, Line

MADE_OF_LISTS = (Capability.TEXT_TO_VIDEO, Capability.IMAGE_TO_VIDEO, Capability.TEXT_TO_IMAGE)
"""What a row of a list can be: words, or a picture with or without them."""
_ALIKE = 0.1
"""How far apart two shapes may be that are called the same, such as 16:9 and 1280:768."""


class Usual(Noun):
    """What holds where a row says nothing."""

    model: str = ""
    ratio: str = ""
    duration: int = 0
    """Seconds; each model's usual length when 0."""


class CheckedRow(Noun):
    """One row of a list before anything is asked for."""

    line: Line
    request: GenerationRequest | None = None
    """None where something is wrong with it."""
    estimate: Estimate | None = None
    problems: tuple[Problem, ...] = ()
    """Each with its field, such as ``duration``."""
    notices: tuple[str, ...] = ()
    """What to know before paying."""


class Checked(Noun):
    """A whole list before anything is asked for."""

    rows: tuple[CheckedRow, ...]
    unit: str
    low: Decimal | None
    """All good rows, in `unit`; None when the price of one is not known."""
    high: Decimal | None
    currency: str
    told_low: Decimal | None
    """The same in the reporting currency; None where that is not known."""
    told_high: Decimal | None
    schedule: Timetable | None
    """None when it is not known how long one of the models takes."""

    @property
    def good(self) -> tuple[CheckedRow, ...]:
        """Rows that can be asked for."""
        return tuple(row for row in self.rows if row.request is not None)

    @property
    def wrong(self) -> int:
        """How many can't."""
        return len(self.rows) - len(self.good)

    @property
    def estimates(self) -> list[Estimate]:
        """What the good rows should cost."""
        return [row.estimate for row in self.rows if row.estimate is not None]


def matrix(prompts: Sequence[str], images: Sequence[str], seeds: Sequence[int]) -> list[Line]:
    """A row for each prompt with each picture and each seed; what there is none of is left open.

    Raises:
        InvalidInputError: it is nothing, or too many; names ``prompt``.
    """
    number = max(len(prompts), 1) * max(len(images), 1) * max(len(seeds), 1)
    if not (prompts or images):
        raise InvalidInputError(Problem("prompt", "is empty: write one prompt a line."))
    if number > ROWS_MOST:
        most = "would be {number} videos; at most {most} are made at once."
        says = most.format(number=f"{number:,}", most=f"{ROWS_MOST:,}")
        raise InvalidInputError(Problem("prompt", says))
    wanted = [
        (prompt, image, seed)
        for prompt in prompts or [""]
        for image in images or [""]
        for seed in (seeds or (None,))
    ]
    return [
        Line(row=row, prompt=prompt, image=image, seed=seed)
        for row, (prompt, image, seed) in enumerate(wanted, start=1)
    ]


def request_of(
    line: Line, usual: Usual, profile: Profile, pictures: Mapping[str, str]
) -> GenerationRequest:
    """The request that a row stands for; it may still be impossible in ways that its model knows.

    Args:
        line: The row.
        usual: What holds where it says nothing.
        profile: Whose models there are.
        pictures: Where pictures are kept (``asset:…``), by their names without case.

    Raises:
        InvalidInputError: names each field that is wrong.
    """
    named = line.model or usual.model
    if not named:
        raise InvalidInputError(Problem("model", "is not said, here or for all of them."))
    model, seconds = split_billing_id(named, line.duration)
    spec = _spec(profile, model, with_picture=bool(line.image))
    return GenerationRequest(
        capability=spec.capability,
        model=model,
        prompt=line.prompt,
        frames=(Frame(uri=_picture(line.image, pictures)),) if line.image else (),
        ratio=_ratio(line.ratio or usual.ratio, spec),
        duration=_duration(seconds, usual, spec),
        seed=line.seed,
    )


def with_seed(request: GenerationRequest, seed_max: int) -> GenerationRequest:
    """A request with a seed of its own, where it has none and its model takes one."""
    if request.seed is not None or not seed_max:
        return request
    return request.model_copy(update={"seed": secrets.randbelow(seed_max + 1)})


def _spec(profile: Profile, model: str, *, with_picture: bool) -> ModelSpec:
    """What a profile offers of a model for a row with or without a picture.

    Raises:
        InvalidInputError: nothing; names ``model`` or ``image``.
    """
    rows = [s for s in profile.specs if s.id == model and s.capability in MADE_OF_LISTS]
    if not rows:
        known = ", ".join(
            dict.fromkeys(s.id for s in profile.specs if s.capability in MADE_OF_LISTS)
        )
        says = "“{model}” can't be made from a list here. There are: {known}."
        raise InvalidInputError(Problem("model", says.format(model=model[:60], known=known)))
    pictured = [s for s in rows if s.offered_positions()]
    plain = [s for s in rows if not s.frames_min]
    fitting = pictured if with_picture else sorted(plain, key=lambda s: bool(s.offered_positions()))
    if not fitting:
        says = "{model} takes none." if with_picture else "is missing: {model} needs one."
        raise InvalidInputError(Problem("image", says.format(model=model)))
    return fitting[0]


def _picture(name: str, pictures: Mapping[str, str]) -> str:
    """A link as it is, a picture that was brought in by its name.

    Raises:
        InvalidInputError: there is none of this name; names ``image``.
    """
    if "://" in name or name.startswith("asset:"):
        return name
    found = pictures.get(name.casefold())
    if found is None:
        says = "“{name}” is no link, and none of your pictures: upload it here."
        raise InvalidInputError(Problem("image", says.format(name=name[:80])))
    return found


def _ratio(wanted: str, spec: ModelSpec) -> str:
    """A shape as the model writes it, where it has the one that is meant; else as it was written."""
    wanted = wanted.replace(" ", "").lower().replace("x", ":").replace("×", ":")
    if not wanted:
        return spec.default_ratio or next(iter(spec.ratios), "")
    if not spec.ratios or wanted in spec.offered_ratios():
        return wanted
    try:
        nearest = nearest_ratio(spec, wanted)
        apart = aspect(nearest) / aspect(wanted) - 1
    except (ValueError, ArithmeticError):
        return wanted
    return nearest if abs(apart) <= _ALIKE else wanted


def _duration(seconds: int | None, usual: Usual, spec: ModelSpec) -> int:
    if not spec.offered_durations():
        return seconds or 0
    return seconds or usual.duration or spec.default_duration


def videos(number: int) -> str:
    """So many videos, in words."""
    return f"{number:,} video{'' if number == 1 else 's'}"
