"""The client itself: one create for one call, and looks in the words that scripts read."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

from runway_core.client.faults import MayBeChargedError, said
from runway_core.client.wire import Wire, is_here, run
from runway_core.client.wishes import RunwayVideoRequest, profile_of, wish_of
from runway_core.domain import Submitted, TaskStatus, TaskUpdate
from runway_core.errors import (
    AuthenticationError,
    InsufficientCreditsError,
    InvalidInputError,
    ModelUnavailableError,
    PermissionDeniedError,
    Problem,
    ProviderError,
    RateLimitError,
    TaskNotFoundError,
)
from runway_core.providers import Provider, normalise_base_url, open_provider
from runway_core.vault import clean_key, key_hint

log = logging.getLogger(__name__)
Response = dict[str, Any]
"""``{"status_code": int, "data": dict}``."""
Found = TypeVar("Found", Submitted, TaskUpdate)

DEFAULT_URL = "https://yunwu.ai"
DRY_RUN = "dry_run"
"""The ``status`` of what was not sent."""
_STATUSES: tuple[tuple[type[ProviderError], int], ...] = (
    (AuthenticationError, 401),
    (InsufficientCreditsError, 402),
    (PermissionDeniedError, 403),
    (TaskNotFoundError, 404),
    (RateLimitError, 429),
    (ModelUnavailableError, 503),
)
"""The status of a refusal that a relay wrapped into a 200; any other is a 400."""


class RunwayClient:
    """Asks one relay for videos. Each call of `generate_video` is at most one paid video.

    Args:
        api_token: the API key; it goes to `base_url` and is shown nowhere.
        base_url: the relay's address, with or without ``/runwayml`` or ``/v1``. It must be public and
            https, unless it is on this computer or named in ``RUNWAY_PRIVATE_HOSTS``.
        dry_run: send nothing; every answer tells what would have been sent.

    Raises:
        InvalidInputError: `base_url` is no address.
    """

    def __init__(
        self, api_token: str | None, base_url: str = DEFAULT_URL, *, dry_run: bool = False
    ) -> None:
        self.base_url = normalise_base_url(base_url)
        self.dry_run = dry_run
        self._token = (api_token or "").strip()
        self._profile = profile_of(self.base_url)
        self._made: dict[str, datetime] = {}

    def __repr__(self) -> str:
        token = key_hint(self._token) if self._token else "none"
        return f"RunwayClient(base_url={self.base_url!r}, token {token})"

    @property
    def poll_floor(self) -> float:
        """Least seconds between two looks; 0 for an address on this computer."""
        return 0.0 if is_here(self.base_url) else self._profile.poll_floor

    def validate_request(self, request: RunwayVideoRequest) -> tuple[bool, str | None]:
        """Whether a request can be sent, and if not, why. Free: nothing is sent."""
        try:
            wish_of(request, self._profile)
        except InvalidInputError as error:
            return False, str(error)
        return True, None

    def generate_video(self, request: RunwayVideoRequest) -> Response:
        """Ask for a video: this costs money, and is sent once.

        Returns:
            ``status_code`` 200 when it was taken on: ``data`` has ``id``, ``status``, ``video_url``,
            ``error``, ``notes`` (what was changed to suit the model) and the provider's own fields.
            With any other ``status_code`` it was refused: ``data["error"]`` says why, and nothing was
            made or charged.

        Raises:
            InvalidInputError: the request or the token is wrong; nothing was sent.
            NotReachedError: nothing was sent.
            MayBeChargedError: it was sent, but no clear answer came.
        """
        wish, notes = wish_of(request, self._profile)
        for note in () if self.dry_run else notes:
            log.warning("%s", note)
        found, wire = self._ask(lambda provider: provider.submit(wish, token=str(uuid.uuid4())))
        if isinstance(found, ProviderError):
            self._must_be_free(found)
            words = f"{said(found)} Nothing was charged."
            return _refused(found, wire, id=None, status="failed", error=words, notes=notes)
        if wire.unsent is not None:
            return _unsent(wire, id=found.remote_id, notes=notes)
        self._made[found.remote_id] = datetime.now(UTC)
        fields = {"id": found.remote_id, "status": "processing", "video_url": None}
        warned = {"error": None, "notes": [*notes, *filter(None, [found.warning])]}
        return {"status_code": 200, "data": wire.fields() | fields | warned}

    def query_video(self, task_id: str) -> Response:
        """Look at a video; free.

        Returns:
            ``data["status"]`` is ``processing``, ``completed`` (then ``video_url`` is its link, which
            expires) or ``failed`` (then ``error`` says why), whatever words the provider uses. With any
            other ``status_code`` than 200 nothing was learnt, and the status is ``unknown``.

        Raises:
            InvalidInputError: the id or the token is empty.
            ProviderError: no answer of this API came.
        """
        if not task_id or not str(task_id).strip():
            raise InvalidInputError(Problem("task_id", "is empty."))
        made = self._made.get(task_id)
        found, wire = self._ask(lambda provider: provider.retrieve(task_id, submitted_at=made))
        if isinstance(found, ProviderError):
            if not _is_answer(found):
                raise found from None
            return _refused(found, wire, id=task_id, status="unknown", error=said(found))
        if wire.unsent is not None:
            return _unsent(wire, id=task_id)
        return {"status_code": 200, "data": wire.fields() | {"id": task_id} | _told(found)}

    def _must_be_free(self, error: ProviderError) -> None:
        """Let a refused create pass, which was surely free.

        Raises:
            NotReachedError: nothing was sent.
            MayBeChargedError: nobody knows.
        """
        if error.outcome == "not_sent":
            raise error from None
        if error.outcome == "unknown":
            raise MayBeChargedError(
                f"{said(error)} The video may have been made and charged: look at "
                f"{self._profile.title} before you send it again. It was sent once."
            ) from None

    def _ask(
        self, ask: Callable[[Provider], Awaitable[Found]]
    ) -> tuple[Found | ProviderError, Wire]:
        key = self._key()

        async def asked() -> tuple[Found | ProviderError, Wire]:
            wire = Wire(self.base_url, key=key, dry_run=self.dry_run)
            async with wire:
                provider = open_provider(self._profile, self.base_url, key=key, http=wire)
                try:
                    return await ask(provider), wire
                except ProviderError as error:
                    return error, wire

        return run(asked)

    def _key(self) -> str:
        try:
            return clean_key(self._token)
        except InvalidInputError as error:
            if is_here(self.base_url) or self.dry_run:
                # A practice provider takes any key, the placeholder of an example included.
                return quote(self._token, safe="") or "practice"
            raise InvalidInputError(Problem("api_token", error.problems[0].message)) from None


def _is_answer(error: ProviderError) -> bool:
    """Whether the API itself said so, and not a web page or nobody."""
    return error.outcome == "refused" or (error.status_code or 0) >= 400


def _refused(found: ProviderError, wire: Wire, **fields: Any) -> Response:
    status = found.status_code or 0
    if status < 400:
        status = next((s for kind, s in _STATUSES if isinstance(found, kind)), 400)
    more: dict[str, Any] = {"video_url": None}
    if isinstance(found, RateLimitError):
        more["retry_after"] = found.retry_after
    return {"status_code": status, "data": wire.fields() | more | fields}


def _unsent(wire: Wire, **fields: Any) -> Response:
    assert wire.unsent is not None
    shown = wire.unsent.model_dump(include={"method", "url", "request_headers", "request_body"})
    data = {"status": DRY_RUN, "video_url": None, "error": None, "request": shown}
    return {"status_code": 0, "data": data | fields}


def _told(update: TaskUpdate) -> dict[str, Any]:
    """What a look taught, in the words that scripts read."""
    status, error = "processing", None
    if update.status is TaskStatus.SUCCEEDED and update.outputs:
        status = "completed"
    elif update.status is TaskStatus.SUCCEEDED:
        error = "Finished at the provider, which gives no link to the video yet."
    elif update.status.is_terminal:
        cancelled = update.status is TaskStatus.CANCELLED
        other = "It was cancelled." if cancelled else "The provider did not say why."
        code = f" ({update.failure_code})" if update.failure_code else ""
        status, error = "failed", f"{update.failure or other}{code}"
    link = update.outputs[0] if status == "completed" else None
    return {"status": status, "video_url": link, "error": error}
