"""No path to more rights than one has: one table, four eyes, and never without an administrator."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import func, select

from models.account import Account, LoginSession, Membership
from models.audit import RegisterEvent
from models.clock import CLOCK, utcnow
from models.database import WRITING
from models.four_eyes import WAITS
from models.people import Person
from models.rights import RightsRequest
from models.vocabulary import Role
from security import audit
from security.four_eyes import NotAgreed
from security.policy import Forbidden
from security.rights import LastAdministrator, giveable
from security.session import GuardedSession
from services import rights
from services.accounts import admit
from tests.conftest import sit_down
from tests.test_registers import version_in

ADMIN, LEADER, COORDINATOR = Role.ADMINISTRATOR, Role.LEADER, Role.COORDINATOR


@contextmanager
def acting(desk, who, *roles):
    """A session of `who` with these roles."""
    with GuardedSession(desk.engine) as session:
        session.act_as(replace(desk.actor(who), roles=frozenset(roles)))
        yield session


def hat_of(desk, town, who):
    with desk.system() as session:
        hat = session.get_one(Membership, town.memberships[who])
        return hat.roles, hat.active


@pytest.fixture
def another(desk, town):
    """The newcomer is system administrator besides."""
    with desk.system() as session:
        hat = session.get_one(Membership, town.memberships["newcomer"])
        hat.roles = hat.roles | {ADMIN}
        session.commit()


@pytest.fixture
def asked(desk, town):
    """The administrator has asked for the nurse."""
    with desk.session("admin") as session:
        request = rights.ask(session, session.get_one(Membership, town.memberships["nurse"]))
        session.commit()
        return request.id


# The table


def test_a_role_is_given_by_those_only_who_may_give_it(desk, town):
    """By raw ORM, role by role, whoever acts."""
    for who in ("office", "coordinator", "leader", "admin", "mother", "reader"):
        for role in set(Role) - {Role.PARTICIPANT}:
            with desk.session(who) as session:
                hat = session.get_one(Membership, town.memberships["nurse"])
                hat.roles = hat.roles | {role}
                if role in giveable(session.actor.roles):
                    session.flush()
                    continue
                with pytest.raises(Forbidden):
                    session.flush()
    alone = {Role.PARTICIPANT, Role.COORDINATING_UNIT, Role.COMPETENCE_GROUP}
    assert giveable([ADMIN]) == alone | {COORDINATOR, LEADER}
    assert not giveable([LEADER]) | giveable(Role) & {ADMIN}


@pytest.mark.parametrize("who", ["office", "coordinator", "leader"])
def test_nobody_but_the_administrator_takes_roles_or_closes(desk, town, who):
    for change in ({"roles": frozenset()}, {"active": False}):
        with desk.session(who) as session:
            hat = session.get_one(Membership, town.memberships["newcomer"])
            for name, value in change.items():
                setattr(hat, name, value)
            with pytest.raises(Forbidden):
                session.flush()
    assert hat_of(desk, town, "newcomer") == ({COORDINATOR}, True)


def test_no_service_makes_an_administrator_alone(desk, town):
    with desk.session("admin") as session:
        nurse = session.get_one(Person, town.people["nurse"])
        with pytest.raises(NotAgreed):
            admit(session, nurse, "nurse", ADMIN)
    with desk.session("admin") as session:
        new = Person(municipality_id=town.municipality_id, name="Ny")
        session.add(new)
        session.flush()
        with pytest.raises(NotAgreed):
            admit(session, new, "ny", ADMIN)
    with desk.system() as session:
        assert not session.scalars(select(Account).where(Account.login_name == "ny")).all()
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT}, True)


def test_an_account_is_closed_by_nobody_it_may_have_hats_elsewhere(desk, town):
    for who in ("nurse", "admin"):
        with desk.session("admin") as session:
            session.get_one(Account, town.accounts[who]).active = False
            with pytest.raises(Forbidden):
                session.flush()


# Four eyes


def test_an_administrator_is_made_by_two(browser, desk, town, another):
    admin, nurse = browser("admin"), town.memberships["nurse"]
    shown = admin.get(f"/register/account/show/{nurse}").text
    ask = f"/register/rights/ask/{nurse}"
    assert f'href="{ask}"' in shown
    page = admin.get(ask).text
    assert "Shall Nurse become system administrator?" in page and "say yes: Newcomer." in page
    assert admin.post(ask).location == admin.post(ask).location == "/register/rights/"
    with desk.system() as session:
        request = session.scalars(select(RightsRequest)).one()  # twice asked is asked once
        assert (request.asked_by_id, request.confirmed) == (town.people["admin"], None)
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT}, True)
    assert browser("nurse").get("/register/account/list/").status_code == 403
    waits = "waits for your yes or no"
    assert waits in browser("newcomer").get("/").text and waits not in admin.get("/").text
    assert waits not in browser("leader").get("/").text
    listed = browser("newcomer").get("/register/rights/").text
    assert "Nurse" in listed and "Admin, " in listed and f"/{request.id}/yes" in listed
    assert browser("newcomer").post(f"/register/rights/{request.id}/yes").status_code == 303
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT, ADMIN}, True)
    assert browser("nurse").get("/register/account/list/").status_code == 200
    assert "Newcomer said yes, " in admin.get("/register/rights/").text
    with desk.system() as session:
        request = session.get_one(RightsRequest, request.id)
        assert request.confirmed and request.answered_by_id == town.people["newcomer"]
        log = session.execute(
            select(RegisterEvent.action, RegisterEvent.kind, RegisterEvent.person_id)
        )
        events = {tuple(row) for row in log}
        assert ("add", "rights_request", town.people["admin"]) in events
        assert ("change", "rights_request", town.people["newcomer"]) in events
        assert ("change", "membership", town.people["newcomer"]) in events
        assert audit.verify_registers(session, town.municipality_id) is None


def test_whoever_asked_or_becomes_it_does_not_say_yes(browser, desk, town, asked):
    """The head of department is asked herself, and has nobody above her."""
    with desk.system() as session:
        session.get_one(Membership, town.memberships["nurse"]).roles = frozenset({LEADER})
        session.commit()
    for who in ("admin", "nurse", "office", "coordinator"):
        assert browser(who).post(f"/register/rights/{asked}/yes").status_code == 403, who
    with desk.system() as session:
        assert session.get_one(RightsRequest, asked).confirmed is None
    assert hat_of(desk, town, "nurse") == ({LEADER}, True)
    page = browser("admin").get("/register/rights/").text
    assert "Waits for somebody else" in page and f"/{asked}/yes" not in page


def test_a_head_of_department_says_yes_when_there_is_no_other_administrator(
    browser, desk, town, asked
):
    assert "waits for your yes or no" in browser("leader").get("/").text
    assert browser("leader").post(f"/register/rights/{asked}/yes").status_code == 303
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT, ADMIN}, True)


def test_and_does_not_when_there_is_one(browser, desk, town, another, asked):
    assert browser("leader").post(f"/register/rights/{asked}/yes").status_code == 403
    assert browser("leader").post(f"/register/rights/{asked}/no").status_code == 403
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT}, True)


def test_a_no_is_final_and_whoever_asked_may_take_it_back(browser, desk, town, another, asked):
    assert browser("newcomer").post(f"/register/rights/{asked}/no").status_code == 303
    for how in ("yes", "no"):
        late = browser("newcomer").post(f"/register/rights/{asked}/{how}")
        assert late.status_code == 409 and "answered already" in late.text
    again = f"/register/rights/ask/{town.memberships['nurse']}"
    assert browser("admin").post(again).status_code == 303
    with desk.system() as session:
        new = session.scalars(select(func.max(RightsRequest.id))).one()
    assert browser("admin").post(f"/register/rights/{new}/no").status_code == 303
    with desk.system() as session:
        said = session.scalars(select(RightsRequest.confirmed).order_by(RightsRequest.id)).all()
    assert said == [False, False]
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT}, True)


def test_after_two_weeks_it_is_too_late(app, browser, desk, town, another, asked):
    with CLOCK.stopped_at(utcnow() + WAITS + timedelta(minutes=1)):
        later = sit_down(app, town, "newcomer")
        assert "Nothing waits." in later.get("/register/rights/").text
        assert later.post(f"/register/rights/{asked}/yes").status_code == 409
        with acting(desk, "newcomer", ADMIN) as session:  # nor past the page
            say_yes(session, asked)
            with pytest.raises(NotAgreed):
                session.flush()
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT}, True)


def say_yes(session, request_id, by=None):
    """As the page does it, past the page."""
    request = session.get_one(RightsRequest, request_id)
    hat = session.get_one(Membership, request.membership_id)
    request.confirmed, request.answered_by_id = True, by or session.actor.person_id
    hat.roles = hat.roles | {ADMIN}


def test_no_way_past_the_page_makes_one_two(desk, town, another, asked):
    """Raw ORM, as the one who asked, as somebody else's hand, and with an old yes."""
    with desk.session("admin") as session:
        say_yes(session, asked)
        with pytest.raises(NotAgreed):
            session.flush()
    with desk.session("admin") as session:
        say_yes(session, asked, by=town.people["newcomer"])
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("admin") as session:  # "she asked, I say yes"
        mine = {"municipality_id": town.municipality_id, "membership_id": town.memberships["nurse"]}
        session.add(RightsRequest(**mine, asked_by_id=town.people["newcomer"]))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("admin") as session:
        me = session.get_one(Person, town.people["admin"])
        other = session.get_one(Person, town.people["newcomer"])
        session.add(RightsRequest(**mine, asked_by_id=me.id, asked_by=other))
        session.flush()
        newest = session.scalars(select(RightsRequest).order_by(RightsRequest.id.desc())).first()
        assert session.scalar(select(RightsRequest.asked_by_id).where(newest.id == _R)) == me.id
    with acting(desk, "newcomer", ADMIN) as session:
        say_yes(session, asked)
        session.commit()
        session.get_one(Membership, town.memberships["nurse"]).roles = frozenset({LEADER})
        session.commit()
        session.get_one(Membership, town.memberships["nurse"]).roles = frozenset({ADMIN})
        with pytest.raises(NotAgreed):
            session.flush()
    with acting(desk, "newcomer", ADMIN) as session:
        say_yes(session, asked)  # it was said once
        with pytest.raises(NotAgreed):
            session.flush()
    assert hat_of(desk, town, "nurse") == ({LEADER}, True)


