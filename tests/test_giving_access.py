"""Registering, proposing, signing, withdrawing: who is let in, when, and who is not."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from models.account import Account, Invitation, Membership
from models.ages import birthday
from models.audit import AccessEvent
from models.clock import CLOCK, OSLO, months_later, today, utcnow
from models.consent import Consent, Grant, Hearing, Signature, SignatureAnswer
from models.elements.goal import Goal
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Participant, Plan, PlanRegister
from models.types import blind_index
from models.vocabulary import (
    Capacity,
    ConsentStatus,
    Level,
    LifeArea,
    Mandate,
    Package,
    ParticipantStatus,
    PlanStatus,
    PlanType,
    Scope,
)
from security import passwords
from security.access import load_access
from security.facts import facts
from security.policy import Action, Forbidden, permits
from security.sessions import COOKIE
from services.withdrawal import withdraw_plan
from tests.conftest import sit_down
from tests.factories import WHO, has_accepted
from tests.second_step import come_in

PASSWORD = "tre blå båtar på fjorden"
GUARDIAN = {"capacity": "parental_responsibility", "verified_how": "population_register"}


@pytest.fixture
def child(desk, town):
    return appointed(desk, town)


def appointed(desk, town):
    """A ten-year-old, and the newcomer appointed as coordinator for her."""
    with desk.session("office") as session:
        born = months_later(today(), -120)
        person = Person(municipality_id=town.municipality_id, name="Eli Vik", birth_date=born)
        session.add(person)
        session.flush()
        session.add(
            CoordinatorAppointment(
                municipality_id=town.municipality_id,
                person_id=person.id,
                coordinator_id=town.people["newcomer"],
                starts_on=today(),
            )
        )
        session.commit()
        return person.id


def form_of(*guardians, **more):
    data = {"type": "simple_collaboration", "short_name": "EV 1"} | more
    for n, (name, login) in enumerate(guardians):
        one = {"name": name, "login_name": login} | GUARDIAN
        data |= {f"guardians-{n}-{key}": value for key, value in one.items()}
    return data


BOTH = (("Marte Vik", "marte@example.no"), ("Jonas Vik", "jonas"))

ASKED = {"heard": "talked", "opinion": "Fint"}
"""What a guardian writes of the child."""


class Family:
    """The child's plan as the browsers of those around it see it."""

    def __init__(self, app, browser, desk, town):
        self.app, self.browser, self.desk, self.town = app, browser, desk, town
        self.guardians = {}

    def begin(self):
        """Registers the plan; the guardians have chosen their passwords."""
        browser, self.child = self.browser, appointed(self.desk, self.town)
        reply = browser("newcomer").post(f"/my-persons/{self.child}/register", data=form_of(*BOTH))
        assert reply.location == "/my-persons/codes", reply.text
        page = browser("newcomer").get("/my-persons/codes").text
        self.codes = re.findall(r"data-code>([A-Z0-9-]+)<", page)
        with self.desk.system() as session:
            mine = select(Plan.id).where(Plan.person_id == self.child)
            self.plan = session.scalars(mine).one()
            wanted = select(Account).where(Account.login_name.in_(("marte@example.no", "jonas")))
            for account in session.scalars(wanted):
                account.password_hash = passwords.hash_password(PASSWORD)
                hat = select(Membership).where(Membership.account_id == account.id)
                has_accepted(session, self.town, session.scalars(hat).one())
            session.commit()
        return self.as_it_is()

    def let_in(self):
        """Teacher and grandmother are in, said both parents."""
        self.begin()
        with self.desk.system() as session:
            name = session.get(Account, self.town.accounts["teacher"]).login_name
        self.propose("Teacher", name)
        self.propose("Gunn", "gunn@example.no", "relative")
        self.send()
        self.sign("marte@example.no")
        self.sign("jonas")
        return self.as_it_is()

    def as_it_is(self):
        cookies = {who: one.get_cookie(COOKIE).value for who, one in self.guardians.items()}
        return {"child": self.child, "plan": self.plan, "codes": self.codes}, cookies

    def becomes(self, told, cookies):
        vars(self).update(told)
        self.guardians = {who: self.app.test_client() for who in cookies}
        for who, client in self.guardians.items():
            client.set_cookie(COOKIE, cookies[who])
        return self

    def guardian(self, login):
        if login not in self.guardians:
            client = self.app.test_client()
            assert come_in(client, self.desk.engine, login, PASSWORD).location == "/"
            client.post("/language/", data={"language": "en"})
            self.guardians[login] = client
        return self.guardians[login]

    def url(self, rest=""):
        return f"/plan/{self.plan}/{rest}"

    def propose(self, name, login, package="professional", **more):
        data = {"name": name, "login_name": login, "package": package, "role": "helper"} | more
        return self.browser("newcomer").post(self.url("team/add"), data=data)

    def send(self):
        return self.browser("newcomer").post(self.url("team/send"))

    def sheet(self, login):
        page = self.guardian(login).get(self.url("consent/sign"))
        assert page.status_code == 200, page.text
        shown = re.search(r'name="shown" value="(\w+)"', page.text)[1]
        people = re.findall(r'name="answer-(\d+)"[^>]*value="yes"', page.text)
        return {"shown": shown} | dict.fromkeys((f"answer-{p}" for p in people), "yes")

    def sign(self, login, **more):
        data = self.sheet(login) | {
            "length": "6",
            "heard": "talked",
            "opinion": "Fint",
            "password": PASSWORD,
        }
        data |= {"sign": "yes"} | more
        return self.guardian(login).post(self.url("consent/sign"), data=data)

    def grants(self):
        with self.desk.system() as session:
            live = select(Grant).where(Grant.plan_id == self.plan, Grant.revoked_at.is_(None))
            return session.scalars(live).all()

    def person(self, name):
        with self.desk.system() as session:
            return session.scalars(select(Person).where(Person.name == name)).one()


