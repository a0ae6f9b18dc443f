"""The real app behind a proxy that ends TLS, as browsers elsewhere see it."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import Morsel, SimpleCookie
from pathlib import Path

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from runway_core.people import Role
from tests.browser.conftest import App
from tests.http.test_tls import Authority
from tests.web.tls_proxy import TlsProxy

HOST = "desk.test"
PASSWORD = "four unrelated quiet words"


@dataclass
class Site:
    """The app as browsers elsewhere see it."""

    app: App
    port: int
    trust: ssl.SSLContext

    @property
    def origin(self) -> str:
        return f"https://{HOST}:{self.port}"

    def ask(self, method: str, path: str, **headers: str) -> httpx.Response:
        return self.send(method, path, b"", **headers)

    def send(self, method: str, path: str, content: bytes, **headers: str) -> httpx.Response:
        with httpx.Client(verify=self.trust, trust_env=False, timeout=20) as client:
            return client.request(
                method,
                f"https://127.0.0.1:{self.port}{path}",
                content=content,
                headers={"Host": f"{HOST}:{self.port}", **headers},
                extensions={"sni_hostname": HOST},
            )

    def sign_in(self, name: str = "ann", *, held: str = "") -> tuple[Morsel[str], Morsel[str]]:
        """The cookie that a browser gets with its first page, and that of the session it then completes.

        `held` is the session that the browser is in already.
        """
        browser = only(self.ask("GET", "/"), "__Host-desk-browser")
        studio = self.app.studio()
        code = studio.sign_in.code_for(studio.people.by_name(name), browser.value)
        studio.close()
        sent = f"{browser.key}={browser.value}" + (f"; __Host-desk={held}" if held else "")
        asked = {"Origin": self.origin, "Cookie": sent}
        answer = self.send("POST", "/auth/complete", f'{{"code": "{code}"}}'.encode(), **asked)
        assert answer.status_code == 204, answer.text
        return browser, only(answer, "__Host-desk")

    def page(self, *, origin: str = "", cookie: str = "") -> str:
        """What the live connection draws first, as far as text goes."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        with connect(
            f"wss://{HOST}:{self.port}/_stcore/stream",
            sock=raw,
            ssl=self.trust,
            server_hostname=HOST,
            origin=Origin(origin or self.origin),
            additional_headers={"Cookie": cookie} if cookie else None,
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
        ) as live:
            live.send(BackMsg(rerun_script=ClientState()).SerializeToString())
            drawn = b""
            while not re.search(rb"Generate|Sign in|Set up Runway Desk", drawn):
                message = live.recv(timeout=20)
                assert isinstance(message, bytes)
                drawn += message
        return drawn.decode("utf-8", "replace")


def cookies(answer: httpx.Response) -> dict[str, Morsel[str]]:
    found = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        found.load(line)
    return dict(found)


def only(answer: httpx.Response, name: str) -> Morsel[str]:
    found = cookies(answer)
    assert name in found, found
    return found[name]


@contextmanager
def serving(folder: Path, authority: Authority, **people: Role) -> Iterator[Site]:
    """The app on a new home with these people, behind its proxy."""
    folder.mkdir()
    (folder / "home").mkdir(mode=0o700)
    app = App(folder / "home")
    app.environment["RUNWAY_HOSTS"] = HOST
    studio = app.studio()
    for name, role in people.items():
        studio.people.add(name, role=role, password=PASSWORD)
    studio.close()
    app.start()
    proxy = TlsProxy(authority.server(HOST), to=app.port)
    try:
        yield Site(app, proxy.port, ssl.create_default_context(cafile=authority.file))
    finally:
        proxy.close()
        app.stop()
