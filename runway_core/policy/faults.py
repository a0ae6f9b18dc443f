"""The rows of the table: what can go wrong, and how each is told by our own errors."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from runway_core.errors import (
    AuthenticationError,
    CertificateError,
    ConfigError,
    DailyLimitError,
    DeskError,
    HeldBackError,
    InsufficientCreditsError,
    InvalidInputError,
    InvalidRequestError,
    KeyUnreadableError,
    ModelUnavailableError,
    NoAnswerError,
    NotFoundError,
    NotOfferedError,
    NotReachedError,
    OutputExpiredError,
    OverloadedError,
    PermissionDeniedError,
    ProviderError,
    RateLimitError,
    ServerError,
    StorageError,
    TaskNotFoundError,
    UnexpectedReplyError,
)


class Fault(StrEnum):
    """What went wrong, in plain words."""

    NOT_REACHED = "name, connection or TLS handshake"
    CERTIFICATE = "certificate"
    NOT_SENDABLE = "an address or a text that can't be sent"
    NO_ANSWER = "no whole answer"
    UNUSABLE = "unusable body"
    INVALID = "400, 422, no such model"
    KEY = "401"
    CREDIT = "402, or its wording"
    FORBIDDEN = "403"
    NO_TASK = "404"
    TIMED_OUT = "408"
    CONFLICT = "409"
    OTHER_BODY = "422 about the idempotency key"
    LIMIT = "429"
    DAY = "429 of the day, or of spending"
    SERVER = "500, 502, 504"
    UNAVAILABLE = "503"
    OVERLOADED = "503 from Runway itself"
    MOVED = "redirect"
    LINK_GONE = "expired link"
    NOT_OFFERED = "no such call there"
    HELD_BACK = "held back here"
    STORAGE = "our disk or database"
    OURS = "our own settings, key or files"
    BROKEN = "this program broke"


def fault_of(error: DeskError) -> Fault:
    """Which fault an error stands for."""
    return next(fault for fault, is_it in _SIGNS if is_it(error))


Sign = Callable[[DeskError], bool]


def _is(*kinds: type[DeskError], status: tuple[int, ...] = ()) -> Sign:
    """Errors of these kinds, with one of these statuses where some are named."""

    def sign(error: DeskError) -> bool:
        found = getattr(error, "status_code", None)
        return isinstance(error, kinds) and (not status or found in status)

    return sign


def _hopeless(error: DeskError) -> bool:
    return isinstance(error, NotReachedError) and not error.retryable


def _refused_somehow(error: DeskError) -> bool:
    return isinstance(error, ProviderError) and error.outcome == "refused"


_SIGNS: tuple[tuple[Fault, Sign], ...] = (
    (Fault.CERTIFICATE, _is(CertificateError)),
    (Fault.NOT_SENDABLE, _hopeless),
    (Fault.NOT_REACHED, _is(NotReachedError)),
    (Fault.NO_ANSWER, _is(NoAnswerError)),
    (Fault.MOVED, _is(UnexpectedReplyError, status=tuple(range(300, 400)))),
    (Fault.UNUSABLE, _is(UnexpectedReplyError)),
    (Fault.HELD_BACK, _is(HeldBackError)),
    (Fault.DAY, _is(DailyLimitError)),
    (Fault.OVERLOADED, _is(OverloadedError)),
    (Fault.LIMIT, _is(RateLimitError)),
    (Fault.KEY, _is(AuthenticationError)),
    (Fault.CREDIT, _is(InsufficientCreditsError)),
    (Fault.FORBIDDEN, _is(PermissionDeniedError)),
    (Fault.NO_TASK, _is(TaskNotFoundError)),
    (Fault.NO_TASK, _is(InvalidRequestError, status=(404,))),
    (Fault.INVALID, _is(InvalidRequestError, ModelUnavailableError)),
    (Fault.TIMED_OUT, _is(ServerError, status=(408,))),
    (Fault.CONFLICT, _is(ServerError, status=(409,))),
    (Fault.OTHER_BODY, _is(ServerError, status=(422,))),
    (Fault.UNAVAILABLE, _is(ServerError, status=(503,))),
    (Fault.SERVER, _is(ServerError)),
    (Fault.LINK_GONE, _is(OutputExpiredError)),
    (Fault.NOT_OFFERED, _is(NotOfferedError)),
    (Fault.STORAGE, _is(StorageError)),
    (Fault.OURS, _is(ConfigError, InvalidInputError, KeyUnreadableError, NotFoundError)),
    (Fault.INVALID, _refused_somehow),
    (Fault.BROKEN, _is(DeskError)),
)
"""The first sign that fits; the last fits every error."""
