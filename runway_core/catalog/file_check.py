"""The part of the check that looks at frames and files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from runway_core.catalog.parts import KEYFRAME_MOST, TAG, TAG_LENGTH, MediaSpec
from runway_core.catalog.spec import ModelSpec, Profile
from runway_core.catalog.uris import uri_problem
from runway_core.domain import FramePosition, GenerationRequest, Media, MediaKind, Role
from runway_core.errors import Problem


def frame_problems(request: GenerationRequest, spec: ModelSpec) -> Iterator[Problem]:
    """What is wrong with the pictures that fix frames."""
    positions = [frame.position for frame in request.frames]
    first, last = FramePosition.FIRST, FramePosition.LAST
    if last in positions and first not in positions and last in spec.offered_positions():
        yield Problem("frames.first", f"{spec.id} takes a last frame only after a first one.")
    elif len(positions) < spec.frames_min and not _instead(request, spec):
        yield Problem("frames.first", f"{spec.id} needs a picture to start from.")
    for position in sorted(set(positions)):
        if position not in spec.offered_positions():
            takes = "no picture" if not spec.positions else "only a first frame"
            yield Problem(f"frames.{position}", f"{spec.id} takes {takes}.")
        if positions.count(position) > 1:
            yield Problem(f"frames.{position}", "there can be only one.")
    for frame in request.frames:
        message = uri_problem(frame.uri, MediaKind.IMAGE)
        if message:
            yield Problem(f"frames.{frame.position}", message)


def media_problems(request: GenerationRequest, spec: ModelSpec) -> Iterator[Problem]:
    """What is wrong with the files that fix no frame."""
    for medium in spec.media:
        given = len(request.of_role(medium.role))
        if given < medium.least:
            yield Problem(f"media.{medium.role}", f"{spec.id} needs it: {_in_words(medium)}.")
        if given > medium.most:
            yield Problem(f"media.{medium.role}", f"has {given} files; at most {medium.most}.")
        if given and medium.instead_of_frames and request.frames:
            message = f"{spec.id} takes either frames or these: {_in_words(medium)}. Take one away."
            yield Problem(f"media.{medium.role}", message)
    for sent in request.media:
        known = spec.medium(sent.role)
        message = _problem(sent, known) if known else f"{spec.id} takes none."
        if message:
            yield Problem(f"media.{sent.role}", message)
    tags = [sent.tag for sent in request.of_role(Role.REFERENCE) if sent.tag]
    if len(tags) != len(set(tags)):
        yield Problem("media.reference", "two pictures have the same name; give each its own.")


def link_only_problems(request: GenerationRequest, profile: Profile) -> Iterator[Problem]:
    """Files sent where only links can be."""
    if profile.takes_files:
        return
    message = f"{profile.title} takes only a link that begins with https://, not a file."
    for frame in request.frames:
        if frame.uri.startswith(("asset:", "data:")):
            yield Problem(f"frames.{frame.position}", message)
    for sent in request.media:
        if sent.uri.startswith(("asset:", "data:")):
            yield Problem(f"media.{sent.role}", message)


def length_problems(
    request: GenerationRequest, spec: ModelSpec, lengths: Mapping[str, float]
) -> Iterator[Problem]:
    """Which videos and sounds are too short or too long; `lengths` are seconds by URI, as far as known."""
    for sent in request.media:
        medium, lasts = spec.medium(sent.role), lengths.get(sent.uri)
        if medium and medium.seconds and lasts is not None:
            least, most = medium.seconds
            if not least <= lasts <= most:
                must = f"{least:g} to {most:g} s" if least else f"{most:g} s at most"
                yield Problem(f"media.{sent.role}", f"lasts {lasts:.1f} s; it must last {must}.")
    for medium in spec.media:
        if medium.seconds_in_all is not None:
            alike = [m for m in request.media if m.kind in medium.kinds]
            whole = sum(lengths.get(m.uri, 0) for m in alike)
            if len(alike) > 1 and whole > medium.seconds_in_all:
                says = f"last {whole:.1f} s together; at most {medium.seconds_in_all:g} s."
                yield Problem(f"media.{medium.role}", says)


def _instead(request: GenerationRequest, spec: ModelSpec) -> bool:
    return any(m.instead_of_frames and request.of_role(m.role) for m in spec.media)


def _in_words(medium: MediaSpec) -> str:
    return medium.title[0].lower() + medium.title[1:]


def _problem(sent: Media, known: MediaSpec) -> str:
    if sent.kind not in known.kinds:
        return f"must be {' or '.join(known.kinds)}, not {sent.kind}."
    least, most = TAG_LENGTH
    if sent.tag and not (re.fullmatch(TAG, sent.tag) and least <= len(sent.tag) <= most):
        return "must have a name of 3 to 16 small letters, digits or _, beginning with a letter."
    if sent.tag and known.shape != "tagged-list":
        return "takes no name."
    moment = -1 if sent.seconds is None else sent.seconds
    if known.shape == "keyframes" and not 0 <= moment <= KEYFRAME_MOST:
        return f"needs its moment in the video, 0 to {KEYFRAME_MOST} seconds."
    return uri_problem(sent.uri, sent.kind)
