"""What a delivery says and to whom (brev), as things are the moment it is sent."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from integrations.catalogue import translate
from integrations.letter import Letter
from models.account import QUIET, Account, Invitation, Membership
from models.clock import OSLO, utcnow
from models.elements.meeting import Invitee, Meeting
from models.i18n import N_
from models.language import Language
from models.municipality import Municipality
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.second_factor import SignInCode
from models.vocabulary import Attendance, Channel, Fault
from security import letter_link, one_time_code
from security.access import Access, load_access
from security.facts import facts as seen_as
from security.letter_link import Opens
from security.policy import is_kept_from
from services.answer_links import CALLED, asks
from services.notice_kinds import (
    CODE,
    DIGEST,
    INVITATION,
    KINDS,
    SIGN_IN_CHANGED,
    SIGN_IN_CODE,
    TIME,
    TOPICS,
    about,
    part_of,
    text_of,
)
from services.notice_texts import fill, said
from services.second_factor import address_of, newest

_BY_LINK = N_("Open the address below to say yes or no without signing in. It can be used once.")
_GATHERED = N_("New in Medspel: %(news)s. Sign in to read it.")


def letter_for(session: Session, row: Delivery) -> Letter | Fault:
    """What is sent, and where to; or why nothing is. The policy is asked again."""
    person = session.get_one(Person, row.person_id)
    if row.kind == INVITATION:
        return _invitation(session, row, person)
    if row.kind == SIGN_IN_CODE:
        return _code(session, row, person)
    hat = _hat(session, person.id)
    works = hat is None or hat.works
    if person.died_on is not None or not works or not _is_still_for(session, row.message):
        return Fault.NOT_FOR_THEM
    to = person.email if row.channel is Channel.MAIL else person.phone
    if not to:
        return Fault.NO_ADDRESS
    language = (hat and hat.language) or _of_the_town(session, person)
    text = _text(session, row.message, language)
    if not text:
        return Fault.NOT_FOR_THEM
    path = _answered_at(session, row, to)
    if path:
        text = f"{text} {translate(_BY_LINK, language)}"
    return Letter(
        uid=row.uid, channel=row.channel, to=to, text=text, language=language, path=path
    )  # fmt: skip


def _answered_at(session: Session, row: Delivery, to: str) -> str:
    """Where a call is answered without signing in: by e-mail only, while it can be and is not
    answered. Bound to the address it goes `to`."""
    notice = row.message
    if row.channel is not Channel.MAIL or notice.kind not in CALLED:
        return ""
    mine = select(Invitee).where(
        Invitee.plan_id == notice.plan_id, Invitee.meeting_id == notice.row_id,
        Invitee.person_id == notice.person_id, Invitee.answer == Attendance.UNANSWERED,
    )  # fmt: skip
    if session.scalars(mine).first() is None or not asks(session.get(Meeting, notice.row_id)):
        return ""
    return f"/answer/{letter_link.token(notice.uid, Opens.ANSWER, to)}"


def _invitation(session: Session, row: Delivery, person: Person) -> Letter | Fault:
    """The link is made here and now, and goes to the address it was meant for."""
    asked = session.get(Invitation, row.message.row_id)
    if asked is None or not asked.is_open or person.died_on is not None:
        return Fault.NOT_FOR_THEM
    if not person.email or asked.address_index != person.email_index:
        return Fault.NO_ADDRESS
    language = _of_the_town(session, person)
    words = translate(text_of(INVITATION), language)
    return Letter(
        uid=row.uid, channel=row.channel, to=person.email, language=language,
        text=fill(words, row.message.deadline, language),
        path=f"/invitation/{letter_link.token(asked.uid, Opens.INVITATION)}",
    )  # fmt: skip


def _code(session: Session, row: Delivery, person: Person) -> Letter | Fault:
    """The code is made here and now, while it counts, and goes where it was meant for."""
    asked = session.get(SignInCode, row.message.row_id)
    account = session.get_one(Account, asked.account_id) if asked else None
    if asked is None or account is None or not asked.is_open or not account.active:
        return Fault.NOT_FOR_THEM
    if asked is not newest(session, account.id) or person.died_on is not None:
        return Fault.NOT_FOR_THEM
    to, index = address_of(person, row.channel)
    if not to or index != asked.address_index:
        return Fault.NO_ADDRESS
    language = account.language or _of_the_town(session, person)
    said = one_time_code.shown(one_time_code.code_of(asked.uid))
    until = f"{asked.expires_at.astimezone(OSLO):%H:%M}"
    text = translate(text_of(SIGN_IN_CODE), language).replace(CODE, said).replace(TIME, until)
    return Letter(uid=row.uid, channel=row.channel, to=to, text=text, language=language)


def quiet_hours(session: Session, person_id: int) -> tuple[int | None, int | None]:
    """From which hour to which nothing may ring."""
    hat = _hat(session, person_id)
    return QUIET if hat is None else (hat.quiet_from, hat.quiet_to)


def _text(session: Session, notice: OutboxMessage, language: Language) -> str:
    """Its kind in words; of a digest how much there is of each, and nothing when all is seen."""
    if notice.kind == SIGN_IN_CHANGED:
        return translate(text_of(SIGN_IN_CHANGED), language)
    if notice.kind != DIGEST:
        return said(session, notice.municipality_id, notice.kind, language, notice.deadline)
    gathered = select(OutboxMessage).where(
        OutboxMessage.gathered_in_id == notice.id, OutboxMessage.seen_at.is_(None)
    )
    new = [one for one in session.scalars(gathered) if _is_still_for(session, one)]
    many = Counter(KINDS[one.kind].topic for one in new)
    news = [f"{translate(TOPICS[topic], language)} ({n})" for topic in TOPICS if (n := many[topic])]
    return translate(_GATHERED, language) % {"news": ", ".join(news)} if news else ""


def _is_kept_from(session: Session, access: Access, notice: OutboxMessage) -> bool:
    """Whether somebody has kept the row it is about from this person since."""
    found = about(notice.kind)
    if found is None:
        return False
    cls, column = found
    here = select(cls).where(cls.plan_id == notice.plan_id, getattr(cls, column) == notice.row_id)
    return any(is_kept_from(access, seen_as(row)) for row in session.scalars(here).unique())


def _is_still_for(session: Session, notice: OutboxMessage) -> bool:
    """Whether the policy lets this person be told now. Of a dead owner nothing is said."""
    if notice.plan_id is None or notice.person_id is None:
        return True
    access = load_access(session, notice.person_id, notice.plan_id, utcnow())
    if access is None or not access.alive or _is_kept_from(session, access, notice):
        return False
    if notice.kind == "withdrawn" or access.owner or access.coordinator:
        return True
    part = part_of(notice.kind)
    if part is None:
        return access.representative or bool(access.grants)
    return access.level(part) is not None


def _hat(session: Session, person_id: int) -> Any:
    """Whether the person's sign-in works, its language and quiet hours; None without one."""
    a, m = Account, Membership
    works = and_(a.active, m.active).label("works")
    mine = select(works, a.language, a.quiet_from, a.quiet_to).join(m, a.id == m.account_id)
    return session.execute(mine.where(m.person_id == person_id)).first()


def _of_the_town(session: Session, person: Person) -> Language:
    return session.get_one(Municipality, person.municipality_id).language
