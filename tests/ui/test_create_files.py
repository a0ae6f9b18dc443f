"""The create form's files: brought, given as links, named, timed, taken away, kept between models."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.catalog import catalog
from runway_core.domain import Capability, GenerationRequest, MediaKind, Role
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from runway_core.ui.form import Form, read_form
from runway_core.ui.picked import Given, Picked
from tests.shelf import video
from tests.ui.conftest import Open, choose, click, field_key, said, show
from tests.ui.filling import LINKS, bring, content, places, widgets


def only(studio: Studio) -> GenerationRequest:
    """What the one task asks for."""
    (task,) = studio.tasks.page(TaskQuery()).tasks
    return task.request


def change_a_video(app: AppTest, data: bytes = b"") -> AppTest:
    choose(app, "video_to_video", "aleph2")
    app.file_uploader[0].upload("walk.mp4", data or content(MediaKind.VIDEO)).run()
    assert not app.exception
    return app


def test_a_video_is_brought_shown_and_asked_for(open_app: Open, studio: Studio) -> None:
    app = change_a_video(open_app())
    assert "walk.mp4" in said(app) and "320 × 180 · 4.0 s · 24 frames a second" in said(app)
    (player,) = [html.proto.body for html in app.get("html") if "<video" in html.proto.body]
    assert 'preload="none"' in player and "poster=" in player
    assert "video to change" in said(app)
    click(app, "create.generate")
    request = only(studio)
    (sent,) = request.media
    assert (sent.role, sent.kind) == (Role.VIDEO, MediaKind.VIDEO)
    assert studio.assets.get(sent.asset or "").filename == "walk.mp4"
    assert (request.frames, request.ratio, request.duration) == ((), "", 0)


def test_the_measured_length_makes_the_price_exact(open_app: Open, studio: Studio) -> None:
    connection = studio.connections.add("Official", profile="runway", key="key_123456789")
    app = open_app()
    app.selectbox(key=field_key(app, "connection")).select(connection.id).run()
    choose(app, "video_to_video", "aleph2")
    assert "–" in said(app) and "depends on the length of your video" in said(app)
    change_a_video(app)
    spec = catalog().spec("runway", "aleph2", "video_to_video")
    assert spec.price is not None
    exact = spec.price.rates[0].low * 4
    assert f"**{exact.normalize():f} credits · US$1.12**" in said(app)
    assert "depends on the length" not in said(app)
    click(app, "create.generate")
    (task,) = studio.tasks.page(TaskQuery()).tasks
    assert task.estimate.low == task.estimate.high == Decimal(112)


def test_a_video_too_long_for_the_model_is_named_before_anything_is_sent(
    open_app: Open, studio: Studio
) -> None:
    app = change_a_video(open_app(), video(frames=24))
    assert "lasts 1.0 s; it must last 2 to 30 s" in said(app)
    assert app.button(key="create.generate").disabled


def test_a_file_of_the_wrong_kind_is_refused_and_the_one_before_stays(open_app: Open) -> None:
    app = change_a_video(open_app())
    app.file_uploader[0].upload("photo.mp4", content(MediaKind.IMAGE)).run()
    assert "Video to change**: photo.mp4 is a picture; choose a video" in said(app)
    assert "The file you had stays." in said(app) and "walk.mp4" in said(app)
    assert not app.button(key="create.generate").disabled


def test_a_file_goes_with_the_person_to_the_next_model_that_takes_it(
    open_app: Open, studio: Studio
) -> None:
    app = change_a_video(open_app())
    choose(app, "video_upscale")
    assert "walk.mp4" in said(app)
    choose(app, "text_to_video", "gen4.5")
    assert "Not used, because Gen-4.5 takes none: video." in said(app)
    app.text_area(key=field_key(app, "prompt")).input("A fox").run()
    click(app, "create.generate")
    assert only(studio).media == ()
    choose(app, "video_to_video", "aleph2")
    assert "walk.mp4" in said(app)


def test_references_are_added_named_and_taken_away(open_app: Open, studio: Studio) -> None:
    app = choose(open_app(), "text_to_image", "gen4_image")
    assert places(app, "reference") == []
    for tag in ("sky", "harbour", "boat"):
        click(app, "create.reference.add")
        place = places(app, "reference")[-1]
        bring(app, place, MediaKind.IMAGE)
        widgets(app)[f"{place}.tag"].input(tag).run()
    assert not [b for b in app.button if b.key == "create.reference.add"]
    click(app, f"create.{places(app, 'reference')[1]}.drop")
    click(app, "create.reference.add")
    assert [widgets(app)[f"{p}.tag"].value for p in places(app, "reference")] == ["sky", "boat", ""]
    app.text_area(key=field_key(app, "prompt")).input("@boat under a @sky").run()
    click(app, "create.generate")
    assert [sent.tag for sent in only(studio).media] == ["sky", "boat"]


def test_a_wrong_name_is_told_and_an_at_sign_does_no_harm(open_app: Open, studio: Studio) -> None:
    app = choose(open_app(), "text_to_image", "gen4_image")
    app.text_area(key=field_key(app, "prompt")).input("@sky").run()
    click(app, "create.reference.add")
    (place,) = places(app, "reference")
    bring(app, place, MediaKind.IMAGE)
    widgets(app)[f"{place}.tag"].input("Blue Sky").run()
    assert "3 to 16 small letters" in said(app) and app.button(key="create.generate").disabled
    widgets(app)[f"{place}.tag"].input("@sky").run()
    click(app, "create.generate")
    assert [sent.tag for sent in only(studio).media] == ["sky"]


def test_keyframes_have_their_moments(open_app: Open, studio: Studio) -> None:
    app = change_a_video(open_app())
    for moment in (0.0, 2.5):
        click(app, "create.keyframe.add")
        place = places(app, "keyframe")[-1]
        bring(app, place, MediaKind.IMAGE)
        widgets(app)[f"{place}.seconds"].set_value(moment).run()
    click(app, "create.generate")
    assert [m.seconds for m in only(studio).of_role(Role.KEYFRAME)] == [0.0, 2.5]


def test_an_empty_place_in_a_list_is_not_sent(open_app: Open, studio: Studio) -> None:
    app = change_a_video(open_app())
    click(app, "create.keyframe.add")
    click(app, "create.generate")
    assert [sent.role for sent in only(studio).media] == [Role.VIDEO]


@pytest.mark.parametrize("kind", [MediaKind.IMAGE, MediaKind.VIDEO])
def test_a_character_is_a_picture_or_a_video_brought_or_linked(
    open_app: Open, studio: Studio, kind: MediaKind
) -> None:
    app = choose(open_app(), "character_performance", "act_two")
    character, acting = places(app, "character")[0], places(app, "performance")[0]
    bring(app, character, kind)
    bring(app, acting, MediaKind.VIDEO)
    click(app, "create.generate")
    assert [sent.kind for sent in only(studio).media] == [kind, MediaKind.VIDEO]
    widgets(app)[f"{character}.mode"].select("link").run()
    widgets(app)[f"{character}.link_kind"].select(kind).run()
    widgets(app)[f"{character}.link"].input(LINKS[kind]).run()
    click(app, "create.generate")
    newest = studio.tasks.page(TaskQuery()).tasks[0].request
    assert (newest.media[0].kind, newest.media[0].uri) == (kind, LINKS[kind])


def test_a_service_that_takes_no_files_asks_for_links_and_says_why(
    open_app: Open, studio: Studio
) -> None:
    studio.connections.all()
    connection = studio.connections.add("Doi", profile="doitong", key="doi-123456789")
    app = click(open_app(), "create.first.sample")
    app.selectbox(key=field_key(app, "connection")).select(connection.id).run()
    assert not app.exception
    assert not app.file_uploader and "Doitong takes only links." in said(app)
    assert app.button(key="create.generate").disabled
    widgets(app)["first.link"].input(LINKS[MediaKind.IMAGE]).run()
    app.text_area(key=field_key(app, "prompt")).input("Waves").run()
    click(app, "create.generate")
    assert only(studio).frames[0].uri == LINKS[MediaKind.IMAGE]
    app.selectbox(key=field_key(app, "connection")).select("sandbox").run()
    assert "sample.jpg" in said(app)


def test_everything_survives_other_pages_and_a_new_session(open_app: Open) -> None:
    app = change_a_video(open_app())
    click(app, "create.keyframe.add")
    bring(app, places(app, "keyframe")[0], MediaKind.IMAGE)
    widgets(app)[f"{places(app, 'keyframe')[0]}.seconds"].set_value(1.5).run()
    widgets(app)["option.target_ratio"].select("1:1").run()
    for again in (show(show(app, "history"), "create"), open_app()):
        assert widgets(again)["capability"].value == Capability.VIDEO_TO_VIDEO
        assert "walk.mp4" in said(again) and "sea.png" in said(again)
        assert widgets(again)[f"{places(again, 'keyframe')[0]}.seconds"].value == 1.5
        assert widgets(again)["option.target_ratio"].value == "1:1"


def test_same_again_brings_back_files_and_settings(open_app: Open, studio: Studio) -> None:
    app = change_a_video(open_app())
    widgets(app)["option.target_ratio"].select("9:16").run()
    click(click(app, "create.generate"), "create.new")
    assert "walk.mp4" not in said(app)
    (task,) = studio.tasks.page(TaskQuery()).tasks
    app = show(app, "history", task=task.id)
    assert "walk.mp4" in said(app) and "9:16" in said(app)
    click(app, "task.again")
    click(show(app, "create"), "create.generate")
    first, second = (t.request for t in studio.tasks.page(TaskQuery()).tasks)
    assert first == second


def test_only_what_the_service_can_do_is_offered(open_app: Open, studio: Studio) -> None:
    studio.connections.all()
    relay = studio.connections.add("Relay", profile="openai-hk", key="hk-secret-0001")
    app = open_app()
    assert len(widgets(app)["capability"].options) == 6
    choose(app, "video_upscale")
    app.selectbox(key=field_key(app, "connection")).select(relay.id).run()
    assert [o for o in widgets(app)["capability"].options if "Picture to video" not in o] == []
    (note,) = app.info
    assert "to suit openai-hk relay" in note.value and "not “enlarge a video”" in note.value
    assert widgets(app)["model"].options == ["Gen-4 Turbo", "Gen-3 Alpha Turbo"]


def test_what_a_model_does_by_itself_is_no_choice_of_the_persons(
    open_app: Open, studio: Studio
) -> None:
    app = choose(open_app(), "video_upscale")
    option = next(n for n, w in widgets(app).items() if n == "option.resolution")
    before = widgets(app)[option].value
    app.run()
    assert read_form(studio.drafts.load()).options == {}
    widgets(app)[option].select("4k").run()
    assert read_form(studio.drafts.load()).options == {"resolution": "4k"}
    widgets(app)[option].select(before).run()
    assert read_form(studio.drafts.load()).options == {}


# --- the form as a value ---------------------------------------------------------------------------


def test_a_draft_of_an_older_version_is_read_and_shown(open_app: Open, studio: Studio) -> None:
    old = {
        "draft_id": "d-1",
        "serial": 3,
        "connection_id": "sandbox",
        "model": "gen4.5",
        "capability": "text_to_video",
        "first": {"mode": "link", "asset": "", "link": "", "focus": [0.5, 0.5]},
        "last": {"mode": "upload", "asset": "", "link": "", "focus": [0.5, 0.5]},
        "prompt": "from last week",
        "ratio": "720:1280",
        "duration": 8,
        "seed": 7,
        "seed_kept": True,
    }
    studio.drafts.save(old)
    app = open_app()
    assert app.text_area(key=field_key(app, "prompt")).value == "from last week"
    assert widgets(app)["model"].value == "gen4.5" and widgets(app)["duration"].value == 8
    click(app, "create.generate")
    assert only(studio).seed == 7


def test_what_a_newer_version_saved_is_read_as_far_as_it_is_known() -> None:
    form = Form(prompt="kept", media=(Given(role="video", asset="a" * 64),))
    saved = json.loads(form.model_dump_json()) | {"colour": "red"}
    saved["media"].append({"role": "smell", "slot": 4, "strength": 2})
    read = read_form(saved)
    assert (read.prompt, [g.role for g in read.media]) == ("kept", ["video", "smell"])


def test_a_file_or_a_setting_makes_it_another_draft() -> None:
    profile = catalog().profile("runway")
    spec = catalog().spec("runway", "aleph2", "video_to_video")
    form = Form(model="aleph2", capability="video_to_video", seed=1)
    forms = [
        form,
        form.with_place("video", link=LINKS[MediaKind.VIDEO], mode="link"),
        form.with_place("video", asset="a" * 64, kind=MediaKind.VIDEO),
        form.with_place("video", asset="b" * 64, kind=MediaKind.VIDEO),
        form.model_copy(update={"options": {"target_ratio": "1:1"}}),
        form.model_copy(update={"connection_id": "other"}),
    ]
    tokens = [one.token(one.request(spec, profile)) for one in forms]
    assert len(set(tokens)) == len(tokens)
    unused = form.with_picked(next(form.places()), asset="c" * 64)
    assert unused.token(unused.request(spec, profile)) == tokens[0]


def test_a_setting_of_a_setting_that_is_off_is_not_asked_for() -> None:
    profile = catalog().profile("runway")
    spec = catalog().spec("runway", "aleph2", "video_to_video")
    form = Form(
        model="aleph2",
        capability="video_to_video",
        first=Picked(asset="a" * 64),
        options={"output_format": "prores", "prores_profile": "422 HQ", "elsewhere": True},
    )
    assert form.request(spec, profile).options == {
        "output_format": "prores",
        "prores_profile": "422 HQ",
    }
    plain = form.model_copy(update={"options": form.options | {"output_format": "mp4"}})
    assert plain.request(spec, profile).options == {"output_format": "mp4"}
