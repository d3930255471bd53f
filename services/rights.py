"""The widest rights (systemansvarleg): asked for by one, given by another, never by oneself.

What may be asked and answered is security.rights'; here it is said before somebody presses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from models.account import Membership
from models.i18n import N_
from models.people import Person
from models.rights import RightsRequest
from models.vocabulary import Role
from security.four_eyes import holders, take_turn
from security.rights import confirmers
from security.session import GuardedSession
from services.accounts import is_in_a_plan
from services.errors import Conflict
from services.four_eyes import in_turn, is_answered, is_open

_R = RightsRequest


class Closed(Conflict):
    """The hat is closed, or was while the request waited."""

    words = N_("This account is closed. Open it in the register of accounts first.")


class OwnHat(Conflict):
    """Nobody asks for more for themselves."""

    words = N_("This is your own account. Somebody else must ask for it.")


class IsAdministrator(Conflict):
    words = N_("This person is system administrator already.")


class InAPlan(Conflict):
    """The account belongs to an owner or a guardian: private and work are never one."""

    words = N_(
        "This account belongs to an owner or a guardian. Private and work are kept apart: register "
        "the employee as a person with an account of their own."
    )


def waiting(session: GuardedSession) -> Sequence[RightsRequest]:
    """Requests nobody has answered, and that are not too old; the oldest first."""
    return session.scalars(_with_people().where(is_open(_R)).order_by(_R.id)).all()


def answered(session: GuardedSession, limit: int) -> Sequence[RightsRequest]:
    """Those that were answered within a year, the newest first."""
    late = _with_people().where(is_answered(_R))
    return session.scalars(late.order_by(_R.id.desc()).limit(limit)).all()


def count_for_me(session: GuardedSession) -> int:
    """How many requests wait for the actor's yes or no. One statement when none waits."""
    if not session.scalar(select(func.count(_R.id)).where(is_open(_R))):
        return 0
    return sum(may_answer(session, one) for one in waiting(session))


def may_answer(session: GuardedSession, request: RightsRequest) -> bool:
    """Whether the actor is somebody who may say yes, or no."""
    may = confirmers(session, request.asked_by_id, request.membership)
    return session.actor.person_id in may


def names_now(session: GuardedSession) -> Sequence[str]:
    """Who are system administrators, by name."""
    now = holders(session, session.actor.municipality_id, Role.ADMINISTRATOR)
    return _names(session, now.values())


def names_of_confirmers(session: GuardedSession, hat: Membership) -> Sequence[str]:
    """Who may say yes, if the actor asks for `hat`, by name."""
    return _names(session, confirmers(session, session.actor.person_id, hat))


def _names(session: GuardedSession, people: Iterable[int]) -> Sequence[str]:
    wanted = select(Person.name).where(Person.id.in_(people)).order_by(Person.name)
    return session.scalars(wanted).all()


def check(session: GuardedSession, hat: Membership) -> None:
    """Whether it may be asked for. Raises: OwnHat, Closed, IsAdministrator, InAPlan."""
    if hat.account_id == session.actor.account_id:
        raise OwnHat
    if not hat.active:
        raise Closed
    if Role.ADMINISTRATOR in hat.roles:
        raise IsAdministrator
    if is_in_a_plan(session, hat.person_id):
        raise InAPlan


def ask(session: GuardedSession, hat: Membership) -> RightsRequest:
    """Ask that `hat` becomes a system administrator's; what waits already is not asked twice.

    Raises: what `check` raises.
    """
    take_turn(session, hat.municipality_id)
    check(session, hat)
    same = session.scalars(select(_R).where(_R.membership_id == hat.id, is_open(_R))).first()
    if same is not None:
        return same
    request = RightsRequest(
        municipality_id=hat.municipality_id,
        membership_id=hat.id,
        asked_by_id=session.actor.person_id,
    )
    session.add(request)
    session.flush()
    return request


def answer(session: GuardedSession, request: RightsRequest, yes: bool) -> None:
    """Say yes or no; with a yes the hat is a system administrator's from the next request on.

    Raises: AnsweredAlready, Closed; security.policy.Forbidden, when it is not the actor's to say.
    """
    in_turn(session, request)
    hat = session.get_one(Membership, request.membership_id)
    session.refresh(hat, ["roles", "active"])
    if yes and not hat.active:
        raise Closed
    request.confirmed, request.answered_by_id = yes, session.actor.person_id
    if yes:
        hat.roles = hat.roles | {Role.ADMINISTRATOR}
    session.flush()


def _with_people() -> Select[RightsRequest]:
    hat = joinedload(_R.membership)
    whole = (hat.joinedload(Membership.person), hat.joinedload(Membership.account))
    return select(_R).options(*whole, joinedload(_R.asked_by), joinedload(_R.answered_by))
