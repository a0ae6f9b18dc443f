"""Times, money, statuses and field names in plain words. Pure: no Streamlit, no database."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.dates import format_date

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
from runway_core.language import N_, _, current, number, translated
from runway_core.pricing import many, measured

FIELDS = {
    "prompt": N_("Prompt"),
    "frames.first": N_("First frame"),
    "frames.last": N_("Last frame"),
    "ratio": N_("Shape"),
    "duration": N_("Length"),
    "seed": N_("Seed"),
    "model": N_("Model"),
    "capability": N_("What to make"),
    "media": N_("Files"),
    "media.video": N_("Video"),
    "media.character": N_("Character"),
    "media.performance": N_("Performance"),
    "media.reference": N_("Reference pictures"),
    "media.keyframe": N_("Keyframes"),
    "media.reference_video": N_("Reference videos"),
    "media.reference_audio": N_("Reference sounds"),
    "connection": N_("Connection"),
    "draft": N_("This video"),
    "task": N_("This video"),
    "remote_id": N_("Its id at the provider"),
    "public_url": N_("Public address"),
    "hook_secret": N_("Signing secret"),
    "file": N_("The file"),
    "profile": N_("Service"),
    "name": N_("Name"),
    "note": N_("Note"),
    "tag": N_("Tag"),
    "role": N_("Role"),
    "email": N_("E-mail address"),
    "password": N_("Password"),
    "base_url": N_("Address"),
    "key": N_("API key"),
    "unit_price": N_("Price"),
    "picture": N_("Picture"),
    "budget": N_("Budget"),
    "budget.day": N_("Budget for a day"),
    "budget.month": N_("Budget for a month"),
    "currency": N_("Currency"),
    "alert_below": N_("Balance alert"),
}
CAPABILITIES = {
    Capability.IMAGE_TO_VIDEO: N_("picture to video"),
    Capability.TEXT_TO_VIDEO: N_("words to video"),
    Capability.VIDEO_TO_VIDEO: N_("change a video"),
    Capability.CHARACTER_PERFORMANCE: N_("act out a character"),
    Capability.VIDEO_UPSCALE: N_("enlarge a video"),
    Capability.TEXT_TO_IMAGE: N_("make a picture"),
}
"""What can be made of what, in the order in which it is offered."""
KINDS = {
    MediaKind.IMAGE: N_("Picture"),
    MediaKind.VIDEO: N_("Video"),
    MediaKind.AUDIO: N_("Sound"),
}
_CHOICES = re.compile(r"[a-z]{3,}([_ -][a-z]+)*")
"""Values that are words; others, such as ``720p`` and ``mp4``, are shown as they are."""
GROUPS: dict[str, tuple[str, frozenset[TaskStatus]]] = {
    "all": (N_("All"), frozenset()),
    "open": (
        N_("In progress"),
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
    "done": (N_("Finished"), frozenset({TaskStatus.SUCCEEDED})),
    "failed": (N_("Failed"), frozenset({TaskStatus.FAILED})),
    "cancelled": (N_("Cancelled"), frozenset({TaskStatus.CANCELLED})),
    "uncertain": (N_("Needs you"), frozenset({TaskStatus.UNCERTAIN})),
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
    TaskStatus.QUEUED: N_("Waiting to be sent"),
    TaskStatus.SUBMITTING: N_("Sending"),
    TaskStatus.UNCERTAIN: N_("Sent, but no answer came"),
    TaskStatus.PENDING: N_("Waiting at the provider"),
    TaskStatus.THROTTLED: N_("Waiting for a free place at the provider"),
    TaskStatus.FAILED: N_("Failed"),
    TaskStatus.CANCELLED: N_("Cancelled"),
}
_UNITS = N_("credit"), N_("credits"), N_("point"), N_("points"), N_("unit"), N_("units")
_SPANS = {"s": N_("{n} s"), "min": N_("{n} min"), "h": N_("{n} h"), "days": N_("{n} days")}
_BADGES = {
    TaskStatus.QUEUED: (N_("Waiting"), ":material/schedule:", "gray"),
    TaskStatus.SUBMITTING: (N_("Sending"), ":material/upload:", "blue"),
    TaskStatus.UNCERTAIN: (N_("Needs you"), ":material/help:", "orange"),
    TaskStatus.PENDING: (N_("Waiting"), ":material/schedule:", "gray"),
    TaskStatus.THROTTLED: (N_("Waiting"), ":material/schedule:", "gray"),
    TaskStatus.RUNNING: (N_("Making"), ":material/autorenew:", "blue"),
    TaskStatus.FAILED: (N_("Failed"), ":material/error:", "red"),
    TaskStatus.CANCELLED: (N_("Cancelled"), ":material/block:", "gray"),
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
        return translated(_option_titles().get(name.removeprefix("options."), name))
    return _(FIELDS.get(name, name.removeprefix("rates.")))


@cache
def _option_titles() -> dict[str, str]:
    rows: list[OptionSpec] = [o for spec in catalog().models for o in spec.options]
    rows += [o for p in catalog().profiles for o in (*p.all_settings(), *_options(p.specs))]
    return {option.name: option.title for option in reversed(rows)}


def _options(specs: Iterable[ModelSpec]) -> list[OptionSpec]:
    return [option for spec in specs for option in spec.options]


def capability(wanted: Capability) -> str:
    """What is made of what, as a label."""
    words = _(CAPABILITIES[wanted])
    return words[0].upper() + words[1:]


def model_label(spec: ModelSpec) -> str:
    """A model and who makes it, where that is not Runway."""
    title = translated(spec.title)
    return title if spec.maker == "Runway" else f"{title} · {spec.maker}"


def choice(value: str) -> str:
    """One of an option's values, as a person reads it."""
    if _CHOICES.fullmatch(value):
        return translated((value[0].upper() + value[1:]).replace("_", " "))
    return value


