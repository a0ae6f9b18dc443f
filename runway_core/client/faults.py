"""What a script has to know beyond the errors of the package."""

from __future__ import annotations

from typing import Any

from runway_core.errors import DeskError, ProviderError


class VideoFailedError(DeskError):
    """The provider could not make the video; ``response`` is what it said."""

    hint = "Trying again is a new paid video."

    def __init__(self, message: str, *, response: dict[str, Any]) -> None:
        super().__init__(message)
        self.response = response


class StillRunningError(DeskError, TimeoutError):
    """The waiting has ended; the video has not: it goes on at the provider."""


class MayBeChargedError(DeskError):
    """A create was sent, and nobody knows what became of it."""

    hint = "Look at the provider before you send it again."


def said(error: ProviderError) -> str:
    """An error in one line, with the provider's own words."""
    return f"{error} It said: {error.said}" if error.said else str(error)