_R = RightsRequest.id


@pytest.mark.parametrize("who", ["admin", "owner", "foreign office", "closed"])
def test_what_may_not_be_asked_is_said_why(browser, desk, town, who):
    said = {"admin": "your own account", "owner": "an owner or a guardian", "closed": "closed"}
    hat = town.memberships["nurse" if who == "closed" else who]
    if who == "closed":
        with desk.system() as session:
            session.get_one(Membership, hat).active = False
            session.commit()
    reply = browser("admin").post(f"/register/rights/ask/{hat}")
    if who in said:
        assert reply.status_code == 409 and said[who] in reply.text
        assert "/rights/ask/" not in browser("admin").get(f"/register/account/show/{hat}").text
    else:
        assert reply.status_code == 404
    with desk.system() as session:
        assert session.scalars(select(RightsRequest)).all() == []


def test_an_administrators_hat_that_was_closed_is_not_opened_as_one(browser, desk, town, another):
    hat = town.memberships["newcomer"]
    edit = f"/register/account/edit/{hat}"
    form = browser("admin").get(edit).text
    assert 'value="systemansvarlig"' in form  # what it has may be kept
    sent = {"version": version_in(form), "roles": ["koordinator", "systemansvarlig"]}
    assert browser("admin").post(edit, data=sent).status_code == 303
    assert hat_of(desk, town, "newcomer") == ({COORDINATOR, ADMIN}, False)
    with desk.session("admin") as session:
        session.get_one(Membership, hat).active = True
        with pytest.raises(NotAgreed):
            session.flush()
    form = browser("admin").get(edit).text
    assert 'value="systemansvarlig"' not in form
    sent = {"version": version_in(form), "roles": ["koordinator"], "active": "y"}
    assert browser("admin").post(edit, data=sent).status_code == 303
    assert hat_of(desk, town, "newcomer") == ({COORDINATOR}, True)


