"""Pictures in a plan (bilete): of the owner beside the presentation, and one on a goal."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PlanRow, same_plan
from models.elements import PlanElement
from models.elements.goal import Goal
from models.elements.presentation import Presentation
from models.types import EncryptedText
from models.vocabulary import Family


class Crop(StrEnum):
    """Which part of a picture is kept, when it is not square (utsnitt)."""

    MIDDLE = "middle"
    START = "start"
    END = "end"


class Illustration(PlanRow):
    """A picture, as open as the row it belongs to; one at a time.

    `of`: the name of that row. `content`: a JPEG in base64, drawn anew; empty when it was taken
    away, and then nothing of it is left. `agreed_on`: the day the one in it, a child too, said
    that it is all right. Barnekonvensjonen art. 12 and 16.
    """

    __abstract__ = True
    family = Family.ELEMENT
    of: ClassVar[str]

    content: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))
    agreed_on: Mapped[date]
    removed_at: Mapped[datetime | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        there = text("removed_at IS NULL")
        one = Index(
            f"uq__{cls.__tablename__}__one",
            f"{cls.of}_id",
            unique=True,
            sqlite_where=there,
            postgresql_where=there,
        )
        return same_plan(f"{cls.of}_id", cls.of), one

    def subject(self) -> PlanElement:
        row: PlanElement = getattr(self, self.of)
        return row


class Portrait(Illustration):
    """The owner's picture (portrett), beside what they say of themselves."""

    __tablename__ = "portrait"
    of = "presentation"
    immutable = PlanRow.immutable | {"presentation_id", "agreed_on"}

    presentation_id: Mapped[int]
    content: Mapped[str] = mapped_column(EncryptedText("portrait.content"), deferred=True)
    presentation: Mapped[Presentation] = relationship(
        primaryjoin="foreign(Portrait.presentation_id) == Presentation.id", lazy="joined"
    )


class GoalPicture(Illustration):
    """A picture of what the goal is about, for those who read little."""

    __tablename__ = "goal_picture"
    of = "goal"
    immutable = PlanRow.immutable | {"goal_id", "agreed_on"}

    goal_id: Mapped[int]
    content: Mapped[str] = mapped_column(EncryptedText("goal_picture.content"), deferred=True)
    goal: Mapped[Goal] = relationship(
        primaryjoin="foreign(GoalPicture.goal_id) == Goal.id", lazy="joined"
    )
