"""Fills the create form for any row of the catalogue, as a person would: by its fields, never by the model's name."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image
from streamlit.testing.v1 import AppTest

from runway_core.catalog import MediaSpec, ModelSpec, OptionSpec
from runway_core.domain import FramePosition, MediaKind, Value
from tests.shelf import video
from tests.sounds import sound
from tests.ui.conftest import click, field_key

LINKS = {
    MediaKind.IMAGE: "https://files.example.com/a.png",
    MediaKind.VIDEO: "https://files.example.com/a.mp4",
    MediaKind.AUDIO: "https://files.example.com/a.mp3",
}
NAMES = {MediaKind.IMAGE: "sea.png", MediaKind.VIDEO: "walk.mp4", MediaKind.AUDIO: "talk.wav"}


@cache
def content(kind: MediaKind) -> bytes:
    """A small real file, 4 seconds long where it has a length."""
    if kind is MediaKind.VIDEO:
        return video(frames=96)
    if kind is MediaKind.AUDIO:
        return sound(seconds=4)
    out = BytesIO()
    Image.new("RGB", (1280, 720), (90, 140, 200)).save(out, "PNG")
    return out.getvalue()


def widgets(app: AppTest) -> dict[str, Any]:
    """Every field of the form that is drawn, by its own name."""
    prefix = field_key(app, "")
    kinds: tuple[str, ...] = (
        "pills",
        "selectbox",
        "toggle",
        "slider",
        "select_slider",
        "number_input",
    )
    kinds += ("text_input", "text_area", "segmented_control", "file_uploader", "checkbox")
    found = {}
    for kind in kinds:
        for element in app.get(kind):
            key = element.key or ""
            if key.startswith(prefix):
                name = "seed" if key == field_key(app, "seed") else key.removeprefix(prefix)
                found[name] = element
    return found


def places(app: AppTest, role: str) -> list[str]:
    """The places that a role has in the form now."""
    heads = (name.removesuffix(suffix) for name in widgets(app) for suffix in (".mode", ".link"))
    return sorted(
        {head for head in heads if head.partition(".")[0] == role and head.count(".") < 2}
    )


def bring(app: AppTest, place: str, kind: MediaKind) -> None:
    """Upload a file where that is offered, else give a link."""
    uploader = next((w for n, w in widgets(app).items() if n.startswith(f"{place}.file.")), None)
    if uploader is not None:
        uploader.upload(NAMES[kind], content(kind)).run()
        return
    widgets(app)[f"{place}.link"].input(LINKS[kind]).run()


def fill(app: AppTest, spec: ModelSpec, *, everything: bool) -> None:
    """What the model needs; with `everything`, one file of each kind too."""
    if everything or spec.frames_min:
        bring(app, "first", MediaKind.IMAGE)
    for medium in spec.media:
        fill_medium(app, medium, medium.least or int(everything))
    if spec.prompt_max:
        widgets(app)["prompt"].input("A boat leaves the harbour").run()
    assert not app.exception


def fill_medium(app: AppTest, medium: MediaSpec, wanted: int) -> None:
    """Bring so many files of one kind."""
    for number in range(wanted):
        if len(places(app, medium.role)) <= number:
            click(app, f"create.{medium.role}.add")
        bring(app, places(app, medium.role)[number], medium.kinds[0])


def set_option(app: AppTest, option: OptionSpec) -> Value:
    """Set an option to what it is not by itself, and tell to what."""
    widget = widgets(app)[f"option.{option.name}"]
    if option.kind == "choice":
        value: Value = next(c for c in reversed(option.choices) if c != option.default)
        widget.select(value).run()
    elif option.kind == "number":
        value = option.high if option.high != option.default else option.low
        widget.set_value(value).run()
    elif option.kind == "switch" and option.default is None:
        value = True
        widget.select("true").run()
    elif option.kind == "switch":
        value = not option.default
        widget.set_value(value).run()
    else:
        value = option.example or "no rain"
        widget.input(value).run()
    assert not app.exception
    return value


def frames(spec: ModelSpec) -> set[str]:
    """The frames that a model's form must offer."""
    return {FramePosition(position).value for position in spec.offered_positions()}
