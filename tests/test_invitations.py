"""Inviting somebody: a link to their own address, single use, 14 days, and nothing about whom."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from integrations.letter import Letter
from jobs.outbox import deliver
from models.account import INVITED_FOR, Account, Invitation, LoginSession, Membership
from models.clock import CLOCK, OSLO, utcnow
from models.outbox import Delivery, OutboxMessage
from models.people import CoordinatorAppointment, Person
from models.types import blind_index
from models.vocabulary import Channel, Fault, Role
from security import letter_link, passwords
from security.letter_link import Opens
from security.policy import Forbidden
from security.writes import Immutable
from services.accounts import NameTaken, admit, find_or_make
from services.invitations import invite
from tests.conftest import statements
from tests.factories import start_code
from tests.second_step import code_for, reachable

GUNN, CHOSEN = "gunn@example.no", "tre blå båtar på fjorden"
PASSWORD = {"new": CHOSEN, "again": CHOSEN}


class Post:
    """What has left the house."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)


@pytest.fixture
def post(engine):
    """`post()`: everything that waits is sent; the letters."""
    box = Post()

    def sent():
        deliver(engine, dict.fromkeys(Channel, box))
        return box.letters

    return sent


def let_in(desk, who="newcomer", name="Gunn Vik", login=GUNN, *roles):
    with desk.session(who) as session:
        person = find_or_make(session, name, login)
        ticket = admit(session, person, login, *(roles or (Role.PARTICIPANT,)))
        session.commit()
        return ticket


@pytest.fixture
def link(desk, post):
    """Of the letter to Gunn, whom the newcomer has invited."""
    assert not let_in(desk).code
    return post()[0].path


def asked(desk, login=GUNN):
    with desk.system() as session:
        mine = select(Invitation).join(Account).where(Account.login_name == login)
        return session.scalars(mine.order_by(Invitation.id)).all()


def account(desk, login=GUNN):
    with desk.system() as session:
        return session.scalars(select(Account).where(Account.login_name == login)).one()


def follow(app, link, **form):
    """A browser that opens the link, and presses the button when there is something in the form."""
    client = app.test_client()
    client.post("/language/", data={"language": "en"})
    reply = client.get(link, follow_redirects=True)
    return client, client.post("/invitation/", data=form) if form else reply


# The letter


def test_the_letter_has_a_link_and_nobody_in_it(link, post, town):
    (letter,) = post()
    assert re.fullmatch(r"/invitation/[\w-]{43}", link) and letter.to == GUNN
    until = (utcnow() + INVITED_FOR).astimezone(OSLO).day
    assert str(until) in letter.text and letter.channel is Channel.MAIL
    for word in ("Gunn", "Vik", "Fjordvik", "Newcomer", "Owner"):
        assert word not in letter.text


def test_the_link_cannot_be_made_from_what_is_stored(app, desk, link):
    (one,) = asked(desk)
    with desk.system() as session:
        message = session.scalars(select(OutboxMessage)).one()
        stored = [str(value) for row in (one, message) for value in vars(row).values()]
    token = link.rpartition("/")[2]
    app.test_client().get(link)
    with desk.system() as session:
        stored += [str(row.data) for row in session.scalars(select(LoginSession))]
    assert one.uid in stored[-1] and not any(token[22:] in value for value in stored)
    assert letter_link.read(token, Opens.INVITATION) == one.uid
    wrong = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    for odd in (wrong, token[:-1], token + "A", "", "x", "ø" * 43, "!" * 43, "A" * 43):
        assert letter_link.read(odd, Opens.INVITATION) is None


def test_who_has_no_address_gets_a_code_and_no_letter(desk, post):
    ticket = let_in(desk, login="gunn")
    assert re.fullmatch(r"(\w{4}-){2}\w{4}", ticket.code) and post() == []


def test_an_address_that_was_changed_before_it_was_sent_gets_no_letter(desk, post):
    let_in(desk)
    with desk.system() as session:
        person = session.scalars(select(Person).where(Person.name == "Gunn Vik")).one()
        person.email, person.email_index = "ny@x.no", blind_index("person.email", "ny@x.no")
        session.commit()
    assert post() == []
    with desk.system() as session:
        assert session.scalars(select(Delivery.fault)).one() is Fault.NO_ADDRESS


def test_one_that_was_taken_back_before_it_was_sent_is_not_sent(desk, browser, post):
    let_in(desk)
    (one,) = asked(desk)
    browser("newcomer").post(f"/register/invitations/{one.id}/withdraw")
    assert post() == []


def test_an_sms_never_carries_it(desk, post, reach):
    let_in(desk)
    with desk.system() as session:
        person = session.scalars(select(Person).where(Person.name == "Gunn Vik")).one()
        person.phone, person.phone_index = "+4790000001", blind_index("person.phone", "x")
        person.mail_returned_at = utcnow()
        session.commit()
    assert post() == []
    with desk.system() as session:
        row = session.scalars(select(Delivery)).one()
        assert (row.channel, row.fault) == (Channel.MAIL, Fault.REFUSED)


