"""Those who act for the same person as oneself (andre føresette): how they are reached is not one's
to see, whatever one's job in the municipality is. Forvaltningslova § 6."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from models.people import Representation
from security.session import GuardedSession


def beside(session: GuardedSession) -> Select[Any]:
    """Ids of persons who act, or have acted, for somebody the actor acts or has acted for."""
    me = session.actor.person_id
    mine, other = aliased(Representation), aliased(Representation)
    acted_for = select(mine.person_id).where(mine.representative_id == me)
    return select(other.representative_id).where(
        other.person_id.in_(acted_for), other.representative_id != me
    )
