"""From when an owner decides: one function, a grace period, and decisions that somebody cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from jobs.birthdays import tell
from models.ages import birthday
from models.clock import CLOCK, OSLO, end_of_day, months_later, today, utcnow
from models.competence import CompetenceDecision
from models.consent import Consent, Grant, Signature
from models.deadline_rule import DeadlineRule
from models.language import Language
from models.municipality import Municipality
from models.outbox import OutboxMessage
from models.people import Person, Representation
from models.plan import Plan, PlanRegister
from models.vocabulary import Capacity, ConsentStatus, PlanStatus
from security.ages import NEVER, decides_from, last_moment
from security.agreement import authorise_force
from security.four_eyes import NotAgreed
from security.policy import Forbidden
from security.signers import Part, deciders, signers
from services import birthdays, competence
from services.deadline_notices import remind as remind_of_deadlines
from tests.test_giving_access import PASSWORD, family, signed  # noqa: F401  (fixtures)

pytestmark = pytest.mark.a_page

BORN = date(2010, 5, 17)
AT_16, AT_18 = date(2026, 5, 17), date(2028, 5, 17)


def days(desk, plan_id):
    with desk.system() as session:
        plan = session.get_one(Plan, plan_id)
        return plan.owner_decides_from, plan.guardian_until


@pytest.fixture
def born(desk, town):
    """`born(day)`: the owner's birth date, set by the office."""

    def set_to(day):
        with desk.session("office") as session:
            session.get_one(Person, town.people["owner"]).birth_date = day
            session.commit()

    return set_to


# The function


@pytest.mark.parametrize(
    ("age", "day", "on", "cannot", "expected"),
    [
        (16, BORN, AT_16, (), AT_16),
        (15, BORN, AT_16, (), date(2025, 5, 17)),
        (16, date(2012, 2, 29), AT_16, (), date(2028, 2, 29)),
        (15, date(2012, 2, 29), AT_16, (), date(2027, 2, 28)),  # no 29 February: the day before
        (16, BORN, AT_16, [(AT_16, None)], AT_18),  # a youth: to full age, no longer
        (16, BORN, AT_16, [(AT_16, date(2026, 12, 31))], date(2027, 1, 1)),
        (16, BORN, date(2029, 1, 1), [(date(2028, 6, 1), None)], NEVER),
        (16, BORN, date(2029, 1, 1), [(date(2028, 6, 1), date(2029, 1, 1))], date(2029, 1, 2)),
        (16, BORN, date(2029, 1, 1), [(date(2029, 1, 2), None)], AT_16),  # not yet
        (16, BORN, AT_16, [(AT_16, None), (AT_18, None)], NEVER),  # decided anew, in time
        (16, BORN, date(2027, 1, 1), [(AT_18, None)], AT_16),  # between the two the owner decides
        (16, BORN, date(2030, 1, 1), [(AT_18, date(2029, 1, 1))], date(2029, 1, 2)),  # is over
    ],
)
def test_from_when_somebody_decides(age, day, on, cannot, expected):
    with CLOCK.stopped_at(datetime.combine(on, datetime.min.time(), OSLO) + timedelta(hours=9)):
        assert decides_from(day, age, cannot) == expected


def test_who_is_born_on_a_leap_day_is_of_age_on_the_last_of_february():
    assert birthday(date(2012, 2, 29), 15) == date(2027, 2, 28)
    assert birthday(date(2012, 2, 29), 16) == date(2028, 2, 29)
    assert birthday(date(2012, 2, 29), 18) == date(2030, 2, 28)


# What it follows from


def test_a_birth_date_that_is_corrected_moves_the_days_of_the_plan(desk, town, born):
    born(BORN)
    assert days(desk, town.plan) == (AT_16, AT_18)
    with desk.session("office") as session:
        plan = session.get(Plan, town.plan)
        assert plan is None  # the office sees no plan, and its days follow all the same
    born(None)
    assert days(desk, town.plan) == (AT_16, AT_18)  # without one nothing is known better
    assert days(desk, town.rows["stranger plan"])[0] == date(2000, 1, 1)


