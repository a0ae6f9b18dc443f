"""Certificates are always checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import threading
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from runway_core.errors import NotReachedError
from runway_core.http import Http
from tests.http.raw_server import RawServer, always, answer


class Authority:
    """A certificate authority that lasts as long as a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self.file = folder / "authority.pem"
        own = self._sign(self.name, self.key.public_key(), authority=True)
        self.file.write_bytes(own.public_bytes(Encoding.PEM))

    def server(self, host: str, *, days: int = 1) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        cert = self._sign(name, key.public_key(), host=host, days=days)
        file = self.folder / "server.pem"
        file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + cert.public_bytes(Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        host: str = "",
        authority: bool = False,
        days: int = 1,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=10))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if host:
            try:
                alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
            except ValueError:
                alternative = x509.DNSName(host)
            names = x509.SubjectAlternativeName([alternative])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def post(server: RawServer, host: str) -> int:
    async def run() -> int:
        async with Http(private_hosts=frozenset({(host, server.port)})) as http:
            url = f"https://{host}:{server.port}/v1/x"
            reply = await http.request("POST", url, json={"a": 1}, deadline=5, once=True)
            return reply.status

    return asyncio.run(run())


def refused(server: RawServer, host: str) -> NotReachedError:
    with pytest.raises(NotReachedError) as caught:
        post(server, host)
    assert server.requests == []
    return caught.value


def test_a_trusted_certificate_is_accepted_with_the_name_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with RawServer(always(answer()), tls=authority.server("localhost")) as server:
        assert post(server, "localhost") == 200
        assert server.requests[0].header("host") == f"localhost:{server.port}"


def test_a_certificate_of_nobody_we_trust_is_refused(tmp_path: Path) -> None:
    with RawServer(always(answer()), tls=Authority(tmp_path).server("127.0.0.1")) as server:
        error = refused(server, "127.0.0.1")
    assert "certificate isn't trusted" in str(error)
    assert error.outcome == "not_sent"
    assert not error.retryable


@pytest.mark.parametrize(("host", "days"), [("other.example", 1), ("localhost", -1)])
def test_a_wrong_or_old_certificate_is_refused(
    host: str, days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with RawServer(always(answer()), tls=authority.server(host, days=days)) as server:
        assert "certificate isn't trusted" in str(refused(server, "localhost"))


def only_old(context: ssl.SSLContext) -> ssl.SSLContext:
    """One that speaks TLS 1.1, of 2006, and nothing newer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of it, as it should
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def test_encryption_of_an_old_kind_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with RawServer(always(answer()), tls=only_old(authority.server("localhost"))) as server:
        refused(server, "localhost")
        careless = only_old(ssl.create_default_context(cafile=authority.file))
        raw = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        with careless.wrap_socket(raw, server_hostname="localhost") as connection:
            assert connection.version() == "TLSv1.1"


def test_a_server_without_encryption_is_not_reached() -> None:
    def greets(sock: socket.socket) -> None:
        with sock.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=greets, args=(listener,))
        thread.start()

        async def run() -> None:
            async with Http(private_hosts=frozenset({("127.0.0.1", port)})) as http:
                await http.request("POST", f"https://127.0.0.1:{port}/", deadline=5)

        with pytest.raises(NotReachedError) as caught:
            asyncio.run(run())
        thread.join()
    assert caught.value.retryable
