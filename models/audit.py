"""The access log (innsynslogg, oppslag): one chain per plan, one per municipality."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BigInt, Model, MunicipalityBound, PlanBound
from models.vocabulary import Family

LOOK = "read"


class Event(Model):
    """Who did what, when, on which basis. Append-only and chained: nobody may polish it.

    Holds no text: `kind` and `rows` say what was touched, and a title is looked up
    when the log is shown, through the reader's own access.
    """

    __abstract__ = True

    seq: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(BigInt)
    person_id: Mapped[int | None] = mapped_column(BigInt)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(100))
    organisation: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(40))
    rows: Mapped[list[Any]] = mapped_column(JSON)
    basis: Mapped[str] = mapped_column(String(60))
    login_session_id: Mapped[int | None] = mapped_column(BigInt)
    address: Mapped[str] = mapped_column(String(45))
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class AccessEvent(PlanBound, Event):
    """One look-up, write, print or denial in a plan (oppslag). FHIR: AuditEvent.

    The owner has a right to the list: pasientjournallova § 18.
    `shielded_from_id`: it is about rows this person is not to know of. `kept_by_id`: about a
    message to the coordinator only, and of those there is nothing to see for anybody but
    this person, who wrote it.
    """

    __tablename__ = "access_event"
    __table_args__ = (Index(None, "account_id", "at"),)
    family = Family.LOG

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), primary_key=True)
    hidden_from_guardians: Mapped[bool]
    shielded_from_id: Mapped[int | None]
    kept_by_id: Mapped[int | None]

    @property
    def is_look(self) -> bool:
        """Somebody read, and did nothing else."""
        return self.action == LOOK


class RegisterEvent(MunicipalityBound, Event):
    """One change in the municipality's registers, or a denial outside any plan."""

    __tablename__ = "register_event"

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), primary_key=True)
