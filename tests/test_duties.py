"""What the municipality itself must do in time: told, done, and due again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.clock import CLOCK, OSLO, today
from models.deadline_rule import DeadlineKind, DeadlineRule
from models.duty import Duty, DutyKind
from models.outbox import OutboxMessage
from security.policy import Forbidden
from services.deadline_notices import remind

LIST, ADD = "/register/duty/list/", "/register/duty/add"


def edit(browser, who, key, **said):
    page = f"/register/duty/edit/{key}"
    one = browser(who)
    version = one.get(page).text.split('name="version"')[1].split('value="')[1].split('"')[0]
    return one.post(page, data={"version": version} | said)


def duties(desk, town):
    with desk.system() as session:
        here = select(Duty).where(Duty.municipality_id == town.municipality_id)
        return session.scalars(here.order_by(Duty.id)).all()


def change(desk, key, **values):
    with desk.system() as session:
        for name, value in values.items():
            setattr(session.get(Duty, key), name, value)
        session.commit()


def told(desk, engine, day):
    """Kinds and persons, of those told on the day."""
    noon = datetime.combine(day, datetime.min.time(), OSLO) + timedelta(hours=12)
    with CLOCK.stopped_at(noon):
        with desk.system() as session:
            before = set(session.scalars(select(OutboxMessage.id)))
        remind(engine)
        with desk.system() as session:
            rows = session.scalars(select(OutboxMessage)).all()
            mine = [one for one in rows if one.id not in before and "duty" in one.dedup_key]
            return sorted((one.kind, one.person_id) for one in mine)


@pytest.mark.parametrize("who", ["office", "admin"])
def test_one_is_written_seen_among_the_deadlines_and_done(browser, desk, town, who):
    said = {"kind": "breach", "note": "Call first", "due_on": str(today() + timedelta(days=3))}
    reply = browser(who).post(ADD, data=said | {"responsible_id": f"x [{town.people['admin']}]"})
    assert reply.status_code == 303
    row = duties(desk, town)[-1]
    assert (row.kind, row.note) == (DutyKind.BREACH, "Call first")
    for reader in ("office", "admin"):
        page = browser(reader).get("/register/deadlines/").text
        assert "Report a breach" in page and f"/register/duty/show/{row.id}" in page
        assert "Call first" not in page
    kept = {"due_on": str(row.due_on), "responsible_id": said.get("responsible_id", "")}
    assert edit(browser, who, row.id, **kept, done_on=str(today())).status_code == 303
    assert duties(desk, town)[-1].done_on == today()
    assert "Report a breach" not in browser(who).get("/register/deadlines/").text
    assert browser(who).get(f"/register/duty/edit/{row.id}").status_code == 403


def test_one_that_comes_back_is_due_again_once(browser, desk, town):
    key = town.rows["duty"]
    change(desk, key, due_on=date(2024, 2, 29), responsible_id=town.people["office"])
    said = {"due_on": "2024-02-29", "repeats_months": "12", "note": "Secret duty",
            "responsible_id": f"x [{town.people['office']}]"}  # fmt: skip
    assert edit(browser, "office", key, **said, done_on=str(today())).status_code == 303
    done, again = duties(desk, town)
    assert done.done_on == today() and again.done_on is None
    assert (again.due_on, again.repeats_months) == (date(2025, 2, 28), 12)
    assert (again.follows_id, again.note, again.kind) == (key, "Secret duty", done.kind)
    assert again.responsible_id == town.people["office"]
    with desk.session("office") as session:
        session.get(Duty, key).note = "It was another"
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("office") as session:
        session.get(Duty, key).done_on = None
        with pytest.raises(Forbidden):
            session.flush()
    assert len(duties(desk, town)) == 2


@pytest.mark.parametrize(("gives", "who"), [(None, "office"), ("admin", "admin"),
                                            ("nurse", "office")])  # fmt: skip
def test_whoever_sees_to_it_is_told_once_and_somebody_else_when_it_is_late(
    desk, engine, town, gives, who
):
    due = date(2031, 6, 10)
    change(desk, town.rows["duty"], due_on=due, responsible_id=gives and town.people[gives])
    with desk.system() as session:
        here = DeadlineRule.municipality_id == town.municipality_id
        rule = select(DeadlineRule).where(here, DeadlineRule.kind == DeadlineKind.DUTY)
        session.scalars(rule).one().escalate_to_id = town.people["leader"]
        session.commit()
    assert told(desk, engine, due - timedelta(days=15)) == []
    assert told(desk, engine, due - timedelta(days=14)) == [("duty_due", town.people[who])]
    assert told(desk, engine, due) == []
    assert told(desk, engine, due + timedelta(days=2)) == [
        ("deadline_passed", town.people["leader"])
    ]
    change(desk, town.rows["duty"], due_on=due + timedelta(days=60), done_on=date(2031, 6, 12))
    assert told(desk, engine, due + timedelta(days=59)) == []


def test_those_it_is_not_for_neither_see_nor_write_it(browser, desk, town):
    key = town.rows["duty"]
    for who in ("leader", "coordinator", "mother", "nurse"):
        one = browser(who)
        for page in (LIST, ADD, f"/register/duty/show/{key}", f"/register/duty/edit/{key}"):
            assert one.get(page).status_code == 403, (who, page)
    foreign = browser("foreign office")
    assert foreign.get(f"/register/duty/show/{key}").status_code == 404
    leader = browser("leader").get("/register/deadlines/").text
    assert "/register/duty/" not in leader
    at = {"municipality_id": town.municipality_id, "kind": DutyKind.OTHER, "due_on": today()}
    for who, more in (("leader", {}), ("coordinator", {}),
                      ("office", {"responsible_id": town.people["foreign office"]})):  # fmt: skip
        with desk.session(who) as session:
            session.add(Duty(**at, **more))
            with pytest.raises(Forbidden):
                session.flush()
    assert len(duties(desk, town)) == 1


def test_what_is_wrong_is_said_beside_the_field(browser, desk, town):
    good = {"kind": "other", "due_on": "2030-01-31", "note": "Kept"}
    for field, bad in (("kind", "mine"), ("due_on", ""), ("due_on", "2030-02-30"),
                       ("repeats_months", "0"), ("repeats_months", "121"),
                       ("responsible_id", "Nobody at all"), ("note", "x" * 501)):  # fmt: skip
        reply = browser("office").post(ADD, data=good | {field: bad})
        assert reply.status_code == 422 and f'href="#{field}"' in reply.text, (field, bad)
        assert field == "note" or "Kept" in reply.text
    later = {"due_on": "2099-03-01", "done_on": str(today() + timedelta(days=1))}
    reply = edit(browser, "office", town.rows["duty"], **later)
    assert reply.status_code == 422 and "This day has not come yet" in reply.text
    [only] = duties(desk, town)
    assert only.done_on is None
