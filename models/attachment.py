"""A file that is sent with a message (vedlegg)."""

from __future__ import annotations

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PlanBound, PlanRow, same_plan
from models.elements.message import Message
from models.paper import ScanKind
from models.types import EncryptedText
from models.vocabulary import Family


class Attachment(PlanRow):
    """As open as the message it came with, and never changed.

    `content`: the file in base64; `size` and `digest` (SHA-256) are those of the file itself.
    `name`: what its sender called it, which may say whom it is about.
    """

    __tablename__ = "attachment"
    family = Family.ELEMENT
    immutable = PlanRow.immutable | {"message_id", "name", "kind", "size", "digest", "content"}

    message_id: Mapped[int]
    name: Mapped[str] = mapped_column(EncryptedText("attachment.name"))
    kind: Mapped[ScanKind]
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(EncryptedText("attachment.content"), deferred=True)

    message: Mapped[Message] = relationship(
        primaryjoin="foreign(Attachment.message_id) == Message.id"
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_plan("message_id", "message"), Index(None, "message_id"))

    def subject(self) -> PlanBound:
        return self.message
