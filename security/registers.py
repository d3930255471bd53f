"""Who may write in the registers (registerreglar): the second lock behind the routes.

A route asks the role's permission (security.roles); this table is asked again when a
row is flushed, so that no service and no forgotten page goes round it. Absent means
denied. Nobody gives themselves anything, whatever their role.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect

from models.account import Account, Membership, StartCode
from models.base import MunicipalityBound, Personal, System
from models.consent import ConsentText
from models.feedback import CoordinatorFeedback
from models.municipality import (
    Department,
    EvaluationQuestion,
    LifeAreaName,
    Municipality,
    PlanTypeName,
    ServiceType,
)
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import PlanRegister
from models.vocabulary import Role
from security.actor import Actor
from security.policy import Forbidden

_UNIT, _ADMIN = Role.COORDINATING_UNIT, Role.ADMINISTRATOR
_EVERYONE = frozenset(Role)

WRITERS: dict[type[Any], frozenset[Role]] = {
    Person: frozenset({_UNIT, _ADMIN, Role.COORDINATOR}),
    Representation: frozenset({_UNIT, Role.COORDINATOR}),
    CoordinatorAppointment: frozenset({_UNIT}),
    PlanRegister: _EVERYONE,  # a consequence of what happens in the plan
    CoordinatorFeedback: _EVERYONE,
    Department: frozenset({_UNIT, _ADMIN}),
    ServiceType: frozenset({_UNIT, _ADMIN}),
    LifeAreaName: frozenset({_UNIT, _ADMIN}),
    PlanTypeName: frozenset({_UNIT, _ADMIN}),
    EvaluationQuestion: frozenset({_UNIT, _ADMIN}),
    ConsentText: frozenset({_UNIT, _ADMIN}),
    Membership: frozenset({_ADMIN, _UNIT, Role.COORDINATOR}),
    Account: frozenset({_ADMIN, _UNIT, Role.COORDINATOR}),
    StartCode: frozenset({_ADMIN, _UNIT, Role.COORDINATOR}),
}
TO_ONESELF: dict[type[Any], str] = {
    Representation: "representative_id",
    CoordinatorAppointment: "coordinator_id",
    Membership: "person_id",
}
PLAN_ROLES = frozenset({Role.OWNER, Role.REPRESENTATIVE, Role.PARTICIPANT})
"""What anybody who registers people in a plan may give; the rest is the administrator's."""


def authorise(actor: Actor | None, row: MunicipalityBound | Personal, *, new: bool) -> None:
    """Refuse a write in a register.

    Raises: Forbidden, when the municipality, the role or the person is not the right one.
    """
    if actor is None:
        raise Forbidden("nobody is acting")
    by_role = WRITERS.get(type(row), frozenset()) & actor.roles
    if not by_role and not _is_own_account(actor, row):
        raise Forbidden(f"write {type(row).__name__}")
    if isinstance(row, MunicipalityBound) and row.municipality_id != actor.municipality_id:
        raise Forbidden(f"{type(row).__name__} of another municipality")
    column = TO_ONESELF.get(type(row))
    if column and getattr(row, column) == actor.person_id:
        raise Forbidden("nobody gives themselves access")
    if isinstance(row, Membership):
        _authorise_hat(actor, row)


def authorise_system(actor: Actor | None, row: System, *, new: bool) -> None:
    """Rows of the installation: one's own municipality by its administrator, notices and
    the thin login row as consequences; nothing else. Raises: Forbidden."""
    own = isinstance(row, Municipality) and actor is not None and not new
    if own and Role.ADMINISTRATOR in actor.roles and row.id == actor.municipality_id:  # type: ignore[union-attr,attr-defined]
        return
    if not (new and isinstance(row, OutboxMessage)):
        raise Forbidden(f"write {type(row).__name__}")


def _is_own_account(actor: Actor, row: object) -> bool:
    return isinstance(row, Account) and row.id == actor.account_id


def _authorise_hat(actor: Actor, row: Membership) -> None:
    if row.account_id == actor.account_id:
        raise Forbidden("nobody gives themselves a hat")
    history = inspect(row).attrs.roles.history
    had = [*history.deleted, *history.unchanged]
    added = row.roles - (had[0] if had else frozenset())
    if not added <= PLAN_ROLES and Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden("only the administrator gives roles of the office")
