"""The nouns: what is asked for, what became of it, what it costs. All frozen; no behaviour that reaches out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr


class Noun(BaseModel):
    """A value of ours: frozen, and unknown fields are an error."""

    # What does not fit is not repeated in the error: it may be a prompt, and errors are logged.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Capability(StrEnum):
    """What a model makes from what; the words are Runway's own paths."""

    TEXT_TO_VIDEO = "text_to_video"
    IMAGE_TO_VIDEO = "image_to_video"
    VIDEO_TO_VIDEO = "video_to_video"
    CHARACTER_PERFORMANCE = "character_performance"
    VIDEO_UPSCALE = "video_upscale"
    TEXT_TO_IMAGE = "text_to_image"


class MediaKind(StrEnum):
    """What kind of file it is."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


class Role(StrEnum):
    """What a file is to a model, when it fixes no frame of the video."""

    VIDEO = "video"
    """The video to change or to enlarge."""
    CHARACTER = "character"
    """Who is to act: a picture or a video."""
    PERFORMANCE = "performance"
    """The video of the acting that the character takes over."""
    REFERENCE = "reference"
    """A picture to take a look from; the prompt may call it by its tag."""
    KEYFRAME = "keyframe"
    """A picture of how the changed video looks at some moment."""
    REFERENCE_VIDEO = "reference_video"
    REFERENCE_AUDIO = "reference_audio"


class FramePosition(StrEnum):
    """Which frame of the video a picture fixes."""

    FIRST = "first"
    LAST = "last"


class TaskStatus(StrEnum):
    """Where a task is. The first three are ours; the rest are Runway's words."""

    QUEUED = "QUEUED"
    """Recorded here, not sent: free to cancel."""
    SUBMITTING = "SUBMITTING"
    """A request may be on the wire."""
    UNCERTAIN = "UNCERTAIN"
    """Sent, but no answer: it may have been charged. A person decides."""
    PENDING = "PENDING"
    THROTTLED = "THROTTLED"
    """Accepted, waiting at the provider for a free place."""
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_terminal(self) -> bool:
        """True when the provider will say nothing new about this task."""
        return self in (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.CANCELLED)


class ArtifactState(StrEnum):
    """Where the file of a SUCCEEDED task is."""

    NONE = "none"
    DOWNLOADING = "downloading"
    KEPT = "kept"
    """Safe on this machine, with its SHA-256."""
    EXPIRED = "expired"
    """The provider no longer gives the file out."""


class Frame(Noun):
    """A picture that fixes a frame of the video."""

    position: FramePosition = FramePosition.FIRST
    uri: str
    """``https://…``, ``data:image/…;base64,…`` or ``asset:<sha256>`` for a picture kept here."""
    focus: tuple[float, float] = (0.5, 0.5)
    """Which part survives the crop to the ratio: 0 left or top, 1 right or bottom. Only for assets."""

    @property
    def asset(self) -> str | None:
        """The SHA-256 of the kept picture, or None for a link."""
        return self.uri.removeprefix("asset:") if self.uri.startswith("asset:") else None


class Media(Noun):
    """A file that goes with a request and fixes no frame."""

    role: Role
    kind: MediaKind
    uri: str
    """``https://…``, ``data:…;base64,…``, ``runway://…`` or ``asset:<sha256>`` for a file kept here."""
    tag: str = ""
    """What the prompt calls a reference: ``sky`` is ``@sky`` there."""
    seconds: float | None = None
    """Of a keyframe: the moment in the video, from its start."""

    @property
    def asset(self) -> str | None:
        """The SHA-256 of the kept file, or None for a link."""
        return self.uri.removeprefix("asset:") if self.uri.startswith("asset:") else None


Value = StrictBool | StrictInt | StrictStr
"""What an option of a model can be set to."""


