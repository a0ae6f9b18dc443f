"""The shapes of catalogue rows: models, the profiles that offer them, and the whole."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from runway_core.catalog.parts import (
    Day,
    Disputed,
    MediaSpec,
    OptionSpec,
    Ratio,
    Retired,
    Variant,
    Words,
    as_text,
)
from runway_core.catalog.plans import OWN_FIGURES, Plan, plan_choice
from runway_core.catalog.price import Price, Worth
from runway_core.domain import Capability, FramePosition, Noun, Role, Value
from runway_core.errors import InvalidInputError, Problem


class ModelSpec(Noun):
    """One model with one capability, as one profile offers it."""

    id: str
    title: str
    maker: str = "Runway"
    capability: Capability
    about: str
    ratios: tuple[Ratio, ...] = ()
    """Empty when the shape follows what is sent."""
    default_ratio: str = ""
    """The first one when empty."""
    durations: tuple[int, ...] = ()
    """Seconds; empty when there is no length to choose."""
    default_duration: int = 0
    prompt_max: int
    """UTF-16 code units; 0 when it takes no prompt."""
    prompt_min: int = 1
    prompt_required: bool
    positions: tuple[FramePosition, ...] = ()
    frames_min: int = 0
    image_aspect: tuple[float, float] | None = None
    """Least and greatest width/height of a first frame."""
    seed_max: int
    """0 when it takes no seed."""
    media: tuple[MediaSpec, ...] = ()
    options: tuple[OptionSpec, ...] = ()
    strict: bool = False
    """Whether the maker refuses a whole request for one key that it does not know."""
    required: tuple[Literal["ratio", "duration"], ...] = ()
    """Which of these the maker refuses to do without."""
    also: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """What the maker takes and we never send: further values of a key, or with none a whole key."""
    source: Words
    as_of: Day
    retired: Retired | None = None
    price: Price | None = None
    unpriced: str = ""
    """Why there is no price, in words for a person: nobody published one."""
    variants: tuple[Variant, ...] = ()
    """How some options change this row; see `given`."""
    disputed: tuple[Disputed, ...] = ()
    assumed: bool = False
    """Nobody has confirmed this row."""

    @model_validator(mode="after")
    def _the_defaults_are_offered(self) -> ModelSpec:
        if self.default_duration not in (self.durations or (0,)):
            raise ValueError(f"default_duration {self.default_duration} is not among the durations")
        if self.default_ratio and self.default_ratio not in self.ratios:
            raise ValueError(f"default_ratio {self.default_ratio} is not among the ratios")
        return self

    @model_validator(mode="after")
    def _there_is_a_length_to_charge(self) -> ModelSpec:
        by_length = self.price is not None and self.price.per in ("second", "frame")
        if by_length and not self.durations and self.follows is None:
            raise ValueError("the price goes by length, but nothing says how long it may be")
        return self

    @property
    def makes(self) -> Literal["video", "image"]:
        return "image" if self.capability is Capability.TEXT_TO_IMAGE else "video"

    @property
    def follows(self) -> MediaSpec | None:
        """The video whose length the result has, where there is none to choose."""
        sent = (m for m in self.media if m.role in (Role.VIDEO, Role.PERFORMANCE) and m.seconds)
        return None if self.durations else next(sent, None)

    def given(self, options: Mapping[str, Value]) -> ModelSpec:
        """The row as it is while these options are set: what can be asked may depend on them."""
        set_to = {o.name: as_text(options.get(o.name, o.default)) for o in self.options}
        changes: dict[str, object] = {}
        for variant in self.variants:
            if variant.given.items() <= set_to.items():
                if variant.prompt_required:
                    changes["prompt_required"] = True
                if variant.no_ratio:
                    others = tuple(d for d in self.disputed if d.field != "ratio")
                    changes |= {"ratios": (), "default_ratio": "", "disputed": others}
        return self.model_copy(update=changes) if changes else self

    def body_keys(self) -> frozenset[str]:
        """The only top-level keys that may be sent: newer models refuse a request for another."""
        base = {
            "model": True,
            "promptImage": self.positions,
            "promptText": self.prompt_max,
            "ratio": self.ratios,
            "duration": self.durations,
            "seed": self.seed_max,
        }
        own = {medium.key for medium in self.media} | {
            option.key.partition(".")[0] for option in self.options if option.key
        }
        return frozenset({key for key, there in base.items() if there} | own)

    def medium(self, role: Role) -> MediaSpec | None:
        return next((m for m in self.media if m.role is role), None)

    def option(self, name: str) -> OptionSpec | None:
        return next((o for o in self.options if o.name == name), None)

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
    protocol: Literal["runwayml", "doitong"]
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
    takes_files: bool = True
    """Whether a file may be sent inside the request; if not, only links can be."""
    uploads: bool = False
    """Whether files too large for a request can be uploaded first."""
    site: str = ""
    """The provider's own web site, where keys are from and credit is bought."""
    log_url: str = ""
    """Where the last charges and what was left after them can be read with the same key."""
    settings: tuple[OptionSpec, ...] = ()
    """What a connection can set further of what is sent."""
    plans: tuple[Plan, ...] = ()
    """What its keys may do; the first is taken unless a connection says otherwise."""
    unit: str
    worth: Worth | None = None
    """What one unit is worth, where that is the same for everybody."""
    worth_source: str = ""
    """Where that is from, if not from `source`,"""
    worth_as_of: str = ""
    """and the day on which it was read, YYYY-MM-DD."""
    price: Literal["model", "unknown"]
    price_rule: Literal["per-second", "5s-steps"] = "per-second"
    price_note: str = ""
    source: Words
    as_of: Day
    assumed: bool = False
    """Nobody has confirmed this row."""
    specs: Annotated[tuple[ModelSpec, ...], Field(min_length=1)]

    @field_validator("specs")
    @classmethod
    def _own_prices_are_there(
        cls, specs: tuple[ModelSpec, ...], info: ValidationInfo
    ) -> tuple[ModelSpec, ...]:
        for spec in specs:
            silent = spec.price is None and not spec.unpriced
            if info.data.get("price") == "model" and silent:
                raise ValueError(f"{spec.id} has neither price nor unpriced, but price = 'model'")
        return specs

    @property
    def usd_per_unit(self) -> Decimal | None:
        """US dollars for one unit, where that is the same for everybody."""
        worth = self.worth
        return worth.amount if worth is not None and worth.currency == "USD" else None

    def capabilities(self) -> tuple[Capability, ...]:
        return tuple(dict.fromkeys(s.capability for s in self.specs))

    def all_settings(self) -> tuple[OptionSpec, ...]:
        """Everything that a connection can set: what is sent, and what its key may do."""
        return (*self.settings, *plan_choice(self.plans), *OWN_FIGURES)

    def plan(self, plan_id: str) -> Plan | None:
        """The plan of that id, or the one that is taken unless a connection says otherwise."""
        return next((p for p in self.plans if p.id == plan_id), next(iter(self.plans), None))

    def setting(self, name: str) -> OptionSpec | None:
        return next((s for s in self.all_settings() if s.name == name), None)


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

    def spec(self, profile_id: str, model: str, capability: Capability | str | None) -> ModelSpec:
        """Find what a profile offers of a model.

        Raises:
            InvalidInputError: the profile does not offer it; says what it does, or that it is retired.
        """
        profile = self.profile(profile_id)
        for spec in profile.specs:
            if spec.id == model and spec.capability == capability:
                return spec
        raise InvalidInputError(self._not_offered(profile, model, capability))

    def _not_offered(
        self, profile: Profile, model: str, capability: Capability | str | None
    ) -> Problem:
        own = next((s for s in self.models if s.id == model), None)
        if own and own.retired and all(s.id != model for s in profile.specs):
            return Problem(
                "model", f"{own.retired.says} Use {own.retired.use} with {profile.title}."
            )
        offered = [s.capability.replace("_", " ") for s in profile.specs if s.id == model]
        if offered:
            wish = str(capability or "anything").replace("_", " ")
            return Problem("capability", f"{model} does {' and '.join(offered)}, not {wish}.")
        known = ", ".join(dict.fromkeys(s.id for s in profile.specs))
        return Problem("model", f"{profile.title} does not offer “{model}”. It offers: {known}.")