# The last one


def test_the_last_administrator_stays(desk, town, another):
    """Whose rights were taken a moment ago takes nobody's."""
    with acting(desk, "newcomer", ADMIN) as late, desk.session("admin") as first:
        first.get_one(Membership, town.memberships["newcomer"]).active = False
        first.commit()
        for change in ({"roles": frozenset({LEADER})}, {"active": False}):
            hat = late.get_one(Membership, town.memberships["admin"])
            for name, value in change.items():
                setattr(hat, name, value)
            with pytest.raises(LastAdministrator):
                late.flush()
            late.rollback()
    assert hat_of(desk, town, "admin") == ({ADMIN}, True)


def test_two_who_remove_each_other_at_once_leave_one(desk, town, another):
    ready, go = Event(), Event()

    def remove(who, whom):
        WRITING.set(True)
        with acting(desk, who, ADMIN) as session:
            session.get_one(Membership, town.memberships[whom]).active = False
            session.flush()
            ready.set()
            assert go.wait(30)
            session.commit()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(remove, "admin", "newcomer")
        assert ready.wait(30)
        ready.clear()
        second = pool.submit(remove, "newcomer", "admin")
        assert not ready.wait(0.3)  # it waits for its turn
        go.set()
        first.result()
        with pytest.raises(LastAdministrator):
            second.result()
    assert hat_of(desk, town, "admin") == ({ADMIN}, True)
    assert hat_of(desk, town, "newcomer") == ({COORDINATOR, ADMIN}, False)


