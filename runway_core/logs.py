"""Logs of every process: one line an event on standard error, for people or as JSON, without secrets.

Modules log through the standard library, ``logging.getLogger(__name__)`` with facts as ``extra=``, and so do
all libraries; nothing reaches the stream but through `_Console`, where each value is scrubbed before it is
formatted. `about` gives facts to every line that is logged within it.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from runway_core.redact import scrub

if TYPE_CHECKING:
    import structlog

# Libraries log payloads at DEBUG: frames of a WebSocket with what a person types, rows of the database.
_LEAST = {
    "": logging.INFO,
    "alembic.runtime.plugins": logging.WARNING,
    "procrastinate": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "uvicorn": logging.WARNING,
}
"""The lowest level of libraries, whatever is asked for; ``""`` stands for all others."""
_OWN = ("runway_core", "pages")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONG = 20_000
"""Characters of one value; a line is no place for a document."""
_READ = 10 * _LONG
"""Characters of a value that are looked at at all."""
_FIRST = ("time", "level", "event")
_NOT_FACTS = ("message", "asctime", "color_message")
"""What other formatters leave on a record: the event once more."""

_facts: ContextVar[dict[str, object]] = ContextVar("runway_log_facts")


@contextlib.contextmanager
def about(**facts: object) -> Iterator[None]:
    """Add these facts to every line that is logged inside, by whomever."""
    token = _facts.set({**_facts.get({}), **facts})
    try:
        yield
    finally:
        _facts.reset(token)


def configure(
    form: str = "auto", level: str = "INFO", *, stream: TextIO | None = None
) -> logging.Handler:
    """Have everything that this process logs go to one stream; called again, it replaces what it did.

    Args:
        form: ``text``, ``json``, or ``auto``: text on a terminal, else JSON.
        level: of our own lines; libraries are never asked for less than INFO.
        stream: standard error, unless given.
    """
    stream = stream or sys.stderr
    handler = _Console(stream, as_json=form == "json" or (form == "auto" and not stream.isatty()))
    number = logging.getLevelNamesMapping()[level]
    root = logging.getLogger()
    for old in [h for h in root.handlers if isinstance(h, _Console)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(max(number, _LEAST[""]))
    for name, least in _LEAST.items():
        if name:
            logging.getLogger(name).setLevel(max(number, least))
    for name in _OWN:
        logging.getLogger(name).setLevel(number)
    logging.captureWarnings(True)
    _catch_the_uncaught()
    take_over()
    return handler


def take_over() -> None:
    """Have loggers that brought a console handler of their own, as a web server's do, speak through ours."""
    for logger in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            adopt(logger)


def adopt(logger: logging.Logger) -> None:
    """Have one logger speak through the root's handler alone."""
    to_console = [
        handler
        for handler in logger.handlers
        if isinstance(handler, logging.StreamHandler)
        and handler.stream in (sys.stderr, sys.stdout, sys.__stderr__, sys.__stdout__)
    ]
    for handler in to_console:
        logger.removeHandler(handler)
    if to_console:
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


class _Console(logging.StreamHandler[TextIO]):
    """The one way out. What formats is loaded with the first line: most starts say nothing."""

    def __init__(self, stream: TextIO, *, as_json: bool) -> None:
        super().__init__(stream)
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        if self.formatter is None:
            self.formatter = _formatter(as_json=self._as_json, colours=self.stream.isatty())
        return self.formatter.format(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        # The library's own would print the arguments of the line as they are.
        with contextlib.suppress(Exception):
            fault = type(sys.exc_info()[1]).__name__
            facts = {"event": f"A log line of {record.name} could not be written ({fault})."}
            line = f'{{"event": "{facts["event"]}"}}' if self._as_json else facts["event"]
            self.stream.write(line + self.terminator)


def _formatter(*, as_json: bool, colours: bool) -> logging.Formatter:
    import structlog

    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _add_facts,
    ]
    last: list[structlog.typing.Processor] = [_tell_exception, _scrub_all]
    if as_json:
        last.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        last.append(structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="time"))
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _add_facts(_logger: Any, _name: str, event: Any) -> Any:
    own = {name: value for name, value in event.items() if name not in _NOT_FACTS}
    return {**_facts.get({}), **own}


def _tell_exception(_logger: Any, _name: str, event: Any) -> Any:
    """The traceback as text: never with the values of variables."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if isinstance(error, BaseException):
        event["exception"] = "".join(traceback.format_exception(error)).rstrip()
    return event


def _scrub_all(_logger: Any, _name: str, event: Any) -> Any:
    names = [name for name in _FIRST if name in event]
    return {
        name: _scrubbed(event[name], lines=name in ("exception", "stack"))
        for name in (*names, *(name for name in event if name not in _FIRST))
    }


def _scrubbed(value: object, *, lines: bool = False) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = _shortened(scrub(_shortened(str(value), _READ)), _LONG)
    return _CONTROL.sub(lambda found: _shown(found[0], lines=lines), text)


def _shortened(text: str, most: int) -> str:
    """Both ends of a long text: a traceback says at its end what happened."""
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def _shown(character: str, *, lines: bool) -> str:
    # A line break in a value must not look like a line of ours, nor an escape code paint the terminal.
    if lines and character in "\n\t":
        return character
    return character.encode("unicode_escape").decode("ascii")


def _catch_the_uncaught() -> None:
    """Have what nobody catches logged, instead of printed as it is."""
    log = logging.getLogger("runway_core")

    def at_top(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, at)
        else:
            log.critical("The program broke.", exc_info=(kind, error, at))

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.error("A thread broke.", exc_info=args.exc_value)

    def at_end(args: Any) -> None:
        if args.exc_value is not None:
            log.error("Something could not be closed.", exc_info=args.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = at_top, in_thread, at_end
