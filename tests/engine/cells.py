"""The faults of the table, as answers on a socket, and which operation can meet which of them."""

from __future__ import annotations

from pathlib import Path

from runway_core.catalog import catalog
from runway_core.domain import Connection
from runway_core.policy import TABLE, Cell, Fault, Operation
from tests.engine.faulty import Bench, Provider
from tests.http.raw_server import Connection as Line
from tests.http.raw_server import Handler, Request, answer
from tests.http.test_tls import Authority

ASKED = 7.0
"""Seconds that the servers ask to wait with a 429."""


def told(status: str, body: str = '{"error": "no"}', *headers: str) -> Handler:
    return lambda line, _: line.send(answer(body, status, *headers))


def reset(line: Line, _: Request) -> None:
    line.reset()


def unusable(line: Line, _: Request) -> None:
    line.send(answer("<html><h1>Welcome</h1></html>", kind="text/html"))


ANSWERS: dict[Fault, Handler | None] = {
    Fault.NOT_REACHED: None,
    Fault.CERTIFICATE: unusable,  # by a server that nobody trusts, so it is never sent
    Fault.NO_ANSWER: reset,
    Fault.UNUSABLE: unusable,
    Fault.INVALID: told("400 Bad Request", '{"error": "Validation of body failed"}'),
    Fault.KEY: told("401 Unauthorized"),
    Fault.CREDIT: told("402 Payment Required"),
    Fault.FORBIDDEN: told("403 Forbidden"),
    Fault.NO_TASK: told("404 Not Found", '{"error": "Could not find Task"}'),
    Fault.TIMED_OUT: told("408 Request Timeout"),
    Fault.CONFLICT: told("409 Conflict"),
    Fault.OTHER_BODY: told("422 X", '{"message": "Idempotency-Key was used for another body"}'),
    Fault.LIMIT: told("429 X", '{"error": "slow down"}', f"Retry-After: {ASKED:.0f}"),
    Fault.DAY: told("429 X", '{"error": "Your daily generation limit is used up"}'),
    Fault.SERVER: told("502 Bad Gateway"),
    Fault.UNAVAILABLE: told("503 Service Unavailable"),
    Fault.OVERLOADED: told("503 Service Unavailable"),
    Fault.MOVED: told("308 Permanent Redirect", "", "Location: https://elsewhere.example/"),
    Fault.LINK_GONE: told("403 Forbidden", "<Error>Request has expired</Error>"),
    Fault.NOT_OFFERED: told("400 X", '{"errors": [{"message": "Cannot query field \\"x\\""}]}'),
    Fault.HELD_BACK: unusable,  # never asked: our own gate lets nothing out
}
USUAL = frozenset(ANSWERS) - {
    *(Fault.OTHER_BODY, Fault.OVERLOADED, Fault.LINK_GONE, Fault.NOT_OFFERED, Fault.HELD_BACK)
}
ON_THE_WIRE: dict[Operation, frozenset[Fault]] = {
    Operation.PROVEN: USUAL | {Fault.OTHER_BODY},
    Operation.CREATE: USUAL | {Fault.OTHER_BODY, Fault.OVERLOADED},
    Operation.PREPARE: USUAL,
    Operation.LOOK: USUAL | {Fault.HELD_BACK, Fault.NOT_OFFERED},
    Operation.CANCEL: (USUAL | {Fault.NOT_OFFERED}) - {Fault.CERTIFICATE},
    Operation.DOWNLOAD: frozenset(
        {
            *(Fault.NOT_REACHED, Fault.CERTIFICATE, Fault.NO_ANSWER, Fault.UNUSABLE),
            *(Fault.LINK_GONE, Fault.TIMED_OUT, Fault.CONFLICT, Fault.LIMIT),
            *(Fault.SERVER, Fault.UNAVAILABLE),
        }
    ),
    Operation.BALANCE: USUAL,
}
"""Which faults an answer to each operation can be; the others are met by none, or not on a socket."""
CELLS = [(fault, operation) for operation, met in ON_THE_WIRE.items() for fault in sorted(met)]
SENT_ONCE = {
    *(Fault.CREDIT, Fault.FORBIDDEN, Fault.INVALID, Fault.NO_TASK, Fault.KEY, Fault.DAY),
    *(Fault.MOVED, Fault.OTHER_BODY, Fault.CERTIFICATE),
}
"""By hand, from the rule of paid creates: what is never sent a second time by itself."""
UNKNOWN = {
    *(Fault.NO_ANSWER, Fault.UNUSABLE, Fault.TIMED_OUT, Fault.CONFLICT),
    *(Fault.SERVER, Fault.UNAVAILABLE),
}
"""And so may have been paid: only with a key that is proven is it sent again."""


class Case:
    """One cell's fault, made for as long as it is asked."""

    def __init__(
        self, bench: Bench, fault: Fault, operation: Operation, folder: Path, authority: Authority
    ) -> None:
        self.bench, self.fault, self.operation = bench, fault, operation
        self.cell: Cell = getattr(TABLE[fault], operation.value)
        bench.tools.scale = 0.001 if operation is Operation.PROVEN else 1.0
        tls = None
        if fault is Fault.NOT_REACHED:
            tls = authority.server("127.0.0.1")
        elif fault is Fault.CERTIFICATE:
            tls = Authority(folder).server("127.0.0.1")
        kind = Operation.CREATE if operation is Operation.PROVEN else operation
        self.server = Provider(kind, ANSWERS[fault], clock=bench.clock, tls=tls)
        self.asked = self.server.asked[kind]
        self.profile = self._profile()

    def _profile(self) -> str:
        doitong = self.operation is Operation.PROVEN or self.fault in (
            Fault.OTHER_BODY,
            Fault.NOT_OFFERED,
        )
        if self.operation is Operation.BALANCE or self.fault is Fault.OVERLOADED:
            return "runway"
        return "doitong" if doitong else "sandbox"

    @property
    def floor(self) -> float:
        return catalog().profile(self.profile).poll_floor

    def connect(self) -> Connection:
        options = {"same_key": "proven"} if self.operation is Operation.PROVEN else {}
        if self.fault is Fault.HELD_BACK:
            options |= {"requests_a_minute": "1"}
        url = self.server.url
        return self.bench.connect(url, profile=self.profile, **options)

    @property
    def count(self) -> int:
        """How often it was tried; whoever is not trusted is told nothing, and sees only connections."""
        if self.fault is Fault.CERTIFICATE:
            assert self.server.requests == []
            return self.server.connections
        return len(self.asked)

    def gaps(self) -> list[float]:
        return [(b - a).total_seconds() for a, b in zip(self.asked, self.asked[1:], strict=False)]
