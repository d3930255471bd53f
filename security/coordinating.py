"""Who cannot become somebody's coordinator (habilitet): asked by services before they write, and
when a department's answer is flushed (security.naming)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.people import CoordinatorAppointment, Representation


class Unfit(StrEnum):
    """Why not."""

    THEMSELVES = "themselves"
    ACTS_FOR_THEM = "acts_for_them"
    COORDINATES_ALREADY = "coordinates_already"


def unfit(
    session: Session, actor_id: int, named: Mapping[int, int], from_day: date
) -> dict[int, Unfit]:
    """Person -> why the one named for them cannot coordinate; two questions, however many.

    named: person -> who is to be the coordinator, from the day on. Nobody names themselves.
    """
    r, a = Representation, CoordinatorAppointment
    acts = select(r.person_id, r.representative_id).where(
        r.person_id.in_(named), r.representative_id.in_(set(named.values()))
    )
    lasts = or_(a.ends_on.is_(None), a.ends_on >= from_day)
    leads = select(a.person_id, a.coordinator_id).where(
        a.person_id.in_(named), a.coordinator_id.in_(set(named.values())), lasts
    )
    with session.no_autoflush:
        acting = {(row[0], row[1]) for row in session.execute(acts)}
        leading = {(row[0], row[1]) for row in session.execute(leads)}
    found: dict[int, Unfit] = {}
    for pair in named.items():
        if pair[1] in (actor_id, pair[0]):
            found[pair[0]] = Unfit.THEMSELVES
        elif pair in acting:
            found[pair[0]] = Unfit.ACTS_FOR_THEM
        elif pair in leading:
            found[pair[0]] = Unfit.COORDINATES_ALREADY
    return found
