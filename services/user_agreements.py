"""The user agreement (brukaravtale): what is in force, publishing it, and saying yes to it.

The text is the municipality's; it gets one written when it is equipped. Duty of secrecy:
forvaltningslova § 13, helsepersonellova § 21. What is logged: pasientjournalforskrifta § 14.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, exists, insert, select
from sqlalchemy.orm import joinedload

from models.account import Account
from models.clock import utcnow
from models.i18n import N_
from models.language import Language
from models.municipality import Municipality
from models.user_agreement import AgreementAcceptance, UserAgreement
from security.session import GuardedSession
from services.errors import Conflict

_TEXT, _TOWN = cast(Table, UserAgreement.__table__), cast(Table, Municipality.__table__)
SHIPPED = {
    str(Language.NYNORSK): (
        "Medspel er for dei som samarbeider om ein plan. Du ser berre det eigaren har sagt ja "
        "til.\n\n"
        "Det du les om andre, blir hos deg. I jobben din har du teieplikt, også etter at du har "
        "slutta. Opne ikkje meir enn du treng for å hjelpe. Det som er ditt eige, deler du med "
        "kven du vil.\n\n"
        "Innlogginga er berre di. Gi ikkje passordet til nokon, og logg ut når du går.\n\n"
        "Skriv slik at den det gjeld, kan lese det. Vi noterer kven som opnar og endrar noko, og "
        "eigaren av planen kan sjå det.\n\n"
        "Har du sett noko du ikkje skulle sjå, eller har nokon brukt innlogginga di? Sei frå til "
        "koordinatoren eller kommunen med ein gong. Spør dei òg om du lurer på noko."
    ),
    str(Language.BOKMAL): (
        "Medspel er for dem som samarbeider om en plan. Du ser bare det eieren har sagt ja til.\n"
        "\n"
        "Det du leser om andre, blir hos deg. I jobben din har du taushetsplikt, også etter at du "
        "har sluttet. Åpne ikke mer enn du trenger for å hjelpe. Det som er ditt eget, deler du "
        "med hvem du vil.\n\n"
        "Innloggingen er bare din. Gi ikke passordet til noen, og logg ut når du går.\n\n"
        "Skriv slik at den det gjelder, kan lese det. Vi noterer hvem som åpner og endrer noe, og "
        "eieren av planen kan se det.\n\n"
        "Har du sett noe du ikke skulle se, eller har noen brukt innloggingen din? Si fra til "
        "koordinatoren eller kommunen med en gang. Spør dem også om du lurer på noe."
    ),
    str(Language.ENGLISH): (
        "Medspel is for those who work together on a plan. You see only what its owner has said "
        "yes to.\n\n"
        "What you read about others stays with you. In your job you have a duty of secrecy, also "
        "when you have left it. Open no more than you need in order to help. What is your own, "
        "you share with whom you like.\n\n"
        "Your sign-in is yours alone. Give the password to nobody, and sign out when you leave.\n"
        "\n"
        "Write so that the one it is about can read it. We note who opens and changes something, "
        "and the owner of the plan can see it.\n\n"
        "Have you seen what you should not see, or has somebody used your sign-in? Tell the "
        "coordinator or the municipality at once. Ask them too if you wonder about something."
    ),
}
"""Version 1, as a municipality gets it: code of the language -> the text."""


class Changed(Conflict):
    """What is to be published is not what was looked at."""

    words = N_(
        "The text has been changed since you looked at it. Read it again before you publish."
    )


def first_version(municipality_id: int) -> dict[str, Any]:
    """The shipped text as a row, in force from now on; nobody here has written it."""
    at = {"municipality_id": municipality_id, "published_at": utcnow()}
    return {**at, "version": 1, "words": SHIPPED}


def equip(connection: Connection) -> None:
    """Give it to every municipality that has no text; a text that is there stays."""
    has_one = exists().where(_TEXT.c.municipality_id == _TOWN.c.id)
    towns = connection.scalars(select(_TOWN.c.id).where(~has_one).order_by(_TOWN.c.id)).all()
    if towns:
        connection.execute(insert(_TEXT), [first_version(one) for one in towns])


def in_force(session: GuardedSession) -> UserAgreement | None:
    """The text one agrees to where the actor is."""
    published = select(UserAgreement).where(UserAgreement.published_at.is_not(None))
    return session.scalars(published.order_by(UserAgreement.version.desc()).limit(1)).first()


def being_written(session: GuardedSession) -> UserAgreement | None:
    """The next version, when somebody has begun it."""
    return session.scalars(
        select(UserAgreement).where(UserAgreement.published_at.is_(None))
    ).first()


def publish(session: GuardedSession, agreement: UserAgreement) -> None:
    """Put a version in force: everybody is asked anew. One that is in force stays as it was."""
    mine = select(UserAgreement).where(UserAgreement.id == agreement.id).with_for_update()
    row = session.scalars(mine.execution_options(populate_existing=True)).one()
    if row.published_at is None:  # two clicks at once: one by one
        row.published_at, row.published_by_id = utcnow(), session.actor.person_id
        session.flush()


def accepted(session: GuardedSession) -> Sequence[AgreementAcceptance]:
    """What the actor has accepted in this hat, with the texts, the newest first."""
    a = AgreementAcceptance
    mine = select(a).where(a.membership_id == session.actor.membership_id)
    return session.scalars(mine.options(joinedload(a.agreement)).order_by(a.id.desc())).all()


def accept(session: GuardedSession, agreement: UserAgreement, language: Language) -> None:
    """The actor says yes to `agreement`, as it was shown in `language`; again is once.

    Raises: Forbidden, when it is not published, or of another municipality.
    """
    actor, a = session.actor, AgreementAcceptance
    me = select(Account).where(Account.id == actor.account_id)
    session.scalars(me.with_for_update()).one()  # two clicks at once: one by one
    mine = select(a.id).where(
        a.membership_id == actor.membership_id, a.agreement_id == agreement.id
    )
    if session.scalars(mine).first() is None:
        who = {"account_id": actor.account_id, "membership_id": actor.membership_id}
        session.add(a(**who, agreement_id=agreement.id, language=language))
        session.flush()
