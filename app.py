"""The launcher: ``streamlit run app.py`` serves the pages, the media routes and the engine in one process.

The script that draws the pages is `runway_core/ui/main.py`. It must not lie beside `pages/`: Streamlit
would then serve a page without running it first.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from runway_core import logs
from runway_core.settings import log_choice
from runway_core.ui import serving
from runway_core.ui.streamlit_logs import take_over
from runway_core.web import auth, health, media, notices, webhooks, zips
from runway_core.web.guard import Door
from runway_core.web.lifespan import Lifespan

chosen = log_choice()
logs.configure(chosen.form, chosen.level or "INFO")
take_over()

app = st.App(
    Path(__file__).parent / "runway_core" / "ui" / "main.py",
    lifespan=Lifespan(set_up_at=serving.address() if serving.exposed() else ""),
    routes=[
        *(*auth.ROUTES, *media.ROUTES, *zips.ROUTES),
        *(*health.ROUTES, *notices.ROUTES, *webhooks.ROUTES),
    ],
    middleware=[
        Middleware(
            Door,
            hosts=serving.allow_hosts(),
            exposed=serving.exposed(),
            scripts=serving.inline_scripts(),
        )
    ],
)

if __name__ == "__main__":
    app.run()
