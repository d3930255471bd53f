"""Every form of the url map, who may use it, and how it is filled in as it should be."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import urlencode

from PIL import Image
from sqlalchemy import func, select

from models.account import Account, LoginSession
from models.assessment import Assessment
from models.base import Model
from models.begun_import import BegunImport
from models.clock import months_later, today, utcnow
from models.competence import CompetenceDecision
from models.elements.agenda_item import AgendaItem
from models.elements.meeting import Invitee, Meeting
from models.elements.minutes import Minutes
from models.elements.minutes_item import MinutesItem
from models.meeting_time import MeetingTime, TimeAnswer
from models.merging import PersonMerge
from models.municipality import HelpText, MessageTemplate, Municipality, NoticeText, PlanTypeName
from models.nomination import Nomination
from models.outbox import OutboxMessage
from models.people import Person
from models.request import Request
from models.second_factor import SignInCode
from models.signing_exception import SigningException
from models.types import blind_index
from models.vocabulary import AgendaKind, Channel, ExceptionReason, PlanType, Role
from security import one_time_code, passwords
from security.sessions import COOKIE
from services import request_drafts
from tests.conftest import sit_down
from tests.factories import start_code
from tests.steps import prepare

DAY = "2027-01-31"
PASSWORD = "correct horse battery"
WRITERS = ("coordinator", "mother", "office", "leader", "admin", "newcomer")
SEATED = (*WRITERS, "nurse", "stranger")
FILE, WITH_A_FILE = "scan.png", {"PaperPage.form", "PortraitPage.form", "GoalPicturePage.form"}
HALF = "00000000-0000-4000-8000-000000000001"
"""The uid of a code somebody waits for."""
IMPORTED = {
    "PersonView": ("person", "Namn;E-post\nKari;kari@x.no\n"),
    "DepartmentView": ("department", "Namn\nVest\n"),
    "ServiceTypeView": ("service_type", "nynorsk;bokmål\nSkulelos;Skolelos\n"),
    "CourseView": ("course", "Kurs\nLovverk\n"),
    "CourseSessionView": ("course_session", "Kurs;Dag\nBasics;01.02.2024\n"),
    "CourseAttendanceView": ("course_attendance", "Kurs;Dag;Namn\nBasics;01.03.2025;Teacher\n"),
    "AppointmentView": (
        "coordinator_appointment",
        "Person;Koordinator;From\nStranger;Teacher;01.02.2026\n",
    ),
}
"""View -> its table, and a file that fits it."""
FOUND: dict[str, str] = {}
"""Endpoint -> the first of those in town who may use it: the town is the same each time."""
LOGS = {"access_event", "register_event", "login_session", "rate_limit", "chain_head"}
KEPT = [table for table in Model.metadata.sorted_tables if table.name not in LOGS]
COUNTS = select(*(select(func.count()).select_from(table).scalar_subquery() for table in KEPT))
ROWS = {table.name: select(table) for table in KEPT}


KEYS = {
    "ConsentTextView": "text",
    "Threads": "to teacher", "Correcting": "to owners", "Attachments": "attachment",
    "MessageTemplateView": "template", "DepartmentView": "department", "PersonView": "",
    "ServiceTypeView": "service type", "LifeAreaNameView": "life area",
    "EvaluationQuestionView": "question", "AppointmentView": "appointment",
    "MeetingRoom": "May", "MeetingAgenda": "May", "MeetingSending": "May", "MeetingAnswers": "May",
    "MeetingPeople": "May",
    "MeetingTimes": "Poll", "StandingPoints": "standing",
    "MinutesWriting": "April minutes", "MinutesRoom": "minutes",
    "EvaluationRoom": "evaluation", "PlanTypeNameView": "plan type",
    "Reached": "meeting", "GoalPlaces": "goal", "Reminding": "task", "Deciding": "request",
    "Taking": "request",
    "Assessing": "request", "Inquiring": "request", "CaseLetters": "request",
    "Delaying": "request", "Complaining": "answered request",
    "DeadlineRuleView": "complaint rule", "CaseRuleView": "unsure rule",
    "Nominating": "answered request",
    "Naming": "nomination",
    "Attendance": "coursesession", "OwnTraining": "coursesession",
}  # fmt: skip
"""View -> name of a row in town, where it is not the view's own."""


