"""The one table of failure codes: what a provider says of a task, what we say ourselves, and our errors' kinds.

Sources: docs.dev.runwayml.com/errors/task-failures and /errors/errors as stored in 2026-08 (``SAFETY`` to
``THIRD_PARTY``); github.com/QuantumNous/new-api, types/error.go and relay/relay_task.go (the relays' words);
doitong.com/developers as read on 2026-11-22 (``INSUFFICIENT_CREDITS``; its other words are Apollo's, assumed).
"""

from __future__ import annotations

from runway_core.failures.advice import Advice, Charged, Fix, Retry, Row
from runway_core.failures.kinds import KINDS, UNTOLD

WRITTEN_OFF = "WRITTEN_OFF"
"""Code of an uncertain task that a person gave up."""
_REFUNDED = "Runway gives back what its own failures cost"
_AGAIN = "Making it again is a new paid video, so it is left to you."


def _row(
    *codes: str,
    says: str,
    charged: Charged,
    why: str,
    do: str = "",
    retry: Retry,
    fix: Fix | None = None,
    anywhere: bool = False,
) -> Row:
    return Row(codes, Advice(says, charged, why, do, retry, fix), anywhere)


_TASKS = (
    _row(
        "SAFETY.INPUT",
        says="The safety check refused what you sent.",
        charged="yes",
        why="Runway charges for refused input, unlike for other failures",
        do="Change the prompt before you try again: repeated refusals can suspend an account.",
        retry="changed",
        fix=Fix.PROMPT,
    ),
    _row(
        "SAFETY.INPUT.IMAGE",
        "SAFETY.INPUT.VIDEO",
        says="The safety check refused a picture or video that you sent.",
        charged="yes",
        why="Runway charges for refused input, unlike for other failures",
        do="Choose another one before you try again: repeated refusals can suspend an account.",
        retry="changed",
        fix=Fix.PICTURE,
    ),
    _row(
        "SAFETY.OUTPUT",
        says="The finished result did not pass the safety check.",
        charged="yes",
        why="Runway charges for it as for a finished one",
        do="Another wording may pass. The same one will not.",
        retry="changed",
        fix=Fix.PROMPT,
    ),
    _row(
        "SAFETY",
        "CONTENT_POLICY",
        "MODERATION_FAILED",
        says="The safety check refused it.",
        charged="unknown",
        why="providers differ in whether they charge for a refusal",
        do="Change the prompt or the picture. The same ones will be refused again.",
        retry="changed",
        fix=Fix.PROMPT,
        anywhere=True,
    ),
    _row(
        "INPUT_PREPROCESSING.SAFETY",
        says="The safety check refused the prompt or a picture before the video was begun.",
        charged="unknown",
        why="nobody has said whether a refusal this early is charged",
        do="Change the prompt or the picture before you try again: "
        "repeated refusals can suspend an account.",
        retry="changed",
        fix=Fix.PROMPT,
    ),
    _row(
        "INPUT_PREPROCESSING.INTERNAL",
        says="The provider stumbled while it read what you sent.",
        charged="no",
        why=_REFUNDED,
        do=f"Wait a minute. {_AGAIN}",
        retry="later",
        fix=Fix.AGAIN,
    ),
    _row(
        "INTERNAL.BAD_OUTPUT",
        says="The result was not good enough to be given out, "
        "most often because of text, logos or watermarks.",
        charged="no",
        why="0 credits in the two cases that are known",
        do="Change the picture or the prompt, then try once more. "
        "The same ones will most likely fail again.",
        retry="changed",
        fix=Fix.PICTURE,
    ),
    _row(
        "INTERNAL",
        says="The provider failed on its side.",
        charged="no",
        why=_REFUNDED,
        do=f"Wait a few minutes. {_AGAIN}",
        retry="later",
        fix=Fix.AGAIN,
    ),
    _row(
        "ASSET.INVALID",
        says="The provider can't use a picture or another file that you sent.",
        charged="no",
        why=_REFUNDED,
        do="Choose another file, such as a plain JPEG or PNG picture.",
        retry="changed",
        fix=Fix.PICTURE,
    ),
    _row(
        "THIRD_PARTY",
        says="A service behind the provider is down.",
        charged="no",
        why=_REFUNDED,
        do=f"Wait, or choose a model of another maker. {_AGAIN}",
        retry="later",
        fix=Fix.AGAIN,
    ),
    _row(
        "fail_to_fetch_task",
        "upstream_error",
        says="The relay could not get through to the service behind it.",
        charged="unknown",
        why="the service behind the relay may have begun",
        do="Look at the relay whether it was made before you pay again.",
        retry="no",
        fix=Fix.CHECK,
    ),
    _row(
        "NO_OUTPUT",
        says="The provider says that it is finished, but gives no link to the file.",
        charged="yes",
        why="a finished video is charged",
        do="Ask the provider for the file, with the id shown below.",
        retry="no",
    ),
    _row(
        "TASK_GONE",
        says="The provider does not know this video any more.",
        charged="unknown",
        why="it may have been made before it vanished",
        do="Look at the provider whether it was made and charged before you pay again.",
        retry="no",
    ),
    _row(
        WRITTEN_OFF,
        says="It was given up: nobody found out whether it was made.",
        charged="unknown",
        why="it was sent, but no answer came",
        do="The provider's list of videos or its bill may still tell.",
        retry="no",
    ),
)

ROWS = (*_TASKS, *KINDS)

NO_CODE = Advice(
    "It failed, and the provider gave no reason that is known here.",
    "unknown",
    UNTOLD,
    f"Read what the provider said. {_AGAIN}",
    "later",
    Fix.AGAIN,
)
"""For a code that is in no row, and for none."""