def test_a_loaded_plan_is_read_anew(desk, town):
    with desk.system() as session:
        plan = session.get_one(Plan, town.plan)
        session.get_one(Person, town.people["owner"]).birth_date = BORN
        session.flush()
        assert plan.owner_decides_from == AT_16


def test_a_new_consent_age_moves_them_in_this_municipality_only(browser, desk, town, born):
    born(BORN)
    foreign = days(desk, town.rows["foreign plan"])
    address = f"/register/municipality/edit/{town.municipality_id}"
    form = browser("admin").get(address).text
    assert "consent_age" in form
    with desk.session("admin") as session:
        session.get_one(Municipality, town.municipality_id).consent_age = 15
        session.commit()
    assert days(desk, town.plan) == (date(2025, 5, 17), AT_18)
    assert days(desk, town.rows["foreign plan"]) == foreign


# The birthday itself


def test_the_owner_decides_from_midnight_in_norway(desk, town, born):
    born(date(2011, 5, 17))
    midnight = datetime(2027, 5, 16, 22, tzinfo=UTC)  # summer time
    for moment, mother, owner in (
        (midnight - timedelta(seconds=1), True, False),
        (midnight, False, True),
    ):
        with CLOCK.stopped_at(moment):
            with desk.session("owner") as session:
                assert session.access(town.plan).decides is owner
                must = deciders(session, session.get_one(Plan, town.plan))
                people = {town.people["owner"]} if owner else both(town)
                assert must == people
            with desk.session("mother") as session:
                access = session.access(town.plan)
                assert access.decides is mother and access.representative


def both(town):
    return {town.people["mother"], town.people["father"]}


def test_what_the_parents_signed_ends_some_days_after(family, desk):  # noqa: F811
    """Said for a year; the child decides in two months, and nobody is asked in the meantime."""
    soon = months_later(today(), 2)
    with desk.session("office") as session:
        session.get_one(Person, family.child).birth_date = months_later(soon, -12 * 16)
        session.commit()
    last = end_of_day(soon + timedelta(days=60))
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    for login in ("marte@example.no", "jonas"):
        assert family.sign(login, length="12", password=PASSWORD).status_code == 303
    assert {grant.ends_at for grant in family.grants()} == {last}
    with desk.system() as session:
        wanted = select(Consent).where(Consent.status == ConsentStatus.SIGNED)
        assert session.scalars(wanted.where(Consent.plan_id == family.plan)).one().until == last
    page = family.guardian("jonas").get(family.url("consent/")).text
    assert "at the latest" in page


def test_what_is_said_shorter_stays_shorter(signed):  # noqa: F811
    ends = {grant.ends_at for grant in signed.grants()}
    assert ends == {end_of_day(months_later(today(), 6))}


def test_no_service_lets_it_last_longer(signed, desk):  # noqa: F811
    """The lock behind the service: asked again in the transaction that puts it in force."""
    with desk.system() as session:
        session.get_one(Person, signed.child).birth_date = months_later(today(), -12 * 16 + 1)
        session.flush()
        wanted = select(Consent).where(Consent.plan_id == signed.plan)
        with pytest.raises(Forbidden, match="no longer"):
            authorise_force(session, session.scalars(wanted).one())


def test_an_owner_who_signs_is_not_cut_short(desk, town, born):
    born(date(1990, 1, 1))
    with desk.system() as session:
        assert last_moment(session, session.get_one(Plan, town.plan), False) is None


# Decisions


def register(desk, town, **more):
    row = {
        "municipality_id": town.municipality_id, "person_id": town.people["owner"],
        "decided_on": today(), "decided_by": "Doctor", "document": "Archive 7",
        "starts_on": today(), "asked_by_id": town.people["office"],
    }  # fmt: skip
    with desk.session("office") as session:
        session.add(made := CompetenceDecision(**row | more))
        session.flush()
        session.commit()
        return made.id


