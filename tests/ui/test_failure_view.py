"""A failed video: one sentence, the money, and one click that does what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Capability, FramePosition, Task, TaskStatus
from runway_core.failures import Fix
from runway_core.failures.table import NO_CODE, ROWS
from runway_core.studio import Studio
from runway_core.ui.fixes import CHANGES
from runway_core.ui.leads import CHECK, LEADS
from tests.builders import NOW, new_task
from tests.ui.conftest import Open, click, field_key, said, show


def failed(studio: Studio, code: str, *, profile: str = "runway", **changes: Any) -> Task:
    key = {"sandbox": ""}.get(profile, "key-123456789")
    connection = studio.connections.add("Ours", profile=profile, key=key)
    task = new_task(
        prompt="a fox in the snow",
        connection_id=connection.id,
        connection=connection.name,
        profile=profile,
    )
    studio.store.tasks.add(task)
    values: dict[str, Any] = {"remote_id": "remote-1", "finished_at": NOW, "next_at": None}
    values |= {"status": TaskStatus.FAILED, "failure_code": code, "failure": "As they say it."}
    studio.store.tasks.move(task.id, [TaskStatus.QUEUED], now=NOW, **values | changes)
    return studio.tasks.get(task.id)


def shown(app: AppTest) -> str:
    (error,) = app.error
    return str(error.value).replace("\\", "")


def links(app: AppTest) -> list[tuple[str, str]]:
    """Labels and targets of the links to pages."""
    found = [link.proto for link in app.get("page_link")]
    return [(link.label, link.query_string) for link in found]


def test_every_fix_of_the_table_is_something_the_pages_do() -> None:
    fixes = {row.advice.fix for row in ROWS} | {NO_CODE.fix}
    assert fixes - {None} <= CHANGES.keys() | LEADS
    assert not CHANGES.keys() & LEADS
    assert set(Fix) == CHANGES.keys() | LEADS


def test_a_code_is_told_in_our_words_with_theirs_below(open_app: Open, studio: Studio) -> None:
    task = failed(studio, "SAFETY.INPUT.TEXT")
    app = open_app("history", task=task.id)
    assert "The safety check refused what you sent." in shown(app)
    assert "Charged: yes, Runway charges for refused input" in shown(app)
    assert "repeated refusals can suspend an account" in shown(app)
    assert "As they say it" not in shown(app)
    (theirs,) = (code.value for code in app.code if "As they say it." in code.value)
    assert "SAFETY.INPUT.TEXT" in theirs


@pytest.mark.parametrize(
    ("charge", "words"),
    [(Decimal(0), "Charged: nothing"), (Decimal(25), "Charged: 25 credits")],
)
def test_what_was_booked_is_told_instead_of_a_guess(
    open_app: Open, studio: Studio, charge: Decimal, words: str
) -> None:
    app = open_app("history", task=failed(studio, "SAFETY.INPUT.TEXT", charge=charge).id)
    assert words in shown(app)
    assert "Runway charges" not in shown(app)


def test_a_failed_practice_video_was_free_and_its_words_fit(open_app: Open, studio: Studio) -> None:
    task = failed(studio, "INTERNAL.BAD_OUTPUT.CODE01", profile="sandbox", charge=Decimal(0))
    app = open_app("history", task=task.id)
    assert "not good enough to be given out" in shown(app)
    assert "Charged: no, this was practice." in shown(app)


def test_one_click_fills_the_form_and_names_the_field(open_app: Open, studio: Studio) -> None:
    task = failed(studio, "SAFETY.OUTPUT.VIDEO")
    app = open_app("history", task=task.id)
    button = app.button(key="task.fix")
    assert button.label == "Change the prompt"
    click(app, "task.fix")
    assert app.title[0].value == "Create"
    assert app.text_area(key=field_key(app, "prompt")).value == "a fox in the snow"
    assert "Write the **prompt** in other words" in "".join(info.value for info in app.info)
    show(app, "create")  # the harness would go on with the page that was left
    app.text_area(key=field_key(app, "prompt")).input("a fox in the sun").run()
    assert "Write the **prompt**" in "".join(info.value for info in app.info)
    click(app, "create.generate")
    assert "Write the **prompt**" not in "".join(info.value for info in app.info)


def test_without_a_picture_there_is_none_to_change(open_app: Open, studio: Studio) -> None:
    words_only = failed(studio, "INTERNAL.BAD_OUTPUT.CODE01")
    assert words_only.request.capability is Capability.TEXT_TO_VIDEO
    assert words_only.request.frame(FramePosition.FIRST) is None
    app = open_app("history", task=words_only.id)
    assert app.button(key="task.fix").label == "Change the prompt"


def test_a_refused_key_leads_to_its_connection(open_app: Open, studio: Studio) -> None:
    task = failed(
        studio,
        "Authentication",
        failure="Runway (official) refused the API key.",
        hint="Nothing was charged. Enter the API key again in Settings.",
        remote_id=None,
    )
    app = open_app("history", task=task.id)
    assert "refused the API key" in shown(app)
    assert "Charged: no, it was refused before anything was made." in shown(app)
    assert ("Open this connection", f"edit={task.connection_id}") in links(app)


def test_an_empty_account_leads_to_where_credit_is_bought(open_app: Open, studio: Studio) -> None:
    task = failed(studio, "InsufficientCredits", failure="Too little credit.", remote_id=None)
    app = open_app("history", task=task.id)
    (link,) = app.get("link_button")
    assert link.proto.url == "https://dev.runwayml.com"
    assert ("See what is left", f"{CHECK}={task.connection_id}") in links(app)


def test_a_wrong_ratio_is_named_and_one_click_away(open_app: Open, studio: Studio) -> None:
    words = "Runway (official) says that the request is wrong. ratio: Invalid option."
    task = failed(studio, "InvalidRequest", failure=words, remote_id=None)
    app = open_app("history", task=task.id)
    assert "ratio: Invalid option" in shown(app)
    assert app.button(key="task.fix").label == "Change the shape"


def test_a_video_that_waits_says_what_that_costs_and_until_when(
    open_app: Open, studio: Studio
) -> None:
    task = failed(
        studio,
        "",
        status=TaskStatus.QUEUED,
        failure="",
        remote_id=None,
        note="Runway (official) asks to wait: too many requests.",
        hint="Nothing was charged. It is sent again when the provider allows.",
        next_at=NOW,
        finished_at=None,
    )
    app = open_app("history", task=task.id)
    (info,) = app.info
    assert "Nothing has been charged so far" in info.value
    assert "Next try at" in info.value
    assert info.value.count("charged") == 1
    assert ("Check the connection", f"{CHECK}={task.connection_id}") in links(app)


def test_a_card_says_it_in_one_line(open_app: Open, studio: Studio) -> None:
    failed(studio, "THIRD_PARTY.UNAVAILABLE")
    app = open_app("history")
    assert "A service behind the provider is down. Nothing was charged." in said(app)


def test_an_error_on_a_page_says_what_happened_what_it_cost_and_what_to_do() -> None:
    def page() -> None:
        from runway_core.errors import KeyUnreadableError, NotFoundError, RateLimitError
        from runway_core.ui import errors

        errors.show(KeyUnreadableError("The saved API key can't be opened."), lead_on=False)
        errors.show(RateLimitError("It asks to wait.", retry_after=17, said="slow down"))
        errors.show(NotFoundError("It is not here."), lead_on=False)

    app = AppTest.from_function(page).run()
    first, second, third = (str(error.value) for error in app.error)
    assert "Enter the API key again" in first
    assert "**Charged: no" in second and "Wait 17 s" in second
    assert "Charged" not in third
    assert [code.value for code in app.code] == ["slow down"]
