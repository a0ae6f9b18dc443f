"""Files that people bring and providers give: checked, cleaned, looked into, cropped. Bytes in, bytes out.

A picture is untrusted until `open_picture` has made it anew. Whatever is untrusted is decoded in a
process of its own (`apart`); what was made there, such as pictures to be cropped, in this one.
"""

from runway_core.images.apart import SECONDS, Outcome, apart
from runway_core.images.crop import crop_box, crop_preview, fit_frame
from runway_core.images.header import check_bytes, foreign, is_picture
from runway_core.images.picture import Picture, open_picture
from runway_core.images.pixels import small_jpeg

__all__ = [
    "SECONDS",
    "Outcome",
    "Picture",
    "apart",
    "check_bytes",
    "crop_box",
    "crop_preview",
    "fit_frame",
    "foreign",
    "is_picture",
    "open_picture",
    "small_jpeg",
]
