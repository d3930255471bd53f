"""The certificate a municipality seals with (sertifikat): a PKCS#12 file, named in a TOML file.

Opened by the worker only, each time it seals: a new file counts from then on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import pkcs12

from models.clock import OSLO

_KNOWN = {"file", "password", "timestamp"}


class BadCertificateSettings(Exception):
    """The file that names the certificates cannot be used; says what to put right."""


class BadCertificate(Exception):
    """There is no such file, its password is another, or it holds no key."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Where key and certificate are. password: a file that holds it. timestamp: the address of
    a time-stamp authority (RFC 3161), or empty."""

    file: Path
    password: Path | None = field(default=None, repr=False)
    timestamp: str = ""

    @property
    def is_there(self) -> bool:
        return self.file.is_file()

    def secret(self) -> bytes | None:
        """Raises: BadCertificate."""
        try:
            return self.password.read_bytes().strip() if self.password else None
        except OSError as why:
            raise BadCertificate(f"its password cannot be read ({type(why).__name__})") from None

    def last_day(self) -> date:
        """The last day it counts, in Norway. Raises: BadCertificate."""
        try:
            key, found, _ = pkcs12.load_key_and_certificates(self.file.read_bytes(), self.secret())
        except (OSError, ValueError) as why:
            raise BadCertificate(f"it cannot be opened ({type(why).__name__})") from None
        if key is None or found is None:
            raise BadCertificate("it holds no key with a certificate")
        return found.not_valid_after_utc.astimezone(OSLO).date()


def read(path: Path) -> dict[str, Certificate]:
    """The name of a municipality -> its certificate. Raises: BadCertificateSettings."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as why:
        raise BadCertificateSettings(f"{path.name}: {why}") from None
    return {name: _one(path.parent, name, table) for name, table in tables.items()}


def _one(folder: Path, name: str, table: Any) -> Certificate:
    if not isinstance(table, Mapping) or not isinstance(table.get("file"), str):
        raise BadCertificateSettings(f'["{name}"] needs file = "….p12"')
    strange = sorted(set(table) - _KNOWN)
    if strange or not all(isinstance(value, str) for value in table.values()):
        raise BadCertificateSettings(f'["{name}"] knows {", ".join(sorted(_KNOWN))}, all texts')
    stamp = table.get("timestamp", "")
    if stamp and not stamp.startswith(("https://", "http://")):
        raise BadCertificateSettings(f'["{name}"] timestamp must be an address')
    password = folder / table["password"] if table.get("password") else None
    return Certificate(folder / table["file"], password, stamp)
