"""Files and frames: how many, of what kind, which exclude each other, and how long they may be."""

from __future__ import annotations

import pytest

from runway_core.catalog import ModelSpec, Profile, length_problems
from runway_core.catalog.file_check import frame_problems
from runway_core.domain import Capability, FramePosition, Media, MediaKind, Role
from tests.catalog.requests import (
    LINKS,
    OFFER_IDS,
    OFFERS,
    files,
    frame,
    good,
    needed,
    offer,
    refused,
)

WITH_FILES = [found for found in OFFERS if found[1].media]
every_offer_with_files = pytest.mark.parametrize(
    ("profile", "spec"),
    WITH_FILES,
    ids=[name for name, found in zip(OFFER_IDS, OFFERS, strict=True) if found[1].media],
)
ALEPH = offer("runway", "aleph2", "video_to_video")
ACT = offer("runway", "act_two", "character_performance")
HAILUO = offer("runway", "hailuo3")
IMAGE = offer("runway", "gen4_image", "text_to_image")


@every_offer_with_files
def test_so_many_files_pass_and_one_more_or_less_is_refused(
    profile: Profile, spec: ModelSpec
) -> None:
    for medium in spec.media:
        field, others = f"media.{medium.role}", needed(spec, medium)
        frames = () if medium.instead_of_frames else good(spec).frames
        for count, problems in ((medium.most, []), (medium.most + 1, [field])):
            sent = {"media": others + files(medium, count), "frames": frames}
            assert list(refused(profile, spec, **sent)) == problems, (medium.role, count)
        if medium.least:
            sent = {"media": others + files(medium, medium.least - 1)}
            said = refused(profile, spec, **sent)
            assert medium.title[1:] in said[field], (medium.role, said)


@every_offer_with_files
def test_each_kind_of_file_is_taken_or_refused_by_name(profile: Profile, spec: ModelSpec) -> None:
    for medium in spec.media:
        frames = () if medium.instead_of_frames else good(spec).frames
        for kind in MediaKind:
            sent = needed(spec, medium) + files(medium, 1, kind=kind)
            said = refused(profile, spec, media=sent, frames=frames)
            assert list(said) == ([] if kind in medium.kinds else [f"media.{medium.role}"])


@pytest.mark.parametrize(("profile", "spec"), OFFERS, ids=OFFER_IDS)
def test_a_file_that_the_model_knows_nothing_of_is_refused(
    profile: Profile, spec: ModelSpec
) -> None:
    for role in set(Role) - {medium.role for medium in spec.media}:
        sent = Media(role=role, kind=MediaKind.IMAGE, uri=LINKS[MediaKind.IMAGE])
        said = refused(profile, spec, media=(*needed(spec), sent))
        assert said == {f"media.{role}": f"{spec.id} takes none."}


def test_a_last_frame_alone_is_never_taken() -> None:
    both = [found for found in OFFERS if FramePosition.LAST in found[1].positions]
    assert len(both) > 6
    for profile, spec in both:
        said = refused(profile, spec, frames=(frame("last"),))
        assert said == {"frames.first": f"{spec.id} takes a last frame only after a first one."}
        assert refused(profile, spec, frames=(frame("last"), frame("first"))) == {}


def test_pictures_to_follow_come_instead_of_frames_and_never_with_them() -> None:
    for model in ("hailuo3", "seedance2", "seedance2_fast", "seedance2_mini", "seedance2_5"):
        profile, spec = offer("runway", model)
        medium = spec.medium(Role.REFERENCE)
        assert medium is not None
        pictures = files(medium, 2)
        assert refused(profile, spec, frames=(), media=pictures) == {}
        said = refused(profile, spec, media=pictures)
        assert list(said) == ["media.reference"]
        assert "either frames or these" in said["media.reference"]
        assert list(refused(profile, spec, frames=())) == ["frames.first"]


def test_a_shape_that_follows_what_is_sent_needs_something_sent() -> None:
    profile, spec = offer("runway", "hailuo3", "text_to_video")
    sound, video = spec.medium(Role.REFERENCE_AUDIO), spec.medium(Role.REFERENCE_VIDEO)
    assert sound is not None and video is not None
    for media in ((), files(sound, 1)):
        assert list(refused(profile, spec, ratio="adaptive", media=media)) == ["ratio"]
    assert refused(profile, spec, ratio="adaptive", media=files(video, 1)) == {}


