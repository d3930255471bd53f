"""A consent signed on paper (papirsamtykke): registered by one, confirmed by another."""

from __future__ import annotations

import json
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PersonKey, PlanRow, same_plan
from models.four_eyes import ASKED, FourEyes
from models.language import Tongue
from models.people import Person
from models.types import EncryptedText
from models.vocabulary import Family

PAPER = "paper"
"""The method of a signature that was written by hand."""


class ScanKind(StrEnum):
    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"

    @property
    def mimetype(self) -> str:
        return "application/pdf" if self is ScanKind.PDF else f"image/{self}"


class PaperConsent(FourEyes, PlanRow):
    """What somebody who must sign has answered on paper; it counts when a second person has
    compared it with the scan, and is a signature from then on.

    `signed_on`: the date on the paper. `original`: where it lies. `scan`: the file in base64;
    `scan_digest`: SHA-256 of the file itself. `said`: canonical JSON of everything that was
    answered, with names as on the paper, and the digest of what it stood under (services.paper).
    `overtaken`: it was too late, or about something else; that is a no that nobody has said.
    """

    __tablename__ = "paper_consent"
    family = Family.PAPER
    immutable = (
        PlanRow.immutable
        | ASKED
        | {"consent_id", "signed_on", "until", "language", "original", "said"}
        | {"scan", "scan_kind", "scan_digest"}
    )

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    consent_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[PersonKey]
    signed_on: Mapped[date]
    until: Mapped[date]
    language: Mapped[Tongue]
    original: Mapped[str] = mapped_column(EncryptedText("paper_consent.original"))
    scan: Mapped[str] = mapped_column(EncryptedText("paper_consent.scan"), deferred=True)
    scan_kind: Mapped[ScanKind]
    scan_digest: Mapped[str] = mapped_column(String(64))
    said: Mapped[str] = mapped_column(EncryptedText("paper_consent.said"))
    overtaken: Mapped[bool] = mapped_column(default=False, server_default=false())

    person: Mapped[Person] = relationship(
        foreign_keys="PaperConsent.person_id", lazy="raise_on_sql", viewonly=True
    )

    @property
    def as_written(self) -> dict[str, Any]:
        """What `said` says."""
        found: dict[str, Any] = json.loads(self.said)
        return found

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_plan("consent_id", "consent"),
            CheckConstraint("NOT overtaken OR confirmed IS FALSE", name="overtaken_is_a_no"),
        )
