"""Whom a plan can be seen as, and what is said of them (sjå som)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.clock import utcnow
from models.consent import Grant
from models.people import Person
from models.plan import Participant, Plan
from models.vocabulary import Level, LifeArea, Package, Scope
from security.access import load_access
from security.policy import Forbidden
from security.seeing import may_be_seen, may_see
from security.session import GuardedSession


@dataclass(frozen=True, slots=True)
class Seen:
    """The participant a plan is seen as. `may_withdraw`: whether the viewer may end it there."""

    plan: Plan
    participant_id: int
    name: str
    role: str
    package: Package | None
    organisation: str | None
    may_withdraw: bool


@dataclass(slots=True)
class LetIn:
    """Somebody a yes has let in, and what their keys open."""

    participant: Participant
    keys: list[Grant] = field(default_factory=list)

    @property
    def levels(self) -> list[tuple[Level, list[Scope]]]:
        """The most first, as it is said on the signing page."""
        found = {level: [k.scope for k in self.keys if k.level is level] for level in Level}
        return [(level, parts) for level, parts in reversed(found.items()) if parts]

    @property
    def areas(self) -> frozenset[LifeArea]:
        """Those they are limited to; empty when it is none."""
        limits = [k.life_areas for k in self.keys if len(k.life_areas) < len(LifeArea)]
        return frozenset().union(*limits)

    @property
    def since(self) -> datetime:
        return min(k.since for k in self.keys)

    @property
    def until(self) -> datetime:
        return max(k.ends_at for k in self.keys)


def let_in(session: GuardedSession, plan_id: int) -> Sequence[LetIn]:
    """Those with a key that opens something now, in the order of the team."""
    now, order, person = utcnow(), list(Scope), Grant.person_id == Participant.person_id
    live = (Grant.starts_at <= now, now < Grant.ends_at, Grant.revoked_at.is_(None))
    wanted = (
        select(Participant, Grant)
        .join(Grant, (Grant.plan_id == Participant.plan_id) & person)
        .where(Participant.plan_id == plan_id, Participant.package.is_not(None), *live)
        .options(joinedload(Participant.person))
        .order_by(Participant.id)
    )
    found: dict[int, LetIn] = {}
    for participant, key in session.execute(wanted):
        found.setdefault(participant.id, LetIn(participant)).keys.append(key)
    for one in found.values():
        one.keys.sort(key=lambda key: order.index(key.scope))
    return list(found.values())


def begin(session: GuardedSession, plan_id: int, person_id: int) -> bool:
    """Whether the plan can be seen as this person now.

    Raises: Forbidden, for those who are not on the owner's side.
    """
    if not may_see(session.access(plan_id)):
        raise Forbidden("a plan is seen as others see it by the owner's side only")
    return may_be_seen(load_access(session, person_id, plan_id, utcnow()))


def seen(session: GuardedSession, plan_id: int) -> Seen | None:
    """The plan and the participant it is seen as; None when that is over, for either of them."""
    p = Participant
    wanted = (
        select(Plan, p.id, p.role, p.package, p.organisation, Person.name)
        .join(Participant, Participant.plan_id == Plan.id)
        .join(Person, Person.id == Participant.person_id)
        .where(Plan.id == plan_id, Participant.person_id == session.actor.person_id)
    )
    row = session.execute(wanted).first()
    if row is None or not may_be_seen(session.access(plan_id)):
        return None
    viewer = session.viewers_access(plan_id)
    if viewer is None or not may_see(viewer):
        return None
    plan, key, role, package, organisation, name = row
    return Seen(
        plan=plan, participant_id=key, name=name, role=role, package=package,
        organisation=organisation, may_withdraw=viewer.withdraws,
    )  # fmt: skip
