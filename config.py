"""Settings (innstillingar) from the environment, typed; a missing secret stops start-up."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import urlsplit

from integrations import certificate
from integrations.certificate import Certificate
from integrations.mail import MailServer
from integrations.openid.provider import Provider, read
from integrations.returned_mail import ReturnBox
from integrations.sms import SmsGateway
from security.crypto import KeyRing, new_key

SECRETS = ("SECRET_KEY", "MEDSPEL_KEYS", "MEDSPEL_INDEX_KEY", "MEDSPEL_SEAL_KEY")
QUEUES = ("sqlite", "postgresql", "redis", "rediss")
_TOO_WELL_KNOWN = {"changeme", "secret", "dev", "thisismyscretkey", "default"}


class MissingSettings(Exception):
    """What must be set before Medspel may start; the message names every one of them."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything an installation decides.

    demo: secrets are made by the installation itself and people are invented.
    debug: a page with all components is there.
    mail, sms: who carries what is sent; with neither, it is put in `outbox_folder`.
    returns: the mailbox letters come back to.
    portal: where people sign in, https://… as they type it; providers: with whom, beside here.
    certificates: with what each municipality seals receipts, by its name.
    metrics_token: lets a monitor read `/metrics`; without one the page is not there.
    log_as_json: one washed line of JSON for each event, on the error stream.
    queue_url: where the worker keeps its clock: sqlite:///…, postgresql://… or redis://….
    seal_file: where heads of the log's chains are written, outside the database.
    idle_minutes, longest_minutes: how long a login lasts unused, and at all.
    """

    secret_key: str
    database_url: str
    keys: KeyRing
    seal_key: bytes
    seal_file: Path
    outbox_folder: Path
    queue_url: str
    mail: MailServer | None = None
    returns: ReturnBox | None = None
    sms: SmsGateway | None = None
    portal: str = ""
    providers: tuple[Provider, ...] = ()
    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    metrics_token: str = ""
    log_as_json: bool = False
    demo: bool = False
    debug: bool = False
    secure_cookies: bool = True
    hosts: list[str] = field(default_factory=list)
    idle_minutes: int = 30
    longest_minutes: int = 120


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a real installation, or of the demo when MEDSPEL_DEMO is 1.

    Raises: MissingSettings, security.crypto.BadKeys, integrations.mail.BadMailSettings,
    integrations.sms.BadSmsSettings, integrations.returned_mail.BadMailboxSettings,
    integrations.openid.provider.BadProviderSettings,
    integrations.certificate.BadCertificateSettings.
    """
    demo = environ.get("MEDSPEL_DEMO") == "1"
    data = Path(environ.get("DATA", "data"))
    values = dict(environ)
    if demo:
        values = _demo_secrets(data) | values
        values.setdefault("DATABASE_URL", f"sqlite:///{(data / 'medspel.db').resolve()}")
        if (data / "certificates.toml").exists():
            values.setdefault("MEDSPEL_CERTIFICATES", str(data / "certificates.toml"))
    missing = [name for name in (*SECRETS, "DATABASE_URL") if not values.get(name)]
    if _is_weak(values.get("SECRET_KEY", "")):
        missing.append("SECRET_KEY (at least 32 characters of your own)")
    if missing:
        raise MissingSettings("Set these before starting: " + ", ".join(dict.fromkeys(missing)))
    return Settings(
        secret_key=values["SECRET_KEY"],
        database_url=values["DATABASE_URL"],
        keys=KeyRing.parse(values["MEDSPEL_KEYS"], values["MEDSPEL_INDEX_KEY"]),
        seal_key=values["MEDSPEL_SEAL_KEY"].encode(),
        seal_file=Path(values.get("MEDSPEL_SEAL_FILE", data / "seals.jsonl")),
        outbox_folder=Path(values.get("MEDSPEL_OUTBOX", data / "outbox")),
        queue_url=_queue(values, data),
        mail=_mail(values),
        sms=_sms(values),
        returns=ReturnBox.parse(values["MEDSPEL_IMAP"]) if values.get("MEDSPEL_IMAP") else None,
        portal=values.get("MEDSPEL_ADDRESS", ""),
        providers=_providers(values),
        certificates=_certificates(values),
        metrics_token=values.get("MEDSPEL_METRICS_TOKEN", ""),
        log_as_json=values.get("MEDSPEL_LOG", "text" if demo else "json") == "json",
        demo=demo,
        debug=values.get("MEDSPEL_DEBUG") == "1",
        secure_cookies=values.get("MEDSPEL_INSECURE_COOKIES") != "1" and not demo,
        hosts=[h for h in values.get("MEDSPEL_HOSTS", "").split(",") if h],
    )


def _queue(values: Mapping[str, str], data: Path) -> str:
    url = values.get("MEDSPEL_QUEUE") or f"sqlite:///{(data / 'queue.db').resolve()}"
    if urlsplit(url).scheme not in QUEUES:
        raise MissingSettings("MEDSPEL_QUEUE must begin with " + ", ".join(QUEUES))
    return url


def _mail(values: Mapping[str, str]) -> MailServer | None:
    if not values.get("MEDSPEL_SMTP"):
        return None
    sender = values.get("MEDSPEL_MAIL_FROM", "")
    return MailServer.parse(values["MEDSPEL_SMTP"], sender, _portal(values))


def _providers(values: Mapping[str, str]) -> tuple[Provider, ...]:
    if not values.get("MEDSPEL_OIDC"):
        return ()
    _portal(values)  # they send people back there, and to no other address
    return read(Path(values["MEDSPEL_OIDC"]))


def _certificates(values: Mapping[str, str]) -> Mapping[str, Certificate]:
    named = values.get("MEDSPEL_CERTIFICATES")
    return certificate.read(Path(named)) if named else {}


def _sms(values: Mapping[str, str]) -> SmsGateway | None:
    if not values.get("MEDSPEL_SMS_URL"):
        return None
    headers, body = values.get("MEDSPEL_SMS_HEADERS", ""), values.get("MEDSPEL_SMS_BODY", "")
    return SmsGateway.parse(values["MEDSPEL_SMS_URL"], headers, body, _portal(values))


def _portal(values: Mapping[str, str]) -> str:
    """Where people sign in, as it stands in mail and SMS."""
    address = values.get("MEDSPEL_ADDRESS", "")
    if not address.startswith(("https://", "http://")):
        raise MissingSettings("Set MEDSPEL_ADDRESS, https://… as people type it")
    return address


def _is_weak(key: str) -> bool:
    return bool(key) and (len(key) < 32 or key.lower() in _TOO_WELL_KNOWN or len(set(key)) < 8)


def _demo_secrets(data: Path) -> dict[str, str]:
    """Secrets of the demo, made once and kept readable by its owner only."""
    path = data / "secrets.json"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        made = {
            "SECRET_KEY": token_urlsafe(48),
            "MEDSPEL_KEYS": f"demo:{new_key()}",
            "MEDSPEL_INDEX_KEY": new_key(),
            "MEDSPEL_SEAL_KEY": token_urlsafe(48),
        }
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(made, file)
    stored: dict[str, str] = json.loads(path.read_text())
    return stored
