"""Who must sign: one table, and the wall around every row says the same as it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.account import Membership
from models.clock import CLOCK, utcnow
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Plan
from models.representation_rules import RULES, UNTIL_THE_OWNER_DECIDES, Until
from models.vocabulary import Capacity, Mandate, Role, Verification
from security.four_eyes import NotAgreed
from security.policy import Forbidden
from security.signers import Part, deciders, signers
from services import second_person
from services.second_person import ConfirmedAlready
from services.waiting import plan_lines
from tests.test_rights import acting

C = Capacity
A_YEAR_UNDER, OF_16, OF_18 = 0, 1401, 2201
"""Days from now on which the owner of the town's plan is a child, decides, and is of age."""
TABLE = {  # kind: (signs, reads) as a child, at 16, at 18; None: is nobody in the plan
    C.PARENTAL_RESPONSIBILITY: ((1, 1), (0, 1), None),
    C.CHILD_WELFARE: ((1, 1), (0, 1), None),
    C.MINOR_REPRESENTATIVE: ((1, 1), (0, 1), None),
    C.GUARDIAN: ((1, 1), (1, 1), (1, 1)),
    C.POWER_OF_ATTORNEY: ((1, 1), (1, 1), (1, 1)),
    C.FUTURE_POWER_OF_ATTORNEY: (None, None, None),
    C.NEXT_OF_KIN: (None, None, None),
    C.PARENT_INFORMED: (None, None, None),
    C.FOSTER_PARENT: (None, None, None),
}


@pytest.fixture
def acts(desk, town):
    """`acts(kind, …)`: the stranger is registered as acting for the owner; the row's id."""

    def register(kind, who="stranger", **more):
        rule = RULES[kind]
        row = {
            "municipality_id": town.municipality_id, "person_id": town.people["owner"],
            "representative_id": town.people[who], "capacity": kind, "verified_at": utcnow(),
            "verified_by_id": town.people["office"], "starts_at": utcnow() - timedelta(days=1),
            "mandate": Mandate.BOTH if rule.personal_matters else None,
            "document": "Archive" if rule.document else None,
            "confirmed_at": utcnow() if rule.second_person else None,
        }  # fmt: skip
        with desk.system() as session:
            session.add(made := Representation(**row | more))
            session.commit()
            return made.id

    return register


def standing(desk, town, who="stranger"):
    """(signs, reads) of somebody, says the wall; what the lists and the signers say is the same."""
    with desk.session(who) as session:
        access = session.access(town.plan)
        plan = session.get(Plan, town.plan)
        assert bool(plan) is bool(access.representative or access.owner), "the twins differ"
        if plan is None:
            return None
        must = town.people[who] in deciders(session, plan)
        asked = next(line for line in plan_lines(session) if line.id == town.plan).asked
        assert access.decides is must is asked
        return int(access.decides), int(access.representative)


def test_the_table_has_every_kind_but_the_owner():
    assert RULES.keys() == set(Capacity) - {Capacity.OWNER} == TABLE.keys()
    for kind, rule in RULES.items():
        if rule.signs is not Until.NEVER:
            assert rule.reads is not Until.NEVER, kind  # nobody signs what they cannot read
    assert C.PARENTAL_RESPONSIBILITY in UNTIL_THE_OWNER_DECIDES


@pytest.mark.parametrize("kind", TABLE)
def test_each_kind_signs_and_reads_as_the_table_says(desk, town, acts, kind):
    acts(kind)
    for days, expected in zip((A_YEAR_UNDER, OF_16, OF_18), TABLE[kind], strict=True):
        with CLOCK.stopped_at(utcnow() + timedelta(days=days, minutes=1)):
            assert standing(desk, town) == expected, (kind, days)


@pytest.mark.parametrize("kind", [C.FUTURE_POWER_OF_ATTORNEY, C.NEXT_OF_KIN])
def test_next_of_kin_act_for_a_grown_up_who_cannot_decide(desk, town, acts, kind):
    acts(kind)
    with desk.system() as session:
        plan = session.get(Plan, town.plan)
        plan.owner_decides_from = plan.guardian_until + timedelta(days=365)
        session.commit()
    for days, expected in ((OF_16, None), (OF_18, (1, 1)), (OF_18 + 365, None)):
        with CLOCK.stopped_at(utcnow() + timedelta(days=days, minutes=1)):
            assert standing(desk, town) == expected, days


