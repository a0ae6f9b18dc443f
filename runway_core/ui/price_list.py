"""What a whole list of prompts costs, row by row."""

from __future__ import annotations

import math

import streamlit as st

from runway_core.errors import DeskError, InvalidInputError
from runway_core.language import _, current, ngettext, number, translated
from runway_core.pricing import Wish
from runway_core.studio.list_columns import COLUMNS
from runway_core.studio.pricing import Priced, PricedList
from runway_core.studio.prompt_lists import read_text
from runway_core.ui import errors, places
from runway_core.ui.batch_draft import HANDED
from runway_core.ui.price_inputs import Question
from runway_core.ui.price_schedule import Choice, show_schedule
from runway_core.ui.price_words import money_range, units
from runway_core.ui.rights import may_make
from runway_core.ui.services import get_studio
from runway_core.ui.words import amount, plain, short

_TEXT = "pricing.list"
_FILE = "pricing.list.file"
_ERROR = "pricing.list.error"
_KEPT = "pricing.list.priced"
"""The list as it was priced last, and what it was priced with: a long one takes a moment."""
_PAGE = "pricing.list.page"
_PER_PAGE = 20
_PROMPT = 70


def list_of_prompts(asked: Question, choice: Choice) -> None:
    """Draw where a list is pasted or dropped, and what it costs.

    Raises:
        StorageError: the database can't be read.
    """
    st.subheader(_("A list of prompts"), anchor=False)
    says = _("With {connection}, and {model} where a row names no model.")
    names = {"connection": choice.connection.name, "model": choice.offer.title}
    st.caption(plain(says.format(**names)))
    _fields()
    text = st.session_state.get(_TEXT) or ""
    if (error := st.session_state.get(_ERROR)) is not None:
        errors.show(error, lead_on=False)
    if not text.strip():
        return
    try:
        found = _priced(text, asked.wish, choice)
    except InvalidInputError as error:
        errors.show(error, lead_on=False)
        return
    _summary(found)
    _table(found)
    if may_make() and st.button(
        _("Go on in Batch"), key="pricing.batch", type="primary", icon=":material/playlist_play:"
    ):
        handed = {"text": found.filled_in(), "connection": choice.connection.id}
        st.session_state[HANDED] = handed
        st.switch_page(places.BATCH)


def _fields() -> None:
    paste, drop = st.columns([3, 2], gap="medium")
    with paste:
        st.text_area(
            _("Prompts, one in each line"),
            key=_TEXT,
            height=150,
            persist_state="session",
            placeholder=_("A fox in the snow, slow push in\nThe same fox at night, camera still"),
            help=_(
                "Or a table: paste it from a spreadsheet, with {columns} in its first row."
            ).format(columns=", ".join(COLUMNS)),
            on_change=_forget_error,
        )
        st.button(_("Price them"), key="pricing.list.price", icon=":material/sell:")
    drop.file_uploader(
        _("Or a file (CSV, XLSX or text)"),
        type=["csv", "txt", "tsv", "xlsx"],
        key=_FILE,
        max_upload_size=1,
        on_change=_read_file,
    )


def _read_file() -> None:
    """Put what the file says into the field, where it can be read and mended."""
    _forget_error()
    given = st.session_state.get(_FILE)
    if given is None:
        return
    try:
        st.session_state[_TEXT] = read_text(given.getvalue())
    except DeskError as error:
        st.session_state[_ERROR] = error


def _forget_error() -> None:
    st.session_state.pop(_ERROR, None)


def _priced(text: str, wish: Wish, choice: Choice) -> PricedList:
    """The list's prices; those of a moment ago while nothing has changed."""
    usual = Wish(
        capability=wish.capability,
        models=(choice.offer.model,),
        duration=wish.duration,
        ratio=wish.ratio,
    )
    pricing, told_in = get_studio().pricing, get_studio().currencies.reporting()
    key = (text, usual, choice.connection, choice.takes, told_in, current())
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != key:
        found = pricing.price_list(text, choice.connection, usual, takes=choice.takes)
        kept = st.session_state[_KEPT] = (key, found)
    priced: PricedList = kept[1]
    return priced


def _summary(found: PricedList) -> None:
    good = sum(row.can for row in found.rows)
    wrong = len(found.rows) - good
    if wrong:
        says = ngettext(
            "{n} row can't be made as it is. Its reason stands beside it; mend it above.",
            "{n} rows can't be made as they are. The reason stands beside each; mend them above.",
            wrong,
        )
        st.warning(says.format(n=number(wrong)), icon=":material/rule:")
    if not good:
        return
    count = ngettext("{n} video", "{n} videos", good).format(n=number(good))
    st.markdown(f"**{count}: {plain(_sum(found))}**")
    show_schedule(found.schedule)


def _sum(found: PricedList) -> str:
    if found.low is None or found.high is None:
        return _("Price not known")
    low = "" if found.low == found.high else f"{amount(found.low, '')}–"
    own = f"{low}{amount(found.high, found.unit)}"
    return " · ".join(
        filter(None, (own, money_range(found.told_low, found.told_high, found.currency)))
    )


def _table(found: PricedList) -> None:
    rows = sorted(found.rows, key=lambda row: row.can)  # what has to be mended comes first
    last = math.ceil(len(rows) / _PER_PAGE)
    page = min(int(st.session_state.get(_PAGE) or 1), last)
    if page != st.session_state.get(_PAGE, page):
        st.session_state[_PAGE] = page  # the list has become shorter
    head = (_("Row"), _("Prompt"), _("Model"), _("Length"), _("Price"))
    lines: list[tuple[str, ...]] = [head, ("---:", "---", "---", "---:", "---")]
    lines += [_cells(row) for row in rows[(page - 1) * _PER_PAGE : page * _PER_PAGE]]
    with st.container(horizontal=True, wrap=False):  # a phone scrolls the table, not the page
        st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines), width="content")
    if last > 1:
        st.pagination(last, key=_PAGE)


def _cells(row: Priced) -> tuple[str, ...]:
    line, offer = row.line, row.offer
    model = offer.title if offer is not None else line.model
    seconds = (offer.duration if offer is not None else 0) or line.duration
    length = _("{n} s").format(n=seconds) if seconds else "–"
    prompt = plain(short(line.prompt, _PROMPT)) or "–"
    return str(line.row), prompt, plain(model) or "–", length, _price(row)


def _price(row: Priced) -> str:
    if row.problems:
        why = " ".join(plain(_without_row(p.field, translated(p.message))) for p in row.problems)
        return f":red[:material/error: {why}]"
    if row.offer is None or not row.offer.total.is_known:
        return _("not known")
    money = money_range(row.offer.told_low, row.offer.told_high, row.offer.currency)
    return plain(" · ".join(filter(None, (units(row.offer.total), money))))


def _without_row(place: str, message: str) -> str:
    """A problem as it stands in its row: the column that it is in, and what is wrong."""
    column = place.partition(", ")[2]
    return f"{column}: {translated(message)}" if column else translated(message)
