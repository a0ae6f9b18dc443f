"""A mistake in a row stops the start, and says which row and which field."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest

from runway_core.catalog.load import build
from runway_core.errors import ConfigError

Table = dict[str, Any]


def read(name: str) -> Table:
    return tomllib.loads((files("runway_core.catalog") / name).read_text("utf-8"))


MAKERS = sorted(file.name for file in (files("runway_core.catalog") / "models").iterdir())
MODELS: Table = {"model": [row for name in MAKERS for row in read(f"models/{name}")["model"]]}
PROFILES = read("profiles.toml")


def model(tables: tuple[Table, Table], row_id: str = "gen4_turbo") -> Table:
    return next(row for row in tables[0]["model"] if row["id"] == row_id)


def profile(tables: tuple[Table, Table], row_id: str = "yunwu") -> Table:
    return next(row for row in tables[1]["profile"] if row["id"] == row_id)


Mistake = Callable[[tuple[Table, Table]], object]
MISTAKES: dict[str, tuple[Mistake, str, str]] = {
    "a field is missing": (lambda t: model(t).pop("title"), "model gen4_turbo", "title"),
    "a field is misspelt": (lambda t: model(t).update(ratio=["1:1"]), "model gen4_turbo", "ratio"),
    "a ratio is none": (lambda t: model(t).update(ratios=["16x9"]), "model gen4_turbo", "ratios"),
    "a ratio by default that is not offered": (
        lambda t: model(t).update(default_ratio="1:1"),
        "model gen4_turbo",
        "default_ratio",
    ),
    "no duration": (lambda t: model(t).update(durations=[]), "model gen4_turbo", "durations"),
    "a price by length where nothing is long": (
        lambda t: model(t).update(durations=[], default_duration=0),
        "model gen4_turbo",
        "how long",
    ),
    "a default that is not offered": (
        lambda t: model(t).update(default_duration=11),
        "model gen4_turbo",
        "default_duration",
    ),
    "a number is a word": (
        lambda t: model(t).update(prompt_max="long"),
        "gen4_turbo",
        "prompt_max",
    ),
    "an unknown position": (
        lambda t: model(t).update(positions=["middle"]),
        "gen4_turbo",
        "positions",
    ),
    "an unknown capability": (
        lambda t: model(t).update(capability="smell_to_video"),
        "model gen4_turbo",
        "capability",
    ),
    "no source": (lambda t: model(t).update(source=""), "model gen4_turbo", "source"),
    "no date": (lambda t: model(t).pop("as_of"), "model gen4_turbo", "as_of"),
    "a date that is none": (
        lambda t: model(t).update(as_of="last May"),
        "model gen4_turbo",
        "as_of",
    ),
    "a price without a source": (
        lambda t: model(t)["price"].pop("source"),
        "model gen4_turbo",
        "price.source",
    ),
    "a price below zero": (
        lambda t: model(t)["price"].update(rates=[{"amount": "-5"}]),
        "model gen4_turbo",
        "price.rates.0",
    ),
    "a range that is upside down": (
        lambda t: model(t)["price"].update(rates=[{"low": "6", "high": "5"}]),
        "model gen4_turbo",
        "price.rates.0",
    ),
    "a price without rates": (
        lambda t: model(t)["price"].update(rates=[]),
        "model gen4_turbo",
        "price.rates",
    ),
    "a mistake in what a model does": (
        lambda t: model(t, "gen4.5")["does"][1].update(capability="smell_to_video"),
        "model gen4.5",
        "capability",
    ),
    "a model that does one thing twice": (
        lambda t: model(t, "gen4.5")["does"].append(model(t, "gen4.5")["does"][0]),
        "models",
        "gen4.5 image_to_video",
    ),
    "a model that does nothing": (
        lambda t: model(t, "gen4.5").update(does=[]),
        "model gen4.5",
        "does",
    ),
    "a choice without choices": (
        lambda t: model(t)["options"][0].pop("choices"),
        "model gen4_turbo",
        "options.0",
    ),
    "a label of another choice": (
        lambda t: model(t)["options"][0]["labels"].update(high="More"),
        "model gen4_turbo",
        "options.0",
    ),
    "a default that is no choice": (
        lambda t: model(t)["options"][0].update(default="high"),
        "model gen4_turbo",
        "options.0",
    ),
    "a file of no kind": (
        lambda t: model(t, "aleph2")["media"][0].update(kinds=[]),
        "model aleph2",
        "media.0.kinds",
    ),
    "an offer of what a model does not do": (
        lambda t: profile(t, "custom")["offer"][1].update(only=["video_upscale"]),
        "profile custom",
        "video_upscale",
    ),
    "an example that does not match": (
        lambda t: profile(t, "custom")["settings"][2].update(example="no path"),
        "profile custom",
        "settings.2",
    ),
    "a model without a name": (lambda t: model(t).pop("id"), "model None", "id"),
    "a model twice": (
        lambda t: t[0]["model"].append(copy.deepcopy(model(t))),
        "models",
        "gen4_turbo image_to_video",
    ),
    "no model at all": (lambda t: t[0].clear(), "models", "model"),
    "no profile at all": (lambda t: t[1].clear(), "profiles.toml", "profile"),
    "a profile twice": (
        lambda t: t[1]["profile"].append(copy.deepcopy(profile(t))),
        "profiles.toml",
        "yunwu",
    ),
    "a plan twice": (
        lambda t: profile(t, "doitong")["plan"].append(
            copy.deepcopy(profile(t, "doitong")["plan"][0])
        ),
        "profile doitong, plan",
        "free",
    ),
    "a plan that allows nothing": (
        lambda t: profile(t, "doitong")["plan"][0].update(running=0),
        "profile doitong",
        "plans.0.running",
    ),
    "a plan that nobody has named a source for": (
        lambda t: profile(t, "doitong")["plan"][0].pop("source"),
        "profile doitong",
        "plans.0.source",
    ),
    "a profile without offers": (lambda t: profile(t).pop("offer"), "profile yunwu", "offer"),
    "offers that are no blocks": (
        lambda t: profile(t).update(offer="gen4_turbo"),
        "profile yunwu",
        "offer",
    ),
    "an offer without a model": (
        lambda t: profile(t)["offer"][0].pop("model"),
        "profile yunwu",
        "offer.model",
    ),
    "an offer of a model that is not there": (
        lambda t: profile(t)["offer"][0].update(model="gen9"),
        "profile yunwu",
        "gen9",
    ),
    "an offer twice": (
        lambda t: profile(t)["offer"].append({"model": "gen4_turbo"}),
        "profile yunwu",
        "gen4_turbo",
    ),
    "a mistake in an offer": (
        lambda t: profile(t)["offer"][0].update(durations="5"),
        "profile yunwu, model gen4_turbo",
        "durations",
    ),
    "a dispute about nothing we check": (
        lambda t: profile(t)["offer"][0]["disputed"][0].update(field="colour"),
        "profile yunwu, model gen4_turbo",
        "disputed.0.field",
    ),
    "a disputed ratio that is none": (
        lambda t: profile(t)["offer"][0]["disputed"][0].update(value="16x9"),
        "profile yunwu, model gen4_turbo",
        "disputed.0.value",
    ),
    "a protocol that nobody speaks": (
        lambda t: profile(t).update(protocol="smoke"),
        "profile yunwu",
        "protocol",
    ),
    "a wait that is no number": (
        lambda t: profile(t).update(poll_floor="often"),
        "profile yunwu",
        "poll_floor",
    ),
    "a profile without a source": (lambda t: profile(t).pop("source"), "profile yunwu", "source"),
    "a price that its model does not have": (
        lambda t: (profile(t).update(price="model"), model(t).pop("price")),
        "profile sandbox",
        "specs",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_by_row_and_field(mistake: str) -> None:
    tables = copy.deepcopy(MODELS), copy.deepcopy(PROFILES)
    spoil, row, field = MISTAKES[mistake]
    spoil(tables)
    with pytest.raises(ConfigError) as error:
        build(*tables)
    assert row in str(error.value)
    assert field in str(error.value)
    assert "\n" not in str(error.value)


def test_the_rows_as_they_ship_load() -> None:
    assert len(build(MODELS, PROFILES).profiles) == len(PROFILES["profile"])


def test_a_price_that_nobody_published_must_be_said_to_be_unknown() -> None:
    tables = copy.deepcopy(MODELS), copy.deepcopy(PROFILES)
    model(tables, "happyhorse_1_0").pop("unpriced")
    with pytest.raises(ConfigError, match=r"sandbox: specs: .*happyhorse_1_0 has neither price"):
        build(*tables)


def test_a_new_relay_is_one_row() -> None:
    tables = copy.deepcopy(MODELS), copy.deepcopy(PROFILES)
    row = copy.deepcopy(profile(tables)) | {"id": "next", "root": "https://relay.example"}
    tables[1]["profile"].append(row)
    found = build(*tables)
    assert found.profile("next").root == "https://relay.example"
    assert found.spec("next", "gen4_turbo", "image_to_video").durations == (5, 10)
    assert found.spec("next", "gen3a_turbo", "image_to_video").retired is not None
