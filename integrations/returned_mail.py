"""Letters that come back (returpost): read from a mailbox by IMAP, told from all other mail.

A server that could not deliver says so in a report (RFC 3464) that holds the headers of what it
tried; our Message-ID there is the delivery's own. Anything else in the box is left as it is.
"""

from __future__ import annotations

import email
import email.policy
import imaplib
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from urllib.parse import parse_qs, unquote, urlsplit

from integrations.letter import Unreachable

TIMEOUT = 20  # seconds for each answer of the server
MOST_AT_ONCE = 200
PORTS = {"imap": 143, "imaps": 993}


class BadMailboxSettings(ValueError):
    """MEDSPEL_IMAP cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A letter that was not delivered. uid: the delivery's. for_good: the address takes none."""

    uid: str
    for_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnBox:
    """The mailbox of the sender's address. `imap://` asks for STARTTLS unless `?tls=no`."""

    host: str
    port: int
    tls: str
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    authority: str | None = None

    @classmethod
    def parse(cls, url: str) -> ReturnBox:
        """`imaps://user:password@host:993/INBOX`, `imap://…`; `?tls=no`, `?ca=/path/to/ca.pem`.

        Raises: BadMailboxSettings.
        """
        parts, asked = urlsplit(url), parse_qs(urlsplit(url).query)
        try:
            port = parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:
            raise BadMailboxSettings("MEDSPEL_IMAP has no port we can use") from None
        if parts.scheme not in PORTS or not parts.hostname or not parts.username:
            raise BadMailboxSettings("MEDSPEL_IMAP must look like imaps://user:password@host:993")
        tls = "at once" if parts.scheme == "imaps" else "after greeting"
        return cls(
            host=parts.hostname,
            port=port,
            tls="no" if asked.get("tls") == ["no"] else tls,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            authority=asked.get("ca", [None])[0],
        )

    @contextmanager
    def returned(self) -> Iterator[list[Returned]]:
        """What has come back since the last time. It counts as read when the block ends well,
        so that a process killed in it reads the same once more.

        Raises: Unreachable.
        """
        with self._connected() as server:
            numbers = _said(server.uid("SEARCH", "UNSEEN"))[0].split()[:MOST_AT_ONCE]
            read = [(number, _report(server, number)) for number in numbers]
            mine = [(number, found) for number, found in read if found]
            yield [one for _, found in mine for one in found]
            for number, _ in mine:
                _said(server.uid("STORE", number.decode(), "+FLAGS", "(\\Seen)"))

    def look(self) -> None:
        """Open the mailbox and close it again. Raises: Unreachable."""
        with self._connected():
            pass

    @contextmanager
    def _connected(self) -> Iterator[imaplib.IMAP4]:
        try:
            context = ssl.create_default_context(cafile=self.authority)
            if self.tls == "at once":
                server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                    self.host, self.port, ssl_context=context, timeout=TIMEOUT
                )
            else:
                server = imaplib.IMAP4(self.host, self.port, timeout=TIMEOUT)
        except (imaplib.IMAP4.error, OSError) as fault:
            raise Unreachable(type(fault).__name__) from None
        try:
            if self.tls == "after greeting":
                server.starttls(context)
            server.login(self.user, self.password)
            _said(server.select(f'"{self.folder}"'))
            yield server
        except (imaplib.IMAP4.error, OSError) as fault:
            raise Unreachable(type(fault).__name__) from None
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()


def _said(answer: tuple[str, list[bytes | None]]) -> list[bytes]:
    status, lines = answer
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    return [line or b"" for line in lines]


def _report(server: imaplib.IMAP4, number: bytes) -> list[Returned]:
    status, parts = server.uid("FETCH", number.decode(), "(BODY.PEEK[])")
    if status != "OK":
        raise imaplib.IMAP4.error(status)
    raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
    return list(read_report(raw))


def read_report(raw: bytes) -> Iterator[Returned]:
    """What a message says has not been delivered; nothing, when it is no such report."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    if message.get_content_type() != "multipart/report":
        return
    parts = list(message.walk())
    failed = [one for one in _recipients(parts) if _first(one["Action"]) == "failed"]
    uid = _uid(parts)
    if failed and uid:
        yield Returned(uid, any(_first(one["Status"]).startswith("5") for one in failed))


def _recipients(parts: Iterable[Message]) -> Iterator[Message]:
    """The blocks of a delivery report that tell of one recipient each."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            blocks = [one for one in part.get_payload() if isinstance(one, Message)]
            yield from (one for one in blocks if one["Final-Recipient"])


def _uid(parts: list[EmailMessage]) -> str:
    """The delivery's own, out of the Message-ID of the letter that came back."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            letter: Message = email.message_from_string(str(part.get_content()))
        elif kind == "message/rfc822":
            letter = part.get_payload(0)  # type: ignore[assignment]
        else:
            continue
        return str(letter["Message-ID"] or "").strip().strip("<>").rpartition("@")[0]
    return ""


def _first(value: object) -> str:
    return str(value or "").strip().lower()
