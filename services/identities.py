"""Signing in with an electronic ID (eID): whose accounts it opens, and linking it to them.

Linked by (issuer, subject). An identity number from the same provider finds the person again
when the subject is new, or when the municipality has it on record; an e-mail address or a name
never does. Nobody gets an account by it: there is an invitation, or one is known. NO-3.11,
OWASP ASVS 6.8.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Engine, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from models import identity_number
from models.account import Account, Invitation, LinkedIdentity, Membership
from models.clock import utcnow
from models.database import WRITING
from models.municipality import Municipality
from models.people import Person
from models.types import blind_index
from models.vocabulary import Role
from security import rate_limits
from security.session import SystemSession
from services.sign_in import FAILED

TRIES_PER_ADDRESS = 600
"""In a quarter of an hour: a town hall has one address, and comes to work at eight."""


class UnknownPerson(Exception):
    """Whoever this is has no account here. `towns`: (name, telephone) of whom to ask."""

    def __init__(self, towns: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__("no account")
        self.towns = towns


class NoIdentityNumber(Exception):
    """The provider said no identity number, or one that no person has."""


class AnotherPerson(Exception):
    """The invitation or the account is somebody else's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Who a provider says has signed in; `identity_number` where it gives one."""

    issuer: str
    subject: str = field(repr=False)
    identity_number: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Way:
    """An account that is open to them, in the hat it opens with."""

    account_id: int
    membership_id: int
    name: str
    municipality: str
    roles: frozenset[Role]


def may_begin(engine: Engine, address: str) -> None:
    """Each beginning asks the provider something. Raises: security.rate_limits.TooManyAttempts."""
    rate_limits.count(engine, f"eID begun at {address}", TRIES_PER_ADDRESS)


def let_in(
    engine: Engine, shown: Shown, *, address: str, invitation: str = "", synthetic: bool = False
) -> Sequence[Way]:
    """The accounts of whoever has shown who they are: one, or several to choose among.

    invitation: the uid behind the link they followed, which it answers. synthetic: this
    installation holds invented people only.
    Raises: UnknownPerson, NoIdentityNumber, AnotherPerson, security.rate_limits.TooManyAttempts.
    """
    rate_limits.count(engine, f"eID address {address}", TRIES_PER_ADDRESS)
    index = _index(shown.identity_number, synthetic)
    WRITING.set(True)
    with SystemSession(engine, because="signing in with eID") as session:
        _answer(session, shown, index, invitation)
        for account in _found_by_number(session, shown, index):
            _link(session, shown, index, account)
        ways = _ways(session, shown)
        if not ways:
            towns = _whom_to_ask(session)
            session.rollback()
            rate_limits.note(engine, FAILED)
            raise UnknownPerson(towns)
        session.commit()
        return ways


def accounts_of(engine: Engine, issuer: str, subject: str) -> Sequence[int]:
    """The accounts an identity opens."""
    with SystemSession(engine, because="signing in with eID") as session:
        linked = select(LinkedIdentity.account_id).where(_named(issuer, subject))
        return session.scalars(linked).all()


def is_same(engine: Engine, shown: Shown, account_id: int) -> bool:
    """Whether it is the one who is signed in already who has shown who they are again."""
    return account_id in accounts_of(engine, shown.issuer, shown.subject)


def _index(number: str | None, synthetic: bool) -> str | None:
    if number is None:
        return None
    try:
        digits = identity_number.parse(number, synthetic=synthetic)
    except ValueError:
        raise NoIdentityNumber from None
    return blind_index("person.identity_number", digits)


def _named(issuer: str, subject: str) -> ColumnElement[bool]:
    return (LinkedIdentity.issuer == issuer) & (LinkedIdentity.subject == subject)


