"""Four known patterns of attack on the consent: out of the grant by a changed key, more by being
linked, what a refusal tells, and a time that is over. By numbers of the list in the research.

Parts of them stand elsewhere, and are not done again here. 13: rows and keys of the plan's content,
and ways round the session (test_session), forged elements in forms (test_patrol). 14: a coordinator
who makes herself one, keys no signer said yes to (test_session). 15: who is outside a plan
(test_patrol), search (test_lookup), whom one may see as (test_see_as), receipts of others
(test_receipts). 18: the 16th birthday at midnight (test_owners_day), the second a consent is marked
as over (test_taking_back), what is open while one sees as somebody (test_see_as).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import make_transient, make_transient_to_detached

from models.clock import CLOCK, OSLO, today, utcnow
from models.competence import CompetenceDecision
from models.consent import Consent, ConsentLine, Grant, Hearing, Pause, Signature, SignatureAnswer
from models.elements.activity import Activity
from models.elements.goal import Goal
from models.elements.meeting import Invitee, Meeting
from models.elements.message import MessageRecipient
from models.evidence import SignatureProof, SignatureRecord
from models.keys import HIGHEST
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import Participant, Plan
from models.receipt import Receipt, ReceiptCopy
from models.signing_exception import SigningException
from models.vocabulary import (
    Attendance,
    ExceptionReason,
    Heard,
    Level,
    Package,
    ParticipantStatus,
    Scope,
)
from security.access import load_access
from security.policy import Forbidden
from security.writes import Immutable, Locked
from services.answer import Answer, ChildHeard
from services.consent import lines_of, waiting_consent
from services.signing import sign
from services.statement import asked
from services.withdrawal import withdraw_person
from tests.steps import prepare
from tests.test_giving_access import PASSWORD, family, signed  # noqa: F401  (fixtures)

MARTE, JONAS = "marte@example.no", "jonas"
OF_A_PLAN = (
    Consent, ConsentLine, Signature, SignatureAnswer, Hearing, Grant, Pause, Participant,
    SignatureRecord, SignatureProof, Receipt, ReceiptCopy,
)  # fmt: skip
OF_A_TOWN = (SigningException, CompetenceDecision, Representation, CoordinatorAppointment)
ATTACKERS = ("mother", "coordinator", "nurse", "stranger", "office", "foreign coordinator")
REFUSED = (Forbidden, Immutable, Locked, DBAPIError)


@pytest.fixture
def there(signed, desk, town):  # noqa: F811
    """The family's plan, with something of every kind a consent leaves; the attackers have
    nothing in it."""
    with desk.system() as session:
        signature = session.scalars(select(Signature).where(Signature.plan_id == signed.plan))
        one = signature.first()
        more = {"plan_id": signed.plan, "content": "JVBERi0=", "digest": "0" * 64}
        out = session.scalars(select(Grant).where(Grant.plan_id == signed.plan)).first().person_id
        home = {"municipality_id": town.municipality_id, "person_id": signed.child}
        parents = select(Representation.representative_id).where(
            Representation.person_id == signed.child
        )
        first, second = session.scalars(parents.order_by(Representation.id))
        question = {"asked_by_id": town.people["leader"]}
        session.add_all(
            [
                Receipt(signature_id=one.id, **more),
                ReceiptCopy(consent_id=one.consent_id, **more),
                Pause(plan_id=signed.plan, person_id=out, paused_by_id=first),
                SigningException(
                    **home, **question, representative_id=second, explanation="Away",
                    reason=next(iter(ExceptionReason)), until=today() + timedelta(days=9),
                ),
                CompetenceDecision(
                    **home, **question, decided_on=today(), decided_by="Doctor",
                    document="Archive", starts_on=today() + timedelta(days=99),
                ),
            ]
        )  # fmt: skip
        session.commit()
    return signed


def stored(desk, plan_id, person_id):
    """Every row there is of the consent of one plan, and of what is decided about its owner."""
    with desk.engine.connect() as connection:
        rows = {}
        for cls in (*OF_A_PLAN, *OF_A_TOWN):
            column = "plan_id" if cls in OF_A_PLAN else "person_id"
            key = plan_id if cls in OF_A_PLAN else person_id
            asked_ = text(f"SELECT * FROM {cls.__tablename__} WHERE {column} = {key}")
            rows[cls] = sorted(map(repr, connection.execute(asked_)))
        return rows


def first_of(desk, cls, plan_id):
    with desk.system() as session:
        one = session.scalars(select(cls).where(cls.plan_id == plan_id)).first()
        session.expunge(one)
        return one


# 13: checked when it is made, and when it is changed


@pytest.mark.parametrize("who", ATTACKERS)
def test_13_no_list_and_no_key_reaches_the_consent_of_another_plan(desk, there, who):
    with desk.session(who) as session:
        for cls in OF_A_PLAN:
            listed = session.scalars(select(cls).where(cls.plan_id == there.plan))
            assert listed.unique().all() == [], cls
            key = first_of(desk, cls, there.plan).__mapper__.primary_key_from_instance(
                first_of(desk, cls, there.plan)
            )
            assert session.get(cls, tuple(key)) is None, cls


@pytest.mark.parametrize("who", ATTACKERS)
def test_13_a_row_whose_key_is_guessed_is_not_changed(desk, there, who):
    before = stored(desk, there.plan, there.child)
    for cls in OF_A_PLAN:
        row = first_of(desk, cls, there.plan)
        make_transient(row)
        make_transient_to_detached(row)
        with desk.session(who) as session:
            session.add(row)
            name = "person_id" if hasattr(cls, "person_id") else "plan_id"
            setattr(row, name, desk.town.people[who] if name == "person_id" else desk.town.plan)
            with pytest.raises(REFUSED):
                session.flush()
                pytest.fail(cls.__name__)
    assert stored(desk, there.plan, there.child) == before


@pytest.mark.parametrize("who", ATTACKERS)
def test_13_nothing_is_put_into_another_plan(desk, there, who):
    """A copy of a row that is there, for oneself."""
    before = stored(desk, there.plan, there.child)
    for cls in OF_A_PLAN:
        with desk.session(who) as session:
            session.add(cls(**copied(first_of(desk, cls, there.plan), desk.town.people[who])))
            with pytest.raises(REFUSED):
                session.flush()
                pytest.fail(cls.__name__)
    assert stored(desk, there.plan, there.child) == before


def copied(old, person_id):
    """The values of a row, for a new one."""
    left_out = {"id", "uid", "content"}
    columns = {c.key for c in type(old).__mapper__.column_attrs} - left_out
    values = {name: getattr(old, name) for name in columns}
    if "person_id" in values:
        values["person_id"] = person_id
    if isinstance(old, SignatureRecord):
        values["seq"] += 100
    if isinstance(old, Receipt | ReceiptCopy):
        values["content"] = "JVBERi0="
    return values


KEYS = {"consent_id", "signature_id", "line_id", "person_id", "seq"}


@pytest.mark.parametrize("by", [MARTE, "newcomer"])
def test_13_what_is_ones_own_is_not_moved_to_another_plan(desk, there, town, by):
    """By those who may change it where it is."""
    before, others = stored(desk, there.plan, there.child), stored(desk, town.plan, 0)
    for cls in OF_A_PLAN:
        for name in {"plan_id"} | KEYS & {c.key for c in cls.__mapper__.column_attrs}:
            with session_of(there, desk, by) as session:
                mine = session.scalars(select(cls).where(cls.plan_id == there.plan))
                row = mine.unique().first()
                if row is None:
                    continue  # not theirs to read
                target = town.plan if name == "plan_id" else town.rows["consent"]
                target = town.people["nurse"] if name == "person_id" else target
                setattr(row, name, target if target != getattr(row, name) else target + 1)
                with pytest.raises((*REFUSED, AssertionError)):
                    session.flush()
                session.rollback()
    assert stored(desk, there.plan, there.child) == before
    assert stored(desk, town.plan, 0) == others


def session_of(there, desk, by):
    """Of somebody of the town, or of a guardian of the family (by login name)."""
    from dataclasses import replace

    from security.session import GuardedSession

    if by in desk.town.people:
        return desk.session(by)
    person = there.person("Marte Vik")
    session = GuardedSession(desk.engine)
    session.act_as(replace(desk.actor("mother"), person_id=person.id, account_id=0))
    return session


@pytest.mark.parametrize("who", ["mother", "coordinator", "nurse", "stranger"])
@pytest.mark.parametrize("cls", OF_A_TOWN, ids=lambda cls: cls.__name__)
def test_13_no_decision_about_another_person_is_moved_or_made(desk, there, who, cls):
    before = stored(desk, there.plan, there.child)
    for about in ({"person_id": desk.town.people["owner"]}, {"ended_at": utcnow()}):
        with desk.session(who) as session, desk.system() as system:
            row = system.scalars(select(cls).where(cls.person_id == there.child)).first()
            system.expunge(row)
            make_transient(row)
            make_transient_to_detached(row)
            session.add(row)
            for name, value in about.items():
                ends = {"ended_at": "ends_at" if cls is Representation else "ends_on"}
                name = name if hasattr(row, name) else ends[name]
                setattr(row, name, value.date() if name == "ends_on" else value)
            with pytest.raises(REFUSED):
                session.flush()
            session.rollback()
    assert stored(desk, there.plan, there.child) == before


CONSENT_PAGES = re.compile(r"/plan/<int:plan_id>/(consent|team|leave|convert|receipts|see-as)")


def posts(app, plan_id, others):
    """(address) of every page about the consent that takes something, with keys of another."""
    for rule in app.url_map.iter_rules():
        if CONSENT_PAGES.match(rule.rule) and "POST" in rule.methods:
            values = {"plan_id": plan_id} | {name: others[name] for name in rule.arguments
                                             if name != "plan_id"}  # fmt: skip
            yield app.url_map.bind("localhost").build(rule.endpoint, values, method="POST")


def keys_of(desk, there):
    line, grant = (first_of(desk, cls, there.plan) for cls in (ConsentLine, Grant))
    signature = first_of(desk, Signature, there.plan)
    return {
        "person_id": grant.person_id, "pk": signature.id, "plan_id": there.plan,
        "consent_id": line.consent_id, "line_id": line.id, "signature_id": signature.id,
        "grant_id": grant.id, "id": signature.id, "kind": "goal",
    }  # fmt: skip


@pytest.mark.parametrize("who", ["mother", "coordinator", "nurse", "stranger"])
@pytest.mark.parametrize("where", ["their own plan", "the other plan"])
def test_13_keys_of_another_plan_in_the_form_change_nothing_there(
    app, browser, desk, there, town, who, where
):
    keys = keys_of(desk, there)
    body = keys | {
        f"answer-{keys['person_id']}": "yes", "sign": "yes", "length": "6", "heard": "talked",
        "opinion": "x", "password": "x", "shown": "0" * 64, "login_name": "nurse", "name": "Nurse",
        "role": "x", "package": "professional", "representative_id": keys["person_id"],
        "reason": "unreachable", "explanation": "x", "until": today().isoformat(),
        "level-messages": "", "uid": first_of(desk, Grant, there.plan).uid,
    }  # fmt: skip
    before = stored(desk, there.plan, there.child)
    plan = there.plan if where == "the other plan" else town.plan
    tried = 0
    for address in posts(app, plan, keys):
        reply = browser(who).post(address, data=body)
        tried += 1
        if plan == there.plan:
            assert reply.status_code == 404, (address, reply.status_code)
        assert reply.status_code < 500, address
    assert tried > 12
    assert stored(desk, there.plan, there.child) == before


# 14: being linked is not being let in


def rights(desk, plan_id, person_id, name):
    """How far each part is open, and how many goals are read."""
    with desk.system() as session:
        access = load_access(session, person_id, plan_id, utcnow())
        levels = {scope: access.level(scope) for scope in Scope}
        decides = access.decides or access.withdraws
    with desk.session(name) as session:
        goals = len(session.scalars(select(Goal).where(Goal.plan_id == plan_id)).all())
    return levels, decides, goals


def proposed(session, town, who):
    part = {"plan_id": town.plan, "role": "x", "package": Package.PROFESSIONAL}
    session.add(Participant(person_id=town.people[who], status=ParticipantStatus.PROPOSED, **part))


def active_in_the_team(session, town, who):
    part = {"plan_id": town.plan, "role": "x", "package": Package.COORDINATOR}
    session.add(Participant(person_id=town.people[who], status=ParticipantStatus.ACTIVE, **part))


def asked_about(session, town, who):
    proposed(session, town, who)
    session.flush()
    waits = Consent.status.in_(("draft", "sent"))
    consent = session.scalars(select(Consent).where(Consent.plan_id == town.plan, waits)).one()
    session.add(
        ConsentLine(
            plan_id=town.plan, consent_id=consent.id, person_id=town.people[who],
            scope=Scope.GOALS, level=Level.WRITE, life_areas=frozenset(),
        )
    )  # fmt: skip


def appointed_coordinator(session, town, who):
    session.add(
        CoordinatorAppointment(
            municipality_id=town.municipality_id, person_id=town.people["owner"],
            coordinator_id=town.people[who], starts_on=today(),
        )
    )  # fmt: skip


def named_in_a_meeting(session, town, who):
    proposed(session, town, who)
    session.flush()
    row = {"plan_id": town.plan, "person_id": town.people[who], "answer": Attendance.COMING}
    session.add(Invitee(meeting_id=town.rows["meeting"], **row))


def named_in_a_message(session, town, who):
    proposed(session, town, who)
    session.flush()
    row = {"plan_id": town.plan, "person_id": town.people[who]}
    session.add(MessageRecipient(message_id=town.rows["to teacher"], **row))


def responsible_in_a_goal(session, town, who):
    proposed(session, town, who)
    session.flush()
    session.get(Activity, town.rows["activity"]).responsible_id = town.people[who]


def unconfirmed_guardian(session, town, who):
    session.add(
        Representation(
            municipality_id=town.municipality_id, person_id=town.people["owner"],
            representative_id=town.people[who], capacity="parental_responsibility",
        )
    )  # fmt: skip


LINKED = (
    proposed, active_in_the_team, asked_about, appointed_coordinator, named_in_a_meeting,
    named_in_a_message, responsible_in_a_goal, unconfirmed_guardian,
)  # fmt: skip


@pytest.mark.parametrize("link", LINKED, ids=lambda link: link.__name__)
def test_14_being_linked_opens_no_part_of_the_plan(desk, town, link):
    """However the row came there: it is put in past every guard."""
    with desk.system() as session:
        link(session, town, "newcomer")
        session.commit()
    levels, decides, goals = rights(desk, town.plan, town.people["newcomer"], "newcomer")
    assert set(levels.values()) == {None} and not decides and goals == 0


@pytest.mark.parametrize("cls", [ConsentLine, Grant, SignatureAnswer, Hearing, Receipt])
def test_14_a_row_that_points_at_another_plans_consent_is_no_row(desk, there, town, cls):
    """The database holds the two together, whoever writes."""
    keys = keys_of(desk, there)
    person = town.people["nurse"]
    areas = {"life_areas": frozenset(), "scope": Scope.CONTACTS, "level": Level.WRITE}
    time = {"since": utcnow(), "starts_at": utcnow(), "ends_at": utcnow() + timedelta(days=1)}
    made = {
        ConsentLine: {"consent_id": keys["consent_id"], "person_id": person, **areas},
        Grant: {"consent_id": keys["consent_id"], "person_id": person, **areas, **time},
        SignatureAnswer: {
            "signature_id": keys["signature_id"], "line_id": keys["line_id"], "accepted": True,
            "level": Level.WRITE, "life_areas": frozenset(), "older": True,
        },
        Hearing: {"signature_id": keys["signature_id"], "reason": "x"},
        Receipt: {"signature_id": keys["signature_id"], "content": "x", "digest": "0" * 64},
    }[cls]  # fmt: skip
    with desk.system() as session:
        session.add(cls(plan_id=town.plan, **made))
        with pytest.raises(DBAPIError):
            session.flush()


# 15: what a refusal tells


def shown(reply):
    """A page without what is new each time, and its own address."""
    page = re.sub(r'nonce="[^"]*"|value="[\w.-]{20,}"|/plan/\d+/?[^"<\s]*|="\d+"', "", reply.text)
    return reply.status_code, page


def gets(app, plan_id, others):
    for rule in app.url_map.iter_rules():
        if CONSENT_PAGES.match(rule.rule) and "GET" in rule.methods:
            values = {n: plan_id if n == "plan_id" else others[n] for n in rule.arguments}
            yield app.url_map.bind("localhost").build(rule.endpoint, values)


@pytest.mark.a_page
@pytest.mark.parametrize("who", ["mother", "coordinator", "nurse", "stranger", "newcomer"])
def test_15_another_plan_is_as_one_that_is_not_there(app, browser, desk, there, town, who):
    other = there.plan if who != "newcomer" else town.plan
    keys = keys_of(desk, there)
    nowhere = dict.fromkeys(keys, HIGHEST)
    browser(who).get("/")  # what is told once is told
    pairs = list(zip(gets(app, other, keys), gets(app, HIGHEST, nowhere), strict=True))
    assert len(pairs) > 10
    for is_there, is_not in pairs:
        one, none = shown(browser(who).get(is_there)), shown(browser(who).get(is_not))
        assert one == none and one[0] == 404, is_there


@pytest.mark.a_page
@pytest.mark.parametrize("who", ["nurse", "reader", "grandmother"])
def test_15_whoever_takes_part_learns_no_name_and_no_count_of_the_consent(app, browser, town, who):
    """The pages about the consent say no, the same whether somebody is in the plan or not."""
    for name, other in (("teacher", "unsigned"), ("mother", "stranger")):
        two = [dict.fromkeys(("person_id", "pk"), town.people[one]) for one in (name, other)]
        for is_in, is_out in zip(*(gets(app, town.plan, one | {"kind": "goal"}) for one in two),
                                 strict=True):  # fmt: skip
            if "/consent" not in is_in and "/receipts" not in is_in and "/see-as" not in is_in:
                continue
            one, none = shown(browser(who).get(is_in)), shown(browser(who).get(is_out))
            assert one == none and one[0] in (403, 404), is_in
            for secret in ("Unsigned", "Withdrawn", "Mother", "Version"):
                assert secret not in one[1], (is_in, secret)


@pytest.mark.a_page
def test_15_no_title_of_a_page_about_the_consent_names_anybody(app, desk, there):
    """Titles stand in the history of a browser that others use too."""
    names = ("Marte", "Jonas", "Teacher", "Gunn", "Eli")
    for address in gets(app, there.plan, keys_of(desk, there)):
        page = there.guardian(MARTE).get(address)
        if page.mimetype != "text/html":
            continue
        title = re.search(r"<title>(.*?)</title>", page.text, re.S)
        assert title is None or not any(name in title[1] for name in names), (address, title[1])


@pytest.mark.a_page
def test_15_the_office_sees_that_something_waits_and_nothing_of_the_consent(browser, there):
    for who in ("office", "leader"):
        page = browser(who).get("/register/confirmations/").text
        for secret in ("messages", "Teacher", "Gunn", "Fint"):
            assert secret not in page, (who, secret)
    foreign = browser("foreign office").get("/register/confirmations/").text
    assert "Eli Vik" not in foreign and "Archive" not in foreign and "Jonas" not in foreign


# 18: the time is over


ENDS = {  # the last day that was said -> the first moment that is too late
    date(2026, 10, 25): datetime(2026, 10, 25, 23, tzinfo=UTC),  # twenty-five hours long
    date(2026, 10, 24): datetime(2026, 10, 24, 22, tzinfo=UTC),
    date(2027, 3, 28): datetime(2027, 3, 28, 22, tzinfo=UTC),  # twenty-three
    date(2027, 3, 27): datetime(2027, 3, 27, 23, tzinfo=UTC),
    date(2028, 2, 29): datetime(2028, 2, 29, 23, tzinfo=UTC),
    date(2028, 2, 28): datetime(2028, 2, 28, 23, tzinfo=UTC),
}


@pytest.mark.parametrize("last", ENDS, ids=str)
def test_18_a_consent_lasts_to_the_last_second_of_its_day_in_norway(desk, town, last):
    over = ENDS[last]
    with CLOCK.stopped_at(over - timedelta(days=40)):
        prepare("sign", desk, town)
        with desk.session("mother") as session:
            mine = select(Plan).where(Plan.person_id == town.people["child"])
            plan = session.scalars(mine).one()
            waiting = waiting_consent(session, plan.id)
            yes = {
                line.id: Answer(True, line.level, line.life_areas, True)
                for line in lines_of(session, waiting)
            }
            sign(
                session, plan, waiting, yes, until=last, language="en",
                shown=asked(session, waiting, "en").digest,
                child=ChildHeard(Heard.TALKED, today(), "Yes"),
            )  # fmt: skip
            session.commit()
            key = plan.id
    moments = {over - timedelta(seconds=1): True, over: False, over + timedelta(seconds=1): False}
    for fold in (0, 1):  # the hour that is there twice, or not at all
        moments[datetime(last.year, last.month, last.day, 2, 30, fold=fold, tzinfo=OSLO)] = True
    for moment, is_open in moments.items():
        with CLOCK.stopped_at(moment), desk.session("teacher") as session:
            assert (session.get(Plan, key) is not None) is is_open, moment
            keys = session.scalars(select(Grant).where(Grant.plan_id == key)).all()
            assert bool(keys) is is_open, moment


STALE = {  # what is open on the screen -> what is sent from it, by the teacher
    "a message": ("message/write", {"subject": "x", "body": "x", "uid": "a-1"}),
    "going by oneself": ("leave/", {}),
    "a page": ("", None),
    "the team": ("team/", None),
}


@pytest.mark.parametrize("what", STALE)
def test_18_what_was_open_when_another_withdrew_is_refused_at_the_next_click(
    signed,  # noqa: F811
    desk,
    what,
):
    address, body = STALE[what]
    client = signed.browser("teacher")
    assert client.get(signed.url(address)).status_code == 200
    before = stored(desk, signed.plan, signed.child)
    person = signed.person("Teacher").id
    assert signed.guardian(JONAS).post(signed.url(f"consent/withdraw/{person}")).status_code == 303
    withdrawn = stored(desk, signed.plan, signed.child)
    send = client.get if body is None else client.post
    reply = send(signed.url(address), **({} if body is None else {"data": body}))
    assert reply.status_code == 404
    assert stored(desk, signed.plan, signed.child) == withdrawn != before


def test_18_a_session_that_was_open_when_another_withdrew_writes_nothing(signed, desk, town):  # noqa: F811
    """Past every page: two transactions, one after the other."""
    with desk.session("teacher") as mine:
        plan = mine.get(Plan, signed.plan)
        assert plan is not None and mine.access(signed.plan).grants
        mine.rollback()
        with session_of(signed, desk, MARTE) as session:
            withdraw_person(session, session.get(Plan, signed.plan), town.people["teacher"])
            session.commit()
        mine.add(Meeting(plan_id=signed.plan, purpose="x", starts_at=utcnow()))
        with pytest.raises(REFUSED):
            mine.flush()


def end_the_representation(session, there):
    mine = select(Representation).where(Representation.person_id == there.child)
    person = select(Person.id).where(Person.name == "Marte Vik").scalar_subquery()
    mine = mine.where(Representation.representative_id == person)
    session.scalars(mine).one().ends_at = utcnow()


def test_18_a_receipt_is_not_fetched_once_one_acts_no_longer(there, desk):
    """The link stood on the page that is still open; the other parent keeps theirs."""
    receipt = first_of(desk, Receipt, there.plan).id
    copy = first_of(desk, ReceiptCopy, there.plan).id
    files = [there.url(f"receipts/{receipt}"), there.url(f"receipts/copy/{copy}")]
    assert [there.guardian(MARTE).get(one).status_code for one in files] == [200, 200]
    with desk.system() as session:
        end_the_representation(session, there)
        session.commit()
    assert [there.guardian(MARTE).get(one).status_code for one in files] == [404, 404]
    assert [there.guardian(JONAS).get(one).status_code for one in files] == [200, 200]


def test_18_the_coordinators_copy_goes_with_the_appointment(there, desk, town):
    address = there.url(f"receipts/copy/{first_of(desk, ReceiptCopy, there.plan).id}")
    assert there.browser("newcomer").get(address).status_code == 200
    with desk.system() as session:
        mine = CoordinatorAppointment.coordinator_id == town.people["newcomer"]
        for one in session.scalars(select(CoordinatorAppointment).where(mine)):
            one.starts_on = one.ends_on = today() - timedelta(days=1)
        session.commit()
    assert there.browser("newcomer").get(address).status_code == 404


def test_18_a_form_that_waits_signs_nothing_once_the_other_took_it_back(signed, desk):  # noqa: F811
    """Both have the page; one has signed and takes all of it back, and the other sends."""
    signed.propose("Nurse", "nurse")
    signed.send()
    sheets = {who: signed.sheet(who) for who in (MARTE, JONAS)}
    rest = {"length": "6", "heard": "talked", "opinion": "x", "password": PASSWORD, "sign": "yes"}
    address = signed.url("consent/sign")
    assert signed.guardian(MARTE).post(address, data=sheets[MARTE] | rest).status_code == 303
    assert signed.guardian(MARTE).post(signed.url("consent/withdraw")).status_code == 303
    before = stored(desk, signed.plan, signed.child)
    reply = signed.guardian(JONAS).post(address, data=sheets[JONAS] | rest)
    assert reply.status_code == 409
    assert stored(desk, signed.plan, signed.child) == before and signed.grants() == []


def test_18_a_form_that_waits_signs_nothing_once_one_acts_no_longer(signed, desk):  # noqa: F811
    signed.propose("Nurse", "nurse")
    signed.send()
    sheet = signed.sheet(MARTE)
    rest = {"length": "6", "heard": "talked", "opinion": "x", "password": PASSWORD, "sign": "yes"}
    with desk.system() as session:
        end_the_representation(session, signed)
        session.commit()
    before = stored(desk, signed.plan, signed.child)
    for page, data in (("consent/sign", sheet | rest), ("consent/withdraw", {})):
        assert signed.guardian(MARTE).post(signed.url(page), data=data).status_code == 404, page
    assert stored(desk, signed.plan, signed.child) == before
