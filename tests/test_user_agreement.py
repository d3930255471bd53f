"""Nobody goes on without having accepted what is in force here, and nothing is lost by it."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from deploy.release import release
from models.account import Membership
from models.clock import utcnow
from models.draft import Draft
from models.elements.goal import Goal
from models.language import LANGUAGES, Language
from models.municipality import Department
from models.people import Person
from models.user_agreement import AgreementAcceptance, UserAgreement
from models.vocabulary import Role
from security import passwords
from security.policy import Forbidden
from security.sessions import COOKIE
from security.writes import Immutable
from services import user_agreements
from tests.conftest import statements
from tests.factories import start_code
from tests.forms import PASSWORD
from tests.test_help import lix
from tests.test_patrol import addresses
from views.edge import BEFORE_AGREEING
from views.realm import PAGES, Realm

pytestmark = pytest.mark.a_page

STORY = "It went so well today that we want more of it"
WORDS = {"nn": "Nytt: hald det for deg sjølv.", "nb": "Nytt: hold det for deg selv."}


@pytest.fixture
def publish(desk, town):
    """`publish("foreign office")`: a newer version is in force in their town."""

    def newer(who="office", **words):
        with desk.session(who) as session:
            at = {"municipality_id": session.actor.municipality_id, "version": 2}
            row = UserAgreement(**at, words=WORDS | words)
            session.add(row)
            session.flush()
            user_agreements.publish(session, row)
            session.commit()
            return row.id

    return newer


def accepted(desk, town, who="nurse"):
    """(version, language) of what somebody has accepted, in that order."""
    with desk.system() as session:
        a, u = AgreementAcceptance, UserAgreement
        mine = select(u.version, a.language).join(u, u.id == a.agreement_id).order_by(a.id)
        return [tuple(r) for r in session.execute(mine.where(a.account_id == town.accounts[who]))]


def accept(client, version=2, shown="nn", wish="/"):
    data = {"version": version, "shown": shown}
    return client.post("/agreement/", query_string={"next": wish}, data=data)


def fields(page):
    """What the button on the page sends."""
    return dict(re.findall(r'name="(version|shown)" value="(\w+)"', page))


# The gate


def test_nobody_comes_further_on_any_page_by_any_method(app, browser, town, publish, app_engine):
    publish()
    visited = Counter()
    at = {Realm.PLAN: "nurse", Realm.REGISTER: "admin", Realm.ACCOUNT: "office"}
    for realm, client in [(realm, browser(who)) for realm, who in at.items()]:
        for endpoint, method, address in addresses(app, realm, town):
            if endpoint in BEFORE_AGREEING:
                continue
            with statements(app_engine) as sent:
                reply = client.open(address, method=method, data={"goal": STORY})
            assert reply.status_code == (303 if method == "GET" else 409), endpoint
            assert reply.location in (None, f"/agreement/?next={address}"), endpoint
            mine = [s for s in sent if not s.startswith("UPDATE login_session")]
            assert len(mine) == 1, (endpoint, sent)  # the session itself
            visited[realm] += 1
    assert visited[Realm.PLAN] > 40 and visited[Realm.REGISTER] > 40


def test_what_still_works_is_what_lets_one_out_or_read(app, browser, town, publish):
    publish()
    nurse = browser("nurse")
    static = app.url_map.bind("localhost").build("static", {"filename": "medspel.css"})
    pages = ("/agreement/", "/password/", "/hats/", "/look/", "/help/Agreement.page", static)
    assert {nurse.get(page).status_code for page in (*pages, "/accessibility/")} == {200}
    assert nurse.post("/stay/").status_code == 200
    assert nurse.post("/language/", data={"language": "nb"}).location == "/"
    assert "Nytt: hold det for deg selv." in nurse.get("/agreement/").text
    assert nurse.post("/sign-out/").location == "/sign-in/"
    inside = {e for e, page in PAGES.items() if page.realm is not Realm.PUBLIC}
    assert inside >= BEFORE_AGREEING


SENT = {
    "goal/add": {"goal": "Climb", "why": STORY},
    "goal/edit/{goal}": {"goal": "Dive", "version": "1"},
    "goal/delete/{goal}": {},
    "message/write": {"who": "everybody", "subject": "Hei", "body": STORY},
}


def test_what_is_sent_is_not_done_and_is_given_back(browser, desk, town, publish):
    publish()
    counts = text("SELECT (SELECT count(*) FROM goal), (SELECT count(*) FROM message)")
    with desk.system() as session:
        before = session.execute(counts).one()
    for page, data in SENT.items():
        address = f"/plan/{town.plan}/" + page.format(goal=town.rows["goal"])
        reply = browser("coordinator").post(address, data=data)
        assert reply.status_code == 409 and "There is a new user agreement" in reply.text
        assert f'href="/agreement/?next={address}"' in reply.text
        assert (STORY in reply.text) == (STORY in data.values())
    with desk.system() as session:
        assert session.execute(counts).one() == before
        goal = session.get(Goal, town.rows["goal"])
        assert (goal.goal, goal.removed_at) == ("Swim", None)
        assert session.scalar(text("SELECT count(*) FROM access_event")) == 0


def test_a_draft_waits_until_one_has_accepted(browser, desk, town, publish):
    nurse, form = browser("nurse"), f"/plan/{town.plan}/goal/add"
    data = {"goal": "Climb", "why": STORY}
    assert nurse.post(f"/plan/{town.plan}/draft/", data=data | {"address": form}).status_code == 200
    publish()
    for sent in (data, {"goal": "Go"}):  # also when there is too little to give back
        assert nurse.post(form, data=sent | {"draft": "yes"}).status_code == 409
    with desk.system() as session:
        assert session.scalar(select(func.count(Draft.id))) == 1
    assert accept(nurse, wish=form).location == form
    assert STORY in nurse.get(form).text
    assert nurse.post(form, data=data | {"draft": "yes"}).status_code == 303


def test_another_municipality_and_an_unpublished_text_ask_nobody(browser, desk, town, publish):
    publish("foreign office")
    with desk.session("office") as session:
        session.add(UserAgreement(municipality_id=town.municipality_id, version=2, words=WORDS))
        session.commit()
    assert browser("nurse").get("/").status_code == 200
    assert browser("foreign coordinator").get("/").location == "/agreement/?next=/"
    assert accept(browser("nurse"), shown="en").status_code == 303  # none of theirs
    assert accepted(desk, town) == [(1, "nn")]


def test_each_hat_has_its_own(browser, desk, town):
    with desk.system() as session:
        person = Person(municipality_id=town.foreign_id, name="Elsewhere")
        session.add(person)
        session.flush()
        hat = Membership(
            account_id=town.accounts["nurse"], municipality_id=town.foreign_id,
            person_id=person.id, roles=frozenset({Role.COORDINATOR}),
        )  # fmt: skip
        session.add(hat)
        session.commit()
        second = hat.id
    nurse = browser("nurse")
    nurse.post("/hats/", data={"hat": second})
    assert nurse.get("/my-persons/").location == "/agreement/?next=/my-persons/"
    nurse.post("/hats/", data={"hat": town.memberships["nurse"]})
    assert nurse.get("/notices/").status_code == 200
    nurse.post("/hats/", data={"hat": second})
    assert accept(nurse, version=1, wish="/my-persons/").location == "/my-persons/"
    assert nurse.get("/my-persons/").status_code == 200


# Saying yes


def test_the_first_time_after_the_password_and_then_to_where_one_was_going(app, desk, town):
    with desk.system() as session:
        code, hashed = passwords.start_code()
        session.execute(text("DROP TRIGGER agreement_acceptance_refuses_delete" + (
            " ON agreement_acceptance" if desk.engine.dialect.name == "postgresql" else ""
        )))  # fmt: skip
        session.execute(text("DELETE FROM agreement_acceptance"))
        session.add(start_code(town, "nurse", "coordinator", hashed))
        session.commit()
    client = app.test_client()
    client.post("/sign-in/", data={"name": "nurse", "secret": code})
    assert client.get("/agreement/").location == "/password/"
    assert accept(client, version=1).location == "/password/"
    assert accepted(desk, town) == []
    assert client.post("/password/", data={"new": PASSWORD, "again": PASSWORD}).location != "/"
    assert client.get("/").location == "/agreement/?next=/"
    page = client.get("/agreement/?next=/notices/", headers={"Accept-Language": "en"}).text
    assert "Hald det for deg sjølv." in page and "byrjar" in page
    assert accept(client, **fields(page), wish="/notices/").location == "/notices/"
    assert client.get("/notices/").status_code == 200
    assert accepted(desk, town) == [(1, "nn")]


def test_a_newer_version_is_asked_for_once_and_both_are_read_later(browser, desk, town, publish):
    publish()
    nurse, list_ = browser("nurse"), f"/plan/{town.plan}/goal/list/?after_GoalView=0"
    gate = nurse.get(list_)
    assert gate.location.startswith("/agreement/?next=/plan/")
    page = nurse.get(gate.location).text
    assert "It has been changed since you accepted it." in page and "I accept" in page
    assert "My page</span>" not in page  # a menu would only lead back here
    assert '<p class="ms-lines" dir="auto" lang="nn">Nytt' in page  # it is not written in English
    action = re.search(r'action="(/agreement/\?next=[^"]*)"', page)[1]
    assert fields(page) == {"version": "2", "shown": "nn"}
    for _ in range(2):
        reply = nurse.post(action.replace("&amp;", "&"), data=fields(page))
        assert (reply.status_code, reply.location) == (303, list_)
    assert accepted(desk, town) == [(1, "nn"), (2, "nn")]
    assert nurse.get(list_).status_code == 200
    assert 'href="/agreement/"' in nurse.get(list_).text
    later = nurse.get("/agreement/").text
    assert "You accepted this" in later and "Version 2." in later and "I accept" not in later
    assert "Version 1, accepted" in later and "Hald det for deg sjølv." in later


def test_two_clicks_at_once_are_one_yes(app, browser, desk, town, publish):
    publish()
    cookie, together = browser("nurse").get_cookie(COOKIE).value, Barrier(4, timeout=30)

    def click(_):
        client = app.test_client()
        client.set_cookie(COOKIE, cookie)
        together.wait()
        return accept(client).status_code

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(click, range(4))) == {303}
    assert accepted(desk, town) == [(1, "nn"), (2, "nn")]


NOT_READ = (
    {"version": 1}, {"version": 3}, {"version": ""}, {"version": "²"}, {"version": "x" * 5000},
    {"shown": "en"}, {"shown": "xx"}, {"shown": ""}, {"shown": "\x00"},
)  # fmt: skip


def test_what_one_has_not_read_is_not_accepted(browser, desk, town, publish):
    publish()
    nurse = browser("nurse")
    for sent in NOT_READ:
        reply = accept(nurse, **sent)
        assert (reply.status_code, reply.location) == (303, "/agreement/?next=/"), sent
        assert "The text is not the one you read." in nurse.get("/agreement/").text
    assert accepted(desk, town) == [(1, "nn")]


def test_one_is_led_to_our_own_pages_only(browser, publish):
    publish()
    nurse = browser("nurse")
    for wish in ("//evil.no", "https://evil.no", "/\\evil.no", "x"):
        page = nurse.get("/agreement/", query_string={"next": wish}).text
        assert 'action="/agreement/?next=/"' in page or "You accepted this" in page, wish
        assert accept(nurse, wish=wish).location == "/"


def test_a_fault_while_saying_yes_stores_nothing(browser, desk, town, publish, monkeypatch):
    publish()
    monkeypatch.setattr("security.audit.append", lambda *_: 1 / 0)
    assert accept(browser("nurse")).status_code == 500
    monkeypatch.undo()
    assert accepted(desk, town) == [(1, "nn")]
    assert browser("nurse").get("/").status_code == 303


def test_nobody_says_yes_for_another_or_to_what_is_not_in_force(desk, town, publish):
    there = publish("foreign office")
    mine = {"account_id": town.accounts["nurse"], "membership_id": town.memberships["nurse"]}
    with desk.session("office") as session:
        draft = UserAgreement(municipality_id=town.municipality_id, version=2, words=WORDS)
        session.add(draft)
        session.commit()
        wrong = draft.id
    tries = (
        ("nurse", mine, there), ("nurse", mine, wrong), ("admin", mine, town.rows["useragreement"]),
        ("nurse", mine | {"membership_id": town.memberships["admin"]}, wrong),
    )  # fmt: skip
    for who, whose, agreement in tries:
        with desk.session(who) as session, pytest.raises(Forbidden):
            session.add(AgreementAcceptance(**whose, agreement_id=agreement, language="nn"))
            session.flush()
    with desk.session("nurse") as session, pytest.raises(Immutable):
        session.scalars(select(AgreementAcceptance)).one().language = Language.ENGLISH
        session.flush()
    with desk.session("admin") as session:  # each reads their own only
        assert {a.account_id for a in session.scalars(select(AgreementAcceptance))} == {
            town.accounts["admin"]
        }


# Writing and publishing

ADD, LIST = "/register/useragreement/add", "/register/useragreement/list/"


def written(client, **words):
    page = client.get(ADD).text
    version = re.search(r'name="version"[^>]*value="(\w*)"', page)
    return client.post(ADD, data=WORDS | {"en": "", "version": version[1]} | words)


def versions(desk, town):
    with desk.system() as session:
        here = select(UserAgreement).where(UserAgreement.municipality_id == town.municipality_id)
        return session.scalars(here.order_by(UserAgreement.version)).all()


@pytest.mark.parametrize("who", ["office", "admin"])
def test_the_next_version_is_written_looked_at_and_published(browser, desk, town, who):
    client = browser(who)
    assert "Hald det for deg sjølv." in client.get(ADD).text  # it is made from the old
    shown = written(client).location
    assert shown == f"/register/useragreement/show/{versions(desk, town)[1].id}"
    assert written(client, nn="Nytt: «aldri» <b>anna</b>.").location == shown  # the same one
    preview = client.get(shown).text
    assert "Nytt: «aldri» &lt;b&gt;anna&lt;/b&gt;." in preview and "you too" in preview
    assert "Not published yet" in client.get(LIST).text
    look = {"look": re.search(r'name="look" value="(\w+)"', preview)[1]}
    publish = shown.replace("show", "publish")
    for _ in range(2):
        assert client.post(publish, data=look).status_code in (303, 409)
    old, new = versions(desk, town)
    assert (new.version, new.published_by_id) == (2, town.people[who])
    assert new.words == WORDS | {"nn": "Nytt: «aldri» <b>anna</b>."}
    assert old.published_by_id is None and old.words["en"] == "Keep it."
    assert client.get(LIST).location == f"/agreement/?next={LIST}"
    accept(client, wish=LIST)
    page = client.get(LIST).text
    assert "Came with Medspel" in page and who.title() in page
    assert "Publish</button>" not in client.get(shown).text


def test_what_was_not_looked_at_is_not_published(browser, desk, town):
    office, admin = browser("office"), browser("admin")
    shown = written(office).location
    look = re.search(r'name="look" value="(\w+)"', office.get(shown).text)[1]
    assert written(admin, nn="Noko heilt anna.").status_code == 303
    for wrong in (look, "", "x"):
        reply = office.post(shown.replace("show", "publish"), data={"look": wrong})
        assert reply.status_code == 409 and "Read it again before you publish." in reply.text
    assert versions(desk, town)[1].published_at is None


def test_two_who_write_the_next_version_lose_nothing_of_each_other(browser, desk, town):
    office, admin = browser("office"), browser("admin")
    admin.get(ADD)
    written(office)
    late = admin.post(ADD, data={"nn": "Mitt.", "nb": "Mitt.", "en": "", "version": ""})
    assert late.status_code == 409 and "Mitt." in late.text and WORDS["nn"] in late.text
    again = office.post(ADD, data=WORDS | {"en": "", "version": ""})  # the second click
    assert again.status_code == 303 and [v.version for v in versions(desk, town)] == [1, 2]
    assert versions(desk, town)[1].words == WORDS


def test_a_text_that_cannot_be_is_refused_beside_the_field(browser, desk, town):
    for field, words in (("nn", ""), ("nb", " "), ("nn", "x" * 2001), ("en", "a\x00")):
        reply = written(browser("office"), **{field: words})
        assert reply.status_code == 422 and f'id="{field}-error"' in reply.text
        assert "Nytt:" in reply.text and len(versions(desk, town)) == 1


def test_others_neither_write_read_nor_publish_it(browser, desk, town):
    pk = re.search(r"\d+$", written(browser("office")).location)[0]
    at = {"municipality_id": town.municipality_id, "version": 3, "words": WORDS}
    for who in ("nurse", "coordinator", "mother", "leader", "foreign office"):
        client = browser(who)
        for address in (f"publish/{pk}", f"show/{pk}", "add"):
            method = "GET" if address.startswith("show") else "POST"
            reply = client.open(f"/register/useragreement/{address}", method=method, data=WORDS)
            own = who == "foreign office" and address == "add"
            assert reply.status_code == 303 if own else reply.status_code in (403, 404), who
        with desk.session(who) as session, pytest.raises(Forbidden):
            session.add(UserAgreement(**at))
            session.flush()
    assert [v.published_at is None for v in versions(desk, town)] == [False, True]


def test_what_is_published_is_never_changed_by_anybody(desk, town, publish):
    pk = publish()
    for name, value in (("words", WORDS | {"nn": "x"}), ("published_at", None), ("version", 7)):
        with desk.session("admin") as session, pytest.raises((Forbidden, Immutable)):
            setattr(session.get(UserAgreement, pk), name, value)
            session.flush()
        with desk.system() as session, pytest.raises(DBAPIError, match="never changed"):
            setattr(session.get(UserAgreement, pk), name, value)
            session.flush()
    with desk.session("office") as session, pytest.raises(Forbidden):
        session.delete(session.get(UserAgreement, pk))
        session.flush()
    with desk.session("office") as session, pytest.raises(Forbidden):
        at = {"municipality_id": town.municipality_id, "version": 3, "words": WORDS}
        session.add(
            UserAgreement(**at, published_at=utcnow(), published_by_id=town.people["admin"])
        )
        session.flush()


# As shipped


def test_a_release_gives_a_text_to_those_who_have_none(engine, desk, town):
    with desk.system() as session:
        session.execute(text("INSERT INTO municipality (id, uid, name, language) VALUES"
                             " (99, 'x', 'Solvik', 'nn')"))  # fmt: skip
        session.commit()
    release(engine)
    release(engine)
    with desk.system() as session:
        rows = session.scalars(select(UserAgreement).order_by(UserAgreement.municipality_id)).all()
        assert [row.version for row in rows] == [1, 1, 1]
        assert rows[0].words["en"] == "Keep it."
        assert rows[-1].words == user_agreements.SHIPPED and rows[-1].published_by_id is None
        assert session.scalar(select(func.count(Department.id))) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_text_is_read_in_a_minute_on_a_telephone(language):
    words = user_agreements.SHIPPED[language]
    assert 600 < len(words) < 700 and lix(words) < 40
