"""The main job in other languages: on a desk in light, and on a phone in dark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import App

SPOKEN = {
    "zh-CN": {
        "example": "填入示例",
        "generate": "生成",
        "ready": "就绪",
        "history": "历史",
        "settings": "设置",
    },
    "tr-TR": {
        "example": "Örnekle doldur",
        "generate": "Oluştur",
        "ready": "Hazır",
        "history": "Geçmiş",
        "settings": "Ayarlar",
    },
}
_ENGLISH = re.compile(
    r"\b(?:the|this|that|your|you|with|from|video is|was|are|and|not|nothing|what)\b [a-z]{2,}"
)


@pytest.mark.parametrize(
    ("locale", "width", "scheme"), [("zh-CN", 1280, "light"), ("tr-TR", 360, "dark")]
)
def test_a_first_video_is_made_and_found_in_ones_own_language(
    app: App, browser: Browser, locale: str, width: int, scheme: str
) -> None:
    words = SPOKEN[locale]
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        locale=locale,
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(app.url)
    page.get_by_role("button", name=words["example"]).click()
    # Its keys stand in the button's name; other buttons only begin alike.
    page.get_by_role("button", name=re.compile(f"^{words['generate']}( |$)")).click()
    expect(page.get_by_text(words["ready"]).first).to_be_visible()
    for path in ("", "batch", "history", "compare", "pricing", "spend", "settings"):
        page.goto(f"{app.url}/{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_function("() => !document.querySelector('[data-stale=true]')")
        assert _ENGLISH.findall(page.locator("[data-testid=stMain]").inner_text()) == []
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"/{path} is {wide} px wide"
    page.goto(f"{app.url}/history")
    expect(page.get_by_role("heading", name=words["history"], level=1)).to_be_visible()
    page.goto(f"{app.url}/settings")
    # Whoever chooses another language has it in every tab from then on, whatever the browser asks for.
    page.get_by_role("combobox", name="Language").click()
    page.get_by_role("option", name="한국어").click()
    expect(page.get_by_role("heading", name="설정", level=1)).to_be_visible()
    other = context.new_page()
    other.goto(f"{app.url}/history")
    expect(other.get_by_role("heading", name="기록", level=1)).to_be_visible()
    context.close()