# Behind the link


def test_the_page_says_who_asks_and_a_number_and_nothing_about_whom(app, link, desk, town):
    with desk.system() as session:
        session.get(Person, town.people["newcomer"]).phone = "+4755000000"
        session.commit()
    _, page = follow(app, link)
    assert page.request.path == "/invitation/" and link.rpartition("/")[2] not in page.text
    for word in ("Newcomer", "Fjordvik", "55 00 00 00", GUNN):
        assert word in page.text
    assert "Owner" not in page.text and "plan" not in page.text.partition("<main")[2].lower()


def test_choosing_a_password_lets_one_in_and_uses_the_link_up(app, link, desk):
    client, reply = follow(app, link, **PASSWORD)
    assert reply.status_code == 303 and reply.location == "/"
    assert client.get("/").location == "/agreement/?next=/"
    (one,) = asked(desk)
    assert one.answered_at and one.address_index == blind_index("person.email", GUNN)
    assert passwords.matches(account(desk).password_hash, CHOSEN)
    stored = account(desk).password_hash
    _, again = follow(app, link, new="another long one here", again="another long one here")
    assert again.status_code == 410 and account(desk).password_hash == stored


def test_looking_uses_nothing_up(app, link, app_engine):
    for _ in range(3):
        client = app.test_client()
        client.get(link)
        with statements(app_engine) as sent:
            assert client.get("/invitation/").status_code == 200
        assert not [one for one in sent if one.startswith(("INSERT", "UPDATE invitation"))]
    assert follow(app, link, **PASSWORD)[1].status_code == 303


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"new": "short", "again": "short"}, "at least 12 characters"),
        ({"new": CHOSEN, "again": "x"}, "The two are not the same"),
        ({"new": "", "again": ""}, "field"),
    ],
)
def test_a_password_that_will_not_do_uses_nothing_up(app, link, desk, form, words):
    _, reply = follow(app, link, **form)
    assert reply.status_code == 422 and words in reply.text
    assert account(desk).password_hash is None and asked(desk)[0].answered_at is None


@pytest.mark.parametrize("how", ["old", "withdrawn", "renewed", "closed", "moved"])
def test_a_link_that_is_over_lets_nobody_in_and_says_what_to_do(app, link, desk, town, how):
    (one,) = asked(desk)
    now = utcnow() + (INVITED_FOR + timedelta(seconds=1) if how == "old" else timedelta())
    with desk.system() as session:
        row = session.get(Invitation, one.id)
        if how == "closed":
            session.get(Account, row.account_id).active = False
        if how == "moved":
            person = session.get(Person, row.person_id)
            person.email, person.email_index = "ny@x.no", blind_index("person.email", "ny@x.no")
        if how == "withdrawn":
            row.withdrawn_at = utcnow()
        session.commit()
    if how == "renewed":
        with desk.session("newcomer") as session:
            mine = session.get(Person, one.person_id), session.get(Account, one.account_id)
            invite(session, *mine)
            session.commit()
    with CLOCK.stopped_at(now):
        for form in ({}, PASSWORD):
            _, reply = follow(app, link, **form)
            assert reply.status_code == 410 and "once more" in reply.text
    assert account(desk).password_hash is None


@pytest.mark.parametrize("abroad", [False, True])
def test_a_link_does_not_open_a_hat_that_was_shut(app, desk, town, post, abroad):
    """Neither a new one nor one of an account that says its own password."""
    if abroad:
        with desk.system() as session:
            one = session.get(Account, town.accounts["foreign coordinator"])
            one.login_name, one.password_hash = GUNN, passwords.hash_password(CHOSEN)
            session.commit()
    let_in(desk)
    path = post()[0].path
    with desk.session("admin") as session:
        here = Membership.municipality_id == town.municipality_id
        mine = select(Membership).join(Account, Account.id == Membership.account_id)
        hat = session.scalars(mine.where(Account.login_name == GUNN, here)).one()
        for active in (True, False):
            hat.active = active
            session.flush()
        session.commit()
    _, reply = follow(app, path, **PASSWORD, secret=CHOSEN)
    assert reply.status_code == 410
    with desk.system() as session:
        assert session.scalars(mine.where(Account.login_name == GUNN, here)).one().active is False


@pytest.mark.parametrize("how", ["taken back", "too old"])
def test_let_in_again_somebody_without_a_way_in_is_asked_again(desk, browser, post, how):
    let_in(desk)
    (one,) = asked(desk)
    assert let_in(desk) is None  # one letter is enough
    if how == "taken back":
        browser("newcomer").post(f"/register/invitations/{one.id}/withdraw")
    else:
        with desk.system() as session:
            session.get(Invitation, one.id).expires_at = utcnow() - timedelta(seconds=1)
            session.commit()
    assert let_in(desk, "coordinator").code == "" and post()[-1].to == GUNN