@pytest.fixture
def family(app, browser, desk, town, memory):
    family = Family(app, browser, desk, town)
    return family.becomes(*memory.recall("family", family.begin))


@pytest.fixture
def signed(app, browser, desk, town, memory):
    """Teacher and grandmother are in, said both parents."""
    family = Family(app, browser, desk, town)
    return family.becomes(*memory.recall("signed", family.let_in))


# Registering


def test_a_plan_starts_as_a_draft_with_its_guardians_and_their_way_in(family, desk):
    """A code for the one without an e-mail address."""
    assert len(family.codes) == 1 and all(len(code) == 14 for code in family.codes)
    assert "data-code" not in family.browser("newcomer").get("/my-persons/codes").text  # once
    with desk.system() as session:
        plan = session.get(Plan, family.plan)
        assert (plan.status, plan.short_name) == (PlanStatus.DRAFT, "EV 1")
        acting = session.scalars(
            select(Representation).where(Representation.person_id == plan.person_id)
        ).all()
        assert len(acting) == 2 and all(r.verified_at and r.verified_by_id for r in acting)
        assert session.scalars(select(PlanRegister).where(PlanRegister.plan_id == plan.id)).one()
        by_letter, by_code = session.scalars(select(Invitation).order_by(Invitation.id))
        assert by_code.code_hash.startswith("$argon2id$") and by_letter.code_hash is None


def test_without_an_appointment_there_is_no_plan(browser, desk, town, child):
    for who in WHO:
        if who == "newcomer":
            continue
        reply = browser(who).post(f"/my-persons/{child}/register", data=form_of(*BOTH))
        assert reply.status_code in (403, 404), who
    with desk.system() as session:
        assert not session.scalars(select(Plan).where(Plan.person_id == child)).all()


BAD = {
    "no guardian for a child": form_of(),
    "half a guardian": form_of(("Marte", "")),
    "not an address": form_of(("Marte", "marte@nowhere")),
    "no short name": form_of(*BOTH, short_name=" "),
    "too long": form_of(*BOTH, short_name="x" * 21),
    "NUL": form_of(("Marte\x00", "marte@example.no")),
    "taken short name": form_of(*BOTH, short_name="OW 1"),
    "taken login name": form_of(("Marte", "foreign.office"), ("Nurse", "nurse")),
    "no such type": form_of(*BOTH, type="moon"),
    "one who decides nothing": form_of(*BOTH) | {
        "guardians-0-capacity": "parent_informed", "guardians-1-capacity": "parent_informed",
    },
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_registration_says_so_keeps_the_text_and_stores_nothing(
    browser, desk, town, child, what
):
    reply = browser("newcomer").post(f"/my-persons/{child}/register", data=BAD[what])
    assert reply.status_code == 422, reply.text
    assert "ds-validation-message" in reply.text
    with desk.system() as session:
        assert not session.scalars(select(Plan).where(Plan.person_id == child)).all()
        assert not session.scalars(select(Person).where(Person.name.like("Marte%"))).all()


def test_an_adult_is_registered_with_somebody_who_decides(browser, desk, child):
    with desk.session("office") as session:
        session.get_one(Person, child).birth_date = months_later(today(), -12 * 30)
        session.commit()
    address = f"/my-persons/{child}/register"
    reply = browser("newcomer").post(address, data=form_of())
    assert reply.status_code == 422 and "must be able to sign in" in reply.text
    reply = browser("newcomer").post(address, data=form_of(owner_login="eli"))
    assert reply.location == "/my-persons/codes"


def test_a_double_click_registers_once(browser, desk, town, child):
    data = form_of(*BOTH, uid="6a4d7a51-5a1f-4a36-9d6c-0d3a0f5f8c11")
    for _ in range(2):
        browser("newcomer").post(f"/my-persons/{child}/register", data=data)
    with desk.system() as session:
        assert len(session.scalars(select(Plan).where(Plan.person_id == child)).all()) == 1
        guardians = select(Representation).where(Representation.person_id == child)
        assert len(session.scalars(guardians).all()) == 2


def test_a_coordinator_may_not_make_themselves_guardian(browser, desk, town, child):
    me = form_of(("Newcomer", "newcomer"))
    reply = browser("newcomer").post(f"/my-persons/{child}/register", data=me)
    assert reply.status_code == 403
    with desk.system() as session:
        assert not session.scalars(select(Plan).where(Plan.person_id == child)).all()


def test_birthdays_on_leap_days():
    from datetime import date

    assert birthday(date(2016, 2, 29), 16) == date(2032, 2, 29)
    assert birthday(date(2016, 2, 29), 18) == date(2034, 2, 28)


# Proposing


def test_a_known_person_is_found_instead_of_doubled(family, desk, town):
    family.propose("Gunn", "gunn@example.no", "relative")
    again = family.propose("gunn", " GUNN@example.no ", "relative")
    assert again.status_code == 409
    other = family.propose("Gunn V.", "gunn@example.no", "relative")
    assert other.status_code == 422  # somebody of another name is not let in by a slip
    with desk.system() as session:
        found = [p for p in session.scalars(select(Person)) if p.email == "gunn@example.no"]
        assert len(found) == 1


def test_what_is_proposed_opens_nothing(family, browser):
    family.propose("Teacher", "teacher")
    family.send()
    assert family.grants() == []
    assert browser("teacher").get(family.url()).status_code == 404


def test_only_the_coordinator_proposes(family, desk):
    data = {"name": "X", "login_name": "x@example.no", "package": "relative", "role": "x"}
    reply = family.guardian("jonas").post(family.url("team/add"), data=data)
    assert reply.status_code == 403
    with desk.system() as session:
        assert not session.scalars(select(Person).where(Person.name == "X")).all()


def test_a_coordinator_prepares_in_a_draft_and_reads_what_is_own_only(family, browser, desk):
    reply = browser("newcomer").post(
        family.url("activity/add"), data={"what": "Ring school", "status": "new"}
    )
    assert reply.status_code == 303
    assert "Ring school" in browser("newcomer").get(family.url("activity/list/")).text


# Signing


def test_after_the_first_signature_nobody_is_in_after_the_second_those_accepted(family, browser):
    family.propose("Teacher", "teacher")
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    assert family.sign("marte@example.no").status_code == 303
    assert family.grants() == [] and browser("teacher").get(family.url()).status_code == 404
    gunn = family.person("Gunn").id
    assert family.sign("jonas", **{f"answer-{gunn}": "no"}).status_code == 303
    people = {g.person_id for g in family.grants()}
    assert gunn not in people and family.town.people["teacher"] in people
    assert browser("teacher").get(family.url()).status_code == 200
    with family.desk.system() as session:
        statuses = {p.person_id: p.status for p in session.scalars(select(Participant))}
        assert statuses[gunn] is ParticipantStatus.DECLINED
        assert session.get(Plan, family.plan).status is PlanStatus.ACTIVE
        entry = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == family.plan))
        assert entry.one().consent_until == months_later(today(), 6)


