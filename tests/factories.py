"""Test data (testdata): two towns, a plan with everybody around it, and plans of strangers."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

from flask_appbuilder.security.sqla.models import User
from PIL import Image
from sqlalchemy import null, select
from sqlalchemy.orm import Session

from models.account import Account, Invitation, Membership
from models.attachment import Attachment
from models.case_letter import CaseLetter, CaseLetterFile
from models.case_rule import CaseRule
from models.case_words import Arrival, Concerns, LetterKind, Ruling, Wanted
from models.clock import today, utcnow
from models.consent import Consent, ConsentLine, ConsentText, Grant, Signature
from models.course import Course, CourseAttendance, CourseSession
from models.deadline_rule import DeadlineRule
from models.decision import Decision
from models.duty import Duty, DutyKind
from models.elements.activity import Activity
from models.elements.agenda_item import AgendaItem
from models.elements.background import Background
from models.elements.comment import Comment
from models.elements.contact import Contact
from models.elements.contact_note import ContactNote
from models.elements.evaluation import Evaluation, EvaluationAnswer, GoalOutcome
from models.elements.expectation import Expectation
from models.elements.goal import Goal
from models.elements.meeting import Invitee, Meeting
from models.elements.message import Message, MessageRecipient
from models.elements.minutes import Attended, Minutes
from models.elements.minutes_item import MinutesItem
from models.elements.minutes_remark import MinutesRemark
from models.elements.presentation import Presentation
from models.feedback import CoordinatorFeedback
from models.illustration import GoalPicture, Portrait
from models.inquiry import Inquiry
from models.language import Language, Tongue
from models.municipality import (
    Department,
    EvaluationQuestion,
    LetterText,
    LifeAreaName,
    Municipality,
    ServiceType,
)
from models.outside import OutsideGrant, OutsideLine
from models.paper import ScanKind
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Participant, Plan, PlanRegister
from models.request import Request
from models.user_agreement import AgreementAcceptance, UserAgreement
from models.vocabulary import (
    AgendaKind,
    Capacity,
    Circle,
    ConsentStatus,
    Exchange,
    GoalResult,
    Level,
    LifeArea,
    Outcome,
    Package,
    ParticipantStatus,
    PlanStatus,
    PlanType,
    Presence,
    Role,
    Scope,
    Verification,
)
from services import case_rules
from services.deadline_rules import rows_for

WHO: dict[str, Role] = {
    "owner": Role.OWNER,  # twelve years old
    "mother": Role.REPRESENTATIVE,
    "father": Role.REPRESENTATIVE,
    "uncle": Role.REPRESENTATIVE,  # says he represents; nobody has verified it
    "coordinator": Role.COORDINATOR,
    "teacher": Role.PARTICIPANT,  # contributes to work and school
    "nurse": Role.PARTICIPANT,  # writes goals, messages, meetings and evaluations
    "reader": Role.PARTICIPANT,  # reads goals
    "late": Role.PARTICIPANT,  # reads goals from today on
    "expired": Role.PARTICIPANT,
    "withdrawn": Role.PARTICIPANT,
    "unsigned": Role.PARTICIPANT,  # stands in a consent nobody has signed
    "grandmother": Role.PARTICIPANT,  # messages and meetings only
    "stranger": Role.OWNER,  # an adult with an individual plan
    "other mother": Role.REPRESENTATIVE,
    "newcomer": Role.COORDINATOR,  # a coordinator without any plan
    "office": Role.COORDINATING_UNIT,
    "leader": Role.LEADER,
    "admin": Role.ADMINISTRATOR,
    "foreign coordinator": Role.COORDINATOR,  # of the other town
    "foreign office": Role.COORDINATING_UNIT,
}
OUTSIDE = (
    "uncle", "expired", "withdrawn", "unsigned", "stranger", "other mother", "newcomer",
    "office", "leader", "admin", "foreign coordinator", "foreign office",
)  # fmt: skip


def start_code(town: Town, who: str, by: str, code_hash: str | None) -> Invitation:
    """A code that `by` has handed over to `who`."""
    return Invitation(
        municipality_id=town.municipality_id, account_id=town.accounts[who],
        person_id=town.people[who], invited_by_id=town.people[by], code_hash=code_hash,
        expires_at=utcnow() + timedelta(days=14),
    )  # fmt: skip


@dataclass
class Town:
    municipality_id: int = 0
    foreign_id: int = 0
    people: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)
    memberships: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def plan(self) -> int:
        return self.rows["plan"]


def build(session: Session) -> Town:
    """Two towns, and in the first a plan that has something of everything."""
    town = Town()
    town.municipality_id = stored(session, Municipality(name="Fjordvik", phone="+4755000000")).id
    town.foreign_id = stored(session, Municipality(name="Innlandet", language=Language.BOKMAL)).id
    _agreements(session, town)
    for name, role in WHO.items():
        home = town.foreign_id if name.startswith("foreign") else town.municipality_id
        _person(session, town, name, role, home)
    _registers(session, town)
    _courses(session, town)
    _plans(session, town)
    _consents(session, town)
    _content(session, town)
    return town


def stored(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def _person(session: Session, town: Town, name: str, role: Role, home: int) -> None:
    born = {"owner": today() - timedelta(days=12 * 366), "other child": date(2016, 2, 29)}
    person = stored(
        session,
        Person(
            name=name.title(),
            municipality_id=home,
            birth_date=born.get(name, date(1990, 1, 2)),
            organisation="Solvik school" if name == "teacher" else None,
        ),
    )
    uid = f"u{person.id}"
    user = stored(
        session,
        User(active=True, first_name="-", last_name="-", username=uid, email=f"{uid}@x.invalid"),
    )
    at_any_hour = {"quiet_from": null(), "quiet_to": null()}  # these tests are run at night too
    login = Account(user_id=user.id, login_name=name.replace(" ", "."), **at_any_hour)
    account = stored(session, login)
    hat = Membership(
        account_id=account.id, municipality_id=home, person_id=person.id, roles=frozenset({role})
    )
    town.memberships[name] = stored(session, hat).id
    has_accepted(session, town, hat)
    town.people[name], town.accounts[name] = person.id, account.id


def _agreements(session: Session, town: Town) -> None:
    for home, key in ((town.municipality_id, ""), (town.foreign_id, "foreign ")):
        text = {"nn": "Hald det for deg sjølv.", "nb": "Hold det for deg selv.", "en": "Keep it."}
        row = UserAgreement(municipality_id=home, words=text, published_at=utcnow())
        town.rows[key + "useragreement"] = stored(session, row).id


def has_accepted(session: Session, town: Town, hat: Membership) -> None:
    """The user agreement of the hat's town: otherwise that is all its wearer meets."""
    foreign = hat.municipality_id == town.foreign_id
    agreement_id = town.rows["foreign useragreement" if foreign else "useragreement"]
    yes = {"account_id": hat.account_id, "membership_id": hat.id, "language": Language.NYNORSK}
    stored(session, AgreementAcceptance(**yes, agreement_id=agreement_id))


