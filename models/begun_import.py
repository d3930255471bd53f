"""A file on its way into a register (påbyrja innlesing): looked over before anything is stored."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Personal, Row
from models.clock import utcnow
from models.types import EncryptedText


class BegunImport(Personal, Row):
    """What one has sent and not yet said yes to: one for each register, in the hat one wears.

    `register`: the table it goes to. `content`: its text; empty from the moment it is brought in.
    `brought_in`: how many rows that were. A new file is a new row, with an address of its own, so
    that nobody says yes to another file than the one looked over.
    """

    __tablename__ = "begun_import"
    deletable = True
    __table_args__ = (UniqueConstraint("account_id", "municipality_id", "register"),)
    immutable = Personal.immutable | {"account_id", "municipality_id", "register", "kept_at"}

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    register: Mapped[str] = mapped_column(String(40))
    content: Mapped[str | None] = mapped_column(EncryptedText("begun_import.content"))
    brought_in: Mapped[int | None]
    kept_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
