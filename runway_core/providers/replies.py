"""Turns any answer on earth into a `Submitted`, a `TaskUpdate` or one of our errors, and never into anything else.

Runway's own shape, new-api's wrapping, the unified and the Luma shape, Kling's, OpenAI's and Doitong's
GraphQL are read by one table: the names below are those of all of them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

from runway_core.domain import Submitted, TaskStatus, TaskUpdate
from runway_core.http import Reply, slow_down
from runway_core.providers.envelope import (
    Layer,
    NotJsonError,
    dig,
    is_of_task,
    layers,
    parse,
    state,
    task_id,
    text_at,
)
from runway_core.providers.refusals import (
    SAID_MOST,
    TASK_NOT_EXIST,
    Purpose,
    Who,
    is_complaint,
    is_html,
    problem_error,
    read_complaint,
    refusal,
    words,
)

FRESH = timedelta(seconds=90)
"""How long a relay may not know a task that it has just made (observed with CometAPI)."""

OUTPUTS_MOST = 32
"""Files of one task; the models that are known make one, or four pictures."""

_URLS = (
    "output.*",
    "output.*.url",
    "output.url",
    "output",
    "video_url",
    "videoUrl",
    "result_url",
    "url",
    "resultUrls.*",
    "video.url",
    "video.download_url",
    "video",
    "artifacts.*.url",
    "creations.*.url",
    "task_result.videos.*.url",
    "metadata.url",
    "fail_reason",
)
"""First found, first taken. Old new-api versions put the link of a good video into ``fail_reason``."""
_FAILURES = (
    "failure",
    "error",
    "error.message",
    "fail_reason",
    "metadata.error.message",
    "task_status_msg",
    "message",
    "msg",
)
_FAILURE_CODES = ("failureCode", "failure_code", "error.code", "metadata.error.code", "err_code")
_TIMES = ("createdAt", "created_at", "submit_time", "created")
_COSTS = ("cost.credits", "creditCost")
_COSTS_AT_ONCE = ("creditCost",)
_ESTIMATES = ("estimatedCost.credits", "creditCost")


def read_submitted(reply: Reply, who: Who) -> Submitted:
    """Read the answer to a create.

    Raises:
        ProviderError: whatever the answer means; UnexpectedReplyError when no id can be found in it.
    """
    found = read_document(reply, who, "create")
    remote_id = task_id(found, also=("request_id",))
    if not remote_id or any(secret in remote_id for secret in who.secrets):
        raise problem_error("no id", reply, who, read_complaint(reply))
    return Submitted(
        remote_id=remote_id,
        status=state(found) or TaskStatus.PENDING,
        estimated_cost=_amount(found, _ESTIMATES),
        cost=_amount(found, _COSTS_AT_ONCE),
        warning=_warning(reply, who, found),
    )


def read_task(
    reply: Reply,
    who: Who,
    *,
    submitted_at: datetime | None = None,
    now: datetime | None = None,
    expect: str = "",
) -> TaskUpdate:
    """Read the answer to a look.

    A relay's ``task_not_exist`` means PENDING for the first 90 seconds after `submitted_at`.
    With `expect` only an answer about the task of that id counts.

    Raises:
        ProviderError: whatever the answer means.
    """
    if reply.status < 500 and _is_fresh(submitted_at, now) and _says_not_exist(reply):
        return TaskUpdate(status=TaskStatus.PENDING)
    found = read_document(reply, who, "look")
    status = state(found)
    outputs = _outputs(found, who) if status is TaskStatus.SUCCEEDED else ()
    about = task_id(found)
    if not is_of_task(found) and not outputs:
        raise problem_error("strange", reply, who, read_complaint(reply))
    if expect and about != expect:
        raise problem_error("strange", reply, who, read_complaint(reply))
    status = status or TaskStatus.PENDING
    failed = status in (TaskStatus.FAILED, TaskStatus.CANCELLED)
    return TaskUpdate(
        status=status,
        progress=_progress(found),
        outputs=outputs,
        failure=words(_failure(found), who)[:1000] if failed else "",
        failure_code=words(text_at(found, _FAILURE_CODES), who)[:200] if failed else "",
        cost=_amount(found, _COSTS),
        estimated_cost=_amount(found, ("estimatedCost.credits",)),
        created_at=_created_at(found),
        wait_seconds=slow_down(reply.headers),
    )


def read_cancelled(reply: Reply, who: Who) -> None:
    """Read the answer to a cancel; 404 is as good as done (Runway: "safe to ignore").

    Raises:
        ProviderError: the task may still be running.
    """
    if reply.status == 404 and not is_html(reply):
        return
    if not 200 <= reply.status < 300:
        raise refusal(reply, who, "cancel")
    if is_html(reply):
        raise problem_error("page", reply, who)
    found = _layers(reply)
    if found and is_complaint(found) and not task_id(found):
        raise refusal(reply, who, "cancel")


def read_document(reply: Reply, who: Who, purpose: Purpose) -> tuple[Layer, ...]:
    """The layers of an answer that complains of nothing, outermost first.

    Raises:
        ProviderError: whatever else the answer means.
    """
    if not 200 <= reply.status < 300:
        raise refusal(reply, who, purpose)
    if is_html(reply):
        raise problem_error("page", reply, who)
    found = _layers(reply)
    if not found:
        raise problem_error("unreadable", reply, who)
    if is_complaint(found) and not task_id(found):
        raise refusal(reply, who, purpose)
    return found


def _warning(reply: Reply, who: Who, found: tuple[Layer, ...]) -> str:
    """What is complained of beside a task that was taken on (GraphQL: "partial success")."""
    if not (found[0].get("errors") or found[0].get("error")):
        return ""
    return words(read_complaint(reply).text, who)[:SAID_MOST]


def _layers(reply: Reply) -> tuple[Layer, ...]:
    try:
        return layers(parse(reply.body))
    except NotJsonError:
        return ()


def _is_fresh(submitted_at: datetime | None, now: datetime | None) -> bool:
    return submitted_at is not None and (now or datetime.now(UTC)) - submitted_at < FRESH


def _says_not_exist(reply: Reply) -> bool:
    said = reply.body.lower()
    if TASK_NOT_EXIST.encode() not in said and b"\\u" not in said:
        return False  # as nearly always, however it is wrapped
    complaint = read_complaint(reply)
    return TASK_NOT_EXIST in complaint.codes or TASK_NOT_EXIST in complaint.text


def _failure(found: tuple[Layer, ...]) -> str:
    """Why it failed; what the call itself is called, such as Kling's "SUCCEED", is no reason."""
    text = text_at(found, _FAILURES)
    return "" if text.strip().upper() in ("OK", "SUCCESS", "SUCCEED") else text