def file_facts(asset: Asset) -> str:
    """What is known of a kept file, such as ``1280 × 720 · 5.0 s · 2.1 MB``."""
    facts = [f"{asset.width} × {asset.height}"] if asset.width else []
    if asset.seconds is not None:
        facts.append(_("{n} s").format(n=f"{asset.seconds:.1f}"))
    if asset.fps:
        facts.append(_("{n} frames a second").format(n=f"{asset.fps:g}"))
    return " · ".join([*facts, size(asset.size)])


def shape(ratio: str) -> str:
    """The usual name of a ratio's shape, such as ``16:9``; empty for none."""
    if ratio == AS_SENT:
        return _("As the picture")
    width, height = (*ratio.split(":", 1), "")[:2]
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
        return _("{first} to {last}").format(first=first, last=last)
    return either(list(map(str, numbers)))


def either(choices: list[str]) -> str:
    """Several choices in a sentence, such as ``a picture, a video or a sound``."""
    if len(choices) < 2:
        return "".join(choices)
    return _("{some} or {last}").format(some=", ".join(choices[:-1]), last=choices[-1])


def amount(value: Decimal, unit: str) -> str:
    """An amount in a provider's own unit; a unit that a person typed stays as typed."""
    text = number(value.normalize()) if value else "0"
    return f"{text} {_(unit if value == 1 else many(unit))}".rstrip()


def lasting(span: timedelta) -> str:
    """How long something takes, such as ``1 min 20 s``."""
    return " ".join(_(_SPANS[unit]).format(n=number(count)) for count, unit in measured(span))


def dollars(value: Decimal) -> str:
    """US dollars, cents at least; smaller amounts keep their digits."""
    cents = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return (
        f"US${number(cents)}" if cents == value or value >= 1 else f"US${number(value.normalize())}"
    )


def price(estimate: Estimate, *, free: bool = False) -> str:
    """An estimate in one line; says so when nobody knows."""
    if free:
        return _("Free")
    if estimate.low is None or estimate.high is None:
        return _("Price not known")
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


def moment(at: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
    """A point in time on the person's own clock."""
    here = at.astimezone(zone)
    day = format_date(here, "medium", locale="en_GB" if current() == "en" else current())
    return f"{day}, {here:%H:%M:%S}" if seconds else f"{day}, {here:%H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago, no finer than a minute."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("{n} min ago").format(n=minutes)
    hours = minutes // 60
    if hours < 48:
        return _("{n} h ago").format(n=hours)
    return _("{n} days ago").format(n=hours // 24)


def size(count: int) -> str:
    """Bytes as a person reads them."""
    value = float(count)
    for unit in (N_("bytes"), "kB", "MB"):
        if value < 1000:
            shown = Decimal(f"{value:.0f}" if unit != "MB" else f"{value:.1f}")
            return f"{number(shown)} {_(unit)}"
        value /= 1000
    return f"{number(Decimal(f'{value:.1f}'))} GB"


def status(task: Task) -> str:
    """What is happening to a task, in a few words."""
    if task.cancel_requested and not task.status.is_terminal:
        return _("Asking the provider to stop")
    if task.status is TaskStatus.RUNNING:
        done = "" if task.progress is None else f" {task.progress:.0%}".replace("%", " %")
        making = _("Making your picture") if makes_picture(task) else _("Making your video")
        return f"{making}{done}"
    if task.status is TaskStatus.SUCCEEDED:
        return {
            ArtifactState.KEPT: _("Ready"),
            ArtifactState.EXPIRED: _("Made, but the file could not be fetched in time"),
        }.get(task.artifact_state, _("Saving the file"))
    return _(_OPEN[task.status])


def made_elsewhere(task: Task) -> bool:
    """Whether a task was brought in by its id or from a list: what was asked for may not be known."""
    return task.request.capability is None


def no_prompt(task: Task) -> str:
    """What stands where a prompt would."""
    if made_elsewhere(task):
        return _("Made elsewhere: its prompt is not known")
    return _("No prompt")


def makes_picture(task: Task) -> bool:
    """Whether a picture was asked for, and no video."""
    return task.request.capability is Capability.TEXT_TO_IMAGE


def badge(task: Task) -> tuple[str, str, str]:
    """Label, icon and colour of a task's badge."""
    if task.status is not TaskStatus.SUCCEEDED:
        label, icon, colour = _BADGES[task.status]
        return _(label), icon, colour
    if task.artifact_state is ArtifactState.KEPT:
        return _("Ready"), ":material/check_circle:", "green"
    if task.artifact_state is ArtifactState.EXPIRED:
        return _("File missing"), ":material/cloud_off:", "orange"
    return _("Saving"), ":material/downloading:", "blue"


def short(text: str, length: int) -> str:
    """One line of at most `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
