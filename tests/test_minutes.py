"""Minutes written live: point by point, the owner first, remarks for a week, and then locked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.clock import CLOCK, utcnow
from models.consent import Grant
from models.elements.activity import Activity
from models.elements.meeting import Meeting
from models.elements.minutes import Minutes
from models.elements.minutes_item import MinutesItem
from models.elements.minutes_remark import MinutesRemark
from models.outbox import OutboxMessage
from models.plan import Participant
from models.vocabulary import ParticipantStatus
from services.minutes_giving import move_on
from tests.page import Page
from tests.test_agenda import room  # noqa: F401  (a fixture)
from tests.test_budgets import measured

UID = "11111111-2222-4333-8444-555555555555"
pytestmark = pytest.mark.a_page


@pytest.fixture
def begun(browser, desk, room):  # noqa: F811
    """The address of minutes the coordinator has begun."""
    reply = browser("coordinator").post(room.replace("/meeting/", "/minutes/begin/"))
    assert reply.status_code == 303
    return reply.location.removesuffix("/write")


def written(browser, address, who="coordinator", **typed):
    """Send the form as it is opened, with something typed."""
    page = Page(browser(who).get(f"{address}/write").text)
    sent = {n: (f.values or [""])[0] for n, f in page.fields.items()} | typed
    return browser(who).post(f"{address}/write", data=sent)


def points(desk):
    with desk.system() as session:
        return list(
            session.scalars(
                select(MinutesItem).where(MinutesItem.topic != "Lunch").order_by(MinutesItem.id)
            ).unique()
        )


def the(desk, cls=Minutes):
    with desk.system() as session:
        return session.scalars(select(cls).order_by(cls.id.desc())).unique().first()


def test_a_fault_while_handing_over_hands_over_nothing_and_the_next_try_does(
    browser, desk, begun, monkeypatch
):
    said = {f"agreed_{points(desk)[0].id}": "Book the pool"}
    written(browser, begun, **said)

    def power_cut(*_a, **_k):
        raise RuntimeError("power")

    with monkeypatch.context() as at_the_end:
        at_the_end.setattr("services.minutes_giving.notify", power_cut)
        assert browser("coordinator").post(f"{begun}/give").status_code == 500
    assert the(desk).given_at is None
    assert the(desk, Activity).what != "Book the pool"
    assert browser("coordinator").post(f"{begun}/give").status_code == 303
    assert the(desk).given_at is not None
    assert the(desk, Activity).what == "Book the pool"


def test_from_first_word_to_locked(browser, desk, town, begun, engine):
    point = points(desk)[0]
    reply = written(
        browser, begun, owner_account="I like swimming", do="give",
        **{
            f"said_{point.id}": "We talked", f"agreed_{point.id}": "Book the pool",
            f"who_{point.id}": str(town.people["teacher"]), f"due_{point.id}": "2099-02-01",
        },
    )  # fmt: skip
    assert reply.location.endswith("/give")
    assert browser("teacher").get(begun).status_code == 404
    assert "We talked" in browser("mother").get(begun).text
    assert browser("coordinator").post(f"{begun}/give").status_code == 303
    assert browser("coordinator").post(f"{begun}/give").status_code == 303  # twice is once
    with desk.system() as session:
        task = session.scalars(select(Activity).where(Activity.what == "Book the pool"))
        assert task.unique().one().responsible_id == town.people["teacher"]
    assert browser("teacher").get(begun).status_code == 404  # the owner's day


@pytest.mark.parametrize("given", ["2026-12-24T12:00+00:00", "2027-03-27T12:00+00:00"])
def test_the_owners_day_is_24_hours_and_then_all_are_told_once(
    browser, desk, town, begun, engine, given
):
    assert browser("coordinator").post(f"{begun}/give").status_code == 303
    started = datetime.fromisoformat(given)
    with desk.system() as session:
        pk = int(begun.rsplit("/", 1)[1])
        minutes = session.get(Minutes, pk)
        assert minutes.opens_at - minutes.given_at == timedelta(hours=24)
        minutes.opens_at = started + timedelta(hours=24)
        session.commit()
    for after, reads in ((timedelta(hours=23, minutes=59), False), (timedelta(hours=24), True)):
        with CLOCK.stopped_at(started + after):
            assert move_on(engine) and move_on(engine)
            with desk.session("teacher") as session:
                assert bool(session.get(Minutes, pk)) is reads
            with desk.system() as session:
                told = select(OutboxMessage).where(OutboxMessage.kind == "minutes")
                people = [one.person_id for one in session.scalars(told)]
            assert people.count(town.people["teacher"]) == reads


def test_after_a_week_they_are_locked_and_what_is_put_right_is_a_new_version(
    browser, desk, begun, engine
):
    point = points(desk)[0]
    assert written(browser, begun, **{f"said_{point.id}": "We talked"}).status_code == 303
    skip = {"skip": "y", "because": "They sat here"}
    assert browser("coordinator").post(f"{begun}/give", data=skip).status_code == 303
    with CLOCK.stopped_at(utcnow() + timedelta(days=6, hours=23)):
        assert move_on(engine)
    assert the(desk).locked_at is None
    assert browser("teacher").get(f"{begun}/write").status_code == 403
    with CLOCK.stopped_at(utcnow() + timedelta(days=7, minutes=1)):
        assert move_on(engine)
    assert the(desk).locked_at is not None
    assert browser("teacher").post(f"{begun}/remark", data={"said": "x"}).status_code == 409
    reply = written(browser, begun, **{f"said_{point.id}": "We talked long"})
    assert reply.status_code == 303
    page = browser("teacher").get(begun).text
    assert "We talked long" in page and "See what it said" in page and "We talked<" in page


def test_who_neither_writes_nor_is_called_reads_and_writes_nothing(browser, begun, room):  # noqa: F811
    start = room.replace("/meeting/", "/minutes/begin/")
    assert browser("teacher").post(start).status_code == 403
    assert browser("teacher").get(f"{begun}/write").status_code == 404
    assert browser("mother").get(f"{begun}/write").status_code == 403
    assert browser("grandmother").get(begun).status_code == 404


def test_two_who_write_different_points_at_once_lose_nothing(browser, desk, begun):
    one, other = points(desk)[:2]
    page = Page(browser("coordinator").get(f"{begun}/write").text)
    sent = {n: (f.values or [""])[0] for n, f in page.fields.items()}
    for point, words in ((one, "First"), (other, "Second")):
        data = sent | {f"said_{point.id}": words}
        assert browser("coordinator").post(f"{begun}/write", data=data).status_code == 303
    assert [p.said for p in points(desk)[:2]] == ["First", "Second"]


def test_two_who_write_in_the_same_field_see_both_texts(browser, desk, begun):
    point = points(desk)[0]
    page = Page(browser("coordinator").get(f"{begun}/write").text)
    sent = {n: (f.values or [""])[0] for n, f in page.fields.items()}
    first = sent | {f"said_{point.id}": "First", "others": "Ola"}
    assert browser("coordinator").post(f"{begun}/write", data=first).status_code == 303
    late = sent | {f"said_{point.id}": "Late", f"agreed_{point.id}": "Ring"}
    reply = browser("coordinator").post(f"{begun}/write", data=late)
    assert reply.status_code == 422 and "Late" in reply.text and "First" in reply.text
    assert points(desk)[0].said == "First"
    again = {n: (f.values or [""])[0] for n, f in Page(reply.text).fields.items()}
    assert again["others"] == "Ola" and again[f"agreed_{point.id}"] == "Ring"
    again[f"said_{point.id}"] = "First and late"
    assert browser("coordinator").post(f"{begun}/write", data=again).status_code == 303
    kept = points(desk)[0]
    assert (kept.said, kept.agreed, the(desk).others) == ("First and late", "Ring", "Ola")


def test_one_who_has_left_is_said_beside_the_field_and_nothing_is_lost(browser, desk, town, begun):
    point = points(desk)[0]
    who = {f"agreed_{point.id}": "Ring", f"who_{point.id}": str(town.people["nurse"])}
    assert written(browser, begun, **who).status_code == 303
    with desk.system() as session:
        left = select(Participant).where(Participant.person_id == town.people["nurse"])
        session.scalars(left).one().status = ParticipantStatus.LEFT
        session.commit()
    page = browser("coordinator").get(f"{begun}/write").text
    assert "Has left the team. Choose somebody else." in page and "Ring" in page
    assert browser("coordinator").post(f"{begun}/give").location.endswith("/write")
    assert points(desk)[0].responsible_id == town.people["nurse"]


@pytest.mark.a_page
def test_a_refused_remark_is_said_beside_it_and_the_help_is_that_of_the_minutes(browser, begun):
    browser("coordinator").post(f"{begun}/give", data={})
    reply = browser("mother").post(f"{begun}/remark", data={"said": ""})
    assert reply.status_code == 422 and 'href="#said"' in reply.text
    assert 'href="/help/MinutesRoom.page' in reply.text


def test_the_owners_side_remarks_and_lets_it_go_once(browser, desk, town, begun):
    assert browser("coordinator").post(f"{begun}/give").status_code == 303
    for who in ("mother", "mother"):
        reply = browser(who).post(f"{begun}/remark", data={"said": "Not quite", "uid": UID})
        assert reply.status_code == 303
    assert browser("coordinator").post(f"{begun}/let-go").status_code == 403
    for _ in range(2):
        assert browser("mother").post(f"{begun}/let-go").status_code == 303
    assert "Not quite" in browser("teacher").get(begun).text
    with desk.system() as session:
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "minutes"))
        assert [one.person_id for one in told].count(town.people["teacher"]) == 1
        said = select(MinutesRemark).where(MinutesRemark.said == "Not quite")
        assert len(session.scalars(said).unique().all()) == 1


def test_the_owners_day_is_skipped_with_a_reason_only(browser, begun):
    assert browser("coordinator").post(f"{begun}/give", data={"skip": "y"}).status_code == 422
    skip = {"skip": "y", "because": "They sat here"}
    assert browser("coordinator").post(f"{begun}/give", data=skip).status_code == 303
    assert "They sat here" in browser("teacher").get(begun).text


def test_who_is_withdrawn_meanwhile_reads_nothing(browser, desk, town, begun):
    skip = {"skip": "y", "because": "They sat here"}
    assert browser("coordinator").post(f"{begun}/give", data=skip).status_code == 303
    assert browser("teacher").get(begun).status_code == 200
    with desk.system() as session:
        for key in session.scalars(select(Grant).where(Grant.person_id == town.people["teacher"])):
            key.revoked_at = utcnow()
        session.commit()
    assert browser("teacher").get(begun).status_code == 404
    assert browser("teacher").post(f"{begun}/remark", data={"said": "x"}).status_code == 404


def test_what_is_typed_when_the_connection_is_lost_is_there_again(browser, desk, begun, town):
    point, address = points(desk)[0], f"{begun}/write"
    draft = {"address": address, f"said_{point.id}": "Half a", f"v_{point.id}": "1"}
    reply = browser("coordinator").post(f"/plan/{town.plan}/draft/", data=draft)
    assert reply.status_code == 200
    assert "Half a" in browser("coordinator").get(address).text
    assert written(browser, begun).status_code == 303
    assert points(desk)[0].said == "Half a"


def test_the_next_meeting_is_planned_when_they_are_handed_over(browser, desk, begun):
    assert written(browser, begun, next_at="2099-03-01T09:00").status_code == 303
    assert browser("coordinator").post(f"{begun}/give").status_code == 303
    with desk.system() as session:
        later = select(Meeting).order_by(Meeting.starts_at.desc())
        assert session.scalars(later).unique().first().is_planned


def test_the_words_for_ones_own_record_name_nobody(browser, begun, town):
    skip = {"skip": "y", "because": "They sat here"}
    browser("coordinator").post(f"{begun}/give", data=skip)
    page = Page(browser("teacher").get(f"{begun}/journal").text).text
    assert "individual plan" in page or "a team around the person" in page


@pytest.mark.parametrize(("page", "reads"), [("/write", 10), ("", 11)])
def test_pages_cost_the_same_however_many_points(browser, desk, begun, app_engine, page, reads):
    client = browser("coordinator")
    few, _ = measured(client, app_engine, begun + page)
    for n in range(6):
        assert written(browser, begun, point=f"Point {n}").status_code == 303
    many, sent = measured(client, app_engine, begun + page)
    assert few[0] == many[0] == reads, sent


def test_a_text_from_before_the_points_is_put_right_too_and_what_it_said_is_kept(
    browser, desk, town
):
    address = f"/plan/{town.plan}/minutes/{town.rows['minutes']}"
    with desk.system() as session:
        minutes = session.get(Minutes, town.rows["minutes"])
        before, minutes.opens_at = minutes.minutes, utcnow() - timedelta(days=1)
        session.commit()
        author = next(n for n, one in town.people.items() if one == minutes.author_id)
    assert written(browser, address, author, text="Put right").status_code == 303
    page = browser("mother").get(address).text
    assert "Put right" in page and before in page
