"""The player of several videos: our own markup, and a script of ours (`web/compare.js`) that keeps them in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from runway_core.domain import Task
from runway_core.language import _
from runway_core.ui.browser import with_script
from runway_core.ui.cards import download_url, file_url, media_url, title_of
from runway_core.ui.words import short

LETTERS = "ABCD"
"""What the videos are called on the page."""
SCRIPT = "/app/static/desk/compare.js"
_SAID = 80
"""Letters of the prompt below a video."""
_GRID = "display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.75rem"
_FIGURE = "margin:0;min-width:0"
_FILM = "width:100%;max-height:58vh;object-fit:contain;border-radius:.6rem;background:#000;display:block"
_BAR = (
    "display:flex;flex-wrap:wrap;align-items:center;gap:.5rem;margin-top:.75rem;padding:.5rem;"
    "border:1px solid rgba(127,140,136,.35);border-radius:.6rem"
)
_BUTTON = (
    "font:inherit;color:inherit;background:transparent;border:1px solid rgba(127,140,136,.55);"
    "border-radius:.6rem;padding:.35rem .75rem;min-height:2.25rem;cursor:pointer"
)
_SLIDER = "flex:1 1 180px;min-width:140px;height:2.25rem;accent-color:#168472"
_SELECT = (
    "font:inherit;color:inherit;background:rgba(127,140,136,.14);border:1px solid rgba(127,140,136,.55);"
    "border-radius:.6rem;padding:.35rem .5rem;min-height:2.25rem"
)


def name_of(task: Task, letter: str) -> str:
    """What one of the videos is called, such as ``A · Gen-4 Turbo · Practice``."""
    return f"{letter} · {title_of(task)} · {task.connection}"


def player(tasks: Sequence[Task], *, letters: Mapping[str, str]) -> None:
    """Draw kept videos side by side with one play and seek control; pictures stand beside them."""
    shown = [(task, name_of(task, letters[task.id])) for task in tasks]
    films = [name for task, name in shown if _is_film(task)]
    box = f"{_FILM};aspect-ratio:{_aspect(tasks)}"
    figures = "".join(_figure(task, name, box) for task, name in shown)
    controls = _controls(films) if films else ""
    told = escape(_("{at} of {length} seconds"), quote=True)
    label = escape(_("Videos side by side"), quote=True)
    markup = (
        f'<div role="group" aria-label="{label}" data-time="{told}">'
        f'<div style="{_GRID}">{figures}</div>{controls}</div>'
    )
    with_script(markup, SCRIPT)


def _is_film(task: Task) -> bool:
    return task.artifacts[0].mime.startswith("video/")


def _aspect(tasks: Sequence[Task]) -> str:
    """One shape for all of them, so that none is larger than the others for being upright."""
    sizes = [(a.width or 16, a.height or 9) for a in (task.artifacts[0] for task in tasks)]
    if all(width >= height for width, height in sizes):
        return "16/9"
    return "9/16" if all(width < height for width, height in sizes) else "1"


def _figure(task: Task, name: str, box: str) -> str:
    source, style = escape(file_url(task, 0), quote=True), escape(box, quote=True)
    about = escape(f"{name}: {short(task.request.prompt, 120)}", quote=True)
    if _is_film(task):
        still = escape(media_url(task, 0, "poster.jpg"), quote=True)
        shown = (
            f'<video src="{source}" poster="{still}" preload="auto" muted playsinline '
            f'aria-label="{about}" style="{style}"></video>'
        )
    else:
        shown = f'<img src="{source}" alt="{about}" style="{style}">'
    save = escape(download_url(task, 0), quote=True)
    caption = (
        f'<figcaption style="margin-top:.35rem;font-size:.875rem">{escape(name)}<br>'
        f'<span style="overflow-wrap:anywhere">{escape(short(task.request.prompt, _SAID))}</span> '
        f'<a href="{save}" style="color:inherit">{escape(_("Download"))}</a></figcaption>'
    )
    return f'<figure style="{_FIGURE}">{shown}{caption}</figure>'


def _controls(films: Sequence[str]) -> str:
    sounds = "".join(
        f'<option value="{escape(str(at))}">{escape(_("Sound: {name}").format(name=name))}</option>'
        for at, name in enumerate(films)
    )
    return (
        f'<div style="{_BAR}">'
        + _button("play", _("Play"), pressed=_("Pause"))
        + _button("back", _("To the start"))
        + _button("earlier", "−1", about=_("One frame back"))
        + _button("later", "+1", about=_("One frame on"))
        + f'<input type="range" min="0" max="1" step="any" value="0" disabled data-do="seek" '
        f'aria-label="{escape(_("Position in all videos"), quote=True)}" style="{_SLIDER}">'
        '<output data-do="time" style="font-variant-numeric:tabular-nums;min-width:6.5rem">'
        "0.0 / 0.0 s</output>"
        f'<select data-do="sound" aria-label="{escape(_("Sound"), quote=True)}" style="{_SELECT}">'
        f'<option value="">{escape(_("No sound"))}</option>{sounds}</select></div>'
    )


def _button(name: str, label: str, *, about: str = "", pressed: str = "") -> str:
    told = f' aria-label="{escape(about, quote=True)}" title="{escape(about, quote=True)}"'
    other = f' data-pressed="{escape(pressed, quote=True)}"' if pressed else ""
    return (
        f'<button type="button" data-do="{escape(name, quote=True)}"{told if about else ""}{other} '
        f'style="{_BUTTON}">{escape(label)}</button>'
    )
