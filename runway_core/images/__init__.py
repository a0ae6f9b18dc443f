"""Pictures that people bring: checked, cleaned, cropped to a video's shape. Bytes in, bytes out, no files.

A picture is untrusted until `open_picture` has made it anew. The decoders are called one by one and
by class: ``Image.open`` would guess among many formats and guard the number of pixels with one
setting for the whole process, and Python's filter of warnings can't be changed for one thread.
"""

from runway_core.images.crop import crop_box, crop_preview, fit_frame
from runway_core.images.header import foreign, is_picture
from runway_core.images.picture import Picture, open_picture

__all__ = [
    "Picture",
    "crop_box",
    "crop_preview",
    "fit_frame",
    "foreign",
    "is_picture",
    "open_picture",
]
