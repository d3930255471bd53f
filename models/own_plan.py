"""What somebody keeps of a plan for themselves alone (kallenamn)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Personal, Row
from models.types import EncryptedText

LONGEST_NICKNAME = 40


class OwnPlan(Personal, Row):
    """One's own name for a plan, which nobody else sees; and that one needs no help to begin.

    Encrypted, so that whoever keeps the database does not read it either. It is gone with the
    account, and with the plan.
    """

    __tablename__ = "own_plan"
    __table_args__ = (UniqueConstraint("account_id", "plan_id"),)
    immutable = Personal.immutable | {"account_id", "plan_id"}

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), index=True)
    nickname: Mapped[str | None] = mapped_column(EncryptedText("own_plan.nickname"))
    steps_hidden_at: Mapped[datetime | None]
