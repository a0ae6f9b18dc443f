"""Doitong as its pages describe it: GraphQL, REST, signed webhooks, rate-limit headers.

Sources: doitong.com/tr/developers/api/runway, doitong.com/ko/developers/api/runway and
doitong.com/ms/developers/api/runway-i2v. They show no schema, no status call and no failed task; what is
here of those is assumed and said to be where it stands.
"""

from runway_core.sandbox.doitong.face import routes
from runway_core.sandbox.doitong.jobs import STYLE, webhook

__all__ = ["STYLE", "routes", "webhook"]
