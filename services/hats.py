"""The hats of an account (tilknyting): who one may be, and where.

They are the account's own, in whatever municipality; so they are looked up past the scope,
which knows one municipality only. Taking one gives what that membership gives, no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models.account import Membership
from models.municipality import Municipality
from models.people import Person
from models.vocabulary import Role
from security.session import GuardedSession


@dataclass(frozen=True, slots=True)
class Hat:
    """One membership, as its holder meets it."""

    id: int
    name: str
    municipality: str
    roles: frozenset[Role]


def hats_of(session: GuardedSession) -> Sequence[Hat]:
    """The open hats of the account that acts, in the order they were given."""
    m, p, t = Membership.__table__.c, Person.__table__.c, Municipality.__table__.c
    mine = (
        select(m.id, p.name, t.name.label("municipality"), m.roles)
        .join(Person.__table__, p.id == m.person_id)
        .join(Municipality.__table__, t.id == m.municipality_id)
        .where(m.account_id == session.actor.account_id, m.active)
        .order_by(m.id)
    )
    reason = {"unscoped_because": "an account's own hats are in several municipalities"}
    return [Hat(*row) for row in session.execute(mine, execution_options=reason)]
