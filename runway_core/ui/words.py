"""Times, money, statuses and field names in plain words. Pure: no Streamlit, no database."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from runway_core.catalog import AS_SENT, ModelSpec, OptionSpec, catalog, pixels_known
from runway_core.domain import (
    ArtifactState,
    Asset,
    Capability,
    Estimate,
    MediaKind,
    Task,
    TaskStatus,
)
from runway_core.pricing import amount as amount
from runway_core.pricing import lasting as lasting

FIELDS = {
    "prompt": "Prompt",
    "frames.first": "First frame",
    "frames.last": "Last frame",
    "ratio": "Shape",
    "duration": "Length",
    "seed": "Seed",
    "model": "Model",
    "capability": "What to make",
    "media": "Files",
    "media.video": "Video",
    "media.character": "Character",
    "media.performance": "Performance",
    "media.reference": "Reference pictures",
    "media.keyframe": "Keyframes",
    "media.reference_video": "Reference videos",
    "media.reference_audio": "Reference sounds",
    "connection": "Connection",
    "draft": "This video",
    "task": "This video",
    "remote_id": "Its id at the provider",
    "public_url": "Public address",
    "hook_secret": "Signing secret",
    "file": "The file",
    "profile": "Service",
    "name": "Name",
    "role": "Role",
    "email": "E-mail address",
    "password": "Password",
    "base_url": "Address",
    "key": "API key",
    "unit_price": "Price",
    "picture": "Picture",
    "budget": "Budget",
    "budget.day": "Budget for a day",
    "budget.month": "Budget for a month",
}
CAPABILITIES = {
    Capability.IMAGE_TO_VIDEO: "picture to video",
    Capability.TEXT_TO_VIDEO: "words to video",
    Capability.VIDEO_TO_VIDEO: "change a video",
    Capability.CHARACTER_PERFORMANCE: "act out a character",
    Capability.VIDEO_UPSCALE: "enlarge a video",
    Capability.TEXT_TO_IMAGE: "make a picture",
}
"""What can be made of what, in the order in which it is offered."""
KINDS = {
    MediaKind.IMAGE: "Picture",
    MediaKind.VIDEO: "Video",
    MediaKind.AUDIO: "Sound",
}
_CHOICES = re.compile(r"[a-z]{3,}([_ -][a-z]+)*")
"""Values that are words; others, such as ``720p`` and ``mp4``, are shown as they are."""
GROUPS: dict[str, tuple[str, frozenset[TaskStatus]]] = {
    "all": ("All", frozenset()),
    "open": (
        "In progress",
        frozenset(
            {
                TaskStatus.QUEUED,
                TaskStatus.SUBMITTING,
                TaskStatus.PENDING,
                TaskStatus.THROTTLED,
                TaskStatus.RUNNING,
            }
        ),
    ),
    "done": ("Finished", frozenset({TaskStatus.SUCCEEDED})),
    "failed": ("Failed", frozenset({TaskStatus.FAILED})),
    "cancelled": ("Cancelled", frozenset({TaskStatus.CANCELLED})),
    "uncertain": ("Needs you", frozenset({TaskStatus.UNCERTAIN})),
}
"""Filters of the history page: the word in the address, its label, what it matches."""
_SHAPES = (
    (21, 9),
    (16, 9),
    (5, 3),
    (3, 2),
    (4, 3),
    (1, 1),
    (3, 4),
    (2, 3),
    (3, 5),
    (9, 16),
    (9, 21),
)
_OPEN = {
    TaskStatus.QUEUED: "Waiting to be sent",
    TaskStatus.SUBMITTING: "Sending",
    TaskStatus.UNCERTAIN: "Sent, but no answer came",
    TaskStatus.PENDING: "Waiting at the provider",
    TaskStatus.THROTTLED: "Waiting for a free place at the provider",
    TaskStatus.FAILED: "Failed",
    TaskStatus.CANCELLED: "Cancelled",
}
_BADGES = {
    TaskStatus.QUEUED: ("Waiting", ":material/schedule:", "gray"),
    TaskStatus.SUBMITTING: ("Sending", ":material/upload:", "blue"),
    TaskStatus.UNCERTAIN: ("Needs you", ":material/help:", "orange"),
    TaskStatus.PENDING: ("Waiting", ":material/schedule:", "gray"),
    TaskStatus.THROTTLED: ("Waiting", ":material/schedule:", "gray"),
    TaskStatus.RUNNING: ("Making", ":material/autorenew:", "blue"),
    TaskStatus.FAILED: ("Failed", ":material/error:", "red"),
    TaskStatus.CANCELLED: ("Cancelled", ":material/block:", "gray"),
}


def plain(text: str) -> str:
    """Text that Streamlit's Markdown shows as it is: no links, pictures, colours, icons or formulas."""
    text = re.sub(r"([\\`*\[\]<>$~|#&])", r"\\\1", text)
    text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)
    return re.sub(r":(?=//|[\w+-]+:|material/)|(?<=www)(?=\.)|(?=@)", _joined, text)


def _joined(found: re.Match[str]) -> str:
    return f"{found.group()}\u2060"  # an invisible joiner; backslashes don't stop links and icons


def field(name: str) -> str:
    """The label that a field has on the pages."""
    if name.startswith("options."):
        return _option_titles().get(name.removeprefix("options."), name)
    return FIELDS.get(name, name)


@cache
def _option_titles() -> dict[str, str]:
    rows: list[OptionSpec] = [o for spec in catalog().models for o in spec.options]
    rows += [o for p in catalog().profiles for o in (*p.all_settings(), *_options(p.specs))]
    return {option.name: option.title for option in reversed(rows)}


