"""What a list comes to before anything is asked for: row by row, in all, and the one button that makes it."""

from __future__ import annotations

import hashlib
import math
import textwrap
from typing import NamedTuple

import streamlit as st

from runway_core.domain import Connection
from runway_core.errors import DeskError
from runway_core.language import _, ngettext, number, translated
from runway_core.pricing import Lot, cents
from runway_core.studio.batch_rows import Checked, CheckedRow
from runway_core.ui import errors
from runway_core.ui.batch_draft import start_over
from runway_core.ui.batch_form import Wanted
from runway_core.ui.batch_words import make_label, reasons, videos
from runway_core.ui.leads import EDIT
from runway_core.ui.notes import note
from runway_core.ui.rights import to_settings
from runway_core.ui.services import engine_running, get_studio
from runway_core.ui.words import amount, amounts, plain, shape, short

PER_PAGE = 25
OPEN = "batch"
"""Name of the query parameter that holds the id of the open batch."""
_CHECKED = "batch.checked"
"""The last list that was checked, and by which it is known again."""
_ERROR = "batch.error"
_REASONS_MOST = 3
_LINE = 26
"""Characters of a cell that stay on one line."""
_NBSP = "\N{NO-BREAK SPACE}"


class Shown(NamedTuple):
    """A row of the table: what was checked, and why it would wait."""

    row: CheckedRow
    waits: str


def batch_check(wanted: Wanted) -> None:
    """Draw the check of a list and the button.

    Raises:
        StorageError: the database can't be read.
    """
    token = _token(wanted)
    checked = _checked(wanted, token)
    lot = get_studio().lists.admission(wanted.connection, checked.estimates)
    with st.container(border=True, key="batch.sum"):
        _sum(wanted, checked, lot)
        _button(wanted, checked, token)
    _table(_shown(checked, lot), free=wanted.profile.kind == "sandbox")


def _token(wanted: Wanted) -> str:
    """By which the batch of exactly this list is known, however often it is confirmed."""
    known = [wanted.draft.id, wanted.connection.id, wanted.usual.model_dump_json()]
    known += [line.model_dump_json() for line in wanted.lines]
    known += sorted(f"{name}={uri}" for name, uri in wanted.draft.pictures.items())
    return hashlib.sha256("\n".join(known).encode("utf-8", "surrogatepass")).hexdigest()


def _checked(wanted: Wanted, token: str) -> Checked:
    """The check of a list; not made again while nothing has changed that it hangs on."""
    lists, connection = get_studio().lists, wanted.connection
    reporting = get_studio().currencies.reporting()
    own = connection.model_dump(exclude={"balance", "balance_at"})
    mark = f"{token} {own} {reporting.model_dump_json()}"
    found = st.session_state.get(_CHECKED)
    if found is None or found[0] != mark:
        checked = lists.check(wanted.lines, connection, wanted.usual, wanted.draft.by_name)
        found = st.session_state[_CHECKED] = (mark, checked)
    checked = found[1]
    assert isinstance(checked, Checked)
    return checked


def _sum(wanted: Wanted, checked: Checked, lot: Lot) -> None:
    good, free = checked.good, wanted.profile.kind == "sandbox"
    price = f" · {plain(_price(checked, free=free))}" if good else ""
    st.markdown(f"**{plain(videos(len(good)))}**{price}")
    if good and checked.schedule is None:
        st.caption(_("How long it takes is not known yet: none of this kind has finished here."))
    elif good and checked.schedule is not None:
        st.caption(plain(translated(checked.schedule.says)))
    if checked.wrong:
        errors.red_line(
            ngettext(
                "{n} row can't be made yet: mend it in the list.",
                "{n} rows can't be made yet: mend them in the list.",
                checked.wrong,
            ).format(n=number(checked.wrong))
        )
    _waiting(lot)
    for words in dict.fromkeys(words for row in good for words in row.notices):
        note(plain(translated(words)))
    if good and checked.high is None and not free:
        to_settings(
            _("Enter the price"),
            ask=_("enter the price"),
            icon=":material/sell:",
            query={EDIT: wanted.connection.id},
        )


def _price(checked: Checked, *, free: bool) -> str:
    if free:
        return _("free (practice)")
    if checked.high is None or checked.low is None:
        return _("what they cost is not known")
    text = amount(checked.high, checked.unit)
    if checked.low != checked.high:
        text = f"{amount(checked.low, '')}–{text}"
    if checked.told_high is not None and checked.currency != checked.unit:
        text += f" · {_money(checked)}"
    return text


def _money(checked: Checked) -> str:
    low, high = checked.told_low, checked.told_high
    assert high is not None
    told = number(cents(high))
    if low is not None and low != high:
        told = f"{number(cents(low))}–{told}"
    return f"{told} {checked.currency}"


