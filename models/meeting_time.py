"""When a meeting can be (datoval): times that are proposed, and whom each of them suits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PersonKey, PlanBound, PlanRow, in_the_team, same_plan
from models.elements.meeting import Meeting
from models.people import Person
from models.vocabulary import Family, Suits


class MeetingTime(PlanRow):
    """A time somebody proposes for a planned meeting (framlegg til tid).

    `closed_at`: one of them is chosen (`is_chosen`), or others are proposed instead; the answers
    are kept as they were.
    """

    __tablename__ = "meeting_time"
    family = Family.ELEMENT
    immutable = PlanRow.immutable | {"meeting_id", "starts_at", "ends_at"}

    meeting_id: Mapped[int] = mapped_column(index=True)
    author_id: Mapped[PersonKey]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    is_chosen: Mapped[bool] = mapped_column(default=False)
    meeting: Mapped[Meeting] = relationship(
        primaryjoin="foreign(MeetingTime.meeting_id) == Meeting.id"
    )
    answers: Mapped[list[TimeAnswer]] = relationship(
        back_populates="time", order_by="TimeAnswer.id", lazy="raise_on_sql"
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_plan("meeting_id", "meeting"),)

    def subject(self) -> PlanBound:
        return self.meeting


class TimeAnswer(PlanRow):
    """Whether one time suits one of those asked, who answers for themselves (svar)."""

    __tablename__ = "time_answer"
    family = Family.ELEMENT
    immutable = PlanRow.immutable | {"meeting_id", "time_id"}

    meeting_id: Mapped[int] = mapped_column(index=True)
    time_id: Mapped[int]
    author_id: Mapped[PersonKey]
    person_id: Mapped[int] = mapped_column(index=True)
    answer: Mapped[Suits] = mapped_column(default=Suits.UNANSWERED)
    meeting: Mapped[Meeting] = relationship(
        primaryjoin="foreign(TimeAnswer.meeting_id) == Meeting.id"
    )
    time: Mapped[MeetingTime] = relationship(
        back_populates="answers", lazy="raise_on_sql",
        primaryjoin="foreign(TimeAnswer.time_id) == MeetingTime.id",
    )  # fmt: skip
    person: Mapped[Person] = relationship(
        primaryjoin="foreign(TimeAnswer.person_id) == Person.id", viewonly=True,
        lazy="raise_on_sql",
    )  # fmt: skip

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("time_id", "person_id"),
            same_plan("meeting_id", "meeting"),
            same_plan("time_id", "meeting_time"),
            in_the_team("person_id"),
        )

    def subject(self) -> PlanBound:
        return self.meeting
