"""What a person needs to know about something that went wrong, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Charged = Literal["no", "yes", "unknown"]
Retry = Literal["no", "later", "changed", "itself"]
"""``later``: after a while, unchanged; ``changed``: once something is changed; ``itself``: done by us."""


class Fix(StrEnum):
    """What the pages can do about it with one click."""

    PROMPT = "prompt"
    """Change the prompt."""
    SHORTEN = "shorten"
    """Shorten the prompt."""
    PICTURE = "picture"
    """Change a picture or another file."""
    RATIO = "ratio"
    DURATION = "duration"
    MODEL = "model"
    CHANGE = "change"
    """Change something of the request; the provider's words say what."""
    AGAIN = "again"
    """Ask for the same once more."""
    WAIT = "wait"
    """Wait until the provider takes more."""
    TOP_UP = "top_up"
    """Buy credit where the key is from."""
    SETTINGS = "settings"
    """Open the connection's settings."""
    CHECK = "check"
    """Check the connection."""


@dataclass(frozen=True)
class Advice:
    """One sentence, the money, and what can be done."""

    sentence: str
    """What happened, in words for a person."""
    charged: Charged
    why: str
    """Why it was charged or not, or why nobody here can tell."""
    do: str
    """What to do now."""
    retry: Retry
    fix: Fix | None = None

    def as_dict(self) -> dict[str, str]:
        """The same for JSON; an empty ``fix`` when there is none."""
        fields = {"sentence": self.sentence, "charged": self.charged, "why": self.why}
        return fields | {"do": self.do, "retry": self.retry, "fix": self.fix or ""}


@dataclass(frozen=True)
class Row:
    """Advice, and the codes that it is for."""

    codes: tuple[str, ...]
    """Codes in any case; a code also stands for every longer one that goes on after a dot."""
    advice: Advice
    anywhere: bool = False
    """Whether the code may also stand behind other parts: relays put their own in front."""
