"""Notices (varsel): what is told to whom, written with the change and sent by the worker.

A notice says what kind of thing has happened and nothing else: no name, no title, no
place. The words are chosen when it is sent, in the receiver's language.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from models.clock import utcnow
from models.elements import elements
from models.i18n import N_
from models.outbox import OutboxMessage
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
CONSENT_HERE = "consent_here"
"""To a signer who sits beside the coordinator: by SMS, whatever else they have chosen."""
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
    "consent_ended": Kind(Topic.CONSENT, N_("A consent that waited for signatures is taken back.")),
    "representative": Kind(
        Topic.ACCESS, N_("Somebody is registered as acting for you or your child.")
    ),
    "access": Kind(
        Topic.ACCESS, N_("You have been given access to a plan. Sign in to Medspel to see it.")
    ),
    "team": Kind(
        Topic.ACCESS,
        N_("Something is changed about who takes part in a plan. Sign in to Medspel to see it."),
    ),
    "withdrawn": Kind(Topic.ACCESS, N_("Your access to a plan has ended.")),
    "message": Kind(Topic.MESSAGE, N_("You have a new message. Sign in to Medspel to read it.")),
    "meeting": Kind(
        Topic.MEETING,
        N_("You are called to a meeting. Answer in Medspel by {deadline}."),
    ),
    "minutes": Kind(
        Topic.MINUTES, N_("The minutes of a meeting are ready. Sign in to Medspel to read them.")
    ),
    "evaluation": Kind(
        Topic.EVALUATION, N_("An evaluation is open for your answers. Sign in to Medspel.")
    ),
}

TOPICS: dict[Topic, str] = {
    Topic.MEETING: N_("Meetings"),
    Topic.MINUTES: N_("Minutes"),
    Topic.CONSENT: N_("Consent"),
    Topic.MESSAGE: N_("Messages"),
    Topic.EVALUATION: N_("Evaluation"),
    Topic.ACCESS: N_("Access to plans"),
}


def text_of(kind: str) -> str:
    """What a notice of this kind says (a msgid)."""
    return _LETTERS.get(kind) or KINDS[kind].text


def part_of(kind: str) -> Scope | None:
    """The part of the plan a notice is about, when it is about an element; without that
    part nobody is told."""
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
    """Put one notice for each of `people` (person ids) in the outbox, once for each `key`.

    deadline: the last day to answer.
    """
    session.add_all(
        OutboxMessage(
            municipality_id=plan.municipality_id,
            plan_id=plan.id,
            person_id=person_id,
            kind=kind,
            row_id=row_id,
            deadline=deadline,
            dedup_key=f"{kind}:{key}:{person_id}",
        )
        for person_id in sorted(set(people))
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
    wanted = select(OutboxMessage).where(_mine(session))
    if before is not None:
        wanted = wanted.where(OutboxMessage.id < before)
    return session.scalars(wanted.order_by(OutboxMessage.id.desc()).limit(limit)).all()


def see(
    session: GuardedSession, plan_id: int | None, kinds: str | Collection[str], row_id: int | None
) -> None:
    """The actor has seen their notices of these kinds in a plan, of one row unless None."""
    m, wanted = OutboxMessage, {kinds} if isinstance(kinds, str) else set(kinds)
    which = [m.plan_id == plan_id, m.kind.in_(wanted)]
    _see(session, *which, *([] if row_id is None else [m.row_id == row_id]))


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
