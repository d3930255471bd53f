"""The municipality and its own registers (kommune, avdeling, tenestetype, livsområde)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import MunicipalityBound, Row, System
from models.vocabulary import Audience, Language, LifeArea, PlanType


class Municipality(System, Row):
    """A municipality (kommune). FHIR: Organization.

    `accent` and `brand` are #rrggbb; `logo` is a PNG or JPEG, read by its own page only.
    """

    __tablename__ = "municipality"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    language: Mapped[Language] = mapped_column(default=Language.NYNORSK)
    phone: Mapped[str | None] = mapped_column(String(20))
    accent: Mapped[str | None] = mapped_column(String(7))
    brand: Mapped[str | None] = mapped_column(String(7))
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_print: Mapped[str | None] = mapped_column(String(12))

    def __str__(self) -> str:
        return self.name


class Department(MunicipalityBound, Row):
    """A department or service (avdeling, verksemd); its leaders are members of staff in it
    with that role. FHIR: Organization."""

    __tablename__ = "department"
    deletable = True
    __table_args__ = (UniqueConstraint("municipality_id", "name"),)

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    name: Mapped[str] = mapped_column(String(100))

    def __str__(self) -> str:
        return self.name


class Named(MunicipalityBound, Row):
    """A word of the municipality's own in three languages."""

    __abstract__ = True
    deletable = True

    nn: Mapped[str] = mapped_column(String(200))
    nb: Mapped[str] = mapped_column(String(200))
    en: Mapped[str] = mapped_column(String(200))

    def in_language(self, language: str) -> str:
        """The word in `language` ("nn", "nb" or "en"); nynorsk when it is another."""
        return str(getattr(self, language, self.nn))

    def __str__(self) -> str:
        return self.nn


class ServiceType(Named):
    """A kind of service people meet (tenestetype): school, physiotherapy, NAV."""

    __tablename__ = "service_type"
    __table_args__ = (UniqueConstraint("municipality_id", "nn"),)

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)


class LifeAreaName(Named):
    """What the municipality calls a life area (livsområde); the areas themselves are fixed."""

    __tablename__ = "life_area_name"
    __table_args__ = (UniqueConstraint("municipality_id", "area"),)

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    area: Mapped[LifeArea]


class PlanTypeName(Named):
    """What the municipality calls a plan type (plantype), and whether it offers it."""

    __tablename__ = "plan_type_name"
    __table_args__ = (UniqueConstraint("municipality_id", "plan_type"),)

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    plan_type: Mapped[PlanType]
    offered: Mapped[bool | None] = mapped_column(default=True)


class EvaluationQuestion(Named):
    """A question of the half-yearly evaluation (evalueringsspørsmål), shipped as data."""

    __tablename__ = "evaluation_question"
    __table_args__ = (
        UniqueConstraint("municipality_id", "key"),
        Index(None, "municipality_id", "position"),
    )

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    key: Mapped[str] = mapped_column(String(40))
    audience: Mapped[Audience]
    has_face: Mapped[bool | None] = mapped_column(default=False)
    to_office_only: Mapped[bool | None] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class HelpText(Named):
    """What the "?" of one page says (hjelpetekst); shipped written, edited by the office.

    `page` is the page's endpoint: the same in every municipality and language.
    """

    __tablename__ = "help_text"
    deletable = False
    __table_args__ = (UniqueConstraint("municipality_id", "page"),)
    immutable = MunicipalityBound.immutable | {"page"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    page: Mapped[str] = mapped_column(String(80))
    nn: Mapped[str] = mapped_column(Text)
    nb: Mapped[str] = mapped_column(Text)
    en: Mapped[str] = mapped_column(Text)
