"""Who is a party to a request (part, inhabil), and therefore neither reads nor answers it.

Whoever has sent it or is the one it is for, acts for them, or was their coordinator when it came
or has become so since. Forvaltningslova 1967 § 6: who has a part in a case does not prepare it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from models.people import CoordinatorAppointment, Representation
from models.request import Request


def is_party(request: Any, me: Any) -> ColumnElement[bool]:
    """request: the class, an alias, or the columns of its table; me: a person's id in SQL."""
    a = CoordinatorAppointment.__table__.alias("theirs")
    r = Representation.__table__.alias("acts_for_them")
    coordinates = exists().where(
        a.c.person_id == request.person_id,
        a.c.coordinator_id == me,
        or_(a.c.ends_on.is_(None), a.c.ends_on >= request.received_on),
    )
    acts = exists().where(r.c.person_id == request.person_id, r.c.representative_id == me)
    return or_(
        request.person_id.is_not_distinct_from(me),
        request.from_person_id.is_not_distinct_from(me),
        coordinates.correlate_except(a),
        acts.correlate_except(r),
    )


def parties(session: Session, request: Request) -> set[int]:
    """The persons `is_party` is true of."""
    a, r = CoordinatorAppointment, Representation
    since = or_(a.ends_on.is_(None), a.ends_on >= request.received_on)
    coordinate = select(a.coordinator_id).where(a.person_id == request.person_id, since)
    act = select(r.representative_id).where(r.person_id == request.person_id)
    own = {request.person_id, request.from_person_id} - {None}
    return {*own, *session.scalars(coordinate), *session.scalars(act)}