def test_a_grant_is_the_narrowest_of_what_both_said(family, desk, town):
    family.propose("Teacher", "teacher")
    family.send()
    me = town.people["teacher"]
    with desk.system() as session:
        from models.consent import ConsentLine

        lines = {
            line.scope: line.id
            for line in session.scalars(select(ConsentLine).where(ConsentLine.person_id == me))
        }
    narrow = {f"level-{lines[Scope.GOALS]}": "read", f"area-{me}": ["health", "leisure"]}
    family.sign("marte@example.no", length="12", **narrow, **{f"older-{me}": "yes"})
    other = {f"level-{lines[Scope.MESSAGES]}": "none", f"area-{me}": ["health", "economy"]}
    family.sign("jonas", length="3", **other)
    grants = {g.scope: g for g in family.grants() if g.person_id == me}
    assert grants[Scope.GOALS].level is Level.READ
    assert grants[Scope.GOALS].life_areas == {"health"}
    assert Scope.MESSAGES not in grants
    assert len(grants[Scope.MEETINGS].life_areas) == 6
    assert grants[Scope.GOALS].since > utcnow() - timedelta(minutes=1)  # only one opened older
    assert {g.ends_at.date() for g in grants.values()} == {months_later(today(), 3)}


def test_nothing_is_chosen_beforehand(family):
    family.propose("Teacher", "teacher")
    family.send()
    page = family.guardian("jonas").get(family.url("consent/sign")).text
    assert "checked" not in page and "selected" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": ""}, {"length": "", "until": "2020-01-01"}, {"length": "99"},
        {"length": "", "until": "2027-02-29"}, {"length": "", "until": "9999-01-01"},
        {"opinion": ""}, {"opinion": "x" * 2001}, {"heard": ""}, {"heard": "by telepathy"},
        {"heard": "no", "opinion": ""}, {"heard_on": "2099-01-01"}, {"heard_on": "yesterday"},
        {"shown": "0" * 64}, {"password": "wrong"},
    ],
)  # fmt: skip
def test_a_signature_that_lacks_something_is_not_stored(family, desk, wrong):
    family.propose("Teacher", "teacher")
    family.send()
    reply = family.sign("jonas", **wrong)
    assert reply.status_code == 422
    with desk.system() as session:
        mine = select(Signature).where(Signature.plan_id == family.plan)
        assert not session.scalars(mine).all()


def test_a_person_without_an_answer_is_asked_again_and_the_rest_is_kept(family):
    family.propose("Teacher", "teacher")
    family.send()
    data = family.sheet("jonas") | {"length": "6", **ASKED, "opinion": "Det er greitt"}
    missing = next(key for key in data if key.startswith("answer-"))
    data.pop(missing)
    reply = family.guardian("jonas").post(family.url("consent/sign"), data=data)
    assert reply.status_code == 422 and f'href="#{missing}"' in reply.text
    assert "Det er greitt" in reply.text and reply.text.count("checked") == 3


def test_the_summary_comes_before_the_signature_and_stores_nothing(family, desk):
    family.propose("Teacher", "teacher")
    family.send()
    data = family.sheet("jonas") | {"length": "6", **ASKED}
    reply = family.guardian("jonas").post(family.url("consent/sign"), data=data)
    assert reply.status_code == 200 and 'type="password"' in reply.text
    with desk.system() as session:
        mine = select(Signature).where(Signature.plan_id == family.plan)
        assert not session.scalars(mine).all()


def test_back_after_signing_and_a_double_click_sign_once(family, desk):
    family.propose("Teacher", "teacher")
    family.send()
    sheet = family.sheet("jonas")
    assert family.sign("jonas").status_code == 303
    data = sheet | {
        "length": "6",
        "heard": "talked",
        "opinion": "Fint",
        "password": PASSWORD,
        "sign": "yes",
    }
    again = family.guardian("jonas").post(family.url("consent/sign"), data=data)
    assert again.status_code == 409
    with desk.system() as session:
        mine = select(Signature).where(Signature.plan_id == family.plan)
        assert len(session.scalars(mine).all()) == 1


