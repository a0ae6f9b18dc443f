"""What a check of a connection found, for a page, for a script, and as a block for the provider's support."""

from __future__ import annotations

import platform
from datetime import datetime
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from runway_core.domain import Noun

State = Literal["ok", "warning", "failed", "not reached"]
StepName = Literal[
    "address",
    "name",
    "connection",
    "encryption",
    "answer",
    "service",
    "key",
    "balance",
    "limits",
    "clock",
]

TITLES: dict[StepName, str] = {
    "address": "Address",
    "name": "Name",
    "connection": "Connection",
    "encryption": "Encryption",
    "answer": "Answer",
    "service": "Service",
    "key": "API key",
    "balance": "Balance",
    "limits": "Plan",
    "clock": "Clock",
}


class Step(Noun):
    """One thing that was looked at."""

    name: StepName
    state: State
    says: str
    """What was found, in words for a person; empty when it was not reached."""
    do: str = ""
    """What to do about it; empty when nothing is to be done."""
    elapsed_ms: int | None = None

    @property
    def title(self) -> str:
        return TITLES[self.name]


class Diagnosis(Noun):
    """Everything that a check found; nothing in it is secret."""

    connection: str
    profile: str
    """The profile's title."""
    urls: tuple[str, ...]
    """Where creates go, each as ``POST https://…``; empty when the address is not known."""
    key_header: str
    """The header that carries the key, masked, such as ``Authorization: Bearer …wxyz``."""
    steps: tuple[Step, ...]
    balance: Decimal | None = None
    unit: str = ""
    """The unit of ``balance``."""
    request_ids: tuple[str, ...] = ()
    """The provider's own numbers of our calls, for its support."""
    said: str = ""
    """The provider's own words, without secrets."""
    checked_at: datetime
    elapsed_ms: int

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of making a video."""
        return all(step.state in ("ok", "warning") for step in self.steps)

    @property
    def trouble(self) -> Step | None:
        """The first step that failed."""
        return next((step for step in self.steps if step.state == "failed"), None)

    def report(self) -> str:
        """Plain text to copy into a message to support."""
        result = "works" if self.ok else "does not work"
        lines = [
            f"Runway Desk {_version()}, Python {platform.python_version()}, {platform.platform()}",
            f"Checked {self.checked_at:%Y-%m-%d %H:%M} UTC in {self.elapsed_ms} ms: {result}",
            f"Connection: {self.connection} ({self.profile})",
            *(f"Videos are asked for at: {url}" for url in self.urls),
            f"Key: {self.key_header}",
            "",
            *(_line(step) for step in self.steps),
        ]
        if self.request_ids:
            lines.append(f"\nRequest ids: {', '.join(self.request_ids)}")
        if self.said:
            lines.append(f"\nThe provider said: {self.said}")
        return "\n".join(lines)


def _line(step: Step) -> str:
    took = "" if step.elapsed_ms is None else f" ({step.elapsed_ms} ms)"
    do = f"\n{'':15}→ {step.do}" if step.do else ""
    says = f": {step.says}" if step.says else ""
    return f"{f'[{step.state}]':15}{step.title}{says}{took}{do}"


def _version() -> str:
    try:
        return version("runway-desk")
    except PackageNotFoundError:
        return "(not installed)"