def _answer(session: Session, shown: Shown, index: str | None, uid: str) -> None:
    """The invitation behind the link, when it is still open: by its own person, or nobody.
    An account that is another's is not opened by whoever got hold of the letter."""
    wanted = select(Invitation).where(Invitation.uid == uid).options(
        joinedload(Invitation.account), joinedload(Invitation.person)
    )  # fmt: skip
    asked = session.scalars(wanted).first() if uid else None
    if asked is None or not asked.is_open or not asked.account.active:
        return
    if asked.address_index is None or asked.address_index != asked.person.email_index:
        return
    if _is_another(session, asked.account_id, asked.person.identity_index, shown, index):
        raise AnotherPerson
    if asked.account.password_hash is not None and not _is_known(session, shown, asked.account_id):
        raise AnotherPerson
    _link(session, shown, index, asked.account_id)
    _use(session, asked)


def _is_another(
    session: Session, account_id: int, on_record: str | None, shown: Shown, index: str | None
) -> bool:
    """The identity number on record is another's, or another has linked theirs from there."""
    if on_record is not None and index is not None:
        return on_record != index
    mine = session.scalars(
        select(LinkedIdentity).where(
            LinkedIdentity.account_id == account_id, LinkedIdentity.issuer == shown.issuer
        )
    ).all()
    return bool(mine) and not any(
        one.subject == shown.subject or (index and one.identity_index == index) for one in mine
    )


def _is_known(session: Session, shown: Shown, account_id: int) -> bool:
    linked = select(LinkedIdentity.id).where(
        _named(shown.issuer, shown.subject), LinkedIdentity.account_id == account_id
    )
    return session.scalars(linked).first() is not None


def _found_by_number(session: Session, shown: Shown, index: str | None) -> Sequence[int]:
    """Accounts of the people who have this number on record, and those it has opened before
    under another subject of the same provider."""
    if index is None:
        return ()
    registered = exists().where(
        Membership.account_id == Account.id,
        Membership.person_id == Person.id,
        Person.identity_index == index,
    )
    before = exists().where(
        LinkedIdentity.account_id == Account.id,
        LinkedIdentity.issuer == shown.issuer,
        LinkedIdentity.identity_index == index,
    )
    found = session.scalars(select(Account).where(Account.active, or_(registered, before)))
    mine = [one.id for one in found if not _is_another(session, one.id, None, shown, index)]
    for asked in _open_invitations(session, mine, index):
        _use(session, asked)
    return mine


def _open_invitations(session: Session, accounts: Sequence[int], index: str) -> list[Invitation]:
    """Those of a person whose number it is: whoever has shown that needs no letter."""
    waiting = (
        select(Invitation)
        .join(Person, Person.id == Invitation.person_id)
        .where(
            Invitation.account_id.in_(accounts),
            Person.identity_index == index,
            Invitation.answered_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
    )
    return [one for one in session.scalars(waiting) if one.is_open]


def _use(session: Session, asked: Invitation) -> None:
    mine = Membership.account_id == asked.account_id, Membership.person_id == asked.person_id
    hat = session.scalars(select(Membership).where(*mine)).one()
    asked.answered_at, hat.active = utcnow(), True
    session.flush()


def _link(session: Session, shown: Shown, index: str | None, account_id: int) -> None:
    if not _is_known(session, shown, account_id):
        session.add(
            LinkedIdentity(
                account_id=account_id,
                issuer=shown.issuer,
                subject=shown.subject,
                identity_index=index,
            )
        )
        session.get_one(Account, account_id).has_eid = True
        session.flush()


def _ways(session: Session, shown: Shown) -> list[Way]:
    opened = (
        select(Membership, Person.name, Municipality.name.label("town"))
        .join(Account, Account.id == Membership.account_id)
        .join(LinkedIdentity, LinkedIdentity.account_id == Account.id)
        .join(Person, Person.id == Membership.person_id)
        .join(Municipality, Municipality.id == Membership.municipality_id)
        .where(_named(shown.issuer, shown.subject), Account.active, Membership.active)
        .order_by(Membership.id)
    )
    first: dict[int, Way] = {}
    for hat, name, town in session.execute(opened):
        first.setdefault(hat.account_id, Way(hat.account_id, hat.id, name, town, hat.roles))
    return list(first.values())


def _whom_to_ask(session: Session) -> Sequence[tuple[str, str]]:
    towns = select(Municipality.name, Municipality.phone).order_by(Municipality.name)
    return [(name, phone or "") for name, phone in session.execute(towns)]
