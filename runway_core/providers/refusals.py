"""What a provider means when it does not do as asked: its status, codes and words, as one of our errors.

The shapes and codes are those of Runway itself (docs.dev.runwayml.com/errors) and of the one-api and
new-api relays (github.com/QuantumNous/new-api: types/error.go, dto/task.go, middleware).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal, NamedTuple

from runway_core.errors import (
    AuthenticationError,
    DailyLimitError,
    InsufficientCreditsError,
    InvalidRequestError,
    ModelUnavailableError,
    OverloadedError,
    PermissionDeniedError,
    Problem,
    ProviderError,
    RateLimitError,
    ServerError,
    TaskNotFoundError,
    UnexpectedReplyError,
)
from runway_core.http import Reply, clean, request_id, retry_after
from runway_core.providers.daylimit import is_day_limit, resets_in
from runway_core.providers.envelope import Layer, NotJsonError, dig, layers, parse, text_at

Purpose = Literal["create", "look", "cancel", "account"]

SAID_MOST = 300
"""Characters of a provider's own words that are kept."""

TASK_NOT_EXIST = "task_not_exist"
"""new-api's word, which it also uses for a task that it has only just made (relay/relay_task.go)."""

_WORDS = (
    "error.message",
    "error",
    "message",
    "msg",
    "err",
    "error_msg",
    "detail",
    "header.message",
    "response.error.message",
    "errors.*.message",
    "errors.*",
    "error_des",
)
_CODES = ("error.code", "error.type", "code", "errors.*.extensions.code", "err_code")
_NO_ERROR: tuple[object, ...] = (None, False, 0, "", "0", {}, [])
_REQUEST_ID = re.compile(r"\(request id: ([\x21-\x28\x2a-\x7e]{1,100})\)", re.IGNORECASE)
_FIELDS = {"promptText": "prompt", "promptImage": "frames.first"}


@dataclass(frozen=True)
class Who:
    """Who answers, for the words of our errors."""

    title: str
    kind: Literal["official", "relay", "sandbox"]
    secrets: tuple[str, ...] = ()
    plain_http: bool = False
    """Whether it is a private server without TLS, whose links may be so too."""


@dataclass(frozen=True)
class Complaint:
    """What a refusing answer says."""

    status: int
    codes: frozenset[str] = frozenset()
    text: str = ""
    problems: tuple[Problem, ...] = ()
    available: Decimal | None = None
    """Credits that are left, and that are needed."""
    required: Decimal | None = None


class _Meaning(NamedTuple):
    name: str
    codes: tuple[str, ...]
    """Beginnings of codes; they count before any words, which may lie."""
    words: tuple[str, ...]


_MEANINGS = (
    _Meaning("credits", ("insufficient", "pre_consume_token_quota_failed"), ()),
    _Meaning("no task", (TASK_NOT_EXIST,), ()),
    _Meaning("no model", ("model_not_found",), ()),
    _Meaning("wait", ("upstream_load_saturated", "rate_limit", "too_many_requests"), ()),
    _Meaning("key", ("unauthenticated", "invalid_api_key"), ()),
    _Meaning(
        "credits",
        (),
        ("enough credits", "insufficient credits", "额度不足", "额度失败", "额度已用尽"),
    ),
    _Meaning("no task", (), (TASK_NOT_EXIST,)),
    _Meaning("no model", (), ("model variant", "无可用渠道", "no available channel")),
    _Meaning("wait", (), ("上游负载已饱和",)),
    _Meaning("key", (), ("无效的令牌", "invalid token")),
)

STATUS_OF_CODE = {
    "UNAUTHENTICATED": 401,
    "INSUFFICIENT_CREDITS": 402,
    "FORBIDDEN": 403,
    "BAD_USER_INPUT": 400,
    "BAD_REQUEST": 400,
    "GRAPHQL_PARSE_FAILED": 400,
    "GRAPHQL_VALIDATION_FAILED": 400,
    "RATE_LIMITED": 429,
    "TOO_MANY_REQUESTS": 429,
    "INTERNAL_SERVER_ERROR": 500,
}
"""GraphQL's codes, which count before the status of HTTP: that may be anything (GraphQL over HTTP).

``INSUFFICIENT_CREDITS`` is Doitong's own (doitong.com/ko/developers/api/runway, 2026-11); the others are
the names of Apollo Server, assumed for Doitong.
"""

_BY_STATUS = {401: "key", 402: "credits", 403: "forbidden", 408: "server", 409: "server"}

