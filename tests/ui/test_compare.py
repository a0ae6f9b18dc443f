"""Videos side by side: what differs is told, and one recipe goes to several by one click, paid once each."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Capability, Period, Task
from runway_core.people import Person, Role
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.builders import new_task, request
from tests.shelf import MP4
from tests.team import person as join
from tests.ui.becoming import becoming
from tests.ui.conftest import Open, choose, click, field_key, said, show
from tests.ui.test_create_more import made, paid, words_to_video
from tests.ui.test_kept_pictures import keep as keep_task
from tests.ui.test_kept_pictures import keep_picture


def keep(studio: Studio, **asked: object) -> str:
    return keep_task(studio, MP4, ".mp4", "video/mp4", **asked)


def compare(open_app: Open, *ids: str) -> AppTest:
    return show(open_app(), "compare", ids=",".join(ids))


def player(app: AppTest) -> str:
    found = [html.proto.body for html in app.get("html") if "<video" in html.proto.body]
    return found[0] if found else ""


def rows(app: AppTest) -> dict[str, list[str]]:
    """The table's rows by their label, with the word that stands beside it."""
    (table,) = [html.proto.body for html in app.get("html") if "<table" in html.proto.body]
    found = {}
    for line in re.findall(r"<tr style.*?</tr>", table):
        label, *values = re.findall(r"<t[hd] .*?>(.*?)</t[hd]>", line)
        found[" ".join(re.sub("<.*?>", " ", label).split())] = values
    return found


def test_what_differs_is_told_by_a_word_beside_the_players(open_app: Open, studio: Studio) -> None:
    one = keep(studio, prompt="A fox <b> | *in* snow", seed=7, ratio="1280:720")
    other = keep(studio, prompt="A fox <b> | *in* snow", seed=8, ratio="720:1280")
    app = compare(open_app, one, other)
    html = player(app)
    assert html.index(f"/desk/{one}/0/video.mp4") < html.index(f"/desk/{other}/0/video.mp4")
    assert html.count("<video") == 2 and "compare.js" in html
    told = rows(app)
    assert told["Seed ≠ differs"] == ["7", "8"]
    assert told["Shape ≠ differs"] == ["16:9, 1280 × 720", "9:16, 720 × 1280"]
    assert told["Prompt same"][0] == "A fox &lt;b&gt; | *in* snow"
    assert told["Charged"] == ["Nothing: practice"] * 2
    app.toggle(key="compare.only").set_value(True).run()
    assert "Prompt same" not in rows(app) and "Seed ≠ differs" in rows(app)


def test_nothing_typed_becomes_markup_in_the_player(open_app: Open, studio: Studio) -> None:
    bad = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    app = compare(open_app, keep(studio, prompt=bad), keep(studio, prompt="calm"))
    assert "<script>alert" not in player(app) and "<img src=x" not in player(app)
    assert player(app).count("<script") == 1


@pytest.mark.parametrize("ids", [(), ("nobody",)])
def test_without_videos_the_page_says_what_to_choose(
    open_app: Open, studio: Studio, ids: tuple[str, ...]
) -> None:
    keep(studio, prompt="A fox")
    app = compare(open_app, *ids)
    assert "Choose 2 to 4 videos" in said(app) and not player(app)
    assert ("Not all of these videos are here" in said(app)) == bool(ids)


def test_videos_are_chosen_on_the_page_and_stand_in_the_address(
    open_app: Open, studio: Studio
) -> None:
    ids = [keep(studio, prompt=f"wave {number}") for number in range(3)]
    app = compare(open_app, ids[0])
    assert "Choose one more" in said(app)
    field = next(m for m in app.multiselect if (m.key or "").startswith("compare.choice"))
    field.set_value([ids[2], ids[0]]).run()
    assert "".join(app.query_params["ids"]) == f"{ids[2]},{ids[0]}"
    assert player(app).index(ids[2]) < player(app).index(ids[0])


def test_a_picture_beside_a_video_and_one_that_is_still_made(
    open_app: Open, studio: Studio
) -> None:
    (sandbox,) = studio.connections.all()
    own = {"connection_id": sandbox.id, "connection": "Sandbox", "profile": "sandbox"}
    waiting = new_task(request=request(prompt="still made"), **own)
    studio.store.tasks.add(waiting)
    app = compare(open_app, keep_picture(studio), keep(studio, prompt="A fox"), waiting.id)
    assert "<img" in player(app) and player(app).count("<video") == 1
    assert "Waiting" in said(app) and "C · Gen-4.5 · Sandbox" in said(app)


