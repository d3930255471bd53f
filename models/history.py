"""What a plan element was, and where it is found (versjon, register over innhald)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, object_session
from sqlalchemy.schema import SchemaItem

from models.base import EnumSet, PersonKey, PlanBound, PlanRow
from models.elements import element
from models.vocabulary import Circle, Family, LifeArea, Scope


class Shadow(PlanRow):
    """A row that follows another and is exactly as open as that one is.

    It carries the marks the policy asks for, so that a list of shadows needs no join.
    """

    __abstract__ = True
    family: ClassVar[Family] = Family.ELEMENT

    scope: Mapped[Scope]
    key: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int]
    author_id: Mapped[PersonKey]
    life_areas: Mapped[frozenset[LifeArea]] = mapped_column(EnumSet(LifeArea, open_ended=True))
    hidden_from_guardians: Mapped[bool]
    shielded_from_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    circle: Mapped[Circle | None]

    def subject(self) -> PlanBound:
        session = object_session(self)
        return (session and session.get(element(self.key), self.row_id)) or self


class ElementVersion(Shadow):
    """How a row was before a change (versjon): history, restore and corrections."""

    __tablename__ = "element_version"

    version: Mapped[int]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_by_id: Mapped[PersonKey]
    changed_at: Mapped[datetime]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("plan_id", "key", "row_id", "version"),)


class ElementIndex(Shadow):
    """One line per living row of any element (innhaldsregister), for "what is new",
    timeline, unread and search: one query instead of one per element.

    at: when it was last changed, and changed_by_id who did it; happens_at: when it takes place, or
    was written. `words`: title and text as they are looked for (models.folding).
    """

    __tablename__ = "element_index"

    at: Mapped[datetime]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    happens_at: Mapped[datetime]
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("plan_id", "key", "row_id"),
            Index(None, "plan_id", "at"),
            Index(None, "plan_id", "happens_at"),
        )