def _waiting(lot: Lot) -> None:
    """Which rows would wait, and for what."""
    waits = len(lot.verdicts) - lot.fit
    if not waits:
        return
    words = ngettext(
        "{fit} can be asked for now, {n} waits and goes on by itself:",
        "{fit} can be asked for now, {n} wait and go on by themselves:",
        waits,
    ).format(fit=number(lot.fit), n=number(waits))
    note(words, icon="hourglass_empty")
    for why, rows in reasons([verdict.why for verdict in lot.verdicts])[:_REASONS_MOST]:
        st.caption(f"{number(rows)} × {plain(translated(why))}")


def _button(wanted: Wanted, checked: Checked, token: str) -> None:
    free = wanted.profile.kind == "sandbox"
    st.button(
        make_label(len(checked.good), checked.high, checked.unit, free=free),
        key="batch.make",
        type="primary",
        icon=":material/dynamic_feed:",
        width="stretch",
        disabled=bool(checked.wrong) or not checked.good,
        on_click=_make,
        args=(token, checked, wanted.connection, wanted.draft.name),
    )
    if not engine_running():
        note(_("Nothing is sent before the app's engine runs."), icon="pause_circle")
    found = st.session_state.get(_ERROR)
    if found and found[0] == token:
        errors.show(found[1])


def _make(token: str, checked: Checked, connection: Connection, name: str) -> None:
    """Record the batch: one write keyed by the list's token, and nothing else."""
    try:
        batch = get_studio().batches.make(token, checked, connection=connection, name=name)
    except DeskError as error:
        st.session_state[_ERROR] = (token, error)
        return
    for key in (_ERROR, _CHECKED):
        st.session_state.pop(key, None)
    start_over()
    st.query_params[OPEN] = batch.id


def _shown(checked: Checked, lot: Lot) -> list[Shown]:
    verdicts = iter(lot.verdicts)
    return [Shown(row, "" if row.estimate is None else next(verdicts).why) for row in checked.rows]


def _table(rows: list[Shown], *, free: bool) -> None:
    pictures = any(shown.row.line.image for shown in rows)
    odd = [shown for shown in rows if shown.row.problems or shown.waits]
    if odd and len(odd) < len(rows):
        only = st.toggle(
            _("Only rows that are wrong or wait"), key="batch.odd", persist_state="session"
        )
        rows = odd if only else rows
    pages = math.ceil(len(rows) / PER_PAGE)
    key = f"batch.check.page.{pages}"
    page = int(st.session_state.get(key) or 1)
    part = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    head = (_("Row"), _("Check"), _("Prompt"), _("Made with"), _("Price"), _("Picture"))
    rule = ("---:", "---", "---", "---", "---:", "---")
    lines = [head, rule, *(_cells(shown, free=free) for shown in part)]
    lines = lines if pictures else [line[:-1] for line in lines]
    with st.container(horizontal=True, wrap=False, key="batch.table"):  # it scrolls, not the page
        st.markdown("\n".join("| " + " | ".join(line) + " |" for line in lines), width="content")
    if pages > 1:
        st.pagination(pages, key=key)


def _cells(shown: Shown, *, free: bool) -> tuple[str, ...]:
    row = shown.row
    line, asked = row.line, row.request
    picture = f":material/image: {plain(short(line.image, 30))}" if line.image else ""
    words = _in_lines(plain(short(line.prompt, 70))) or "–"
    if asked is None or row.estimate is None:
        return str(line.row), _wrong(row), words, "–", "–", picture
    seconds = _("{n} s").format(n=asked.duration) if asked.duration else ""
    seed = "" if asked.seed is None else _("seed {seed}").format(seed=asked.seed)
    made = " · ".join(filter(None, (asked.model, shape(asked.ratio), seconds, seed)))
    cost = _("free") if free else amounts(row.estimate) or _("not known")
    state = ":green[:material/check:]"
    if shown.waits:
        state = f":orange[:material/hourglass_empty:] {_('waits')}"
    together = (plain(text).replace(" ", _NBSP) for text in (made, cost))
    return (str(line.row), state, words, *together, picture)


def _wrong(row: CheckedRow) -> str:
    said = "; ".join(errors.one_problem(problem) for problem in row.problems)
    return f":red[:material/error:]{_NBSP}{_in_lines(said)}"


def _in_lines(text: str) -> str:
    """Text that a narrow table breaks into lines, and not into single words."""
    lines = textwrap.wrap(text, _LINE, break_long_words=False, break_on_hyphens=False)
    return " ".join(line.replace(" ", _NBSP) for line in lines)