def test_only_those_who_decide_sign(family, browser):
    family.propose("Teacher", "teacher")
    family.send()
    for who, status in (("newcomer", 403), ("mother", 404), ("office", 403), ("teacher", 404)):
        assert browser(who).post(family.url("consent/sign")).status_code == status, who


def test_a_receipt_shows_what_was_said_and_the_coordinator_does_not_see_the_childs_words(
    signed, browser, desk
):
    receipt = signed.guardian("jonas").get(signed.url("consent/receipt"))
    assert receipt.status_code == 200 and "Fint" in receipt.text and "Teacher" in receipt.text
    with desk.session("newcomer") as session:
        assert not session.scalars(select(Hearing)).all()
        assert not session.scalars(select(SignatureAnswer)).all()


def test_a_proposal_changed_after_a_signature_is_asked_anew(family, desk):
    family.propose("Teacher", "teacher")
    family.send()
    family.sign("marte@example.no")
    family.propose("Gunn", "gunn@example.no", "relative")
    assert family.guardian("jonas").get(family.url("consent/sign")).status_code == 409
    family.send()
    family.sign("jonas")
    assert family.grants() == []  # Marte has not said yes to this version
    family.sign("marte@example.no")
    assert family.person("Gunn").id in {g.person_id for g in family.grants()}


def test_two_who_sign_in_the_same_second_open_once(family):
    from concurrent.futures import ThreadPoolExecutor

    family.propose("Teacher", "teacher")
    family.send()
    for login in ("marte@example.no", "jonas"):
        family.sheet(login)
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(family.sign, ("marte@example.no", "jonas")))
    assert [r.status_code for r in replies] == [303, 303]
    keys = [(g.person_id, g.scope) for g in family.grants()]
    assert keys and len(keys) == len(set(keys))


def test_those_already_in_keep_their_since_date_at_renewal(signed):
    before = {(g.person_id, g.scope): g.since for g in signed.grants()}
    signed.propose("Nurse", "nurse")
    signed.send()
    signed.sign("marte@example.no")
    signed.sign("jonas")
    after = {(g.person_id, g.scope): g.since for g in signed.grants()}
    assert before.items() <= after.items() and len(after) > len(before)
    with signed.desk.system() as session:
        statuses = [
            c.status for c in session.scalars(select(Consent).where(Consent.plan_id == signed.plan))
        ]
        assert sorted(statuses) == [ConsentStatus.SIGNED, ConsentStatus.SUPERSEDED]


def test_signers_are_told_without_a_word_of_the_plan(signed, desk):
    with desk.system() as session:
        kinds = {m.kind for m in session.scalars(select(OutboxMessage))}
        assert {"consent", "access"} <= kinds


# What it opens, and ends


def test_the_teacher_sees_the_parts_granted_and_nothing_older(signed, browser, desk, town):
    with desk.system() as session:
        from models.elements.activity import Activity

        long_ago = utcnow() - timedelta(hours=1)
        for n, at in (("Old", long_ago), ("New", utcnow() + timedelta(seconds=1))):
            session.add(
                Activity(
                    plan_id=signed.plan, author_id=town.people["newcomer"], what=n, created_at=at
                )
            )
        session.commit()
    page = browser("teacher").get(signed.url("activity/list/")).text
    assert "New" in page and "Old" not in page
    assert browser("teacher").get(signed.url("goal/list/")).status_code == 404  # no goals in an ES
    assert browser("teacher").get(signed.url("log/")).status_code == 403
    assert browser("teacher").get(signed.url("consent/")).status_code == 403


def test_withdrawing_a_person_counts_at_the_next_click(signed, browser, town):
    me = town.people["teacher"]
    assert browser("teacher").get(signed.url("activity/add")).status_code == 200
    asked = signed.guardian("jonas").get(signed.url(f"consent/withdraw/{me}"))
    assert asked.status_code == 200 and "Teacher" in asked.text
    done = signed.guardian("jonas").post(signed.url(f"consent/withdraw/{me}"))
    assert done.status_code == 303
    late = browser("teacher").post(signed.url("activity/add"), data={"what": "x", "status": "new"})
    assert late.status_code == 404
    assert browser("teacher").get(signed.url()).status_code == 404
    again = signed.guardian("jonas").post(signed.url(f"consent/withdraw/{me}"))
    assert again.status_code == 409
    assert browser("newcomer").get(signed.url("activity/list/")).status_code == 200


def test_withdrawing_everything_ends_the_coordinators_reading_until_a_new_yes(
    signed, browser, desk, town
):
    browser("newcomer").post(signed.url("activity/add"), data={"what": "Ring", "status": "new"})
    assert "Ring" in browser("newcomer").get(signed.url("activity/list/")).text
    assert signed.guardian("jonas").post(signed.url("consent/withdraw")).status_code == 303
    assert signed.grants() == []
    assert "Ring" not in browser("newcomer").get(signed.url("activity/list/")).text
    assert "Ring" in signed.guardian("jonas").get(signed.url("activity/list/")).text
    assert browser("newcomer").get(signed.url()).status_code == 200  # the shell
    with desk.system() as session:
        assert session.get(Plan, signed.plan).status is PlanStatus.ACTIVE
    signed.send()
    signed.sign("marte@example.no")
    signed.sign("jonas")
    assert "Ring" in browser("newcomer").get(signed.url("activity/list/")).text


