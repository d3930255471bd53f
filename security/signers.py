"""Who must sign, and who need not and why (kven som skriv under): one question, asked anew
each time, also inside the transaction that puts a consent in force.

Barnelova §§ 30-33, pasient- og brukarrettslova §§ 4-3 to 4-7.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Date, ScalarSelect, bindparam, or_, select
from sqlalchemy.orm import Session, aliased

from models.base import BigInt, UtcDateTime
from models.clock import today, utcnow
from models.people import Person, Representation
from models.plan import Plan
from models.representation_rules import INFORMED, RULES, Rule, Until
from models.signing_exception import SigningException
from models.vocabulary import Capacity, ExceptionReason, Mandate
from security.representing import decides, stands_back


class Part(Enum):
    """What somebody has to do with a consent: they sign, or why they do not."""

    SIGNS = auto()
    EXCEPTED = auto()
    ANOTHER_SIGNS = auto()
    OWNER_DECIDES = auto()
    OWNER_CAN = auto()
    OWNER_IS_GROWN = auto()
    IS_INFORMED = auto()
    MONEY_ONLY = auto()
    NOT_CONFIRMED = auto()


@dataclass(frozen=True, slots=True)
class Signer:
    """One who acts for the owner, or is registered as somebody who does."""

    person_id: int
    name: str
    capacity: Capacity
    part: Part
    reason: ExceptionReason | None = None


def signers(session: Session, plan: Plan) -> list[Signer]:
    """Everybody registered as acting for the owner now, living, and what they are here.

    An exception counts as long as somebody else signs: without anybody nothing is signed.
    """
    its = {one: getattr(plan, one) for one in ("person_id", "owner_decides_from", "guardian_until")}
    rows = session.execute(_acting(), {"now": utcnow(), "day": today(), **its}).all()
    left = {row[0].representative_id for row in rows if row[2] and row.excepted is None}
    return [_signer(plan, *row, left=bool(left)) for row in rows]


def deciders(session: Session, plan: Plan) -> set[int]:
    """Persons who must all sign: those who decide for the owner, else the owner."""
    return must_sign(plan, signers(session, plan))


def must_sign(plan: Plan, acting: Iterable[Signer]) -> set[int]:
    """The same, when one knows who is registered as acting."""
    ids = {one.person_id for one in acting if one.part is Part.SIGNS}
    return ids or ({plan.person_id} if plan.owner_decides_from <= today() else set())


@cache
def _acting() -> Any:
    """The statement of `signers`, put together once: it takes longer than to ask it."""
    now, day, r = bindparam("now", type_=UtcDateTime), bindparam("day", type_=Date), Representation
    its = SimpleNamespace(
        person_id=bindparam("person_id", type_=BigInt),
        owner_decides_from=bindparam("owner_decides_from", type_=Date),
        guardian_until=bindparam("guardian_until", type_=Date),
    )
    return (
        select(
            r, Person.name,
            decides(r, its, now, day, aliased(r)), stands_back(r, its, now, day, aliased(r)),
            excepted_from(day).label("excepted"),
        )
        .join(Person, Person.id == r.representative_id)
        .where(
            r.person_id == its.person_id,
            r.starts_at <= now,
            or_(r.ends_at.is_(None), r.ends_at > now),
            Person.died_on.is_(None),
        )
        .order_by(r.id)
    )  # fmt: skip


def excepted_from(day: Any) -> ScalarSelect[ExceptionReason]:
    """Why one who decides need not sign, on that day; nothing when they must."""
    e, r = SigningException, Representation
    return (
        select(e.reason)
        .where(
            e.person_id == r.person_id,
            e.representative_id == r.representative_id,
            e.confirmed.is_(True),
            e.ended_at.is_(None),
            e.until >= day,
        )
        .order_by(e.id.desc())
        .limit(1)
        .correlate(r)
        .scalar_subquery()
    )


def _signer(
    plan: Plan, r: Representation, name: str, decides: bool, stands_back: bool,
    excepted: ExceptionReason | None, *, left: bool,
) -> Signer:  # fmt: skip
    if decides and excepted is not None and left:
        return Signer(r.representative_id, name, r.capacity, Part.EXCEPTED, excepted)
    rule = RULES.get(r.capacity, INFORMED)
    part = Part.SIGNS if decides else _why_not(plan, r, rule, stands_back)
    return Signer(r.representative_id, name, r.capacity, part)


def _why_not(plan: Plan, r: Representation, rule: Rule, stands_back: bool) -> Part:
    """The first thing that keeps somebody from signing."""
    if rule.signs is Until.NEVER:
        return Part.IS_INFORMED
    if rule.personal_matters and r.mandate is Mandate.MONEY:
        return Part.MONEY_ONLY
    if r.verified_at is None or (rule.second_person and r.confirmed_at is None):
        return Part.NOT_CONFIRMED
    if rule.competence_decision:
        return Part.OWNER_CAN
    if rule.signs is Until.OWNER_DECIDES and plan.owner_decides_from <= today():
        return Part.OWNER_DECIDES
    if rule.signs is Until.OWNER_DECIDES and plan.guardian_until <= today():
        return Part.OWNER_IS_GROWN
    return Part.ANOTHER_SIGNS if stands_back else Part.NOT_CONFIRMED
