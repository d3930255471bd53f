"""Notices (varsel): what is told to whom, written with the change and sent by the worker.

A notice says what kind of thing has happened and nothing else: no name, no title, no
place. The words are chosen when it is sent, in the receiver's language.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from models.clock import utcnow
from models.elements import PlanElement, elements
from models.elements.activity import Activity
from models.elements.evaluation import Evaluation
from models.elements.meeting import Meeting
from models.elements.minutes import Minutes
from models.i18n import N_
from models.outbox import OutboxMessage
from models.people import Representation
from models.plan import Plan
from models.vocabulary import Scope, Topic
from security.session import GuardedSession

DIGEST = "digest"
"""One letter a day about all that has come; a notice of its own, that nobody looks at."""
INVITATION = "invitation"
"""A letter to somebody who cannot sign in yet (services.invitations)."""
SIGN_IN_CODE = "sign_in_code"
"""The code somebody waits for who is signing in (services.second_factor)."""
SIGN_IN_CHANGED = "sign_in_changed"
"""A password or an app has been changed: whoever did not do it hears of it."""
PAPER, PAPER_NOT_USED = "paper", "paper_not_used"
"""Of a consent on paper: to its signer, and to who registered it."""
CONSENT_HERE = "consent_here"
"""To a signer who sits beside the coordinator: by SMS, whatever else they have chosen."""
REMINDER = "reminder"
"""Of an agreed task, asked for by somebody who reads it (services.reminding)."""
MOVED, CANCELLED = "meeting_moved", "meeting_cancelled"
"""To those called: when and where is another, or it does not take place."""
OWNER_FIRST = "minutes_first"
"""To the owner's side: the minutes are theirs to read before the others do."""
ABOUT_A_MEETING = ("meeting", MOVED, CANCELLED)
TIMES = "meeting_times"
"""To those a meeting is planned with: which times suit them."""
CODE, TIME = "{code}", "{time}"
_LETTERS = {
    DIGEST: N_("The digest of a day."),
    INVITATION: N_(
        "You are invited to Medspel. Open the address below to choose how you sign in. "
        "It can be used once, until {deadline}."
    ),
    SIGN_IN_CODE: N_(
        "Here is your code for Medspel. It is {code}, and counts until {time}. "
        "If you did not ask for it, somebody knows your password."
    ),
    SIGN_IN_CHANGED: N_(
        "The way you sign in to Medspel was changed. If it was not you, call the municipality "
        "at once."
    ),
}
"""What is only a letter, and no notice to look at: what it says (a msgid)."""


@dataclass(frozen=True, slots=True)
class Kind:
    topic: Topic
    text: str


