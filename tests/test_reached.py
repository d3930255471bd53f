"""Who is reached: seen by who called, told by hand where nothing else helps, nobody forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from integrations.file_sink import FileSink
from integrations.letter import Refused
from jobs.outbox import deliver
from models.clock import CLOCK, utcnow
from models.outbox import Delivery, OutboxMessage
from models.plan import Plan
from models.vocabulary import Attendance, Channel, Fault
from security.policy import Forbidden
from services import meetings
from services.notices import notify
from services.reached import reached, told_by_hand
from tests.conftest import statements

pytestmark = pytest.mark.a_page


class Refuses:
    def send(self, _letter):
        raise Refused()


@pytest.fixture
def meeting(desk, engine, town, reach, tmp_path):
    """A meeting to which three are called: one refused, one without an address, one sent."""
    reach("teacher", email="ane@skule.example", phone="+4790000003")
    reach("grandmother")
    reach("mother", phone="+4790000001")
    with desk.session("coordinator") as session:
        called = [town.people[who] for who in ("teacher", "grandmother", "mother")]
        plan = session.get(Plan, town.plan)
        made = meetings.call(
            session, plan, purpose="Start", starts_at=utcnow() + timedelta(days=5),
            ends_at=utcnow() + timedelta(days=5, hours=1), place=None, agenda=None, people=called,
            uid="m",
        )  # fmt: skip
        session.commit()
        key = made.id
    deliver(engine, {Channel.MAIL: Refuses(), Channel.SMS: FileSink(tmp_path / "out")})
    return key


@pytest.fixture
def address(town, meeting):
    return f"/plan/{town.plan}/reached/meeting/{meeting}"


@pytest.fixture
def states(desk, town, meeting):
    def found():
        with desk.session("coordinator") as session:
            told = reached(session, session.get(Plan, town.plan), "meeting", meeting)
            names = {town.people[who]: who for who in town.people}
            return {names[one.person.id]: str(one.reach) for one in told}

    return found


def deliveries(desk):
    with desk.system() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id)).all()


def test_who_called_sees_whom_it_has_not_reached_and_why(browser, address, states):
    assert states() == {
        "teacher": "not_reached", "grandmother": "not_reached", "mother": "reached"
    }  # fmt: skip
    page = browser("coordinator").get(address).text
    assert "2 are not reached" in page and "1 is reached, and has not answered" in page
    assert "E-mail: The address does not take letters" in page
    assert "We have no e-mail address and no mobile number" in page
    assert "90 00 00 03" in page and page.index("Teacher") < page.index("Mother")


def test_the_telephone_is_for_the_coordinator(browser, desk, town, address):
    from models.consent import Grant
    from models.vocabulary import Level, Scope

    with desk.system() as session:  # the nurse may call meetings
        nurse = select(Grant).where(Grant.person_id == town.people["nurse"])
        levels = {g.scope: g.level for g in session.scalars(nurse)}
    assert levels[Scope.MEETINGS] is Level.WRITE
    page = browser("nurse").get(address)
    assert page.status_code == 200 and "Teacher" in page.text and "90 00 00 03" not in page.text


@pytest.mark.parametrize("who", ["mother", "owner", "teacher", "grandmother"])
def test_who_takes_part_in_another_way_does_not_see_it(browser, address, desk, town, who):
    assert browser(who).get(address).status_code in (403, 404)
    for what in ("by-hand", "remind"):
        data = {"person": town.people["teacher"], "how": "call"}
        assert browser(who).post(f"{address}/{what}", data=data).status_code in (403, 404)
    assert len(deliveries(desk)) == 3


@pytest.mark.parametrize("who", ["stranger", "office", "admin", "leader", "foreign office"])
def test_nobody_outside_the_plan_meets_it(browser, address, desk, town, who):
    assert browser(who).get(address).status_code in (403, 404)
    data = {"person": town.people["teacher"], "how": "call"}
    assert browser(who).post(f"{address}/by-hand", data=data).status_code in (403, 404)
    assert len(deliveries(desk)) == 3


@pytest.mark.parametrize("kind", ["message", "evaluation", "access", "x"])
def test_of_other_notices_it_is_nobodys_business(browser, desk, town, kind):
    plan = f"/plan/{town.plan}/reached"
    assert browser("coordinator").get(f"{plan}/{kind}/1").status_code == 404
    with desk.session("coordinator") as session, pytest.raises(ValueError, match="business"):
        reached(session, session.get(Plan, town.plan), kind, 1)


def test_a_row_of_another_plan_or_none_is_not_there(browser, desk, town, meeting, engine):
    for kind, pk in (("meeting", meeting + 1000), ("consent", 10**6)):
        address = f"/plan/{town.plan}/reached/{kind}/{pk}"
        assert browser("coordinator").get(address).status_code == 404


@pytest.mark.parametrize("how", ["call", "letter"])
def test_told_by_hand_is_told_and_once(browser, desk, town, address, states, how):
    data = {"person": town.people["grandmother"], "how": how}
    for _ in range(2):
        assert browser("coordinator").post(f"{address}/by-hand", data=data).status_code == 303
    assert states()["grandmother"] == "reached"
    by_hand = [row for row in deliveries(desk) if row.channel.is_by_hand]
    assert [(str(row.channel), row.person_id) for row in by_hand] == [(how, data["person"])]


def test_what_is_noted_stands_in_the_log(browser, desk, town, address):
    from models.audit import RegisterEvent

    data = {"person": town.people["grandmother"], "how": "call"}
    browser("coordinator").post(f"{address}/by-hand", data=data)
    with desk.system() as session:
        kinds = session.scalars(select(RegisterEvent.kind).where(RegisterEvent.action == "add"))
        assert "delivery" in kinds.all()


@pytest.mark.parametrize(
    "data, status",
    [
        ({"how": "call"}, 400),
        ({"person": "x", "how": "call"}, 400),
        ({"person": "1", "how": "mail"}, 400),
        ({"person": "1", "how": ""}, 400),
        ({"person": str(10**6), "how": "call"}, 404),
    ],
)
def test_odd_answers_note_nothing(browser, desk, address, data, status):
    reply = browser("coordinator").post(f"{address}/by-hand", data=data)
    assert reply.status_code == status and len(deliveries(desk)) == 3


def test_nobody_pretends_that_the_worker_has_sent(desk, town, meeting):
    with desk.session("coordinator") as session:
        notice = session.scalars(select(OutboxMessage)).first()
        for channel in (Channel.MAIL, Channel.SMS):
            session.add(
                Delivery(
                    municipality_id=town.municipality_id, message_id=notice.id, kind="meeting",
                    person_id=notice.person_id, channel=channel, sent_at=utcnow(),
                )
            )  # fmt: skip
            with pytest.raises(Forbidden):
                session.flush()
            session.rollback()


def test_nobody_notes_a_call_about_a_plan_of_others(desk, town, meeting):
    for who in ("mother", "teacher", "office", "admin", "stranger"):
        with desk.session(who) as session:
            notice = session.scalars(select(OutboxMessage)).first()
            session.add(
                Delivery(
                    municipality_id=town.municipality_id, message_id=notice.id, kind="meeting",
                    person_id=notice.person_id, channel=Channel.CALL, sent_at=utcnow(),
                )
            )  # fmt: skip
            with pytest.raises(Forbidden):
                session.flush()


def test_a_reminder_once_a_day(browser, desk, engine, town, address, tmp_path):
    data = {"person": town.people["mother"]}
    reply = browser("coordinator").post(f"{address}/remind", data=data, follow_redirects=True)
    assert "Once a day is enough" in reply.text
    with CLOCK.stopped_at(utcnow() + timedelta(days=1)):
        for _ in range(2):
            with desk.session("coordinator") as session:
                from services.reached import remind

                key = int(address.rpartition("/")[2])
                remind(session, session.get(Plan, town.plan), "meeting", key, data["person"])
                session.commit()
    with desk.system() as session:
        mine = select(OutboxMessage).where(OutboxMessage.person_id == data["person"])
        assert len(session.scalars(mine).all()) == 2


def test_whom_it_did_not_reach_may_be_tried_again_the_same_day(
    browser, desk, engine, town, address, states, reach, tmp_path
):
    reach("grandmother", email="gunn@heime.example")
    data = {"person": town.people["grandmother"]}
    with desk.system() as session:
        for notice in session.scalars(select(OutboxMessage)):
            notice.created_at -= timedelta(minutes=2)
        session.commit()
    for _ in range(2):
        assert browser("coordinator").post(f"{address}/remind", data=data).status_code == 303
    assert states()["grandmother"] == "on_its_way"
    deliver(engine, {Channel.MAIL: FileSink(tmp_path / "out")})
    assert states()["grandmother"] == "reached"
    assert len([row for row in deliveries(desk) if row.person_id == data["person"]]) == 2


def test_who_has_answered_is_not_chased(browser, desk, town, meeting, states):
    with desk.session("mother") as session:
        from models.elements.meeting import Meeting

        meetings.answer(session, session.get(Meeting, meeting), Attendance.COMING)
        session.commit()
    assert states()["mother"] == "answered"
    with desk.system() as session:
        mine = select(OutboxMessage.seen_at).where(OutboxMessage.person_id == town.people["mother"])
        assert session.scalars(mine).one() is not None


def test_the_start_page_says_so_until_they_are_told(browser, desk, town, address):
    client = browser("coordinator")
    page = client.get("/").text
    assert "2 persons are not reached by a notice" in page
    first = client.get(f"/plan/{town.plan}/reached/")
    assert first.status_code == 200 and f'action="{address}/by-hand"' in first.text
    for who in ("teacher", "grandmother"):
        data = {"person": town.people[who], "how": "call"}
        client.post(f"{address}/by-hand", data=data)
    assert "not reached" not in client.get("/").text
    assert "Everybody is reached" in client.get(f"/plan/{town.plan}/reached/").text
    assert "not reached" not in browser("mother").get("/").text


def test_what_is_taken_away_or_shut_is_no_longer_followed_up(browser, desk, town, meeting):
    from models.consent import Grant
    from models.elements.meeting import Meeting
    from models.vocabulary import Scope

    with desk.system() as session:
        grants = select(Grant).where(
            Grant.person_id == town.people["coordinator"], Grant.scope == Scope.MEETINGS
        )
        for grant in session.scalars(grants):
            grant.revoked_at = utcnow()
        session.commit()
    assert "not reached" not in browser("coordinator").get("/").text
    assert "2 persons are not reached" not in browser("nurse").get("/").text  # she does not lead
    with desk.session("nurse") as session:
        from services.reached import first_unreached

        plan = session.get(Plan, town.plan)
        assert first_unreached(session, plan) == ("meeting", meeting)
    with desk.system() as session:
        session.get(Meeting, meeting).removed_at = utcnow()
        session.commit()
    with desk.session("nurse") as session:
        assert first_unreached(session, session.get(Plan, town.plan)) is None


def test_who_is_out_is_said_to_be_out(browser, desk, town, address):
    with desk.system() as session:
        mine = select(Delivery).where(Delivery.person_id == town.people["teacher"])
        session.scalars(mine).one().fault = Fault.NOT_FOR_THEM
        session.commit()
    page = browser("coordinator").get(address).text
    assert "No longer for this person" in page and "Finds it in Medspel" not in page


def test_an_old_one_is_let_go(desk, town, meeting):
    from services.reached import RECENT, first_unreached

    with desk.session("coordinator") as session:
        plan = session.get(Plan, town.plan)
        assert first_unreached(session, plan) == ("meeting", meeting)
        with CLOCK.stopped_at(utcnow() + RECENT + timedelta(hours=1)):
            assert first_unreached(session, plan) is None


def test_it_costs_the_same_however_many_are_told(browser, app_engine, desk, town, address, meeting):
    client = browser("coordinator")
    client.get(address)
    with statements(app_engine) as few:
        client.get(address)
    with desk.session("coordinator") as session:
        plan = session.get(Plan, town.plan)
        everybody = [town.people[who] for who in ("teacher", "mother", "grandmother", "nurse")]
        for n in range(3):
            notify(session, plan, everybody, "meeting", meeting, f"more {n}")
        session.commit()
    with statements(app_engine) as many:
        client.get(address)
    assert len(few) == len(many) <= 12, few


def test_minutes_and_consents_too(browser, desk, town, meeting):
    with desk.session("coordinator") as session:
        plan = session.get(Plan, town.plan)
        notify(session, plan, [town.people["mother"]], "minutes", meeting, "r")
        session.commit()
    client, minutes = browser("coordinator"), f"/plan/{town.plan}/reached/minutes/{meeting}"
    assert "On its way to 1" in client.get(minutes).text
    browser("mother").get(f"/plan/{town.plan}/meeting/{meeting}")
    page = client.get(minutes).text
    assert "1 has seen them" in page and "Remind" not in page


def test_a_child_is_told_by_others_and_is_not_chased_by_mail(desk, engine, town, meeting, states):
    from models.clock import months_later, today
    from models.people import Person

    with desk.system() as session:
        session.get(Person, town.people["owner"]).birth_date = months_later(today(), -120)
        session.commit()
    with desk.session("coordinator") as session:
        plan = session.get(Plan, town.plan)
        notify(session, plan, [town.people["owner"]], "meeting", meeting, "child")
        session.commit()
    assert states()["owner"] == "on_its_way"
    deliver(engine, {})
    assert states()["owner"] == "reached"


def test_told_by_hand_without_a_notice(desk, town, meeting):
    from services.reached import NeverTold

    with desk.session("coordinator") as session, pytest.raises(NeverTold):
        plan = session.get(Plan, town.plan)
        told_by_hand(session, plan, "meeting", meeting, town.people["nurse"], Channel.CALL)
