"""``submit`` and ``estimate`` for every kind of generation, by the catalogue's rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runway_core.catalog import OptionSpec, catalog
from runway_core.cli.choices import choose, parse_options
from runway_core.domain import Capability
from runway_core.errors import InvalidInputError
from tests.cli.conftest import CommandLine
from tests.shelf import video

ACT = "https://files.example/act.mp4"


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    path = tmp_path / "walk.mp4"
    path.write_bytes(video(size=(640, 360), frames=72))
    return path


def submit(command: CommandLine, *words: str, code: int = 0) -> Any:
    return command.json("submit", "--connection", "sandbox", *words, code=code)


def test_a_picture_is_made_from_one_that_the_prompt_names(
    command: CommandLine, photo: Path
) -> None:
    task = submit(
        command, "--model", "gen4_image_turbo", "--prompt", "the @sky at noon",
        "--reference", f"{photo},sky", "--wait",
    )  # fmt: skip
    assert task["request"]["capability"] == "text_to_image"
    (sent,) = task["request"]["media"]
    assert (sent["role"], sent["kind"], sent["tag"]) == ("reference", "image", "sky")
    assert Path(task["artifacts"][0]["path"]).suffix == ".png"


def test_a_kept_video_is_changed_with_a_keyframe(
    command: CommandLine, photo: Path, walk: Path
) -> None:
    task = submit(
        command, "--model", "aleph2", "--prompt", "it snows", "--video", str(walk),
        "--keyframe", f"1.5={photo}", "--wait",
    )  # fmt: skip
    assert task["status"] == "SUCCEEDED"
    sent = {m["role"]: m for m in task["request"]["media"]}
    assert sent["video"]["uri"].startswith("asset:")
    assert (sent["keyframe"]["seconds"], sent["keyframe"]["kind"]) == (1.5, "image")
    assert task["estimate"]["low"] == task["estimate"]["high"]  # the video has been measured


def test_options_are_of_the_kind_that_their_rows_ask_for(command: CommandLine) -> None:
    task = submit(
        command, "--model", "act_two", "--character", "https://files.example/a.png",
        "--performance", ACT, "--option", "body-control=off", "--option", "expression=4",
    )  # fmt: skip
    assert task["request"]["options"] == {"body_control": False, "expression": 4}
    kinds = {m["role"]: m["kind"] for m in task["request"]["media"]}
    assert kinds == {"character": "image", "performance": "video"}
    assert task["quoted"] is None
    moving = submit(command, "--model", "act_two", "--character", ACT, "--performance", ACT)
    assert moving["request"]["media"][0]["kind"] == "video"


def test_a_billing_id_is_split_before_it_is_recorded(command: CommandLine, photo: Path) -> None:
    words = ("--model", "runwayml-gen4_turbo-10", "--image", str(photo))
    task = submit(command, *words)
    assert (task["model"], task["request"]["duration"]) == ("gen4_turbo", 10)
    error = submit(command, *words, "--duration", "5", code=1)["error"]
    assert [p["field"] for p in error["problems"]] == ["duration"]
    assert len(command.json("tasks")) == 1


@pytest.mark.parametrize(
    ("words", "field", "says"),
    [
        (("--model", "act_two", "--option", "expression=9"), "options.expression", "1 to 5"),
        (("--model", "act_two", "--option", "expression=x"), "options.expression", "1 to 5"),
        (("--model", "act_two", "--option", "body_control=maybe"), "options.body_control", "on or"),
        (("--model", "act_two", "--option", "expression"), "option", "name=value"),
        (("--model", "aleph2", "--video", "gone.mp4"), "media.video", "can't be read"),
        (("--model", "aleph2", "--keyframe", "sky.png"), "media.keyframe", "SECONDS="),
        (("--model", "gen4_turbo", "--capability", "text_to_video"), "capability", "image to"),
    ],
)
def test_what_is_written_wrongly_is_named(
    command: CommandLine, words: tuple[str, ...], field: str, says: str
) -> None:
    error = submit(command, *words, "--prompt", "x", code=1)["error"]
    assert [p["field"] for p in error["problems"]] == [field]
    assert says in error["problems"][0]["message"]


def test_a_picture_is_no_video(command: CommandLine, photo: Path) -> None:
    error = submit(command, "--model", "aleph2", "--video", str(photo), "--prompt", "x", code=1)
    assert [p["field"] for p in error["error"]["problems"]] == ["media.video"]


@pytest.mark.parametrize(
    ("model", "given", "capability"),
    [
        ("gen4.5", set(), Capability.TEXT_TO_VIDEO),
        ("gen4.5", {"first"}, Capability.IMAGE_TO_VIDEO),
        ("gen4_turbo", set(), Capability.IMAGE_TO_VIDEO),
        ("act_two", {"character"}, Capability.CHARACTER_PERFORMANCE),
        ("seedance2", {"video"}, Capability.VIDEO_TO_VIDEO),
        ("seedance2", {"first", "last"}, Capability.IMAGE_TO_VIDEO),
        ("seedance2", set(), Capability.TEXT_TO_VIDEO),
    ],
)
def test_the_kind_of_generation_is_found_by_what_is_given(
    model: str, given: set[str], capability: Capability
) -> None:
    runway = catalog().profile("runway")
    assert choose(runway, model, None, given).capability is capability
    for spec in runway.specs:
        if spec.id == model:
            assert choose(runway, model, spec.capability, given) is spec


def test_a_model_that_is_not_offered_says_which_are() -> None:
    with pytest.raises(InvalidInputError, match="gen4_turbo"):
        choose(catalog().profile("openai-hk"), "gen9", None)


ROWS = {
    "loud": OptionSpec(name="loud", kind="switch", title="Loud"),
    "count": OptionSpec(name="count", kind="number", title="Count", low=1, high=9),
    "size": OptionSpec(name="size", kind="choice", title="Size", choices=("720p", "1080p")),
    "words": OptionSpec(name="words", kind="text", title="Words", high=20),
}


def test_options_are_read_by_their_rows() -> None:
    pairs = ["loud=on", "count=3", "size=720p", "words=a=b", "other=7"]
    assert parse_options(pairs, ROWS.get) == {
        "loud": True,
        "count": 3,
        "size": "720p",
        "words": "a=b",
        "other": "7",
    }
    assert parse_options(["loud=False"], ROWS.get) == {"loud": False}


def test_every_wrong_option_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_options(["loud=1", "count=10", "size=4K", "=x", "words"], ROWS.get)
    fields = [problem.field for problem in caught.value.problems]
    assert fields == ["options.loud", "options.count", "options.size", "option", "option"]


def test_estimates_go_by_options_and_lengths(command: CommandLine) -> None:
    words = ("estimate", "--profile", "runway", "--model")
    short = command.json(*words, "aleph2", "--video-seconds", "3")
    assert short["low"] == short["high"]
    assert Decimal(short["usd_high"]) == Decimal(short["high"]) / 100
    unknown = command.json(*words, "aleph2")
    assert Decimal(unknown["low"]) <= Decimal(short["low"]) < Decimal(unknown["high"])
    ten = command.json(*words, "runwayml-gen4_turbo-10", "--count", "2")
    assert (ten["low"], ten["unit"]) == ("100", "credit")
    error = command.json(*words, "act_two", "--option", "nonsense=1", code=1)["error"]
    assert [p["field"] for p in error["problems"]] == ["options.nonsense"]
    said = command.run(*words, "gen4_turbo", "--duration", "5").stdout
    assert "25 credits = 0.25 USD (" in said
    assert "not known yet" in said


def test_estimates_tell_how_long_it_takes_under_a_plan(command: CommandLine) -> None:
    words = (
        "estimate",
        "--profile",
        "doitong",
        "--model",
        "runway",
        "--count",
        "4",
        "--takes",
        "90",
    )
    slow = command.json(*words, "--plan", "free", "--option", "quality=high")
    assert (slow["low"], slow["high"], slow["unit"]) == ("1200", "2000", "credit")
    assert slow["each"] == {"low": "300", "high": "500"}
    assert 360 <= slow["schedule"]["seconds"] <= 430
    assert [video["held"] for video in slow["schedule"]["videos"]] == ["", *["place"] * 3]
    assert [m["limit"] for m in slow["schedule"]["moments"]] == ["place"]
    quick = command.json(*words, "--plan", "pro")
    assert quick["schedule"]["seconds"] < slow["schedule"]["seconds"] / 3
    said = command.run(*words, "--plan", "free").stdout
    assert "Free plan runs 1 at a time" in said and "4 videos are finished after about" in said
    for wrong in (("--plan", "gold"), ("--duration", "30"), ("--option", "quality=best")):
        error = command.json(*words, *wrong, code=1)["error"]
        field = {"--plan": "plan", "--duration": "duration"}.get(wrong[0], "options.quality")
        assert [problem["field"] for problem in error["problems"]] == [field]


def test_ten_seconds_of_a_relay_are_twice_five_in_its_own_unit_and_in_money(
    command: CommandLine,
) -> None:
    command.environment["MY_KEY"] = "hk-canary-0001"
    add = ("connection", "add", "hk", "--profile", "openai-hk", "--key-env", "MY_KEY")
    command.json(*add, "--price", "9000", "--unit", "point", "--option", "unit_worth=0.00002 USD")
    words = ("estimate", "--connection", "hk", "--model", "gen4_turbo", "--duration", "10")
    found = command.json(*words, "--count", "3")
    assert (found["high"], found["unit"], found["steps"], found["basis"]) == (
        "54000",
        "point",
        2,
        "own",
    )
    assert Decimal(found["told_high"]) == Decimal("1.08") and found["currency"] == "USD"
    assert found["schedule"] is None  # nothing has been made yet
    assert "charged as 2 × 5 s" in command.run(*words).stdout


def test_settings_of_a_connection_are_given_changed_and_reset(command: CommandLine) -> None:
    command.environment["MY_KEY"] = "doi-canary-0001"
    words = ("connection", "add", "d", "--profile", "doitong", "--key-env", "MY_KEY")
    made = command.json(*words, "--option", "api=rest", "--price", "0.5", "--unit", "USD")
    assert made["options"] == {"api": "rest"}
    change = ("connection", "change", "d")
    changed = command.json(*change, "--option", "auth=both", "--rename", "Doi")
    assert (changed["name"], changed["options"]) == ("Doi", {"api": "rest", "auth": "both"})
    assert (changed["unit_price"], changed["key_hint"]) == ("0.5", "…0001")
    reset = command.json("connection", "change", "doi", "--option", "api=")
    assert reset["options"] == {"auth": "both"}
    for wrong in ("api=smoke", "nonsense=1"):
        error = command.json("connection", "change", "doi", "--option", wrong, code=1)["error"]
        assert [p["field"] for p in error["problems"]] == [f"options.{wrong.partition('=')[0]}"]
