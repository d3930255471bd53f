"""What shows what was said yes to (bevis): one record for each signature and each withdrawal."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, synonym
from sqlalchemy.schema import SchemaItem

from models.base import BigInt, Model, PersonKey, PlanBound, PlanRow, same_plan
from models.vocabulary import Family, Recorded


class SignatureRecord(PlanBound, Model):
    """One thing that was done to a consent, by whom and when (NO-2.7; GDPR art. 7(1)).

    `person_id`: who did it. What ended by itself (APPOINTMENT_ENDED, OWNER_DECIDES) names whom it
    came from: the coordinator who was, the owner who decides now.

    Append-only, and a chain for each plan: each record carries the digest of the one before,
    so that an altered, removed or inserted one is found. `said` is canonical JSON; names in it
    are as they were then. What only the owner's side may read is in SignatureProof, and its
    digest is here.
    """

    __tablename__ = "signature_record"
    __table_args__ = (same_plan("signature_id", "signature"), UniqueConstraint("signature_id"))
    family = Family.EVIDENCE
    is_noted = False

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    what: Mapped[Recorded]
    person_id: Mapped[PersonKey]
    signature_id: Mapped[int | None]
    said: Mapped[str] = mapped_column(Text)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))

    id: Mapped[int] = synonym("seq")


class SignatureProof(PlanRow):
    """The answers to a record's lines, and how its signer was known: canonical JSON.

    For the owner's side only: what one said about others, from where, with which program.
    """

    __tablename__ = "signature_proof"
    family = Family.OWNED
    is_noted = False

    seq: Mapped[int]
    said: Mapped[str] = mapped_column(Text)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        record = ["signature_record.plan_id", "signature_record.seq"]
        return (
            ForeignKeyConstraint(["plan_id", "seq"], record),
            UniqueConstraint("plan_id", "seq"),
        )