def _a_case(session: Session, town: Town, home: int, key: str) -> None:
    """A question that waits for its reply, and a letter with its file."""
    theirs = {"municipality_id": home, "request_id": town.rows[key + "request"]}
    mine = town.people[key + "office"]
    asked = {"asked_on": date(2025, 3, 2), "asked_of": "Secret School", "question": "Secret why"}
    inquiry = stored(session, Inquiry(**theirs, **asked, asked_by_id=mine))
    words = {"kind": LetterKind.RECEIPT, "to_name": "Secret Ask", "text": "Secret letter"}
    written = {"language": Language.ENGLISH, "written_on": date(2025, 3, 2), "written_by_id": mine}
    letter = stored(session, CaseLetter(**theirs, **words, **written))
    file = {"content": "U2VjcmV0", "digest": "0" * 64, "letter_id": letter.id}
    stored(session, CaseLetterFile(**theirs, **file))
    text = stored(session, LetterText(municipality_id=home, key="delay", nn="n", nb="b", en="e"))
    town.rows |= {key + "inquiry": inquiry.id, key + "case letter": letter.id}
    town.rows[key + "lettertext"] = text.id


def _registers(session: Session, town: Town) -> None:
    for home, key in ((town.municipality_id, ""), (town.foreign_id, "foreign ")):
        at = {"municipality_id": home}
        words = {"nn": "Skule", "nb": "Skole", "en": "School"}
        town.rows[key + "department"] = stored(session, Department(**at, name="Health")).id
        town.rows[key + "service type"] = stored(session, ServiceType(**at, **words)).id
        town.rows[key + "life area"] = stored(
            session, LifeAreaName(**at, area=LifeArea.WORK_SCHOOL, **words)
        ).id
        asked = {"concerns": Concerns.MYSELF, "wanted": {Wanted.UNSURE}, "arrival": Arrival.POST}
        day = {"received_on": date(2025, 3, 1), "answer_by": date(2025, 4, 1)}
        day |= {"year": 2025, "number": 1}
        names = {"person_name": "Secret Ask", "from_name": "Secret Ask", "words": "Secret need"}
        town.rows[key + "request"] = stored(session, Request(**at, **asked, **day, **names)).id
        second = stored(session, Request(**at, **asked, **day | {"number": 2}, **names)).id
        town.rows[key + "answered request"] = second
        told = {"outcome": Ruling.BOTH, "decided_on": date(2025, 3, 20), "request_id": second}
        stored(session, Decision(**at, **told, decided_by_id=town.people[key + "office"]))
        _a_case(session, town, home, key)
        for rule in rows_for(home, set()):
            town.rows[key + f"{rule['kind']} rule"] = stored(session, DeadlineRule(**rule)).id
        yearly = {"kind": DutyKind.ACCESSIBILITY, "due_on": date(2099, 3, 1), "repeats_months": 12}
        town.rows[key + "duty"] = stored(session, Duty(**at, **yearly, note="Secret duty")).id
        for rule in case_rules.rows_for(home, set()):
            town.rows[key + f"{rule['wanted']} rule"] = stored(session, CaseRule(**rule)).id
        ask = EvaluationQuestion(
            **at, key="well", audience="owner", has_face=True, nn="Bra?", nb="Bra?", en="Well?"
        )
        town.rows[key + "question"] = stored(session, ask).id
        english = {"language": Tongue("en"), "body": "Share?"}
        for plan_type in (PlanType.INDIVIDUAL_PLAN, PlanType.SIMPLE_COLLABORATION):
            asked = ConsentText(**at, **english, plan_type=plan_type, approved_at=utcnow())
            stored(session, asked)
        written = ConsentText(**at, **english, plan_type=PlanType.RELAY_LOG)
        town.rows[key + "text"] = stored(session, written).id


