"""What the front page asks in one question (augekast): the next meeting, where the consents
stand, the owner's own words, and what the regulation asks of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask import g
from sqlalchemy import Row, and_, select
from sqlalchemy.orm import aliased

from models.consent import Consent, Signature
from models.elements.meeting import Invitee, Meeting
from models.elements.presentation import Presentation
from models.illustration import Portrait
from models.people import Person
from models.plan import Plan
from models.vocabulary import Attendance, ConsentStatus, Scope
from security.acting import ME, NOW, THE_PLAN
from security.representing import word
from services import nine_items
from services.nine_items import Item
from views.plan.next_step import Consents

NOWHERE = Consents()


@dataclass(frozen=True, slots=True)
class NextMeeting:
    """The first one that has not ended; answer: None, when one is not called."""

    id: int
    purpose: str
    starts_at: datetime
    ends_at: datetime
    place: str | None
    answer: Attendance | None


@dataclass(frozen=True, slots=True)
class Glance:
    """What there is for this reader. owner: what the owner is called. filled: those of the nine
    that are there; None, when the regulation or the reader is another."""

    meeting: NextMeeting | None = None
    consents: Consents = NOWHERE
    owner: str = ""
    words: Presentation | None = None
    picture: int | None = None
    filled: set[Item] | None = None


def glance() -> Glance:
    """Asked of whoever may read each of them, and of nobody else."""
    around = g.access.owners_side or g.access.coordinator
    meetings = g.access.level(Scope.MEETINGS) is not None
    words = around and g.access.level(Scope.PRESENTATION) is not None
    nine = g.access.coordinator and not g.access.owners_side and nine_items.asked_of(g.plan)
    if not (around or meetings):
        return Glance()
    asked = _question(meetings=meetings, around=around, words=words, nine=nine)
    row = g.session.execute(asked, {"plan": g.plan.id}).one()
    consents = Consents(row.waiting, row.sent, row.in_force, row.signed) if around else NOWHERE
    in_force = bool(consents.in_force)
    return Glance(
        meeting=_meeting(row) if meetings else None,
        consents=consents,
        owner=(row.owner or "").partition(" ")[0] if words else "",
        words=row.Presentation if words else None,
        picture=row.picture if words else None,
        filled=nine_items.filled(row, g.plan, in_force=in_force) if nine else None,
    )


@cache
def _question(*, meetings: bool, around: bool, words: bool, nine: bool) -> Any:
    """What is asked, put together once for each kind of reader; which plan, who and when are
    bound at each execution."""
    wanted: Any = select(Plan.id.label("plan")).where(Plan.id == THE_PLAN).limit(1)
    wanted = _with_meeting(wanted) if meetings else wanted
    wanted = _with_consents(wanted) if around else wanted
    wanted = _with_words(wanted) if words else wanted
    return wanted.add_columns(*nine_items.columns()) if nine else wanted


def _with_meeting(wanted: Any) -> Any:
    m, i = Meeting, Invitee
    coming = and_(m.plan_id == Plan.id, m.takes_place(), m.ends_at > NOW)
    is_called = i.answer != word(Attendance.NOT_NEEDED)
    mine = and_(i.plan_id == m.plan_id, i.meeting_id == m.id, i.person_id == ME, is_called)
    named = (m.id.label("meeting"), m.purpose, m.starts_at, m.ends_at, m.place, i.answer)
    joined = wanted.outerjoin(m, coming).outerjoin(i, mine).add_columns(*named)
    return joined.order_by(m.starts_at.nulls_last(), m.id)


def _meeting(row: Row[Any]) -> NextMeeting | None:
    if row.meeting is None:
        return None
    return NextMeeting(row.meeting, row.purpose, row.starts_at, row.ends_at, row.place, row.answer)


def _with_consents(wanted: Any) -> Any:
    """The one that waits, the one in force, and one's own signature: services.consent.standing
    without the rows themselves."""
    asked, force = aliased(Consent), aliased(Consent)
    waits = and_(
        asked.plan_id == Plan.id, asked.status.in_((ConsentStatus.DRAFT, ConsentStatus.SENT))
    )
    holds = and_(force.plan_id == Plan.id, force.status == ConsentStatus.SIGNED, force.until > NOW)
    mine = and_(Signature.consent_id == asked.id, Signature.person_id == ME)
    joined = wanted.outerjoin(asked, waits).outerjoin(force, holds).outerjoin(Signature, mine)
    named = {"waiting": asked.id, "sent": asked.sent_at, "in_force": force.id}
    named["signed"] = Signature.id
    return joined.add_columns(*(column.label(name) for name, column in named.items()))


def _with_words(wanted: Any) -> Any:
    p = Presentation
    written = and_(p.plan_id == Plan.id, p.removed_at.is_(None))
    seen = and_(Portrait.presentation_id == p.id, Portrait.removed_at.is_(None))
    named = wanted.outerjoin(Person, Person.id == Plan.person_id).outerjoin(p, written)
    shown = named.outerjoin(Portrait, seen)
    return shown.add_columns(Person.name.label("owner"), p, Portrait.id.label("picture")).order_by(
        p.id
    )
