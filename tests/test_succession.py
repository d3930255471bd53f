"""A coordinator leaves: everybody is handed over at once, or nobody is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from time import sleep

import pytest
from sqlalchemy import select

from models.clock import CLOCK, today, utcnow
from models.consent import Grant
from models.database import WRITING
from models.elements.goal import Goal
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Plan, PlanRegister
from models.vocabulary import Capacity
from services import succession
from services.appointments import follow, follow_the_day
from services.succession import NotHandedOver, hand_over
from tests.conftest import statements
from tests.page import Page

a_page = pytest.mark.a_page
DAY = timedelta(days=1)


def appointments(desk, **who):
    with desk.system() as session:
        wanted = select(CoordinatorAppointment).order_by(CoordinatorAppointment.id)
        return session.scalars(wanted.filter_by(**who)).all()


@pytest.fixture
def led(desk, town):
    """The coordinator has the owner since long, and two more with hours; their keys by name."""
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id}
        of = {"coordinator_id": town.people["coordinator"], "starts_on": today() - 9 * DAY}
        here |= of | {"department_id": town.rows["department"]}
        for hours, who in enumerate(("stranger", "other child"), 3):
            row = CoordinatorAppointment(**here, person_id=town.people[who], agreed_hours=hours)
            session.add(row)
        session.commit()
    mine = appointments(desk, coordinator_id=town.people["coordinator"])
    names = {key: name for name, key in town.people.items()}
    return {names[one.person_id]: one.id for one in mine}


def page(town, who="coordinator"):
    return f"/register/coordinators/{town.people[who]}/hand-over"


def name(town, who):
    return f"x [{town.people[who]}]"


def post(client, town, led, _seen=None, **said):
    """What the form sends: `to_` and a name of town is that person's row."""
    sent = {f"to_{led[k[3:]]}" if k.startswith("to_") else k: v for k, v in said.items()}
    seen = led.values() if _seen is None else _seen
    return client.post(page(town), data={"seen": ",".join(map(str, seen)), **sent})


def entry(desk, town):
    with desk.system() as session:
        row = session.scalars(select(PlanRegister).where(PlanRegister.plan_id == town.plan)).one()
        return row.coordinator_id


def told(desk, kind):
    with desk.system() as session:
        rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind))
        return [(row.person_id, row.deadline) for row in rows]


def over(desk, town, led, to="newcomer", last=None, first=None):
    with desk.session("office") as session:
        chosen = dict.fromkeys(led.values(), town.people[to])
        made = hand_over(
            session, town.people["coordinator"], chosen, last or today(), first or today()
        )
        session.commit()
        return len(made)


def test_all_are_handed_over_with_one_choice_and_one_press(browser, desk, town, led):
    office = browser("office")
    assert f'href="{page(town)}"' in office.get("/register/coordinators/").text
    form = office.get(page(town)).text
    assert "3 hours a week" in form and "Health" in form and "Stranger" in form
    reply = post(office, town, led, all_to=name(town, "newcomer"), to_stranger=name(town, "nurse"))
    assert reply.status_code == 303
    made = appointments(desk, starts_on=today())
    assert {(one.person_id, one.coordinator_id, one.agreed_hours) for one in made} == {
        (town.people["owner"], town.people["newcomer"], None),
        (town.people["stranger"], town.people["nurse"], 3),
        (town.people["other child"], town.people["newcomer"], 4),
    }
    assert {one.department_id for one in made} == {town.rows["department"]}
    assert {one.ends_on for one in made} == {None}
    old = appointments(desk, coordinator_id=town.people["coordinator"])
    assert {one.ends_on for one in old} == {today()}
    assert entry(desk, town) == town.people["newcomer"]
    who = {town.people["newcomer"], town.people["nurse"]}
    assert set(told(desk, "coordinating")) == {(one, today()) for one in who}
    assert told(desk, "coordinating_ends") == [(town.people["coordinator"], today())]
    after = office.get("/register/coordinators/").text
    assert "3 persons have a new coordinator" in after
    assert "Cannot sign in as a coordinator yet: Nurse" in after
    assert "Newcomer cannot" not in after


def test_who_is_left_empty_or_with_the_one_who_leaves_stays(browser, desk, town, led):
    reply = post(browser("office"), town, led, to_owner=name(town, "newcomer"))
    assert reply.status_code == 303 and len(appointments(desk, starts_on=today())) == 1
    rest = {who: key for who, key in led.items() if who != "owner"}
    said = {"all_to": name(town, "newcomer"), "to_stranger": name(town, "coordinator")}
    assert post(browser("office"), town, rest, **said).status_code == 303
    [old] = appointments(desk, person_id=town.people["stranger"])
    assert old.ends_on is None and len(appointments(desk, starts_on=today())) == 2


