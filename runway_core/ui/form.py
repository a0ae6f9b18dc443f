"""The create form as a value: what it asks for, and the token that makes one draft one paid task."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator
from typing import Any

from pydantic import Field, ValidationError

from runway_core.catalog import MediaSpec, ModelSpec, Profile, active_options
from runway_core.domain import Capability, FramePosition, GenerationRequest, Task, Value
from runway_core.ui.picked import Given, Part, Picked, Place

SEED_MAX = 4_294_967_295


class Form(Part):
    """Everything a person can set on the create page, and which draft it is."""

    draft_id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    serial: int = 0
    """Counts the videos wanted of the same content."""
    edition: int = 0
    """Counts how often its whole content was replaced by another video's."""
    connection_id: str = ""
    model: str = ""
    capability: str = ""
    first: Picked = Picked()
    last: Picked = Picked()
    media: tuple[Given, ...] = ()
    """Files of every role, those that the present model has no use for included."""
    slots: int = 0
    """How many places for files this draft ever had."""
    prompt: str = ""
    ratio: str = ""
    duration: int = 0
    seed: int = Field(default_factory=lambda: secrets.randbelow(SEED_MAX + 1))
    seed_kept: bool = False
    options: dict[str, Value] = Field(default_factory=dict)
    """What was set otherwise than the model does by itself; other models' settings included."""

    def places(self) -> Iterator[Place]:
        """Every place for a file that this form has."""
        yield from (Place(position) for position in FramePosition)
        yield from (given.place for given in self.media)

    def picked(self, place: Place) -> Picked:
        if place.position:
            return self.first if place.position is FramePosition.FIRST else self.last
        return next((g for g in self.media if g.place == place), Picked())

    def with_picked(self, place: Place, **changes: Any) -> Form:
        """The same form with something else chosen in one place."""
        if place.position:
            name = "first" if place.position is FramePosition.FIRST else "last"
            changed = self.picked(place).model_copy(update=changes)
            return self.model_copy(update={name: changed})
        media = (g.model_copy(update=changes) if g.place == place else g for g in self.media)
        return self.model_copy(update={"media": tuple(media)})

    def with_place(self, role: str, **chosen: Any) -> Form:
        """The same form with one more place for a file of this role."""
        given = Given(role=role, slot=self.slots, **chosen)
        return self.model_copy(update={"media": (*self.media, given), "slots": self.slots + 1})

    def without(self, place: Place) -> Form:
        """The same form without a file's place."""
        media = tuple(given for given in self.media if given.place != place)
        return self.model_copy(update={"media": media})

    def given(self, medium: MediaSpec) -> tuple[Given, ...]:
        """The places that a model's kind of file has now."""
        return tuple(g for g in self.media if g.fits(medium))[: medium.most]

    def unused(self, spec: ModelSpec) -> tuple[Given, ...]:
        """Files that were chosen and that this model has no use for."""
        used = {given.place for medium in spec.media for given in self.given(medium)}
        return tuple(g for g in self.media if g.place not in used and g.uri())

    def request(self, spec: ModelSpec, profile: Profile) -> GenerationRequest:
        """What this form asks of a model; what it does not take is left out."""
        spec, links_only = spec.given(self.options), not profile.takes_files
        frames = (
            self.picked(Place(position)).frame(position, links_only=links_only)
            for position in spec.offered_positions()
        )
        media = (
            given.media(medium, links_only=links_only)
            for medium in spec.media
            for given in self.given(medium)
        )
        request = GenerationRequest(
            capability=spec.capability,
            model=spec.id,
            prompt=self.prompt if spec.prompt_max else "",
            frames=tuple(frame for frame in frames if frame is not None),
            media=tuple(sent for sent in media if sent is not None),
            ratio=self.ratio if spec.offered_ratios() else "",
            duration=self.duration if spec.offered_durations() else 0,
            seed=self.seed if spec.seed_max else None,
            options=self._options_of(spec),
        )
        return _with_active_options(request, spec)

    def _options_of(self, spec: ModelSpec) -> dict[str, Value]:
        return {o.name: self.options[o.name] for o in spec.options if o.name in self.options}

    def token(self, request: GenerationRequest) -> str:
        """The same for the same draft, content and connection; another for anything else."""
        content = request.model_dump(mode="json")
        parts = [self.draft_id, self.serial, self.connection_id, content]
        text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _with_active_options(request: GenerationRequest, spec: ModelSpec) -> GenerationRequest:
    """Without options that depend on another one which is not set so; and so on."""
    active = {option.name for option in active_options(request, spec)}
    left = {name: value for name, value in request.options.items() if name in active}
    if left == request.options:
        return request
    return _with_active_options(request.model_copy(update={"options": left}), spec)


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


_KEPT = {"connection_id", "model", "capability", "ratio", "duration", "options"}


def cleared(form: Form) -> Form:
    """A new video with the same connection, model, shape, length and settings."""
    return Form(**form.model_dump(include=_KEPT))


def same_again(
    task: Task, form: Form, *, first: Picked, last: Picked, media: tuple[Given, ...] = ()
) -> Form:
    """The form that asks for a task's request once more, its seed included."""
    asked = task.request
    return Form(
        draft_id=form.draft_id,
        serial=form.serial + 1,
        edition=form.edition + 1,
        connection_id=task.connection_id,
        model=asked.model,
        capability=asked.capability or "",
        first=first,
        last=last,
        media=media,
        slots=len(media),
        prompt=asked.prompt,
        ratio=asked.ratio,
        duration=asked.duration,
        **({} if asked.seed is None else {"seed": asked.seed}),
        seed_kept=form.seed_kept,
        options=asked.options,
    )


def starting_from(form: Form, wanted: Capability, place: Place, picked: Picked) -> Form:
    """A new video of another kind, made from one file."""
    kept = cleared(form).model_copy(update={"capability": wanted.value})
    chosen = picked.model_dump(exclude_unset=True)
    if place.position:
        return kept.with_picked(place, **chosen)
    return kept.with_place(place.role, **chosen)
