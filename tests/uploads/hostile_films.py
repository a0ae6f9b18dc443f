"""Videos and sounds that are none, lie, are built to break what reads them, or are merely odd."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache

from runway_core.domain import MediaKind
from tests.shelf import MP4, video
from tests.sounds import sound
from tests.uploads.hostile_pictures import bomb, squeezed
from tests.uploads.parts import box, id3, id3_frame, patched, tone, within

_MOOV = within(MP4, b"moov")
_HEAD = MP4[: MP4.index(_MOOV)]
_MVHD, _TRAK = within(_MOOV, b"mvhd"), within(_MOOV, b"trak")
_WAV = sound()
_ALL = b"\xff\xff\xff\xff"

Case = tuple[MediaKind, Callable[[], bytes], str | None]
"""What it is brought as, how to make it, and words of its refusal; empty when it is kept; None when either may be."""


def movie(*parts: bytes) -> bytes:
    return _HEAD + box(b"moov", _MVHD, *parts)


def nested(kind: bytes, depth: int) -> bytes:
    heads = (struct.pack(">I", 8 * (depth - level)) + kind for level in range(depth))
    return b"".join(heads)


def squeezed_head(*, said: int) -> bytes:
    body = struct.pack(">I", said) + squeezed(100_000_000)
    head = box(b"moov", box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", body)))
    return box(b"ftyp", b"qt  ", bytes(4)) + head + box(b"mdat", bytes(8))


def fragments() -> bytes:
    run = box(b"trun", struct.pack(">II", 0, 0xFFFFFFFF))
    fragment = box(b"moof", box(b"traf", box(b"tfhd", bytes(7) + b"\1"), run))
    return video(options={"movflags": "frag_keyframe+empty_moov"}) + fragment * 2000


def webm(*, side: int = 0) -> bytes:
    """A WebM; its picture says it has that many pixels a side (RFC 6386, 9.1)."""
    data = _plain_webm()
    return patched(data, b"\x9d\x01\x2a", 0, struct.pack("<HH", side, side)) if side else data


@cache
def _plain_webm() -> bytes:
    return video("webm", codec="libvpx", frames=24)


def mp3(*notes: bytes) -> bytes:
    data = tone("mp3", "libmp3lame")
    return id3(*notes) + data[data.index(b"\xff\xfb") :]


def wav_of_many_parts(megabytes: int) -> bytes:
    """Each part costs its reader a look at the file."""
    return _WAV[:12] + (b"junk" + bytes(4)) * (megabytes * 125_000) + _WAV[12:]


def flac_of_2_to_36_samples() -> bytes:
    data = tone("flac", "flac")
    return data[:21] + bytes([data[21] | 15]) + _ALL + data[26:]


def picture_of_a_bomb() -> bytes:
    return id3_frame(b"APIC", b"\0image/png\0\3\0" + bomb())


DAMAGED = "is damaged or incomplete; save it again as MP4."
INCOMPLETE = "is incomplete: its end is missing."
MEMORY = "needs too much memory to be read; make it smaller."
V, A = MediaKind.VIDEO, MediaKind.AUDIO

FILMS: dict[str, Case] = {
    "an MP4 of 40 bytes": (V, lambda: MP4[:40], "is incomplete"),
    "half an MP4": (V, lambda: MP4[: len(MP4) // 2], INCOMPLETE),
    "an MP4 without its last byte": (V, lambda: MP4[:-1], INCOMPLETE),
    "an MP4 with a part of 4 bytes": (V, lambda: MP4 + b"\0\0\0\4free", INCOMPLETE),
    "an MP4 with a ZIP behind it": (V, lambda: MP4 + b"PK\5\6" + bytes(18), INCOMPLETE),
    "an MP4 with a script in it": (V, lambda: MP4 + box(b"free", b"<script>x</script>"), ""),
    "an MP4 of a million parts": (V, lambda: MP4 + box(b"free") * 1_000_000, INCOMPLETE),
    "100,000 tracks": (V, lambda: movie(_TRAK, box(b"trak") * 100_000), None),
    "3,000 whole tracks": (V, lambda: movie(_TRAK * 3000) + box(b"mdat"), None),
    "parts in parts, 20,000 deep": (V, lambda: movie(nested(b"udta", 20_000), _TRAK), "incomplete"),
    "5,000 heads in a head": (V, lambda: MP4[: -len(_MOOV)] + box(b"moov", _MOOV * 5000), None),
    "2^32 frames, said": (V, lambda: patched(MP4, b"stsz", 8, _ALL), DAMAGED),
    "2^32 frames of a byte, said": (V, lambda: patched(MP4, b"stsz", 4, b"\0\0\0\1" + _ALL), None),
    "a frame of 2^32 ticks": (V, lambda: patched(MP4, b"stts", 8, _ALL + bytes(4)), None),
    "2^32 lengths, said": (V, lambda: patched(MP4, b"stts", 4, _ALL), MEMORY),
    "frames beyond the end": (V, lambda: patched(MP4, b"stco", 8, _ALL), "can't be played here"),
    "no length": (
        V,
        lambda: patched(patched(MP4, b"mvhd", 16, bytes(4)), b"mdhd", 16, bytes(4)),
        "",
    ),
    "no ticks a second": (
        V,
        lambda: patched(patched(MP4, b"mvhd", 12, bytes(4)), b"mdhd", 12, bytes(4)),
        None,
    ),
    "2^32 ticks long": (V, lambda: patched(MP4, b"mvhd", 16, _ALL), ""),
    "a head that says 65535 × 65535": (V, lambda: patched(MP4, b"avc1", 24, _ALL), None),
    "frames in another file": (
        V,
        lambda: MP4.replace(b"url \0\0\0\1", b"url \0\0\0\0"),
        None,
    ),
    "a squeezed head of 4 GB, said": (V, lambda: squeezed_head(said=0xFFFFFFF0), MEMORY),
    "a squeezed head of 100 MB": (V, lambda: squeezed_head(said=100_000_000), DAMAGED),
    "2,000 false fragments": (V, fragments, None),
    "many large frames to remember": (V, lambda: video(size=(1920, 1080), frames=18), ""),
    "a WebM of 60 bytes": (V, lambda: webm()[:60], DAMAGED),
    "a third of a WebM": (V, lambda: webm()[: len(webm()) // 3], None),
    "two thirds of a WebM": (V, lambda: webm()[: len(webm()) * 2 // 3], None),
    "a WebM whose picture says 16383 × 16383": (V, lambda: webm(side=16_383), None),
    "a WebM whose picture says 6300 × 6300": (V, lambda: webm(side=6300), None),
    "a WebM with a part of 2^56 bytes": (
        V,
        lambda: webm()[:40] + b"\xec\x01" + b"\xff" * 6 + b"\xfe" + webm()[40:],
        None,
    ),
    "a WebM of 3 million parts": (V, lambda: webm() + b"\xec\x80" * 3_000_000, None),
    "a list of other files": (V, lambda: b"#EXTM3U\nfile:///etc/passwd\n", "that is not known"),
    "a WAV of 4 GB, said": (A, lambda: patched(_WAV, b"data", 0, _ALL), None),
    "a WAV of no channels": (A, lambda: patched(_WAV, b"fmt ", 6, bytes(2)), None),
    "a WAV of 65535 channels": (A, lambda: patched(_WAV, b"fmt ", 6, b"\xff\xff"), None),
    "a WAV at no speed": (A, lambda: patched(_WAV, b"fmt ", 8, bytes(4)), None),
    "a WAV at 2^32 samples a second": (A, lambda: patched(_WAV, b"fmt ", 8, _ALL), None),
    "a WAV without its head": (A, lambda: _WAV[:12] + _WAV[36:], "save it again as MP3."),
    "a WAV of 500,000 parts": (A, lambda: wav_of_many_parts(4), None),
    "an MP3 whose notes are 256 MB, said": (A, lambda: b"ID3\4\0\0\x7f\x7f\x7f\x7f" + mp3(), None),
    "an MP3 of notes only": (A, lambda: id3(bytes(5000)), "save it again as MP3."),
    "an MP3 with a bomb on its sleeve": (A, lambda: mp3(picture_of_a_bomb()), ""),
    "an MP3 with 100,000 chapters": (
        A,
        lambda: mp3(id3_frame(b"CHAP", b"abc\0" + bytes(16)) * 100_000),
        None,
    ),
    "an MP3 of one frame and zeros": (A, lambda: b"\xff\xfb\x90\x64" + bytes(9_000_000), None),
    "a FLAC of 2^36 samples, said": (A, flac_of_2_to_36_samples, None),
    "a million empty frames of AAC": (A, lambda: b"\xff\xf1\x50\x80\0\0\xfc" * 1_000_000, None),
}
