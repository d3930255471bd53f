"""The agenda of a meeting: standing points, what people propose, and the order of who calls."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text

from deploy.release import downgrade, migrate, rebuilding
from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Meeting
from services.agenda import MOST
from tests.page import Page
from tests.test_budgets import measured
from tests.test_work import CALL, url


@pytest.fixture
def room(browser, town):
    """The address of a meeting to come, that mother and teacher are called to."""
    people = [town.people["teacher"], town.people["mother"]]
    data = CALL | {"people": people, "agenda": " Skyss \n\nPausane"}
    return browser("coordinator").post(url(town, "meeting/call"), data=data).location


def points(page):
    """What stands on the agenda, in order."""
    found = page.partition('class="ms-agenda"')[2].partition("</ol>")[0]
    return re.findall(r'<p class="ms-strong" dir="auto">([^<]+)</p>', found)


def key_of(desk, topic):
    with desk.system() as session:
        return session.scalars(select(AgendaItem.id).where(AgendaItem.topic == topic)).one()


def test_the_usual_points_come_by_themselves_round_those_it_is_called_for(browser, room):
    standing = ["Who is here", "Who could not come", "Minutes of the last meeting"]
    assert points(browser("teacher").get(room).text) == [
        *standing, "Skyss", "Pausane", "Anything else",
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["teacher", "mother", "owner", "grandmother", "nurse"])
def test_everybody_who_takes_part_proposes(browser, room, who):
    client = browser(who)
    reply = client.post(f"{room}/propose", data={"topic": "Lunsj"})
    assert reply.status_code == 303
    page = client.get(room).text
    assert points(page)[-2:] == ["Lunsj", "Anything else"]
    assert f"Proposed by {who.title()}" in page


@pytest.mark.a_page
@pytest.mark.parametrize("said", ["", " ", "x" * 201, "a\x00b"])
def test_a_point_that_cannot_be_stored_is_said_beside_the_field(browser, room, said):
    reply = browser("teacher").post(f"{room}/propose", data={"topic": said})
    assert reply.status_code == 422 and 'href="#topic"' in reply.text
    assert len(points(browser("teacher").get(room).text)) == 6


def test_who_calls_puts_the_points_in_order(browser, desk, town, room):
    client = browser("coordinator")
    skyss, breaks = key_of(desk, "Skyss"), key_of(desk, "Pausane")
    move = {"item": breaks, "past": skyss, "way": "up"}
    for _ in range(2):  # once, however often it is pressed
        assert client.post(f"{room}/move", data=move).status_code == 303
        assert points(client.get(room).text)[3:5] == ["Pausane", "Skyss"]
    assert browser("teacher").post(f"{room}/move", data=move).status_code == 403
    assert "/move" not in browser("teacher").get(room).text


def test_ones_own_point_is_taken_off_and_not_that_of_others(browser, desk, town, room):
    teacher = browser("teacher")
    teacher.post(f"{room}/propose", data={"topic": "Lunsj"})
    assert teacher.get(room).text.count("/take-off") == 1
    others = {"item": key_of(desk, "Skyss")}
    assert teacher.post(f"{room}/take-off", data=others).status_code == 403
    assert teacher.post(f"{room}/take-off", data={"item": key_of(desk, "Lunsj")}).status_code == 303
    assert browser("coordinator").post(f"{room}/take-off", data=others).status_code == 303
    assert points(teacher.get(room).text)[3:] == ["Pausane", "Anything else"]


def test_two_hundred_points_cost_no_more_and_there_is_no_room_for_one_more(
    browser, desk, town, app_engine, room
):
    pk = int(room.rpartition("/")[2])
    few, _ = measured(browser("coordinator"), app_engine, room)
    with desk.system() as session:
        meeting = session.get(Meeting, pk)
        many = {"plan_id": town.plan, "author_id": town.people["teacher"], "topic": "Sak"}
        session.add_all(
            AgendaItem(**many, meeting=meeting, position=n) for n in range(10, MOST + 4)
        )
        session.commit()
    many, sent = measured(browser("coordinator"), app_engine, room)
    assert many == few, sent
    assert browser("teacher").post(f"{room}/propose", data={"topic": "x"}).status_code == 409
    lines = "\n".join(["x"] * (MOST - 3))
    data = CALL | {"people": [town.people["teacher"]], "agenda": lines}
    reply = browser("coordinator").post(url(town, "meeting/call"), data=data)
    assert reply.status_code == 422 and 'href="#agenda"' in reply.text


def test_what_is_minuted_has_the_agenda_it_had(browser, town):
    room = url(town, f"meeting/{town.rows['meeting']}")
    for client in (browser("coordinator"), browser("teacher")):
        assert points(client.get(room).text) == ["Lunch"]
        assert client.post(f"{room}/propose", data={"topic": "x"}).status_code == 403
        item = {"item": town.rows["agendaitem"]}
        assert client.post(f"{room}/take-off", data=item).status_code == 403


def test_a_text_of_before_is_a_point_for_each_line_and_back(engine, town):
    with rebuilding(engine) as connection:
        downgrade(connection, "0032")
        old = "UPDATE meeting SET agenda = :said WHERE id = :key"
        said = {"said": "1. Skyss\n\n" + "lang " * 50, "key": town.rows["meeting"]}
        assert connection.execute(text("SELECT agenda FROM meeting")).scalars().all() == ["Lunch"]
        connection.execute(text(old), said)
        migrate(connection)
        found = select(AgendaItem.topic, AgendaItem.author_id, AgendaItem.position)
        rows = connection.execute(found.order_by(AgendaItem.position)).all()
        assert rows[0] == ("1. Skyss", town.people["coordinator"], 1)
        assert [row.topic.strip() for row in rows[1:]] == [
            ("lang " * 40).strip(),
            "lang " * 9 + "lang",
        ]
        downgrade(connection, "0032")
        back = connection.execute(text("SELECT agenda FROM meeting")).scalar()
        assert back.splitlines() == [row.topic for row in rows]
        migrate(connection)


def standing(desk, kind):
    with desk.system() as session:
        mine = select(AgendaItem.id).where(AgendaItem.kind == kind)
        return session.scalars(mine.order_by(AgendaItem.id.desc())).first()


def test_a_usual_point_is_renamed_in_one_meeting_and_gets_its_name_again(browser, desk, town, room):
    client = browser("coordinator")
    address = url(town, f"meeting/point/{standing(desk, 'presentation')}/reword")
    assert client.post(address, data={"topic": "Tea first"}).status_code == 303
    assert points(browser("teacher").get(room).text)[0] == "Tea first"
    long = client.post(address, data={"topic": "x" * 201})
    assert long.status_code == 422 and 'href="#topic"' in long.text
    client.post(address, data={"topic": " "})
    assert points(client.get(room).text)[0] == "Who is here"
    assert browser("teacher").post(address, data={"topic": "x"}).status_code == 403
    assert browser("reader").get(address).status_code == 404
    skyss = url(town, f"meeting/point/{key_of(desk, 'Skyss')}/reword")
    assert client.get(skyss).status_code == 404  # what people propose is theirs


def test_usual_points_that_were_taken_off_are_put_back_where_they_stood(browser, desk, town, room):
    client, before = browser("coordinator"), points(browser("coordinator").get(room).text)
    assert "Put back the usual points" not in client.get(room).text
    for kind in ("presentation", "other"):
        client.post(f"{room}/take-off", data={"item": standing(desk, kind)})
    assert points(client.get(room).text) == before[1:-1]
    assert browser("teacher").post(f"{room}/put-back").status_code == 403
    for _ in range(2):
        assert client.post(f"{room}/put-back").status_code == 303
    assert points(client.get(room).text) == before


@pytest.mark.a_page
def test_a_goal_one_reads_is_put_in_the_form_and_no_other(browser, desk, town, app_engine, room):
    """The teacher has the goals of school only; what is kept from guardians is nobody's point."""
    propose, client = f"{room}/propose", browser("teacher")
    there = client.get(propose).text
    assert "?goal=" in there and "<bdi>Read</bdi>" in there
    assert "Swim" not in there and "Hush" not in there
    assert "Hush" not in browser("coordinator").get(propose).text

    def in_the_field(goal):
        return Page(client.get(f"{propose}?goal={goal}").text).fields["topic"].values

    assert in_the_field(town.rows["school goal"]) == ["Read"]
    for bad in (town.rows["goal"], town.rows["hidden goal"], town.rows["foreign goal"], "x", -1):
        assert in_the_field(bad) in ([], [""]), bad
    assert points(client.get(room).text)[3:5] == ["Skyss", "Pausane"]  # nothing is stored
    asked = {"topic": "Reading at home"}
    mine = client.post(f"{propose}?goal={town.rows['school goal']}", data=asked)
    assert mine.status_code == 303 and "Reading at home" in client.get(room).text
    cost, sent = measured(client, app_engine, propose)
    assert cost[0] == 9, sent
