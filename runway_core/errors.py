"""Everything that can go wrong, as one tree.

    DeskError                        .hint (what to do now) .retryable .kind
    ├── ConfigError                  a folder, setting or connection is missing or wrong
    ├── InvalidInputError            .problems: each names a field and says what is allowed
    │   ├── BudgetExceededError      a hard budget leaves no room for what it may cost
    │   └── HostNotAllowedError      no key may be sent to this address yet .host
    ├── NotFoundError                no such task, connection or asset here, or not for this person
    ├── NotAllowedError              this person's role does not allow it
    ├── SignInError                  a name, password or link that lets nobody in .wait (seconds)
    ├── StorageError                 the database or the media folder
    │   ├── DiskFullError
    │   ├── DatabaseBusyError
    │   ├── DatabaseDamagedError     the database's file is not what was written
    │   └── NewerSchemaError         made by a newer version of the program
    ├── KeyUnreadableError           the saved API key can't be opened
    └── ProviderError                .status_code .request_id .said .outcome
        ├── NotReachedError          nothing was sent: name, connection, TLS          outcome "not_sent"
        │   ├── CertificateError     whoever answers can't prove who it is            outcome "not_sent"
        │   └── AddressRefusedError  our own guard refused the address                outcome "not_sent"
        ├── NoAnswerError            sent, but no complete answer came                outcome "unknown"
        ├── UnexpectedReplyError     an answer that is not this API's                 outcome "unknown"
        ├── ServerError              5xx, 408, 409                                    outcome "unknown"
        ├── RateLimitError           429 .retry_after (seconds)                       outcome "refused"
        │   ├── OverloadedError      503 from Runway itself: it did nothing           outcome "refused"
        │   ├── DailyLimitError      the limit of a day or of spending .resets_in     outcome "refused"
        │   └── HeldBackError        held back here, within the plan's limits         outcome "not_sent"
        ├── AuthenticationError      401                                              outcome "refused"
        ├── PermissionDeniedError    403                                              outcome "refused"
        ├── InsufficientCreditsError 402, or its wording .available .required         outcome "refused"
        ├── InvalidRequestError      400, 404, 405, 413, 415, 422 .problems           outcome "refused"
        ├── ModelUnavailableError    the provider has no such model for this key      outcome "refused"
        ├── TaskNotFoundError        the provider does not know this task             outcome "refused"
        ├── NotOfferedError          the provider has no such call .retry_after       outcome "refused"
        └── OutputExpiredError       the link to a finished file is gone              outcome "refused"

``outcome`` answers the money question for a create request: ``not_sent`` and ``refused`` mean that
nothing was made and nothing charged; ``unknown`` means that it may have been. ``said`` holds the
provider's own words, shortened and free of keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal, TypedDict, Unpack

Outcome = Literal["not_sent", "refused", "unknown"]


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one field."""

    field: str
    """The field's name in ``GenerationRequest`` or in a form, such as ``ratio`` or ``frames.last``."""
    message: str
    """What is wrong and what is allowed, in words for a person."""


class DeskError(Exception):
    """Base of every error this package raises on purpose; ``str(error)`` is for a person."""

    hint: str = ""
    """What the person can do now."""
    retryable: bool = False
    """Whether the same call may work later without anything being changed."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint

    @property
    def kind(self) -> str:
        """The error's class name without ``Error``, for ``--json`` and for tests."""
        return type(self).__name__.removesuffix("Error")


class ConfigError(DeskError):
    """A folder, a setting or a connection is missing or wrong."""


class InvalidInputError(DeskError):
    """What was asked for is impossible; ``problems`` names each field."""

    hint = "Change the named fields and try again. Nothing was sent and nothing was charged."

    def __init__(self, *problems: Problem, hint: str | None = None) -> None:
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in problems), hint=hint)
        self.problems = problems


class BudgetExceededError(InvalidInputError):
    """A hard budget leaves no room for what was asked for."""

    hint = "Nothing was sent and nothing was charged. Change the budget in Settings."


class HostNotAllowedError(InvalidInputError):
    """The address is not among those that keys may be sent to, until an admin allows it."""

    def __init__(self, host: str) -> None:
        super().__init__(
            Problem("base_url", f"{host} is not among the addresses that keys may be sent to."),
            hint="Nothing was saved and nothing was sent. An admin can allow it in Settings, or with: "
            f"python -m runway_core host allow {host}",
        )
        self.host = host


class NotFoundError(DeskError):
    """There is no such task, connection or asset here."""


class NotAllowedError(DeskError):
    """The acting person's role does not allow this."""

    hint = "Nothing was changed. Ask an admin of your team."