def test_without_a_link_there_is_nothing(app, desk, link):
    client = app.test_client()
    assert client.get("/invitation/").status_code == 410
    assert client.post("/invitation/", data=PASSWORD).status_code == 410
    assert account(desk).password_hash is None


def test_guessing_is_counted(app, link, desk):
    client, _ = follow(app, link)
    for _ in range(10):
        assert client.post("/invitation/", data={"new": "x", "again": "x"}).status_code == 422
    assert client.post("/invitation/", data=PASSWORD).status_code == 429
    assert account(desk).password_hash is None


# Somebody another municipality knows


@pytest.fixture
def abroad(desk, town, reach):
    """The other town's coordinator, with an e-mail address for a login name."""
    with desk.system() as session:
        one = session.get(Account, town.accounts["foreign coordinator"])
        one.login_name, one.password_hash = GUNN, passwords.hash_password(CHOSEN)
        session.commit()
    reachable(desk.engine, GUNN)


def test_an_account_of_another_municipality_gets_its_hat_by_saying_yes(
    app, abroad, desk, post, town
):
    ticket = let_in(desk)
    assert ticket.code == "" and ticket.login_name == GUNN
    with desk.system() as session:
        mine = select(Membership).where(
            Membership.account_id == town.accounts["foreign coordinator"],
            Membership.municipality_id == town.municipality_id,
        )
        assert session.scalars(mine).one().active is False
    link = post()[0].path
    _, wrong = follow(app, link, secret="not this one")
    assert wrong.status_code == 422 and "not your password" in wrong.text
    client, reply = follow(app, link, secret=CHOSEN)
    assert reply.location == "/sign-in/code/"  # the letter went where another town says
    assert client.get("/").status_code == 302
    assert client.post("/sign-in/code/", data={"code": code_for(desk.engine, GUNN)}).location == "/"
    assert "Fjordvik" in client.get("/", follow_redirects=True).text
    with desk.system() as session:
        assert session.scalars(mine).one().active


def test_nobody_learns_that_another_municipality_has_the_account(abroad, desk, town):
    known, new = let_in(desk), let_in(desk, name="Ola Vik", login="ola@example.no")
    assert (known.code, known.name) == ("", "Gunn Vik") and new.code == ""


def test_a_user_name_of_another_municipality_is_taken(desk, town):
    with desk.system() as session:
        name = session.get(Account, town.accounts["foreign coordinator"]).login_name
    with pytest.raises(NameTaken):
        let_in(desk, login=name)


# Who has not answered


def test_sent_once_more_the_first_link_is_dead(app, link, desk, browser, post):
    (one,) = asked(desk)
    page = browser("newcomer").get("/register/invitations/").text
    assert "Gunn Vik" in page and "Sent, not answered" in page
    reply = browser("newcomer").post(f"/register/invitations/{one.id}/again")
    assert reply.location == "/register/invitations/"
    assert follow(app, link)[1].status_code == 410
    assert follow(app, post()[-1].path, **PASSWORD)[1].status_code == 303
    assert "Everybody has answered" in browser("newcomer").get("/register/invitations/").text


def test_a_code_instead_of_a_letter(app, link, desk, browser):
    (one,) = asked(desk)
    reply = browser("newcomer").post(f"/register/invitations/{one.id}/again", data={"how": "code"})
    assert reply.location == "/my-persons/codes"
    code = re.search(r"data-code>([A-Z0-9-]+)<", browser("newcomer").get(reply.location).text)[1]
    assert follow(app, link)[1].status_code == 410
    said = {"name": GUNN, "secret": code}
    assert app.test_client().post("/sign-in/", data=said).location == "/password/"


def test_taken_back_it_is_dead_and_gone(app, link, desk, browser):
    (one,) = asked(desk)
    for status in (303, 404):
        reply = browser("newcomer").post(f"/register/invitations/{one.id}/withdraw")
        assert reply.status_code == status
    assert follow(app, link)[1].status_code == 410


def test_the_office_sees_all_and_a_coordinator_her_own(link, browser):
    for who, sees in (("office", True), ("admin", True), ("coordinator", False)):
        page = browser(who).get("/register/invitations/")
        assert page.status_code == 200 and ("Gunn Vik" in page.text) is sees
    for who in ("foreign office", "nurse", "mother", "leader"):
        page = browser(who).get("/register/invitations/")
        assert "Gunn Vik" not in page.text