def test_others_cannot_withdraw(signed, browser, town):
    me = town.people["teacher"]
    for who in ("newcomer", "teacher", "office", "mother"):
        reply = browser(who).post(signed.url(f"consent/withdraw/{me}"))
        assert reply.status_code in (403, 404), who
    assert signed.grants()


def test_a_consent_ends_by_itself_at_the_end_of_its_last_day(signed, browser):
    last = months_later(today(), 6)
    from datetime import datetime, time

    from models.clock import OSLO

    for day, status in ((last, 200), (last + timedelta(days=1), 404)):
        noon = datetime.combine(day, time(12), OSLO)
        with CLOCK.stopped_at(noon):
            client = sit_down_again(signed, "grand" if False else "teacher")
            assert client.get(signed.url("activity/list/")).status_code == status


def sit_down_again(family, who):
    with family.desk.system() as session:
        from models.account import LoginSession

        for row in session.scalars(
            select(LoginSession).where(LoginSession.account_id == family.town.accounts[who])
        ):
            session.delete(row)
        session.commit()
    return sit_down(family.app, family.town, who)


def test_the_log_shows_who_did_what_on_which_basis(signed, browser, town):
    browser("teacher").get(signed.url("activity/list/"))
    browser("teacher").get(signed.url())
    browser("stranger").get(signed.url())
    page = signed.guardian("jonas").get(signed.url("log/")).text
    assert "Teacher" in page and "Solvik school" in page and "Stranger" in page
    assert "Was refused" in page and "Appointed coordinator" in page and "signature" in page
    assert len(re.findall("data-visit>Teacher<", page)) == 1  # one day's looks are one visit


def test_ones_own_looks_are_left_out_of_the_log_until_one_asks(signed):
    me = signed.guardian("jonas")
    me.get(signed.url())
    page, whole = (me.get(signed.url(f"log/{more}")).text for more in ("", "?own=yes"))
    assert "data-visit>Jonas" not in page and "data-visit>Jonas" in whole
    assert "log/?own=yes" in page and "log/?own=yes" not in whole


# Messages


def test_messages_reach_those_they_are_for(signed, browser, desk, town):
    jonas = signed.guardian("jonas")
    for who, subject in (("everybody", "To all"), ("coordinator_only", "Only you")):
        data = {"who": who, "subject": subject, "body": "Hei"}
        assert jonas.post(signed.url("message/write"), data=data).status_code == 303
    choose = {"who": "chosen", "subject": "Some", "body": "Hei"}
    assert jonas.post(signed.url("message/write"), data=choose).status_code == 422
    gunn = signed.person("Gunn").id
    assert jonas.post(signed.url("message/write"), data=choose | {"to": [gunn]}).status_code == 303
    assert (
        jonas.post(
            signed.url("message/write"), data=choose | {"to": [town.people["stranger"]]}
        ).status_code
        == 422
    )
    teacher = browser("teacher").get(signed.url("message/list/")).text
    assert "To all" in teacher and "Only you" not in teacher and "Some" not in teacher
    coordinator = browser("newcomer").get(signed.url("message/list/")).text
    assert all(text in coordinator for text in ("To all", "Only you", "Some"))
    other = signed.guardian("marte@example.no").get(signed.url("message/list/")).text
    assert "To all" in other and "Some" in other and "Only you" not in other


def test_a_message_sent_twice_is_stored_once(signed, desk):
    from models.elements.message import Message

    data = {"who": "everybody", "subject": "Twice", "body": "Hei"}
    data["uid"] = "0b0f9d8e-6a3c-4a6c-8f5e-2f9f4b1c7d10"
    for _ in range(2):
        reply = signed.guardian("jonas").post(signed.url("message/write"), data=data)
        assert reply.status_code == 303
    with desk.system() as session:
        assert (
            len(session.scalars(select(Message).where(Message.plan_id == signed.plan)).all()) == 1
        )


def test_in_the_shell_a_coordinator_writes_to_the_owners_side_only(family, browser):
    page = browser("newcomer").get(family.url("message/write")).text
    assert "owners_side" in page and "everybody" not in page
    data = {"who": "owners_side", "subject": "Before", "body": "Can we meet?"}
    assert browser("newcomer").post(family.url("message/write"), data=data).status_code == 303
    assert "Before" in family.guardian("jonas").get(family.url("message/list/")).text
    wide = data | {"who": "everybody"}
    assert browser("newcomer").post(family.url("message/write"), data=wide).status_code == 422
    assert Goal.__tablename__ == "goal"


def codes_of(desk, account):
    with desk.system() as session:
        return session.scalars(select(Invitation).where(Invitation.account_id == account)).all()


def test_nobody_gets_a_code_for_an_account_somebody_else_has_made(family, desk, town):
    family.propose("Mother", "mother")
    assert codes_of(desk, town.accounts["mother"]) == []
    family.propose("Office", "foreign.office")
    assert codes_of(desk, town.accounts["foreign office"]) == []


def test_one_parents_withdrawal_is_not_undone_by_the_others_signature(signed, browser, desk, town):
    signed.send()
    signed.sign("marte@example.no")
    marte = signed.guardian("marte@example.no")
    assert marte.post(signed.url("consent/withdraw")).status_code == 303
    assert signed.guardian("jonas").get(signed.url("consent/sign")).status_code == 409
    assert signed.grants() == []


def test_a_signature_that_waits_can_be_taken_back(family, desk):
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    family.sign("marte@example.no")
    marte = family.guardian("marte@example.no")
    assert marte.post(family.url("consent/withdraw")).status_code == 303
    assert family.guardian("jonas").get(family.url("consent/sign")).status_code == 409
    assert family.grants() == []


