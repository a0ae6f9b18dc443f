"""Recipes as addresses: what is asked for comes back, and nothing that is private is in them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from runway_core.catalog import ModelSpec, catalog
from runway_core.domain import Capability, Frame, GenerationRequest, Media, MediaKind, Role, Value
from runway_core.ui.fitting import fitted
from runway_core.ui.form import Form
from runway_core.ui.recipe import address_of, form_of, is_recipe, missing_files, recipe_of
from tests.builders import connection, request

PAGE = "https://desk.example/history?task=secret"


def through_a_link(asked: GenerationRequest, *, profile: str = "sandbox") -> Form:
    link = address_of(recipe_of(asked, profile=profile), page=PAGE)
    query = dict(parse_qsl(urlsplit(link).query, keep_blank_values=True, strict_parsing=True))
    assert is_recipe(query)
    return form_of(query, connection_for=lambda found: f"of {found}")


def asked_of(spec: ModelSpec) -> GenerationRequest:
    """What a model makes by itself, with every setting that is no default."""
    options: dict[str, Value] = {o.name: o.choices[-1] for o in spec.options if o.kind == "choice"}
    now = spec.given(options)
    return GenerationRequest(
        capability=spec.capability,
        model=spec.id,
        prompt="Ein Boot & ein Hund? 100 % “Kunst” 波 #1" if spec.prompt_max else "",
        ratio=now.offered_ratios()[-1] if now.offered_ratios() else "",
        duration=now.offered_durations()[-1] if now.offered_durations() else 0,
        seed=7 if spec.seed_max else None,
        options=options,
    )


def test_every_model_s_wish_comes_back_through_a_link() -> None:
    profile = catalog().profile("sandbox")
    for spec in profile.specs:
        asked = asked_of(spec)
        form = through_a_link(asked)
        assert form.connection_id == "of sandbox"
        suited, changed = fitted(form, connection(profile="sandbox"), profile)
        again = suited.request(spec, profile)
        kept = {"ratio", "prompt", "duration", "seed", "model", "capability"}
        assert again.model_dump(include=kept) == asked.model_dump(include=kept), (spec.id, changed)
        assert again.options.items() <= asked.options.items()
        assert not changed


def test_no_file_no_link_to_one_and_no_other_address_is_in_it() -> None:
    sent = request(
        frames=(Frame(uri="asset:" + "a" * 64),),
        media=(
            Media(role=Role.VIDEO, kind=MediaKind.VIDEO, uri="https://cdn.example/v.mp4?token=t0p"),
            Media(role=Role.REFERENCE, kind=MediaKind.IMAGE, uri="data:image/png;base64,QUJD"),
        ),
    )
    query = recipe_of(sent, profile="openai-hk")
    link = address_of(query, page=PAGE)
    assert link.startswith("https://desk.example/?make=")
    for private in ("aaaa", "t0p", "cdn.example", "base64", "QUJD", "secret"):
        assert private not in link
    assert missing_files(query) == ("frames.first", "media.video", "media.reference")


def test_an_address_without_a_recipe_is_none() -> None:
    assert not is_recipe({"task": "1", "with": "openai-hk", "shape": "1:1"})


_WORDS = some.text(max_size=20)


@given(
    some.dictionaries(
        some.sampled_from(
            ("make", "model", "prompt", "shape", "seconds", "seed", "with", "files", "set.audio")
        ),
        some.one_of(
            _WORDS,
            some.sampled_from(
                ("gen4.5", "veo3.1", "text_to_video", "99999999999", "-1", "٣", "first,,video,x")
            ),
        ),
    )
)
def test_whatever_an_address_says_the_form_stands(query: dict[str, str]) -> None:
    form = form_of(query, connection_for=lambda _profile: "")
    profile = catalog().profile("sandbox")
    suited, _changed = fitted(form, connection(profile="sandbox"), profile)
    spec = next(
        s for s in profile.specs if (s.id, s.capability) == (suited.model, suited.capability)
    )
    assert suited.request(spec, profile).duration in (0, *spec.given(suited.options).durations)
    assert all(name.startswith(("frames.", "media.")) for name in missing_files(query))


@pytest.mark.parametrize("make", ["", "text_to_video"])
def test_a_model_alone_is_enough(make: str) -> None:
    query = {"model": "gen4.5", **({"make": make} if make else {})}
    form = form_of(query, connection_for=lambda _profile: "")
    assert form.capability in {c.value for c in Capability} and form.model == "gen4.5"
