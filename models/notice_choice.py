"""How somebody wants to be told (varselval)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import EnumSet, Personal, Row
from models.vocabulary import Channel, Topic


class NoticeChoice(Personal, Row):
    """By which channels one is told of a topic, in one hat; and whether at once or gathered.

    Without a row the usual holds (services.notice_choices). No channel: in Medspel alone.
    """

    __tablename__ = "notice_choice"
    __table_args__ = (UniqueConstraint("membership_id", "topic"),)
    immutable = Personal.immutable | {"account_id", "membership_id", "topic"}

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    topic: Mapped[Topic]
    channels: Mapped[frozenset[Channel]] = mapped_column(EnumSet(Channel))
    daily: Mapped[bool]
