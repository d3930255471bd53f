"""A picture on a goal: seen where the goal is, by those who read it, and by nobody else."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from models.clock import utcnow
from models.elements.goal import Goal
from models.illustration import GoalPicture
from tests.conftest import statements
from tests.forms import a_picture

pytestmark = pytest.mark.a_page


def put(client, goal, name="swim.jpg", **more):
    form = {"crop": "middle", "agreed": "y", "picture": a_picture("JPEG", (300, 200))} | more
    address = f"/plan/1/goal/{goal}/picture"
    form = {name: value for name, value in form.items() if value is not None}
    if "picture" in form:
        form["picture"] = (BytesIO(form["picture"]), name)
    return client.post(address, data=form, content_type="multipart/form-data")


def stored(desk):
    with desk.system() as session:
        return session.scalars(select(GoalPicture).order_by(GoalPicture.id)).all()


def test_it_is_seen_wherever_the_goal_is_and_gone_when_taken_away(browser, desk, town):
    mother, goal = browser("mother"), town.rows["school goal"]
    assert put(mother, goal).status_code == 303
    file = f"/plan/1/goal/picture/{stored(desk)[-1].id}"
    for page in ("goal/list/", f"goal/show/{goal}", "easy/"):
        assert file in mother.get(f"/plan/1/{page}").text, page
    assert mother.get(file).mimetype == "image/jpeg"
    assert mother.post(f"/plan/1/goal/{goal}/picture/away").status_code == 303
    assert mother.get(file).status_code == 404
    assert file not in mother.get("/plan/1/goal/list/").text
    with desk.system() as session:
        assert session.scalars(select(GoalPicture.content)).all()[-1] == ""


def test_a_new_one_takes_the_place_of_the_one_before(browser, desk, town):
    assert put(browser("mother"), town.rows["goal"]).status_code == 303
    assert [one.removed_at is None for one in stored(desk)] == [False, True]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"agreed": None}, "Ask first."),
        ({"picture": b"<svg/>"}, "no JPEG or PNG"),
        ({"picture": None}, "Choose a picture."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(browser, desk, town, more, words):
    reply = put(browser("mother"), town.rows["school goal"], **more)
    assert reply.status_code == 422 and words in reply.text
    assert len(stored(desk)) == 1


@pytest.mark.parametrize(
    "who",
    ["late", "expired", "withdrawn", "uncle", "stranger", "office", "admin", "leader",
     "foreign coordinator"],
)  # fmt: skip
def test_those_who_do_not_read_the_goal_neither_see_nor_change_it(browser, desk, town, who):
    client, goal = browser(who), town.rows["goal"]
    seen = client.get(f"/plan/1/goal/picture/{town.rows['drawing']}")
    assert seen.status_code in (403, 404)
    assert put(client, goal).status_code in (403, 404)
    assert client.post(f"/plan/1/goal/{goal}/picture/away").status_code in (403, 404)
    assert [one.removed_at for one in stored(desk)] == [None]


def test_it_is_hidden_with_the_goal_and_gone_with_it(browser, desk, town):
    file = f"/plan/1/goal/picture/{town.rows['drawing']}"
    for column, value, there in (
        ("hidden_from_guardians", True, 404),
        ("hidden_from_guardians", False, 200),
        ("removed_at", utcnow(), 404),
    ):
        with desk.system() as session:
            setattr(session.get_one(Goal, town.rows["goal"]), column, value)
            session.commit()
        assert browser("mother").get(file).status_code == there, column


def test_the_goals_page_asks_for_all_pictures_with_the_goals(browser, app_engine):
    with statements(app_engine) as sent:
        page = browser("mother").get("/plan/1/goal/list/")
    assert "/plan/1/goal/picture/" in page.text
    assert sum("goal_picture" in one for one in sent) == 1
