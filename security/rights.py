"""Who may give which roles (rolletildeling): one table, four eyes, never no administrator.

Asked when a hat is flushed (security.registers), with what the database says the hat was: a
row that was read a while ago may be old. Whoever changes a hat has its municipality's turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Membership
from models.rights import RightsRequest
from models.vocabulary import Role
from security.actor import Actor
from security.four_eyes import (
    NotAgreed,
    authorise_answer,
    authorise_confirmer,
    authorise_question,
    holders,
    says_yes,
    take_turn,
)
from security.policy import Forbidden

PLAN_ROLES = frozenset({Role.OWNER, Role.REPRESENTATIVE, Role.PARTICIPANT})
"""What comes of having to do with a plan; given by those who register people in one."""
MAY_GIVE: dict[Role, frozenset[Role]] = {
    Role.COORDINATOR: PLAN_ROLES,
    Role.COORDINATING_UNIT: PLAN_ROLES,
    Role.ADMINISTRATOR: frozenset(
        {
            Role.PARTICIPANT,
            Role.COORDINATOR,
            Role.COORDINATING_UNIT,
            Role.LEADER,
            Role.COMPETENCE_GROUP,
        }
    ),
}
"""Role -> roles its holder gives alone. Nobody gives ADMINISTRATOR alone; absent means none."""


class LastAdministrator(Forbidden):
    """Nobody would be left to look after the municipality's accounts."""


@dataclass(frozen=True, slots=True)
class _Hat:
    """What a hat gives; a new one gave nothing."""

    roles: frozenset[Role] = frozenset()
    active: bool = False

    @property
    def administers(self) -> bool:
        return self.active and Role.ADMINISTRATOR in self.roles


def giveable(roles: Iterable[Role]) -> frozenset[Role]:
    """What somebody with these roles may give alone."""
    return frozenset().union(*(MAY_GIVE.get(role, frozenset()) for role in roles))


def authorise_hat(session: Session, actor: Actor, hat: Membership, new: bool) -> None:
    """Raises: Forbidden, NotAgreed, LastAdministrator."""
    was = _Hat() if new else _stored(session, hat)
    now = _Hat(hat.roles, hat.active is not False)  # unset in a new row: open is the default
    added, may = now.roles - was.roles, giveable(actor.roles)
    if not added - {Role.ADMINISTRATOR} <= may or (new and not may):
        raise Forbidden("roles are given by those whose own role allows it")
    less = was.roles - now.roles or (not new and now.active is not was.active)
    if less and Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden("roles are taken, and hats closed and opened, by the administrator")
    more = Role.ADMINISTRATOR in added or (now.administers and not was.administers)
    if more and hat.id not in _agreed(session):
        raise NotAgreed("a system administrator is made by two")
    if was.administers and not now.administers:
        _leave_one(session, actor)


def _stored(session: Session, hat: Membership) -> _Hat:
    take_turn(session, hat.municipality_id)
    wanted = select(Membership.roles, Membership.active).where(Membership.id == hat.id)
    found = session.execute(wanted).first()
    if found is None:
        raise Forbidden("a hat of another municipality")
    return _Hat(*found)


def _leave_one(session: Session, actor: Actor) -> None:
    losing = {
        row.id
        for row in session.dirty
        if isinstance(row, Membership) and not _Hat(row.roles, row.active).administers
    }
    if not holders(session, actor.municipality_id, Role.ADMINISTRATOR).keys() - losing:
        raise LastAdministrator("a municipality has a system administrator")


def _agreed(session: Session) -> set[int]:
    """Hats whose request gets its yes in this very flush; `authorise_request` judges it."""
    asked = [row for row in session.dirty if isinstance(row, RightsRequest)]
    return {row.membership_id for row in asked if says_yes(row)}


def authorise_request(session: Session, actor: Actor, row: RightsRequest, new: bool) -> None:
    """Asked for by an administrator, for somebody else; answered by another.

    Raises: Forbidden, NotAgreed.
    """
    hat = session.get(Membership, row.membership_id)
    if hat is None or hat.municipality_id != row.municipality_id:
        raise Forbidden("a hat of another municipality")
    if new:
        _authorise_asking(actor, hat, row)
    elif not authorise_answer(session, actor, row):
        authorise_confirmer(actor, confirmers(session, row.asked_by_id, hat))


def _authorise_asking(actor: Actor, hat: Membership, row: RightsRequest) -> None:
    authorise_question(actor, row)
    if Role.ADMINISTRATOR not in actor.roles or hat.account_id == actor.account_id:
        raise Forbidden("an administrator asks, for somebody else")
    if not hat.active or Role.ADMINISTRATOR in hat.roles:
        raise Forbidden("asked for an open hat that is not an administrator's")


def confirmers(session: Session, asked_by_id: int, hat: Membership) -> set[int]:
    """Persons who may say yes: the other administrators; the heads of department, when there
    is no other. Neither the one who asked nor the one who becomes it."""
    for role in (Role.ADMINISTRATOR, Role.LEADER):
        all_ = holders(session, hat.municipality_id, role).values()
        others = set(all_) - {asked_by_id, hat.person_id}
        if others:
            return others
    return set()