class GenerationRequest(Noun):
    """What a person asks for, in our words; a provider turns it into its own."""

    capability: Capability | None
    """None only for a task that was made elsewhere: nobody here knows what was asked."""
    model: str
    prompt: str = ""
    frames: tuple[Frame, ...] = ()
    media: tuple[Media, ...] = ()
    ratio: str = ""
    """``width:height`` as the model writes it, in pixels or as a shape; empty where a model has none."""
    duration: int = 0
    """Seconds; 0 where the model has no length to choose."""
    seed: int | None = None
    """0 to 4294967295; None lets the provider choose."""
    options: dict[str, Value] = Field(default_factory=dict)
    """The model's further settings by the names of its catalogue row."""

    def frame(self, position: FramePosition) -> Frame | None:
        """The picture at this position, if any."""
        return next((f for f in self.frames if f.position is position), None)

    def of_role(self, role: Role) -> tuple[Media, ...]:
        """The files of one role, in order."""
        return tuple(m for m in self.media if m.role is role)


class Submitted(Noun):
    """What a provider answers to an accepted create."""

    remote_id: str
    status: TaskStatus = TaskStatus.PENDING
    estimated_cost: Decimal | None = None
    """The most it may cost, in the provider's unit, when it says so."""
    cost: Decimal | None = None
    """What it costs, where the provider says so at once (Doitong's ``creditCost``)."""
    warning: str = ""
    """What the provider complained of although it took the task on."""


class TaskUpdate(Noun):
    """What a provider says about a task now."""

    status: TaskStatus
    progress: float | None = None
    """0 to 1."""
    outputs: tuple[str, ...] = ()
    """Links to finished files; they expire."""
    failure: str = ""
    failure_code: str = ""
    cost: Decimal | None = None
    """Final charge in the provider's unit, when it says so."""
    estimated_cost: Decimal | None = None
    created_at: datetime | None = None
    wait_seconds: float | None = None
    """Seconds to leave the provider alone, when it says that few requests are left."""


class Estimate(Noun):
    """What it should cost, known before the click. ``low`` and ``high`` are None when nobody published a price."""

    low: Decimal | None
    high: Decimal | None
    unit: str
    """The provider's own unit, such as ``credit``."""
    usd_low: Decimal | None = None
    usd_high: Decimal | None = None
    source: str = ""
    """Where the price is from."""
    as_of: str = ""
    """The day the price was read, YYYY-MM-DD."""
    basis: Literal["published", "own", "assumed", "unknown"] = "unknown"
    """``own``: the unit price that the connection's owner entered."""

    @property
    def is_known(self) -> bool:
        return self.low is not None


class Exchange(Noun):
    """One HTTP request and its answer, with everything secret taken out before it is made."""

    method: str
    url: str
    """Without its signed query."""
    doing: str = ""  # what for: "create", "look", "cancel", "file", "upload" or "balance"
    request_headers: dict[str, str] = Field(default_factory=dict)
    request_body: str = ""
    status_code: int | None = None
    response_headers: dict[str, str] = Field(default_factory=dict)
    response_body: str = ""
    request_id: str = ""
    error: str = ""
    started_at: datetime
    elapsed_ms: int


class Asset(Noun):
    """A picture, video or sound that a person brought in, kept under its hash."""

    sha256: str
    filename: str
    """The name it had on the person's machine; for display only."""
    kind: MediaKind = MediaKind.IMAGE
    mime: str
    width: int
    """Pixels; 0 for sound."""
    height: int
    size: int
    """Bytes."""
    seconds: float | None = None
    """Length of a video or sound."""
    fps: float | None = None
    """Frames a second of a video."""
    created_at: datetime

    @property
    def uri(self) -> str:
        return f"asset:{self.sha256}"


class Artifact(Noun):
    """A finished file that we keep."""

    sha256: str
    path: str
    """Relative to the media folder."""
    poster: str = ""
    """Path of the poster frame, relative to the media folder; empty when none could be made."""
    mime: str
    size: int
    width: int | None = None
    height: int | None = None
    seconds: float | None = None
    created_at: datetime


