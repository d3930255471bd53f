"""Sealed files about a consent (kvittering): made by the worker, stored encrypted.

The seal is the municipality's (PAdES); the file is PDF/A-2a and PDF/UA-1.
"""

from __future__ import annotations

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from models.base import PlanRow, same_plan
from models.types import EncryptedText
from models.vocabulary import Family


class Receipt(PlanRow):
    """What one signer said, part by part (kvittering); for the owner's side.

    `content`: the file in base64. `digest`: SHA-256 of the file itself.
    """

    __tablename__ = "receipt"
    family = Family.RECEIPT
    immutable = PlanRow.immutable | {"signature_id", "content", "digest"}

    signature_id: Mapped[int]
    content: Mapped[str] = mapped_column(EncryptedText("receipt.content"), deferred=True)
    digest: Mapped[str] = mapped_column(String(64))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_plan("signature_id", "signature"), UniqueConstraint("signature_id"))


class ReceiptCopy(PlanRow):
    """What a consent opened once all had signed (stadfesting); for the coordinator too.

    Nobody's own answers are in it, nor what a child has said.
    """

    __tablename__ = "receipt_copy"
    family = Family.RECEIPT_COPY
    immutable = PlanRow.immutable | {"consent_id", "content", "digest"}

    consent_id: Mapped[int]
    content: Mapped[str] = mapped_column(EncryptedText("receipt_copy.content"), deferred=True)
    digest: Mapped[str] = mapped_column(String(64))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_plan("consent_id", "consent"), UniqueConstraint("consent_id"))
