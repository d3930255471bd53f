"""E-mail by SMTP (e-post): plain text and HTML in our look, over TLS unless told otherwise."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from jinja2 import Environment, FileSystemLoader

from integrations.letter import Letter, Refused, Unreachable
from models import contact
from models.clock import utcnow

TIMEOUT = 20  # seconds for each answer of the server
PORTS = {"smtp": 587, "smtps": 465}
_LOOK = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)


class BadMailSettings(ValueError):
    """MEDSPEL_SMTP or MEDSPEL_MAIL_FROM cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A carrier of e-mail.

    tls: "at once" (smtps://), "after greeting" (STARTTLS) or "no" (`?tls=no`: a server on the
    same machine). portal: the address the letters point to.
    """

    host: str
    port: int
    tls: str
    sender: str
    portal: str
    user: str = ""
    password: str = field(default="", repr=False)
    authority: str | None = None
    """A file with the certificate authority of one's own, when it is none of the known."""

    @classmethod
    def parse(cls, url: str, sender: str, portal: str) -> MailServer:
        """`smtp://user:password@host:587`, `smtps://…`; `?tls=no`, `?ca=/path/to/ca.pem`.

        Raises: BadMailSettings.
        """
        try:
            parts, asked = urlsplit(url), parse_qs(urlsplit(url).query)
            port = parts.port or PORTS.get(parts.scheme, 0)
            contact.email(sender)
        except contact.NotAnEmail:
            raise BadMailSettings("MEDSPEL_MAIL_FROM must be an e-mail address") from None
        except ValueError:
            raise BadMailSettings("MEDSPEL_SMTP has no port we can use") from None
        if parts.scheme not in PORTS or not parts.hostname:
            raise BadMailSettings("MEDSPEL_SMTP must look like smtp://user:password@host:587")
        tls = "at once" if parts.scheme == "smtps" else "after greeting"
        return cls(
            host=parts.hostname,
            port=port,
            tls="no" if asked.get("tls") == ["no"] else tls,
            sender=sender,
            portal=portal,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            authority=asked.get("ca", [None])[0],
        )

    def send(self, letter: Letter) -> None:
        """Raises: Refused, Unreachable."""
        with self._connected() as server:
            try:
                server.send_message(self.written(letter))
            except smtplib.SMTPRecipientsRefused as refused:
                codes = [code for code, _ in refused.recipients.values()]
                raise (Refused if min(codes) >= 500 else Unreachable)(codes) from None
            except smtplib.SMTPResponseException as refused:
                lasting = refused.smtp_code >= 500
                raise (Refused if lasting else Unreachable)(refused.smtp_code) from None
            except (OSError, smtplib.SMTPServerDisconnected) as fault:
                raise Unreachable(type(fault).__name__) from None
            except (smtplib.SMTPException, ValueError) as odd:
                raise Refused(type(odd).__name__) from None  # an address nobody can write to

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A server that has let us in. Whatever goes wrong here is not the letter's fault."""
        try:
            context = ssl.create_default_context(cafile=self.authority)
            if self.tls == "at once":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    self.host, self.port, timeout=TIMEOUT, context=context
                )
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        except (smtplib.SMTPException, OSError) as fault:
            raise Unreachable(type(fault).__name__) from None
        with closing(server):
            try:
                if self.tls == "after greeting":
                    server.starttls(context=context)
                if self.user:
                    server.login(self.user, self.password)
            except (smtplib.SMTPException, OSError) as fault:
                raise Unreachable(type(fault).__name__) from None
            yield server
            with suppress(smtplib.SMTPException, OSError):  # what was taken is taken
                server.quit()

    def written(self, letter: Letter) -> EmailMessage:
        """The letter as RFC 5322 has it; RFC 3834 so that no machine answers it."""
        message = EmailMessage()
        message["Subject"] = letter.subject
        message["From"] = Address("Medspel", addr_spec=self.sender)
        message["To"] = letter.to
        message["Date"] = format_datetime(utcnow())
        message["Message-ID"] = f"<{letter.uid}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        address = self.portal.rstrip("/") + letter.path
        message.set_content(f"{letter.text}\n\n{address}\n")
        page = _LOOK.get_template("mail.html")
        html = page.render(letter=letter, address=address, lang=str(letter.language))
        message.add_alternative(html, subtype="html")
        return message