def test_the_last_one_is_said_beside_the_field(browser, desk, town, another, monkeypatch):
    edit = f"/register/account/edit/{town.memberships['admin']}"
    form = browser("newcomer").get(edit).text
    monkeypatch.setattr("security.rights.holders", lambda *_: {})  # gone in between
    sent = {"version": version_in(form), "roles": ["systemansvarlig"]}
    reply = browser("newcomer").post(edit, data=sent)
    assert reply.status_code == 422 and "Make another one first." in reply.text
    assert hat_of(desk, town, "admin") == ({ADMIN}, True)


# Live sessions


def sessions_in(desk, hat):
    with desk.system() as session:
        mine = select(func.count()).select_from(LoginSession)
        return session.scalar(mine.where(LoginSession.membership_id == hat))


def test_a_hat_that_is_closed_ends_its_sessions_and_no_other(app, browser, desk, town):
    hat = town.memberships["nurse"]
    with desk.system() as session:
        elsewhere = Person(municipality_id=town.foreign_id, name="Nurse Elsewhere")
        session.add(elsewhere)
        session.flush()
        other = Membership(
            account_id=town.accounts["nurse"], municipality_id=town.foreign_id,
            person_id=elsewhere.id, roles=frozenset({Role.PARTICIPANT}),
        )  # fmt: skip
        session.add(other)
        session.flush()
        account = {"account_id": town.accounts["nurse"], "membership_id": other.id}
        session.add(LoginSession(**account, token_hash="x", data={}, expires_at=utcnow()))
        session.commit()
        other_hat = other.id
    nurse = browser("nurse")
    assert nurse.get("/").status_code == 200 and sessions_in(desk, hat) == 1
    edit = f"/register/account/edit/{hat}"
    form = browser("admin").get(edit).text
    assert ">Nurse</dd>" in form
    sent = {"version": version_in(form), "roles": ["deltaker"]}
    assert browser("admin").post(edit, data=sent).status_code == 303
    assert sessions_in(desk, hat) == 0 and sessions_in(desk, other_hat) == 1
    assert nurse.get("/").location.startswith("/sign-in/")
    listed = browser("admin").get("/register/account/list/").text
    assert re.search(r"Nurse</a>.*?Shut", listed, re.S)


