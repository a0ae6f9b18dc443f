"""Videos play in step under one control, and one recipe goes to several models from the form to the comparison."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from runway_core.domain import Capability, GenerationRequest
from runway_core.store import TaskQuery
from tests.browser.conftest import App
from tests.browser.desk import choose

APART = """async () => {
  const films = [...document.querySelectorAll('video')];
  let most = 0, looks = 0;
  const until = performance.now() + 1500;
  while (performance.now() < until) {
    await new Promise(requestAnimationFrame);
    const playing = films.filter((film) => !film.paused && !film.ended);
    if (playing.length < films.length) continue;
    const times = playing.map((film) => film.currentTime);
    most = Math.max(most, Math.max(...times) - Math.min(...times));
    looks += 1;
  }
  return [most, looks];
}"""
"""The most that two playing videos were apart within a second and a half, and how often all were seen playing."""
TIMES = "[...document.querySelectorAll('video')].map((film) => film.currentTime)"


def finished(app: App, page: Page, *wishes: tuple[str, int]) -> list[str]:
    """Have the app make videos of these ratios and seconds; their ids."""
    studio = app.studio()
    (sandbox,) = studio.connections.all()
    ids = []
    for number, (ratio, seconds) in enumerate(wishes):
        asked = GenerationRequest(
            capability=Capability.TEXT_TO_VIDEO,
            model="gen4.5",
            prompt="A fox turns its head",
            ratio=ratio,
            duration=seconds,
            seed=number,
        )
        ids.append(studio.tasks.submit(asked, connection=sandbox, token=f"{number}").id)
    while any(studio.tasks.get(task_id).is_open for task_id in ids):
        page.wait_for_timeout(50)
    studio.close()
    return ids


def at(page: Page, seconds: float) -> None:
    """Wait until all of them stand at one moment."""
    page.wait_for_function(
        f"""want => {{ const times = {TIMES}; return times.every(
            (time, i) => Math.abs(time - Math.min(want, document.querySelectorAll('video')[i].duration)) < .02) }}""",
        arg=seconds,
    )


def test_videos_play_in_step_under_one_control(
    app: App, browser: Browser, page: Page, record_property: Callable[[str, object], None]
) -> None:
    ids = finished(app, page, ("1280:720", 3), ("720:1280", 2))
    page.goto(f"{app.url}/compare?ids={','.join(ids)}")
    player = page.get_by_role("group", name="Videos side by side")
    slider = player.get_by_role("slider", name="Position in all videos")
    expect(slider).to_be_enabled()
    expect(slider).to_have_attribute("aria-valuetext", "0.0 of 3.0 seconds")
    player.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    apart, looks = page.evaluate(APART)
    record_property("compare: most apart while playing, ms", round(apart * 1000))
    assert looks > 10 and apart < 0.15
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    # One look for all: keys on the slider, a frame and a second at a time.
    slider.focus()
    page.keyboard.press("Space")
    expect(player.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("Home")
    at(page, 0)
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    at(page, 1 + 1 / 24)
    for _ in range(2):
        page.keyboard.press("PageUp")
    at(page, 3)  # the one of 2 seconds shows its last frame meanwhile
    expect(slider).to_have_attribute("aria-valuetext", "3.0 of 3.0 seconds")
    # One of them is heard, or none.
    muted = "[...document.querySelectorAll('video')].map((film) => film.muted)"
    assert page.evaluate(muted) == [True, True]
    player.get_by_role("combobox", name="Sound").select_option(label="Sound: B · Gen-4.5 · Sandbox")
    assert page.evaluate(muted) == [True, False]
    expect(page.get_by_role("rowheader", name="Seed ≠ differs")).to_be_visible()
    phone = browser.new_page(viewport={"width": 360, "height": 780}, color_scheme="dark")
    phone.goto(page.url)
    expect(phone.get_by_role("button", name="Play")).to_be_visible()
    wide = phone.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    boxes = [film.bounding_box() for film in phone.locator("video").all()]
    assert all(box and 100 < box["width"] <= 360 for box in boxes)
    phone.close()


def test_one_recipe_on_two_models_is_compared_without_a_reload(app: App, page: Page) -> None:
    page.goto(f"{app.url}/?make=text_to_video&model=gen4.5&seconds=2&prompt=A+paper+boat")
    expect(page.get_by_text("A link has filled this form")).to_be_visible()
    page.get_by_role("button", name="Same prompt on").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 video: Free")).to_be_visible()
    choose(page, "Connections and models", "Sandbox · Veo 3.1 ·")
    expect(dialog.get_by_text("2 videos: Free")).to_be_visible()
    page.keyboard.press("Escape")  # shuts the list
    dialog.get_by_role("button", name="Make 2 videos and compare").dblclick()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(page.locator("video")).to_have_count(2, timeout=60_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1
    studio = app.studio()
    made = studio.tasks.page(TaskQuery()).tasks
    assert len(made) == 2 and len({task.request.model for task in made}) == 2
    studio.close()
