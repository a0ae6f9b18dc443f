"""What a model costs, as its row says it: rates with conditions, and what comes on top."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from runway_core.catalog.parts import Day, Words
from runway_core.domain import Noun

Amount = Annotated[Decimal, Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""A code of ISO 4217, such as ``USD``."""


class Worth(Noun):
    """What one unit of a provider, or of a currency, is worth in money."""

    amount: Amount
    currency: Currency


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

    @model_validator(mode="after")
    def _low_is_not_above_high(self) -> Rate:
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")
        return self

    def fits(self, chosen: dict[str, str]) -> bool:
        """Whether the request's choices make this rate count."""
        return all(chosen.get(name) in values for name, values in self.when.items())

    def may_fit(self, chosen: dict[str, str]) -> bool:
        """Whether it may count, where what is not in `chosen` is decided by the provider."""
        return all(chosen.get(name, values[0]) in values for name, values in self.when.items())


class Extra(Rate):
    """What comes on top of the rate; every one that fits counts."""

    low: Amount = Decimal(0)
    high: Amount = Decimal(0)
    share: Amount = Decimal(0)
    """A part of the rate that counts, besides `low` and `high`."""
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
    faster_with: dict[str, str] = Field(default_factory=dict)
    """Options that make more frames a second, how many nobody says."""
    source: Words
    as_of: Day
