"""Converting a plan (konvertering): Enkelt samspill grows into an individual plan.

One way. The plan keeps its id and every row; its type changes in the transaction of the
last signature (services.signing.sign). Pasient- og brukarrettslova § 2-5.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models.clock import utcnow
from models.consent import Consent, Grant
from models.i18n import N_
from models.plan import Participant, Plan, PlanRegister
from models.vocabulary import GONE, PlanStatus, PlanType, Scope
from security.session import GuardedSession
from services.consent import team
from services.errors import Conflict
from services.packages import parts
from services.proposal import propose_conversion

UPWARDS = {
    PlanType.SIMPLE_COLLABORATION: PlanType.INDIVIDUAL_PLAN,
    PlanType.RELAY_LOG: PlanType.INDIVIDUAL_PLAN,
    PlanType.MEETING_LOG: PlanType.SIMPLE_COLLABORATION,
}


class NotUpwards(Conflict):
    """A plan never becomes a lesser one, and an individual plan is the most there is."""

    words = N_("This plan cannot be made into another kind.")


class HasOneAlready(Conflict):
    """The person has an open individual plan."""

    words = N_("There is an open individual plan for the person already.")


@dataclass(frozen=True, slots=True)
class Change:
    """What a conversion means for one participant, if everybody says yes to the proposal."""

    participant: Participant
    loses: frozenset[Scope]
    gets: frozenset[Scope]


def preview(session: GuardedSession, plan: Plan) -> list[Change]:
    """Participant by participant: parts they have now and would not be asked for again,
    and parts that are new. Raises: NotUpwards."""
    to = target(plan)
    live = (Grant.revoked_at.is_(None), Grant.ends_at > utcnow())
    wanted = select(Grant).where(Grant.plan_id == plan.id, *live)
    now: dict[int, set[Scope]] = {}
    for grant in session.scalars(wanted):
        now.setdefault(grant.person_id, set()).add(grant.scope)
    changes = []
    for participant in team(session, plan.id):
        if participant.package is None:
            continue
        has = frozenset(now.get(participant.person_id, ()))
        asked = frozenset() if participant.status in GONE else _asked(participant, to)
        if has or asked:
            changes.append(Change(participant, has - asked, asked - has))
    return changes


def _asked(participant: Participant, to: PlanType) -> frozenset[Scope]:
    assert participant.package is not None
    return frozenset(parts(participant.package, to))


def target(plan: Plan) -> PlanType:
    """What the plan may become. Raises: NotUpwards."""
    if plan.type not in UPWARDS or plan.status is not PlanStatus.ACTIVE:
        raise NotUpwards(plan.id)
    return UPWARDS[plan.type]


def convert(session: GuardedSession, plan: Plan) -> Consent:
    """Ask for the consent that converts the plan. Raises: NotUpwards, HasOneAlready."""
    to = target(plan)
    other = select(PlanRegister.id).where(
        PlanRegister.person_id == plan.person_id,
        PlanRegister.plan_id != plan.id,
        PlanRegister.type == to,
        PlanRegister.status.in_((PlanStatus.DRAFT, PlanStatus.ACTIVE)),
    )
    if session.scalars(other).first() is not None:
        raise HasOneAlready(plan.id)
    return propose_conversion(session, plan, to)
