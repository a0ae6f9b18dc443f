"""What can be asked of whom: profiles, models, bounds and prices, as data, and the one check against them."""

from runway_core.catalog.check import Notice, active_options, check, utf16_length, value_of
from runway_core.catalog.file_check import length_problems
from runway_core.catalog.load import catalog
from runway_core.catalog.parts import (
    AS_SENT,
    Disputed,
    MediaSpec,
    OptionSpec,
    Retired,
    Variant,
    as_text,
)
from runway_core.catalog.plans import Plan
from runway_core.catalog.price import Extra, Price, Rate, Worth
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
    "Plan",
    "Price",
    "Profile",
    "Rate",
    "Retired",
    "Variant",
    "Worth",
    "active_options",
    "as_text",
    "aspect",
    "catalog",
    "check",
    "length_problems",
    "link_problem",
    "nearest_ratio",
    "pixels_known",
    "utf16_length",
    "value_of",
]
