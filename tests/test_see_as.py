"""Seeing the plan as a participant does: the same bytes, and never more than by oneself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select, update

from models.account import Membership
from models.audit import AccessEvent
from models.base import READABLE, READABLE_BY_BOTH, PlanBound
from models.clock import CLOCK, utcnow
from models.consent import Grant
from models.draft import Draft
from models.elements.goal import Goal
from models.elements.message import Message
from models.outbox import OutboxMessage
from models.people import Person, Representation
from models.plan import Participant, Plan
from models.vocabulary import Circle, Level, Role, Scope
from security import audit
from security.policy import Forbidden
from security.seeing import OnlySees, seen_as
from security.session import GuardedSession
from services.consent import team
from services.drafts import keep
from services.messages import send_message
from services.notices import see
from services.withdrawal import withdraw_person
from tests.conftest import statements
from tests.test_patrol import writes
from tests.test_twins import _key, _plan_bound
from views.realm import PAGES, Realm

SEEN = ("teacher", "grandmother", "coordinator")
HIDDEN = {
    "owner": ("to coordinator", "Body to coordinator"),
    "mother": ("Hush", "Psst"),
}
"""What others in the plan may read, and this viewer may not."""
STOP = "Stop seeing as"


def see_as(client, town, who):
    reply = client.post(f"/plan/{town.plan}/see-as/{town.people[who]}")
    assert reply.status_code == 303, (who, reply.status_code)
    assert reply.location == f"/plan/{town.plan}/"
    return client


def pages(app, town):
    """Every page of the plan, with the keys of the first rows of each kind."""
    for rule in app.url_map.iter_rules():
        page = PAGES.get(rule.endpoint)
        if page is None or page.realm is not Realm.PLAN or "GET" not in rule.methods:
            continue
        if rule.endpoint == "SeeAs.page":  # always one's own eyes
            continue
        for pk in range(1, 5) if {"pk", "person_id"} & rule.arguments else (0,):
            values = {"plan_id": town.plan, "pk": pk, "person_id": pk, "kind": "meeting"}
            values |= {"key": "goal", "row_id": pk}
            here = {name: values[name] for name in rule.arguments}
            yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, here)


# What is left out of a comparison: the banner; what is another in each answer (the token of a
# form, and the uid of the row it makes); that drafts are kept, which are not while one sees as
# somebody; and, for who follows up notices, the way there. Who has signed in stands outside.
LEFT_OUT = (
    r'<section class="ms-seeas".*?</section>',
    r'name="csrf_token" value="[^"]*"|name="csrf_token" type="hidden" value="[^"]*"',
    r'(name="uid" type="hidden"|name="uid") value="[^"]*"',
    r'data-draft="[^"]*" data-address="[^"]*"',
    r'<span class="ms-saved".*?</span>',
    r"<p>\s*<a [^>]*/reached/[^>]*>[^<]*</a>\s*</p>",
)


def content(reply):
    """The title, the menus and the page, as sent; what is refused stands outside the plan, and
    so beside the menu of who has signed in."""
    html, start = reply.get_data(as_text=True), "<main"
    if reply.status_code < 400:
        start = '<div class="ms-shell">'
    kept = "".join(re.findall(rf"<title>.*?</title>|{start}.*?</main>", html, re.S))
    for pattern in LEFT_OUT:
        kept = re.sub(pattern, "", kept, flags=re.S)
    return re.sub(r"\s+", " ", kept)


ON_BOTH = ("teacher", "mother")
"""The one pair that is walked on PostgreSQL too: which rows there are, the twins say there."""


@pytest.mark.parametrize(
    ("who", "viewer"),
    [
        pytest.param(*pair, marks=() if pair == ON_BOTH else pytest.mark.a_page)
        for pair in product(SEEN, HIDDEN)
    ],
)
def test_it_is_the_very_page_of_the_participant(app, browser, town, viewer, who):
    """Byte for byte, but for rows that are hidden from the viewer: those are not there."""
    theirs, mine = browser(who), see_as(browser(viewer), town, who)
    same = without = 0
    for endpoint, address in pages(app, town):
        with CLOCK.stopped_at(utcnow()):  # a form may ask when something was, to the second
            one, other = theirs.get(address), mine.get(address)
        if one.mimetype != "text/html" and one.data == other.data:
            same += 1
            continue
        text = other.get_data(as_text=True)
        if endpoint.startswith("Reached."):
            assert other.status_code in (403, 404), address
            continue
        hidden = [word for word in HIDDEN[viewer] if word in one.get_data(as_text=True)]
        if hidden:
            without += 1
            assert not any(word in text for word in HIDDEN[viewer]), address
            assert other.status_code in (200, 404), address
            continue
        if one.status_code == 200:
            assert STOP in text, address
            same += 1
        if (one.status_code, other.status_code) == (403, 404) and (
            viewer == "mother" or endpoint == "Correcting.page"
        ):
            continue  # a form for a row that is hidden from the viewer
        assert other.status_code == one.status_code, address
        assert content(other) == content(one), address
    assert same > 10, same
    reads_them = {"mother": ("teacher", "coordinator"), "owner": ("coordinator",)}
    assert bool(without) == (who in reads_them[viewer]), without


def test_of_messages_only_those_of_the_participant(browser, town):
    shown = {
        who: see_as(browser("owner"), town, who)
        .get(f"/plan/{town.plan}/message/list/")
        .get_data(as_text=True)
        for who in ("teacher", "grandmother", "nurse", "coordinator")
    }
    found = {who: {t for t in TITLES if f">{t}<" in page} for who, page in shown.items()}
    assert found == {
        "teacher": {"to teacher"},
        "grandmother": set(),
        "nurse": {"to teacher"},
        "coordinator": {"to teacher", "to owners"},
    }


TITLES = ("to teacher", "to coordinator", "to owners")


# Who may, and as whom


@pytest.mark.parametrize(
    "who",
    ["teacher", "grandmother", "coordinator", "reader", "admin", "office", "stranger", "uncle"],
)
def test_nobody_but_the_owners_side_sees_as_others(browser, town, who):
    client = browser(who)
    for reply in (
        client.get(f"/plan/{town.plan}/see-as/"),
        client.post(f"/plan/{town.plan}/see-as/{town.people['teacher']}"),
        client.post(f"/plan/{town.plan}/see-as/stop"),
    ):
        assert reply.status_code in (403, 404)
    assert "/see-as/" not in client.get(f"/plan/{town.plan}/").get_data(as_text=True)
    assert STOP not in client.get(f"/plan/{town.plan}/").get_data(as_text=True)


@pytest.mark.parametrize(
    "whom", ["expired", "withdrawn", "unsigned", "mother", "owner", "stranger", "office", "uncle"]
)
def test_who_is_not_let_in_cannot_be_seen_as(browser, town, whom):
    client = browser("father")
    reply = client.post(f"/plan/{town.plan}/see-as/{town.people[whom]}")
    assert reply.status_code == 404
    assert STOP not in client.get(f"/plan/{town.plan}/").get_data(as_text=True)


def test_the_page_says_whom_and_what_each_has(browser, town):
    text = browser("owner").get(f"/plan/{town.plan}/see-as/").get_data(as_text=True)
    named = set(re.findall(r"See the plan as ([A-Z]\w+)</button>", text))
    assert named == {"Coordinator", "Teacher", "Nurse", "Reader", "Late", "Grandmother"}
    assert "Of goals and how it is now only: Work" in text


def test_who_sees_the_plan_by_representing_sees_no_other_plan_by_it(browser, town):
    """Somebody else's plan, one's own eyes: what was begun in this plan is over there."""
    client = see_as(browser("mother"), town, "teacher")
    assert client.get(f"/plan/{town.rows['stranger plan']}/").status_code == 404
    assert STOP not in client.get(f"/plan/{town.plan}/").get_data(as_text=True)
    other = f"/plan/{town.rows['other plan']}/see-as/{town.people['teacher']}"
    assert browser("other mother").post(other).status_code == 404  # not let in there


# How it ends


def seeing(client, town):
    return STOP in client.get(f"/plan/{town.plan}/").get_data(as_text=True)


def test_it_ends_by_its_button(browser, town):
    client = see_as(browser("owner"), town, "teacher")
    assert seeing(client, town)
    reply = client.post(f"/plan/{town.plan}/see-as/stop")
    assert reply.location == f"/plan/{town.plan}/see-as/"
    assert not seeing(client, town)


def test_it_ends_on_the_way_to_withdrawing(browser, town):
    client = see_as(browser("mother"), town, "teacher")
    assert "Withdraw Teacher" in client.get(f"/plan/{town.plan}/").get_data(as_text=True)
    reply = client.post(f"/plan/{town.plan}/see-as/stop", data={"then": "withdraw"})
    assert reply.location == f"/plan/{town.plan}/consent/withdraw/{town.people['teacher']}"
    assert client.get(reply.location).status_code == 200
    assert not seeing(client, town)


def test_who_does_not_decide_is_offered_no_withdrawal(browser, town):
    page = see_as(browser("owner"), town, "teacher").get(f"/plan/{town.plan}/")
    assert STOP in page.get_data(as_text=True)
    assert "Withdraw Teacher" not in page.get_data(as_text=True)  # the owner is twelve


@pytest.mark.parametrize("away", ["/", "/account/", "/notices/", "/plan/{}/see-as/"])
def test_it_ends_when_one_leaves_the_plan(browser, town, away):
    client = see_as(browser("mother"), town, "teacher")
    assert client.get(away.format(town.plan)).status_code < 400
    assert not seeing(client, town)


@pytest.mark.parametrize("beside", ["/help/Overview.page", "/accessibility/"])
def test_help_and_what_a_page_asks_for_by_itself_do_not_end_it(browser, town, beside):
    client = see_as(browser("mother"), town, "teacher")
    client.get(beside)
    client.post("/stay/")
    assert seeing(client, town)


def test_it_ends_at_sign_out_and_in_another_browser_it_never_began(app, browser, town):
    client = see_as(browser("mother"), town, "teacher")
    assert not seeing(browser("father"), town)
    client.post("/sign-out/")
    assert client.get(f"/plan/{town.plan}/").status_code == 302


def test_it_ends_when_one_switches_hats(browser, desk, town):
    with desk.system() as session:
        person = Person(municipality_id=town.foreign_id, name="Mother")
        session.add(person)
        session.flush()
        hat = Membership(
            account_id=town.accounts["mother"], municipality_id=town.foreign_id,
            person_id=person.id, roles=frozenset({Role.REPRESENTATIVE}),
        )  # fmt: skip
        session.add(hat)
        session.commit()
        other = hat.id
    client = see_as(browser("mother"), town, "teacher")
    assert client.post("/hats/", data={"hat": other}).status_code in (302, 303)
    assert client.post("/hats/", data={"hat": town.memberships["mother"]}).status_code in (302, 303)
    assert not seeing(client, town)


def a_key_for(desk, town, who, **more):
    """A key like the reader's."""
    with desk.system() as session:
        mine = Grant.person_id == town.people["reader"]
        key = session.scalars(select(Grant).where(mine)).one()
        kept = {c.name: getattr(key, c.name) for c in Grant.__table__.c}
        kept = {name: kept[name] for name in kept.keys() - {"id", "uid"}}
        session.add(Grant(**kept | {"person_id": town.people[who]} | more))
        session.commit()


