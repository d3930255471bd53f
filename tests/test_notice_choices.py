"""How people want to be told: what is usual, what they choose, and what must arrive."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from integrations.file_sink import FileSink
from jobs.outbox import deliver
from models.account import Account
from models.clock import CLOCK, OSLO, utcnow
from models.consent import Grant
from models.notice_choice import NoticeChoice
from models.outbox import Delivery, OutboxMessage
from models.people import Person
from models.plan import Participant, Plan
from models.vocabulary import Channel, Topic
from security.policy import Forbidden
from services.hours import next_digest
from services.notice_choices import MustArrive, Wish, choose
from services.notice_kinds import DIGEST
from services.notices import notify, see_all

pytestmark = pytest.mark.a_page

ADDRESS = "/notices/choices/"
MAIL, SMS = frozenset({Channel.MAIL}), frozenset({Channel.SMS})


@pytest.fixture
def tell(desk, town):
    def told(who, kind, key="x"):
        with desk.session("coordinator") as session:
            notify(session, session.get(Plan, town.plan), [town.people[who]], kind, 1, key)
            session.commit()

    return told


@pytest.fixture
def post(engine, tmp_path):
    """Sends what is due; answers with (channel, text) of what has left in all."""

    def sent():
        deliver(engine, dict.fromkeys(Channel, FileSink(tmp_path / "out")))
        files = [json.loads(one.read_text()) for one in (tmp_path / "out").glob("*.json")]
        return sorted((one["channel"], one["text"]) for one in files)

    return sent


@pytest.fixture
def wish(desk, town):
    """`wish("teacher", {Topic.MESSAGE: Wish(…)})`"""

    def chosen(who, wishes, quiet=(None, None)):
        with desk.session(who) as session:
            choose(session, wishes, quiet)
            session.commit()

    return chosen


def in_the_morning():
    return CLOCK.stopped_at(next_digest(utcnow()) + timedelta(seconds=1))


def test_families_are_told_at_once_and_professionals_once_a_day(reach, tell, post):
    reach("teacher", email="ane@skule.example")
    reach("mother", email="marte@heime.example")
    for n in range(3):
        tell("teacher", "message", f"m{n}")
    tell("teacher", "evaluation")
    tell("mother", "message")
    assert post() == [("mail", "Du har fått ei ny melding. Logg inn i Medspel for å lese henne.")]
    with in_the_morning():
        said = [text for _, text in post()]
    digest = "Nytt i Medspel: Meldingar (3), Evaluering (1). Logg inn for å lese."
    assert len(said) == 2 and digest in said


@pytest.mark.parametrize("kind", ["meeting", "minutes", "consent"])
def test_what_a_date_hangs_on_reaches_professionals_at_once(reach, tell, post, kind):
    reach("teacher", email="ane@skule.example")
    tell("teacher", kind)
    assert len(post()) == 1


def test_what_has_been_seen_is_not_told_again_in_the_digest(desk, reach, tell, post):
    reach("teacher", email="ane@skule.example")
    tell("teacher", "message")
    post()
    with desk.session("teacher") as session:
        see_all(session)
        session.commit()
    with in_the_morning():
        assert post() == []


def test_who_is_out_before_morning_is_not_told(desk, town, reach, tell, post):
    from models.consent import Grant

    reach("teacher", email="ane@skule.example")
    tell("teacher", "message")
    post()
    with desk.system() as session:
        for grant in session.scalars(
            select(Grant).where(Grant.person_id == town.people["teacher"])
        ):
            grant.revoked_at = utcnow()
        session.commit()
    with in_the_morning():
        assert post() == []


def test_a_day_has_one_digest_whoever_plans_it(desk, reach, tell, post):
    reach("teacher", email="ane@skule.example")
    with CLOCK.stopped_at(next_digest(utcnow()) - timedelta(hours=2)):
        for n in range(3):
            tell("teacher", "message", f"m{n}")
            assert post() == []
        with desk.system() as session:
            gathered = session.scalars(select(OutboxMessage.gathered_in_id)).all()
            digests = session.scalars(
                select(OutboxMessage).where(OutboxMessage.kind == DIGEST)
            ).all()
    assert len(digests) == 1 and gathered.count(digests[0].id) == 3
    with in_the_morning():
        assert len(post()) == 1


def test_as_one_has_chosen(reach, tell, post, wish):
    reach("mother", email="marte@heime.example", phone="+4790000001")
    wish("mother", {
        Topic.MESSAGE: Wish(frozenset(), daily=False),
        Topic.EVALUATION: Wish(SMS, daily=True),
        Topic.MEETING: Wish(MAIL | SMS, daily=False),
    })  # fmt: skip
    for kind in ("message", "evaluation", "meeting"):
        tell("mother", kind)
    assert [channel for channel, _ in post()] == ["mail", "sms"]
    with in_the_morning():
        assert [channel for channel, _ in post()] == ["mail", "sms", "sms"]


def test_a_channel_that_is_gone_does_not_swallow_what_must_arrive(reach, tell, post, wish):
    reach("mother", email="marte@heime.example", phone="+4790000001")
    wish("mother", {Topic.MEETING: Wish(SMS, daily=False)})
    reach("mother", email="marte@heime.example")
    tell("mother", "meeting")
    assert [channel for channel, _ in post()] == ["mail"]


def test_at_night_no_sms_rings_and_in_the_morning_it_does(desk, reach, tell, post, wish):
    reach("mother", phone="+4790000001")
    wish("mother", {Topic.MEETING: Wish(SMS, daily=False)}, quiet=(21, 7))
    night = (utcnow().astimezone(OSLO) + timedelta(days=1)).replace(hour=23, minute=5)
    with CLOCK.stopped_at(night):
        tell("mother", "meeting")
        assert post() == []
        with desk.system() as session:
            due = session.scalars(select(Delivery.due_at)).one().astimezone(OSLO)
    assert (due.date(), due.hour) == ((night + timedelta(days=1)).date(), 7)
    with CLOCK.stopped_at(due):
        assert len(post()) == 1


def test_without_a_sign_in_the_usual_night_holds(desk, town, reach, tell, post):
    with desk.system() as session:
        person = Person(municipality_id=town.municipality_id, name="Neighbour")
        session.add(person)
        session.flush()
        town.people["neighbour"] = person.id
        for cls in (Participant, Grant):  # let in like the grandmother
            hers = select(cls).where(cls.person_id == town.people["grandmother"])
            for row in session.scalars(hers).all():
                same = {c.key: getattr(row, c.key) for c in inspect(cls).column_attrs}
                own = {"id", "uid", "person_id"}
                like = {name: value for name, value in same.items() if name not in own}
                session.add(cls(**like, person_id=person.id))
            session.flush()
        session.commit()
    reach("neighbour", phone="+4790000002")
    night = (utcnow().astimezone(OSLO) + timedelta(days=1)).replace(hour=3, minute=0)
    with CLOCK.stopped_at(night):
        tell("neighbour", "meeting")
        assert post() == []
    with CLOCK.stopped_at(night.replace(hour=7)):
        assert len(post()) == 1


def test_the_grid_shows_what_is_usual_and_stores_what_is_ticked(browser, desk, reach):
    reach("teacher", email="ane@skule.example", phone="+4790000001")
    client = browser("teacher")
    page = client.get(ADDRESS).text
    assert "ane@skule.example" in page and "90 00 00 01" in page
    assert ticks(page) == {
        "meeting": ["mail"], "minutes": ["mail"], "consent": ["mail"],
        "message": ["mail", "daily"], "evaluation": ["mail", "daily"], "access": ["mail", "daily"],
        "tasks": ["mail", "daily"],
    }  # fmt: skip
    wanted = {
        "meeting": ["mail", "sms"], "minutes": ["sms"], "consent": ["mail", "daily"],
        "message": [], "evaluation": ["daily"], "access": ["sms", "daily"],
        "tasks": ["sms"],
    }  # fmt: skip
    data = wanted | {"quiet_from": "22", "quiet_to": "6"}
    assert client.post(ADDRESS, data=data).status_code == 303
    assert ticks(client.get(ADDRESS).text) == {k: v for k, v in wanted.items() if v}
    with desk.system() as session:
        account = session.scalars(
            select(Account).join(NoticeChoice, NoticeChoice.account_id == Account.id).distinct()
        ).one()
        assert (account.quiet_from, account.quiet_to) == (22, 6)


def ticks(page):
    """Topic -> what is ticked."""
    import re

    found = {}
    for box in re.findall(r'<input class="ds-input" type="checkbox"[^>]*>', page):
        if " checked" in box:
            name, value = (re.search(rf'{a}="(\w+)"', box)[1] for a in ("name", "value"))
            found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    "data, said",
    [
        ({"meeting": []}, "Choose at least one: this must reach you."),
        ({"consent": ["daily"]}, "Choose at least one: this must reach you."),
        ({"message": ["fax"]}, "Choose one of those on the list."),
        ({"quiet_to": ""}, "Choose both hours, or none of them."),
        ({"quiet_from": "25"}, "Choose one of those on the list."),
        ({"quiet_from": "x"}, "Choose one of those on the list."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_stored(browser, desk, reach, data, said):
    reach("mother", email="marte@heime.example", phone="+4790000001")
    good = {"meeting": ["mail"], "minutes": ["mail"], "consent": ["mail"], "message": ["sms"]}
    hours = {"quiet_from": "21", "quiet_to": "7"}
    reply = browser("mother").post(ADDRESS, data=good | hours | data)
    assert reply.status_code == 422 and said in reply.text
    assert "message" in data or "sms" in ticks(reply.text)["message"]  # nothing lost
    with desk.system() as session:
        assert session.scalars(select(NoticeChoice)).all() == []


def test_who_cannot_be_reached_is_told_so_and_asked_nothing(browser, reach):
    reach("mother")
    page = browser("mother").get(ADDRESS).text
    assert "We have no e-mail address for you" in page and "no mobile number" in page
    assert "checkbox" not in page


def test_nobody_chooses_for_somebody_else(desk, town):
    for who in ("admin", "office", "coordinator"):
        with desk.session(who) as session:
            session.add(
                NoticeChoice(
                    account_id=town.accounts["mother"], membership_id=town.memberships["mother"],
                    topic=Topic.MESSAGE, channels=frozenset(), daily=False,
                )
            )  # fmt: skip
            with pytest.raises(Forbidden):
                session.flush()
            session.rollback()


def test_in_another_hat_one_chooses_anew(desk, town):
    with desk.session("teacher") as session:
        session.add(
            NoticeChoice(
                account_id=town.accounts["teacher"], membership_id=town.memberships["nurse"],
                topic=Topic.MESSAGE, channels=frozenset(), daily=False,
            )
        )  # fmt: skip
        with pytest.raises(Forbidden):
            session.flush()


def test_the_service_too_refuses_to_leave_out_what_must_arrive(desk):
    with desk.session("mother") as session, pytest.raises(MustArrive):
        choose(session, {Topic.CONSENT: Wish(frozenset(), daily=False)}, (None, None))


def test_a_topic_is_chosen_once(desk, wish):
    wish("mother", {Topic.MESSAGE: Wish(MAIL, daily=False)})
    wish("mother", {Topic.MESSAGE: Wish(SMS, daily=True)})
    with desk.system() as session:
        row = session.scalars(select(NoticeChoice)).one()
        assert (row.channels, row.daily) == (SMS, True)
        same = {"account_id": row.account_id, "membership_id": row.membership_id}
        session.add(NoticeChoice(**same, topic=row.topic, channels=MAIL, daily=False))
        with pytest.raises(IntegrityError):
            session.flush()
