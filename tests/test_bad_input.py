"""Bad input to every form there is: refused beside the field with nothing lost and nothing
stored, or stored exactly as it was typed. No form escapes: the list is `app.url_map`."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from threading import Barrier
from unicodedata import normalize
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from models.account import Account
from models.base import Model
from models.clock import months_later, today, utcnow
from models.elements.meeting import Meeting
from models.municipality import PlanTypeName
from models.vocabulary import PlanType, Role
from security import passwords
from security.session import SystemSession
from security.sessions import COOKIE
from tests import postgresql as pg
from tests.conftest import sit_down
from tests.steps import prepare
from views import typed

DAY = "2027-01-31"
PASSWORD = "correct horse battery"
WRITERS = ("coordinator", "mother", "office", "leader", "admin", "newcomer")
SEATED = (*WRITERS, "nurse")
LOGS = {"access_event", "register_event", "login_session", "rate_limit", "chain_head"}


@dataclass
class Field:
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The form of a page as a browser sees it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, Field] = {}
        self.text, self.form, self.select, self.area, self.invalid = "", False, "", "", 0
        self.summary = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.form = "ms-form" in a.get("class", "")
        self.summary |= "ds-error-summary" in a.get("class", "")
        self.invalid += a.get("aria-invalid") == "true" or "ms-invalid" in a.get("class", "")
        if tag == "option" and self.select:
            self._option(self.select, a.get("value", ""), "selected" in a)
        if not self.form or not a.get("name"):
            return
        name = a["name"]
        if tag == "select":
            self.select = name
            self.fields[name] = Field("select")
        elif tag == "textarea":
            self.area, self.fields[name] = name, Field("textarea", [""])
        elif tag == "input" and a.get("type") in ("radio", "checkbox"):
            self.fields.setdefault(name, Field(a["type"]))
            self._option(name, a.get("value", "y"), "checked" in a)
        elif tag == "input":
            self.fields.setdefault(name, Field(a.get("type", "text")))
            self.fields[name].values.append(a.get("value", ""))

    def _option(self, name, value, chosen):
        self.fields[name].options.append(value)
        if chosen:
            self.fields[name].values.append(value)

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area:
            self.fields[self.area].values = [self.fields[self.area].values[0].removeprefix("\n")]
        self.form = self.form and tag != "form"
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data):
        if self.area:
            self.fields[self.area].values[0] += data.replace("\r\n", "\n")
        self.text += data


class Office:
    """One application with the town in it, put back as it was after every stored form."""

    def __init__(self, app, town, desk, url, template) -> None:
        self.app, self.town, self.url, self.template = app, town, url, template
        with app.app_context():
            self.engine = app.extensions["sqlalchemy"].engine
        self._prepare(desk)
        self.addresses = self._addresses()

    def _prepare(self, desk):
        """More than the town has: passwords, a child to register, a meeting without minutes."""
        prepare("register", desk, self.town)
        secret = passwords.hash_password(PASSWORD)
        with desk.system() as session:
            for account in session.scalars(select(Account)):
                account.password_hash = secret
            meeting = Meeting(
                plan_id=self.town.plan, author_id=self.town.people["coordinator"], purpose="May",
                starts_at=utcnow(), ends_at=utcnow() + timedelta(hours=1),
            )  # fmt: skip
            session.add(meeting)
            names = PlanTypeName(
                municipality_id=self.town.municipality_id, nn="n", nb="b", en="e",
                plan_type=PlanType.RELAY_LOG,
            )  # fmt: skip
            session.add(names)
            session.commit()
            self.town.rows |= {"May": meeting.id, "plan type": names.id}
        for who in SEATED:
            sit_down(self.app, self.town, who)
        desk.engine.dispose()
        self._keep()

    def _keep(self):
        self.engine.dispose()
        if self.template:
            pg.keep(self.template, self.engine.url.database, "ready")
        else:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            self.engine.dispose()
            shutil.copy(self.engine.url.database, self.engine.url.database + ".kept")

    def put_back(self):
        self.engine.dispose()
        here = self.engine.url.database
        if self.template:
            assert pg.put_back(self.template, here, "ready")
        else:
            for more in ("-wal", "-shm"):
                Path(here + more).unlink(missing_ok=True)
            shutil.copy(here + ".kept", here)

    def _addresses(self):
        """Endpoint -> (who may, address) of every route that takes a POST."""
        town = self.town
        keys = {
            "MessageView": "to teacher", "DepartmentView": "department", "PersonView": "",
            "ServiceTypeView": "service type", "LifeAreaNameView": "life area",
            "EvaluationQuestionView": "question", "AppointmentView": "appointment",
            "MeetingRoom": "May", "EvaluationRoom": "evaluation", "PlanTypeNameView": "plan type",
        }  # fmt: skip
        found = {}
        for rule in self.app.url_map.iter_rules():
            if "POST" not in rule.methods:
                continue
            view = rule.endpoint.partition(".")[0]
            row = keys.get(view, view.removesuffix("View").lower())
            person = town.people["child" if view == "Registration" else "teacher"]
            values = {"plan_id": town.plan, "pk": town.rows.get(row, 1), "person_id": person}
            values |= {"pk": person} if view == "PersonView" else {}
            here = {name: values[name] for name in rule.arguments}
            found[rule.endpoint] = self.app.url_map.bind("localhost").build(rule.endpoint, here)
        return found

    def client(self, who):
        client = self.app.test_client()
        if who:
            client.set_cookie(COOKIE, f"token-{who}-".ljust(43, "x"))
        return client

    def writer(self, endpoint):
        """The first of those in town who may use the page."""
        special = {
            "SignIn.form": None,
            "ConsentPage.sign": "mother",
            "EvaluationRoom.answer": "mother",
        }
        if endpoint in special:
            return special[endpoint]
        for who in WRITERS:
            if self.client(who).get(self.addresses[endpoint]).status_code in (200, 405, 409):
                return who
        raise AssertionError(f"nobody may use {endpoint}")

    def count(self):
        """How many rows there are in all, but logs and sessions; one question."""
        tables = [table for table in Model.metadata.sorted_tables if table.name not in LOGS]
        counts = [select(func.count()).select_from(table).scalar_subquery() for table in tables]
        with self.engine.connect() as connection:
            return connection.execute(select(*counts)).one()

    def rows(self):
        """Everything that is stored, but logs and sessions."""
        with self.engine.connect() as connection:
            return {
                (table.name, tuple(map(_plain, row)))
                for table in Model.metadata.sorted_tables
                if table.name not in LOGS
                for row in connection.execute(select(table))
            }


def _plain(value):
    return value if isinstance(value, str) else repr(value)


@pytest.fixture
def office(app, town, desk, url, request):
    template = None
    if url.startswith("postgresql"):
        template = request.getfixturevalue("postgresql_server")
    return Office(app, town, desk, url, template)


def good(endpoint, page, town):
    """The real form filled in as it should be: what is there, and what must be there."""
    sent = {}
    for name, one in page.fields.items():
        values = [v for v in one.values if v]
        if not values and one.kind in ("select", "radio"):
            values = [option for option in one.options if option][:1]
        fill = {"text": "Some words", "textarea": "Many words", "date": DAY, "number": "3"}
        if not values and one.kind in fill:
            values = [fill[one.kind]]
        sent[name] = values
    return sent | special(endpoint, town, page)


def special(endpoint, town, page):
    if endpoint == "MeetingRoom.call":
        times = {"starts_at": ["2027-01-15T09:00"], "ends_at": ["2027-01-15T10:00"]}
        return times | {"people": page.fields["people"].options[:2]}
    if endpoint == "SignIn.form":
        return {"name": ["mother"], "secret": [PASSWORD]}
    if endpoint == "OwnPassword.form":
        return {"old": [PASSWORD], "new": [PASSWORD + " 2"], "again": [PASSWORD + " 2"]}
    if endpoint == "ConsentPage.sign":
        return {"sign": ["yes"], "password": [PASSWORD], "length": ["6"], "until": [""]}
    if endpoint.startswith("AppointmentView.add"):
        who = {"person_id": ["Other Child"], "coordinator_id": ["Newcomer"]}
        return who | {"starts_on": [DAY], "ends_on": [DAY]}
    if endpoint == "AccountView.add":
        return {
            "person_id": ["Eli Vik"],
            "login_name": ["new@x.no"],
            "roles": [str(Role.LEADER)],
        }
    if endpoint.startswith("PersonView"):
        more = {"identity_number": [""], "email": ["new@x.no"], "phone": ["90000000"]}
        return more | {"birth_date": ["1990-02-28"], "died_on": [""]}
    if endpoint == "Team.add":
        return {"login_name": ["new@x.no"], "package": ["professional"]}
    if endpoint == "Registration.register":
        one = {"name": "Nina Ny", "login_name": "n@x.no", "verified_how": "document"} | {
            "capacity": "parental_responsibility"
        }
        one = {f"guardians-0-{key}": [value] for key, value in one.items()}
        none = {name: [""] for name in page.fields if name.startswith("guardians-1")}
        return none | one | {"owner_login": [""], "short_name": ["EV 9"]}
    if endpoint == "EvaluationRoom.finish":
        return {"next_on": [months_later(today(), 5).isoformat()]}
    return {}


def send(office, endpoint, who, sent):
    body = urlencode([(k, v) for k, vs in sent.items() for v in vs], errors="surrogatepass")
    kind = "application/x-www-form-urlencoded"
    return office.client(who).post(office.addresses[endpoint], data=body, content_type=kind)


TEXTS = {
    "empty": [""], "blank": ["  \t "], "absent": [], "repeated": ["One", "Two"],
    "10 kB": ["ø" * 10_240], "100 kB": ["x" * 100_000], "NUL": ["a\0b"],
    "emoji": ["😀 👩‍👧 e\u0301"],
    "surrogate": ["a\ud800b"], "lines": ["a\r\nb"], "markup": ["<b>&amp;\u202e'\"; --"],
    "29 February": ["2027-02-29"], "year 1": ["0001-01-01"], "year 9999": ["9999-12-31"],
    "minute 1": ["0001-01-01T00:00"], "last minute": ["9999-12-31T23:59"],
    "skipped hour": ["2027-03-28T02:30"], "double hour": ["2026-10-25T02:30"],
    "huge": ["9" * 40], "huger": ["9" * 5_000], "negative": ["-1"], "float": ["1e9"],
    "superscript": ["²"], "arabic": ["٣"], "object": ["{}"], "word": ["abc"], "zero": ["0"],
}  # fmt: skip


OF_THE_DATABASE = {"text": ("NUL",), "textarea": ("NUL", "emoji"), "hidden": ("NUL",)}
OF_OTHER_KINDS = ("NUL", "huge", "year 9999", "last minute")
OF_A_CHOICE = ("empty", "absent", "repeated", "NUL", "surrogate", "huge", "huger", "superscript")
CHOSEN = ("select", "radio", "checkbox", "hidden")


def bad_values(one, town, everything):
    """All of them in what is written, and those only in a choice that are read before it is
    looked for among the offered. On PostgreSQL those only that a database may have an opinion
    about: forms are the same, and a database takes long to put back after each row."""
    names = OF_A_CHOICE if one.kind in CHOSEN else tuple(TEXTS)
    few = OF_THE_DATABASE.get(one.kind, OF_OTHER_KINDS)
    yield from ((name, TEXTS[name]) for name in (names if everything else few))
    if one.kind in CHOSEN:
        for key in ("stranger", "foreign coordinator", "other child"):
            yield f"id of {key}", [str(town.people[key])]
        for key in ("foreign goal", "foreign department", "foreign service type", "hidden goal"):
            yield key, [str(town.rows[key])]


FORMS = (
    "GoalView.add", "GoalView.edit", "ActivityView.add", "ActivityView.edit",
    "CommentView.add", "CommentView.edit", "MeetingView.edit", "SignIn.form",
    "OwnPassword.form", "Registration.register", "Team.add", "ConsentPage.sign",
    "Compose.page", "MeetingRoom.call", "MeetingRoom.minutes", "EvaluationRoom.answer",
    "EvaluationRoom.finish", "EvaluationRoom.start", "AppointmentView.add",
    "AppointmentView.edit", "PersonView.add", "PersonView.edit", "RepresentationView.edit",
    "AccountView.add", "AccountView.edit", "MunicipalityView.edit", "DepartmentView.add",
    "DepartmentView.edit", "ServiceTypeView.add", "ServiceTypeView.edit",
    "LifeAreaNameView.edit", "PlanTypeNameView.edit", "EvaluationQuestionView.add",
    "EvaluationQuestionView.edit",
    "ConsentTextView.add",
)  # fmt: skip
BUTTONS = {
    "GoalView.delete", "ActivityView.delete", "CommentView.delete", "MeetingView.delete",
    "DepartmentView.delete", "ServiceTypeView.delete", "SignOut.now", "LanguageView.choose",
    "Team.again", "Team.send", "ConsentPage.withdraw", "ConsentPage.withdraw_all",
    "Conversion.page", "MeetingRoom.answer", "PersonView.search", "AccountView.search",
    "AppointmentView.search", "RepresentationView.search", "PlanRegisterView.search",
}  # fmt: skip
SECRET = {"old", "new", "again", "secret", "password"}  # never sent back to the page
ENCRYPTED = {"email", "phone", "identity_number"}
TIDIED = {"login_name", "owner_login", "guardians-0-login_name", "person_id", "coordinator_id"}


def test_no_form_escapes(office):
    assert office.addresses.keys() == BUTTONS | set(FORMS)
    for endpoint in BUTTONS:
        who = office.writer(endpoint)
        page = Page(office.client(who).get(office.addresses[endpoint]).text)
        assert page.fields.keys() <= {"csrf_token"}, endpoint


ANOTHER_LINE = re.compile(r"(decisions|guardians)-[1-9]")


@pytest.mark.parametrize("endpoint", FORMS)
def test_every_value_in_every_field_is_refused_kindly_or_stored_as_typed(office, endpoint):
    who = office.writer(endpoint)
    page = Page(office.client(who).get(office.addresses[endpoint]).text)
    whole, before = good(endpoint, page, office.town), office.rows()
    assert endpoint == "EvaluationRoom.start" or send(office, endpoint, who, whole).location
    office.put_back()
    wrong, count = [], office.count()
    for name, one in page.fields.items():
        if name == "csrf_token" or ANOTHER_LINE.match(name):  # like the first one
            continue
        if name == "uid" and office.template:  # whatever it is, the form makes one of its own
            continue
        for what, values in bad_values(one, office.town, not office.template):
            sent = whole | {name: values}
            reply = send(office, endpoint, who, sent)
            found = _judge(office, page, name, sent, reply, before)
            wrong += [f"{name}: {what}: {reply.status_code}: {problem}" for problem in found]
            if reply.status_code >= 400 and office.count() != count:
                wrong.append(f"{name}: {what}: something is stored")
            if reply.status_code < 400:
                office.put_back()
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
    assert office.rows() == before


OPTIONAL = re.compile(r'<label[^>]*for="([^"]+)"[^>]*>[^<]*<span class="ms-optional">')


@pytest.mark.parametrize("endpoint", FORMS)
def test_what_is_said_to_be_optional_may_be_left_empty(office, endpoint):
    who = office.writer(endpoint)
    html = office.client(who).get(office.addresses[endpoint]).text
    page, left = Page(html), OPTIONAL.findall(html)
    if endpoint == "EvaluationRoom.start":  # one is open already
        return
    sent = good(endpoint, page, office.town) | {name: [""] for name in left}
    if endpoint == "Registration.register":  # one guardian has to be there
        sent |= special(endpoint, office.town, page)
    if endpoint == "Compose.page":
        sent |= {"who": ["everybody"]}
    reply = send(office, endpoint, who, sent)
    summary = re.findall(r"ds-error-summary.*?</ul>", reply.text, re.S)
    assert reply.status_code < 400, (left, re.sub(r"<[^>]*>|\s+", " ", "".join(summary)))


def _judge(office, page, name, sent, reply, before):
    one = page.fields[name]
    if reply.status_code >= 500:
        return ["a fault"]
    if reply.status_code >= 400:
        return list(_refused(page, name, sent, reply))
    text = (sent[name] or [""])[0]
    if one.kind not in ("text", "textarea") or name in SECRET | ENCRYPTED | TIDIED:
        return []
    kept = normalize("NFC", text.replace("\r\n", "\n").strip()).replace("\ud800", "%ED%A0%80")
    now = {value for _, row in office.rows() - before for value in row}
    return [] if not kept or kept in now else [f"{kept[:20]!r} is not stored as typed"]


def _refused(page, name, sent, reply):
    again = Page(reply.text)
    if reply.status_code == 422:
        if not (again.invalid or page.fields[name].kind == "hidden") or not again.summary:
            yield "no error beside the field"
        if re.search(
            r"[{\[]['{]", "".join(re.findall("ds-error-summary.*?</div>", reply.text, re.S))
        ):
            yield "an error that is no sentence"
    for other, values in sent.items():
        typed = page.fields.get(other) and page.fields[other].kind in ("text", "textarea")
        if not typed or other in SECRET or not values:
            continue
        if other == "phone":  # comes back in one form
            continue
        text = values[0].replace("\r\n", "\n").replace("\ud800", "%ED%A0%80").strip()
        found = again.fields.get(other, Field("none")).values
        back = [value.replace("\r\n", "\n").strip() for value in found]
        there = any(normalize("NFC", text) in (v, normalize("NFC", v)) for v in back)
        if not there and not (reply.status_code != 422 and text in again.text):
            yield f"what was typed in {other} is lost ({back[:1]})"


@pytest.mark.parametrize("endpoint", FORMS)
def test_odd_bodies_are_no_fault_and_store_nothing(office, endpoint):
    """JSON, lists, numbers that are none in names, a body in no encoding: never a form of ours."""
    who, address = office.writer(endpoint), office.addresses[endpoint]
    before = office.rows()
    for data in ("[1, 2]", '{"goal": ["a"], "uid": {}}', '{"goal": "\\ud800"}', "nonsense"):
        reply = office.client(who).post(address, data=data, content_type="application/json")
        assert reply.status_code < 500, data
    for data in (b"\xff\xfe=\xff", b"a" * 2_000_000, b"&" * 900, b"%00=%00&goal[]=x"):
        kind = "application/x-www-form-urlencoded"
        assert office.client(who).post(address, data=data, content_type=kind).status_code < 500
    if endpoint not in ("RepresentationView.edit", "EvaluationRoom.answer", "AccountView.edit"):
        assert office.rows() == before


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_second_click_stores_nothing_more_and_leads_on(office, endpoint):
    """The same form sent again, and by two threads in the same moment."""
    who = office.writer(endpoint)
    page = Page(office.client(who).get(office.addresses[endpoint]).text)
    sent = good(endpoint, page, office.town)
    if "email" in sent:
        sent["email"] = [""]  # which would tell two persons apart without a uid
    meet = Barrier(2, timeout=20)

    def click(at_once):
        if at_once:
            meet.wait()
        return send(office, endpoint, who, sent)

    def together():
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(click, [True, True]))

    first, _ = _stored(office, lambda: [click(False)])
    for twice in (lambda: [click(False), click(False)], together):
        office.put_back()
        more, replies = _stored(office, twice)
        assert more == first
        if "uid" in page.fields and first:
            assert [reply.status_code for reply in replies] == [303, 303]


def _stored(office, act):
    """How many rows of each table there are more, of what nobody wants twice; the answers."""
    before = Counter(name for name, _ in office.rows())
    replies = act()
    assert all(reply.status_code < 500 for reply in replies)
    more = Counter(name for name, _ in office.rows()) - before
    return more - Counter({"start_code": more["start_code"]}), replies  # the newest is handed over


WITH_LINES = ("Registration.register", "MeetingRoom.minutes")


@pytest.mark.parametrize("endpoint", WITH_LINES)
def test_a_line_whose_number_is_none_is_no_line(office, endpoint):
    who = office.writer(endpoint)
    page = Page(office.client(who).get(office.addresses[endpoint]).text)
    sent = good(endpoint, page, office.town)
    for number in ("\u00b2", "9" * 5_000, "-1", "", "x"):
        odd = {f"{name}-{number}-name": ["x"] for name in ("guardians", "decisions")}
        assert send(office, endpoint, who, sent | odd).status_code == 303
        office.put_back()


def test_who_and_when_without_what_is_not_lost(office):
    address = office.addresses["MeetingRoom.minutes"]
    page = Page(office.client("coordinator").get(address).text)
    data = {"text": "Talk"} | dict.fromkeys(page.fields, "") | {"decisions-2-due": DAY}
    reply = office.client("coordinator").post(address, data=data)
    assert reply.status_code == 422 and 'href="#decisions-2-what"' in reply.text
    assert Page(reply.text).fields["decisions-2-due"].values == [DAY]


def test_what_goes_wrong_in_a_line_is_said_in_a_sentence(office):
    address = office.addresses["MeetingRoom.minutes"]
    data = {"text": "Talk", "decisions-1-what": "x" * 300}
    reply = office.client("coordinator").post(address, data=data)
    assert 'href="#decisions-1-what">What we agreed: Field cannot be longer' in reply.text


def test_every_secret_field_is_kept_off_the_error_page(office):
    for endpoint in FORMS:
        page = Page(office.client(office.writer(endpoint)).get(office.addresses[endpoint]).text)
        secret = {name for name, one in page.fields.items() if one.kind == "password"}
        assert secret <= typed.SECRET, endpoint


STORY = "It went so well today that we want more of it"


def test_a_page_open_since_before_a_withdrawal_gives_the_text_back(office):
    nurse, town = office.client("nurse"), office.town
    assert nurse.get(office.addresses["GoalView.add"]).status_code == 200
    out = f"/plan/{town.plan}/consent/withdraw/{town.people['nurse']}"
    assert office.client("mother").post(out).status_code == 303
    reply = nurse.post(office.addresses["GoalView.add"], data={"goal": "Climb", "why": STORY})
    assert reply.status_code in (403, 404)
    assert STORY in reply.text and "It is not stored" in reply.text and "Swim" not in reply.text


def test_a_session_that_ended_while_somebody_wrote_gives_the_text_back(office):
    address = office.addresses["GoalView.add"]
    for checked in (False, True):
        office.app.config["WTF_CSRF_ENABLED"] = checked
        reply = office.client(None).post(address, data={"why": STORY, "password": "hunter2 again"})
        assert reply.status_code == 401 and STORY in reply.text
        assert "hunter2" not in reply.text and "/sign-in/?next=/plan/" in reply.text


def test_an_old_form_gives_the_text_back_but_says_nothing_for_another_site(office):
    office.app.config["WTF_CSRF_ENABLED"] = True
    address, data = office.addresses["GoalView.add"], {"why": STORY}
    reply = office.client("coordinator").post(address, data=data)
    assert reply.status_code == 400 and STORY in reply.text and f'href="{address}"' in reply.text
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    reply = office.client("coordinator").post(address, data=data, headers=elsewhere)
    assert reply.status_code == 400 and STORY not in reply.text


def test_too_much_is_said_in_the_users_language(office):
    address = office.addresses["GoalView.add"]
    reply = office.client("coordinator").post(address, data={"why": "x" * 1_100_000})
    assert reply.status_code == 413 and '<html lang="en"' in reply.text
    assert "Nothing is stored. Go back and send less text at a time." in reply.text


def test_too_many_wrong_passwords_are_a_page_of_their_own(office):
    data = {"old": "wrong", "new": "a long new sentence", "again": "a long new sentence"}
    address = office.addresses["OwnPassword.form"]
    answers = [office.client("mother").post(address, data=data).status_code for _ in range(15)]
    assert set(answers) == {422, 429}


def test_a_stale_edit_of_a_register_shows_both_and_overwrites_nothing(office):
    address = office.addresses["PersonView.edit"]
    page = Page(office.client("office").get(address).text)
    sent = good("PersonView.edit", page, office.town)
    first = sent | {"name": ["Ada"], "place": ["Gata 1"], "identity_number": [""]}
    assert send(office, "PersonView.edit", "office", first).status_code == 303
    reply = send(office, "PersonView.edit", "office", sent | {"name": ["Eva"]})
    assert reply.status_code == 409 and "Ada" in reply.text and "Gata 1" in reply.text
    again = Page(reply.text)
    assert again.fields["name"].values == ["Eva"]
    fresh = sent | {"name": ["Eva"], "version": again.fields["version"].values}
    assert send(office, "PersonView.edit", "office", fresh).status_code == 303


def test_a_stale_edit_tells_nothing_that_is_hidden(office):
    address = office.addresses["PersonView.edit"]
    page = Page(office.client("office").get(address).text)
    sent = good("PersonView.edit", page, office.town)
    secret = {"shielded": ["y"], "place": ["Secret road 7"], "phone": ["91111111"]}
    assert send(office, "PersonView.edit", "office", sent | secret).status_code == 303
    reply = send(office, "PersonView.edit", "office", sent | {"place": [""], "phone": [""]})
    assert reply.status_code == 409
    assert "Secret road" not in reply.text and "91111111" not in reply.text


def test_a_stale_edit_shows_what_differs_and_that_only(office):
    address = office.addresses["GoalView.edit"]
    page = Page(office.client("coordinator").get(address).text)
    sent = good("GoalView.edit", page, office.town) | {"life_areas": ["health"]}
    assert send(office, "GoalView.edit", "coordinator", sent | {"goal": ["A"]}).status_code == 303
    reply = send(office, "GoalView.edit", "coordinator", sent | {"goal": ["B"]})
    notice = reply.text.partition("<dl>")[2].partition("</dl>")[0]
    assert notice.count("<dt") == 1 and ">A<" in notice


def test_what_is_in_use_says_so(office):
    reply = office.client("office").post(office.addresses["DepartmentView.delete"])
    assert reply.status_code == 409 and "It is in use" in reply.text


def test_fields_stand_in_the_order_they_are_declared(office):
    shown = Page(office.client("office").get(office.addresses["PersonView.add"]).text).fields
    assert [name for name in shown if name not in ("uid", "version")][:2] == ["name", "birth_date"]


HOURS = {
    "2027-03-28T01:59": "2027-03-28T00:59", "2027-03-28T02:30": None,
    "2027-03-28T03:00": "2027-03-28T01:00", "2026-10-25T02:30": "2026-10-25T00:30",
    "2026-10-25T03:00": "2026-10-25T02:00", "0001-01-01T00:00": None, "9999-12-31T23:59": None,
}  # fmt: skip


@pytest.mark.parametrize("said", HOURS)
def test_an_hour_in_oslo_is_one_moment_or_none(office, said):
    page = Page(office.client("coordinator").get(office.addresses["MeetingRoom.call"]).text)
    sent = good("MeetingRoom.call", page, office.town)
    sent |= {"starts_at": [said], "ends_at": ["2199-01-01T00:00"], "purpose": ["Hours"]}
    reply = send(office, "MeetingRoom.call", "coordinator", sent)
    assert reply.status_code == (303 if HOURS[said] else 422)
    with SystemSession(office.engine, because="a test looks") as session:
        found = session.scalars(select(Meeting).where(Meeting.purpose == "Hours")).unique().all()
        starts = [meeting.starts_at.strftime("%Y-%m-%dT%H:%M") for meeting in found]
    assert starts == ([HOURS[said]] if HOURS[said] else [])


def test_an_end_before_its_start_is_said_beside_the_end(office):
    ends = {
        "MeetingView.edit": {"starts_at": ["2027-01-02T10:00"], "ends_at": ["2027-01-02T09:00"]},
        "MeetingRoom.call": {"starts_at": ["2027-01-02T10:00"], "ends_at": ["2027-01-02T09:00"]},
        "AppointmentView.add": {"starts_on": ["2027-01-02"], "ends_on": ["2027-01-01"]},
        "AppointmentView.edit": {"ends_on": ["1990-01-01"]},
    }
    for endpoint, dates in ends.items():
        who = office.writer(endpoint)
        page = Page(office.client(who).get(office.addresses[endpoint]).text)
        reply = send(office, endpoint, who, good(endpoint, page, office.town) | dates)
        assert reply.status_code == 422 and 'href="#ends_' in reply.text, endpoint
