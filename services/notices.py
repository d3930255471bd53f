"""Notices (varsel): what is told to whom, written with the change and sent by the worker.

A notice says what kind of thing has happened and nothing else: no name, no title, no
place. The words are chosen when it is sent, in the receiver's language.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from models.elements import elements
from models.i18n import N_
from models.outbox import OutboxMessage
from models.plan import Plan
from models.vocabulary import Scope

KINDS: dict[str, str] = {
    "consent": N_("You are asked to sign a consent. Sign in to Medspel to read it."),
    "consent_signed": N_("A consent is signed by everybody. Sign in to Medspel to see it."),
    "consent_ended": N_("A consent that waited for signatures is taken back."),
    "representative": N_("Somebody is registered as acting for you or your child."),
    "access": N_("You have been given access to a plan. Sign in to Medspel to see it."),
    "withdrawn": N_("Your access to a plan has ended."),
    "message": N_("You have a new message. Sign in to Medspel to read it."),
    "meeting": N_("You are called to a meeting. Sign in to Medspel to answer."),
    "minutes": N_("The minutes of a meeting are ready. Sign in to Medspel to read them."),
    "evaluation": N_("An evaluation is open for your answers. Sign in to Medspel."),
}


def part_of(kind: str) -> Scope | None:
    """The part of the plan a notice is about, when it is about an element; without that
    part nobody is told."""
    return next((cls.element.scope for cls in elements() if cls.element.key == kind), None)


def notify(
    session: Session, plan: Plan, people: Iterable[int], kind: str, row_id: int, key: str
) -> None:
    """Put one notice for each of `people` (person ids) in the outbox, once for each `key`."""
    session.add_all(
        OutboxMessage(
            municipality_id=plan.municipality_id,
            plan_id=plan.id,
            person_id=person_id,
            kind=kind,
            row_id=row_id,
            dedup_key=f"{kind}:{key}:{person_id}",
        )
        for person_id in sorted(set(people))
    )