KINDS: dict[str, Kind] = {
    "consent": Kind(
        Topic.CONSENT, N_("You are asked to sign a consent. Sign in to Medspel to read it.")
    ),
    CONSENT_HERE: Kind(
        Topic.CONSENT, N_("The consent is ready for you. Sign in to Medspel to read and answer it.")
    ),
    "consent_signed": Kind(
        Topic.CONSENT, N_("A consent is signed by everybody. Sign in to Medspel to see it.")
    ),
    "consent_ends": Kind(
        Topic.CONSENT, N_("A consent lasts until {deadline}. Sign in to Medspel to renew it.")
    ),
    PAPER: Kind(
        Topic.CONSENT,
        N_("A consent on paper is registered in your name. Sign in to Medspel to see it."),
    ),
    PAPER_NOT_USED: Kind(
        Topic.CONSENT,
        N_("A consent on paper was not confirmed. Sign in to Medspel to see it."),
    ),
    "consent_ended": Kind(Topic.CONSENT, N_("A consent that waited for signatures is taken back.")),
    "outside_ended": Kind(
        Topic.CONSENT,
        N_("Somebody without a sign-in has less to do with a plan. Sign in to Medspel to see it."),
    ),
    "request": Kind(
        Topic.ACCESS,
        N_("A request has come to the coordinating unit. Sign in to Medspel."),
    ),
    "request_unread": Kind(
        Topic.ACCESS,
        N_(
            "A request to the coordinating unit waits, and nobody there may read it. Sign in to "
            "Medspel and give somebody the role."
        ),
    ),
    "deadline": Kind(
        Topic.ACCESS,
        N_(
            "The coordinating unit must do something by {deadline}. Sign in to Medspel to see what."
        ),
    ),
    "deadline_passed": Kind(
        Topic.ACCESS,
        N_("Something should have been done by {deadline}, and is not. Ask the coordinating unit."),
    ),
    "nomination": Kind(
        Topic.ACCESS,
        N_("You are asked to name a coordinator by {deadline}. Sign in to Medspel to answer."),
    ),
    "nomination_answered": Kind(
        Topic.ACCESS,
        N_("A department has answered about a coordinator. Sign in to Medspel to see it."),
    ),
    "coordinating": Kind(
        Topic.ACCESS,
        N_("You coordinate for somebody new from {deadline}. Sign in to Medspel to see whom."),
    ),
    "coordinating_ends": Kind(
        Topic.ACCESS,
        N_("Another coordinator takes over from you. Your last day is {deadline}."),
    ),
    "first_meeting_due": Kind(
        Topic.MEETING,
        N_("You are a new coordinator. The first meeting should be held by {deadline}."),
    ),
    "evaluation_due": Kind(
        Topic.EVALUATION,
        N_("A plan should be evaluated by {deadline}. Sign in to Medspel to call to it."),
    ),
    "meeting_due": Kind(
        Topic.MEETING,
        N_("A team has not met for long. It should meet by {deadline}. Sign in to Medspel."),
    ),
    "representative": Kind(
        Topic.ACCESS, N_("Somebody is registered as acting for you or your child.")
    ),
    "signers": Kind(
        Topic.ACCESS,
        N_("Something is changed about who must sign. Sign in to Medspel to see it."),
    ),
    "birthday": Kind(
        Topic.CONSENT,
        N_("It will soon be another who decides in a plan. Sign in to Medspel to read about it."),
    ),
    "access": Kind(
        Topic.ACCESS, N_("You have been given access to a plan. Sign in to Medspel to see it.")
    ),
    "team": Kind(
        Topic.ACCESS,
        N_("Something is changed about who takes part in a plan. Sign in to Medspel to see it."),
    ),
    "narrowed": Kind(
        Topic.ACCESS, N_("You see less of a plan than before. Sign in to Medspel to see it.")
    ),
    "paused": Kind(Topic.ACCESS, N_("Your access to a plan is paused.")),
    "withdrawn": Kind(Topic.ACCESS, N_("Your access to a plan has ended.")),
    "message": Kind(Topic.MESSAGE, N_("You have a new message. Sign in to Medspel to read it.")),
    "meeting": Kind(
        Topic.MEETING,
        N_("You are called to a meeting. Answer in Medspel by {deadline}."),
    ),
    MOVED: Kind(
        Topic.MEETING,
        N_("A meeting has a new time or place. Sign in to Medspel to see it and answer."),
    ),
    CANCELLED: Kind(
        Topic.MEETING,
        N_("A meeting you are called to is cancelled. Sign in to Medspel to see it."),
    ),
    TIMES: Kind(
        Topic.MEETING, N_("You are asked when a meeting can be. Sign in to Medspel to answer.")
    ),
    "minutes": Kind(
        Topic.MINUTES, N_("The minutes of a meeting are ready. Sign in to Medspel to read them.")
    ),
    OWNER_FIRST: Kind(
        Topic.MINUTES,
        N_("You read the minutes of a meeting first. The others get them in a day. Sign in."),
    ),
    "tasks": Kind(
        Topic.TASKS,
        N_("You have taken over agreed tasks in a plan. Sign in to Medspel to see them."),
    ),
    REMINDER: Kind(
        Topic.TASKS,
        N_("A friendly reminder of an agreed task in a plan. Sign in to Medspel to see it."),
    ),
    "evaluation": Kind(
        Topic.EVALUATION, N_("An evaluation is open for your answers. Sign in to Medspel.")
    ),
}

# A message is finished when it is sent: it is kept from nobody it was sent to.
_ROWS: dict[str, tuple[type[PlanElement], str]] = {
    **dict.fromkeys((*ABOUT_A_MEETING, TIMES), (Meeting, "id")),
    "minutes": (Minutes, "meeting_id"),
    OWNER_FIRST: (Minutes, "meeting_id"),
    "evaluation": (Evaluation, "id"),
    REMINDER: (Activity, "id"),
}
_KEPT: dict[str, Any] = {"unscoped_because": "nothing is told of what is kept from somebody"}

TOPICS: dict[Topic, str] = {
    Topic.MEETING: N_("Meetings"),
    Topic.MINUTES: N_("Minutes"),
    Topic.CONSENT: N_("Consent"),
    Topic.MESSAGE: N_("Messages"),
    Topic.EVALUATION: N_("Evaluation"),
    Topic.ACCESS: N_("Access to plans"),
    Topic.TASKS: N_("Agreed tasks"),
}


def text_of(kind: str) -> str:
    """What a notice of this kind says (a msgid)."""
    return _LETTERS.get(kind) or KINDS[kind].text


def part_of(kind: str) -> Scope | None:
    """The part of the plan a notice is about, when it is about an element; without that
    part nobody is told."""
    found = about(kind)
    if found is not None:
        return found[0].element.scope
    return next((cls.element.scope for cls in elements() if cls.element.key == kind), None)


def notify(
    session: Session,
    plan: Plan,
    people: Iterable[int],
    kind: str,
    row_id: int,
    key: str,
    deadline: date | None = None,
) -> None:
    """Put one notice for each of `people` (person ids) in the outbox, once for each `key`; none
    for those the row is kept from.

    deadline: the last day to answer.
    """
    told = set(people) - kept_out(session, plan, kind, row_id)
    tell(session, plan.municipality_id, told, kind, row_id, key, deadline, plan.id)