def test_the_register_changes_on_the_day_and_not_before(desk, town, led, engine):
    last = today() + 10 * DAY
    over(desk, town, led, last=last, first=last - 2 * DAY)
    follow_the_day(engine)
    assert entry(desk, town) == town.people["coordinator"]
    with CLOCK.stopped_at(utcnow() + 7 * DAY):
        follow_the_day(engine)
        assert entry(desk, town) == town.people["coordinator"]
    with CLOCK.stopped_at(utcnow() + 8 * DAY):
        follow_the_day(engine)
        assert entry(desk, town) == town.people["newcomer"]
    with CLOCK.stopped_at(utcnow() + 20 * DAY):  # no worker ran until now
        follow_the_day(engine)
        assert entry(desk, town) == town.people["newcomer"]


def test_to_end_the_old_one_afterwards_does_not_bring_it_back(browser, desk, town, led):
    """The register used to follow whichever appointment was stored last."""
    office = browser("office")
    said = {"person_id": name(town, "owner"), "coordinator_id": name(town, "newcomer")}
    later = {"starts_on": str(today() + 3 * DAY)}
    assert office.post("/register/appointment/add", data=said | later).status_code == 303
    assert entry(desk, town) == town.people["coordinator"]
    now = {"starts_on": str(today())}
    assert office.post("/register/appointment/add", data=said | now).status_code == 303
    assert entry(desk, town) == town.people["newcomer"]
    with desk.session("office") as session:
        old = session.get(CoordinatorAppointment, led["owner"])
        old.ends_on = today()
        follow(session, old)
        session.commit()
    assert entry(desk, town) == town.people["newcomer"]


def test_a_plan_opened_by_one_of_two_stays_with_that_one_until_the_end(desk, town, led, engine):
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "person_id": town.people["owner"]}
        of = {"coordinator_id": town.people["newcomer"], "starts_on": today() - 20 * DAY}
        session.add(CoordinatorAppointment(**here, **of))
        wanted = select(PlanRegister).where(PlanRegister.plan_id == town.plan)
        session.scalars(wanted).one().opened_on = today() - 5 * DAY
        session.commit()
    follow_the_day(engine)
    assert entry(desk, town) == town.people["coordinator"]
    with desk.system() as session:
        session.get(CoordinatorAppointment, led["owner"]).ends_on = today() - DAY
        session.commit()
    follow_the_day(engine)
    assert entry(desk, town) == town.people["newcomer"]


def test_the_new_one_has_the_shell_and_no_word_before_the_family_says_yes(desk, town, led):
    with desk.session("newcomer") as session:
        assert session.scalars(select(Plan).where(Plan.id == town.plan)).first() is None
    with desk.system() as session:
        before = session.scalars(select(Grant.id).where(Grant.revoked_at.is_(None))).all()
    over(desk, town, led)
    with desk.session("newcomer") as session:
        assert session.scalars(select(Plan).where(Plan.id == town.plan)).one()
        assert session.scalars(select(Goal).where(Goal.plan_id == town.plan)).all() == []
    with desk.system() as session:
        after = session.scalars(select(Grant.id).where(Grant.revoked_at.is_(None))).all()
        assert after == before


@pytest.fixture
def kin(desk, town):
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "person_id": town.people["stranger"]}
        kind = {"capacity": Capacity.NEXT_OF_KIN, "representative_id": town.people["uncle"]}
        session.add(Representation(**here, **kind))
        now = {"coordinator_id": town.people["newcomer"], "starts_on": today()}
        session.add(CoordinatorAppointment(**here, **now))
        session.commit()


@a_page
@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("office", "Nobody appoints themselves"),
        ("stranger", "Nobody coordinates for themselves"),
        ("uncle", "Acts for the person"),
        ("newcomer", "Is the coordinator already"),
    ],
)
def test_who_cannot_take_over_is_said_beside_the_row_and_nothing_is_done(
    browser, desk, town, led, kin, who, said
):
    before = len(appointments(desk))
    sent = {"all_to": name(town, "teacher"), "to_stranger": name(town, who)}
    reply = post(browser("office"), town, led, **sent, last_day=str(today() + DAY))
    assert reply.status_code == 422 and f'href="#to_{led["stranger"]}"' in reply.text
    assert said in reply.text and reply.text.count("ds-validation-message") == 1
    fields = Page(reply.text).fields
    assert fields[f"to_{led['stranger']}"].values == [name(town, who)]
    assert fields["all_to"].values == [name(town, "teacher")]
    assert fields["last_day"].values == [str(today() + DAY)]
    assert len(appointments(desk)) == before and told(desk, "coordinating") == []
    assert all(one.ends_on is None for one in appointments(desk))


