"""What each thing that a check can find means, in words that a person can act on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from runway_core.domain import Exchange, ModelLimit
from runway_core.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    ModelUnavailableError,
    PermissionDeniedError,
    ProviderError,
    RateLimitError,
    ServerError,
)
from runway_core.http import Reply
from runway_core.providers import Account, Balance
from runway_core.providers.refusals import is_html, plain
from runway_core.studio.diagnosis import Step, StepName

SKEW = timedelta(minutes=5)
"""A clock that is further off than this is told."""
_LIKE_AN_API = (
    AuthenticationError,
    PermissionDeniedError,
    RateLimitError,
    InsufficientCreditsError,
    ModelUnavailableError,
)
"""Refusals that only something like the API makes."""


@dataclass(frozen=True)
class Judged:
    """What an answer says about the service and the key."""

    service: Step
    key: Step | None = None
    """None when the service is not the right one."""


def answer_step(exchange: Exchange) -> Step:
    """Whether an answer came at all."""
    took = exchange.elapsed_ms
    if exchange.status_code is not None:
        return Step(name="answer", state="ok", says="It answers.", elapsed_ms=took)
    says = exchange.error.replace("Stopped before an answer came.", "No answer came in time.")
    do = (
        "It took the connection, so it is down, busy, or no web service. Wait a few minutes; if it "
    )
    do += "stays so, ask the provider for the address of its API."
    return Step(name="answer", state="failed", says=says, do=do, elapsed_ms=took)


def judge_refusal(
    error: ProviderError, reply: Reply, *, title: str, url: str, unread: str = ""
) -> Judged:
    """What it means that a free call was refused; `unread` says why an answer was not read at all."""
    if isinstance(error, _LIKE_AN_API) and not (is_html(reply) or unread):
        return Judged(_good("service", f"It answers as {title} does."), _key_refused(error, title))
    says, do = _no_service(error, reply, title, url)
    if unread:
        says, do = unread, "The address may belong to another service: ask the provider."
    return Judged(Step(name="service", state="failed", says=says, do=do))


def _no_service(error: ProviderError, reply: Reply, title: str, url: str) -> tuple[str, str]:
    host = urlsplit(url).hostname
    if 300 <= reply.status < 400:
        root = _root_of(reply.headers.get("location", "")) or "another place"
        return (
            f"{host} only points on to {root}; your key was not sent there.",
            f"If {root} is your provider's, change the address to it. If not, this is the wrong address.",
        )
    if isinstance(error, ServerError):
        return (
            f"{title} has trouble on its side now (status {reply.status}).",
            "There is nothing to mend here. Wait a few minutes, then check again.",
        )
    if is_html(reply) and reply.status >= 400 and reply.status != 404:
        return (
            f"A web page came instead of the API, with status {reply.status}: "
            "something in front of it turned the call away.",
            "A firewall or the provider's own guard is in the way. Try another network, then ask the provider.",
        )
    if is_html(reply):
        return (
            f"{host} serves a web page here, not the API.",
            "Use the address of the API, not the one of the web site. The provider's documentation names it.",
        )
    if reply.status == 404:
        return no_such_place(url)
    return (
        f"{host} is something else than {title}: its answer is of no kind that is known here.",
        "Check the address and the service that you chose. What it said may tell more.",
    )


def _root_of(location: str) -> str:
    location = plain(location)[:200]
    try:
        parts = urlsplit(location)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else location


def no_such_place(url: str) -> tuple[str, str]:
    """Nothing is at this path."""
    parts = urlsplit(url)
    return (
        f"{parts.hostname} is there, but has nothing at {parts.path}.",
        "The part after the host's name is wrong. Enter the address as short as the provider gives it, "
        f"such as {parts.scheme}://{parts.netloc}.",
    )


def _key_refused(error: ProviderError, title: str) -> Step:
    if isinstance(error, AuthenticationError):
        return _bad(
            "key",
            f"{title} refused the API key.",
            "Copy the key once more from the provider and enter it under Change. "
            "It may also have been switched off there.",
        )
    if isinstance(error, PermissionDeniedError):
        return _bad(
            "key",
            f"{title} knows the API key, but it may not do this.",
            "Ask the provider what this key may do, or make another one there.",
        )
    if isinstance(error, RateLimitError):
        wait = "" if error.retry_after is None else f" for {error.retry_after:.0f} s"
        says = f"{title} asks to wait{wait}: too many requests. So the key could not be judged."
        return Step(name="key", state="warning", says=says, do="Wait, then check again.")
    return _good("key", f"{title} accepts the API key.")


def accepted(title: str) -> Step:
    """The key was proven to make a difference."""
    return _good("key", f"{title} accepts the API key.")


def unproven(title: str) -> Step:
    """The same answer came with and without a key."""
    return Step(
        name="key",
        state="warning",
        says=f"{title} answers free calls without asking for a key, so whether it takes yours "
        "shows with the first video.",
    )


def balance_step(
    balance: Balance | None, *, title: str, known: tuple[Decimal, datetime] | None, unit: str
) -> Step:
    """What is left, now or when it was last told."""
    if balance is not None:
        says = f"{balance.text} left."
        if balance.amount > 0:
            return _good("balance", says)
        return _bad("balance", says, "Top up the account with the provider.")
    last = ""
    if known is not None:
        last = f" The last known is {Balance(amount=known[0], unit=unit).text} of {known[1]:%Y-%m-%d %H:%M} UTC."
    return _good("balance", f"{title} does not tell programs what is left.{last}")


def no_credit(error: InsufficientCreditsError) -> Step:
    """The provider says by itself that the account is empty."""
    return _bad("balance", str(error), "Top up the account with the provider.")


def limits_step(account: Account, models: frozenset[str]) -> Step:
    """What the plan allows of the models that can be chosen here; those with the same limits together."""
    groups: dict[str, list[str]] = {}
    for limit in account.limits:
        if limit.model in models:
            groups.setdefault(_limit(limit), []).append(limit.model)
    said = [f"{', '.join(names)}: {words}" for words, names in groups.items()]
    month = account.monthly_spend
    if month is not None:
        said.append(f"at most {month:,} credits in 30 days")
    return _good("limits", f"{'; '.join(said) or 'No limits are told'}.")


def _limit(limit: ModelLimit) -> str:
    once = "any number at once" if limit.concurrent is None else f"{limit.concurrent} at once"
    day = "no daily limit" if limit.daily is None else f"{limit.used_today} of {limit.daily} today"
    return f"{once}, {day}"


def clock_step(exchange: Exchange) -> Step | None:
    """How far this computer's clock is off, by the server's own; None when it does not tell."""
    try:
        there = parsedate_to_datetime(exchange.response_headers.get("date", ""))
        here = exchange.started_at + timedelta(milliseconds=exchange.elapsed_ms)
        off = here - there
    except (ValueError, TypeError, IndexError, OverflowError):  # no date, or one without a zone
        return None
    if abs(off) <= SKEW:
        return _good("clock", "This computer's clock agrees with the server's.")
    minutes = round(abs(off).total_seconds() / 60)
    where = "ahead of" if off > timedelta(0) else "behind"
    says = f"This computer's clock is {minutes:,} minutes {where} the server's."
    do = "Set the clock of this computer: certificates and links to files depend on it."
    return Step(name="clock", state="warning", says=says, do=do)


def alike(one: Exchange, other: Exchange) -> bool:
    """Whether two answers say the same, but for numbers and the address that was asked."""
    return one.status_code == other.status_code and _gist(one) == _gist(other)


def _gist(exchange: Exchange) -> str:
    path = urlsplit(exchange.url).path
    text = exchange.response_body.replace(path, "").replace(path.replace("/", "\\/"), "")
    return re.sub(r"[0-9a-fA-F-]{6,}|\d+", "", text)


def _good(name: StepName, says: str) -> Step:
    return Step(name=name, state="ok", says=says)


def _bad(name: StepName, says: str, do: str) -> Step:
    return Step(name=name, state="failed", says=says, do=do)
