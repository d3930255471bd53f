"""The department of whoever looks (eiga avdeling): a leader's lists are of that one."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import select

from models.people import Person


def own_department() -> Any:
    """Its id, as SQL; NULL, which is in no list, for somebody without one."""
    mine = select(Person.department_id).where(Person.id == g.actor.person_id)
    return mine.scalar_subquery()