class SignInError(DeskError):
    """A name, a password or a link that lets nobody in; never says which of them is wrong."""

    hint = "Check both, then try again."

    def __init__(self, message: str, *, hint: str | None = None, wait: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.wait = wait
        """Seconds until the next try counts."""


class StorageError(DeskError):
    """The database or the media folder can't be used."""

    hint = "Nothing was sent and nothing was charged. Check the data folder named in Settings."


class DiskFullError(StorageError):
    """No room left where the data is kept."""

    hint = "Free some space on the disk that holds the data folder, then try again."
    retryable = True


class DatabaseBusyError(StorageError):
    """Another program kept the database locked for too long."""

    hint = "Try again in a moment. Nothing was sent and nothing was charged."
    retryable = True


class DatabaseDamagedError(StorageError):
    """The file of the database is not what was written into it."""


class NewerSchemaError(StorageError):
    """The data was written by a newer version of Runway Desk."""

    hint = "Update Runway Desk, or set RUNWAY_HOME to another folder."


class KeyUnreadableError(DeskError):
    """A saved API key can't be opened with this machine's master key."""

    hint = "Enter the API key again in Settings."


class Details(TypedDict, total=False):
    """What is known about a call that failed."""

    hint: str | None
    status_code: int | None
    request_id: str | None
    said: str


class ProviderError(DeskError):
    """A call to a provider did not give what it should."""

    outcome: ClassVar[Outcome] = "unknown"

    def __init__(self, message: str, **details: Unpack[Details]) -> None:
        super().__init__(message, hint=details.get("hint"))
        self.status_code = details.get("status_code")
        self.request_id = details.get("request_id")
        self.said = details.get("said", "")


class NotReachedError(ProviderError):
    """Nothing left this machine: the name, the connection or the TLS handshake failed."""

    outcome = "not_sent"
    retryable = True
    hint = "Nothing was sent or charged. Check the address in Settings and your network."


class CertificateError(NotReachedError):
    """Whoever answers at the address can't prove who it is: its certificate isn't trusted."""

    retryable = False
    hint = (
        "Nothing was sent or charged. Whoever runs this address must renew its certificate; "
        "also check this computer's clock and network."
    )


class AddressRefusedError(NotReachedError):
    """Our own guard refused to connect, because the address is not a public one."""

    retryable = False
    hint = (
        "Nothing was sent. If this is your own server on a private network, name it in "
        "RUNWAY_PRIVATE_HOSTS as host:port."
    )


class NoAnswerError(ProviderError):
    """The request left, but no complete answer came in time."""

    retryable = True
    hint = "Wait: the task is watched for. Don't send it again before you have checked with the provider."


class UnexpectedReplyError(ProviderError):
    """The answer is not one that this API gives."""

    hint = "Check the base URL in Settings: this address may serve a web page and not the API."


class ServerError(ProviderError):
    """The provider failed while it worked on the request."""

    retryable = True
    hint = "The fault is on the provider's side."


class RateLimitError(ProviderError):
    """Too many requests; nothing was done."""

    outcome: ClassVar[Outcome] = "refused"
    retryable = True
    hint = "Nothing was charged. It is sent again when the provider allows."

    def __init__(
        self, message: str, *, retry_after: float | None = None, **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after
        """Seconds to wait, from the provider, between 1 and 300; None when it did not say."""


class OverloadedError(RateLimitError):
    """Runway itself sheds load with 503 before it does anything (docs.dev.runwayml.com/errors)."""


class DailyLimitError(RateLimitError):
    """The limit of a day, or of spending, is used up; nothing was done."""

    hint = "Nothing was charged. It waits in line and is sent when the limit starts again."
    resets_in: float | None = None
    """Seconds until the limit starts again, at most 48 hours; None when the provider did not say."""


class HeldBackError(RateLimitError):
    """Held back here, because the plan's limits leave no room for a request now: nothing was sent."""

    outcome = "not_sent"
    hint = "Nothing was sent or charged. It goes on by itself as soon as the plan's limits allow."


class AuthenticationError(ProviderError):
    """The provider refused the API key."""

    outcome = "refused"
    hint = "Nothing was charged. Enter the API key again in Settings."


class PermissionDeniedError(ProviderError):
    """The key is good, but may not do this."""

    outcome = "refused"
    hint = "Nothing was charged. Ask the provider what this key may do."


class InsufficientCreditsError(ProviderError):
    """The account has too little credit."""

    outcome = "refused"
    hint = "Nothing was charged. Top up the account with the provider, then generate again."

    def __init__(
        self,
        message: str,
        *,
        available: Decimal | None = None,
        required: Decimal | None = None,
        **details: Unpack[Details],
    ) -> None:
        super().__init__(message, **details)
        self.available = available
        """What is left, in the provider's unit, when it says so; and so below."""
        self.required = required
        """What the request needs."""


class InvalidRequestError(ProviderError):
    """The provider says that the request is wrong."""

    outcome = "refused"
    hint = "Nothing was charged. Change what the provider names and generate again."

    def __init__(
        self, message: str, *, problems: tuple[Problem, ...] = (), **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.problems = problems

    def __str__(self) -> str:
        named = "; ".join(f"{p.field}: {p.message}" for p in self.problems)
        return f"{super().__str__()} {named.rstrip('.')}." if named else super().__str__()


class ModelUnavailableError(ProviderError):
    """The provider does not offer this model to this key."""

    outcome = "refused"
    hint = "Nothing was charged. Choose another model or another connection."


class TaskNotFoundError(ProviderError):
    """The provider does not know this task (any more)."""

    outcome = "refused"
    hint = "It may have been deleted or cancelled at the provider."


class NotOfferedError(ProviderError):
    """The provider has no call for that, so nothing was done and nothing was learnt."""

    outcome = "refused"
    hint = "Nothing has changed. Look at the provider's own pages."

    def __init__(
        self, message: str, *, retry_after: float | None = None, **details: Unpack[Details]
    ) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after
        """Seconds after which asking once more makes sense; None when it never does."""


class OutputExpiredError(ProviderError):
    """The link to a finished file no longer works."""

    outcome = "refused"
    retryable = True
    hint = "A fresh link is asked for."
