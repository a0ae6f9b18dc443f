"""Files in the create form: where each has its place, and what was chosen there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from runway_core.catalog import MediaSpec
from runway_core.domain import Frame, FramePosition, Media, MediaKind


class Part(BaseModel):
    """A frozen piece of the form; keys of other versions are dropped when a saved one is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


@dataclass(frozen=True)
class Place:
    """Where a file goes: a frame, or one of the files of a role."""

    role: str
    """``first``, ``last`` or the value of a `Role`."""
    slot: int = 0
    """Tells the files of one role apart; never used twice in one draft."""

    def __str__(self) -> str:
        return self.role if self.position else f"{self.role}.{self.slot}"

    @property
    def position(self) -> FramePosition | None:
        """Which frame, or None for what fixes none."""
        return FramePosition(self.role) if self.role in set(FramePosition) else None

    @property
    def field(self) -> str:
        """The field's name in problems, such as ``frames.first`` or ``media.video``."""
        return f"frames.{self.role}" if self.position else f"media.{self.role}"


class Picked(Part):
    """The file chosen for one place: one kept here, or a link."""

    mode: Literal["upload", "link"] = "upload"
    asset: str = ""
    """SHA-256 of the kept file; empty when none is chosen."""
    link: str = ""
    focus: tuple[float, float] = (0.5, 0.5)
    kind: MediaKind = MediaKind.IMAGE
    """Of the kept file."""
    link_kind: MediaKind | None = None
    """What the link leads to, where a place takes files of several kinds."""
    tag: str = ""
    seconds: float = 0

    def uri(self, *, links_only: bool = False) -> str:
        """What stands for the file in a request; empty when nothing is chosen."""
        if self.mode == "link" or links_only:
            return self.link.strip()
        return f"asset:{self.asset}" if self.asset else ""

    def frame(self, position: FramePosition, *, links_only: bool = False) -> Frame | None:
        """What is asked for, or None when nothing is chosen."""
        uri = self.uri(links_only=links_only)
        if not uri:
            return None
        focus = self.focus if uri.startswith("asset:") else (0.5, 0.5)
        return Frame(position=position, uri=uri, focus=focus)


class Given(Picked):
    """A file that fixes no frame."""

    role: str
    slot: int = 0

    @property
    def place(self) -> Place:
        return Place(self.role, self.slot)

    def fits(self, medium: MediaSpec) -> bool:
        """Whether it can be what a model takes in this role; an empty place always can."""
        wrong = self.mode == "upload" and self.asset and self.kind not in medium.kinds
        return self.role == medium.role and not wrong

    def kind_for(self, medium: MediaSpec, *, links_only: bool = False) -> MediaKind:
        """What kind of file it is to this model."""
        is_link = self.mode == "link" or links_only
        kind = self.link_kind if is_link else self.kind
        return kind if kind in medium.kinds else medium.kinds[0]

    def media(self, medium: MediaSpec, *, links_only: bool = False) -> Media | None:
        """What is asked for, or None when nothing is chosen."""
        uri = self.uri(links_only=links_only)
        if not uri:
            return None
        timed = medium.shape == "keyframes"
        return Media(
            role=medium.role,
            kind=self.kind_for(medium, links_only=links_only),
            uri=uri,
            tag=self.tag.strip().removeprefix("@") if medium.shape == "tagged-list" else "",
            seconds=self.seconds if timed else None,
        )
