"""A real SMTP server and a real HTTP gateway (post), in threads of their own."""

from __future__ import annotations

import datetime
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from socket import socket

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = "127.0.0.1"


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate for 127.0.0.1 that nobody but us trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HERE))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "post.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@dataclass
class Mailbox:
    """What an SMTP server took, and what it is to answer: address -> reply to RCPT or DATA."""

    answers: dict[str, str] = field(default_factory=dict)
    after: str = "250 OK"
    slow: float = 0
    taken: list = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        time.sleep(self.slow)
        if self.after.startswith("2"):
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.after


def _login(server, session, envelope, mechanism, data):
    known = isinstance(data, LoginPassword) and data == LoginPassword(b"us", b"p@ss/word")
    return AuthResult(success=known, handled=False)  # the server itself answers a refusal


@contextmanager
def smtp(
    pem: Path | None = None,
    at_once: bool = False,
    login: bool = False,
    mailbox: Mailbox | None = None,
) -> Iterator[Mailbox]:
    """A mail server; with TLS when there is a certificate."""
    mailbox, more = mailbox or Mailbox(), {}
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        more = {"ssl_context": context} if at_once else {"tls_context": context}
        if not at_once:
            more["require_starttls"] = True
    if login:
        more |= {"authenticator": _login, "auth_required": True, "auth_require_tls": not at_once}
    with socket() as free:  # the controller itself must know its number
        free.bind((HERE, 0))
        mailbox.port = free.getsockname()[1]
    controller = Controller(mailbox, hostname=HERE, port=mailbox.port, **more)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


@dataclass
class Gateway:
    """What an HTTP gateway was sent, and the status it answers with."""

    status: int = 200
    slow: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    taken: list = field(default_factory=list)
    url: str = ""


@contextmanager
def http() -> Iterator[Gateway]:
    gateway = Gateway()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(gateway.slow)
            gateway.taken.append((dict(self.headers), json.loads(body)))
            self.send_response(gateway.status)
            for name, value in gateway.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer((HERE, 0), Answers)
    threading.Thread(target=server.serve_forever).start()
    gateway.url = f"http://{HERE}:{server.server_port}/send"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
