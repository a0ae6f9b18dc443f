"""A pytest plugin for the tests of Runway's own client: it runs in their process, and prepares the sandbox for them.

It is loaded by name from this folder, and knows only `runway_core`: ``tests`` is their package there.
"""

from __future__ import annotations

import inspect
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runway_core.domain import Capability
from runway_core.sandbox.book import owner_of
from runway_core.sandbox.record import Record

LATER = "came after Runway's API description of 2026-08-08, which the catalogue follows"
ELSEWHERE = (
    "makes pictures only, and the catalogue has pictures as first frames by Runway's own models"
)
DESELECTED = {
    **dict.fromkeys(
        (
            *("kling2.5_turbo_pro", "kling3.0_4k", "kling3.0_pro", "kling3.0_standard"),
            *("klingO3_4k", "klingO3_pro", "klingO3_standard", "kling_4"),
            *("grok_imagine_1_5", "grok_imagine_1_5_lite", "gemini_omni_flash_1.1"),
            *("wan3", "wan3_prime", "h3_max"),
        ),
        LATER,
    ),
    **dict.fromkeys(
        (
            *("bria_fibo_1_5", "bria_fibo_edit_1_5", "gemini_2.5_flash", "gemini_image3.1_flash"),
            *("gemini_image3.1_flash_lite", "gemini_image3_pro", "gpt_image_2"),
            *("gpt_image_2_5_flare", "gpt_image_2_5_sunburst", "grok_imagine_image_2"),
            *("ideogram_4_0", "ideogram_4_5", "muse_image", "nano_banana_2.1"),
            *("recraft_v4_1_flash", "recraft_v4_1_vector", "seedream5_flash", "seedream5_lite"),
            "seedream5_pro",
        ),
        ELSEWHERE,
    ),
}
"""Models whose tests are left out, and why."""
API_KEY = "My API Key"
"""Whose tasks their tests ask for."""
TASK_ID = re.compile(r'"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"')


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests of the models above, and write down which and why."""
    left_out = {item: reason for item in items if (reason := _reason(item))}
    if left_out:
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    told = {item.nodeid: reason for item, reason in left_out.items()}
    Path(os.environ["DESELECTED_FILE"]).write_text(json.dumps(told))


def _reason(item: pytest.Item) -> str:
    model = re.search(r'\bmodel="([^"]+)"', _source(item))
    return DESELECTED.get(model[1], "") if model else ""


def _source(item: pytest.Item) -> str:
    return inspect.getsource(item.function) if isinstance(item, pytest.Function) else ""


@pytest.fixture(autouse=True)
def _the_task_exists(request: pytest.FixtureRequest) -> None:
    """Put the task that a test asks for into the sandbox's folder: their tests name ids of their own."""
    if request.path.name != "test_tasks.py":
        return
    for task_id in TASK_ID.findall(_source(request.node)):
        record = Record(
            id=task_id,
            owner=owner_of(API_KEY),
            model="gen4_turbo",
            capability=Capability.IMAGE_TO_VIDEO,
            prompt="",
            ratio="1280:720",
            duration=5,
            seed=1,
            credits=25,
            estimate=25,
            pending=1000,
            throttled=0,
            running=1000,
            created_at=datetime.now(UTC),
        )
        folder = Path(os.environ["SANDBOX_FOLDER"]) / "tasks"
        (folder / f"{task_id}.json").write_text(record.model_dump_json())
