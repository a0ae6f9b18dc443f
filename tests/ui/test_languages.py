"""Every page in every language: nothing of it stays in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Period, TaskStatus
from runway_core.language import LANGUAGES
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from tests.builders import request
from tests.ui.conftest import Open

PAGES = ("create", "batch", "history", "compare", "pricing", "spend", "team", "settings", "account")
OTHERS = [code for code in LANGUAGES if code != "en"]
_SHOWN = re.compile(
    r'^\s*(?:label|body|help|placeholder|options|content|text|caption|message|title|default): "(.*)"$',
    re.MULTILINE,
)
"""The fields of Streamlit's messages that a person reads."""
_ENGLISH = re.compile(r"\b[A-Za-z][a-z']+(?:,? [a-z][a-z']+){2,}")
"""Three words in a row"""
_COMMON = re.compile(
    r"\b(the|of|is|are|was|with|you|your|and|what|this|that|which|from|been|it|by|how|when)\b"
)
"""of which one is English and nothing else: Turkish and Malay are written in the same letters."""
_OWN_WORDS = re.compile(r"python -m [^\"]*|copy\(JSON[^\"]*|a fox at dawn|https?://\S+")
"""Commands, links and what the person wrote: they are as they are."""


def _texts(app: AppTest) -> Iterator[str]:
    def walk(node: Any) -> Iterator[str]:
        yield from _SHOWN.findall(repr(getattr(node, "proto", "")))
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    yield from walk(app._tree)


def _english(app: AppTest) -> list[str]:
    return [
        f"{run} … in {text[:200]}"
        for text in _texts(app)
        for run in _ENGLISH.findall(_OWN_WORDS.sub("", text))
        if _COMMON.search(run)
    ]


@pytest.fixture
def busy(studio: Studio) -> Studio:
    """A home in which a lot has happened: something made, failed, waiting, uncertain and paused."""
    relay = studio.connections.add(
        "Relay", profile="openai-hk", base_url="https://api.openai-hk.com", key="hk-canary-0001"
    )
    studio.budgets.set(relay, {Period.DAY: Decimal(10)})
    sandbox = next(one for one in studio.connections.all() if one.profile == "sandbox")
    now = datetime.now(UTC)
    for number, status in enumerate(TaskStatus):
        task = studio.tasks.submit(
            request(prompt="a fox at dawn"), connection=sandbox, token=f"task {number}"
        )
        changes: dict[str, Any] = {"status": status, "sent_at": now - timedelta(minutes=3)}
        if status is TaskStatus.FAILED:
            changes |= {"failure": "no", "failure_code": "SAFETY.INPUT", "finished_at": now}
        if status is not TaskStatus.QUEUED:
            studio.store.tasks.move(task.id, {TaskStatus.QUEUED}, now=now, **changes)
    return studio


@pytest.mark.parametrize("language", OTHERS)
def test_no_page_mixes_languages(busy: Studio, open_app: Open, language: str) -> None:
    busy.store.own_preferences.set("language", language)
    mixed = {page: found for page in PAGES if (found := _english(open_app(page)))}
    assert mixed == {}


@pytest.mark.parametrize("language", OTHERS)
def test_the_details_of_every_kind_of_video_are_in_one_language(
    busy: Studio, open_app: Open, language: str
) -> None:
    busy.store.own_preferences.set("language", language)
    mixed = {}
    for task in busy.tasks.page(TaskQuery()).tasks:
        found = _english(open_app("history", task=task.id))
        if found:
            mixed[task.status] = found
    assert mixed == {}


def test_the_language_is_chosen_in_the_settings_and_kept(open_app: Open) -> None:
    app = open_app("settings")
    assert app.title[0].value == "Settings"
    app.selectbox(key="speech.choice").select("tr").run()
    assert app.title[0].value == "Ayarlar"
    assert open_app("settings").title[0].value == "Ayarlar"


def test_the_language_of_one_person_is_not_kept_for_the_next(busy: Studio, open_app: Open) -> None:
    offered = []
    for language in ("en", "tr", "en"):
        busy.store.own_preferences.set("language", language)
        offered.append(open_app("history").selectbox(key="history.model").options)
    english, turkish, english_again = offered
    assert "Runway, from words" in english and english == english_again
    assert "Runway, from words" not in turkish and len(turkish) == len(english)