@pytest.mark.parametrize("kind", [kind for kind, rule in RULES.items() if rule.second_person])
def test_what_one_alone_has_checked_opens_nothing(desk, town, acts, kind):
    acts(kind, confirmed_at=None)
    assert standing(desk, town) is None
    assert standing(desk, town, "mother") == (1, 1)


@pytest.mark.parametrize("kind", [C.GUARDIAN, C.POWER_OF_ATTORNEY])
@pytest.mark.parametrize("mandate", [None, Mandate.MONEY])
def test_a_mandate_for_money_opens_nothing(desk, town, acts, kind, mandate):
    acts(kind, mandate=mandate)
    assert standing(desk, town) is None


@pytest.mark.parametrize("kind", [C.CHILD_WELFARE, C.MINOR_REPRESENTATIVE])
def test_who_signs_in_the_place_of_parents_leaves_them_reading(desk, town, acts, kind):
    row = acts(kind)
    for parent in ("mother", "father"):
        assert standing(desk, town, parent) == (0, 1)
    with desk.session("coordinator") as session:
        plan = session.get(Plan, town.plan)
        assert deciders(session, plan) == {town.people["stranger"]}
        said = {one.name: one.part for one in signers(session, plan)}
        assert said["Mother"] is Part.ANOTHER_SIGNS and said["Stranger"] is Part.SIGNS
        assert said["Uncle"] is Part.NOT_CONFIRMED
    with desk.system() as session:
        session.get(Representation, row).ends_at = utcnow()
        session.commit()
    assert standing(desk, town, "mother") == (1, 1)


