"""People and their way in (konto): found again instead of doubled, let in by a start code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from sqlalchemy import select

from models import contact
from models.account import Account, Membership, StartCode
from models.base import LoginUser
from models.clock import utcnow
from models.people import Person, Representation
from models.plan import PlanRegister
from models.types import blind_index
from models.vocabulary import Role
from security import passwords
from security.registers import who_handed_over
from security.session import GuardedSession

CODE_LASTS = timedelta(days=14)


class NameTaken(Exception):
    """Somebody else has this e-mail address or user name already, here or elsewhere."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is handed over to somebody who is to sign in the first time."""

    name: str
    login_name: str
    code: str


def find_or_make(
    session: GuardedSession, name: str, login_name: str, organisation: str | None = None
) -> Person:
    """The person the municipality knows by this e-mail address and name, else a new one.

    `login_name`: an e-mail address or a user name.
    Raises: models.contact.NotAnEmail; NameTaken, when it is somebody of another name:
    a slip of the pen must not let a stranger in.
    """
    home = session.actor.municipality_id
    address = contact.email(login_name) if "@" in login_name else None
    index = blind_index("person.email", address) if address else None
    known = _by_login(session, login_name) if index is None else None
    if index is not None:
        known = session.scalars(select(Person).where(Person.email_index == index)).first()
    if known is not None:
        if _plain(known.name) != _plain(name):
            raise NameTaken(login_name)
        return known
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
    """Give `person` a way in with `roles`; a ticket for an account that is new.

    A lost code is replaced by the one who handed over the first, and by nobody else, so
    that no coordinator can sign in as somebody another coordinator has let in.
    Raises: NameTaken, when the name belongs to another account, here or elsewhere.
    """
    known = session.scalars(select(Membership).where(Membership.person_id == person.id)).first()
    hat = known or _new_hat(session, person, login_name.strip().lower())
    if not set(roles) <= hat.roles:
        hat.roles = hat.roles | set(roles)
    session.flush()
    account = session.get_one(Account, hat.account_id)
    if known is None or _is_mine_to_hand_over(session, account):
        return _ticket(session, person, account)
    return None


def is_in_a_plan(session: GuardedSession, person_id: int) -> bool:
    """Whether somebody owns a plan, or acts for one who may: an account for that is private."""
    owns = select(PlanRegister.id).where(PlanRegister.person_id == person_id)
    acts = select(Representation.id).where(Representation.representative_id == person_id)
    return bool(session.scalars(owns).first() or session.scalars(acts).first())


def _is_mine_to_hand_over(session: GuardedSession, account: Account) -> bool:
    if account.password_hash is not None:
        return False
    return who_handed_over(session, account.id) == {session.actor.person_id}


def _ticket(session: GuardedSession, person: Person, account: Account) -> Ticket:
    code, hashed = passwords.start_code()
    session.add(
        StartCode(
            account_id=account.id,
            code_hash=hashed,
            issued_by_id=session.actor.person_id,
            expires_at=utcnow() + CODE_LASTS,
        )
    )
    session.flush()
    return Ticket(person.name, account.login_name, code)


def _new_hat(session: GuardedSession, person: Person, login_name: str) -> Membership:
    taken = session.execute(
        select(Account.__table__.c.id).where(Account.__table__.c.login_name == login_name),
        execution_options={"unscoped_because": "an account is of the whole installation"},
    ).scalar()
    if taken is not None:
        raise NameTaken(login_name)
    hat = Membership(
        account_id=_new_account(session, login_name).id,
        municipality_id=person.municipality_id,
        person_id=person.id,
        roles=frozenset(),
    )
    session.add(hat)
    return hat


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
