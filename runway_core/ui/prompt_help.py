"""What helps to write a prompt: words for chips, examples, and what may be missing or at odds. Pure.

The three tips are those of the providers' own pages (doitong.com/{tr,ms,ko}/developers/api/runway, "Best practices",
read 2026-11): be specific about visual elements, style and mood; include light, camera angle and composition; avoid
contradictory or impossible requests.
"""

from __future__ import annotations

import re
import unicodedata

from runway_core.language import N_, _

CHIPS: dict[str, tuple[str, ...]] = {
    N_("Camera"): (
        N_("slow push in"),
        N_("pull back"),
        N_("pan left"),
        N_("pan right"),
        N_("tilt up"),
        N_("orbit around"),
        N_("tracking shot"),
        N_("handheld camera"),
        N_("locked-off camera"),
    ),
    N_("Motion"): (
        N_("slow motion"),
        N_("time-lapse"),
        N_("gentle wind"),
        N_("water ripples"),
        N_("turns towards the camera"),
        N_("walks forward"),
    ),
    N_("Framing"): (
        N_("close-up"),
        N_("wide shot"),
        N_("low angle"),
        N_("from above"),
        N_("shallow depth of field"),
    ),
    N_("Light and mood"): (
        N_("golden hour"),
        N_("soft morning light"),
        N_("at night"),
        N_("backlit"),
        N_("calm"),
        N_("dramatic"),
    ),
}
"""Each group's words; what a chip shows is what it writes."""
EXAMPLES: tuple[tuple[str, str], ...] = (
    (
        N_("Product on a table"),
        N_(
            "The bottle stands on dark stone while water drops run down the glass. Slow push in, "
            "soft side light, shallow depth of field, calm and elegant."
        ),
    ),
    (
        N_("Portrait that breathes"),
        N_(
            "She looks up, smiles a little and the wind moves her hair. Close-up, handheld camera, "
            "golden hour, warm and intimate."
        ),
    ),
    (
        N_("Landscape at dawn"),
        N_(
            "Mist drifts over the lake and the first light reaches the peaks. Wide shot, the camera "
            "rises slowly, soft morning light, quiet."
        ),
    ),
    (
        N_("City at night"),
        N_(
            "Rain falls on the street and neon signs shimmer in the puddles. Tracking shot at walking "
            "pace, low angle, cinematic."
        ),
    ),
)
"""Prompts to begin with, each by its name."""
_LIGHT_AND_CAMERA = (
    "light",
    "lit",
    "sun",
    "shadow",
    "dawn",
    "dusk",
    "neon",
    "candle",
    "bright",
    "dark",
    "night",
    "camera",
    "shot",
    "angle",
    "lens",
    "zoom",
    "dolly",
    "close-up",
    "view",
    "frame",
    "focus",
    "push in",
    "pull back",
    "pan ",
    "tilt",
    "orbit",
)
"""English words that say something of light, camera or composition; the chips' own words count too."""
_AT_ODDS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("locked-off camera", "static camera", "still camera", "fixed camera"),
        (
            "slow push in",
            "push in",
            "pull back",
            "pan left",
            "pan right",
            "tilt up",
            "orbit around",
            "tracking shot",
            "handheld camera",
        ),
    ),
    (("slow push in", "push in", "zoom in"), ("pull back", "zoom out")),
    (("pan left",), ("pan right",)),
    (("slow motion",), ("time-lapse", "timelapse", "fast motion")),
    (("close-up",), ("wide shot", "aerial view")),
    (("at night", "midnight"), ("golden hour", "soft morning light", "noon", "daylight")),
)
"""Pairs of which a model can follow only one."""
_FEW_WORDS = 5
_FEW_SIGNS = 10
"""The same where a sign is a word."""


def with_words(prompt: str, words: str) -> str:
    """The prompt with a chip's words at its end; as it is when they are in it already."""
    base = prompt.rstrip()
    if words.casefold() in base.casefold():
        return prompt
    if not base:
        return words[:1].upper() + words[1:]
    if base[-1] in ".!?…":
        return f"{base} {words[:1].upper()}{words[1:]}"
    if base[-1] in "。！？，、":
        return base + words
    return f"{base} {words}" if base[-1] in ",;:" else f"{base}, {words}"


def hints(prompt: str) -> list[str]:
    """What would make a prompt better, at most two things, the more pressing one first."""
    text = prompt.strip()
    if not text:
        return []
    found = _contradictions(text)
    if _is_short(text):
        found.append(_("Be specific: what is to be seen, in which style and mood?"))
    elif not _says_how(text):
        found.append(_("Say something of the light, the camera's angle or the composition."))
    return found[:2]


def _contradictions(text: str) -> list[str]:
    found = []
    for one, other in _AT_ODDS:
        pair = (_first_in(text, one), _first_in(text, other))
        if all(pair):
            told = _("“{one}” and “{other}” are at odds: keep one, or say which comes first.")
            found.append(told.format(one=pair[0], other=pair[1]))
    return found


def _first_in(text: str, words: tuple[str, ...]) -> str:
    """The first of these that a text holds, in English or as the chips write them now."""
    folded = text.casefold()
    shown = [form for word in words for form in (word, _(word))]
    return next((word for word in shown if _holds(folded, word.casefold())), "")


def _holds(text: str, word: str) -> bool:
    edge = r"(?<![^\W_]){}(?![^\W_])" if word.isascii() else "{}"
    return re.search(edge.format(re.escape(word)), text) is not None


def _is_short(text: str) -> bool:
    if any(unicodedata.east_asian_width(sign) == "W" for sign in text):
        return len(text) < _FEW_SIGNS
    return len(text.split()) < _FEW_WORDS


def _says_how(text: str) -> bool:
    folded = text.casefold()
    chips = [_(word) for words in CHIPS.values() for word in words]
    if any(word.casefold() in folded for word in (*_LIGHT_AND_CAMERA, *chips)):
        return True
    # A language whose words are not known here is not nagged at.
    return not text.isascii() and not any(_(word) != word for word in CHIPS["Camera"])
