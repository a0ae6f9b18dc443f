"""Who makes what is wished for, at which price and how soon: one row for each connection and model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from pydantic import Field

from runway_core.catalog import ModelSpec, Profile, Worth, aspect, check, nearest_ratio
from runway_core.domain import (
    Capability,
    Connection,
    Estimate,
    GenerationRequest,
    MediaKind,
    Noun,
    Role,
    Value,
)
from runway_core.errors import InvalidInputError, Problem
from runway_core.pricing.currency import Reporting, worth_of
from runway_core.pricing.estimating import Asked, Rated, estimate, rated, steps


class Wish(Noun):
    """What is to be made, by whomever."""

    capability: Capability | None = None
    """Any, when None."""
    models: tuple[str, ...] = ()
    """Ids; all when empty."""
    duration: int = 0
    """Seconds, also those of a video that is worked on; each model's usual length when 0."""
    count: int = Field(1, ge=1)
    ratio: str = ""
    """Each model's usual one when empty; where it is not offered, that of the nearest shape."""
    options: dict[str, Value] = Field(default_factory=dict)
    """By the names of the catalogue; whoever lacks one can't make it."""
    references: int = Field(0, ge=0)
    """Pictures sent as references."""
    video_seconds: Decimal | None = None
    """Length of the video that is sent, where it is known better than by `duration`."""
    video_fps: Decimal | None = None


class Seller(Noun):
    """Who might make it: a connection, or a profile alone."""

    id: str = ""
    """The connection's; empty for a profile alone."""
    name: str
    profile: Profile
    unit_price: Decimal | None = None
    unit: str = ""
    worth: Worth | None = None
    """What one unit is worth."""

    @classmethod
    def of(cls, connection: Connection, profile: Profile) -> Seller:
        """A connection as a seller, with what its owner says of prices."""
        unit = connection.unit if profile.price == "unknown" else ""
        return cls(
            id=connection.id,
            name=connection.name,
            profile=profile,
            unit_price=connection.unit_price,
            unit=connection.unit,
            worth=worth_of(profile, unit=unit, own=connection.options.get("unit_worth", "")),
        )


class Offer(Noun):
    """What one connection takes for one model; without prices where it can't make what is wished for."""

    connection_id: str
    connection: str
    """Its name, or the profile's title."""
    profile: str
    model: str
    title: str
    capability: Capability
    duration: int
    """Seconds of each; 0 where there is no length."""
    ratio: str
    """As this model writes it; empty when it is left open."""
    count: int
    rated: Rated
    """The price of one step, in the unit of the estimates."""
    each: Estimate
    total: Estimate
    steps: int = 1
    """In how many 5-second steps each is sold: 2 means that 10 s are charged as 2 × 5 s."""
    currency: str
    told_low: Decimal | None = None
    """The total in the reporting currency; None where the price or a rate is not known."""
    told_high: Decimal | None = None
    takes: timedelta | None = None
    """How long one typically takes; None when that is not known yet."""
    problems: tuple[Problem, ...] = ()
    """Why it can't be made here, each with its field; empty when it can."""
    notes: tuple[str, ...] = ()
    """What to know before paying."""
    retired: bool = False
    """Whether the maker has ended this model: no rival of those that can be had."""
    practice: bool = False
    """Whether nothing real is made: it is no rival of those that cost."""
    cheapest: bool = False
    """Whether no other can cost less at the most; only among those that can be compared."""
    fastest: bool = False

    @property
    def can(self) -> bool:
        return not self.problems


def offers(
    wish: Wish,
    sellers: Iterable[Seller],
    *,
    reporting: Reporting | None = None,
    typical: Mapping[tuple[str, str], timedelta] | None = None,
) -> list[Offer]:
    """A row for each seller and model of the wished capability, in the sellers' order.

    Args:
        wish: What is to be made.
        sellers: Who might make it.
        reporting: The currency of the totals, US dollars when None.
        typical: How long one takes, by profile and model, as far as that is known.
    """
    told_in, known = reporting or Reporting(), typical or {}
    found = [
        _offer(wish, seller, spec, told_in, known.get((seller.profile.id, spec.id)))
        for seller in sellers
        for spec in seller.profile.specs
        if wish.capability in (None, spec.capability)
        and (not wish.models or spec.id in wish.models)
    ]
    return _marked(found)


def _offer(
    wish: Wish, seller: Seller, spec: ModelSpec, told_in: Reporting, takes: timedelta | None
) -> Offer:
    profile = seller.profile
    asked, ratio, problems = fitted(wish, spec, profile)
    each = _price(seller, spec, asked, 1)
    total = _price(seller, spec, asked, wish.count)
    unknown: dict[str, None] = dict.fromkeys(("low", "high", "usd_low", "usd_high"))
    if problems:
        each, total = (found.model_copy(update=unknown) for found in (each, total))
    return Offer(
        connection_id=seller.id,
        connection=seller.name,
        profile=profile.id,
        model=spec.id,
        title=spec.title,
        capability=spec.capability,
        duration=asked.duration,
        ratio=ratio,
        count=wish.count,
        rated=rated(spec, profile, asked, unit_price=seller.unit_price),
        each=each,
        total=total,
        steps=steps(profile, spec, asked.duration),
        currency=told_in.currency,
        told_low=told_in.told(total.low, seller.worth),
        told_high=told_in.told(total.high, seller.worth),
        takes=takes,
        problems=problems,
        notes=tuple(_notes(spec, profile, asked, wish)),
        retired=spec.retired is not None,
        practice=profile.kind == "sandbox",
    )


