"""What can be asked of whom: profiles, models, bounds and prices, as data, and the one check against them."""

from runway_core.catalog.check import Notice, active_options, check, utf16_length, value_of
from runway_core.catalog.load import catalog
from runway_core.catalog.parts import (
    AS_SENT,
    Disputed,
    Extra,
    MediaSpec,
    OptionSpec,
    Price,
    Rate,
    Retired,
)
from runway_core.catalog.ratios import aspect, nearest_ratio, pixels_known
from runway_core.catalog.spec import Catalog, ModelSpec, Profile
from runway_core.catalog.uris import DATA_URI_MAX, UPLOAD_MAX, URL_MAX, link_problem

__all__ = [
    "AS_SENT",
    "DATA_URI_MAX",
    "UPLOAD_MAX",
    "URL_MAX",
    "Catalog",
    "Disputed",
    "Extra",
    "MediaSpec",
    "ModelSpec",
    "Notice",
    "OptionSpec",
    "Price",
    "Profile",
    "Rate",
    "Retired",
    "active_options",
    "aspect",
    "catalog",
    "check",
    "link_problem",
    "nearest_ratio",
    "pixels_known",
    "utf16_length",
    "value_of",
]
