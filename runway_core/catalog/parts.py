"""The parts of a model's row: its price, its files, its further settings, and what is disputed about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from runway_core.domain import FramePosition, MediaKind, Noun, Role, Value

Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
"""YYYY-MM-DD."""
Words = Annotated[str, Field(min_length=1)]
Amount = Annotated[Decimal, Field(ge=0)]

AS_SENT = "adaptive"
"""The ratio that keeps the shape of what is sent."""


def _ratio(ratio: str) -> str:
    width, _, height = ratio.partition(":")
    numbers = width.isdecimal() and height.isdecimal() and int(width) and int(height)
    if not numbers and ratio != AS_SENT:
        raise ValueError(f"{ratio!r} is not width:height")
    return ratio


Ratio = Annotated[str, AfterValidator(_ratio)]
"""``width:height`` in pixels (``1280:720``) or as a shape (``16:9``), or ``adaptive``."""


class Rate(Noun):
    """What one step costs, when the request fits `when`."""

    low: Amount
    high: Amount
    when: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Option, ``ratio`` or ``duration``, and the values as text (``true``) that make this rate count."""

    @model_validator(mode="before")
    @classmethod
    def _one_amount_is_both(cls, row: object) -> object:
        if isinstance(row, dict) and "amount" in row:
            rest = {key: value for key, value in row.items() if key != "amount"}
            return {"low": row["amount"], "high": row["amount"], **rest}
        return row

    def fits(self, chosen: dict[str, str]) -> bool:
        """Whether the request's choices make this rate count."""
        return all(chosen.get(name, "") in values for name, values in self.when.items())


class Extra(Rate):
    """What comes on top of the rate; every one that fits counts."""

    per: Literal["second", "video", "reference", "video_second"] = "second"
    """``reference``: each picture sent as a reference; ``video_second``: each second of a video sent."""


class Price(Noun):
    """A published price, in the unit of the profile that sells."""

    per: Literal["second", "frame", "image", "video"] = "second"
    """``second`` and ``frame``: of the video that is made; ``image``: each picture; ``video``: flat."""
    rates: Annotated[tuple[Rate, ...], Field(min_length=1)]
    """The first one that fits counts."""
    extras: tuple[Extra, ...] = ()
    minimum: Amount = Decimal(0)
    whole: bool = False
    """Whether a part of a unit is charged as a whole one."""
    source: Words
    as_of: Day


class Retired(Noun):
    """The maker has ended this model."""

    on: Day
    says: Words
    use: str
    """The model to take instead."""


class Disputed(Noun):
    """Two sources disagree about a value: the person is warned, and may go on."""

    field: Literal["ratio", "duration", "frames.first", "frames.last"]
    value: str
    """The values concerned, separated by spaces."""
    says: Words
    source: Words
    as_of: Day

    @field_validator("value")
    @classmethod
    def _values_are_of_the_field(cls, value: str, info: ValidationInfo) -> str:
        field = info.data.get("field", "")
        for part in value.split():
            if field == "ratio":
                _ratio(part)
            elif field == "duration":
                int(part)
            else:
                FramePosition(part)
        return value

    def covers(self, field: str, value: object) -> bool:
        return field == self.field and str(value) in self.value.split()


class OptionSpec(Noun):
    """One further setting of a model or of a connection."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """Ours, in requests, forms and ``--option name=value``."""
    key: str = ""
    """Where it goes in the body; dots lead into objects. Empty when the provider places it."""
    kind: Literal["choice", "number", "switch", "text", "lines"]
    title: Words
    help: str = ""
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 0
    """Of a number; of a text, the most UTF-16 code units."""
    default: Value | None = None
    """Sent unless something else is chosen; None sends nothing."""
    only_with: dict[str, str] = Field(default_factory=dict)
    """Other options and the value that each must have for this one to make sense."""
    advanced: bool = False
    """Folded away in forms."""
    assumed: bool = False
    """Nobody has confirmed it."""

    @model_validator(mode="after")
    def _the_default_is_allowed(self) -> OptionSpec:
        if self.default is not None and self.problem(self.default):
            raise ValueError(f"{self.name}: the default {self.problem(self.default)}")
        return self

    def problem(self, value: Value) -> str:
        """What is wrong with a value, in words for a person; empty when nothing is."""
        if self.kind == "switch":
            return "" if isinstance(value, bool) else "must be on or off."
        if self.kind == "number":
            number = isinstance(value, int) and not isinstance(value, bool)
            good = number and self.low <= int(value) <= self.high
            return "" if good else f"must be a whole number from {self.low} to {self.high}."
        if not isinstance(value, str):
            return "must be text."
        if self.kind == "choice":
            allowed = ", ".join(self.choices)
            return "" if value in self.choices else f"must be one of: {allowed}."
        length = len(value.encode("utf-16-le", "surrogatepass")) // 2
        return "" if length <= self.high else f"has {length} characters; at most {self.high}."


class MediaSpec(Noun):
    """One kind of file that a model takes besides frames."""

    role: Role
    kinds: Annotated[tuple[MediaKind, ...], Field(min_length=1)]
    key: Words
    """The body's key."""
    shape: Literal["uri", "typed", "list", "typed-list", "tagged-list", "keyframes"]
    """``uri``: a plain link; ``typed``: an object with ``type``; the rest are lists of such."""
    least: int = 0
    most: int = 1
    seconds: tuple[float, float] | None = None
    """Least and greatest length of a video or sound."""
    title: Words
    help: str = ""