def test_somebody_else_s_videos_are_not_there(
    open_app: Open, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    mia: Person = join(studio, "Mia", Role.MAKER)
    hers = keep(studio, prompt="nobody's and so the admins'")
    becoming(studio, monkeypatch)(mia)
    app = compare(open_app, hers)
    assert "Not all of these videos are here" in said(app) and hers not in player(app)
    assert hers[:8] not in said(app)


def two_models(studio: Studio) -> list[str]:
    official = studio.connections.by_name("Official")
    return [f"{official.id}|gen4.5", f"{official.id}|veo3.1"]


def chosen(app: AppTest, key: str, wanted: list[str]) -> AppTest:
    app.multiselect(key=key).set_value(wanted).run()
    assert not app.exception
    return app


def test_the_same_prompt_goes_to_several_after_price_and_total(
    open_app: Open, studio: Studio
) -> None:
    paid(studio)
    app = words_to_video(open_app, "A fox turns its head, golden hour")
    click(app, "create.way.same")
    chosen(app, "create.same.choice", two_models(studio))
    text = said(app)
    assert made(studio) == ()
    assert "Official · Gen-4.5 · 60 credits" in text.replace("**", "")
    assert "the length is now" in text  # the other one makes no 5 seconds
    each = [Decimal(n) for n in re.findall(r"· (\d+) credits · US", text.replace("**", ""))][-2:]
    assert f"2 videos: {sum(each)} credits (Official)" in text.replace("**", "")
    click(app, "create.same.sure")
    tasks = made(studio)
    assert {task.request.model for task in tasks} == {"gen4.5", "veo3.1"}
    assert set("".join(app.query_params["ids"]).split(",")) == {task.id for task in tasks}
    again = open_app()
    click(again, "create.way.same")
    chosen(again, "create.same.choice", two_models(studio))
    assert "2 were made already" in said(again)
    click(again, "create.same.sure")
    assert len(made(studio)) == 2


def test_who_can_t_make_it_is_left_out_and_says_why(open_app: Open, studio: Studio) -> None:
    paid(studio)
    studio.connections.add("Doitong", profile="doitong", key="dt-0123456789")
    app = choose(open_app(), Capability.IMAGE_TO_VIDEO)
    click(app, "create.first.sample")
    app.text_area(key=field_key(app, "prompt")).input("A fox turns, soft light").run()
    click(app, "create.way.same")
    official, doitong = (studio.connections.by_name(name) for name in ("Official", "Doitong"))
    wanted = [f"{doitong.id}|runway-i2v", f"{official.id}|gen4_turbo"]
    chosen(app, "create.same.choice", wanted)
    assert "Left out: First frame" in said(app).replace("**", "")
    assert "1 video: 25 credits" in said(app).replace("**", "")
    click(app, "create.same.sure")
    (task,) = made(studio)
    assert task.connection == "Official"


def test_a_hard_budget_of_all_together_is_told_before(open_app: Open, studio: Studio) -> None:
    paid(studio)
    official = studio.connections.by_name("Official")
    studio.budgets.set(official, {Period.DAY: Decimal(70)}, hard=True)
    app = words_to_video(open_app)
    click(app, "create.way.same")
    chosen(app, "create.same.choice", two_models(studio))
    assert app.button(key="create.same.sure").disabled
    chosen(app, "create.same.choice", two_models(studio)[:1])
    assert not app.button(key="create.same.sure").disabled


def test_a_recipe_of_a_finished_video_goes_elsewhere_from_the_page(
    open_app: Open, studio: Studio
) -> None:
    task_id = keep(studio, prompt="Waves roll in, wide shot", seed=None)
    paid(studio)
    app = compare(open_app, task_id)
    chosen(app, f"compare.same.{task_id}.choice", two_models(studio)[:1])
    click(app, f"compare.same.{task_id}.sure")
    first: Task = studio.tasks.page(TaskQuery()).tasks[0]
    assert (first.request.prompt, first.connection) == ("Waves roll in, wide shot", "Official")
    assert "".join(app.query_params["ids"]) == f"{task_id},{first.id}"
    app = compare(open_app, task_id)  # once more, from another tab
    chosen(app, f"compare.same.{task_id}.choice", two_models(studio)[:1])
    assert "1 was made already" in said(app)
    click(app, f"compare.same.{task_id}.sure")
    assert studio.tasks.page(TaskQuery()).total == 2