def addresses(app, town, method):
    """(endpoint, address) of every route that takes `method`, with keys of rows in town."""
    for rule in app.url_map.iter_rules():
        if method not in rule.methods or rule.endpoint == "static":
            continue
        view = rule.endpoint.partition(".")[0]
        row = KEYS.get(view, view.removesuffix("View").lower())
        person = town.people["child" if view == "Registration" else "teacher"]
        values = {"plan_id": town.plan, "pk": town.rows.get(row, 1), "person_id": person}
        values |= {"pk": person} if view == "PersonView" else {}
        if rule.endpoint == "MinutesWriting.begin":
            values["pk"] = town.rows.get("May", 1)
        if rule.endpoint == "Inquiring.replied":
            values["pk"] = town.rows.get("inquiry", 1)
        if rule.endpoint in ("CaseLetters.sent", "CaseLetters.file"):
            values["pk"] = town.rows.get("case letter", 1)
        if rule.endpoint == "Naming.appoint":
            values["pk"] = town.rows.get("named", 1)
        values |= {"page": "GoalView.list", "print": "x", "kind": "meeting", "what": "receipt"}
        values |= (
            {"kind": "goal", "pk": town.rows["goal"]} if view in ("Hiding", "Versions") else {}
        )
        values |= {
            "step": "words",
            "token": "x",
            "provider": "idporten",
            "municipality_id": town.municipality_id,
            "uid": town.rows.get(f"import {view}", "x"),
        }
        values |= (
            {"pk": town.people["coordinator"]} if view in ("Succession", "ProfilePage") else {}
        )
        if rule.endpoint in ("Merging.choose", "Merging.form", "Merging.ask"):
            values |= {"pk": person, "kept": town.people["nurse"]}
        if rule.endpoint == "PresentationView.add":  # where nothing is written yet
            values["plan_id"] = town.rows["stranger plan"]
        here = {name: values[name] for name in rule.arguments}
        yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, here)