def tell(
    session: Session,
    municipality_id: int,
    people: Iterable[int],
    kind: str,
    row_id: int,
    key: str,
    deadline: date | None = None,
    plan_id: int | None = None,
) -> None:
    """`notify`, also about something that is in no plan; whoever asks knows who may be told."""
    session.add_all(
        OutboxMessage(
            municipality_id=municipality_id,
            plan_id=plan_id,
            person_id=person_id,
            kind=kind,
            row_id=row_id,
            deadline=deadline,
            dedup_key=f"{kind}:{key}:{person_id}",
        )
        for person_id in sorted(people)
    )


def about(kind: str) -> tuple[type[PlanElement], str] | None:
    """What a notice of this kind is about, when it is a row of the plan: its class, and the
    column that `row_id` is in."""
    return _ROWS.get(kind)


def kept_out(session: Session, plan: Plan, kind: str, row_id: int) -> set[int]:
    """Persons who are told nothing of that row (security.policy.is_kept_from)."""
    found = about(kind)
    if found is None:
        return set()
    cls, column = found
    marks = select(cls.hidden_from_guardians, cls.shielded_from_id).where(
        cls.plan_id == plan.id, getattr(cls, column) == row_id
    )
    rows = session.execute(marks, execution_options=_KEPT).all()
    out = {row.shielded_from_id for row in rows if row.shielded_from_id is not None}
    if any(row.hidden_from_guardians for row in rows):
        out |= acting_for(session, plan)
    return out


def acting_for(session: Session, plan: Plan) -> set[int]:
    """Everybody registered as acting for the owner, now or once."""
    acting = select(Representation.representative_id)
    return set(session.scalars(acting.where(Representation.person_id == plan.person_id)))


def hush(session: Session, plan: Plan, kinds: Collection[str], row_id: int) -> None:
    """Notices of a row that is kept from somebody from now on: those on their way to them do not
    leave, and none is new to them."""
    for kind in kinds:
        m, out = OutboxMessage, kept_out(session, plan, kind, row_id)
        theirs = (m.plan_id == plan.id, m.kind == kind, m.row_id == row_id, m.person_id.in_(out))
        for name in ("seen_at", "planned_at"):
            waits = (*theirs, getattr(m, name).is_(None))
            session.execute(
                update(m).where(*waits).values({name: utcnow()}),
                execution_options={"synchronize_session": False, **_KEPT},
            )


def tell_oneself(session: GuardedSession, kind: str) -> None:
    """Send the actor a letter that is not looked at in Medspel (one of the letters above)."""
    session.add(
        OutboxMessage(
            municipality_id=session.actor.municipality_id, person_id=session.actor.person_id,
            kind=kind, dedup_key=f"{kind}:{uuid4()}", seen_at=utcnow(),
        )
    )  # fmt: skip


def own_notices(
    session: GuardedSession, limit: int, before: int | None = None
) -> Sequence[OutboxMessage]:
    """The actor's notices in this hat, the newest first; `before`: older than that one (its id)."""
    wanted = select(OutboxMessage).where(_mine(session), ~_kept_from(session.actor.person_id))
    if before is not None:
        wanted = wanted.where(OutboxMessage.id < before)
    newest = wanted.order_by(OutboxMessage.id.desc()).limit(limit)
    return session.scalars(newest, execution_options=_KEPT).all()


def _kept_from(person_id: int) -> ColumnElement[bool]:
    """Whether the row a notice is about is kept from this person now."""
    m, r = OutboxMessage, Representation
    acts = select(r.id).join(Plan, Plan.person_id == r.person_id)
    acts = acts.where(Plan.id == m.plan_id, r.representative_id == person_id)
    kept = []
    for kind, (cls, column) in _ROWS.items():
        shut = or_(
            cls.shielded_from_id == person_id, and_(cls.hidden_from_guardians, acts.exists())
        )
        here = select(cls.id).where(cls.plan_id == m.plan_id, getattr(cls, column) == m.row_id)
        kept.append(and_(m.kind == kind, here.where(shut).exists()))
    return or_(*kept)


def see(
    session: GuardedSession,
    plan_id: int | None,
    kinds: str | Collection[str],
    rows: int | Collection[int | None] | None,
) -> None:
    """The actor has seen their notices of these kinds in a plan, of one row or some unless None."""
    m, wanted = OutboxMessage, {kinds} if isinstance(kinds, str) else set(kinds)
    which = [m.plan_id == plan_id, m.kind.in_(wanted)]
    of_rows = {rows} if isinstance(rows, int) else rows
    _see(session, *which, *([] if of_rows is None else [m.row_id.in_(of_rows)]))


def see_all(session: GuardedSession) -> None:
    """The actor has seen all their notices in this hat."""
    _see(session)


def _see(session: GuardedSession, *which: ColumnElement[bool]) -> None:
    unseen = (_mine(session), OutboxMessage.seen_at.is_(None), *which)
    session.execute(
        update(OutboxMessage).where(*unseen).values(seen_at=utcnow()),
        execution_options={
            "synchronize_session": False,
            "unscoped_because": "one's own notices are marked as seen",
        },
    )


def _mine(session: GuardedSession) -> ColumnElement[bool]:
    mine = OutboxMessage.person_id == session.actor.person_id
    return mine & OutboxMessage.kind.not_in(_LETTERS)
