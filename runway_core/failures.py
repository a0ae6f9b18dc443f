"""What a failure code means for the person: one table, matched by its longest part.

Source: docs.dev.runwayml.com/errors/task-failures, as stored in 2026-08, and what relays pass through
(openai-hk.com/docs/lab/runwayml-video.html, 2024-11).
"""

from __future__ import annotations

_AGAIN = "Making it again is a new paid video, so it is left to you."

_HINTS = {
    "SAFETY.INPUT": "The safety check refused the prompt or a picture. Runway charges for this all the "
    "same. Change them before you try again: repeated refusals can suspend an account.",
    "SAFETY.OUTPUT": "The finished video did not pass the safety check, and Runway charges for it. "
    "Another wording may pass.",
    "SAFETY": "The safety check refused it; it may have been charged. Change the prompt or the picture.",
    "INPUT_PREPROCESSING.INTERNAL": f"A passing fault on the provider's side. {_AGAIN}",
    "INTERNAL.BAD_OUTPUT": "The result was not good enough to be given out, most often because of text, "
    "logos or watermarks in the picture. Change the picture or the prompt, then try again.",
    "INTERNAL": f"A fault on the provider's side, usually not charged. Wait a little. {_AGAIN}",
    "ASSET.INVALID": "The provider can't use a picture. Choose another one.",
    "THIRD_PARTY": f"A service behind the provider is down. Wait, then look again. {_AGAIN}",
    "NO_OUTPUT": "Ask the provider for the file, with the task's id: it has been paid for.",
    "TASK_GONE": "Look at the provider whether it was made and charged.",
}


def hint_for(code: str) -> str:
    """What to do about a failed task. An unknown code gets the advice that is always right."""
    words = code.upper()
    matching = [known for known in _HINTS if _matches(words, known)]
    if not matching:
        return f"The provider gave no reason that is known here. {_AGAIN}"
    return _HINTS[max(matching, key=len)]


def _matches(code: str, known: str) -> bool:
    # SAFETY counts wherever it stands: relays put INPUT_PREPROCESSING before it.
    return code == known or code.startswith(f"{known}.") or (known == "SAFETY" and known in code)
