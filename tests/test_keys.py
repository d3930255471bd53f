"""Moving on to a new key: everything, once, while people work, and nothing lost."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from deploy import keys
from models.account import LoginSession
from models.clock import utcnow
from models.people import Person
from security import crypto

BOTH = crypto.KeyRing({"new": b"n" * 32, "test": b"k" * 32}, b"i" * 32)
NEW = crypto.KeyRing({"new": b"n" * 32}, b"i" * 32)


@pytest.fixture
def people(desk, town):
    with desk.system() as session:
        for n, who in enumerate(("mother", "father", "nurse")):
            person = session.get(Person, town.people[who])
            person.email, person.phone = f"{who}@x.no", f"+479000000{n}"
        account, soon = town.accounts["nurse"], utcnow()
        session.add(
            LoginSession(account_id=account, token_hash="x", data={}, expires_at=soon, sealed="{}")
        )
        session.commit()


def test_a_new_key_takes_over_and_the_old_one_may_go(engine, desk, town, people, monkeypatch):
    monkeypatch.setattr(keys, "A_BATCH", 2)
    before = keys.in_use(engine, BOTH)
    assert before["test"] >= 7 and before["new"] == 0 and before[keys.UNKNOWN] == 0
    assert keys.rotate(engine, BOTH) == before["test"]
    assert keys.in_use(engine, BOTH) == {"new": before["test"], "test": 0}
    assert keys.rotate(engine, BOTH) == 0  # twice does no harm
    crypto.install(NEW)
    with desk.system() as session:
        assert session.get(Person, town.people["father"]).email == "father@x.no"
        [login] = session.scalars(select(LoginSession)).all()
        assert login.sealed == "{}"


def test_what_somebody_changes_meanwhile_stays_theirs(engine, desk, town, people, monkeypatch):
    crypto.install(BOTH)
    opened = crypto.KeyRing.decrypt

    def slow(ring, sealed, *, place):
        found = opened(ring, sealed, place=place)
        if found == "mother@x.no":
            with engine.begin() as connection:
                mine = {"new": BOTH.encrypt("hers@x.no", place=place), "id": town.people["mother"]}
                connection.execute(text("UPDATE person SET email = :new WHERE id = :id"), mine)
        return found

    monkeypatch.setattr(crypto.KeyRing, "decrypt", slow)
    keys.rotate(engine, BOTH)
    monkeypatch.undo()
    with desk.system() as session:
        assert session.get(Person, town.people["mother"]).email == "hers@x.no"


def test_what_nobody_can_open_is_counted_and_left(engine, desk, town, people):
    stray = crypto.KeyRing({"lost": b"l" * 32}, b"i" * 32).encrypt("x", place="person.phone")
    with engine.begin() as connection:
        lost = {"x": stray, "id": town.people["reader"]}
        connection.execute(text("UPDATE person SET phone = :x WHERE id = :id"), lost)
    keys.rotate(engine, BOTH)
    assert keys.in_use(engine, BOTH)[keys.UNKNOWN] == 1
    with engine.connect() as connection:
        now = connection.execute(text("SELECT phone FROM person WHERE id = :id"), lost).scalar()
    assert bytes(now) == stray