class ModelLimit(Noun):
    """What a plan allows for one model."""

    model: str
    concurrent: int | None
    """Running at once; None means no limit, and so below."""
    daily: int | None
    """Tasks in 24 hours."""
    used_today: int = 0


class Connection(Noun):
    """A profile, a base URL and a key, as a person set it up. The key itself is never in here."""

    id: str
    name: str
    profile: str
    base_url: str
    """Normalised root, such as ``https://api.openai-hk.com``; empty for the built-in sandbox."""
    key_hint: str = ""
    """``…1234``; empty when no key is saved."""
    unit_price: Decimal | None = None
    """What the owner says a 5-second video costs, where nobody published a price."""
    unit: str = ""
    """The unit of ``unit_price``."""
    options: dict[str, str] = Field(default_factory=dict)
    """The profile's further settings by the names of its catalogue row."""
    balance: Decimal | None = None
    """What was left at the provider when it last said so, less what it has charged since."""
    balance_unit: str = ""
    balance_at: datetime | None = None
    alert_below: Decimal | None = None
    """Below which balance to say that it is low, in `balance_unit`; None to say nothing."""
    paused: str = ""
    """Why nothing is sent or asked with it; empty while it works."""
    model_limits: tuple[ModelLimit, ...] = ()
    """What its provider last said that the plan allows; empty when it never did."""
    limits_at: datetime | None = None
    """When it said so."""
    created_at: datetime


class Period(StrEnum):
    """How long a budget lasts: days and calendar months of UTC."""

    DAY = "day"
    MONTH = "month"


class Budget(Noun):
    """What a connection may cost in a period; with an empty id, all of them together in a currency."""

    connection_id: str
    period: Period
    amount: Decimal
    """More than 0, in `unit`."""
    unit: str
    """The connection's own."""
    hard: bool
    """Whether a task that would pass it is refused; else it is only warned of."""
    created_at: datetime
    person_id: str = ""
    """Whose spending it is about; empty for that of all together."""


class Event(Noun):
    """One step in a task's life, append-only."""

    at: datetime
    kind: str
    detail: str = ""


class Task(Noun):
    """One request and what became of it."""

    id: str
    draft_token: str
    connection_id: str
    connection: str
    """The connection's name when the task was made."""
    profile: str
    request: GenerationRequest
    owner_id: str = ""
    """The person's who made it; empty when nobody had signed in."""
    shared: bool = False
    """Whether all of the team see it."""
    status: TaskStatus
    progress: float | None = None
    remote_id: str | None = None
    failure: str = ""
    failure_code: str = ""
    hint: str = ""
    """What the person can do about ``failure`` or ``note``."""
    said: str = ""
    """The provider's own words behind ``failure`` or ``note``."""
    note: str = ""
    """What is being waited for, such as a provider that can't be reached."""
    estimate: Estimate
    quoted: Decimal | None = None
    """The most it may cost, as the provider said when it took the task on, in ``estimate.unit``."""
    charge: Decimal | None = None
    """What the provider said it cost, in ``estimate.unit``; None until it says."""
    balance_before: Decimal | None = None
    """What was left before it was sent, in the connection's ``balance_unit``; and so below."""
    balance_before_at: datetime | None = None
    """When the provider had said so."""
    balance_after: Decimal | None = None
    """What was left after an answer that told nothing: a hint at whether it was charged."""
    balance_after_at: datetime | None = None
    outputs: tuple[str, ...] = ()
    artifact_state: ArtifactState = ArtifactState.NONE
    artifacts: tuple[Artifact, ...] = ()
    attempts: int = 0
    """Creates put on the wire, the present one included."""
    looks: int = 0
    """Failed looks or downloads in a row."""
    cancel_requested: bool = False
    next_at: datetime | None = None
    created_at: datetime
    submitted_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """True while the engine still has something to do for it."""
        if self.status is TaskStatus.SUCCEEDED:
            return self.artifact_state in (ArtifactState.NONE, ArtifactState.DOWNLOADING)
        return not self.status.is_terminal and self.status is not TaskStatus.UNCERTAIN
