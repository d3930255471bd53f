"""Requests to the coordinating unit (førespurnad, søknad): who asks for what, in their words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import EnumSet, MunicipalityBound, Row
from models.case_words import Arrival, Concerns, Wanted
from models.clock import months_later
from models.language import Language
from models.people import Person
from models.types import EncryptedText
from models.working_days import on_a_working_day

if TYPE_CHECKING:
    from models.assessment import Assessment
    from models.case_letter import CaseLetter
    from models.complaint import Complaint
    from models.decision import Decision, FormerDecision
    from models.delay import Delay
    from models.inquiry import Inquiry
    from models.municipality import Municipality

ANSWERED_WITHIN = 1
"""Months. Forvaltningslova 2025 § 17: who waits longer is told so, and why."""


def first_answer_by(received_on: date) -> date:
    """Until when a request that came that day is answered, as long as nobody has told otherwise."""
    return on_a_working_day(months_later(received_on, ANSWERED_WITHIN))


class Request(MunicipalityBound, Row):
    """An application or an enquiry (søknad, førespurnad). FHIR: ServiceRequest.

    Read by the coordinating unit and nobody else, whatever their other roles. What was sent stays
    as it was sent. `person_id`: whom it is for, once the office has found or registered them; a
    child that is expected has no name and no birth date, `due_on` instead. `same_index` is equal
    when name and birth date are. `from_person_id`: who sent it, when they had signed in.
    `answer_by`: the last working day of the month it must be answered within, or the day they were
    told last (models.delay). `is_told`: whether a professional who reports has said so to those
    it is about.
    Helse- og omsorgstenestelova §§ 7-1, 7-2 and 7-2 a.
    """

    __tablename__ = "request"
    __table_args__ = (
        UniqueConstraint("municipality_id", "year", "number"),
        Index(None, "municipality_id", "received_on", "id"),
        Index(None, "municipality_id", "same_index"),
        Index(None, "municipality_id", "answer_by", "id"),
    )
    immutable = MunicipalityBound.immutable | {
        "year", "number", "arrival", "concerns", "wanted", "from_person_id", "words", "services",
        "coordinator_wish", "is_told", "language",
    }  # fmt: skip

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    year: Mapped[int]
    number: Mapped[int]
    received_on: Mapped[date]
    answer_by: Mapped[date]
    arrival: Mapped[Arrival]
    concerns: Mapped[Concerns]
    wanted: Mapped[frozenset[Wanted]] = mapped_column(EnumSet(Wanted))
    person_name: Mapped[str | None] = mapped_column(EncryptedText("request.person_name"))
    birth_date: Mapped[date | None]
    due_on: Mapped[date | None]
    same_index: Mapped[str | None] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    from_name: Mapped[str] = mapped_column(EncryptedText("request.from_name"))
    from_phone: Mapped[str | None] = mapped_column(EncryptedText("request.from_phone"))
    from_email: Mapped[str | None] = mapped_column(EncryptedText("request.from_email"))
    from_role: Mapped[str | None] = mapped_column(EncryptedText("request.from_role"))
    from_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    is_told: Mapped[bool | None]
    words: Mapped[str | None] = mapped_column(EncryptedText("request.words"))
    services: Mapped[str | None] = mapped_column(EncryptedText("request.services"))
    coordinator_wish: Mapped[str | None] = mapped_column(EncryptedText("request.coordinator_wish"))
    language: Mapped[Language] = mapped_column(default=Language.NYNORSK)
    case_worker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)

    person: Mapped[Person | None] = relationship(foreign_keys=person_id, lazy="raise_on_sql")
    case_worker: Mapped[Person | None] = relationship(
        foreign_keys=case_worker_id, lazy="raise_on_sql"
    )

    decision: Mapped[Decision | None] = relationship(
        back_populates="request", lazy="raise_on_sql", viewonly=True
    )
    former_decisions: Mapped[list[FormerDecision]] = relationship(
        back_populates="request", lazy="raise_on_sql", viewonly=True, order_by="FormerDecision.id"
    )
    complaint: Mapped[Complaint | None] = relationship(
        back_populates="request", lazy="raise_on_sql", viewonly=True
    )
    delays: Mapped[list[Delay]] = relationship(
        back_populates="request", lazy="raise_on_sql", viewonly=True, order_by="Delay.id"
    )

    assessment: Mapped[Assessment | None] = relationship(
        back_populates="request", lazy="raise_on_sql", viewonly=True
    )
    inquiries: Mapped[list[Inquiry]] = relationship(
        back_populates="request", lazy="raise_on_sql", viewonly=True, order_by="Inquiry.id"
    )
    letters: Mapped[list[CaseLetter]] = relationship(
        back_populates="request", lazy="raise_on_sql", viewonly=True, order_by="CaseLetter.id"
    )
    municipality: Mapped[Municipality] = relationship(lazy="raise_on_sql", viewonly=True)

    names: Mapped[list[RequestName]] = relationship(
        back_populates="request", lazy="raise_on_sql", cascade="save-update, merge"
    )

    @property
    def due(self) -> date | None:
        """The next day the unit must keep: for the answer, or for looking at it again."""
        if self.decision is None:
            return self.answer_by
        waits = self.complaint is not None and self.complaint.reconsidered is None
        return self.complaint.reconsider_by if self.complaint and waits else None

    @property
    def reference(self) -> str:
        """What people say on the telephone: the year and the number in it."""
        return f"{self.year}-{self.number}"

    def __str__(self) -> str:
        return self.reference


class RequestName(MunicipalityBound, Row):
    """By what a request is found: a word of the name of whom it is for, or of who sent it.

    `word`: an index that cannot be read back (models.types.blind_index); whole words only.
    """

    __tablename__ = "request_name"
    __table_args__ = (Index(None, "municipality_id", "word"),)
    immutable = MunicipalityBound.immutable | {"request_id", "word"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    word: Mapped[str] = mapped_column(String(64))

    request: Mapped[Request] = relationship(back_populates="names", lazy="raise_on_sql")
