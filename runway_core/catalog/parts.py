"""The parts of a model's row: its files, its further settings, and what is disputed about it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from runway_core.domain import FramePosition, MediaKind, Noun, Role, Value

Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
"""YYYY-MM-DD."""
Words = Annotated[str, Field(min_length=1)]

AS_SENT = "adaptive"
"""The ratio that keeps the shape of what is sent."""
TAG = "^[a-z][a-z0-9_]+$"
TAG_LENGTH = (3, 16)
"""What a reference may be called, and how many characters that may have (Runway OpenAPI of 2026-08-08)."""
KEYFRAME_MOST = 30
"""Seconds from the start of the video at which a keyframe may be, at most (the same)."""


def as_text(value: object) -> str:
    """How conditions in the catalogue write a value: ``true`` and not ``True``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def unsendable(text: str) -> bool:
    """Whether a text holds halves of characters, or control characters other than line breaks and tabs."""
    return any("\ud800" <= c <= "\udfff" or (c < " " and c not in "\n\r\t") for c in text)


def _ratio(ratio: str) -> str:
    width, _, height = ratio.partition(":")
    numbers = width.isdecimal() and height.isdecimal() and int(width) and int(height)
    if not numbers and ratio != AS_SENT:
        raise ValueError(f"{ratio!r} is not width:height")
    return ratio


Ratio = Annotated[str, AfterValidator(_ratio)]
"""``width:height`` in pixels (``1280:720``) or as a shape (``16:9``), or ``adaptive``."""


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
    """All that a choice can be; of a text, what to suggest."""
    labels: dict[str, str] = Field(default_factory=dict)
    """What a choice is called, where its value says too little."""
    low: int = 0
    high: int = 0
    """Of a number; of a text, the most UTF-16 code units."""
    pattern: str = ""
    """What a text must match as a whole, unless it is empty."""
    example: str = ""
    """A text that does."""
    default: Value | None = None
    """Sent unless something else is chosen; None sends nothing."""
    only_with: dict[str, str] = Field(default_factory=dict)
    """Other options and the value that each must have for this one to make sense."""
    advanced: bool = False
    """Folded away in forms."""
    assumed: bool = False
    """Nobody has confirmed it."""

    @model_validator(mode="after")
    def _the_row_holds_together(self) -> OptionSpec:
        if self.default is not None and self.problem(self.default):
            raise ValueError(f"{self.name}: the default {self.problem(self.default)}")
        if self.kind == "choice" and (not self.choices or self.labels.keys() - set(self.choices)):
            raise ValueError(f"{self.name}: choices are missing, or labels name others")
        if self.pattern and not re.fullmatch(self.pattern, self.example):
            raise ValueError(f"{self.name}: the example does not match the pattern")
        return self

    def label(self, choice: str) -> str:
        """What a choice is called."""
        return self.labels.get(choice, choice)

    def read(self, text: str) -> Value:
        """The value that was typed or saved as text; what makes no sense stays text, for `problem`."""
        if self.kind == "switch":
            words = {
                "true": True,
                "on": True,
                "yes": True,
                "false": False,
                "off": False,
                "no": False,
            }
            return words.get(text.strip().lower(), text)
        if self.kind == "number" and re.fullmatch(r"\s*[+-]?[0-9]{1,12}\s*", text):
            return int(text)
        return text

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
        return self._text_problem(value)

    def _text_problem(self, text: str) -> str:
        length = len(text.encode("utf-16-le", "surrogatepass")) // 2
        if length > self.high:
            return f"has {length} characters; at most {self.high}."
        if unsendable(text):
            return "contains characters that can't be sent; type them again."
        if text and self.pattern and not re.fullmatch(self.pattern, text):
            return f"must look like {self.example}."
        return ""


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
    """Least and greatest length of each video or sound."""
    seconds_in_all: float | None = None
    """Greatest length of all videos, or all sounds, of a request together."""
    instead_of_frames: bool = False
    """Whether these are sent where frames would be: one or the other, never both."""
    title: Words
    help: str = ""


class Variant(Noun):
    """What of a model's row is otherwise while some options are set."""

    given: dict[str, str]
    """Options and the value that each must have, as text."""
    no_ratio: bool = False
    """Whether the shape follows what is sent."""
    prompt_required: bool = False
