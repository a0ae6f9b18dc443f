"""Fits the create form to what a connection offers, and says in words what had to change."""

from __future__ import annotations

from runway_core.catalog import ModelSpec, Profile, catalog, nearest_ratio
from runway_core.domain import Capability, Connection, Value
from runway_core.language import _, translated
from runway_core.ui.form import Form
from runway_core.ui.words import CAPABILITIES, capability, field, pixels, shape


def fitted(form: Form, connection: Connection, profile: Profile) -> tuple[Form, str]:
    """The nearest form that this connection offers, and what had to change, in words."""
    spec = spec_for(form, profile)
    chosen = form.model_copy(
        update={
            "connection_id": connection.id,
            "model": spec.id,
            "capability": spec.capability.value,
            "options": _options(form.options, spec),
        }
    )
    now = spec.given(chosen.options)
    chosen = chosen.model_copy(
        update={
            "ratio": _ratio(form.ratio, now),
            "duration": _duration(form.duration, now),
            "seed": form.seed % (now.seed_max + 1) if now.seed_max else form.seed,
        }
    )
    chosen = _with_places(chosen, now)
    return chosen, _what_changed(form, chosen, now, profile)


def spec_for(form: Form, profile: Profile) -> ModelSpec:
    """What a profile offers that is nearest to what the form asks for."""
    same_kind = [s for s in profile.specs if s.capability == form.capability]
    same_model = [s for s in profile.specs if s.id == form.model]
    exact = [s for s in same_kind if s.id == form.model]
    lasting = [s for s in same_kind or profile.specs if not s.retired]
    candidates = exact or ([] if same_kind else same_model) or lasting or same_kind
    return (candidates or profile.specs)[0]


def _ratio(ratio: str, spec: ModelSpec) -> str:
    if not spec.offered_ratios() or ratio in spec.offered_ratios():
        return ratio
    return nearest_ratio(spec, ratio) if ratio else spec.default_ratio or spec.ratios[0]


def _duration(duration: int, spec: ModelSpec) -> int:
    if not spec.offered_durations() or duration in spec.offered_durations():
        return duration
    near = min(spec.durations, key=lambda own: (abs(own - duration), own))
    return near if duration else spec.default_duration


def _options(options: dict[str, Value], spec: ModelSpec) -> dict[str, Value]:
    """Without those that this model knows by the same name but does not take; texts are a person's."""
    known = {option.name: option for option in spec.options}
    return {
        name: value
        for name, value in options.items()
        if name not in known
        or known[name].kind in ("text", "lines")
        or not known[name].problem(value)
    }


def _with_places(form: Form, spec: ModelSpec) -> Form:
    """With a place for each file that the model can't do without, or of which it takes only one."""
    for medium in spec.media:
        there = len(form.given(medium))
        for _place in range(there, max(medium.least, 1 if medium.most == 1 else 0)):
            form = form.with_place(medium.role)
    return form


def _what_changed(old: Form, new: Form, spec: ModelSpec, profile: Profile) -> str:
    said = _other_wish(old, spec, profile)
    suited = profile.title if said else spec.title
    if old.ratio and old.ratio != new.ratio:
        said.append(
            _("the shape is now {shape}, because it does not offer {shape2}").format(
                shape=_shape(new.ratio), shape2=_shape(old.ratio)
            )
        )
    if old.duration and old.duration != new.duration:
        said.append(
            _("the length is now {duration} s, because it does not make {duration2} s").format(
                duration=new.duration, duration2=old.duration
            )
        )
    gone = sorted(old.options.keys() - new.options.keys())
    said += [
        _("“{field}” is as the model does it by itself").format(field=field(f"options.{name}"))
        for name in gone
    ]
    return (
        _("Changed to suit {suited}: {value}.").format(suited=suited, value=_(", and ").join(said))
        if said
        else ""
    )


def _other_wish(old: Form, spec: ModelSpec, profile: Profile) -> list[str]:
    """Another kind or model than was wished for, because the profile has no such thing."""
    if old.capability in CAPABILITIES and old.capability != spec.capability:
        wish = CAPABILITIES[Capability(old.capability)]
        return [
            _("it is “{capability}” now with {title}, not “{wish}”").format(
                capability=capability(spec.capability), title=translated(spec.title), wish=wish
            )
        ]
    if old.model and all(found.id != old.model for found in profile.specs):
        names = (translated(found.title) for found in catalog().models if found.id == old.model)
        return [
            _("the model is now {title}, not {next}").format(
                title=translated(spec.title), next=next(names, old.model)
            )
        ]
    return []


def _shape(ratio: str) -> str:
    return ratio if pixels(ratio) else shape(ratio)
