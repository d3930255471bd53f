"""Signing by a paper (underskrift etter papir): the one gate to somebody else's hand.

A person signs with their own hand, and the paper shows it; the row of the signature is made in
their name, by the very service they would have signed with themselves, so that every rule of it
is asked. It takes the yes of a second person in the same transaction, counts once, and the access
log says who gave it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.consent import Signature
from models.paper import PaperConsent
from models.plan import Plan
from security.paper_rules import BY_HAND, SAID_YES, Written
from security.policy import Forbidden
from security.session import GuardedSession


def hold_the_plan(session: GuardedSession, row: PaperConsent) -> None:
    """Hold the plan of a paper for this transaction: before the municipality, in the order in
    which whoever writes in a plan holds them, so that two never wait for each other."""
    plan = Plan.__table__.c.id
    session.execute(
        select(plan).where(plan == row.plan_id).with_for_update(),
        execution_options={"unscoped_because": "a paper takes its turn in a plan that stays shut"},
    )


@contextmanager
def hand_of(session: GuardedSession, row: PaperConsent) -> Iterator[GuardedSession]:
    """A session of the signer of `row`, in the transaction of `session`, which must have said
    yes to it; it is signed when one comes back.

    Raises: Forbidden.
    """
    said_yes: set[int] = session.info.get(SAID_YES, set())
    if row.id not in said_yes:
        raise Forbidden("a paper is signed in the breath of its yes")
    me = session.actor
    signer = replace(me, person_id=row.person_id, paper_id=row.id, confirmer_id=me.person_id)
    here = Session.connection(session)  # ours is shut: nothing but this goes round the guard
    with GuardedSession(here, join_transaction_mode="rollback_only") as hand:
        hand.info[BY_HAND] = Written.of(row)
        hand.act_as(signer)
        yield hand
        hand.flush()
        mine = select(Signature.id).where(
            Signature.consent_id == row.consent_id, Signature.person_id == row.person_id
        )
        if hand.scalars(mine).first() is None:
            raise Forbidden("a yes to a paper is a signature")
    said_yes.discard(row.id)
