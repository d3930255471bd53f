"""Through the second step of signing in, for tests that are about something else."""

from __future__ import annotations

from sqlalchemy import Engine, select

from models.account import Account, Membership
from models.people import Person
from models.second_factor import SignInCode
from models.types import blind_index
from security.one_time_code import code_of
from security.session import SystemSession

NUMBER = "+4790000041"


def reachable(engine: Engine, name: str, phone: str = NUMBER) -> None:
    """Give whoever signs in as `name` a mobile number."""
    with SystemSession(engine, because="test data") as session:
        mine = select(Membership).join(Account, Account.id == Membership.account_id)
        first = mine.where(Account.login_name == name).order_by(Membership.id)
        person = session.get_one(Person, session.scalars(first).first().person_id)
        person.phone, person.phone_index = phone, blind_index("person.phone", phone)
        session.commit()


def code_for(engine: Engine, name: str) -> str:
    """The code that is on its way to `name`: made of the newest row, as the letter is."""
    with SystemSession(engine, because="a test looks") as session:
        codes = select(SignInCode.uid).join(Account, Account.id == SignInCode.account_id)
        newest = codes.where(Account.login_name == name).order_by(SignInCode.id.desc())
        return code_of(session.scalars(newest).first())


def come_in(client, engine: Engine, name: str, secret: str, **more):
    """Password and code; the answer to the last of them."""
    reachable(engine, name)
    first = client.post("/sign-in/", data={"name": name, "secret": secret}, **more)
    if first.status_code != 303 or first.location != "/sign-in/code/":
        return first
    said = {"code": code_for(engine, name)}
    return client.post("/sign-in/code/", data=said, **_again(more))


def _again(more: dict) -> dict:
    return {name: value for name, value in more.items() if name == "headers"}