def is_over(client, town):
    reply = client.get(f"/plan/{town.plan}/message/list/", follow_redirects=True)
    text = reply.get_data(as_text=True)
    assert reply.request.path == f"/plan/{town.plan}/"
    assert "with your own eyes again: the access has ended" in text
    return STOP not in text and not seeing(client, town)


def test_it_ends_with_a_sentence_when_the_access_is_withdrawn(browser, town):
    client = see_as(browser("mother"), town, "grandmother")
    assert seeing(client, town)
    out = f"/plan/{town.plan}/consent/withdraw/{town.people['grandmother']}"
    assert browser("father").post(out).status_code == 303
    assert is_over(client, town)


def test_it_ends_with_a_sentence_when_the_access_runs_out(browser, desk, town):
    soon = utcnow() + timedelta(minutes=5)
    a_key_for(desk, town, "withdrawn", ends_at=soon)
    client = see_as(browser("mother"), town, "withdrawn")
    assert seeing(client, town)
    with CLOCK.stopped_at(soon):
        assert is_over(client, town)


def test_it_ends_when_the_viewer_no_longer_represents(browser, desk, town):
    client = see_as(browser("mother"), town, "teacher")
    with desk.system() as session:
        mine = Representation.representative_id == town.people["mother"]
        session.execute(update(Representation).where(mine).values(ends_at=utcnow()))
        session.commit()
    reply = client.get(f"/plan/{town.plan}/goal/list/")
    assert reply.status_code == 303
    assert client.get(reply.location).status_code == 404


