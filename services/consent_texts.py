"""The texts people sign (samtykketekst): which there are now, and approving the next one."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from models.clock import today, utcnow
from models.consent import ConsentText
from models.i18n import N_
from models.language import Language, Tongue
from models.vocabulary import PlanType
from security.session import GuardedSession
from services.errors import Conflict


class Changed(Conflict):
    """What is to be approved is not what was looked at."""

    words = N_(
        "The text has been changed since you looked at it. Read it again before you approve it."
    )


class Approved(Conflict):
    """People have been asked with it."""

    words = N_("An approved text is never changed. Write a new version.")


def texts(session: GuardedSession, plan_type: PlanType) -> dict[Tongue, ConsentText]:
    """What is asked with today for a kind of plan: language -> the newest text that is
    approved and has begun. One question, however many versions there have been."""
    newer = aliased(ConsentText)
    newest = (
        select(func.max(newer.version))
        .where(
            newer.municipality_id == ConsentText.municipality_id,
            newer.plan_type == ConsentText.plan_type,
            newer.language == ConsentText.language,
            newer.approved_at.is_not(None),
            newer.starts_on <= today(),
        )
        .correlate(ConsentText)
        .scalar_subquery()
    )
    wanted = select(ConsentText).where(
        ConsentText.plan_type == plan_type, ConsentText.version == newest
    )
    return {one.language: one for one in session.scalars(wanted.order_by(ConsentText.language))}


def best(there: dict[Tongue, ConsentText], wish: str) -> ConsentText | None:
    """The one in the language wished for, else one that most here read."""
    order = (wish, Language.NYNORSK, Language.BOKMAL, Language.ENGLISH, *there)
    return next((there[Tongue(one)] for one in order if one in there), None)


def next_version(session: GuardedSession, plan_type: PlanType, language: Tongue) -> int:
    same = select(func.max(ConsentText.version)).where(
        ConsentText.plan_type == plan_type, ConsentText.language == language
    )
    return (session.scalar(same) or 0) + 1


def approve(session: GuardedSession, text: ConsentText) -> None:
    """Let people be asked with it from the day it says. What waits for signatures is not
    touched: whoever has it open is told that it has changed. Approved once stays so."""
    mine = select(ConsentText).where(ConsentText.id == text.id).with_for_update()
    row = session.scalars(mine.execution_options(populate_existing=True)).one()
    if row.approved_at is None:  # two clicks at once: one by one
        row.approved_at, row.approved_by_id = utcnow(), session.actor.person_id
        session.flush()
