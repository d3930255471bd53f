"""Who was there, as the minutes say it: told both ways when two say it, and fixed with them."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.elements.minutes import Attended
from models.vocabulary import Presence
from security.writes import Locked
from tests.page import Page
from tests.test_agenda import room  # noqa: F401  (a fixture)
from tests.test_minutes import begun, points, the  # noqa: F401  (a fixture)


def came(desk, town):
    """The row of the teacher in the newest minutes."""
    with desk.system() as session:
        mine = select(Attended).filter_by(minutes_id=the(desk).id, person_id=town.people["teacher"])
        return session.scalars(mine).one()


@pytest.mark.a_page
def test_two_who_say_different_things_are_shown_both_and_nothing_is_lost(
    browser, desk, town, begun  # noqa: F811
):  # fmt: skip
    key, address, client = came(desk, town).id, f"{begun}/write", browser("coordinator")
    page = Page(client.get(address).text)
    sent = {n: (f.values or [""])[0] for n, f in page.fields.items()}
    first, late = sent | {f"came_{key}": "excused"}, sent | {f"came_{key}": "absent"}
    late |= {f"said_{points(desk)[0].id}": "We talked"}
    assert client.post(address, data=first).status_code == 303
    reply = client.post(address, data=late)
    assert reply.status_code == 422 and "It says now: “Said no beforehand”" in reply.text
    assert came(desk, town).presence is Presence.EXCUSED
    again = {n: (f.values or [""])[0] for n, f in Page(reply.text).fields.items()}
    assert again[f"came_{key}"] == "absent"
    assert client.post(address, data=again).status_code == 303
    assert came(desk, town).presence is Presence.ABSENT
    assert points(desk)[0].said == "We talked"


def test_who_was_there_stays_as_it_was_when_the_minutes_are_handed_over(desk, town):
    for who in ("coordinator", "mother"):
        with desk.session(who) as session:
            mother = select(Attended).where(Attended.person_id == town.people["mother"])
            session.scalars(mother).one().presence = Presence.ABSENT
            with pytest.raises(Locked):
                session.flush()
