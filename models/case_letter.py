"""Letters in the case of a request (brev): what was written, and the file the worker makes of it.

The file is PDF/A-2a and PDF/UA-1.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.case_words import LetterKind
from models.language import Language
from models.request import Request
from models.types import EncryptedText


class CaseLetter(MunicipalityBound, Row):
    """One letter, in the words it was sent in: what is wrong is put right in a new one.

    `text`: its title is the first line. `to_address`: lines, for an envelope. `sent_on`: the day it
    left the house. Read by those who read the request. Forvaltningslova §§ 17, 27 and 33.
    FHIR: Communication.
    """

    __tablename__ = "case_letter"
    immutable = MunicipalityBound.immutable | {
        "request_id", "kind", "language", "written_on", "to_name", "to_address", "text",
        "written_by_id",
    }  # fmt: skip

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    kind: Mapped[LetterKind]
    language: Mapped[Language]
    written_on: Mapped[date]
    to_name: Mapped[str] = mapped_column(EncryptedText("case_letter.to_name"))
    to_address: Mapped[str | None] = mapped_column(EncryptedText("case_letter.to_address"))
    text: Mapped[str] = mapped_column(EncryptedText("case_letter.text"))
    sent_on: Mapped[date | None]
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    request: Mapped[Request] = relationship(back_populates="letters", lazy="raise_on_sql")
    file: Mapped[CaseLetterFile | None] = relationship(
        back_populates="letter", lazy="raise_on_sql", viewonly=True
    )


class CaseLetterFile(MunicipalityBound, Row):
    """A letter as a file, made once. `content`: in base64. `digest`: SHA-256 of the file itself."""

    __tablename__ = "case_letter_file"
    immutable = MunicipalityBound.immutable | {"request_id", "letter_id", "content", "digest"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), index=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("case_letter.id"), unique=True)
    content: Mapped[str] = mapped_column(EncryptedText("case_letter_file.content"), deferred=True)
    digest: Mapped[str] = mapped_column(String(64))

    letter: Mapped[CaseLetter] = relationship(back_populates="file", lazy="raise_on_sql")
