"""How one is reached (kontaktopplysningar): the one thing about oneself one changes alone."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from models.account import Account, Membership
from models.municipality import Municipality
from models.people import Person
from models.second_factor import Authenticator
from models.types import blind_index
from security.session import GuardedSession


class AddressTaken(Exception):
    """Somebody else in the municipality is reached, or signs in, by this e-mail address."""


def change_contact(session: GuardedSession, email: str | None, phone: str | None) -> None:
    """Be reached at `email` and `phone` (both as models.contact writes them) from now on.

    What somebody signs in with stays as it is.
    Raises: AddressTaken.
    """
    me = session.get_one(Person, session.actor.person_id)
    index = email and blind_index("person.email", email)
    if index and index != me.email_index and _is_taken(session, str(email), index):
        raise AddressTaken
    me.email, me.email_index = email, index
    me.phone, me.phone_index = phone, phone and blind_index("person.phone", phone)
    session.flush()


def is_reachable(session: GuardedSession, app: Authenticator | None) -> bool:
    """Whether a code can be sent, or made by an `app`, when one signs in with a password."""
    me = session.get_one(Person, session.actor.person_id)
    by_mail = me.email_index is not None and me.mail_returned_at is None
    return bool(me.phone_index or by_mail or (app and app.confirmed_at))


def _is_taken(session: GuardedSession, email: str, index: str) -> bool:
    """By an address people are found again: two never get the same one in one moment."""
    actor = session.actor
    home = select(Municipality.id).where(Municipality.id == actor.municipality_id)
    session.execute(home.with_for_update(key_share=True))
    others = (
        select(Person.id)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(Account, Account.id == Membership.account_id)
        .where(
            func.coalesce(Person.merged_into_id, Person.id) != actor.person_id,
            or_(Person.email_index == index, Account.login_name == email),
        )
    )
    return session.scalars(others.limit(1)).first() is not None