def _outputs(found: tuple[Layer, ...], who: Who) -> tuple[str, ...]:
    for path in _URLS:
        for layer in reversed(found):
            links = [v for v in dig(layer, path) if isinstance(v, str) and _is_link(v, who)]
            if links:
                return tuple(dict.fromkeys(links))[:OUTPUTS_MOST]
    return ()


def _is_link(text: str, who: Who) -> bool:
    scheme = "https?" if who.plain_http else "https"
    if not re.fullmatch(rf"{scheme}://[\x21-\x7e]{{1,4096}}", text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def _progress(found: tuple[Layer, ...]) -> float | None:
    for layer in reversed(found):
        for name in ("progress", "progressRatio"):
            share = _share(layer.get(name))
            if share is not None:
                return share
    return None


def _share(value: object) -> float | None:
    """0 to 1 from 0.45, 45, "45" or "45%"; a bare number above 1 is a percentage."""
    percent = False
    if isinstance(value, str):
        match = re.fullmatch(r"\s*([0-9]{1,6}(?:\.[0-9]{1,20})?)\s*(%?)\s*", value)
        if not match or not match[1].isascii():
            return None
        value, percent = Decimal(match[1]), bool(match[2])
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if percent or value > 1:
        return float(min(max(value, 0), 100)) / 100
    return float(max(value, 0))


def _amount(found: tuple[Layer, ...], paths: tuple[str, ...]) -> Decimal | None:
    values = (v for path in paths for layer in reversed(found) for v in dig(layer, path))
    for value in values:
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if isinstance(value, int | Decimal) and number and 0 <= value < 10**9:
            return Decimal(value) if len(str(value)) <= 30 else round(Decimal(value), 6)
    return None


def _created_at(found: tuple[Layer, ...]) -> datetime | None:
    values = (v for path in _TIMES for layer in reversed(found) for v in dig(layer, path))
    return next((moment for value in values if (moment := _moment(value))), None)


def _moment(value: object) -> datetime | None:
    """ISO 8601, or Unix seconds or milliseconds; None for anything that is no time of this age."""
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{10,13}", value):
            return _moment(int(value))
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
        elif isinstance(value, int | Decimal) and 10**9 <= value < 10**13:
            moment = datetime.fromtimestamp(float(value) / (1000 if value > 10**11 else 1), UTC)
        else:
            return None
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 2000 <= moment.year < 2200 else None
