"""What did not arrive (levering som ikkje kom fram), and sending it once more."""

from __future__ import annotations

from collections.abc import Iterable

from models.clock import utcnow
from models.outbox import Delivery
from models.vocabulary import Channel, Fault

LOST = (Fault.NO_ADDRESS, Fault.REFUSED, Fault.UNREACHABLE)
"""What somebody can mend; the rest was rightly not sent."""


def try_again(deliveries: Iterable[Delivery]) -> int:
    """Put lost deliveries back in the queue, by the channel the person has now; how many."""
    count = 0
    for row in deliveries:
        by_sms = row.person.phone_index and not row.person.email_index
        row.channel = Channel.SMS if by_sms else Channel.MAIL
        row.failed_at = row.fault = row.leased_until = None
        row.attempts, row.due_at = 0, utcnow()
        count += 1
    return count
