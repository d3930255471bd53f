"""Who may give which roles (rolletildeling): one table, four eyes, never no administrator.

Asked when a hat is flushed (security.registers), with what the database says the hat was: a
row that was read a while ago may be old. Whoever changes a hat has its municipality's turn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Integer, inspect, select, type_coerce
from sqlalchemy.orm import Session

from models.account import Account, Membership
from models.base import EnumSet
from models.clock import utcnow
from models.municipality import Municipality
from models.rights import RightsRequest
from models.vocabulary import Role
from security.actor import Actor
from security.policy import Forbidden

PLAN_ROLES = frozenset({Role.OWNER, Role.REPRESENTATIVE, Role.PARTICIPANT})
"""What comes of having to do with a plan; given by those who register people in one."""
MAY_GIVE: dict[Role, frozenset[Role]] = {
    Role.COORDINATOR: PLAN_ROLES,
    Role.COORDINATING_UNIT: PLAN_ROLES,
    Role.ADMINISTRATOR: frozenset(
        {Role.PARTICIPANT, Role.COORDINATOR, Role.COORDINATING_UNIT, Role.LEADER}
    ),
}
"""Role -> roles its holder gives alone. Nobody gives ADMINISTRATOR alone; absent means none."""


class LastAdministrator(Forbidden):
    """Nobody would be left to look after the municipality's accounts."""


class NotAgreed(Forbidden):
    """A system administrator is made by two persons, and none of them is the one who becomes it."""


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


def take_turn(session: Session, municipality_id: int) -> None:
    """Hold the municipality for this transaction: two who change its administrators take turns."""
    held = select(Municipality.id).where(Municipality.id == municipality_id)
    session.execute(held.with_for_update(key_share=True))


def holders(session: Session, municipality_id: int, role: Role) -> dict[int, int]:
    """Hat -> person of all who have a role now, and may sign in, says the database."""
    m, bit = Membership, EnumSet(Role).bits({role})
    wanted = (
        select(m.id, m.person_id)
        .join(Account, Account.id == m.account_id)
        .where(m.municipality_id == municipality_id, m.active, Account.active)
        .where(type_coerce(m.roles, Integer).op("&")(bit) != 0)
    )
    with session.no_autoflush:
        return {hat: person for hat, person in session.execute(wanted)}


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
    said_yes = [row for row in session.dirty if isinstance(row, RightsRequest) and row.confirmed]
    return {
        row.membership_id
        for row in said_yes
        if cast(Any, inspect(row)).attrs.confirmed.history.has_changes()
    }


def authorise_request(session: Session, actor: Actor, row: RightsRequest, new: bool) -> None:
    """Asked for by an administrator, for somebody else; answered once, in time, by another.

    Raises: Forbidden, NotAgreed.
    """
    hat = session.get(Membership, row.membership_id)
    if hat is None or hat.municipality_id != row.municipality_id:
        raise Forbidden("a hat of another municipality")
    if new:
        _authorise_asking(actor, hat, row)
    else:
        _authorise_answer(session, actor, hat, row)


def _authorise_asking(actor: Actor, hat: Membership, row: RightsRequest) -> None:
    row.asked_at = utcnow()  # never dated so that it lasts longer
    mine = row.asked_by_id == actor.person_id and Role.ADMINISTRATOR in actor.roles
    answered = row.confirmed is not None or row.answered_by_id is not None
    if not mine or answered or hat.account_id == actor.account_id:
        raise Forbidden("an administrator asks, for somebody else")
    if not hat.active or Role.ADMINISTRATOR in hat.roles:
        raise Forbidden("asked for an open hat that is not an administrator's")


def _authorise_answer(session: Session, actor: Actor, hat: Membership, row: RightsRequest) -> None:
    take_turn(session, row.municipality_id)
    answer = select(RightsRequest.confirmed).where(RightsRequest.id == row.id)
    if session.execute(answer).scalar() is not None or row.lapses_at <= utcnow():
        raise NotAgreed("answered already, or too late")
    if row.confirmed is None or row.answered_by_id != actor.person_id:
        raise Forbidden("an answer is yes or no, and one's own")
    row.answered_at = utcnow()
    takes_back = row.confirmed is False and row.asked_by_id == actor.person_id
    if not takes_back and actor.person_id not in confirmers(session, row.asked_by_id, hat):
        raise NotAgreed("neither the one who asked nor the one who becomes it says yes")


def confirmers(session: Session, asked_by_id: int, hat: Membership) -> set[int]:
    """Persons who may say yes: the other administrators; the heads of department, when there
    is no other. Neither the one who asked nor the one who becomes it."""
    for role in (Role.ADMINISTRATOR, Role.LEADER):
        all_ = holders(session, hat.municipality_id, role).values()
        others = set(all_) - {asked_by_id, hat.person_id}
        if others:
            return others
    return set()
