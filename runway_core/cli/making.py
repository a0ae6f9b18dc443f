"""``submit``: what is asked for, by the rows of the catalogue."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Annotated

import typer

from runway_core.catalog import ModelSpec, nearest_ratio
from runway_core.catalog.billing import split_billing_id
from runway_core.cli.choices import choose, parse_options
from runway_core.cli.files import frame, medium
from runway_core.cli.output import Json, opened, show_task
from runway_core.cli.waiting import Seconds, wait_and_exit
from runway_core.domain import (
    Capability,
    FramePosition,
    GenerationRequest,
    Role,
)
from runway_core.studio import Studio

USUAL_RATIO = "1280:720"
"""The shape that is asked for where neither the person nor the model's row says one."""

Model = Annotated[str, typer.Option(help="Such as gen4_turbo; runwayml-gen4_turbo-5 works too.")]
Kind = Annotated[Capability | None, typer.Option(help="Found by what is given, if not said.")]
Image = Annotated[str, typer.Option(metavar="FILE|URL", help="First frame.")]
LastImage = Annotated[str, typer.Option(metavar="FILE|URL", help="Last frame.")]
Video = Annotated[str, typer.Option(metavar="FILE|URL", help="Video to change or enlarge.")]
Character = Annotated[str, typer.Option(metavar="FILE|URL", help="Who is to act.")]
Performance = Annotated[str, typer.Option(metavar="FILE|URL", help="Video of the acting.")]
References = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE|URL[,NAME]", help="Picture to go by; the prompt calls it @NAME."),
]
Keyframes = Annotated[
    list[str] | None,
    typer.Option(metavar="SECONDS=FILE|URL", help="How the video looks at this moment."),
]
Files = Annotated[
    list[str] | None, typer.Option(metavar="FILE|URL", help="To go by; may be repeated.")
]
Options = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=VALUE", help="A further setting of the model; may be repeated."),
]
Duration = Annotated[int | None, typer.Option(help="Seconds; the model's usual, if not said.")]
Ratio = Annotated[str, typer.Option(help="width:height, such as 1280:720.")]
Seed = Annotated[int | None, typer.Option(help="0 to 4294967295; random if not said.")]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(submit)


def submit(
    connection: Annotated[str, typer.Option(help="Name of the connection.")],
    model: Model,
    capability: Kind = None,
    prompt: Annotated[str, typer.Option(help="What happens in the video.")] = "",
    image: Image = "",
    last_image: LastImage = "",
    video: Video = "",
    character: Character = "",
    performance: Performance = "",
    reference: References = None,
    keyframe: Keyframes = None,
    reference_video: Files = None,
    reference_audio: Files = None,
    duration: Duration = None,
    ratio: Ratio = "",
    seed: Seed = None,
    option: Options = None,
    wait_for_it: Annotated[bool, typer.Option("--wait", help="Wait for the file.")] = False,
    timeout: Seconds = None,
    as_json: Json = False,
) -> None:
    """Make a video or picture. The app or a worker sends it, or this command itself with --wait."""
    frames = {FramePosition.FIRST: image, FramePosition.LAST: last_image}
    files = {Role.VIDEO: [video], Role.CHARACTER: [character], Role.PERFORMANCE: [performance]}
    files |= {Role.REFERENCE: reference or [], Role.KEYFRAME: keyframe or []}
    files |= {
        Role.REFERENCE_VIDEO: reference_video or [],
        Role.REFERENCE_AUDIO: reference_audio or [],
    }
    with opened(as_json=as_json, for_work=wait_for_it) as studio:
        chosen = studio.connections.by_name(connection)
        own_model, seconds = split_billing_id(model, duration)
        wish = _Wish(own_model, prompt, ratio, seconds, seed, frames, files, option or [])
        spec = choose(studio.connections.profile(chosen), own_model, capability, wish.places())
        request = wish.request(studio, spec)
        made = studio.tasks.submit(request, connection=chosen, token=str(uuid.uuid4()))
        if wait_for_it:
            wait_and_exit(studio, made.id, seconds=timeout, as_json=as_json)
        show_task(made, studio, as_json=as_json)


@dataclass(frozen=True)
class _Wish:
    """What was written after ``submit``."""

    model: str
    prompt: str
    ratio: str
    duration: int | None
    seed: int | None
    frames: dict[FramePosition, str]
    files: dict[Role, list[str]]
    options: list[str]

    def places(self) -> set[str]:
        """Frame positions and roles for which there is a file."""
        places = {str(position) for position, text in self.frames.items() if text}
        return places | {str(role) for role, texts in self.files.items() if any(texts)}

    def request(self, studio: Studio, spec: ModelSpec) -> GenerationRequest:
        """The request, with every file brought in.

        Raises:
            InvalidInputError: an option or a file is wrong; names it.
        """
        options = parse_options(self.options, spec.option)
        spec = spec.given(options)
        given = [(role, text) for role, texts in self.files.items() for text in texts if text]
        return GenerationRequest(
            capability=spec.capability,
            model=self.model,
            prompt=self.prompt,
            frames=tuple(frame(studio, text, p) for p, text in self.frames.items() if text),
            media=tuple(medium(studio, role, text, spec) for role, text in given),
            ratio=self.ratio or spec.default_ratio or nearest_ratio(spec, USUAL_RATIO),
            duration=spec.default_duration if self.duration is None else self.duration,
            seed=_random(spec) if self.seed is None else self.seed,
            options=options,
        )


def _random(spec: ModelSpec) -> int | None:
    return random.randint(0, spec.seed_max) if spec.seed_max else None  # noqa: S311 - not a secret
