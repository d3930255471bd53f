"""What did not arrive (levering som ikkje kom fram), and sending it once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased, contains_eager

from models.clock import utcnow
from models.outbox import Delivery
from models.people import Person
from models.vocabulary import Channel, Fault
from security.session import GuardedSession
from services.notice_kinds import SIGN_IN_CODE

LOST = (Fault.NO_ADDRESS, Fault.REFUSED, Fault.UNREACHABLE)
"""What somebody can mend; the rest was rightly not sent."""


def is_lost() -> ColumnElement[bool]:
    """Whether a delivery was given up, and its notice reached the person by no other way. A code
    is asked for anew by the one who waits for it."""
    other = aliased(Delivery)
    arrived = select(other.id).where(
        other.message_id == Delivery.message_id, other.sent_at.is_not(None)
    )
    given_up = Delivery.failed_at.is_not(None) & Delivery.fault.in_(LOST)
    given_up &= Delivery.kind != SIGN_IN_CODE
    return given_up & ~arrived.exists()


def lost_deliveries() -> Select[Any]:
    """With their people, the newest first. Of an entry that is closed nothing can be mended."""
    used = Person.merged_into_id.is_(None)
    lost = select(Delivery).join(Delivery.person).where(is_lost(), used)
    return lost.options(contains_eager(Delivery.person)).order_by(Delivery.id.desc())


def try_again(session: GuardedSession, deliveries: Sequence[Delivery]) -> int:
    """Put lost deliveries back in the queue, by a channel the person has now; how many."""
    notices = {row.message_id for row in deliveries}
    tried = select(Delivery.message_id, Delivery.channel).where(Delivery.message_id.in_(notices))
    taken = {(row.message_id, row.channel) for row in session.execute(tried)}
    for row in deliveries:
        has = {Channel.MAIL: row.person.email_index, Channel.SMS: row.person.phone_index}
        free = [one for one in has if has[one] and (row.message_id, one) not in taken]
        if not has[row.channel] and free:
            row.channel = free[0]
            taken.add((row.message_id, row.channel))
        row.failed_at = row.fault = row.leased_until = None
        row.attempts, row.due_at = 0, utcnow()
    return len(deliveries)