@pytest.mark.parametrize("who", ["coordinator", "foreign office", "nurse", "mother", "leader"])
def test_nobody_else_touches_it(link, desk, browser, who):
    before = asked(desk)
    for act in ("again", "withdraw"):
        reply = browser(who).post(f"/register/invitations/{before[0].id}/{act}")
        assert reply.status_code in (403, 404)
    assert [(r.id, r.withdrawn_at) for r in asked(desk)] == [(r.id, None) for r in before]


def test_the_office_sends_once_more_but_hands_over_no_code(link, desk, browser, post):
    (one,) = asked(desk)
    address = f"/register/invitations/{one.id}/again"
    assert browser("office").post(address, data={"how": "code"}).status_code == 403
    assert browser("office").post(address).status_code == 303
    assert len(asked(desk)) == 2 and post()[-1].to == GUNN


def test_what_is_too_old_stands_there_until_something_is_done(link, desk, browser):
    with desk.system() as session:
        session.scalars(select(Invitation)).one().expires_at = utcnow() - timedelta(seconds=1)
        session.commit()
    assert "Too old" in browser("newcomer").get("/register/invitations/").text
    for who, told in (("newcomer", True), ("office", True), ("coordinator", False)):
        assert ("1 invitation is too old" in browser(who).get("/").text) is told


def test_a_letter_that_did_not_arrive_is_said_on_the_start_page(link, desk, browser):
    assert "did not arrive" not in browser("newcomer").get("/").text
    with desk.system() as session:
        row = session.scalars(select(Delivery)).one()
        row.sent_at, row.failed_at, row.fault = None, utcnow(), Fault.REFUSED
        session.commit()
    assert "1 invitation is too old, or did not arrive" in browser("newcomer").get("/").text


# The guard


def _invitation(town, who="teacher", by="office", **more):
    one = start_code(town, who, by, None)
    for name, value in more.items():
        setattr(one, name, value)
    return one


@pytest.mark.parametrize(
    "wrong",
    [
        {"address_index": "a" * 64}, {"address_index": None}, {"code_hash": "x"},
        {"expires_at": "later"}, {"invited_by_id": "coordinator"}, {"answered_at": "now"},
        {"account_id": "foreign coordinator"}, {"person_id": "mother"},
    ],
    ids=str,
)  # fmt: skip
def test_the_guard_lets_no_other_be_made(desk, town, reach, wrong):
    """The office sends to the person's own address, in its own name, for 14 days."""
    reach("teacher", email="ane@skule.example")
    right = {"address_index": blind_index("person.email", "ane@skule.example")}
    with desk.system() as session:
        session.add(start_code(town, "teacher", "coordinator", "x"))
        session.commit()
    values = dict(wrong)
    for name, value in wrong.items():
        if name == "expires_at":
            values[name] = utcnow() + timedelta(days=15)
        elif name == "answered_at":
            values[name] = utcnow()
        elif name == "account_id":
            values[name] = town.accounts[value]
        elif name in ("person_id", "invited_by_id"):
            values[name] = town.people[value]
    with desk.session("office") as session:
        session.add(_invitation(town, **right | values))
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("office") as session:
        session.add(_invitation(town, **right))
        session.flush()


def test_the_way_into_a_plan_is_not_opened_by_the_office(desk, town, reach):
    """Whoever changes an address could read what is sent there."""
    reach("mother", email="mor@x.no")
    row = _invitation(town, "mother", address_index=blind_index("person.email", "mor@x.no"))
    with desk.session("office") as session:
        session.add(row)
        with pytest.raises(Forbidden):
            session.flush()


def test_what_was_asked_is_never_changed(desk, town, link):
    """Nor is what was taken back given again."""
    (one,) = asked(desk)
    with desk.system() as session:
        session.get(Invitation, one.id).withdrawn_at = utcnow()
        session.commit()
    for name, value in {
        "expires_at": utcnow() + timedelta(days=1), "answered_at": utcnow(),
        "address_index": "b" * 64, "code_hash": "x", "withdrawn_at": None,
    }.items():  # fmt: skip
        with desk.session("newcomer") as session:
            setattr(session.get(Invitation, one.id), name, value)
            with pytest.raises((Forbidden, Immutable)):
                session.flush()


def test_a_new_coordinator_may_send_it_to_a_guardian_once_more(desk, town, reach):
    reach("mother", email="mor@x.no")
    with desk.system() as session:
        session.add(start_code(town, "mother", "coordinator", "x"))
        at = {"municipality_id": town.municipality_id, "coordinator_id": town.people["newcomer"]}
        session.add(
            CoordinatorAppointment(**at, person_id=town.people["owner"], starts_on=utcnow().date())
        )
        session.commit()
    with desk.session("newcomer") as session:
        mine = {"by": "newcomer", "address_index": blind_index("person.email", "mor@x.no")}
        session.add(_invitation(town, "mother", **mine))
        session.flush()