def test_somebody_merely_in_the_plan_sees_it_no_longer_once_their_basis_is_a_key(
    browser, desk, town
):
    """A mother who no longer represents, and has a key of her own, is not on the owner's side."""
    client = see_as(browser("mother"), town, "teacher")
    with desk.system() as session:
        mine = Representation.representative_id == town.people["mother"]
        session.execute(update(Representation).where(mine).values(ends_at=utcnow()))
        session.commit()
    a_key_for(desk, town, "mother")
    assert client.get(f"/plan/{town.plan}/goal/list/").status_code == 303
    assert not seeing(client, town)


# Nothing is written


def test_every_post_of_the_plan_is_refused_and_writes_nothing(app, browser, town, app_engine):
    client, tried = see_as(browser("mother"), town, "coordinator"), 0
    for rule in app.url_map.iter_rules():
        page = PAGES.get(rule.endpoint)
        inside = page is not None and page.realm is Realm.PLAN and "POST" in rule.methods
        if not inside or rule.endpoint.startswith("SeeAs."):
            continue
        values = {"plan_id": town.plan, "pk": 1, "person_id": 1, "kind": "meeting"}
        here = {name: values[name] for name in rule.arguments}
        with statements(app_engine) as sent:
            reply = client.post(app.url_map.bind("localhost").build(rule.endpoint, here))
        assert reply.status_code == 403, rule.endpoint
        text = reply.get_data(as_text=True)
        assert "You saw the plan as somebody else sees it" in text and STOP in text
        assert writes(sent) == [], rule.endpoint
        tried += 1
    assert tried > 15