def test_a_form_that_comes_back_is_in_the_log_too(browser, desk, town):
    def reads():
        with desk.system() as session:
            mine = (AccessEvent.person_id == town.people["nurse"], AccessEvent.kind == "goal")
            return len(session.scalars(select(AccessEvent).where(*mine)).all())

    before = reads()
    data = {"goal": "x", "status": "new", "version": "0", "due": "x"}
    reply = browser("nurse").post(f"/plan/{town.plan}/goal/edit/{town.rows['goal']}", data=data)
    assert reply.status_code in (409, 422)
    assert reads() > before


def test_my_persons_leads_to_their_plans(family, browser):
    page = browser("newcomer").get("/my-persons/").text
    assert f'href="{family.url()}"' in page and "Enkelt samspill" in page


# Attacks


def test_nobody_gets_a_code_for_the_owner_of_somebody_elses_plan(signed, browser, desk, town):
    """Proposing a youth who owns a plan, by e-mail, must not hand over the way into it."""
    with desk.session("office") as session:
        youth = session.get(Person, town.people["other child"])
        youth.email = "other.child@example.no"
        youth.email_index = blind_index("person.email", youth.email)
        session.commit()
    browser("newcomer").get("/my-persons/codes")  # those of yesterday
    reply = signed.propose("Other Child", "other.child@example.no")
    assert reply.status_code == 403
    assert "data-code" not in browser("newcomer").get("/my-persons/codes").text
    with desk.system() as session:
        mine = select(Membership).where(Membership.person_id == town.people["other child"])
        assert session.scalars(mine).first() is None


def test_a_page_that_answers_a_form_is_in_the_log_too(family, desk):
    """The summary before signing is the answer to a POST, and shows who is asked about."""
    family.propose("Teacher", "teacher")
    family.send()
    data = family.sheet("jonas") | {"length": "6", **ASKED}

    def reads():
        with desk.system() as session:
            lines = (AccessEvent.plan_id == family.plan, AccessEvent.kind == "consent_line")
            return len(session.scalars(select(AccessEvent.seq).where(*lines)).all())

    before = reads()
    reply = family.guardian("jonas").post(family.url("consent/sign"), data=data)
    assert reply.status_code == 200 and "Teacher" in reply.text
    assert reads() == before + 1


def test_head_is_a_look_too(signed, browser, desk, town):
    def reads():
        with desk.system() as session:
            mine = (AccessEvent.person_id == town.people["teacher"], AccessEvent.action == "read")
            return len(session.scalars(select(AccessEvent.seq).where(*mine)).all())

    before = reads()
    assert browser("teacher").head(signed.url()).status_code == 200
    assert reads() > before


def test_asking_twice_for_signatures_asks_once(family, desk):
    family.propose("Teacher", "teacher")
    family.send()
    family.propose("Gunn", "gunn@example.no", "relative")
    assert family.send().status_code == 303
    with desk.system() as session:
        told = select(OutboxMessage).where(OutboxMessage.kind == "consent")
        assert len(session.scalars(told).all()) == 2
    assert "Gunn" in family.guardian("jonas").get(family.url("consent/sign")).text


def test_a_birthday_between_the_page_and_the_signature(family, desk):
    """Yesterday both parents signed; from today on the youth does, and no parent."""
    family.propose("Teacher", "teacher")
    family.send()
    assert family.sign("marte@example.no").status_code == 303
    data = family.sheet("jonas") | {
        "length": "6",
        "heard": "talked",
        "opinion": "Fint",
        "password": PASSWORD,
    }
    with desk.system() as session:
        day = session.get(Plan, family.plan).owner_decides_from
    morning = datetime.combine(day, time(8), OSLO)
    with CLOCK.stopped_at(morning):
        family.guardians.clear()
        reply = family.guardian("jonas").post(family.url("consent/sign"), data=data | {"sign": "1"})
        assert reply.status_code == 403
    assert family.grants() == []


def test_a_representation_that_is_ended_counts_at_the_next_click(signed, desk):
    jonas = signed.guardian("jonas")
    assert jonas.get(signed.url("activity/add")).status_code == 200
    with desk.session("office") as session:
        acting = (
            select(Representation)
            .join(Person, Person.id == Representation.representative_id)
            .where(Person.name == "Jonas Vik")
        )
        session.scalars(acting).one().ends_at = utcnow()
        session.commit()
    late = jonas.post(signed.url("activity/add"), data={"what": "x", "status": "new"})
    assert late.status_code == 404
    assert jonas.post(signed.url("consent/withdraw")).status_code == 404
    assert signed.grants()


def test_of_one_who_has_died_nothing_is_asked_written_or_sent(signed, browser, desk):
    signed.propose("Nurse", "nurse")
    signed.send()
    with desk.session("office") as session:
        session.get(Person, signed.child).died_on = today()
        session.commit()
    with desk.system() as session:
        before = len(session.scalars(select(OutboxMessage.id)).all())
    jonas, coordinator = signed.guardian("jonas"), browser("newcomer")
    assert jonas.get(signed.url("activity/list/")).status_code == 200
    assert coordinator.get(signed.url("activity/list/")).status_code == 200
    letter = {"who": "everybody", "subject": "x", "body": "y"}
    task = {"what": "x", "status": "new"}
    assert jonas.post(signed.url("activity/add"), data=task).status_code == 403
    assert jonas.post(signed.url("message/write"), data=letter).status_code == 403
    assert jonas.get(signed.url("consent/sign")).status_code in (403, 409)
    assert coordinator.post(signed.url("team/send")).status_code == 403
    assert "Eli Vik" not in coordinator.get("/my-persons/").text
    with desk.system() as session:
        assert len(session.scalars(select(OutboxMessage.id)).all()) == before


