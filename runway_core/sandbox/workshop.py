"""Makes the result of a task: a drawn video, one remade from the video that was sent, or a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from runway_core.domain import Capability, MediaKind, Role
from runway_core.sandbox.record import Fault, Kept, Record
from runway_core.sandbox.shelf import Shelf

STILLS = ("png", "jpg", "webp")
UNCHANGED = (Capability.VIDEO_UPSCALE,)
"""What keeps the colours of the video that was sent."""
FIRST = ("first", Role.CHARACTER, Role.KEYFRAME, Role.REFERENCE, Role.VIDEO)
"""Whose picture is shown when there is nothing to remake, first of all first."""


def make(
    record: Record, shelf: Shelf, target: Path, should_stop: Callable[[], bool]
) -> Fault | None:
    """Write the result to `target`; say what is wrong with what was sent, if anything.

    Raises:
        OSError: the disk refuses.
    """
    # Here, because a start of the server should not wait for codecs.
    from runway_core.sandbox.encode import StoppedError
    from runway_core.sandbox.scene import UnusablePictureError

    try:
        _made(record, shelf, target, should_stop)
    except UnusablePictureError:
        return Fault.UNUSABLE_PICTURE
    except StoppedError:
        pass
    return None


def _made(record: Record, shelf: Shelf, target: Path, should_stop: Callable[[], bool]) -> None:
    from runway_core.sandbox import remake, render

    width, height = map(int, record.ratio.split(":"))
    films = dict(_here(record, shelf, MediaKind.VIDEO))
    pictures = dict(_here(record, shelf, MediaKind.IMAGE))
    source = films.get(Role.VIDEO) or films.get(Role.PERFORMANCE)
    if source:
        take = remake.Take(
            source=source,
            width=width,
            height=height,
            seconds=record.duration,
            fps=record.fps,
            seed=record.seed,
            is_tinted=record.capability not in UNCHANGED,
            inset=pictures.get(Role.CHARACTER),
            ending=record.ending,
        )
        remake.remake(take, target, should_stop=should_stop)
        return
    shot = render.Shot(
        width=width,
        height=height,
        seconds=record.duration,
        seed=record.seed,
        prompt=record.prompt,
        first=_shown(record, pictures, FIRST),
        last=_shown(record, pictures, ("last",)),
        ending=record.ending,
    )
    draw = render.draw if record.ending in STILLS else render.render
    draw(shot, target, should_stop=should_stop)


def _here(record: Record, shelf: Shelf, kind: MediaKind) -> Iterator[tuple[str, Path]]:
    """The files of a kind whose bytes are here, by role; of several in one role the first."""
    for kept in reversed(record.files):
        if kept.kind is kind and not kept.is_link:
            yield kept.role, shelf.frame(kept.source)


def _shown(record: Record, pictures: dict[str, Path], roles: tuple[str, ...]) -> Path | str | None:
    """The picture, or the link that stands for one, of the first role that has any."""
    for role in roles:
        kept = next((k for k in record.files if k.role == role), None)
        if role in pictures:
            return pictures[role]
        if isinstance(kept, Kept) and kept.is_link:
            return kept.source
    return None
