"""Less than before (innsnevring): somebody sees less of the plan from the next request on.

One of those who decide does it alone, and no signature is needed; more takes a new consent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.clock import utcnow
from models.consent import Grant
from models.plan import Plan
from models.vocabulary import Level, LifeArea, Recorded, Scope, narrowest
from security.session import GuardedSession
from services.consent import live_grants, lock
from services.evidence import record_withdrawal
from services.notices import notify
from services.withdrawal import AlreadyWithdrawn, void_signatures, withdraw_person


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of one part: at most as much as there was."""

    level: Level
    life_areas: frozenset[LifeArea]


def narrow(
    session: GuardedSession, plan: Plan, person_id: int, kept: Mapping[Scope, Kept | None]
) -> bool:
    """Leave of each part in `kept` what is said, None for nothing; other parts stay as they
    are. Never makes anything wider. Answers whether something has changed.

    Raises: AlreadyWithdrawn, Forbidden. Source: GDPR art. 7(3).
    """
    lock(session, plan.id)
    grants = live_grants(session, plan.id, person_id)
    if not grants:
        raise AlreadyWithdrawn(person_id)
    now, less = utcnow(), [(one, _left(one, kept)) for one in grants]
    changed = [(one, left) for one, left in less if left != Kept(one.level, one.life_areas)]
    if not changed:
        return False
    if all(left is None for _, left in less):
        withdraw_person(session, plan, person_id)
        return True
    for grant, _ in changed:
        grant.revoked_at = now
    session.flush()
    for grant, left in changed:
        if left is not None:
            session.add(remade(grant, now, left.level, left.life_areas))
    taken_back = void_signatures(session, plan)
    ended = [grant for grant, _ in changed]
    record_withdrawal(session, plan.id, Recorded.PART_SHUT, ended, taken_back)
    notify(session, plan, [person_id], "narrowed", plan.id, f"{changed[0][0].uid}")
    session.flush()
    return True


def _left(grant: Grant, kept: Mapping[Scope, Kept | None]) -> Kept | None:
    wish = kept.get(grant.scope, Kept(grant.level, grant.life_areas))
    if wish is None:
        return None
    areas = grant.life_areas & wish.life_areas if grant.scope.has_life_areas else grant.life_areas
    return Kept(narrowest(wish.level, grant.level), areas) if areas else None


def remade(grant: Grant, now: object, level: Level, life_areas: frozenset[LifeArea]) -> Grant:
    """The key again, for what is left of it: as old, and for as long."""
    return Grant(
        plan_id=grant.plan_id, consent_id=grant.consent_id, person_id=grant.person_id,
        scope=grant.scope, level=level, life_areas=life_areas,
        since=grant.since, starts_at=now, ends_at=grant.ends_at,
    )  # fmt: skip
