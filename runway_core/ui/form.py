"""The create form as a value: what it asks for, and the token that makes one draft one paid task."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from runway_core.catalog import ModelSpec, Profile, nearest_ratio
from runway_core.domain import Capability, Connection, Frame, FramePosition, GenerationRequest, Task

SEED_MAX = 4_294_967_295


class Part(BaseModel):
    """A frozen piece of the form; keys of other versions are dropped when a saved one is read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Picked(Part):
    """The picture chosen for one frame: one kept here, or a link."""

    mode: Literal["upload", "link"] = "upload"
    asset: str = ""
    """SHA-256 of the kept picture; empty when none is chosen."""
    link: str = ""
    focus: tuple[float, float] = (0.5, 0.5)

    def frame(self, position: FramePosition) -> Frame | None:
        """What is asked for, or None when nothing is chosen."""
        if self.mode == "link":
            return Frame(position=position, uri=self.link.strip()) if self.link.strip() else None
        if not self.asset:
            return None
        return Frame(position=position, uri=f"asset:{self.asset}", focus=self.focus)


class Form(Part):
    """Everything a person can set on the create page, and which draft it is."""

    draft_id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    serial: int = 0
    """Counts the videos wanted of the same content."""
    connection_id: str = ""
    model: str = ""
    capability: str = ""
    first: Picked = Picked()
    last: Picked = Picked()
    prompt: str = ""
    ratio: str = ""
    duration: int = 0
    seed: int = Field(default_factory=lambda: secrets.randbelow(SEED_MAX + 1))
    seed_kept: bool = False

    def picked(self, position: FramePosition) -> Picked:
        return self.first if position is FramePosition.FIRST else self.last

    def with_picked(self, position: FramePosition, **changes: Any) -> Form:
        """The same form with something else chosen for one frame."""
        name = "first" if position is FramePosition.FIRST else "last"
        changed = self.picked(position).model_copy(update=changes)
        return self.model_copy(update={name: changed})

    def fitted(self, connection: Connection, profile: Profile) -> tuple[Form, str]:
        """The nearest form that this connection offers, and what had to change, in words."""
        spec = self._spec(profile)
        ratio = self.ratio
        if ratio not in spec.offered_ratios():
            ratio = nearest_ratio(spec, ratio)
        duration = self.duration
        if duration not in spec.offered_durations():
            near = min(spec.durations, key=lambda own: (abs(own - duration), own))
            duration = near if duration else spec.default_duration
        fitted = self.model_copy(
            update={
                "connection_id": connection.id,
                "model": spec.id,
                "capability": str(spec.capability),
                "ratio": ratio,
                "duration": duration,
            }
        )
        return fitted, _what_changed(self, fitted, spec)

    def _spec(self, profile: Profile) -> ModelSpec:
        same = [s for s in profile.specs if s.id == self.model]
        exact = (s for s in same if s.capability == self.capability)
        return next(exact, same[0] if same else profile.specs[0])

    def request(self, spec: ModelSpec) -> GenerationRequest:
        """What this form asks of a model; pictures it does not take are left out."""
        frames = (self.picked(position).frame(position) for position in spec.offered_positions())
        return GenerationRequest(
            capability=Capability(self.capability),
            model=self.model,
            prompt=self.prompt,
            frames=tuple(frame for frame in frames if frame is not None),
            ratio=self.ratio,
            duration=self.duration,
            seed=self.seed,
        )

    def token(self, request: GenerationRequest) -> str:
        """The same for the same draft, content and connection; another for anything else."""
        content = request.model_dump(mode="json")
        parts = [self.draft_id, self.serial, self.connection_id, content]
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def read_form(saved: dict[str, Any]) -> Form:
    """A saved form, or a new one when nothing usable was saved."""
    try:
        return Form.model_validate(saved)
    except ValidationError:
        return Form()


def another(form: Form, *, serial: int) -> Form:
    """The same wish once more: a new draft with a new seed, unless the person keeps the seed."""
    seed = form.seed if form.seed_kept else secrets.randbelow(SEED_MAX + 1)
    return form.model_copy(update={"serial": serial, "seed": seed})


def cleared(form: Form) -> Form:
    """A new video with the same connection, model, shape and length."""
    kept = form.model_dump(include={"connection_id", "model", "capability", "ratio", "duration"})
    return Form(**kept)


def same_again(task: Task, form: Form, *, first: Picked, last: Picked) -> Form:
    """The form that asks for a task's request once more, its seed included."""
    asked = task.request
    return Form(
        draft_id=form.draft_id,
        serial=form.serial + 1,
        connection_id=task.connection_id,
        model=asked.model,
        capability=str(asked.capability),
        first=first,
        last=last,
        prompt=asked.prompt,
        ratio=asked.ratio,
        duration=asked.duration,
        **({} if asked.seed is None else {"seed": asked.seed}),
        seed_kept=form.seed_kept,
    )


def _what_changed(old: Form, new: Form, spec: ModelSpec) -> str:
    said = []
    if old.ratio and old.ratio != new.ratio:
        said.append(f"the shape is now {new.ratio}, because it does not offer {old.ratio}")
    if old.duration and old.duration != new.duration:
        said.append(
            f"the length is now {new.duration} s, because it does not make {old.duration} s"
        )
    return f"Changed to suit {spec.title}: {', and '.join(said)}." if said else ""