def test_a_parent_who_has_died_is_not_waited_for(family, desk):
    family.propose("Teacher", "teacher")
    family.send()
    with desk.session("office") as session:
        jonas = session.scalars(select(Person).where(Person.name == "Jonas Vik")).one()
        jonas.died_on = today()
        session.commit()
    family.sign("marte@example.no")
    assert family.grants()


def test_an_own_look_is_not_shown_to_those_who_act_for_the_owner(browser, desk, town):
    """A youth reads without being watched; what others read is there for all of the side."""
    browser("owner").get(f"/plan/{town.plan}/goal/list/")
    browser("nurse").get(f"/plan/{town.plan}/goal/list/")
    for who, names in {"owner": {"Owner", "Nurse"}, "mother": {"Nurse"}}.items():
        with desk.session(who) as session:
            seen = {e.name for e in session.scalars(select(AccessEvent)) if e.action == "read"}
            assert seen == names, who
        with desk.system() as session:  # and the policy says the same
            access = load_access(session, town.people[who], town.plan, utcnow())
            lines = [e for e in session.scalars(select(AccessEvent)) if e.action == "read"]
            seen = {e.name for e in lines if permits(access, Action.READ, facts(e))}
            assert seen == names, who


def test_a_second_individual_plan_is_refused_at_the_last_signature(signed, browser, desk, town):
    assert browser("newcomer").post(signed.url("convert/")).status_code == 303
    signed.sign("marte@example.no")
    with desk.system() as session:
        plan = session.get(Plan, signed.plan)
        same = ("owner_decides_from", "guardian_until", "municipality_id", "person_id")
        other = {name: getattr(plan, name) for name in same}
        session.add(Plan(**other, short_name="EV 9", type=PlanType.INDIVIDUAL_PLAN))
        session.commit()
    before = {(g.person_id, g.scope, g.since) for g in signed.grants()}
    assert signed.sign("jonas").status_code == 409
    assert {(g.person_id, g.scope, g.since) for g in signed.grants()} == before
    with desk.system() as session:
        assert session.get(Plan, signed.plan).type is PlanType.SIMPLE_COLLABORATION


def test_conversion_keeps_since_dates_and_says_who_would_lose_what(signed, browser, desk, town):
    before = {(g.person_id, g.scope): g.since for g in signed.grants()}
    browser("newcomer").post(signed.url("convert/"))
    signed.sign("marte@example.no")
    assert {(g.person_id, g.scope): g.since for g in signed.grants()} == before
    signed.sign("jonas")
    after = {(g.person_id, g.scope): g.since for g in signed.grants()}
    assert before.items() <= after.items()
    assert browser("newcomer").post(signed.url("convert/")).status_code == 409
    with desk.session("newcomer") as session:  # nor past the pages
        session.get(Plan, signed.plan).type = PlanType.SIMPLE_COLLABORATION
        with pytest.raises(Forbidden):
            session.flush()


def test_too_many_wrong_passwords_when_signing_is_said_as_that(family):
    family.propose("Teacher", "teacher")
    family.send()
    data = family.sheet("jonas") | {
        "length": "6",
        "heard": "talked",
        "opinion": "Fint",
        "sign": "1",
    }
    jonas, wrong = family.guardian("jonas"), data | {"password": "wrong"}
    with CLOCK.stopped_at(utcnow()):
        for status in (*[422] * 10, 429):
            assert jonas.post(family.url("consent/sign"), data=wrong).status_code == status


def test_a_participant_of_another_plan_is_not_touched_from_here(signed, town):
    for address in (f"consent/withdraw/{town.people['nurse']}", "consent/withdraw/0"):
        assert signed.guardian("jonas").post(signed.url(address)).status_code == 404
    again = signed.browser("newcomer").post(signed.url(f"team/{town.people['nurse']}/again"))
    assert again.status_code == 409


def test_a_consent_that_has_run_out_is_not_shown_as_in_force(signed, browser):
    assert "In force now" in signed.guardian("jonas").get(signed.url("consent/")).text
    with CLOCK.stopped_at(utcnow() + timedelta(days=200)):
        signed.guardians.clear()
        assert "In force now" not in signed.guardian("jonas").get(signed.url("consent/")).text
        jonas = signed.guardian("jonas")
        assert "Teacher" in jonas.get(signed.url("team/")).text  # what was, is still told


def test_an_ended_appointment_ends_the_shell_and_the_next_consent_ends_the_grant(
    signed, browser, desk, town
):
    """The coordinator's access to content is a grant like any other: the owner's to end."""
    old, new = town.people["newcomer"], town.people["coordinator"]
    yesterday = today() - timedelta(days=1)
    with desk.system() as session:
        a = CoordinatorAppointment
        mine = session.scalars(select(a).where(a.coordinator_id == old)).one()
        mine.starts_on = mine.ends_on = yesterday
        at = {"municipality_id": town.municipality_id, "person_id": signed.child}
        session.add(a(**at, coordinator_id=new, starts_on=today()))
        name = session.get(Account, town.accounts["coordinator"]).login_name
        session.commit()
    assert browser("newcomer").post(signed.url("team/send")).status_code == 403
    assert browser("newcomer").get(signed.url("consent/")).status_code == 403
    assert browser("newcomer").get(signed.url("activity/list/")).status_code == 200
    me = {"name": "Coordinator", "login_name": name, "package": "coordinator", "role": "x"}
    assert browser("coordinator").post(signed.url("team/add"), data=me).status_code == 303
    assert browser("coordinator").post(signed.url("team/send")).status_code == 303
    signed.sign("marte@example.no")
    signed.sign("jonas")
    assert old not in {g.person_id for g in signed.grants()}
    assert new in {g.person_id for g in signed.grants()}
    assert browser("newcomer").get(signed.url()).status_code == 404


