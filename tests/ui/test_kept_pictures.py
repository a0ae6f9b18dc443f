"""Pictures and videos that were made: shown as what they are, and begun with again."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from runway_core.domain import Artifact, Capability, FramePosition, Role, Task, TaskStatus
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.builders import NOW, artifact, new_task, request
from tests.shelf import MP4
from tests.ui.conftest import Open, click, said, show
from tests.ui.filling import widgets


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (640, 360), "teal").save(out, "PNG")
    return out.getvalue()


def keep(studio: Studio, content: bytes, suffix: str, mime: str, **asked: Any) -> str:
    """A finished task with this file, made with the sandbox; its id."""
    (sandbox,) = studio.connections.all()
    made: Artifact = artifact(content)
    made = made.model_copy(update={"path": made.path.replace(".mp4", suffix), "mime": mime})
    path = studio.settings.media / made.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    new = new_task(
        connection_id=sandbox.id, connection="Sandbox", profile="sandbox", request=request(**asked)
    )
    studio.store.tasks.add(new)
    studio.store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, status=TaskStatus.SUCCEEDED)
    studio.store.tasks.attach(new.id, [made], now=NOW)
    return new.id


def keep_picture(studio: Studio) -> str:
    asked = {"capability": Capability.TEXT_TO_IMAGE, "model": "gen4_image", "duration": 0}
    return keep(studio, png(), ".png", "image/png", **asked)


def test_a_picture_is_shown_as_a_picture(open_app: Open, studio: Studio) -> None:
    task_id = keep_picture(studio)
    app = show(open_app(), "history", task=task_id)
    assert not app.get("video")
    assert [image.value for image in app.image] == [[f"/app/static/desk/{task_id}/0/picture"]]
    assert "Make a picture" in said(app) and "0 s" not in said(app).split()
    links = [link.proto.url for link in app.get("link_button")]
    assert set(links) == {f"/app/static/desk/{task_id}/0/picture?download=1"}


def test_a_picture_becomes_a_first_frame(open_app: Open, studio: Studio) -> None:
    app = show(open_app(), "history", task=keep_picture(studio))
    click(app, "task.use.0")
    app = show(app, "create")
    assert widgets(app)["capability"].value == Capability.IMAGE_TO_VIDEO
    assert "a fox in the snow" in said(app) and not widgets(app)["prompt"].value
    click(app, "create.generate")
    (frame,) = newest(studio).request.frames
    assert frame.position is FramePosition.FIRST
    assert studio.assets.get(frame.asset or "").width == 640


def newest(studio: Studio) -> Task:
    return studio.tasks.page(TaskQuery()).tasks[0]


def test_a_video_becomes_the_video_to_change(open_app: Open, studio: Studio) -> None:
    task_id = keep(studio, MP4, ".mp4", "video/mp4")
    app = show(open_app(), "history", task=task_id)
    click(app, "task.use.0")
    app = show(app, "create")
    assert widgets(app)["capability"].value == Capability.VIDEO_TO_VIDEO
    click(app, "create.generate")
    (sent,) = newest(studio).request.of_role(Role.VIDEO)
    assert studio.assets.path(sent.asset or "").read_bytes() == MP4


def test_a_connection_that_can_do_it_is_chosen_when_the_present_one_can_not(
    open_app: Open, studio: Studio
) -> None:
    task_id = keep(studio, MP4, ".mp4", "video/mp4")
    relay = studio.connections.add("Relay", profile="openai-hk", key="hk-secret-0001")
    app = open_app()
    widgets(app)["connection"].select(relay.id).run()
    click(show(app, "history", task=task_id), "task.use.0")
    app = show(app, "create")
    assert widgets(app)["connection"].value == "sandbox"
    assert widgets(app)["capability"].value == Capability.VIDEO_TO_VIDEO


def test_a_file_that_is_gone_says_so_and_changes_nothing(open_app: Open, studio: Studio) -> None:
    task_id = keep_picture(studio)
    studio.archive.path(studio.tasks.get(task_id).artifacts[0].path).unlink()
    app = show(open_app(), "history", task=task_id)
    before = studio.drafts.load()
    click(app, "task.use.0")
    assert "no longer in the media folder" in app.error[0].value
    assert studio.drafts.load() == before


@pytest.mark.parametrize(("suffix", "mime"), [(".zip", "application/zip")])
def test_what_can_not_be_shown_can_be_downloaded(
    open_app: Open, studio: Studio, suffix: str, mime: str
) -> None:
    task_id = keep(studio, b"PK\3\4 frames", suffix, mime)
    app = show(open_app(), "history", task=task_id)
    assert "can't be shown here: download it" in said(app)
    assert not app.get("video") and not app.image
    assert not [b for b in app.button if b.key == "task.use.0"]
