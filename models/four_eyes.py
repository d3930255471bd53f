"""What it takes two persons to do (fire auge): one asks, another answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from models.base import PersonKey
from models.clock import utcnow
from models.people import Person

WAITS = timedelta(days=14)
ASKED = frozenset({"asked_by_id", "asked_at"})
"""What of a question never changes."""


class FourEyes:
    """A question that somebody else than the one who asks says yes or no to.

    What it asks for is done in the moment of the yes (`confirmed`); after `WAITS` it is too
    late. A row is answered once, and stays: who asked, and who answered.
    """

    asked_by_id: Mapped[PersonKey]
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    confirmed: Mapped[bool | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    @declared_attr
    def asked_by(cls: Any) -> Mapped[Person]:
        return relationship(
            foreign_keys=lambda: cls.asked_by_id, lazy="raise_on_sql", viewonly=True
        )

    @declared_attr
    def answered_by(cls: Any) -> Mapped[Person | None]:
        return relationship(
            foreign_keys=lambda: cls.answered_by_id, lazy="raise_on_sql", viewonly=True
        )

    @property
    def lapses_at(self) -> datetime:
        return self.asked_at + WAITS

    @property
    def is_open(self) -> bool:
        """Nobody has answered, and it is not too late."""
        return self.confirmed is None and self.lapses_at > utcnow()
