"""The drift check: silent where catalogue and description agree, and one line for each thing that differs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runway_core.catalog import ModelSpec, OptionSpec
from runway_core.catalog.drift import KNOWN, Difference, differences, main
from tests.catalog.requests import CATALOG
from tests.official import description

ROWS = CATALOG.profile("runway").specs
Json = dict[str, Any]


def unexplained(spec: Json, rows: tuple[ModelSpec, ...] = ROWS) -> list[str]:
    found = differences(spec, rows)
    return [str(one) for one in found if not any(known.covers(one) for known in KNOWN)]


def branch(spec: Json, endpoint: str, model: str) -> Json:
    media = spec["paths"][f"/v1/{endpoint}"]["post"]["requestBody"]["content"]
    branches: list[Json] = media["application/json"]["schema"]["oneOf"]
    return next(one for one in branches if one["properties"]["model"]["const"] == model)


def test_the_catalogue_says_what_runways_own_description_says() -> None:
    assert unexplained(description()) == []


def test_every_difference_that_is_meant_is_still_there() -> None:
    found = list(differences(description(), ROWS))
    idle = [known for known in KNOWN if not any(known.covers(one) for one in found)]
    assert idle == []
    assert all(len(known.why) > 20 for known in KNOWN)


def test_what_the_catalogue_says_is_never_sent_is_among_the_known() -> None:
    named = {(row.capability, row.id, path) for row in ROWS for path in row.also}
    explained = {(known.endpoint, known.model, known.path) for known in KNOWN}
    # "keyframes.at" is told by the shape of the list's items.
    assert {one for one in named if one not in explained} == {
        ("video_to_video", "aleph2", "keyframes.at")
    }


Plant = Callable[[Json], object]
T45, ALEPH = ("text_to_video", "gen4.5"), ("video_to_video", "aleph2")
PLANTED: dict[str, tuple[tuple[str, str], Plant, list[str]]] = {
    "a key that is new": (
        T45,
        lambda b: b["properties"].update(fps={"type": "integer"}),
        ["text_to_video gen4.5: fps is missing here"],
    ),
    "a key that is gone": (
        T45,
        lambda b: b["properties"].pop("seed"),
        ["text_to_video gen4.5: seed is not in the spec"],
    ),
    "a key that must be there now": (
        T45,
        lambda b: b["required"].append("seed"),
        ["text_to_video gen4.5: seed is required in the spec, not here"],
    ),
    "a key that need not be there": (
        T45,
        lambda b: b["required"].remove("ratio"),
        ["text_to_video gen4.5: ratio is required here, not in the spec"],
    ),
    "a new ratio": (
        T45,
        lambda b: b["properties"]["ratio"]["enum"].append("960:960"),
        ["text_to_video gen4.5: ratio 960:960: only in the spec"],
    ),
    "a ratio that is gone": (
        T45,
        lambda b: b["properties"]["ratio"]["enum"].remove("1280:720"),
        ["text_to_video gen4.5: ratio 1280:720: only here"],
    ),
    "any ratio at all": (
        T45,
        lambda b: b["properties"].update(ratio={"type": "string"}),
        [
            "text_to_video gen4.5: ratio is open in the spec and one of 1280:720, 720:1280 on the other side",
            "text_to_video gen4.5: ratio type: none here, string in the spec",
        ],
    ),
    "a longer prompt": (
        T45,
        lambda b: b["properties"]["promptText"].update(maxLength=2000),
        ["text_to_video gen4.5: promptText maxLength: 1000 here, 2000 in the spec"],
    ),
    "a prompt that must say more": (
        T45,
        lambda b: b["properties"]["promptText"].update(minLength=3),
        ["text_to_video gen4.5: promptText minLength: 1 here, 3 in the spec"],
    ),
    "a shorter video": (
        T45,
        lambda b: b["properties"]["duration"].update(maximum=8),
        ["text_to_video gen4.5: duration maximum: 10 here, 8 in the spec"],
    ),
    "a duration in half seconds": (
        T45,
        lambda b: b["properties"]["duration"].update(multipleOf=0.5),
        ["text_to_video gen4.5: duration multipleOf: none here, 0.5 in the spec"],
    ),
    "strictness": (
        T45,
        lambda b: b.update(additionalProperties=False),
        ["text_to_video gen4.5: additionalProperties: none here, False in the spec"],
    ),
    "no more strictness": (
        ALEPH,
        lambda b: b.pop("additionalProperties"),
        ["video_to_video aleph2: additionalProperties: False here, none in the spec"],
    ),
    "a new value of an option": (
        ALEPH,
        lambda b: b["properties"]["outputFormat"]["enum"].append("hdr"),
        ["video_to_video aleph2: outputFormat hdr: only in the spec"],
    ),
    "a value inside an object": (
        T45,
        lambda b: b["properties"]["contentModeration"]["properties"]["publicFigureThreshold"][
            "enum"
        ].remove("low"),
        ["text_to_video gen4.5: contentModeration.publicFigureThreshold low: only here"],
    ),
    "fewer files in a list": (
        ALEPH,
        lambda b: b["properties"]["keyframes"].update(maxItems=3),
        ["video_to_video aleph2: keyframes maxItems: 5 here, 3 in the spec"],
    ),
    "more files that must be there": (
        ALEPH,
        lambda b: b["properties"]["keyframes"].update(minItems=2),
        ["video_to_video aleph2: keyframes minItems: none here, 2 in the spec"],
    ),
    "a bound inside a list": (
        ALEPH,
        lambda b: b["properties"]["keyframes"]["items"]["anyOf"][0]["properties"]["seconds"].update(
            maximum=60
        ),
        ["video_to_video aleph2: keyframes.seconds maximum: 30 here, 60 in the spec"],
    ),
    "a shorter address": (
        ALEPH,
        lambda b: b["properties"].update(
            videoUri={"type": "string", "minLength": 13, "maxLength": 999, "pattern": "^https://.*"}
        ),
        [
            "video_to_video aleph2: videoUri maxLength: 2048 here, 999 in the spec",
            "video_to_video aleph2: videoUri takes only here also: string ^data:video/.*",
            "video_to_video aleph2: videoUri takes only here also: string ^runway://.*",
        ],
    ),
    "frames without a last one": (
        ("image_to_video", "veo3.1"),
        lambda b: b["properties"]["promptImage"]["anyOf"][1]["items"]["properties"].update(
            position={"const": "first"}
        ),
        ["image_to_video veo3.1: promptImage.position last: only here"],
    ),
    "a length that is one of some": (
        ("image_to_video", "veo3.1"),
        lambda b: b["properties"]["duration"]["enum"].append(12),
        ["image_to_video veo3.1: duration 12: only in the spec"],
    ),
    "another character": (
        ("character_performance", "act_two"),
        lambda b: b["properties"]["character"]["oneOf"].pop(),
        ["character_performance act_two: character takes only here also: object of type video"],
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_each_difference_is_one_readable_line(planted: str) -> None:
    (endpoint, model), plant, lines = PLANTED[planted]
    spec = description()
    plant(branch(spec, endpoint, model))
    assert sorted(unexplained(spec)) == sorted(lines)


def test_a_model_on_one_side_only_is_said() -> None:
    spec = description()
    branch(spec, "image_to_video", "gen4_turbo")["properties"]["model"]["const"] = "gen5_turbo"
    assert unexplained(spec) == [
        "image_to_video gen4_turbo: is not in the spec",
        "image_to_video gen5_turbo: is not in the catalogue",
    ]


def test_an_endpoint_that_is_gone_takes_its_models_along() -> None:
    spec = description()
    del spec["paths"]["/v1/character_performance"]
    assert unexplained(spec) == ["character_performance act_two: is not in the spec"]


def test_words_order_and_references_make_no_difference() -> None:
    spec = description()
    found = branch(spec, *T45)
    found |= {"title": "Any", "description": "any", "x-variant": "Any"}
    found["properties"]["ratio"]["enum"].reverse()
    found["properties"]["seed"]["description"] = "any"
    spec["components"] = {"schemas": {"Prompt": found["properties"]["promptText"]}}
    found["properties"]["promptText"] = {"$ref": "#/components/schemas/Prompt"}
    assert unexplained(spec) == []


def test_a_known_difference_that_changes_is_said_again() -> None:
    spec = description()
    pictures = branch(spec, "image_to_video", "seedance2")["properties"]["promptImage"]["anyOf"][1]
    pictures["maxItems"] = 4
    assert unexplained(spec) == [
        "image_to_video seedance2: promptImage maxItems: 9 here, 4 in the spec"
    ]


def mutations(row: ModelSpec) -> Iterator[tuple[str, ModelSpec]]:
    """The row with each of its bounds moved, one at a time."""
    moved: dict[str, Any] = {
        "ratios": row.ratios[1:],
        "positions": row.positions[:-1],
        "strict": not row.strict,
        "prompt_required": not row.prompt_required,
        "frames_min": 1 - row.frames_min,
        "required": row.required[:-1],
        "media": row.media[:-1],
        "options": row.options[:-1],
    }
    moved = {k: v for k, v in moved.items() if getattr(row, k) or isinstance(v, bool)}
    if not row.prompt_max:
        moved.pop("prompt_required")
    moved |= {k: getattr(row, k) + 1 for k in ("prompt_max", "seed_max") if getattr(row, k)}
    if row.prompt_max:
        moved["prompt_min"] = row.prompt_min + 1
    if row.durations:
        moved["durations"] = row.durations[:-1]
    yield from ((name, row.model_copy(update={name: value})) for name, value in moved.items())
    for place, medium in enumerate(row.media):
        if medium.most > 1:
            more = medium.model_copy(update={"most": medium.most + 1})
            media = (*row.media[:place], more, *row.media[place + 1 :])
            yield f"{medium.key}.most", row.model_copy(update={"media": media})
    for place, option in enumerate(row.options):
        options = (*row.options[:place], _moved(option), *row.options[place + 1 :])
        yield option.name, row.model_copy(update={"options": options})


def _moved(option: OptionSpec) -> OptionSpec:
    if option.kind == "choice":
        return option.model_copy(update={"choices": option.choices[1:]})
    if option.kind == "switch":
        return option.model_copy(update={"kind": "number", "high": 1})
    return option.model_copy(update={"high": option.high + 1})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.id}-{row.capability}")
def test_a_bound_that_is_moved_in_the_catalogue_is_found(row: ModelSpec) -> None:
    whole = branch(description(), row.capability, row.id)
    body = {"content": {"application/json": {"schema": whole}}}
    alone: Json = {"paths": {f"/v1/{row.capability}": {"post": {"requestBody": body}}}}
    alone["$defs"] = description()["$defs"]
    assert unexplained(alone, (row,)) == []
    missed = [name for name, moved in mutations(row) if not unexplained(alone, (moved,))]
    # Runway does not describe the pictures of this one model.
    assert missed == (["positions"] if row.id == "hailuo3" and row.positions else [])


# --- the command -------------------------------------------------------------------------------


def run(tmp_path: Path, spec: object) -> int:
    path = tmp_path / "openapi.json"
    path.write_text(spec if isinstance(spec, str) else json.dumps(spec), "utf-8")
    return main([str(path)])


def test_no_difference_ends_well_and_names_what_is_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, description()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"No difference to look at, {len(lines) - 1} known."
    assert all(line.startswith("known: ") for line in lines[:-1])


def test_a_difference_is_printed_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = description()
    branch(spec, *T45)["properties"]["ratio"]["enum"].append("960:960")
    assert run(tmp_path, spec) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "text_to_video gen4.5: ratio 960:960: only in the spec" in lines
    assert lines[-1].startswith("1 difference to look at, ")


BROKEN: list[object] = [
    "not json",
    "",
    "[" * 100_000,
    [],
    None,
    '"text"',
    {"openapi": "3.1.0"},
    {"openapi": "3.1.0", "paths": {"/pets": {"get": {}}}},
    {"paths": {"/v1/text_to_video": {"post": {"requestBody": []}}}},
    {"paths": []},
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda b: repr(b)[:30])
def test_what_is_no_description_ends_with_2(
    tmp_path: Path, broken: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, broken) == 2
    assert "can't be read" in capsys.readouterr().err


def test_a_reference_that_leads_to_itself_is_an_end(tmp_path: Path) -> None:
    spec = description()
    spec["$defs"]["round"] = {
        "anyOf": [{"$ref": "#/$defs/round"}, {"items": {"$ref": "#/$defs/round"}}]
    }
    branch(spec, *T45)["properties"]["promptText"] = {"$ref": "#/$defs/round"}
    assert run(tmp_path, spec) == 1


def nonsense() -> Iterator[Json]:
    """Descriptions with parts that are no schema at all."""
    parts: list[Any] = [None, [], 7, "text", {"anyOf": 3}, {"properties": []}]
    for wrong in (*parts, {"required": [{}, 1]}):
        for place in ("promptText", "ratio", "contentModeration"):
            spec = description()
            branch(spec, *T45)["properties"][place] = wrong
            yield spec
        spec = description()
        branch(spec, *T45)["required"] = wrong
        yield spec


def test_a_broken_part_is_a_difference_and_no_crash(tmp_path: Path) -> None:
    assert {run(tmp_path, spec) for spec in nonsense()} == {1}


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(description()))
    command = [sys.executable, "-W", "error", "-m", "runway_core.catalog.drift"]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    usage = subprocess.run(command, capture_output=True, text=True, check=False)
    assert usage.returncode == 2 and "FILE" in usage.stderr


def test_a_difference_reads_as_a_sentence() -> None:
    assert str(Difference("a", "m", "k.l", "is missing here")) == "a m: k.l is missing here"