def test_what_was_written_in_another_tab_is_given_back(browser, town):
    client = see_as(browser("mother"), town, "teacher")
    reply = client.post(f"/plan/{town.plan}/goal/add", data={"goal": "Learn to skate"})
    assert reply.status_code == 403
    assert "Learn to skate" in reply.get_data(as_text=True)


@pytest.fixture
def eyes(desk, town):
    """A session of the mother, who sees the plan as the coordinator."""
    with GuardedSession(desk.engine) as session:
        session.act_as(seen_as(desk.actor("mother"), town.people["coordinator"]))
        yield session


def _change(session, town):
    session.get(Goal, town.rows["goal"]).goal = "Other"
    session.flush()


def _add(session, town):
    session.add(Goal(plan_id=town.plan, goal="New"))
    session.flush()


def _withdraw(session, town):
    withdraw_person(session, session.get(Plan, town.plan), town.people["teacher"])


def _send(session, town):
    plan = session.get(Plan, town.plan)
    words = {"subject": "x", "body": "y", "uid": "one"}
    send_message(session, plan, team(session, plan.id), circle=Circle.EVERYBODY, to=(), **words)


def _describe(session, town):
    """What leaves no trace but its own."""
    session.get(Participant, town.rows["participant teacher"]).role = "headmaster"
    session.flush()


WRITING = {
    "describe": _describe,
    "change": _change,
    "add": _add,
    "draft": lambda s, town: keep(s, town.plan, Scope.GOALS, "/plan/1/goal/add", [("goal", "x")]),
    "withdraw": _withdraw,
    "seen": lambda s, town: see(s, town.plan, ["message"], None),
    "in bulk": lambda s, town: s.execute(
        update(OutboxMessage).values(seen_at=utcnow()),
        execution_options={"unscoped_because": "whatever"},
    ),
}


@pytest.mark.parametrize("what", WRITING)
def test_a_service_writes_nothing_with_the_eyes_of_somebody_else(eyes, town, what):
    with pytest.raises(Forbidden):
        WRITING[what](eyes, town)


def test_it_is_that_and_no_other_rule_that_refuses(eyes, town):
    with pytest.raises(OnlySees):
        _add(eyes, town)


# Nothing of the participant's own is shown or touched


def test_drafts_of_neither_are_there(browser, desk, town):
    with desk.session("teacher") as session:
        keep(session, town.plan, Scope.GOALS, f"/plan/{town.plan}/goal/add", [("goal", "Secret")])
        session.commit()
    address = f"/plan/{town.plan}/goal/add"
    assert "Secret" in browser("teacher").get(address).get_data(as_text=True)
    text = see_as(browser("owner"), town, "teacher").get(address).get_data(as_text=True)
    assert STOP in text and "Secret" not in text and "data-draft" not in text
    with GuardedSession(desk.engine) as session:
        session.act_as(seen_as(desk.actor("owner"), town.people["teacher"]))
        assert session.scalars(select(Draft)).all() == []


def test_no_notice_is_seen_by_it(browser, desk, town):
    """Neither the participant's nor the viewer's own."""
    with desk.system() as session:
        for who in ("teacher", "mother"):
            session.add(
                OutboxMessage(
                    municipality_id=town.municipality_id, plan_id=town.plan, kind="message",
                    person_id=town.people[who], row_id=town.rows["to teacher"], dedup_key=who,
                )
            )  # fmt: skip
        session.commit()
    page = f"/plan/{town.plan}/message/show/{town.rows['to teacher']}"
    assert see_as(browser("mother"), town, "teacher").get(page).status_code == 200
    with desk.system() as session:
        assert set(session.scalars(select(OutboxMessage.seen_at))) == {None}


