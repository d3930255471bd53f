"""Who leads one meeting and who writes its minutes; its video link."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.contact import NotALink, link
from models.elements.minutes import Minutes
from models.people import Person
from tests.test_agenda import key_of, points, room  # noqa: F401  (a fixture)
from tests.test_before_meeting import moved
from tests.test_work import CALL, url


def left_to(browser, room, **who):  # noqa: F811
    return moved(browser("coordinator"), room, **{f"{name}_id": key for name, key in who.items()})


@pytest.mark.parametrize("what", ["leader", "referent"])
def test_who_leads_or_minutes_writes_in_that_meeting_only(browser, desk, town, room, what):  # noqa: F811
    teacher = browser("teacher")
    move = {"item": key_of(desk, "Pausane"), "past": key_of(desk, "Skyss"), "way": "up"}
    assert teacher.post(f"{room}/move", data=move).status_code == 403
    start = room.replace("/meeting/", "/minutes/begin/")
    assert teacher.get(start).status_code == 403
    left_to(browser, room, **{what: town.people["teacher"]})
    assert teacher.post(f"{room}/move", data=move).status_code == 303
    assert points(teacher.get(room).text)[3] == "Pausane"
    other = browser("coordinator").post(
        url(town, "meeting/call"), data=CALL | {"purpose": "Other", "people": town.people["mother"]}
    )
    elsewhere = other.location.replace("/meeting/", "/minutes/begin/")
    assert teacher.get(elsewhere).status_code == 403
    assert teacher.get(room.replace("/meeting/", "/meeting/edit/")).status_code == 403
    assert teacher.get(teacher.post(start).location).status_code == 200
    with desk.system() as session:
        begun = session.scalars(select(Minutes).where(Minutes.given_at.is_(None))).unique().one()
        assert begun.author_id == town.people["teacher"]


def test_who_reads_only_is_left_nothing(browser, desk, town, room):  # noqa: F811
    left_to(browser, room, referent=town.people["reader"])
    assert browser("reader").get(room.replace("/meeting/", "/minutes/begin/")).status_code == 404


def test_the_link_is_for_those_who_read_the_meeting(browser, town, room):  # noqa: F811
    said = "https://video.example/r/1?p=a"
    assert moved(browser("coordinator"), room, video_link=said).status_code in (302, 303)
    assert f'href="{said}"' in browser("teacher").get(room).text
    assert said not in browser("coordinator").get("/notices/").text


def test_where_an_address_is_secret_there_is_no_link(browser, desk, town, room):  # noqa: F811
    with desk.system() as session:
        session.get(Person, town.people["mother"]).shielded = True
        session.commit()
    reply = moved(browser("coordinator"), room, video_link="https://video.example/r/1")
    assert reply.status_code == 422 and 'href="#video_link"' in reply.text
    assert "secret" not in reply.text and "protected" not in reply.text


BAD = (
    "http://x.no/a", "javascript:alert(1)", "https:x.no", "//x.no", "https://a:b@x.no", "x.no",
    "https://localhost/", "https://x.no/a b", "https://x.no:0/", "https://[x.no/", "https://x\\.no",
)  # fmt: skip


@pytest.mark.parametrize("said", BAD)
def test_a_link_is_https_and_nothing_else(said):
    with pytest.raises(NotALink):
        link(said)