def answer(desk, row, who="leader", yes=True):
    with desk.session(who) as session:
        competence.answer(session, session.get_one(CompetenceDecision, row), yes)
        session.commit()


def test_a_confirmed_decision_lets_parents_go_on_to_18_and_its_end_counts(desk, town, born):
    youth = months_later(today(), -12 * 17)
    born(youth)
    assert days(desk, town.plan)[0] == months_later(youth, 12 * 16)
    row = register(desk, town)
    assert days(desk, town.plan)[0] == months_later(youth, 12 * 16)  # nobody has confirmed
    answer(desk, row)
    assert days(desk, town.plan)[0] == months_later(youth, 12 * 18)
    with desk.session("mother") as session:
        assert session.access(town.plan).decides
    with desk.session("owner") as session:
        assert not session.access(town.plan).withdraws
    with desk.session("office") as session:
        session.get_one(CompetenceDecision, row).ended_at = utcnow()
        session.commit()
    with desk.session("mother") as session:
        assert not session.access(town.plan).decides


def test_one_that_runs_out_ends_by_itself(desk, town, born):
    born(months_later(today(), -12 * 17))
    row = register(desk, town, until=today() + timedelta(days=30))
    answer(desk, row)
    for after, decides in ((30, True), (31, False)):
        later = CLOCK.stopped_at(utcnow() + timedelta(days=after))
        with later, desk.session("mother") as session:
            assert session.access(town.plan).decides is decides, after


def test_for_a_grown_up_the_next_of_kin_decides(desk, town, born):
    born(date(1980, 1, 1))
    with desk.system() as session:
        session.add(
            Representation(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                representative_id=town.people["stranger"], capacity=Capacity.NEXT_OF_KIN,
                verified_at=utcnow(), verified_by_id=town.people["office"],
                starts_at=utcnow() - timedelta(days=1),
            )
        )  # fmt: skip
        session.commit()
    with desk.session("stranger") as session:
        assert session.get(Plan, town.plan) is None
    row = register(desk, town)
    answer(desk, row)
    assert days(desk, town.plan)[0] == NEVER
    with desk.session("stranger") as session:
        assert session.access(town.plan).decides
    with desk.session("mother") as session:
        assert session.get(Plan, town.plan) is None
    with desk.session("owner") as session:
        assert session.access(town.plan).owner and not session.access(town.plan).withdraws
    with desk.system() as session:  # nobody waits for parents whose part ended at 18
        plan = session.get_one(Plan, town.plan)
        assert deciders(session, plan) == {town.people["stranger"]}
        parents = {town.people["mother"], town.people["father"]}
        parts = {one.part for one in signers(session, plan) if one.person_id in parents}
        assert parts == {Part.OWNER_IS_GROWN}


@pytest.mark.parametrize("who", ["office", "coordinator", "admin", "mother"])
def test_whoever_registered_it_does_not_confirm_and_others_may_not(desk, town, who):
    row = register(desk, town)
    with pytest.raises(Forbidden):
        answer(desk, row, who)


def test_a_head_of_department_in_the_family_does_not_confirm(desk, town):
    row = register(desk, town)
    with desk.system() as session:
        session.add(
            Representation(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                representative_id=town.people["leader"], capacity=Capacity.PARENT_INFORMED,
            )
        )  # fmt: skip
        session.commit()
    with pytest.raises(NotAgreed):
        answer(desk, row)