def test_a_row_that_says_owner_makes_nobody_one(desk, town, acts):
    with desk.session("office") as session:
        session.add(
            Representation(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                representative_id=town.people["stranger"], capacity=C.OWNER,
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()


# Two persons


@pytest.fixture
def checked(acts):
    """A legal guardian the office has checked, and nobody confirmed."""
    return acts(C.GUARDIAN, confirmed_at=None)


def confirm(session, row):
    one = session.get_one(Representation, row)
    one.confirmed_at, one.confirmed_by_id = utcnow(), session.actor.person_id
    session.flush()


@pytest.mark.parametrize("who", ["leader", "unit"])
def test_another_of_the_office_confirms_and_it_counts(desk, town, checked, who):
    roles = {"leader": ("leader", Role.LEADER), "unit": ("newcomer", Role.COORDINATING_UNIT)}
    if who == "unit":
        with desk.system() as session:
            hat = session.get(Membership, town.memberships["newcomer"])
            hat.roles = frozenset({Role.COORDINATING_UNIT})
            session.commit()
    with acting(desk, *roles[who]) as session:
        row = session.get_one(Representation, checked)
        assert second_person.may_confirm(session, row)
        second_person.confirm(session, row)
        session.commit()
        with pytest.raises(ConfirmedAlready):
            second_person.confirm(session, row)
    assert standing(desk, town) == (1, 1)


@pytest.mark.parametrize("who", ["office", "coordinator", "admin", "mother", "stranger"])
def test_neither_the_first_nor_others_confirm(desk, town, checked, who):
    """The office checked it; a coordinator, an administrator, the family do not confirm."""
    with desk.session(who) as session, pytest.raises(Forbidden):
        confirm(session, checked)
    assert standing(desk, town) is None


def test_nobody_confirms_in_their_own_family(desk, town, checked):
    with desk.system() as session:
        pair = {"person_id": town.people["owner"], "representative_id": town.people["leader"]}
        session.add(
            Representation(
                **pair, municipality_id=town.municipality_id, capacity=C.PARENT_INFORMED,
            )
        )  # fmt: skip
        session.commit()
    with desk.session("leader") as session, pytest.raises((NotAgreed, Forbidden)):
        confirm(session, checked)


def test_another_municipality_neither_sees_nor_confirms(desk, checked):
    with desk.session("foreign office") as session:
        assert session.get(Representation, checked) is None
        assert not second_person.waiting(session)


def test_a_leader_changes_nothing_else(desk, checked):
    for name, value in (("ends_at", utcnow()), ("mandate", Mandate.MONEY), ("document", "x")):
        with desk.session("leader") as session:
            setattr(session.get_one(Representation, checked), name, value)
            with pytest.raises(Forbidden):
                session.flush()


def test_what_is_checked_is_not_changed_under_the_second_persons_eyes(desk, checked, acts):
    for name, value in (("mandate", Mandate.PERSONAL), ("verified_at", utcnow())):
        with desk.session("office") as session:
            setattr(session.get_one(Representation, checked), name, value)
            with pytest.raises(Forbidden):
                session.flush()


def test_without_its_paper_nothing_is_checked(desk, town, acts):
    for missing in ({"document": None}, {"mandate": None}):
        row = acts(C.GUARDIAN, verified_at=None, confirmed_at=None, starts_at=utcnow(), **missing)
        with desk.session("office") as session:
            one = session.get_one(Representation, row)
            one.verified_at, one.verified_by_id = utcnow(), session.actor.person_id
            with pytest.raises(Forbidden):
                session.flush()
        with desk.system() as session:
            session.delete(session.get(Representation, row))
            session.commit()


# Pages


def test_the_office_checks_and_a_leader_confirms_in_pages(browser, desk, town, acts):
    row = acts(C.GUARDIAN, verified_at=None, confirmed_at=None, mandate=None, document=None)
    address = f"/register/representation/edit/{row}"
    reply = browser("office").post(address, data={"confirmed": "y"})
    assert reply.status_code == 422
    filled = {"confirmed": "y", "mandate": "personal", "document": "Archive 7"}
    assert browser("office").post(address, data=filled).status_code == 303
    assert standing(desk, town) is None
    mine = browser("office").get("/register/confirmations/").text
    assert "Stranger" in mine and f"representation/{row}/yes" not in mine
    theirs = browser("leader").get("/register/confirmations/").text
    assert f"representation/{row}/yes" in theirs and "Archive 7" in theirs
    answer = f"/register/confirmations/representation/{row}/yes"
    assert browser("office").post(answer).status_code == 403
    assert browser("leader").post(answer).status_code == 303
    assert browser("leader").post(answer).status_code == 409
    assert standing(desk, town) == (1, 1)


def test_the_consent_page_says_who_signs_and_why_the_others_do_not(browser, desk, town, acts):
    acts(C.FOSTER_PARENT)
    for who in ("mother", "coordinator"):
        page = browser(who).get(f"/plan/{town.plan}/consent/").text
        assert "together with everybody else with parental responsibility" in page
        assert "is only informed" in page and "is under 16 years" in page
        assert "the coordinating unit has not confirmed it" in page  # the uncle
    assert "without" in browser("coordinator").get(f"/plan/{town.plan}/consent/").text
    assert "consent/without" not in browser("mother").get(f"/plan/{town.plan}/consent/").text


def test_a_coordinator_names_the_paper_of_whoever_needs_one(browser, desk, town):
    with desk.system() as session:
        child = Person(
            municipality_id=town.municipality_id, name="Ny Barn",
            birth_date=utcnow().date() - timedelta(days=3000),
        )  # fmt: skip
        session.add(child)
        session.flush()
        session.add(
            CoordinatorAppointment(
                municipality_id=town.municipality_id, person_id=child.id,
                coordinator_id=town.people["coordinator"], starts_on=utcnow().date(),
            )
        )  # fmt: skip
        session.commit()
        child_id = child.id
    sent = {
        "type": "simple_collaboration", "short_name": "NB 9",
        "guardians-0-name": "Vera", "guardians-0-login_name": "vera",
        "guardians-0-capacity": "child_welfare", "guardians-0-verified_how": "document",
    }  # fmt: skip
    address = f"/my-persons/{child_id}/register"
    assert browser("coordinator").post(address, data=sent).status_code == 422
    assert (
        browser("coordinator")
        .post(address, data=sent | {"guardians-0-capacity": "owner", "guardians-0-document": "A"})
        .status_code
        == 422
    )
    done = browser("coordinator").post(address, data=sent | {"guardians-0-document": "Archive"})
    assert done.status_code == 303
    with desk.system() as session:
        made = session.scalars(
            select(Representation).where(Representation.person_id == child_id)
        ).one()
        assert made.document == "Archive" and made.confirmed_at is None
        assert made.verified_at is not None and made.verified_how is Verification.DOCUMENT
        plan = session.scalars(select(Plan).where(Plan.person_id == child_id)).one()
        assert deciders(session, plan) == set()  # nobody, before it is confirmed