_SETTINGS = "Check the base URL in Settings."
_ERRORS: dict[str, tuple[type[ProviderError], str, str | None]] = {
    "moved": (
        UnexpectedReplyError,
        "has moved: this address only points to another one (HTTP {status}).",
        _SETTINGS,
    ),
    "page": (
        UnexpectedReplyError,
        "gave no answer of the API: this address serves a web page, not the API.",
        _SETTINGS,
    ),
    "unreadable": (UnexpectedReplyError, "sent an answer that can't be read.", None),
    "no id": (
        UnexpectedReplyError,
        "answered without the number of a task.",
        "Look for the task at the provider before you send it again: it may have been made.",
    ),
    "strange": (
        UnexpectedReplyError,
        "answered in a way that this API doesn't (HTTP {status}).",
        "What the provider said may explain it.",
    ),
    "no address": (
        UnexpectedReplyError,
        "has nothing at this address: it is no Runway API.",
        _SETTINGS,
    ),
    "key": (AuthenticationError, "refused the API key.", None),
    "forbidden": (PermissionDeniedError, "does not let this API key do that.", None),
    "credits": (InsufficientCreditsError, "says that your account has too little credit.", None),
    "relay credits": (
        InsufficientCreditsError,
        "can't pay for it: the relay's own account at Runway is empty, not yours.",
        "Nothing was charged. Tell the relay's owner, or use another connection.",
    ),
    "no model": (ModelUnavailableError, "does not offer this model to this API key.", None),
    "no task": (TaskNotFoundError, "does not know this task.", None),
    "wait": (RateLimitError, "asks to wait: too many requests.", None),
    "day": (
        DailyLimitError,
        "says that your limit for the day, or for spending, is used up.",
        None,
    ),
    "overloaded": (OverloadedError, "is overloaded and took nothing on.", None),
    "server": (ServerError, "failed on its side (HTTP {status}).", None),
    "repeated": (
        ServerError,
        "has had this very request before and does not say what became of it (HTTP {status}).",
        "There is nothing to mend. Wait a little and look for the task at the provider.",
    ),
    "invalid": (InvalidRequestError, "says that the request is wrong.", None),
}


def refusal(reply: Reply, who: Who, purpose: Purpose) -> ProviderError:
    """The error that an answer stands for, which is not what was asked for."""
    complaint = read_complaint(reply)
    return problem_error(meaning(complaint, reply, who, purpose), reply, who, complaint)


def problem_error(
    name: str, reply: Reply, who: Who, complaint: Complaint | None = None
) -> ProviderError:
    """Build the error of that name, with the provider's words without keys."""
    complaint = complaint or Complaint(reply.status)
    kind, sentence, hint = _ERRORS[name]
    number = request_id(reply.headers)
    found = _REQUEST_ID.search(complaint.text)
    error = kind(
        f"{who.title} {sentence.format(status=complaint.status)}{_shortfall(complaint)}",
        hint=hint,
        status_code=reply.status,
        request_id=words(number or (found[1] if found else ""), who) or None,
        said=_said(complaint.text, found[1] if found else number, who),
    )
    if isinstance(error, RateLimitError):
        error.retry_after = retry_after(reply.headers)
    if isinstance(error, DailyLimitError):
        error.resets_in = resets_in(reply)
    if isinstance(error, InsufficientCreditsError):
        error.available, error.required = complaint.available, complaint.required
    if isinstance(error, InvalidRequestError):
        error.problems = tuple(
            replace(p, message=words(p.message, who), field=words(p.field, who))
            for p in complaint.problems
        )
    return error


def is_html(reply: Reply) -> bool:
    """True for a web page: relays answer unknown paths with their front page, at HTTP 200."""
    kind = reply.headers.get("content-type", "").lower()
    start = reply.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return start == b"<" or ("text/html" in kind and start not in (b"{", b"["))


def read_complaint(reply: Reply) -> Complaint:
    """Find status, codes, words and problems in an answer of any shape; never raises."""
    try:
        document = parse(reply.body)
    except NotJsonError:
        text = "" if is_html(reply) else reply.body[:2000].decode("utf-8", "replace")
        return Complaint(reply.status, text=text)
    found = layers(document)
    text = text_at(found, _WORDS) or (document if isinstance(document, str) else "")
    nested = _nested(text)
    if nested:
        found, text = (*found, *nested), text_at(nested, _WORDS)
    codes = [c for layer in found for path in _CODES for c in dig(layer, path)]
    return Complaint(
        status=_status(reply.status, codes, found),
        codes=frozenset(str(c).lower() for c in codes if isinstance(c, str)),
        text=text,
        problems=tuple(p for layer in found for p in _problems(layer)),
        available=_credits(found, "errors.*.extensions.creditsAvailable"),
        required=_credits(found, "errors.*.extensions.creditsRequired"),
    )


def meaning(complaint: Complaint, reply: Reply, who: Who, purpose: Purpose) -> str:
    """The name of what is meant: by fixed status, by code, by words, and last by status again."""
    name = _meaning(complaint, reply, who, purpose)
    if name == "wait" and is_day_limit(reply, complaint.codes, complaint.text):
        return "day"
    return name


def _meaning(complaint: Complaint, reply: Reply, who: Who, purpose: Purpose) -> str:
    status = complaint.status
    if 300 <= status < 400:
        return "moved"
    if status >= 500 or status in (401, 402, 408, 409, 429):
        return _by_status(complaint, who, purpose)
    if is_html(reply):
        return "page"
    named = _named(complaint)
    if named == "no task" and purpose == "create":
        named = ""
    if named == "credits":
        return _whose_credits(complaint, who)
    return named or _by_status(complaint, who, purpose)