@pytest.mark.parametrize("who", ["coordinator", "leader", "admin", "mother"])
def test_the_coordinating_unit_registers_and_nobody_else(desk, town, who):
    with desk.session(who) as session:
        session.add(
            CompetenceDecision(
                municipality_id=town.municipality_id, person_id=town.people["owner"],
                decided_on=today(), decided_by="x", document="x", starts_on=today(),
                asked_by_id=town.people[who],
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()


@pytest.mark.parametrize("what", ["confirmed", "not decided yet", "before it", "elsewhere"])
def test_what_is_registered_is_only_a_question(desk, town, what):
    wrong = {
        "confirmed": {"confirmed": True},
        "not decided yet": {"decided_on": today() + timedelta(days=1)},
        "before it": {"starts_on": today() - timedelta(days=1)},
        "elsewhere": {"person_id": town.people["foreign office"]},
    }[what]
    with pytest.raises(Forbidden):
        register(desk, town, **wrong)


def test_another_municipality_sees_none(desk, town):
    row = register(desk, town)
    with desk.session("foreign office") as session:
        assert session.get(CompetenceDecision, row) is None


def test_the_office_registers_and_a_leader_confirms_in_pages(browser, desk, town):
    sent = {
        "person_id": "Owner", "decided_on": today().isoformat(), "decided_by": "Doctor",
        "document": "Archive 7", "starts_on": today().isoformat(), "until": "",
    }  # fmt: skip
    address = "/register/competencedecision/add"
    late = {"decided_on": (today() + timedelta(days=1)).isoformat()}
    assert browser("office").post(address, data=sent | late).status_code == 422
    assert browser("leader").post(address, data=sent).status_code == 403
    assert browser("office").post(address, data=sent).status_code == 303
    with desk.system() as session:
        row = session.scalars(select(CompetenceDecision)).one().id
    yes = f"/register/confirmations/decision/{row}/yes"
    assert browser("office").post(yes).status_code == 403
    assert "Archive 7" in browser("leader").get("/register/confirmations/").text
    assert browser("leader").post(yes).status_code == 303
    assert browser("leader").post(yes).status_code == 409
    edit = f"/register/competencedecision/edit/{row}"
    assert browser("office").post(edit, data={"ended": "y"}).status_code == 303
    with desk.system() as session:
        assert session.get_one(CompetenceDecision, row).ended_at is not None


# Told beforehand


def told(desk, town):
    with desk.system() as session:
        birthdays.remind(session)
        session.commit()
        found = session.scalars(
            select(OutboxMessage.person_id).where(
                OutboxMessage.kind == "birthday", OutboxMessage.plan_id == town.plan
            )
        )
        return sorted(found)


def test_told_90_and_30_days_before_and_on_the_day_once_each(desk, town):
    concerned = sorted(town.people[who] for who in ("owner", "mother", "father", "coordinator"))
    day = days(desk, town.plan)[0]
    noon = datetime.combine(day, datetime.min.time(), OSLO) + timedelta(hours=12)
    for before, times in ((91, 0), (90, 1), (60, 1), (30, 2), (1, 2), (0, 3), (-3, 3), (-9, 3)):
        with CLOCK.stopped_at(noon - timedelta(days=before)):
            found = told(desk, town)
            assert found == sorted(concerned * times), before
            assert told(desk, town) == found


def test_nobody_is_told_of_a_closed_plan_or_of_the_dead(desk, town):
    day = days(desk, town.plan)[0]
    noon = datetime.combine(day, datetime.min.time(), OSLO) + timedelta(hours=12)
    with desk.system() as session:
        session.get_one(Plan, town.plan).status = PlanStatus.CLOSED
        session.commit()
    with CLOCK.stopped_at(noon):
        assert told(desk, town) == []
    with desk.system() as session:
        session.get_one(Plan, town.plan).status = PlanStatus.ACTIVE
        session.get_one(Person, town.people["owner"]).died_on = today()
        session.commit()
    with CLOCK.stopped_at(noon):
        assert told(desk, town) == []


def test_what_is_decided_for_later_counts_from_its_day(desk, town, born):
    born(date(1980, 1, 1))
    row = register(desk, town, starts_on=today() + timedelta(days=5))
    answer(desk, row)
    assert days(desk, town.plan)[0] == date(1996, 1, 1)
    with CLOCK.stopped_at(utcnow() + timedelta(days=5)):
        assert tell(desk.engine)
        assert days(desk, town.plan)[0] == NEVER


def test_the_grants_are_untouched_by_all_this(desk, town, born):
    """The days move; what was signed ends as it was signed."""
    with desk.system() as session:
        before = set(session.execute(select(Grant.id, Grant.ends_at, Grant.revoked_at)))
    born(BORN)
    with desk.system() as session:
        assert set(session.execute(select(Grant.id, Grant.ends_at, Grant.revoked_at))) == before


@pytest.mark.parametrize("signer", [None, Capacity.GUARDIAN, Capacity.OWNER])
def test_what_guardians_alone_signed_before_the_day_was_known_ends_too(desk, town, signer):
    """The birth date was wrong: the owner has decided for long. Another signer keeps it alive."""
    with desk.system() as session:
        session.get_one(Person, town.people["owner"]).birth_date = months_later(today(), -12 * 17)
        consent = session.get_one(Consent, town.rows["consent"])
        if signer is not None:
            session.add(
                Signature(
                    plan_id=town.plan, consent_id=consent.id, person_id=town.people["uncle"],
                    until=today() + timedelta(days=300), capacity=signer, signed_at=utcnow(),
                    language=Language.NYNORSK, method="password", digest="0" * 64,
                )
            )  # fmt: skip
        session.commit()
    assert tell(desk.engine) and tell(desk.engine)
    with desk.session("nurse") as session:
        assert (session.get(Plan, town.plan) is None) is (signer is None)
    with desk.system() as session:
        ended = session.get_one(Consent, town.rows["consent"])
        assert (ended.status is ConsentStatus.EXPIRED) is (signer is None)
        gone = select(OutboxMessage).where(OutboxMessage.kind == "withdrawn")
        out = {one.person_id for one in session.scalars(gone)}
        assert (town.people["nurse"] in out) is (signer is None)


@pytest.mark.parametrize("since", [61, 400])
def test_the_register_has_the_last_day_it_was_open_and_somebody_is_told(desk, town, since):
    """The day after the days of grace; or long after the birthday: the birth date was wrong."""
    with desk.system() as session:
        born = months_later(today() - timedelta(days=since), -12 * 16)
        session.get_one(Person, town.people["owner"]).birth_date = born
        rule = session.get_one(DeadlineRule, town.rows["consent rule"])
        rule.escalate_to_id = town.people["leader"]
        session.commit()
    assert tell(desk.engine)
    yesterday = today() - timedelta(days=1)
    with desk.system() as session:
        assert session.get_one(Consent, town.rows["consent"]).status is ConsentStatus.EXPIRED
        entry = session.get_one(PlanRegister, town.rows["plan register"])
        assert entry.consent_until == yesterday
    with CLOCK.stopped_at(utcnow() + timedelta(days=1)):
        remind_of_deadlines(desk.engine)
    with desk.system() as session:
        late = select(OutboxMessage).where(OutboxMessage.kind == "deadline_passed")
        told = {(one.person_id, one.deadline) for one in session.scalars(late)}
    assert (town.people["leader"], yesterday) in told


def test_within_the_days_of_grace_nothing_is_ended(desk, town):
    with desk.system() as session:
        sixteen = months_later(today(), -12 * 16)
        session.get_one(Person, town.people["owner"]).birth_date = sixteen - timedelta(days=59)
        session.commit()
    assert tell(desk.engine)
    with desk.session("nurse") as session:
        assert session.get(Plan, town.plan) is not None


def test_the_second_person_sees_at_once_that_something_waits(browser, desk, town):
    assert "as the second person" not in browser("leader").get("/").text
    register(desk, town)
    assert (
        "1 thing waits for your yes or no as the second person" in browser("leader").get("/").text
    )
    assert "as the second person" not in browser("office").get("/").text  # asked it