class Office:
    """One application with the town in it, put back as it was after every stored form."""

    def __init__(self, app, town, desk, memory) -> None:
        self.app, self.town, self.memory = app, town, memory
        with app.app_context():
            self.engine = app.extensions["sqlalchemy"].engine
        vars(town).update(memory.recall("office", lambda: self._prepare(desk)))
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
                starts_at=utcnow() + timedelta(days=1), ends_at=utcnow() + timedelta(days=2),
            )  # fmt: skip
            called = self.town.people["coordinator"], self.town.people["mother"]
            meeting.invitees = [Invitee(plan_id=self.town.plan, person_id=one) for one in called]
            session.add_all([meeting, *self._a_poll()])
            me = session.get(Person, self.town.people["coordinator"])
            me.email, me.phone = "kari@kommune.example", "+4790000009"
            me.phone_index = blind_index("person.phone", me.phone)
            names = PlanTypeName(
                municipality_id=self.town.municipality_id, nn="n", nb="b", en="e",
                plan_type=PlanType.RELAY_LOG,
            )  # fmt: skip
            for view, (table, text) in IMPORTED.items():
                of = {"account_id": self.town.accounts["office"], "register": table}
                begun = BegunImport(municipality_id=self.town.municipality_id, **of, content=text)
                session.add(begun)
                session.flush()
                self.town.rows[f"import {view}"] = begun.uid
            words = {"page": "Start.page", "nn": "n", "nb": "b", "en": "e"}
            help_ = HelpText(municipality_id=self.town.municipality_id, **words)
            kind = {"kind": "meeting", "nn": "n", "nb": "b", "en": "e"}
            text = NoticeText(municipality_id=self.town.municipality_id, **kind)
            letter = MessageTemplate(municipality_id=self.town.municipality_id, nn="n", nb="b")
            session.add_all([names, help_, text, letter])
            session.get(Person, self.town.people["leader"]).department_id = self.town.rows[
                "department"
            ]
            self._keep_cases(session)
            about, asked = self.town.people["stranger"], self.town.rows["answered request"]
            session.get(Request, asked).person_id = about
            asked = {"municipality_id": self.town.municipality_id, "request_id": asked}
            asked |= {"person_id": about, "department_id": self.town.rows["department"]}
            asked |= {"name_by": today(), "asked_by_id": self.town.people["office"]}
            leader = self.town.people["leader"]
            named = {"nominee_id": self.town.people["newcomer"], "answered_by_id": leader}
            session.add(question := Nomination(**asked))
            session.add(answered := Nomination(**asked, **named, answered_on=today()))
            session.commit()
            poll = session.scalars(select(MeetingTime.meeting_id)).first()
            other = {"kind": AgendaKind.OTHER, "meeting": meeting, "position": 1}
            session.add(point := AgendaItem(plan_id=self.town.plan, author_id=me.id, **other))
            session.flush()
            self.town.rows |= {"Poll": poll, "standing": point.id}
            self._begin_minutes(session, meeting)
            self.town.rows |= {"May": meeting.id, "plan type": names.id, "helptext": help_.id}
            self.town.rows |= {"nomination": question.id, "named": answered.id}
            self.town.rows |= {"noticetext": text.id, "template": letter.id}
            invited = session.get(Account, self.town.accounts["reader"])
            invited.password_hash = None
            reader = session.get(Person, self.town.people["reader"])
            reader.email, reader.email_index = "les@x.no", blind_index("person.email", "les@x.no")
            asked = start_code(self.town, "reader", "coordinator", None)
            asked.address_index = reader.email_index
            session.add(asked)
            session.commit()
            asked_for, called_by = asked.uid, self._call_by_letter(session, meeting)
            self.town.rows["invitations"] = asked.id
            pair = {"double_id": self.town.people["late"], "kept_id": reader.id}
            home, admin = self.town.municipality_id, self.town.people["admin"]
            merge = PersonMerge(municipality_id=home, asked_by_id=admin, **pair)
            session.add(merge)
            session.commit()
            self.town.rows["merging"] = merge.id
            self._ask_the_second(session)
            account = self.town.accounts["coordinator"]
            half = {"account": account, "hat": self.town.memberships["coordinator"], "code": HALF}
            half |= {"next": "/", "at": utcnow().isoformat()}
            until, here = utcnow() + timedelta(days=1), {"account_id": account, "uid": HALF}
            session.add(SignInCode(**here, channel=Channel.SMS, expires_at=until))
            session.commit()
        self._begin_a_request()
        for who in SEATED:
            sit_down(self.app, self.town, who)
        paper = self.client("coordinator").get(f"/plan/{self.town.plan}/consent/paper/print").text
        self.town.rows["paper code"] = re.search(r"\d{4}-\d{4}", paper)[0]
        with desk.system() as session:
            for one in session.scalars(select(LoginSession)):
                one.data = {**one.data, "invitation": asked_for, "step": half, "answer": called_by}
                one.data |= {"request": self.town.rows["request draft"]}
            session.commit()
        return vars(self.town)

    def _keep_cases(self, session):
        """The whole of them, and what is weighed in one."""
        home, me = self.town.municipality_id, self.town.people["office"]
        session.get(Municipality, home).keeps_cases = True
        asked = {"municipality_id": home, "request_id": self.town.rows["request"]}
        said = {name: True for name in ("long_term", "several_services")}
        said |= {f"{name}_why": "So it is" for name in said}
        session.add(Assessment(**asked, **said, written_by_id=me))

    def _begin_a_request(self):
        """One that is all filled in, and not sent."""
        at, pages = (
            self.town.municipality_id,
            {
                "about": {"concerns": ["my_child"], "wanted": ["coordinator"]},
                "person": {"person_name": ["Nora Vik"], "birth_date": ["2018-03-01"]},
                "words": {"words": ["Help"], "services": [""], "coordinator_wish": [""]},
                "sender": {"from_name": ["Eli"], "from_role": ["Mother"], "from_email": ["e@x.no"]},
            },
        )
        uid = self.town.rows["request draft"] = request_drafts.begin(self.engine, at, "")
        for page, said in pages.items():
            request_drafts.keep(self.engine, at, uid, page, said)

    def _a_poll(self):
        """A meeting that is planned, and two times that coordinator and mother are asked of."""
        who = {"plan_id": self.town.plan, "author_id": self.town.people["coordinator"]}
        first, hour = utcnow() + timedelta(days=30), timedelta(hours=1)
        when = {"starts_at": first, "ends_at": first + hour}
        of_it = {"meeting": Meeting(**who, **when, purpose="Poll", is_planned=True)}
        people = [self.town.people[one] for one in ("coordinator", "mother")]
        of_it["meeting"].invitees = [Invitee(plan_id=who["plan_id"], person_id=n) for n in people]
        for _ in range(2):
            time = MeetingTime(**who, **when, **of_it)
            time.answers = [TimeAnswer(**who, **of_it, person_id=one) for one in people]
            yield time

    def _call_by_letter(self, session, meeting):
        """The uid of the letter by which the mother is called."""
        letter = OutboxMessage(
            municipality_id=self.town.municipality_id, plan_id=self.town.plan, kind="meeting",
            person_id=self.town.people["mother"], row_id=meeting.id,
            dedup_key="call",
        )  # fmt: skip
        session.add(letter)
        session.commit()
        return letter.uid

    def _begin_minutes(self, session, meeting):
        """Minutes that are being written, of a meeting of their own, and a point in them."""
        hour = {"starts_at": meeting.starts_at, "ends_at": meeting.ends_at}
        who = {"plan_id": self.town.plan, "author_id": self.town.people["coordinator"]}
        session.add(april := Meeting(**who, purpose="April", **hour))
        session.flush()
        session.add(minutes := Minutes(**who, meeting_id=april.id))
        session.flush()
        of = {"minutes_id": minutes.id, "meeting_id": april.id, "position": 1}
        session.add(MinutesItem(**who, **of, topic="Lunch"))
        session.commit()
        self.town.rows |= {"April minutes": minutes.id}

    def _ask_the_second(self, session):
        """What waits for a second person, of each kind."""
        home, owner = self.town.municipality_id, self.town.people["owner"]
        asked = {"municipality_id": home, "person_id": owner}
        without = SigningException(
            **asked, representative_id=self.town.people["father"], explanation="Away",
            reason=ExceptionReason.ONLY_HOLDER, until=today() + timedelta(days=90),
            asked_by_id=self.town.people["coordinator"],
        )  # fmt: skip
        cannot = CompetenceDecision(
            **asked, decided_on=today(), decided_by="Doctor", document="Archive",
            starts_on=today(), asked_by_id=self.town.people["office"],
        )  # fmt: skip
        session.add_all([without, cannot])
        session.commit()
        rows = {"signingexception": without.id, "signingexceptions": without.id}
        self.town.rows |= rows | {"competencedecision": cannot.id}

    def put_back(self):
        assert self.memory.put_back("office")

    def _addresses(self):
        """Endpoint -> address of every route that takes a POST."""
        return dict(addresses(self.app, self.town, "POST"))

    def client(self, who):
        client = self.app.test_client()
        if who:
            client.set_cookie(COOKIE, f"token-{who}-".ljust(43, "x"))
        return client

    def writer(self, endpoint):
        """The first of those in town who may use the page."""
        special = {
            "SignIn.form": None,
            "EidSignIn.take": None,
            "SingleSignOut.back_channel": None,
            "ConsentPage.sign": "mother",
            "InvitationPage.page": "nurse",
            "AnswerLink.page": "mother",
            "EvaluationRoom.answer": "mother",
            "PresentationView.add": "stranger",
            "SeeAs.begin": "mother",
            "SeeAs.stop": "mother",
        }
        if endpoint in special:
            return special[endpoint]
        if endpoint not in FOUND:
            FOUND[endpoint] = next(who for who in WRITERS if self._may_use(who, endpoint))
        return FOUND[endpoint]

    def _may_use(self, who, endpoint):
        return self.client(who).get(self.addresses[endpoint]).status_code in (200, 405, 409)

    def count(self):
        """How many rows there are in all, but logs and sessions; one question."""
        with self.engine.connect() as connection:
            return connection.execute(COUNTS).one()

    def rows(self):
        """Everything that is stored, but logs and sessions."""
        with self.engine.connect() as connection:
            return {
                (name, _flat(row))
                for name, everything in ROWS.items()
                for row in connection.execute(everything)
            }