def _courses(session: Session, town: Town) -> None:
    """A course everyone should have, and a day of it that the nurse was at."""
    for home, key in ((town.municipality_id, ""), (town.foreign_id, "foreign ")):
        course = stored(session, Course(municipality_id=home, name="Basics", is_basic=True))
        day = {"municipality_id": home, "held_on": date(2025, 3, 1), "place": "Town hall"}
        held = stored(session, CourseSession(**day, course_id=course.id))
        town.rows |= {key + "course": course.id, key + "coursesession": held.id}
    here = {"municipality_id": town.municipality_id, "session_id": town.rows["coursesession"]}
    there = CourseAttendance(**here, person_id=town.people["nurse"], was_there=True)
    town.rows["course attendance"] = stored(session, there).id


def _plans(session: Session, town: Town) -> None:
    who, home = town.people, town.municipality_id
    child = stored(
        session, Person(name="Other Child", municipality_id=home, birth_date=date(2016, 2, 29))
    )
    who["other child"] = child.id
    opened = utcnow() - timedelta(days=40)

    def plan(key: str, person: int, short: str, type_: PlanType, municipality: int = home) -> None:
        row = Plan(
            municipality_id=municipality, person_id=person, short_name=short, type=type_,
            status=PlanStatus.ACTIVE, opened_at=opened,
            owner_decides_from=date(2000, 1, 1) if short == "ST 1" else today() + timedelta(1400),
            guardian_until=date(2002, 1, 1) if short == "ST 1" else today() + timedelta(2200),
        )  # fmt: skip
        town.rows[key] = stored(session, row).id
        entry = PlanRegister(
            plan_id=town.rows[key], municipality_id=municipality, person_id=person, type=type_,
            status=PlanStatus.ACTIVE, opened_on=opened.date(), started_on=opened.date(),
            individual_since=opened.date() if type_ is PlanType.INDIVIDUAL_PLAN else None,
            coordinator_id=who["coordinator"] if key == "plan" else None,
        )  # fmt: skip
        town.rows[key + " register"] = stored(session, entry).id

    plan("plan", who["owner"], "OW 1", PlanType.INDIVIDUAL_PLAN)
    plan("stranger plan", who["stranger"], "ST 1", PlanType.INDIVIDUAL_PLAN)
    plan("other plan", child.id, "OC 1", PlanType.SIMPLE_COLLABORATION)
    plan("foreign plan", who["foreign office"], "FO 1", PlanType.INDIVIDUAL_PLAN, town.foreign_id)
    verified = {
        "verified_how": Verification.DOCUMENT,
        "verified_by_id": who["coordinator"],
        "verified_at": opened,
        "starts_at": opened,
    }
    kin = {"municipality_id": home, "capacity": Capacity.PARENTAL_RESPONSIBILITY}
    for name in ("mother", "father"):
        pair = {"person_id": who["owner"], "representative_id": who[name]}
        stored(session, Representation(**kin, **pair, **verified))
    unproven = Representation(
        **kin, person_id=who["owner"], representative_id=who["uncle"], starts_at=opened
    )
    stored(session, unproven)
    other = {"person_id": child.id, "representative_id": who["other mother"]}
    stored(session, Representation(**kin, **other, **verified))
    appointment = CoordinatorAppointment(
        municipality_id=home,
        person_id=who["owner"],
        coordinator_id=who["coordinator"],
        department_id=town.rows["department"],
        starts_on=opened.date(),
    )
    town.rows["appointment"] = stored(session, appointment).id
    feedback = CoordinatorFeedback(
        municipality_id=home, coordinator_id=who["coordinator"], given_on=today(), words="Fine"
    )
    town.rows["feedback"] = stored(session, feedback).id


