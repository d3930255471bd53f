"""The municipality and its own registers (kommune, avdeling, tenestetype, livsområde)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.ages import CONSENT_AGE, GRACE_DAYS
from models.base import EnumSet, MunicipalityBound, Row, System
from models.language import LANGUAGES, Language, Texts
from models.vocabulary import Audience, LifeArea, PlanType, Scope

OPEN_BY_PASSWORD = frozenset(Scope) - {Scope.BACKGROUND, Scope.DOCUMENTS, Scope.CONTACTS}
"""The parts not even a relative gets unasked (design/access.md) stay shut."""
_OPEN_BITS = EnumSet(Scope).bits(OPEN_BY_PASSWORD)
OPEN_UNTIL_18 = frozenset(Scope) - {Scope.MESSAGES}
"""What parental responsibility needs when the youth decides alone (barnelova § 31)."""
_UNTIL_18_BITS = EnumSet(Scope).bits(OPEN_UNTIL_18)


class Municipality(System, Row):
    """A municipality (kommune). FHIR: Organization.

    `accent` and `brand` are #rrggbb; `logo` is a PNG or JPEG, read by its own page only.
    `accepts_substantial`: level of assurance "substantial" (betydeleg) is enough for plans here,
    not only "high" (NO-3.5).
    `adults_by_password`, `parts_by_password`: where there is an electronic ID, whether adults may
    come in by a password, and to which parts of plans (security.by_password).
    `consent_age`: from when a youth signs; `grace_days`: how long what the parents have signed
    lasts after that day (security.ages).
    `keeps_cases`: criteria, reasons and letters of requests are kept here too (full sak), and not
    in the record system alone.
    `parts_until_18`: what parents read in the plan of a youth who decides alone; messages they are
    in themselves they read whatever stands here.
    """

    __tablename__ = "municipality"

    name: Mapped[str] = mapped_column(String(100), unique=True)
    language: Mapped[Language] = mapped_column(default=Language.NYNORSK)
    phone: Mapped[str | None] = mapped_column(String(20))
    accent: Mapped[str | None] = mapped_column(String(7))
    brand: Mapped[str | None] = mapped_column(String(7))
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    logo_print: Mapped[str | None] = mapped_column(String(12))
    accepts_substantial: Mapped[bool] = mapped_column(default=False, server_default=false())
    adults_by_password: Mapped[bool] = mapped_column(default=False, server_default=false())
    parts_by_password: Mapped[frozenset[Scope]] = mapped_column(
        EnumSet(Scope), default=OPEN_BY_PASSWORD, server_default=str(_OPEN_BITS)
    )
    parts_until_18: Mapped[frozenset[Scope]] = mapped_column(
        EnumSet(Scope), default=OPEN_UNTIL_18, server_default=str(_UNTIL_18_BITS)
    )

    consent_age: Mapped[int] = mapped_column(default=CONSENT_AGE, server_default="16")
    grace_days: Mapped[int] = mapped_column(default=GRACE_DAYS, server_default="60")

    keeps_cases: Mapped[bool] = mapped_column(default=False, server_default=false())

    def __str__(self) -> str:
        return self.name


class Department(MunicipalityBound, Row):
    """A department or service (avdeling, verksemd); its leaders are members of staff in it
    with that role. FHIR: Organization.

    `appoints_under`: what the municipality has left to it: its leader appoints coordinators for
    persons younger than this, in years. Empty: the coordinating unit alone does.
    """

    __tablename__ = "department"
    deletable = True
    __table_args__ = (
        UniqueConstraint("municipality_id", "name"),
        CheckConstraint("appoints_under > 0", name="age_is_counted_in_years"),
    )

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    name: Mapped[str] = mapped_column(String(100))
    appoints_under: Mapped[int | None]

    def __str__(self) -> str:
        return self.name


class InLanguage:
    """One language's text, as the attribute that forms and lists know it by."""

    def __init__(self, language: Language, column: str = "words") -> None:
        self.language, self.column = language, column

    def __get__(self, row: Any, _cls: type[Any]) -> Any:
        return self if row is None else (getattr(row, self.column) or {}).get(self.language)

    def __set__(self, row: Any, text: str | None) -> None:
        there = getattr(row, self.column) or {}
        others = {code: said for code, said in there.items() if code != self.language}
        setattr(row, self.column, {**others, self.language: text} if text else others or None)


class Named(MunicipalityBound, Row):
    """A word of the municipality's own, in each language it has written it in.

    Each language's text is an attribute named as its code too: `row.nn`.
    """

    __abstract__ = True
    deletable = True
    longest = 200

    words: Mapped[dict[str, str]] = mapped_column(Texts)

    def said_in(self, language: str) -> Language:
        """The language it can be read in: `language`, or the first that it is written in."""
        return next(one for one in (language, *LANGUAGES) if one in self.words)  # type: ignore[return-value]

    def in_language(self, language: str) -> str:
        """The word in `language`; in the first it is written in when it lacks that one."""
        return self.words[self.said_in(language)]

    def __str__(self) -> str:
        return self.in_language(Language.NYNORSK)


for _one in LANGUAGES:
    setattr(Named, _one, InLanguage(_one))


class ServiceType(Named):
    """A kind of service people meet (tenestetype): school, physiotherapy, NAV."""

    __tablename__ = "service_type"
    __table_args__ = (UniqueConstraint("municipality_id", "words"),)

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


class NoticeText(Named):
    """What a notice of one kind says by mail and SMS (varseltekst); shipped written."""

    __tablename__ = "notice_text"
    deletable = False
    longest = 140
    __table_args__ = (UniqueConstraint("municipality_id", "kind"),)
    immutable = MunicipalityBound.immutable | {"kind"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    kind: Mapped[str] = mapped_column(String(40))


class LetterText(Named):
    """What a letter in a case starts from (brevmal); shipped written. `key`: what it is for
    (services.letter_texts). Its first line becomes the title."""

    __tablename__ = "letter_text"
    deletable = False
    longest = 6000
    __table_args__ = (UniqueConstraint("municipality_id", "key"),)
    immutable = MunicipalityBound.immutable | {"key"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    key: Mapped[str] = mapped_column(String(40))


class MessageTemplate(Named):
    """What a message can start from (meldingsmal): its first line becomes the subject."""

    __tablename__ = "message_template"
    longest = 4000

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)

    def parts(self, language: str) -> tuple[str, str]:
        """Subject and text, in `language` or the first it is written in."""
        subject, _, text = self.in_language(language).strip().partition("\n")
        return subject.strip()[:200], text.strip()


class HelpText(Named):
    """What the "?" of one page says (hjelpetekst); shipped written, edited by the office.

    `page` is the page's endpoint: the same in every municipality and language.
    """

    __tablename__ = "help_text"
    deletable = False
    longest = 10_000
    __table_args__ = (UniqueConstraint("municipality_id", "page"),)
    immutable = MunicipalityBound.immutable | {"page"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    page: Mapped[str] = mapped_column(String(80))
