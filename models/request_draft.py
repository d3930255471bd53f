"""A request that is not finished (påbyrja førespurnad): found again by a code, for some days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Row, System
from models.types import EncryptedText


class RequestDraft(System, Row):
    """What somebody has filled in before they send it. Nobody reads it but who has its code.

    `code_index`: keyed hash of the code. `said`: JSON, what each page sent. Gone when it is sent,
    or after `expires_at`.
    """

    __tablename__ = "request_draft"

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    code_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    said: Mapped[str] = mapped_column(EncryptedText("request_draft.said"))
    expires_at: Mapped[datetime] = mapped_column(index=True)
