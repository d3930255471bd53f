"""Drafts (kladd): what somebody is writing, kept until it is sent or thrown away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from models.base import PersonKey, PlanRow
from models.clock import utcnow
from models.types import EncryptedText
from models.vocabulary import Family, Scope

LONGEST_ADDRESS = 200


class Draft(PlanRow):
    """A form half filled in (kladd), one for each person, plan and form.

    Nobody but its writer reads it, and the writer only while the part of the plan that the
    form belongs to is open to them. Without a part it is the consent that is being answered.
    It is no part of the plan: neither log, index nor history knows it.
    """

    __tablename__ = "draft"
    family = Family.DRAFT
    is_noted = False
    immutable = PlanRow.immutable | {"scope", "address"}

    person_id: Mapped[PersonKey]
    scope: Mapped[Scope | None]
    address: Mapped[str] = mapped_column(String(LONGEST_ADDRESS))
    fields: Mapped[str] = mapped_column(EncryptedText("draft.fields"))
    saved_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("plan_id", "person_id", "address"),)
