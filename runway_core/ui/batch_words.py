"""How a batch and its rows stand, in words. Pure: no Streamlit, no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal

from runway_core.domain import Estimate
from runway_core.language import N_, _, ngettext, number
from runway_core.studio.batch_standing import How, Progress
from runway_core.ui.words import amount

_HOW: dict[How, tuple[str, str, str]] = {
    "ready": (N_("Ready"), ":material/check_circle:", "green"),
    "waiting": (N_("Waiting"), ":material/hourglass_empty:", "gray"),
    "line": (N_("In line"), ":material/schedule:", "gray"),
    "making": (N_("Making"), ":material/autorenew:", "blue"),
    "saving": (N_("Saving"), ":material/downloading:", "blue"),
    "failed": (N_("Failed"), ":material/error:", "red"),
    "uncertain": (N_("Needs you"), ":material/help:", "orange"),
    "cancelled": (N_("Cancelled"), ":material/block:", "gray"),
    "expired": (N_("File missing"), ":material/cloud_off:", "orange"),
    "refused": (N_("Not made"), ":material/report:", "orange"),
    "stopped": (N_("Stopped"), ":material/stop_circle:", "gray"),
}
_STATES = {
    "running": (N_("Running"), ":material/play_circle:", "blue"),
    "paused": (N_("Paused"), ":material/pause_circle:", "orange"),
    "stopped": (N_("Stopped"), ":material/stop_circle:", "gray"),
    "done": (N_("Done"), ":material/check_circle:", "green"),
}


def how(stands: How) -> tuple[str, str, str]:
    """Label, icon and colour of how a row stands."""
    label, icon, color = _HOW[stands]
    return _(label), icon, color


def state(progress: Progress) -> tuple[str, str, str]:
    """Label, icon and colour of how a batch stands as a whole."""
    name: str = progress.batch.state
    if name in ("running", "fed"):
        name = "running" if progress.moves or progress.waits else "done"
    label, icon, color = _STATES[name]
    return _(label), icon, color


def counts(progress: Progress) -> str:
    """How many rows stand how, such as ``Ready 12 · Making 3``."""
    known = [stands for stands in _HOW if progress.rows.get(stands)]
    return " · ".join(f"{_(_HOW[one][0])} {number(progress.rows[one])}" for one in known)


def videos(count: int) -> str:
    """So many videos."""
    return ngettext("{n} video", "{n} videos", count).format(n=number(count))


def make_label(count: int, most: Decimal | None, unit: str, *, free: bool) -> str:
    """What the one button says: how many videos, for how much at most."""
    words = {"videos": videos(count)}
    if free:
        return _("Make {videos} for free (practice)").format(**words)
    if most is None:
        return _("Make {videos}; what they cost is not known").format(**words)
    return _("Make {videos} for at most {amount}").format(**words, amount=amount(most, unit))


def most_of(estimates: Iterable[Estimate]) -> tuple[Decimal | None, str]:
    """The most that all of these may cost, and in which unit; None where nobody knows."""
    total, unit = Decimal(0), ""
    for estimate in estimates:
        if estimate.high is None:
            return None, estimate.unit
        total, unit = total + estimate.high, estimate.unit
    return total, unit


def reasons(whys: Sequence[str]) -> list[tuple[str, int]]:
    """Each reason once, and for how many it holds; the most frequent first."""
    return Counter(filter(None, whys)).most_common()
