"""The owner's picture (portrett), beside what they say of themselves."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PlanBound, PlanRow, same_plan
from models.elements.presentation import Presentation
from models.types import EncryptedText
from models.vocabulary import Family


class Crop(StrEnum):
    """Which part of a picture is kept, when it is not square (utsnitt)."""

    MIDDLE = "middle"
    START = "start"
    END = "end"


class Portrait(PlanRow):
    """A picture the owner has said yes to. As open as the presentation it belongs to.

    `content`: a JPEG in base64, drawn anew; empty when it was taken away, and then nothing of it
    is left. `agreed_on`: the day the owner, a child too, said that it is all right.
    Barnekonvensjonen art. 12 and 16.
    """

    __tablename__ = "portrait"
    family = Family.ELEMENT
    immutable = PlanRow.immutable | {"presentation_id", "agreed_on"}

    presentation_id: Mapped[int]
    content: Mapped[str] = mapped_column(EncryptedText("portrait.content"), deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    agreed_on: Mapped[date]
    removed_at: Mapped[datetime | None]

    presentation: Mapped[Presentation] = relationship(
        primaryjoin="foreign(Portrait.presentation_id) == Presentation.id", lazy="joined"
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        there = text("removed_at IS NULL")
        return (
            same_plan("presentation_id", "presentation"),
            Index(
                "uq__portrait__one",
                "presentation_id",
                unique=True,
                sqlite_where=there,
                postgresql_where=there,
            ),
        )

    def subject(self) -> PlanBound:
        return self.presentation