def a_picture(kind="PNG", size=(96, 96), **more):
    """A file as a scanner or a telephone makes it."""
    made = BytesIO()
    Image.new("RGB", size, "white").save(made, kind, **more)
    return made.getvalue()


def _flat(row):
    """Its values, text as it is; of the same words in languages, each."""
    flat = []
    for value in row:
        if isinstance(value, dict):
            flat += map(_plain, value.values())
        elif isinstance(value, str) and value.startswith('{"'):
            flat += [_plain(one) for one in _leaves(json.loads(value))]
        else:
            flat.append(_plain(value))
    return tuple(flat)


def _leaves(said):
    """Everything that is said in something of many things."""
    inside = said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()
    return [said, *(leaf for one in inside for leaf in _leaves(one))]


def _plain(value):
    return value if isinstance(value, str) else repr(value)


def good(endpoint, page, town):
    """The real form filled in as it should be: what is there, and what must be there."""
    sent = {}
    for name, one in page.fields.items():
        values = [v for v in one.values if v]
        if one.kind == "file" and endpoint in WITH_A_FILE:
            values = [FILE]
        if not values and one.kind in ("select", "radio"):
            values = [option for option in one.options if option][:1]
        fill = {"text": "Some words", "textarea": "Many words", "date": DAY, "number": "3"}
        if not values and one.kind in fill:
            values = [fill[one.kind]]
        sent[name] = values
    return sent | special(endpoint, town, page)