@pytest.mark.parametrize("tag", ["sky", "a1_", "abcdefghijklmnop"])
def test_a_reference_may_have_a_name(tag: str) -> None:
    sent = Media(role=Role.REFERENCE, kind=MediaKind.IMAGE, uri=LINKS[MediaKind.IMAGE], tag=tag)
    assert refused(*IMAGE, media=(sent,)) == {}
    assert "the same name" in refused(*IMAGE, media=(sent, sent))["media.reference"]


@pytest.mark.parametrize("tag", ["ab", "Sky", "1sky", "_sky", "sky-blue", "a" * 17, "sky\n", "ský"])
def test_other_names_are_refused(tag: str) -> None:
    sent = Media(role=Role.REFERENCE, kind=MediaKind.IMAGE, uri=LINKS[MediaKind.IMAGE], tag=tag)
    assert "3 to 16 small letters" in refused(*IMAGE, media=(sent,))["media.reference"]
    unnamed = Media(role=Role.VIDEO, kind=MediaKind.VIDEO, uri=LINKS[MediaKind.VIDEO], tag="video")
    assert "takes no name" in refused(*ALEPH, media=(unnamed,))["media.video"]


@pytest.mark.parametrize("seconds", [0.0, 12.5, 30.0])
def test_a_keyframe_is_at_a_moment_of_the_video(seconds: float) -> None:
    sent = Media(role=Role.KEYFRAME, kind=MediaKind.IMAGE, uri=LINKS[MediaKind.IMAGE])
    good_one = sent.model_copy(update={"seconds": seconds})
    assert refused(*ALEPH, media=(*needed(ALEPH[1]), good_one)) == {}
    for wrong in (None, -0.1, 30.1, float("nan"), float("inf")):
        bad = sent.model_copy(update={"seconds": wrong})
        said = refused(*ALEPH, media=(*needed(ALEPH[1]), bad))
        assert said == {"media.keyframe": "needs its moment in the video, 0 to 30 seconds."}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2.9, "3 to 30 s"), (3, ""), (30, ""), (30.04, "3 to 30 s")],
)
def test_acting_lasts_3_to_30_seconds(seconds: float, words: str) -> None:
    spec = ACT[1]
    acting = good(spec).of_role(Role.PERFORMANCE)[0]
    said = [p.message for p in length_problems(good(spec), spec, {acting.uri: seconds})]
    assert len(said) == bool(words)
    assert all(words in message for message in said)


def test_videos_to_follow_are_counted_together() -> None:
    _, spec = offer("runway", "hailuo3", "video_to_video")
    one = Media(role=Role.VIDEO, kind=MediaKind.VIDEO, uri="https://v.example.com/1.mp4")
    more = [
        Media(role=Role.REFERENCE_VIDEO, kind=MediaKind.VIDEO, uri=f"https://v.example.com/{n}.mp4")
        for n in (2, 3)
    ]
    request = good(spec, media=(one, *more))
    fits = {one.uri: 5.0, more[0].uri: 5.0, more[1].uri: 5.0}
    assert list(length_problems(request, spec, fits)) == []
    (said,) = length_problems(request, spec, fits | {one.uri: 5.1})
    assert (said.field, said.message) == (
        "media.reference_video",
        "last 15.1 s together; at most 15 s.",
    )
    assert list(length_problems(request, spec, {one.uri: 15.0})) == []


def test_a_kept_file_is_refused_where_only_links_are_taken() -> None:
    profile, spec = HAILUO
    links_only = profile.model_copy(update={"takes_files": False})
    kept = "asset:" + "0f" * 32
    sent = Media(role=Role.REFERENCE_AUDIO, kind=MediaKind.AUDIO, uri=kept)
    said = refused(links_only, spec, frames=(frame(uri=kept),), media=(sent,))
    assert list(said) == ["frames.first", "media.reference_audio"]
    assert refused(profile, spec, frames=(frame(uri=kept),), media=(sent,)) == {}


def test_a_model_from_words_alone_says_nothing_of_missing_frames() -> None:
    _, spec = offer("runway", "gen4.5", Capability.TEXT_TO_VIDEO)
    assert list(frame_problems(good(spec), spec)) == []