TEAM = {
    "coordinator": Package.COORDINATOR,
    "teacher": Package.PROFESSIONAL,
    "nurse": Package.PROFESSIONAL,
    "reader": Package.PROFESSIONAL,
    "late": Package.PROFESSIONAL,
    "expired": Package.PROFESSIONAL,
    "withdrawn": Package.PROFESSIONAL,
    "unsigned": Package.PROFESSIONAL,
    "grandmother": Package.RELATIVE,
    "owner": None,
    "mother": None,
    "father": None,
}


def _consents(session: Session, town: Town) -> None:
    who, plan_id = town.people, town.plan
    then, later = utcnow() - timedelta(days=30), utcnow() + timedelta(days=300)
    for name, package in TEAM.items():
        row = Participant(
            plan_id=plan_id, person_id=who[name], role=name, package=package,
            status=ParticipantStatus.ACTIVE,
        )  # fmt: skip
        town.rows[f"participant {name}"] = stored(session, row).id
    made = {"plan_id": plan_id, "plan_type": PlanType.INDIVIDUAL_PLAN}
    consent = Consent(
        **made, prepared_by_id=who["coordinator"], version=1, status=ConsentStatus.SIGNED,
        sent_at=then, signed_at=then, until=later,
    )  # fmt: skip
    town.rows["consent"] = stored(session, consent).id
    waiting = Consent(
        **made, prepared_by_id=who["coordinator"], version=2, status=ConsentStatus.SENT,
        sent_at=utcnow(),
    )  # fmt: skip
    town.rows["sent consent"] = stored(session, waiting).id
    line = ConsentLine(
        plan_id=plan_id, consent_id=waiting.id, person_id=who["unsigned"], scope=Scope.GOALS,
        level=Level.WRITE, life_areas=frozenset(LifeArea),
    )  # fmt: skip
    town.rows["line"] = stored(session, line).id
    lasts = {"plan_id": plan_id, "consent_id": consent.id, "ways": frozenset({Exchange.FETCH})}
    doctor = OutsideLine(**lasts, first_uid="doctor", name="Doctor Moe", about="Sleep")
    times = {"line_id": stored(session, doctor).id, "starts_at": then, "ends_at": later}
    town.rows["outside"] = stored(session, OutsideGrant(**lasts, **times)).id
    for name in ("mother", "father"):
        signature = Signature(
            plan_id=plan_id, consent_id=consent.id, person_id=who[name], until=later.date(),
            capacity=Capacity.PARENTAL_RESPONSIBILITY, signed_at=then, language=Language.NYNORSK,
            method="password", digest="0" * 64,
        )  # fmt: skip
        stored(session, signature)

    def grant(name: str, scope: Scope, level: Level, **more: Any) -> None:
        keys = {"plan_id": plan_id, "consent_id": consent.id, "person_id": who[name]}
        times = {"since": then, "starts_at": then, "ends_at": later}
        areas = {"life_areas": frozenset(LifeArea)}
        stored(session, Grant(**keys, **(areas | times | more), scope=scope, level=level))

    for scope in Scope:
        grant("coordinator", scope, Level.WRITE)
    for scope in (Scope.GOALS, Scope.MESSAGES, Scope.MEETINGS, Scope.EVALUATION):
        grant("nurse", scope, Level.WRITE)
    school = frozenset({LifeArea.WORK_SCHOOL})
    grant("teacher", Scope.GOALS, Level.CONTRIBUTE, life_areas=school)
    grant("teacher", Scope.MESSAGES, Level.WRITE)
    grant("teacher", Scope.MEETINGS, Level.CONTRIBUTE)
    grant("teacher", Scope.EVALUATION, Level.CONTRIBUTE)
    grant("reader", Scope.GOALS, Level.READ)
    grant("late", Scope.GOALS, Level.READ, since=utcnow())
    grant("expired", Scope.GOALS, Level.WRITE, ends_at=utcnow() - timedelta(seconds=1))
    grant("withdrawn", Scope.GOALS, Level.WRITE, revoked_at=utcnow() - timedelta(seconds=1))
    grant("grandmother", Scope.MESSAGES, Level.WRITE)
    grant("grandmother", Scope.MEETINGS, Level.CONTRIBUTE)