def special(endpoint, town, page):
    if endpoint == "MeetingRoom.call":
        times = {"starts_at": ["2099-01-15T09:00"], "ends_at": ["2099-01-15T10:00"]}
        times |= {"video_link": ["https://video.example/r"]}
        return times | {"people": page.fields["people"].options[:2]}
    if endpoint == "Requesting.resume":
        return {"code": [request_drafts.code(town.rows["request draft"])]}
    if endpoint.endswith(".bring_in"):
        return {"pasted": [IMPORTED[endpoint.partition(".")[0]][1]]}
    if endpoint == "RequestView.add":
        days = {"received_on": [today().isoformat()], "birth_date": ["2018-03-01"]}
        whom = {"concerns": ["expected_child"], "wanted": ["unsure"], "due_on": [""]}
        return days | whom | {"from_phone": ["90000000"], "from_email": ["e@x.no"]}
    if endpoint == "Deciding.form":
        return {"decided_on": [today().isoformat()], "complain_by": [""]}
    if endpoint == "Inquiring.form":
        return {"asked_on": [today().isoformat()], "reply_by": [""]}
    if endpoint == "LetterTextView.edit":
        return {"en": [""]}
    if endpoint == "CaseRuleView.edit":
        return {"answer_days": ["20"], "complaint_weeks": ["3"]}
    if endpoint == "DutyView.add":
        return {"kind": ["key"], "responsible_id": ["Office"], "repeats_months": ["12"]}
    if endpoint == "DutyView.edit":
        return {"done_on": [""], "responsible_id": ["Office"], "repeats_months": ["6"]}
    if endpoint == "DeadlineRuleView.edit":
        return {"days": ["21"], "escalate_to_id": ["Newcomer"]}
    if endpoint == "Naming.form":
        return {"nominee_id": ["Newcomer"], "agreed_hours": ["2"], "declined": [""]}
    if endpoint == "ProfilePage.page":
        return {"languages": ["Polish, ar"], "substitute_id": ["Newcomer"]}
    if endpoint == "Succession.page":
        days = {name: [DAY] for name in ("last_day", "first_day")}
        rest = {name: [""] for name in page.fields if name.startswith("to_")}
        return days | rest | {"all_to": ["Newcomer"]}
    if endpoint == "Delaying.form":
        return {"told_on": [today().isoformat()], "answer_by": ["2199-01-05"]}
    if endpoint == "Complaining.form":
        later = {"reconsidered_on": [""], "reviewed": [""], "reviewed_on": [""]}
        return later | {"received_on": [today().isoformat()], "reconsidered": [""]}
    if endpoint == "RequestView.edit":
        return {"case_worker_id": ["Newcomer"], "person_id": ["Other Child"]}
    if endpoint == "Attendance.page":
        return {"people": page.fields["people"].options[:1], "person_id": ["Newcomer"]}
    if endpoint == "MeetingPeople.page":
        return {"people": page.fields["people"].options[:2]}
    if endpoint == "MeetingTimes.propose":
        return {"time_1": ["2099-01-15T09:00"], "time_2": ["2099-01-16T09:00"]}
    if endpoint == "MinutesWriting.give":
        return {"skip": ["y"], "because": ["They sat here"]}
    if endpoint == "MeetingView.edit":
        return {"video_link": ["https://video.example/r"]}
    if endpoint in ("PortraitPage.form", "GoalPicturePage.form"):
        return {"crop": ["middle"], "agreed": ["y"]}
    if endpoint == "PaperPage.form":
        code = {"printed": [town.rows["paper code"]], "signed_on": [f"{today()}"]}
        return code | {"until": [months_later(today(), 5).isoformat()]}
    if endpoint.startswith("ContactView"):
        return {"phone": ["55 00 00 01"], "email": ["new@x.no"]}
    if endpoint.startswith("ContactNoteView"):
        return {"at": ["2026-11-02T10:00"]}
    if endpoint == "SignIn.form":
        return {"name": ["mother"], "secret": [PASSWORD]}
    if endpoint == "SecondStep.form":
        return {"code": [one_time_code.code_of(HALF)]}
    if endpoint == "OwnApp.form":
        return {"password": [PASSWORD]}
    if endpoint == "InvitationPage.page":
        return {"new": [PASSWORD], "again": [PASSWORD]}
    if endpoint == "OwnPassword.form":
        return {"old": [PASSWORD], "new": [PASSWORD + " 2"], "again": [PASSWORD + " 2"]}
    if endpoint == "OwnContact.form":
        return {"email": ["new@x.no"], "phone": ["90000000"], "password": [PASSWORD]}
    if endpoint == "ConsentPage.sign":
        return {
            "sign": ["yes"],
            "password": [PASSWORD],
            "length": ["6"],
            "until": [""],
            "heard": ["talked"],
        }
    if endpoint.startswith("AppointmentView.add"):
        who = {"person_id": ["Other Child"], "coordinator_id": ["Newcomer"]}
        return who | {"starts_on": [DAY], "ends_on": [DAY]}
    if endpoint == "AccountView.add":
        return {
            "person_id": ["Eli Vik"],
            "login_name": ["new@x.no"],
            "roles": [str(Role.LEADER)],
        }
    if endpoint == "Merging.choose":
        return {"person_id": ["Eli Vik"]}
    if endpoint == "CompetenceDecisionView.add":
        days = {name: [today().isoformat()] for name in ("decided_on", "starts_on")}
        return days | {"person_id": ["Other Child"], "until": [""]}
    if endpoint.startswith("PersonView"):
        more = {"identity_number": [""], "email": ["new@x.no"], "phone": ["90000000"]}
        return more | {"birth_date": ["1990-02-28"], "died_on": [""]}
    if endpoint == "Team.add":
        return {"login_name": ["new@x.no"], "package": ["professional"]}
    if endpoint == "Outside.add":
        return {"ways": ["fetch", "attend"], "meeting_id": [""]}
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
    if endpoint in WITH_A_FILE and not any(
        "\ud800" in one for values in sent.values() for one in values
    ):
        body = {name: values for name, values in sent.items() if values != [FILE]}
        body |= {name: (BytesIO(a_picture()), FILE) for name in sent.keys() - body.keys()}
        return office.client(who).post(office.addresses[endpoint], data=body)
    body = urlencode([(k, v) for k, vs in sent.items() for v in vs], errors="surrogatepass")
    kind = "application/x-www-form-urlencoded"
    return office.client(who).post(office.addresses[endpoint], data=body, content_type=kind)