def test_an_owner_of_consent_age_always_finds_the_way_out(desk, town):
    """A legal guardian signs for an adult; the adult takes it back alone, and cannot sign."""
    owner, plan_id = town.people["stranger"], town.rows["stranger plan"]
    with desk.system() as session:
        acting = Representation(
            municipality_id=town.municipality_id, person_id=owner, capacity=Capacity.GUARDIAN,
            representative_id=town.people["uncle"], verified_at=utcnow(),
            verified_by_id=town.people["office"], confirmed_at=utcnow(), mandate=Mandate.BOTH,
        )  # fmt: skip
        member = Participant(
            plan_id=plan_id, person_id=town.people["nurse"], role="x", package=Package.PROFESSIONAL
        )
        consent = Consent(
            plan_id=plan_id, plan_type=PlanType.INDIVIDUAL_PLAN, version=1,
            prepared_by_id=town.people["coordinator"], status=ConsentStatus.SIGNED,
            signed_at=utcnow(), until=utcnow() + timedelta(days=9),
        )  # fmt: skip
        session.add_all([acting, member, consent])
        session.flush()
        session.add(
            Grant(
                plan_id=plan_id, consent_id=consent.id, person_id=town.people["nurse"],
                scope=Scope.GOALS, level=Level.READ, life_areas=frozenset(LifeArea),
                since=utcnow(), starts_at=utcnow(), ends_at=consent.until,
            )
        )  # fmt: skip
        session.commit()
    with desk.session("stranger") as session:
        access = session.access(plan_id)
        assert access.withdraws and not access.decides
        withdraw_plan(session, session.get(Plan, plan_id))
        session.commit()
    with desk.system() as session:
        live = select(Grant).where(Grant.plan_id == plan_id, Grant.revoked_at.is_(None))
        assert session.scalars(live).all() == []


def test_a_second_click_still_shows_the_start_codes_and_then_the_way_on(browser, town, child):
    """Two posts before any page is shown: the codes are there once."""
    newcomer, data = browser("newcomer"), form_of(*BOTH, uid=str(uuid4()))
    for _ in range(2):
        reply = newcomer.post(f"/my-persons/{child}/register", data=data)
        assert reply.location == "/my-persons/codes"
    assert newcomer.get("/my-persons/codes").text.count("data-code>") == 1
    team = newcomer.get("/my-persons/codes").location
    assert team.endswith("/team/")
    who = {"name": "Gunn", "login_name": "gunn", "package": "relative"}
    for _ in range(2):
        one = newcomer.post(f"{team}add", data=who | {"role": "gran", "uid": data["uid"]})
        assert one.location == "/my-persons/codes"
    assert newcomer.get("/my-persons/codes").text.count("data-code>") == 1


def test_whose_consent_it_is_and_who_else_must_sign_is_said_before_one_answers(family):
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    page = family.guardian("jonas").get(family.url("consent/sign")).text
    child = family.person("Eli Vik").name
    assert page.index(f"It is about {child}.") < page.index('name="answer-')
    others = re.search(r"<p>([^<]*) must answer too\.", page)[1]
    assert "Marte" in others and "Jonas" not in others


def test_who_has_answered_and_who_is_waited_for_is_said_before_and_after(family):
    propose_and_send(family)
    jonas, marte = family.guardian("jonas"), family.guardian("marte@example.no")
    asked, receipt = family.url("consent/sign"), family.url("consent/receipt")
    assert "Marte Vik must answer too." in jonas.get(asked).text
    family.sign("marte@example.no")
    assert "Waits for Jonas Vik. Nobody is let in yet." in marte.get(receipt).text
    page = jonas.get(asked).text
    assert "Marte Vik has signed." in page and "must answer too" not in page
    family.sign("jonas")
    assert "Everybody has signed. It counts now." in marte.get(receipt).text


def test_what_is_not_even_asked_for_and_what_the_parts_are_is_said(family):
    propose_and_send(family)
    page = family.guardian("jonas").get(family.url("consent/sign")).text
    assert re.search(r"Does not see: around me, documents", page), page[page.index("Does not") :][
        :80
    ]
    assert "Papers put into the plan" in page
    assert "How it goes, as each of them sees it." not in page  # no such part in this kind of plan
    assert "read those sent to them, and write" in page


def test_a_birthday_within_reach_is_said_where_one_chooses_how_long(family, desk):
    assert propose_and_send(family).status_code == 303
    address = family.url("consent/sign")
    assert "The child decides from" not in family.guardian("jonas").get(address).text
    with desk.system() as session:
        session.get_one(Person, family.child).birth_date = months_later(today(), 3 - 16 * 12)
        session.commit()
    assert "The child decides from" in family.guardian("jonas").get(address).text


def propose_and_send(family):
    family.propose("Gunn", "gunn@example.no", "relative")
    return family.send()


def test_a_wrong_password_when_signing_stands_in_the_summary_too(family):
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    page = family.sign("jonas", password="wrong").text
    assert re.search(r'ds-error-summary.*?href="#password">That is not your password', page, re.S)
    assert page.count("<title>Error:") == 1 and family.grants() == []


def test_what_is_left_out_of_a_choice_is_chosen_not_filled_in(family):
    page = family.browser("newcomer").post(family.url("message/write"), data={"body": "Hei"}).text
    assert "Make a choice." in page and 'href="#who">To: Make a choice.' in page
