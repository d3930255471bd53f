"""Mail that came back (returpost): what counted as sent did not arrive; its address is marked."""

from __future__ import annotations

import logging

from sqlalchemy import Engine, select
from sqlalchemy.orm import joinedload

from integrations.letter import Unreachable
from integrations.returned_mail import ReturnBox, Returned
from models.clock import utcnow
from models.database import WRITING
from models.outbox import Delivery
from models.vocabulary import Channel, Fault
from security.session import SystemSession

_LOG = logging.getLogger("medspel.jobs")


def read_returns(engine: Engine, box: ReturnBox) -> bool:
    """Note everything that has come back; whether the mailbox could be read."""
    try:
        with box.returned() as returned:
            _note(engine, returned)
    except Unreachable as fault:
        _LOG.error("the mailbox of returned mail: %s", fault)
        return False
    return True


def _note(engine: Engine, returned: list[Returned]) -> None:
    """Those that are ours; told twice is noted once."""
    for_good = {one.uid: one.for_good for one in returned}
    WRITING.set(True)
    with SystemSession(engine, because="mail that came back") as session:
        mine = select(Delivery).where(
            Delivery.uid.in_(for_good),
            Delivery.channel == Channel.MAIL,
            Delivery.sent_at.is_not(None),
        )
        for row in session.scalars(mine.options(joinedload(Delivery.person))):
            row.sent_at, row.failed_at = None, utcnow()
            row.fault = Fault.REFUSED if for_good[row.uid] else Fault.UNREACHABLE
            if for_good[row.uid]:
                row.person.mail_returned_at = utcnow()
        session.commit()