@a_page
def test_nobody_hands_over_those_they_act_for(browser, desk, town, led):
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "person_id": town.people["stranger"]}
        kind = {"capacity": Capacity.NEXT_OF_KIN, "representative_id": town.people["office"]}
        session.add(Representation(**here, **kind))
        session.commit()
    before = len(appointments(desk))
    sent = {"all_to": name(town, "teacher"), "last_day": str(today() + DAY)}
    reply = post(browser("office"), town, led, **sent)
    assert reply.status_code == 422 and f'href="#to_{led["stranger"]}"' in reply.text
    assert "You act for this person" in reply.text and len(appointments(desk)) == before


@a_page
@pytest.mark.parametrize(
    ("last", "first", "field"),
    [(-2, 0, "last_day"), (3, -1, "first_day"), (0, 2, "first_day"), ("", 2, "first_day")],
)
def test_days_that_leave_somebody_alone_are_refused(browser, desk, town, led, last, first, field):
    days = {"last_day": last, "first_day": first}
    said = {k: str(today() + v * DAY) if v != "" else "" for k, v in days.items()}
    reply = post(browser("office"), town, led, all_to=name(town, "newcomer"), **said)
    assert reply.status_code == 422 and f'href="#{field}"' in reply.text
    assert appointments(desk, coordinator_id=town.people["newcomer"]) == []


@a_page
def test_an_end_that_is_set_already_is_kept_and_leaves_no_gap(browser, desk, town, led):
    with desk.system() as session:
        session.get(CoordinatorAppointment, led["owner"]).ends_on = today() + 2 * DAY
        session.get(CoordinatorAppointment, led["stranger"]).starts_on = today()
        session.commit()
    later = {"last_day": str(today() + 9 * DAY), "first_day": str(today() + 9 * DAY)}
    reply = post(browser("office"), town, led, all_to=name(town, "newcomer"), **later)
    assert reply.status_code == 422 and "ends before the new one begins" in reply.text
    assert reply.text.count("ds-validation-message") == 1
    early = {"last_day": str(today() - DAY)}
    reply = post(browser("office"), town, led, all_to=name(town, "newcomer"), **early)
    assert reply.status_code == 422 and f'href="#to_{led["stranger"]}"' in reply.text
    later["first_day"] = str(today() + 3 * DAY)
    assert post(browser("office"), town, led, all_to=name(town, "newcomer"), **later)
    [old] = [one for one in appointments(desk) if one.id == led["owner"]]
    assert old.ends_on == today() + 2 * DAY


@a_page
def test_who_chooses_themselves_for_all_is_told_once(browser, desk, town, led):
    reply = post(browser("office"), town, led, all_to=name(town, "office"))
    assert reply.status_code == 422 and 'href="#all_to"' in reply.text
    assert reply.text.count("ds-validation-message") == 1
    assert len(appointments(desk)) == 3


@a_page
def test_without_a_choice_nothing_is_done(browser, desk, town, led):
    for said in ({}, {"all_to": name(town, "coordinator")}):
        reply = post(browser("office"), town, led, **said)
        assert reply.status_code == 422 and 'href="#all_to"' in reply.text
    assert len(appointments(desk)) == 3


@a_page
def test_a_double_click_hands_over_once(browser, desk, town, led):
    for _ in range(2):
        reply = post(browser("office"), town, led, all_to=name(town, "newcomer"))
        assert reply.status_code == 303
    assert len(appointments(desk, starts_on=today())) == 3
    assert len(told(desk, "coordinating")) == 1
    form = browser("office").get(page(town)).text
    assert "Nobody to hand over" in form and "Handed over already" in form


@a_page
def test_what_another_handed_over_meanwhile_is_said_and_nothing_is_half_done(
    browser, desk, town, led
):
    later = today() + 5 * DAY
    over(desk, town, {"owner": led["owner"]}, to="teacher", last=later, first=later)
    office = browser("office")
    reply = post(office, town, led, all_to=name(town, "newcomer"))
    assert reply.status_code == 422 and f'href="#to_{led["owner"]}"' in reply.text
    assert "was changed meanwhile" in reply.text
    assert appointments(desk, coordinator_id=town.people["newcomer"]) == []
    seen = Page(reply.text).fields["seen"].values[0].split(",")
    assert {int(one) for one in seen} == {led["stranger"], led["other child"]}
    again = post(office, town, led, _seen=seen, all_to=name(town, "newcomer"))
    assert again.status_code == 303
    assert len(appointments(desk, coordinator_id=town.people["newcomer"])) == 2
    assert len(appointments(desk, person_id=town.people["owner"])) == 2


