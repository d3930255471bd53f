"""A new municipality on an installation (ny kommune), and its first administrator.

`python -m deploy.municipality "Solvik" nn "Anne Berg" anne@solvik.example`
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from contextlib import suppress
from secrets import token_urlsafe

from sqlalchemy import create_engine

import config
from models import contact
from models.account import INVITED_FOR, Account, Invitation, Membership
from models.base import LoginUser
from models.clock import utcnow
from models.database import WRITING, prepare
from models.language import LANGUAGES, Language
from models.municipality import Municipality
from models.people import Person
from models.types import blind_index
from models.vocabulary import Role
from security import crypto, passwords
from security.session import SystemSession
from services.shipped import equip


def main(name: str, language: str, administrator: str, login: str) -> None:
    """Prints a start code, once; the administrator chooses a password with it."""
    settings = config.from_environment()
    crypto.install(settings.keys)
    engine = create_engine(settings.database_url)
    prepare(engine)
    WRITING.set(True)
    with SystemSession(engine, because="a new municipality") as session:
        row = Municipality(name=name, language=Language(language))
        session.add(row)
        session.flush()
        equip(session, row)
        person = Person(municipality_id=row.id, name=administrator)
        with suppress(contact.NotAnEmail):  # a code is sent there when they sign in
            person.email = contact.email(login)
            person.email_index = blind_index("person.email", person.email)
        thin = token_urlsafe(16)
        user = LoginUser(
            active=True, first_name="-", last_name="-", username=thin, email=f"{thin}@x.invalid"
        )
        session.add_all([person, user])
        session.flush()
        account = Account(user_id=user.id, login_name=login.strip().lower())
        session.add(account)
        session.flush()
        roles = frozenset({Role.ADMINISTRATOR})
        at = {"municipality_id": row.id, "person_id": person.id}
        session.add(Membership(account_id=account.id, roles=roles, **at))
        code, hashed = passwords.start_code()
        asked = {"invited_by_id": person.id, "expires_at": utcnow() + INVITED_FOR}
        session.add(Invitation(account_id=account.id, code_hash=hashed, **at, **asked))
        session.commit()
    sys.stdout.write(f"{login} signs in the first time with: {code}\n")


if __name__ == "__main__":
    asked = ArgumentParser("python -m deploy.municipality", description="A new municipality.")
    asked.add_argument("name")
    asked.add_argument("language", choices=LANGUAGES)
    asked.add_argument("administrator", help="the name of the first system administrator")
    asked.add_argument("login", help="an e-mail address or a user name")
    main(**vars(asked.parse_args()))