# Never more than by oneself


def rows_of(session, kind):
    return {_key(row) for row in session.scalars(select(kind)).unique()}


@pytest.mark.parametrize("viewer", ["owner", "mother", "father"])
@pytest.mark.parametrize("whom", ["coordinator", "teacher", "nurse", "grandmother", "late"])
def test_what_is_read_is_what_both_may_read(desk, town, viewer, whom):
    with GuardedSession(desk.engine) as both:
        both.act_as(seen_as(desk.actor(viewer), town.people[whom]))
        with desk.session(viewer) as mine, desk.session(whom) as theirs:
            for kind in _plan_bound():
                one, other = rows_of(mine, kind), rows_of(theirs, kind)
                assert rows_of(both, kind) == one & other, kind


def test_one_who_is_shielded_sees_no_more_by_it(desk, town):
    """What is hidden from guardians stays so, whoever's eyes they borrow."""
    with GuardedSession(desk.engine) as session:
        session.act_as(seen_as(desk.actor("mother"), town.people["coordinator"]))
        assert session.get(Goal, town.rows["hidden goal"]) is None
        assert session.get(Goal, town.rows["goal"]) is not None


def test_parts_that_are_shut_to_how_the_viewer_signed_in_stay_shut(desk, town):
    goals_only = replace(desk.actor("mother"), parts=frozenset({Scope.GOALS}))
    with GuardedSession(desk.engine) as session:
        session.act_as(seen_as(goals_only, town.people["coordinator"]))
        assert session.get(Goal, town.rows["goal"]) is not None
        assert session.get(Message, town.rows["to owners"]) is None
        access = session.access(town.plan)
        assert access.level(Scope.GOALS) is Level.WRITE
        assert access.level(Scope.MESSAGES) is None


def test_what_is_between_the_coordinator_and_one_parent_stays_there(desk, town):
    with GuardedSession(desk.engine) as session:
        session.act_as(seen_as(desk.actor("father"), town.people["coordinator"]))
        assert session.get(Message, town.rows["to coordinator"]) is None


def test_without_a_right_there_is_nothing_to_borrow(desk, town):
    for who in ("stranger", "uncle", "admin", "office"):
        with GuardedSession(desk.engine) as session:
            session.act_as(seen_as(desk.actor(who), town.people["coordinator"]))
            for kind in _plan_bound():
                rows = session.scalars(select(kind)).unique().all()
                assert not [r for r in rows if r.plan_id == town.plan], (who, kind)


def test_every_class_has_a_twin_for_two_that_is_put_together_once():
    assert READABLE_BY_BOTH.keys() == READABLE.keys()
    for cls, criterion in READABLE_BY_BOTH.items():
        said = str(select(cls).where(criterion(cls)).compile())
        assert "POSTCOMPILE" not in said, cls
        if issubclass(cls, PlanBound):
            assert "acting_person" in said and "acting_viewer" in said, cls
    for cls, criterion in READABLE.items():
        assert "acting_viewer" not in str(select(cls).where(criterion(cls)).compile()), cls


# The log


@pytest.mark.parametrize("viewer, basis", [("owner", "owner"), ("mother", "representation")])
def test_the_log_says_who_really_looked(browser, desk, town, viewer, basis):
    client = see_as(browser(viewer), town, "teacher")
    client.get(f"/plan/{town.plan}/goal/list/")
    client.get(f"/plan/{town.plan}/")
    with desk.system() as session:
        events = session.scalars(select(AccessEvent)).all()
        assert events
        assert {e.person_id for e in events} == {town.people[viewer]}
        assert {e.account_id for e in events} == {town.accounts[viewer]}
        assert {e.name for e in events} == {viewer.title()}
        assert {e.basis for e in events} == {basis}
        noted = [e for e in events if e.kind == "see_as"]
        assert {tuple(e.rows) for e in noted} == {(town.rows["participant teacher"],)}
        assert {"goal", "plan"} <= {e.kind for e in events}
        assert audit.verify(session, town.plan) is None


def test_the_owner_reads_in_the_log_that_it_was_somebody_elses_eyes(browser, town):
    see_as(browser("mother"), town, "teacher").get(f"/plan/{town.plan}/goal/list/")
    text = browser("owner").get(f"/plan/{town.plan}/log/").get_data(as_text=True)
    assert "how somebody else sees the plan" in text
