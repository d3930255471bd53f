"""People and their accounts (konto): found again instead of doubled, invited to sign in."""

from __future__ import annotations

from secrets import token_urlsafe

from sqlalchemy import select

from models import contact
from models.account import Account, Invitation, Membership
from models.base import LoginUser
from models.people import Person, Representation
from models.plan import PlanRegister
from models.types import blind_index
from models.vocabulary import Role
from security.session import GuardedSession
from security.way_in import who_invited
from services.invitations import Ticket, invite


class NameTaken(Exception):
    """Somebody else has this e-mail address or user name already, here or elsewhere."""


def find_or_make(
    session: GuardedSession, name: str, login_name: str, organisation: str | None = None
) -> Person:
    """The person the municipality knows by this e-mail address and name, else a new one.

    `login_name`: an e-mail address or a user name; somebody who has got a new address since
    is still known by the one they sign in with.
    Raises: models.contact.NotAnEmail; NameTaken, when it is somebody of another name:
    a slip of the pen must not let a stranger in.
    """
    home = session.actor.municipality_id
    address = contact.email(login_name) if "@" in login_name else None
    index = blind_index("person.email", address) if address else None
    by_address = select(Person).where(Person.email_index == index)
    known = session.scalars(by_address).first() if index is not None else None
    known = known or _by_login(session, login_name)
    if known is not None:
        used = one_used_now(session, known)
        if _plain(name) not in (_plain(known.name), _plain(used.name)):
            raise NameTaken(login_name)
        return used
    person = Person(
        municipality_id=home,
        name=name,
        organisation=organisation,
        email=address,
        email_index=index,
    )
    session.add(person)
    session.flush()
    return person


def one_used_now(session: GuardedSession, person: Person) -> Person:
    """`person`, or whom the row points to when it is a double that was closed."""
    while person.merged_into_id is not None:
        person = session.get_one(Person, person.merged_into_id)
    return person


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _by_login(session: GuardedSession, login_name: str) -> Person | None:
    wanted = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .join(Account, Account.id == Membership.account_id)
        .where(Account.login_name == login_name.strip().lower())
    )
    return session.scalars(wanted).first()


def admit(session: GuardedSession, person: Person, login_name: str, *roles: Role) -> Ticket | None:
    """Give `person` an account with `roles`; a ticket when they are invited to sign in.

    Somebody whose letter is still open is not asked again. A lost start code is replaced by
    the one who handed over the first, and by nobody else, so that no coordinator can sign in
    as somebody another coordinator has let in. An account of another municipality
    is invited too, and gets its hat here by answering.
    Raises: NameTaken, when the name belongs to another account.
    """
    known = session.scalars(select(Membership).where(Membership.person_id == person.id)).first()
    hat = known or _new_hat(session, person, login_name.strip().lower())
    if not set(roles) <= hat.roles:
        hat.roles = hat.roles | set(roles)
    session.flush()
    account = session.get_one(Account, hat.account_id)
    if known is None or _is_to_be_asked_again(session, person, account):
        return invite(session, person, account)
    return None


def is_in_a_plan(session: GuardedSession, person_id: int) -> bool:
    """Whether somebody owns a plan, or acts for one who may: an account for that is private."""
    owns = select(PlanRegister.id).where(PlanRegister.person_id == person_id)
    acts = select(Representation.id).where(Representation.representative_id == person_id)
    return bool(session.scalars(owns).first() or session.scalars(acts).first())


def _is_to_be_asked_again(session: GuardedSession, person: Person, account: Account) -> bool:
    """Whoever has no way in, when it is the actor's to give: by a code the actor gave before, or
    by a letter to where one was sent."""
    if account.is_in_use:
        return False
    before = session.scalars(select(Invitation).where(Invitation.account_id == account.id)).all()
    mine = who_invited(session, account.id) == {session.actor.person_id}
    still_open = [one for one in before if one.is_open]
    if still_open:
        return mine and all(one.code_hash for one in still_open)
    sent_to = {one.address_index for one in before if one.address_index is not None}
    return mine or person.email_index in sent_to


def _new_hat(session: GuardedSession, person: Person, login_name: str) -> Membership:
    """Of an account of another municipality it is shut until its owner has answered the letter
    to the address both have. Raises: NameTaken."""
    known = session.execute(
        select(Account.__table__.c.id).where(Account.__table__.c.login_name == login_name),
        execution_options={"unscoped_because": "an account is of the whole installation"},
    ).scalar()
    if known is not None and (person.email != login_name or _is_here(session, known)):
        raise NameTaken(login_name)
    hat = Membership(
        account_id=known or _new_account(session, login_name).id,
        municipality_id=person.municipality_id,
        person_id=person.id,
        roles=frozenset(),
        active=known is None,
    )
    session.add(hat)
    return hat


def _is_here(session: GuardedSession, account_id: int) -> bool:
    hats = select(Membership.id).where(Membership.account_id == account_id)
    return session.scalars(hats).first() is not None


def _new_account(session: GuardedSession, login_name: str) -> Account:
    thin = token_urlsafe(16)
    user = LoginUser(
        active=True, first_name="-", last_name="-", username=thin, email=f"{thin}@medspel.invalid"
    )
    session.add(user)
    session.flush()
    account = Account(user_id=user.id, login_name=login_name)
    session.add(account)
    session.flush()
    return account
