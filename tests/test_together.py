"""Signing together: the coordinator follows, each signer signs on their own phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from integrations.file_sink import FileSink
from jobs.outbox import deliver
from jobs.planning import plan as plan_notices
from models.audit import AccessEvent
from models.clock import CLOCK, utcnow
from models.consent import Consent
from models.notice_choice import NoticeChoice
from models.outbox import Delivery, OutboxMessage
from models.plan import Plan
from models.vocabulary import Channel, ConsentStatus, Topic
from security.policy import Forbidden
from services.notice_kinds import CONSENT_HERE
from services.notices import notify
from services.together import JustSent, NoPhone, NothingToSign, Stage, progress, send_to_phone
from tests.conftest import statements
from tests.factories import OUTSIDE

pytestmark = pytest.mark.a_page

MOTHER, FATHER = "+4790000001", "+4790000002"


@pytest.fixture
def address(town):
    return f"/plan/{town.plan}/consent/together/"


@pytest.fixture
def steps(desk, town):
    def found():
        with desk.session("coordinator") as session:
            now = progress(session, session.get(Plan, town.plan))
            assert now.stage is Stage.WAITING
            return {one.name: str(one.step) for one in now.signers}

    return found


def send(desk, town, who="mother", by="coordinator"):
    with desk.session(by) as session:
        send_to_phone(session, session.get(Plan, town.plan), town.people[who])
        session.commit()


def notices(desk):
    with desk.system() as session:
        return session.scalars(select(OutboxMessage).filter_by(kind=CONSENT_HERE)).all()


def test_each_who_must_sign_stands_there_with_capacity_and_step(browser, address):
    page = browser("coordinator").get(address).text
    assert "0 of 2 have signed" in page and page.count("Has not opened it") >= 2
    for words in ("Mother", "Father", "Parent with parental responsibility"):
        assert words in page
    assert "<svg" in page and "Teacher" not in page


def test_a_signer_who_opens_the_page_has_opened_it(browser, desk, town, reach, steps):
    reach("mother", phone=MOTHER)
    send(desk, town)
    assert steps() == {"Mother": "not_opened", "Father": "not_opened"}
    assert browser("mother").get(f"/plan/{town.plan}/consent/sign").status_code == 200
    assert steps() == {"Mother": "opened", "Father": "not_opened"}


def test_the_notice_everybody_gets_says_it_too(browser, desk, town, steps):
    with desk.session("coordinator") as session:
        plan, row = session.get(Plan, town.plan), town.rows["sent consent"]
        notify(session, plan, [town.people["father"]], "consent", row, "k")
        session.commit()
    browser("father").get(f"/plan/{town.plan}/consent/sign")
    assert steps() == {"Mother": "not_opened", "Father": "opened"}


def test_what_was_seen_before_it_was_sent_is_not_this_one(desk, town, steps):
    with desk.system() as session:
        session.add(
            OutboxMessage(
                municipality_id=town.municipality_id, plan_id=town.plan, kind="consent",
                person_id=town.people["mother"], row_id=town.rows["sent consent"],
                dedup_key="x", seen_at=utcnow() - timedelta(days=1),
            )
        )  # fmt: skip
        session.commit()
    assert steps()["Mother"] == "not_opened"


def test_the_picture_is_the_plain_address_of_the_signing_page(browser, town, address, monkeypatch):
    drawn = []
    monkeypatch.setattr("segno.make", lambda text, **_: drawn.append(text) or _Picture())
    browser("coordinator").get(address)
    assert drawn == [f"http://localhost/plan/{town.plan}/consent/sign"]


class _Picture:
    def svg_inline(self, **_):
        return "<svg></svg>"


@pytest.mark.parametrize("who", ["mother", "father", "owner", "teacher", "nurse", "grandmother"])
def test_who_takes_part_does_not_follow_the_others(browser, town, address, desk, who):
    for at in (address, f"{address}?of={town.rows['sent consent']}"):
        assert browser(who).get(at).status_code == 403
    assert browser(who).post(f"{address}send/{town.people['mother']}").status_code == 403
    assert notices(desk) == []


@pytest.mark.parametrize("who", OUTSIDE)
def test_nobody_outside_the_plan_meets_it(browser, town, address, desk, who):
    assert browser(who).get(address).status_code in (403, 404)
    assert browser(who).post(f"{address}send/{town.people['mother']}").status_code in (403, 404)
    assert notices(desk) == []


def test_the_coordinator_never_signs_for_them(browser, town, address):
    page = browser("coordinator").get(address).text
    forms = re.findall(r'<form[^>]*action="([^"]+)"', page.partition("<main")[2])
    assert [one for one in forms if "/sign" in one and "sign-out" not in one] == []
    assert browser("coordinator").post(f"/plan/{town.plan}/consent/sign").status_code == 403


def test_a_phone_is_called_for_by_sms_whatever_else_is_chosen(
    browser, desk, engine, town, reach, address, tmp_path
):
    reach("mother", phone=MOTHER, email="mor@example.no")
    with desk.system() as session:
        mail = {"channels": frozenset({Channel.MAIL}), "daily": False}
        hat = {"account_id": town.accounts["mother"], "membership_id": town.memberships["mother"]}
        session.add(NoticeChoice(**hat, **mail, topic=Topic.CONSENT))
        session.commit()
    sent = browser("coordinator").post(f"{address}send/{town.people['mother']}")
    assert sent.status_code == 303
    plan_notices(engine, [Channel.MAIL, Channel.SMS])
    with desk.system() as session:
        rows = session.scalars(select(Delivery).filter_by(kind=CONSENT_HERE)).all()
        assert [(row.person_id, row.channel) for row in rows] == [
            (town.people["mother"], Channel.SMS)
        ]
    deliver(engine, {Channel.SMS: FileSink(tmp_path / "out")})
    (letter,) = (tmp_path / "out").iterdir()
    words = letter.read_text()
    for secret in ("Owner", "OW 1", "Mother", "Coordinator", "/plan", "token", "http"):
        assert secret not in words


def test_without_a_number_it_says_so_and_where_it_is_set(browser, desk, town, address):
    page = browser("coordinator").get(address).text
    assert page.count("We have no mobile number") == 2 and "Send to the phone" not in page
    assert "How we reach you" in page
    with pytest.raises(NoPhone):
        send(desk, town)


def test_no_number_stands_on_the_page(browser, reach, address):
    reach("mother", phone=MOTHER, email="mor@example.no")
    page = browser("coordinator").get(address).text
    assert "Send to the phone" in page
    assert "90 00 00 01" not in page and "90000001" not in page and "mor@example" not in page


def test_it_is_not_sent_again_at_once_nor_all_day(desk, town, reach):
    reach("mother", phone=MOTHER)
    reach("father", phone=FATHER)
    send(desk, town)
    with pytest.raises(JustSent):
        send(desk, town)
    send(desk, town, "father")
    start = utcnow()
    for n in range(1, 5):
        with CLOCK.stopped_at(start + timedelta(minutes=6 * n)):
            send(desk, town)
    with CLOCK.stopped_at(start + timedelta(minutes=60)), pytest.raises(JustSent):
        send(desk, town)


def test_it_goes_to_nobody_who_does_not_sign(browser, desk, town, reach, address):
    reach("teacher", phone=MOTHER)
    with pytest.raises(NothingToSign):
        send(desk, town, "teacher")
    reply = browser("coordinator").post(f"{address}send/{town.people['teacher']}")
    assert reply.status_code == 303 and notices(desk) == []


@pytest.mark.parametrize("by", ["mother", "nurse", "office", "newcomer"])
def test_the_service_asks_who_sends(desk, town, reach, by):
    reach("mother", phone=MOTHER)
    plan = Plan(id=town.plan)  # nobody outside can load it
    with desk.session(by) as session, pytest.raises(Forbidden):
        send_to_phone(session, plan, town.people["mother"])


def end(desk, town, status):
    with desk.system() as session:
        session.get(Consent, town.rows["sent consent"]).status = status
        session.commit()


def test_a_consent_that_is_replaced_says_so_and_leads_on(browser, desk, town, address):
    end(desk, town, ConsentStatus.SUPERSEDED)
    part = browser("coordinator").get(f"{address}?of={town.rows['sent consent']}").text
    assert "This consent does not count any more" in part and f'href="{address}"' in part
    assert "data-over" in part


def test_what_is_not_sent_leads_to_the_participants(browser, desk, town, address):
    end(desk, town, ConsentStatus.DRAFT)
    page = browser("coordinator").get(address).text
    assert "It is not sent yet" in page and f"/plan/{town.plan}/team/" in page
    assert "<svg role" not in page.partition("<main")[2].partition('id="together"')[0]


def test_the_part_is_light_and_leaves_no_trace(browser, desk, town, address, app_engine):
    client = browser("coordinator")
    client.get(address)
    with desk.system() as session:
        before = session.scalar(select(func.count()).select_from(AccessEvent))
    with statements(app_engine) as sent:
        part = client.get(f"{address}?of={town.rows['sent consent']}").text
    assert "<html" not in part and len(part) < 4000
    assert len(sent) < 12 and [s for s in sent if not s.lstrip().startswith("SELECT")] == []
    with desk.system() as session:
        assert session.scalar(select(func.count()).select_from(AccessEvent)) == before


def test_the_look_itself_is_noted_once(browser, desk, town, address):
    browser("coordinator").get(address)
    with desk.system() as session:
        kinds = session.execute(select(AccessEvent.kind, AccessEvent.rows)).all()
    assert ("consent", [town.rows["sent consent"]]) in [tuple(row) for row in kinds]


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(browser, desk, town, address):
    from models.account import LoginSession

    client = browser("coordinator")

    def seen():
        with desk.system() as session:
            wanted = select(LoginSession.seen_at).where(
                LoginSession.account_id == town.accounts["coordinator"]
            )
            return session.scalars(wanted).one()

    client.get(address)
    was = seen()
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=10)):
        assert client.get(f"{address}?of={town.rows['sent consent']}").status_code == 200
        assert seen() == was
        client.get(address)
        assert seen() > was


@pytest.mark.parametrize("of", ["x", "-1", "9" * 30])
def test_nonsense_for_a_consent_is_refused(browser, address, of):
    assert browser("coordinator").get(f"{address}?of={of}").status_code == 400


def test_a_consent_of_another_plan_is_not_there(browser, address):
    assert "Nothing waits" in browser("coordinator").get(f"{address}?of=999999").text


def test_the_consent_page_leads_here(browser, town, address):
    page = f"/plan/{town.plan}/consent/"
    assert f'href="{address}"' in browser("coordinator").get(page).text
    assert f'href="{address}"' not in browser("mother").get(page).text
