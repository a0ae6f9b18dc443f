"""The live connection of a page, spoken as a browser speaks it, and by those who are no browser."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

TIMEOUT = 30.0


class Tab:
    """One open page."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    def ask(self, page: str = "", **asked: Any) -> None:
        """Ask for a run, of a page or of something that a client makes up; the server may not answer at all."""
        message = BackMsg()
        message.rerun_script.CopyFrom(ClientState(page_name=page, **asked))
        self._connection.send(message.SerializeToString())

    def show(self, page: str = "", **asked: Any) -> str:
        """Ask for a run; all that the server has sent until it is done with that one, as text."""
        self.ask(page, **asked)
        found = []
        while True:
            raw = self._connection.recv(TIMEOUT)
            assert isinstance(raw, bytes)
            said = ForwardMsg.FromString(raw)
            found.append(str(said))
            if said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY and said.HasField(
                "script_finished"
            ):
                return "\n".join(found)


@contextmanager
def tab(port: int, *, origin: str = "", cookie: str = "", host: str = "localhost") -> Iterator[Tab]:
    """Connect to a server on this machine, under some name, from some page and with some cookie."""
    with (
        socket.create_connection(("127.0.0.1", port), TIMEOUT) as way,
        connect(
            f"ws://{host}:{port}/_stcore/stream",
            sock=way,
            origin=Origin(origin or f"http://{host}:{port}"),
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": cookie},
            proxy=None,
            max_size=None,
            open_timeout=TIMEOUT,
        ) as connection,
    ):
        yield Tab(connection)


def fragments(shown: str) -> list[str]:
    """The parts of a page that can be drawn alone."""
    return sorted({part.split('"')[0] for part in shown.split('fragment_id: "')[1:]})