@a_page
def test_who_was_not_shown_is_not_handed_over(browser, desk, town, led):
    seen = [led["owner"]]
    reply = post(browser("office"), town, led, _seen=seen, all_to=name(town, "newcomer"))
    assert reply.status_code == 303
    assert len(appointments(desk, coordinator_id=town.people["newcomer"])) == 1


def test_two_at_once_do_not_both_hand_over_the_same(desk, town, led):
    """The second waits for the first, and then sees what the first has done."""
    ready, go = Event(), Event()
    leaves, day = town.people["coordinator"], today()

    def first():
        WRITING.set(True)
        with desk.session("office") as session:
            chosen = dict.fromkeys(led.values(), town.people["newcomer"])
            hand_over(session, leaves, chosen, day, day)
            ready.set()
            go.wait(20)
            session.commit()

    def second():
        WRITING.set(True)
        ready.wait(20)
        with desk.session("office") as session:
            chosen = dict.fromkeys(led.values(), town.people["teacher"])
            with pytest.raises(NotHandedOver) as refused:
                hand_over(session, leaves, chosen, day, day)
            return set(refused.value.why)

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(first), pool.submit(second)
        ready.wait(20)
        sleep(0.3)
        go.set()
        one.result(30)
        assert other.result(30) == set(led.values())
    assert appointments(desk, coordinator_id=town.people["teacher"]) == []


@pytest.mark.parametrize("where", ["follow", "tell"])
def test_a_fault_in_the_middle_leaves_nothing(browser, desk, town, led, monkeypatch, where):
    def fails(*_):
        raise RuntimeError

    monkeypatch.setattr(succession, where, fails)
    reply = post(browser("office"), town, led, all_to=name(town, "newcomer"))
    assert reply.status_code == 500
    assert len(appointments(desk)) == 3 and told(desk, "coordinating") == []
    assert all(one.ends_on is None for one in appointments(desk))
    assert entry(desk, town) == town.people["coordinator"]


@a_page
@pytest.mark.parametrize(
    ("who", "shut"),
    [
        ("leader", 403), ("coordinator", 403), ("admin", 403), ("mother", 403),
        ("newcomer", 403), ("foreign office", 404),
    ],
)  # fmt: skip
def test_nobody_else_hands_over(browser, desk, town, led, who, shut):
    client = browser(who)
    assert client.get(page(town)).status_code == shut
    assert post(client, town, led, all_to=name(town, "newcomer")).status_code == shut
    assert len(appointments(desk)) == 3
    assert all(one.ends_on is None for one in appointments(desk))


@a_page
def test_rows_of_another_coordinator_cannot_be_slipped_in(browser, desk, town, led):
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id, "person_id": town.people["nurse"]}
        of = {"coordinator_id": town.people["teacher"], "starts_on": today()}
        session.add(CoordinatorAppointment(**here, **of))
        session.commit()
    [other] = appointments(desk, coordinator_id=town.people["teacher"])
    sent = {f"to_{other.id}": name(town, "newcomer"), "seen": str(other.id)}
    assert browser("office").post(page(town), data=sent).status_code == 422
    assert appointments(desk, coordinator_id=town.people["newcomer"]) == []


@a_page
def test_who_has_died_is_not_handed_over(browser, desk, town, led):
    with desk.system() as session:
        session.get(Person, town.people["stranger"]).died_on = today()
        session.commit()
    assert f"to_{led['stranger']}" not in browser("office").get(page(town)).text


@a_page
def test_the_page_costs_the_same_for_fourteen_and_stays_small(app_engine, browser, desk, town, led):
    office = browser("office")
    office.get(page(town))
    with statements(app_engine) as few:
        office.get(page(town))
    with desk.system() as session:
        here = {"municipality_id": town.municipality_id}
        people = [Person(**here, name=f"One {n:02}", birth_date=today()) for n in range(30)]
        session.add_all(people)
        session.flush()
        of = {"coordinator_id": town.people["coordinator"], "starts_on": today()}
        of |= {"department_id": town.rows["department"], "agreed_hours": 2}
        session.add_all(CoordinatorAppointment(**here, **of, person_id=one.id) for one in people)
        session.commit()
    with statements(app_engine) as many:
        form = office.get(page(town)).text
    assert len(few) == len(many) and len(form) < 30_000
    assert "Hand over these first" in form
    seen = Page(form).fields["seen"].values[0].split(",")
    assert len(seen) == 25
    reply = post(office, town, led, _seen=seen, all_to=name(town, "newcomer"))
    assert reply.status_code == 303
    assert len(appointments(desk, coordinator_id=town.people["newcomer"])) == 25