def _options(specs: Iterable[ModelSpec]) -> list[OptionSpec]:
    return [option for spec in specs for option in spec.options]


def capability(wanted: Capability) -> str:
    """What is made of what, as a label."""
    words = CAPABILITIES[wanted]
    return words[0].upper() + words[1:]


def model_label(spec: ModelSpec) -> str:
    """A model and who makes it, where that is not Runway."""
    return spec.title if spec.maker == "Runway" else f"{spec.title} · {spec.maker}"


def choice(value: str) -> str:
    """One of an option's values, as a person reads it."""
    if _CHOICES.fullmatch(value):
        return (value[0].upper() + value[1:]).replace("_", " ")
    return value


def file_facts(asset: Asset) -> str:
    """What is known of a kept file, such as ``1280 × 720 · 5.0 s · 2.1 MB``."""
    facts = [f"{asset.width} × {asset.height}"] if asset.width else []
    if asset.seconds is not None:
        facts.append(f"{asset.seconds:.1f} s")
    if asset.fps:
        facts.append(f"{asset.fps:g} frames a second")
    return " · ".join([*facts, size(asset.size)])


def shape(ratio: str) -> str:
    """The usual name of a ratio's shape, such as ``16:9``; empty for none."""
    if ratio == AS_SENT:
        return "As the picture"
    width, _, height = ratio.partition(":")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        return ratio
    wanted = math.log(int(width) / int(height))
    across, down = min(_SHAPES, key=lambda s: abs(math.log(s[0] / s[1]) - wanted))
    return f"{across}:{down}"


def pixels(ratio: str) -> str:
    """A ratio as people write a picture's size; empty where it names only a shape."""
    return ratio.replace(":", " × ") if pixels_known(ratio) else ""


def sentence(source: str) -> str:
    """With a capital first letter, unless it begins with a web address."""
    first = source.split(" ", 1)[0]
    return source if "." in first or "/" in first else source[:1].upper() + source[1:]


def spans(numbers: tuple[int, ...]) -> str:
    """Several numbers in few words, such as ``4, 6 or 8`` and ``4 to 15``."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 2 and numbers == tuple(range(first, last + 1)):
        return f"{first} to {last}"
    return " or ".join(filter(None, (", ".join(map(str, numbers[:-1])), str(last))))


def dollars(value: Decimal) -> str:
    """US dollars, cents at least; smaller amounts keep their digits."""
    cents = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"US${cents:,}" if cents == value or value >= 1 else f"US${value.normalize():f}"


def price(estimate: Estimate, *, free: bool = False) -> str:
    """An estimate in one line; says so when nobody knows."""
    if free:
        return "Free"
    if estimate.low is None or estimate.high is None:
        return "Price not known"
    text = amounts(estimate)
    if estimate.usd_high is not None:
        text += f" · {dollar_range(estimate)}"
    return text


def amounts(estimate: Estimate) -> str:
    """What it should cost in the provider's own unit, such as ``100–200 credits``; empty when unknown."""
    if estimate.low is None or estimate.high is None:
        return ""
    text = amount(estimate.high, estimate.unit)
    return text if estimate.low == estimate.high else f"{amount(estimate.low, '')}–{text}"


def dollar_range(estimate: Estimate) -> str:
    """What it should cost in US dollars; empty when that is not known."""
    low, high = estimate.usd_low, estimate.usd_high
    if low is None or high is None:
        return ""
    return dollars(high) if low == high else f"{dollars(low)}–{dollars(high)[3:]}"


def taken(task: Task, now: datetime) -> timedelta:
    """Time from the click to the end, or to now."""
    return (task.finished_at or now) - task.created_at


def moment(at: datetime, zone: tzinfo) -> str:
    """A point in time on the person's own clock."""
    return f"{at.astimezone(zone):%d %b %Y, %H:%M}".lstrip("0")


def ago(at: datetime, now: datetime) -> str:
    """How long ago, no finer than a minute."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"


def size(count: int) -> str:
    """Bytes as a person reads them."""
    value = float(count)
    for unit in ("bytes", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit != "MB" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def status(task: Task) -> str:
    """What is happening to a task, in a few words."""
    if task.cancel_requested and not task.status.is_terminal:
        return "Asking the provider to stop"
    if task.status is TaskStatus.RUNNING:
        done = "" if task.progress is None else f" {task.progress:.0%}".replace("%", " %")
        made = "picture" if makes_picture(task) else "video"
        return f"Making your {made}{done}"
    if task.status is TaskStatus.SUCCEEDED:
        return {
            ArtifactState.KEPT: "Ready",
            ArtifactState.EXPIRED: "Made, but the file could not be fetched in time",
        }.get(task.artifact_state, "Saving the file")
    return _OPEN[task.status]


def made_elsewhere(task: Task) -> bool:
    """Whether a task was brought in by its id or from a list: what was asked for may not be known."""
    return task.request.capability is None


def no_prompt(task: Task) -> str:
    """What stands where a prompt would."""
    return "Made elsewhere: its prompt is not known" if made_elsewhere(task) else "No prompt"


def makes_picture(task: Task) -> bool:
    """Whether a picture was asked for, and no video."""
    return task.request.capability is Capability.TEXT_TO_IMAGE


def badge(task: Task) -> tuple[str, str, str]:
    """Label, icon and colour of a task's badge."""
    if task.status is not TaskStatus.SUCCEEDED:
        return _BADGES[task.status]
    if task.artifact_state is ArtifactState.KEPT:
        return "Ready", ":material/check_circle:", "green"
    if task.artifact_state is ArtifactState.EXPIRED:
        return "File missing", ":material/cloud_off:", "orange"
    return "Saving", ":material/downloading:", "blue"


def short(text: str, length: int) -> str:
    """One line of at most `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