FORMS = (
    "GoalView.add", "GoalView.edit", "ActivityView.add", "ActivityView.edit",
    "CommentView.add", "CommentView.edit", "MeetingView.edit", "SignIn.form",
    "ExpectationView.add", "ExpectationView.edit",
    "ContactView.add", "ContactView.edit", "ContactNoteView.add", "ContactNoteView.edit",
    "PresentationView.add", "PresentationView.edit", "BackgroundView.add", "BackgroundView.edit",
    "SecondStep.form", "OwnApp.form",
    "OwnPassword.form", "OwnContact.form", "InvitationPage.page", "HowItLooks.page",
    "Guidance.form",
    "NoticeChoices.page", "Nicknames.form",
    "Registration.register", "Team.add", "Outside.add", "ConsentPage.sign",
    "Compose.page", "Threads.thread", "Correcting.page", "MessageTemplateView.add",
    "MessageTemplateView.edit", "MeetingRoom.call", "MeetingAgenda.propose",
    "MeetingTimes.propose", "MeetingTimes.answer", "StandingPoints.reword",
    "MinutesWriting.page", "MinutesWriting.give",
    "MeetingSending.settle", "MeetingSending.cancel", "MeetingAnswers.ready", "MeetingPeople.page",
    "MeetingAnswers.write_down",
    "EvaluationRoom.answer",
    "EvaluationRoom.finish", "EvaluationRoom.start", "Hiding.page", "HandingOver.page",
    "AppointmentView.add",
    "AppointmentView.edit", "PersonView.add", "PersonView.edit", "RepresentationView.edit",
    "AccountView.add", "AccountView.edit", "MunicipalityView.edit", "DepartmentView.add",
    "DepartmentView.edit", "ServiceTypeView.add", "ServiceTypeView.edit",
    "LifeAreaNameView.edit", "PlanTypeNameView.edit", "EvaluationQuestionView.add",
    "EvaluationQuestionView.edit",
    "ConsentTextView.add", "ConsentTextView.edit", "UserAgreementView.add",
    "HelpTextView.edit", "NoticeTextView.edit",
    "Merging.choose", "CompetenceDecisionView.add", "CompetenceDecisionView.edit",
    "SigningExceptionView.edit", "SigningExceptions.form", "PaperPage.form",
    "RequestView.add", "RequestView.edit", "Requesting.step", "Requesting.resume",
    "Assessing.form", "Inquiring.form", "CaseLetters.form", "LetterTextView.edit",
    "Deciding.form", "Delaying.form", "Complaining.form", "DeadlineRuleView.edit",
    "CaseRuleView.edit",
    "Nominating.form", "Naming.form", "Succession.page",
    "ProfilePage.page",
    "PortraitPage.form", "GoalPicturePage.form",
    "CourseView.add", "CourseView.edit", "CourseSessionView.add", "CourseSessionView.edit",
    "DutyView.add", "DutyView.edit",
    "Attendance.page",
    *(f"{register}.bring_in" for register in IMPORTED),
)  # fmt: skip
BUTTONS = {
    "GoalView.delete", "ActivityView.delete", "CommentView.delete", "MeetingView.delete",
    "ContactView.delete", "ContactNoteView.delete",
    "ExpectationView.delete", "PresentationView.delete", "BackgroundView.delete",
    "PortraitPage.away", "GoalPicturePage.away", "Timeline.search", "Naming.appoint",
    "Taking.now", "Inquiring.replied", "CaseLetters.sent", "RequestView.search",
    "Coordinators.search", "OnADay.search",
    "DepartmentView.delete", "ServiceTypeView.delete", "MessageTemplateView.delete",
    "SignOut.now", "LanguageView.choose", "Requesting.start", "Requesting.summary",
    "Team.again", "Team.send", "ConsentPage.withdraw", "ConsentPage.withdraw_all",
    "Outside.drop", "Outside.withdraw",
    "OneAccess.less", "OneAccess.pause", "OneAccess.resume", "Leaving.page",
    "ConsentTextView.approve", "Together.phone",
    "Conversion.page", "MeetingRoom.answer", "MeetingAgenda.move", "MeetingAgenda.take_off",
    "MeetingTimes.choose", "StandingPoints.put_back",
    "MinutesWriting.begin", "MinutesRoom.let_go", "MinutesRoom.remark",
    "PersonView.search", "AccountView.search",
    "AppointmentView.search", "RepresentationView.search", "PlanRegisterView.search",
    "DraftRoom.save", "DraftRoom.throw_away", "Stay.now", "Lookup.people",
    "Hats.take", "Reached.by_hand", "Reached.remind", "Undelivered.again", "Notices.seen",
    "Invitations.again", "Invitations.withdraw", "MyAccount.end", "MyAccount.end_others",
    "EasyReading.choose", "Agreement.accept", "UserAgreementView.publish",
    "Rights.ask", "Rights.yes", "Rights.no", "Merging.ask", "Merging.yes", "Merging.no",
    "Confirmations.confirm", "Confirmations.except_yes", "Confirmations.except_no",
    "Confirmations.decision_yes", "Confirmations.decision_no", "SigningExceptions.end",
    "Confirmations.paper_yes", "Confirmations.paper_no",
    "CompetenceDecisionView.search", "SigningExceptionView.search", "ConsentPage.conclude",
    "EidSignIn.take", "SingleSignOut.back_channel", "SecondStep.again", "AnswerLink.page",
    "CourseView.delete", "CourseView.search", "LacksBasics.search", "NotLetIn.search",
    "CourseSessionView.delete", "CourseSessionView.search",
    "GettingStarted.hide", "Reminding.now", "OwnTraining.come", "OwnTraining.stay_away",
    *(f"{register}.look_over" for register in IMPORTED), "CourseAttendanceView.search",
    "SeeAs.begin", "SeeAs.stop", "GoalPlaces.move", "Versions.put_back",
}  # fmt: skip