def _price(seller: Seller, spec: ModelSpec, asked: Asked, count: int) -> Estimate:
    price, unit = seller.unit_price, seller.unit
    return estimate(spec, seller.profile, asked, count=count, unit_price=price, unit=unit)


def fitted(wish: Wish, spec: ModelSpec, profile: Profile) -> tuple[Asked, str, tuple[Problem, ...]]:
    """What a wish asks of one model, the ratio as it writes it, and why it can't be made."""
    options = {name: _read(spec, name, value) for name, value in wish.options.items()}
    given = spec.given(options)
    ratio = _ratio(wish, given)
    duration = wish.duration or spec.default_duration if spec.durations else 0
    sends_video = any(m.least and MediaKind.VIDEO in m.kinds for m in spec.media)
    length = wish.video_seconds
    if length is None and spec.follows is not None and wish.duration:
        length = Decimal(wish.duration)
    asked = Asked(
        duration=duration,
        ratio=ratio,
        options=options,
        references=wish.references,
        video_seconds=length if spec.follows is not None else None,
        video_fps=wish.video_fps,
        sends_video=sends_video or wish.video_seconds is not None,
        sent_seconds=length,
    )
    return asked, ratio, tuple(_problems(wish, asked, spec, profile))


def _read(spec: ModelSpec, name: str, value: Value) -> Value:
    option = spec.option(name)
    return option.read(value) if option is not None and isinstance(value, str) else value


def _ratio(wish: Wish, spec: ModelSpec) -> str:
    if not wish.ratio or wish.ratio in spec.offered_ratios():
        return wish.ratio or spec.default_ratio
    return nearest_ratio(spec, wish.ratio)


def _problems(wish: Wish, asked: Asked, spec: ModelSpec, profile: Profile) -> Iterator[Problem]:
    request = GenerationRequest(
        capability=spec.capability,
        model=spec.id,
        ratio=asked.ratio or next(iter(spec.offered_ratios()), ""),
        duration=asked.duration,
        options=asked.options,
    )
    try:
        check(request, spec, profile)
    except InvalidInputError as error:  # of the files and the words nothing was said yet
        for problem in error.problems:
            if problem.field == "duration" or problem.field.startswith("options."):
                yield problem
    if wish.ratio and not _is_ratio(wish.ratio, spec):
        yield Problem("ratio", f"“{wish.ratio}” is not width:height, such as 1280:720.")
    yield from _file_problems(wish, asked, spec)


def _is_ratio(ratio: str, spec: ModelSpec) -> bool:
    try:
        return ratio in spec.offered_ratios() or aspect(ratio) > 0
    except (ValueError, ArithmeticError):
        return False


def _file_problems(wish: Wish, asked: Asked, spec: ModelSpec) -> Iterator[Problem]:
    pictures = spec.medium(Role.REFERENCE)
    most = pictures.most if pictures is not None else 0
    if wish.references > most:
        takes = (
            f"takes {most} reference pictures at most" if most else "takes no reference pictures"
        )
        yield Problem("references", f"{spec.id} {takes}.")
    if spec.follows is None or spec.follows.seconds is None or asked.video_seconds is None:
        return
    least, longest = (Decimal(str(bound)).normalize() for bound in spec.follows.seconds)
    if not least <= asked.video_seconds <= longest:
        yield Problem("duration", f"{spec.id} takes videos of {least:f} to {longest:f} s.")


def _notes(spec: ModelSpec, profile: Profile, asked: Asked, wish: Wish) -> Iterator[str]:
    if spec.retired:
        yield spec.retired.says
    for field, value in (("ratio", asked.ratio), ("duration", asked.duration)):
        if (disputed := spec.dispute(field, value)) is not None:
            yield disputed.says
    if wish.ratio and asked.ratio and asked.ratio != wish.ratio:
        yield f"{asked.ratio} is what it has nearest to {wish.ratio}."
    if profile.assumed or spec.assumed:
        yield f"What {profile.title} accepts is assumed from public pages; nobody has confirmed it."


def _marked(found: list[Offer]) -> list[Offer]:
    """The same rows, the cheapest and the fastest marked; of rows that are equal, all."""
    able = [offer for offer in found if offer.can and not offer.retired]
    rivals = [offer for offer in able if not offer.practice] or able
    cheap = _least(zip(rivals, _costs(rivals), strict=True))
    fast = _least((offer, offer.takes) for offer in rivals)
    marks = ((o, {"cheapest": id(o) in cheap, "fastest": id(o) in fast}) for o in found)
    return [offer.model_copy(update=mark) for offer, mark in marks]


def _costs(rivals: list[Offer]) -> list[tuple[Decimal, Decimal] | None]:
    """What to compare: money; or the provider's own unit, where all rows are of one provider."""
    pairs = [(offer.told_high, offer.told_low) for offer in rivals]
    units = {(offer.profile, offer.total.unit) for offer in rivals}
    if len(units) == 1 and not any(high is not None for high, _ in pairs):
        pairs = [(offer.total.high, offer.total.low) for offer in rivals]
    return [None if high is None or low is None else (high, low) for high, low in pairs]


def _least(figures: Iterable[tuple[Offer, Any]]) -> set[int]:
    """The identities of the rows with the least figure; those without one do not count."""
    known = [(offer, figure) for offer, figure in figures if figure is not None]
    least = min((figure for _, figure in known), default=None)
    return {id(offer) for offer, figure in known if figure == least}
