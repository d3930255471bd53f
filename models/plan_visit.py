"""When somebody was last in a plan (besøk): for themselves alone, to know what is new to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Personal, Row


class PlanVisit(Personal, Row):
    """When an account last looked at the front page of a plan, and the visit before this one.

    The access log tells others who has looked; this tells nobody but its owner.
    `seen_at`: the last look. `before_at`: the last look of the visit before; None in the first.
    """

    __tablename__ = "plan_visit"
    __table_args__ = (UniqueConstraint("account_id", "plan_id"),)
    immutable = Personal.immutable | {"account_id", "plan_id"}

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    seen_at: Mapped[datetime]
    before_at: Mapped[datetime | None]