def _content(session: Session, town: Town) -> None:
    who, plan_id = town.people, town.plan
    before = utcnow() - timedelta(days=2)
    base: dict[str, Any] = {"plan_id": plan_id, "created_at": before}
    nurse, coordinator = {"author_id": who["nurse"]}, {"author_id": who["coordinator"]}
    school = {"life_areas": frozenset({LifeArea.WORK_SCHOOL})}

    def keep(name: str, row: Any) -> int:
        town.rows[name] = stored(session, row).id
        return town.rows[name]

    health = frozenset({LifeArea.HEALTH})
    swim = keep("goal", Goal(**base, **coordinator, goal="Swim", life_areas=health))
    read = keep("school goal", Goal(**base, **coordinator, goal="Read", **school))
    hush = {"hidden_from_guardians": True, "hidden_because": "Told in confidence"}
    hidden = keep("hidden goal", Goal(**base, **coordinator, goal="Hush", **school, **hush))
    elsewhere = {"plan_id": town.rows["stranger plan"], "created_at": before}
    keep("foreign goal", Goal(**elsewhere, author_id=who["stranger"], goal="Elsewhere"))
    keep("activity", Activity(**base, **nurse, what="Practise", goal_id=read, **school))
    keep("task", Activity(**base, **coordinator, what="Ring NAV", responsible_id=who["nurse"]))
    comment = {"hidden_from_guardians": True, **school}
    keep("hidden comment", Comment(**base, **nurse, comment="Psst", goal_id=hidden, **comment))
    keep("comment", Comment(**base, **nurse, comment="Good", goal_id=read, **school))

    trains = Presentation(**base, author_id=who["mother"], who="Likes trains")
    seen = {"presentation_id": keep("presentation", trains), "digest": "x", "agreed_on": today()}
    jpeg = BytesIO()
    Image.new("RGB", (96, 96), "green").save(jpeg, "JPEG")
    content = b64encode(jpeg.getvalue()).decode()
    town.rows["portrait"] = stored(session, Portrait(plan_id=plan_id, content=content, **seen)).id
    drawn = {"goal_id": swim, "digest": "x", "agreed_on": today()}
    keep("drawing", GoalPicture(plan_id=plan_id, content=content, **drawn))
    call = {"name": "Doctor Vik", "phone": "+4755123456"}
    vik = keep("contact", Contact(**base, **coordinator, **call, about="Medicine"))
    rang = ContactNote(**base, **coordinator, said="New appointment", at=before, contact_id=vik)
    keep("contactnote", rang)
    told = Expectation(**base, **coordinator, participant_id=who["teacher"], of_you="Says it first")
    keep("expectation", told)
    keep("background", Background(**base, **coordinator, situation="Draws", **school))

    def letter(name: str, by: str, to: list[str], **more: Any) -> None:
        row = Message(
            **base, author_id=who[by], subject_line=name, body=f"Body {name}", locked_at=before,
            **more,
        )  # fmt: skip
        row.recipients = [MessageRecipient(plan_id=plan_id, person_id=who[p]) for p in to]
        keep(name, row)

    letter("to teacher", "nurse", ["teacher"])
    pdf = {"name": "Skyss.pdf", "kind": ScanKind.PDF, "size": 3, "digest": "x"}
    at = {"plan_id": plan_id, "message_id": town.rows["to teacher"]}
    sent = Attachment(**at, **pdf, content=b64encode(b"pdf").decode())
    town.rows["attachment"] = stored(session, sent).id
    letter("to coordinator", "mother", ["coordinator"], circle=Circle.COORDINATOR_ONLY)
    letter("to owners", "coordinator", ["mother", "father"], circle=Circle.OWNERS_SIDE)
    meeting = Meeting(
        **base,
        **coordinator,
        purpose="Autumn",
        starts_at=before,
        ends_at=before + timedelta(0, 3600),
    )
    meeting.invitees = [
        Invitee(plan_id=plan_id, person_id=who[name]) for name in ("mother", "teacher")
    ]
    autumn = keep("meeting", meeting)
    point = AgendaItem(**base, author_id=who["teacher"], topic="Lunch", position=1, meeting=meeting)
    keep("agendaitem", point)
    done = {"given_at": before, "opens_at": before, "told_at": before, "meeting_id": autumn}
    minutes = Minutes(**base, **coordinator, minutes="We agreed", **done)
    minutes.attended = [Attended(plan_id=plan_id, person_id=who["mother"], presence=Presence.CAME)]
    done = {"minutes_id": keep("minutes", minutes), "meeting_id": autumn, "opens_at": before}
    said = MinutesItem(**base, **coordinator, topic="Lunch", said="Soup", position=1, **done)
    keep("minutesitem", said)
    promise = {"kind": AgendaKind.PROMISE, "promise_id": town.rows["task"], "position": 0}
    promise |= {"outcome": Outcome.PARTLY, "said": "Twice"}
    keep("promise", MinutesItem(**base, **coordinator, **promise, **done))
    keep("minutesremark", MinutesRemark(**base, author_id=who["mother"], said="Not soup", **done))
    half_year = keep("evaluation", Evaluation(**base, **coordinator, held_on=today()))
    answer = EvaluationAnswer(
        **base, author_id=who["teacher"], words="Well", question="Well?",
        question_id=town.rows["question"], evaluation_id=half_year,
    )  # fmt: skip
    keep("answer", answer)
    past = Evaluation(**base, **coordinator, held_on=before.date(), locked_at=before)
    long_ago = keep("past evaluation", past)
    outcome = GoalOutcome(
        **base, **coordinator, result=GoalResult.PARTLY, evaluation_id=long_ago, goal_id=swim,
        life_areas=health,
    )  # fmt: skip
    keep("outcome", outcome)


def moment(text: str) -> datetime:
    """An aware moment from "2026-10-25T02:30+02:00"."""
    return datetime.fromisoformat(text)


def a_key(
    desk: Any,
    town: Town,
    who: str,
    scope: Scope,
    level: Level,
    areas: Iterable[LifeArea] = LifeArea,
) -> None:
    """Let somebody into one part of the plan, for as long as the nurse is in."""
    with desk.system() as session:
        nurse = select(Grant).where(Grant.person_id == town.people["nurse"])
        like = session.scalars(nurse).first()
        lasts = {"since": like.since, "starts_at": like.starts_at, "ends_at": like.ends_at}
        what = {"scope": scope, "level": level, "life_areas": frozenset(areas)}
        whose = {"plan_id": town.plan, "person_id": town.people[who]}
        session.add(Grant(**whose, **what, **lasts, consent_id=like.consent_id))
        session.commit()
