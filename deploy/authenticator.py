"""Take away the app for codes of somebody who has lost it and the recovery codes (kodeapp).

`python -m deploy.authenticator anne@solvik.example`
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from uuid import uuid4

from sqlalchemy import Engine, create_engine, delete, select

import config
from models.account import Account, Membership
from models.clock import utcnow
from models.database import WRITING, prepare
from models.outbox import OutboxMessage
from models.people import Person
from models.second_factor import Authenticator, RecoveryCode
from security import crypto
from security.session import SystemSession
from security.sessions import end_others
from services.notice_kinds import SIGN_IN_CHANGED


def take_away(engine: Engine, login: str) -> bool:
    """Whether there was one. All sessions of the account end, and its owner gets a letter."""
    WRITING.set(True)
    with SystemSession(engine, because="a lost app") as session:
        named = select(Account).where(Account.login_name == login.strip().lower())
        account = session.scalars(named).first()
        mine = Authenticator.account_id == (account.id if account else 0)
        app = session.scalars(select(Authenticator).where(mine)).first()
        if account is None or app is None:
            return False
        session.delete(app)
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
        end_others(session, account.id, 0)
        people = select(Person).join(Membership, Membership.person_id == Person.id)
        for person in session.scalars(people.where(Membership.account_id == account.id)):
            key = f"{SIGN_IN_CHANGED}:{uuid4()}"
            at = {"municipality_id": person.municipality_id, "person_id": person.id}
            session.add(OutboxMessage(**at, kind=SIGN_IN_CHANGED, dedup_key=key, seen_at=utcnow()))
        session.commit()
        return True


def main(login: str) -> int:
    settings = config.from_environment()
    crypto.install(settings.keys)
    engine = create_engine(settings.database_url, hide_parameters=True)
    prepare(engine)
    done = take_away(engine, login)
    sys.stdout.write("The app is taken away.\n" if done else "Nobody of that name has one.\n")
    return 0 if done else 1


if __name__ == "__main__":
    asked = ArgumentParser("python -m deploy.authenticator", description="A lost app for codes.")
    asked.add_argument("login", help="what they sign in with")
    sys.exit(main(**vars(asked.parse_args())))
