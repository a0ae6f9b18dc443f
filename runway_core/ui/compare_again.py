"""The recipe of one of the compared videos, sent to other connections and models."""

from __future__ import annotations

import hashlib

import streamlit as st

from runway_core.domain import Task
from runway_core.language import _
from runway_core.ui.compare_player import LETTERS, name_of
from runway_core.ui.compare_send import same_prompt_on
from runway_core.ui.drafts import form_of_task
from runway_core.ui.form import SEED_MAX, Form
from runway_core.ui.words import plain


def same_prompt_elsewhere(tasks: list[Task]) -> None:
    """Draw the fields that send the wish of one of these videos to others."""
    known = {task.id: task for task in tasks if task.request.capability is not None}
    if not known:
        return
    names = {task.id: name_of(task, LETTERS[at]) for at, task in enumerate(tasks)}
    with st.expander(_("Same prompt on …"), icon=":material/compare:", key="compare.again"):
        st.caption(
            _(
                "Send the recipe of one video to other connections and models, and compare the results."
            )
        )
        chosen = next(iter(known))
        if len(known) > 1:
            chosen = st.segmented_control(
                _("Whose recipe"),
                list(known),
                format_func=lambda task_id: plain(names[task_id]),
                default=chosen,
                required=True,
                wrap=True,
                key=f"compare.whose.{'.'.join(known)}",
            )
        form = recipe_form(known[chosen])
        same_prompt_on(form, key=f"compare.same.{chosen}", beside=(chosen,))


def recipe_form(task: Task) -> Form:
    """The form that asks for a task's recipe, the same at each drawing: tokens of what is paid follow from it."""
    digest = hashlib.sha256(task.id.encode()).digest()
    seed = int.from_bytes(digest[:8]) % (SEED_MAX + 1)
    return form_of_task(task, Form(draft_id=f"compare-{task.id}", seed=seed)).model_copy(
        update={"seed": seed if task.request.seed is None else task.request.seed}
    )