def test_what_fails_on_the_way_ends_no_session(browser, desk, town, monkeypatch):
    hat = town.memberships["nurse"]
    assert browser("nurse").get("/").status_code == 200

    def fault(*_):
        raise RuntimeError("in the middle")

    monkeypatch.setattr("security.audit.append", fault)
    with desk.session("admin") as session:
        session.get_one(Membership, hat).active = False
        with pytest.raises(RuntimeError):
            session.commit()
    assert sessions_in(desk, hat) == 1 and hat_of(desk, town, "nurse")[1]


def test_a_role_that_is_taken_is_gone_at_the_next_click(browser, desk, town):
    newcomer, hat = browser("newcomer"), town.memberships["newcomer"]
    assert newcomer.get("/my-persons/").status_code == 200
    edit = f"/register/account/edit/{hat}"
    sent = {"version": version_in(browser("admin").get(edit).text), "active": "y"}
    sent["roles"] = ["deltaker"]
    assert browser("admin").post(edit, data=sent).status_code == 303
    assert newcomer.get("/my-persons/").status_code == 403
    assert newcomer.get("/").status_code == 200 and sessions_in(desk, hat) == 1


# The register


def offered(page):
    return set(re.findall(r'name="roles"[^>]*value="(\w+)"|value="(\w+)"[^>]*name="roles"', page))


def test_the_form_offers_what_may_be_given(browser, desk, town):
    admin = browser("admin")
    page = admin.get(f"/register/account/edit/{town.memberships['nurse']}").text
    roles = {a or b for a, b in offered(page)}
    assert roles == {str(role) for role in giveable([ADMIN])}
    sent = {"version": version_in(page), "active": "y", "roles": ["deltaker", "systemansvarlig"]}
    reply = admin.post(f"/register/account/edit/{town.memberships['nurse']}", data=sent)
    assert reply.status_code == 422 and "Choose one of those on the list." in reply.text
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT}, True)
    for who in ("owner", "mother"):  # private stays private
        page = admin.get(f"/register/account/edit/{town.memberships[who]}").text
        assert {a or b for a, b in offered(page)} == {"planeier" if who == "owner" else "foresatt"}
    page = admin.get("/register/account/add").text
    assert {a or b for a, b in offered(page)} == roles


def test_the_list_says_in_words_who_can_sign_in(browser, desk, town):
    with desk.system() as session:
        session.get_one(Account, town.accounts["teacher"]).password_hash = "x"
        session.commit()
    page = browser("admin").get("/register/account/list/").text
    assert re.search(r"Nurse</a>.*?Has not signed in yet", page, re.S)
    browser("admin").post("/register/account/search", data={"name": "teach"})
    page = browser("admin").get("/register/account/list/").text
    assert "In use" in page and "Has not signed in yet" not in page


def test_no_second_account_for_oneself_or_for_one_that_is_shut(browser, desk, town):
    with desk.system() as session:
        session.get_one(Membership, town.memberships["nurse"]).active = False
        session.commit()
    for who, words in (("Admin", "Ask somebody else"), ("Nurse", "Open it on its own page")):
        sent = {"person_id": who, "login_name": "x", "roles": ["koordinator"]}
        reply = browser("admin").post("/register/account/add", data=sent)
        assert reply.status_code == 422 and words in reply.text, who
    assert hat_of(desk, town, "nurse") == ({Role.PARTICIPANT}, False)
