"""Has Streamlit's own lines go through our log.

Streamlit gives each of its loggers a console handler and cuts it off from the root, also those that it
makes while it runs, and its settings can only change their format. So its one function that does that is
replaced; a test on a running app fails should a later release do it elsewhere.
"""

from __future__ import annotations

import logging

import streamlit.logger

from runway_core import logs


def take_over() -> None:
    """Do it for the loggers that there are and for those to come."""
    streamlit.logger.setup_formatter = _speak_through_ours
    streamlit.logger.update_formatter()
    logging.getLogger("streamlit").setLevel(logging.INFO)


def _speak_through_ours(logger: logging.Logger) -> None:
    logs.adopt(logger)
    logger.propagate = True
    logger.setLevel(logging.NOTSET)
