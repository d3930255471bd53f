"""Who may let somebody in (vegen inn): a first sign-in, by a letter or by a code handed over.

Asked when a hat or an invitation is flushed (security.registers).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session, object_session

from models.account import INVITED_FOR, Account, Invitation, Membership
from models.clock import today, utcnow
from models.people import CoordinatorAppointment, Person, Representation, holds_on
from models.plan import PlanRegister
from models.vocabulary import Role
from security import merging
from security.actor import Actor
from security.policy import Forbidden


def coordinated_by(session: Session, actor: Actor) -> set[int]:
    """Persons the actor is appointed coordinator for, today."""
    a = CoordinatorAppointment
    mine = select(a.person_id).where(a.coordinator_id == actor.person_id, holds_on(a, today()))
    return set(session.scalars(mine))


def authorise_way_in(session: Session, actor: Actor, person_id: int) -> None:
    """Whoever hands over a first sign-in could use it: where that would open plans, it is
    the coordinator appointed for their owners, and nobody else."""
    acts_for = select(Representation.person_id).where(Representation.representative_id == person_id)
    owns = select(PlanRegister.person_id).where(
        PlanRegister.person_id.in_({person_id, *session.scalars(acts_for)})
    )
    if not set(session.scalars(owns)) <= coordinated_by(session, actor):
        raise Forbidden("the way into a plan is handed over by its coordinator")


def authorise_invitation(actor: Actor, row: Invitation, new: bool) -> None:
    """Of a hat in one's own municipality; a link goes to its person's address and to no other.
    A code could be used by the one who hands it over: only the one who let somebody in first
    gives it, to an account nobody has used. It is taken back by the one who asked, or the office.
    """
    session = object_session(row)
    if session is None:
        raise Forbidden("an invitation by nobody")
    if not new:
        over = row.expires_at <= utcnow()  # whoever asks anew takes it away
        may = (
            over
            or bool(actor.roles & {Role.COORDINATING_UNIT, Role.ADMINISTRATOR})
            or _is_mine(actor, row)
        )
        if _is_answered(row) or row.withdrawn_at is None or not may:
            raise Forbidden("an invitation is taken back by the one who asked")
        return
    merging.still_used(session, [row.person_id])
    hat = select(Membership).where(
        Membership.account_id == row.account_id, Membership.person_id == row.person_id
    )
    account, person = session.get(Account, row.account_id), session.get(Person, row.person_id)
    if account is None or person is None or session.scalars(hat).first() is None:
        raise Forbidden("an invitation is for a hat in one's own municipality")
    before = who_invited(session, row.account_id)
    if not _is_mine(actor, row) or row.answered_at or row.expires_at > utcnow() + INVITED_FOR:
        raise Forbidden("one invites in one's own name, for 14 days")
    if row.code_hash is not None:
        if account.is_in_use or not before <= {actor.person_id}:
            raise Forbidden("a start code is given by the one who gave the first")
    elif row.address_index is None or row.address_index != person.email_index:
        raise Forbidden("a link goes to the person's own address")
    if before != {actor.person_id} and not _was_sent_there(session, row):
        authorise_way_in(session, actor, row.person_id)


def _is_answered(row: Invitation) -> bool:
    """By this change: that is for the one who signs in. The rest of the row is immutable."""
    state: Any = inspect(row)
    return bool(state.attrs.answered_at.history.has_changes())


def _was_sent_there(session: Session, row: Invitation) -> bool:
    """Whether somebody who might has had a letter sent to the same address before."""
    same = Invitation.account_id == row.account_id, Invitation.address_index == row.address_index
    asked = select(Invitation.id).where(*same)
    return row.address_index is not None and session.scalars(asked).first() is not None


def _is_mine(actor: Actor, row: Invitation) -> bool:
    return row.invited_by_id == actor.person_id


def who_invited(session: Session, account_id: int) -> set[int]:
    """Persons who have invited this account before, wherever."""
    asked = Invitation.__table__.c
    issuers = session.execute(
        select(asked.invited_by_id).where(asked.account_id == account_id),
        execution_options={"unscoped_because": "who has invited an account before"},
    )
    return set(issuers.scalars())
