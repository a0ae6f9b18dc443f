"""The shapes of catalogue rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from runway_core.domain import Capability, FramePosition, Noun
from runway_core.errors import InvalidInputError, Problem

Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
"""YYYY-MM-DD."""
Words = Annotated[str, Field(min_length=1)]


def _pixels(ratio: str) -> str:
    width, _, height = ratio.partition(":")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise ValueError(f"{ratio!r} is not width:height in pixels")
    return ratio


class Price(Noun):
    """A published price, in the unit of the profile that sells."""

    per_second: Annotated[Decimal, Field(ge=0)]
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
                _pixels(part)
            elif field == "duration":
                int(part)
            else:
                FramePosition(part)
        return value

    def covers(self, field: str, value: object) -> bool:
        return field == self.field and str(value) in self.value.split()


class ModelSpec(Noun):
    """One model with one capability, as one profile offers it."""

    id: str
    title: str
    capability: Capability
    about: str
    ratios: Annotated[tuple[Annotated[str, AfterValidator(_pixels)], ...], Field(min_length=1)]
    durations: Annotated[tuple[int, ...], Field(min_length=1)]
    """Seconds."""
    default_duration: int
    prompt_max: int
    """UTF-16 code units."""
    prompt_required: bool
    positions: tuple[FramePosition, ...]
    frames_min: int
    image_aspect: tuple[float, float] | None = None
    """Least and greatest width/height of a first frame."""
    seed_max: int
    keys: tuple[str, ...]
    """The only body keys that may be sent."""
    source: Words
    as_of: Day
    retired: Retired | None = None
    price: Price | None = None
    disputed: tuple[Disputed, ...] = ()

    @field_validator("default_duration")
    @classmethod
    def _default_is_offered(cls, seconds: int, info: ValidationInfo) -> int:
        if seconds not in info.data.get("durations", (seconds,)):
            raise ValueError(f"{seconds} is not among the durations")
        return seconds

    def dispute(self, field: str, value: object) -> Disputed | None:
        return next((d for d in self.disputed if d.covers(field, value)), None)

    def offered_ratios(self) -> tuple[str, ...]:
        """Ratios to show in a form: never one that the model lacks, disputed ones last."""
        extra = (v for d in self.disputed if d.field == "ratio" for v in d.value.split())
        return self.ratios + tuple(v for v in extra if v not in self.ratios)

    def offered_positions(self) -> tuple[FramePosition, ...]:
        """Frame positions to show in a form, disputed ones included."""
        extra = (d.value for d in self.disputed if d.field.startswith("frames."))
        return self.positions + tuple(
            FramePosition(v) for v in extra if FramePosition(v) not in self.positions
        )

    def offered_durations(self) -> tuple[int, ...]:
        """Durations in seconds to show in a form, disputed ones included, in order."""
        extra = {int(v) for d in self.disputed if d.field == "duration" for v in d.value.split()}
        return tuple(sorted(extra | set(self.durations)))


class Profile(Noun):
    """A known endpoint."""

    id: str
    title: str
    about: str
    protocol: Literal["runwayml"]
    kind: Literal["official", "relay", "sandbox"]
    root: str
    """Default base URL without path; empty when the person must give one."""
    prefix: str
    """Path before ``/v1``."""
    key_hint: str
    """What a key looks like; empty when none is needed."""
    poll_floor: float
    """Seconds; looks are never closer together."""
    give_up: float
    """Seconds after which a look is rare and the task is called slow; it is never ended by that."""
    unit: str
    usd_per_unit: Decimal | None = None
    price: Literal["model", "unknown"]
    price_rule: Literal["per-second", "5s-steps"] = "per-second"
    price_note: str = ""
    source: Words
    as_of: Day
    assumed: bool = False
    """Nobody has confirmed this row."""
    specs: tuple[ModelSpec, ...]

    @field_validator("specs")
    @classmethod
    def _own_prices_are_there(
        cls, specs: tuple[ModelSpec, ...], info: ValidationInfo
    ) -> tuple[ModelSpec, ...]:
        for spec in specs:
            if info.data.get("price") == "model" and spec.price is None:
                raise ValueError(f"{spec.id} has no price, but the profile says price = 'model'")
        return specs

    def capabilities(self) -> tuple[Capability, ...]:
        return tuple(dict.fromkeys(s.capability for s in self.specs))


class Catalog(Noun):
    """Every profile, each with the models it offers."""

    profiles: tuple[Profile, ...]
    models: tuple[ModelSpec, ...]
    """The models' own rows, whoever offers them."""

    def profile(self, profile_id: str) -> Profile:
        """Find a profile.

        Raises:
            InvalidInputError: there is none of that name; says which there are.
        """
        for profile in self.profiles:
            if profile.id == profile_id:
                return profile
        known = ", ".join(p.id for p in self.profiles)
        raise InvalidInputError(
            Problem("profile", f"“{profile_id}” is not known. Choose one of: {known}.")
        )

    def spec(self, profile_id: str, model: str, capability: Capability | str) -> ModelSpec:
        """Find what a profile offers of a model.

        Raises:
            InvalidInputError: the profile does not offer it; says what it does, or that it is retired.
        """
        profile = self.profile(profile_id)
        for spec in profile.specs:
            if spec.id == model and spec.capability == capability:
                return spec
        raise InvalidInputError(self._not_offered(profile, model, capability))

    def _not_offered(self, profile: Profile, model: str, capability: Capability | str) -> Problem:
        own = next((s for s in self.models if s.id == model), None)
        if own and own.retired and all(s.id != model for s in profile.specs):
            return Problem(
                "model", f"{own.retired.says} Use {own.retired.use} with {profile.title}."
            )
        offered = [s.capability.replace("_", " ") for s in profile.specs if s.id == model]
        if offered:
            wish = str(capability).replace("_", " ")
            return Problem("capability", f"{model} does {' and '.join(offered)}, not {wish}.")
        known = ", ".join(dict.fromkeys(s.id for s in profile.specs))
        return Problem("model", f"{profile.title} does not offer “{model}”. It offers: {known}.")