def is_complaint(found: tuple[Layer, ...]) -> bool:
    """True when a document with a good status says that something is wrong."""
    top = found[0]
    code = top.get("code")
    return bool(
        top.get("error") not in _NO_ERROR
        or top.get("errors")
        or top.get("success") is False
        or (isinstance(code, int) and not isinstance(code, bool) and code not in (0, 200))
        or (isinstance(code, str) and code.lower() not in ("", "0", "200", "success", "ok"))
    )


def _by_status(complaint: Complaint, who: Who, purpose: Purpose) -> str:
    status = complaint.status
    if status in (401, 429) and _named(complaint) == "credits":
        return "credits"
    if status == 429:
        return "wait"
    if status == 503:
        return _unavailable(complaint, who, purpose)
    if status == 404 and purpose in ("look", "cancel"):
        return "no address" if "invalid url" in complaint.text.lower() else "no task"
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 500 <= status < 600:
        return "server"
    return "invalid" if 400 <= status < 500 else "strange"


def _unavailable(complaint: Complaint, who: Who, purpose: Purpose) -> str:
    if _named(complaint) == "no model":
        return "no model"
    return "overloaded" if who.kind == "official" and purpose == "create" else "server"


def _whose_credits(complaint: Complaint, who: Who) -> str:
    """Runway's own sentence, passed on by a relay, is about the relay's account."""
    passed_on = who.kind == "relay" and "enough credits to run" in complaint.text.lower()
    return "relay credits" if passed_on else "credits"


def _named(complaint: Complaint) -> str:
    text = complaint.text.lower()
    for name, codes, phrases in _MEANINGS:
        if any(code.startswith(codes) for code in complaint.codes if codes):
            return name
        if any(phrase in text for phrase in phrases):
            return name
    return ""


def _shortfall(complaint: Complaint) -> str:
    needs = "" if complaint.required is None else f"it needs {complaint.required:f}"
    left = "" if complaint.available is None else f"{complaint.available:f} are left"
    said = " and ".join(filter(None, (needs, left)))
    return f" {said[0].upper()}{said[1:]}." if said else ""


def _credits(found: tuple[Layer, ...], path: str) -> Decimal | None:
    for layer in found:
        for value in dig(layer, path):
            if not isinstance(value, int | Decimal) or isinstance(value, bool):
                continue
            if 0 <= value < 10**9 and len(str(value)) <= 30:
                return Decimal(value)
    return None


def _status(status: int, codes: list[object], found: tuple[Layer, ...]) -> int:
    """The status of a GraphQL code; else the one in a body's ``code`` when HTTP itself said 200."""
    said = [str(c).upper() for layer in found[:1] for c in dig(layer, "errors.*.extensions.code")]
    known = [STATUS_OF_CODE[code] for code in said if code in STATUS_OF_CODE]
    if known and not 300 <= status < 400:
        return max(known)  # of several the one that may have cost something
    inner = [c for c in codes if isinstance(c, int) and 400 <= c < 600]
    return inner[0] if 200 <= status < 300 and inner else status


def _nested(text: str) -> tuple[Layer, ...]:
    """The upstream's own answer, which new-api passes on as text inside ``message``."""
    start, end = text.find("{"), text.rfind("}")
    try:
        return layers(parse(text[start : end + 1].encode("utf-8", "replace"))) if start >= 0 else ()
    except NotJsonError:
        return ()


def _problems(layer: Layer) -> list[Problem]:
    found = [_problem(i) for i in dig(layer, "issues.*") if isinstance(i, dict)]
    param = next((p for p in dig(layer, "error.param") if isinstance(p, str) and p), None)
    message = next((m for m in dig(layer, "error.message") if isinstance(m, str)), "")
    return found + ([Problem(_field([param]), plain(message))] if param else [])


def _problem(issue: Layer) -> Problem:
    path, allowed = issue.get("path"), issue.get("values")
    message = plain(str(issue.get("message") or "is not accepted"))
    if isinstance(allowed, list) and allowed:
        message += f". Allowed: {', '.join(plain(str(v)) for v in allowed[:30])}"
    return Problem(_field(path if isinstance(path, list) else []), message[:SAID_MOST])


def _field(path: list[object]) -> str:
    if path[:2] == ["promptImage", 1]:
        return "frames.last"
    if path and path[0] in _FIELDS:
        return _FIELDS[str(path[0])]
    return plain(".".join(str(step) for step in path))[:100] or "request"


def _said(text: str, number: str, who: Who) -> str:
    said = _REQUEST_ID.sub("", words(text, who)).strip()
    suffix = f" (request id: {words(number, who)})" if number else ""
    room = SAID_MOST - len(suffix)
    return ((said if len(said) <= room else f"{said[: room - 1]}…") + suffix).strip()


def words(text: str, who: Who) -> str:
    """A provider's words as they may be shown: one line, without keys."""
    return plain(clean(text, who.secrets))


def plain(text: str) -> str:
    """One line without control characters, so that no words can play tricks on a page or a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:4000]).split())
