"""What becomes of a form when another connection or model is chosen: what fits stays, what changes is said."""

from __future__ import annotations

from typing import Any

import pytest

from runway_core.catalog import ModelSpec, OptionSpec, Profile, catalog
from runway_core.domain import MediaKind, Role
from runway_core.ui.fitting import fitted
from runway_core.ui.form import Form
from runway_core.ui.picked import Place
from tests.builders import connection

RUNWAY = catalog().profile("runway")
QUALITY: dict[str, Any] = {
    "name": "quality",
    "key": "quality",
    "kind": "choice",
    "title": "Quality",
}


def row(model: str, **changes: Any) -> ModelSpec:
    spec = catalog().spec("runway", "gen4.5", "text_to_video")
    return spec.model_copy(update={"id": model, "title": model} | changes)


def offering(*specs: ModelSpec) -> Profile:
    return RUNWAY.model_copy(update={"specs": specs})


def fit(form: Form, profile: Profile = RUNWAY) -> tuple[Form, str]:
    return fitted(form, connection(profile=profile.id), profile)


def test_a_new_form_is_filled_with_defaults_and_nothing_is_said() -> None:
    form, said = fit(Form())
    spec = RUNWAY.specs[0]
    assert (form.model, form.capability) == (spec.id, spec.capability)
    assert (form.ratio, form.duration, said) == (spec.ratios[0], spec.default_duration, "")


def test_the_kind_stays_before_the_model_does() -> None:
    form, said = fit(Form(capability="video_upscale", model="gen4.5"))
    assert (form.capability, said) == ("video_upscale", "")


def test_a_model_that_is_not_offered_is_replaced_and_said() -> None:
    form, said = fit(Form(capability="text_to_video", model="veo9"))
    assert form.capability == "text_to_video" and "not veo9" in said


def test_a_retired_model_is_not_chosen_by_itself() -> None:
    relay = catalog().profile("custom")
    specs = sorted(relay.specs, key=lambda s: s.retired is None)
    assert specs[0].retired
    form, _ = fit(Form(), relay.model_copy(update={"specs": tuple(specs)}))
    assert form.model != specs[0].id


def test_shape_and_length_come_back_after_a_model_that_has_none() -> None:
    form, _ = fit(Form(capability="text_to_video", model="gen4.5", ratio="720:1280", duration=8))
    without, said = fit(form.model_copy(update={"capability": "video_upscale"}))
    assert said == ""
    again, said = fit(without.model_copy(update={"capability": "text_to_video", "model": "gen4.5"}))
    assert (again.ratio, again.duration, said) == ("720:1280", 8, "")


def test_the_nearest_shape_and_length_are_taken_and_said() -> None:
    profile = offering(row("one"), row("two", ratios=("16:9", "9:16"), durations=(4, 8)))
    form, _ = fit(
        Form(model="one", ratio="720:1280", duration=5, capability="text_to_video"), profile
    )
    other, said = fit(form.model_copy(update={"model": "two"}), profile)
    assert (other.ratio, other.duration) == ("9:16", 4)
    assert "the shape is now 9:16, because it does not offer 720:1280" in said
    assert "the length is now 4 s, because it does not make 5 s" in said


def test_settings_that_still_fit_stay_and_others_go_and_are_said() -> None:
    fine = OptionSpec(**QUALITY, choices=("low", "high"))
    profile = offering(
        row("one", options=(fine,)),
        row("two", options=(OptionSpec(**QUALITY, choices=("low", "best")),)),
        row("three"),
    )
    form, _ = fit(
        Form(model="one", capability="text_to_video", options={"quality": "low"}), profile
    )
    other, said = fit(form.model_copy(update={"model": "two"}), profile)
    assert (other.options, said) == ({"quality": "low"}, "")
    third, said = fit(form.model_copy(update={"model": "three"}), profile)
    assert (third.options, said) == ({"quality": "low"}, "")
    assert third.request(profile.specs[2], profile).options == {}
    high = form.model_copy(update={"options": {"quality": "high"}})
    other, said = fit(high.model_copy(update={"model": "two"}), profile)
    assert other.options == {} and "is as the model does it by itself" in said


def test_a_seed_is_never_larger_than_the_model_takes() -> None:
    profile = offering(row("one", seed_max=1000))
    form, _ = fit(Form(seed=4_294_967_295), profile)
    assert 0 <= form.seed <= 1000


@pytest.mark.parametrize("spec", RUNWAY.specs, ids=lambda s: f"{s.id}-{s.capability}")
def test_places_are_there_for_what_is_needed_and_fitting_again_changes_nothing(
    spec: ModelSpec,
) -> None:
    form, _ = fit(Form(capability=spec.capability, model=spec.id))
    assert (form.model, form.capability) == (spec.id, spec.capability)
    for medium in spec.media:
        assert len(form.given(medium)) >= medium.least
        assert medium.most > 1 or len(form.given(medium)) == 1
    assert fit(form) == (form, "")


def test_a_single_file_that_is_optional_has_its_place_too() -> None:
    spec = catalog().spec("runway", "act_two", "character_performance")
    medium = spec.media[0].model_copy(update={"least": 0, "most": 1})
    form, _ = fit(Form(), offering(spec.model_copy(update={"media": (medium,)})))
    assert len(form.given(medium)) == 1
    assert form.request(spec, RUNWAY).media == ()


def test_a_place_that_was_taken_away_never_comes_back_with_its_old_number() -> None:
    form = Form().with_place(Role.REFERENCE).with_place(Role.REFERENCE)
    second = form.media[1].place
    added = form.without(second).with_place(Role.REFERENCE)
    assert second not in list(added.places()) and len(list(added.places())) == 4


def test_a_video_is_not_given_to_a_model_that_takes_pictures_only() -> None:
    profile = catalog().profile("runway")
    spec = catalog().spec("runway", "act_two", "character_performance")
    medium = spec.medium(Role.CHARACTER)
    assert medium is not None
    pictures = medium.model_copy(update={"kinds": (MediaKind.IMAGE,)})
    only = spec.model_copy(update={"media": (pictures,)})
    form = Form().with_place(Role.CHARACTER, asset="a" * 64, kind=MediaKind.VIDEO)
    assert [m.kind for m in form.request(spec, profile).media] == [MediaKind.VIDEO]
    assert form.request(only, profile).media == ()
    assert [g.place for g in form.unused(only)] == [Place(Role.CHARACTER, 0)]
