"""Less, a pause, going, running out: each at once, and nothing comes back that was taken back."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.account import Account, Membership
from models.clock import CLOCK, last_day, today, utcnow
from models.consent import Consent, Grant, Pause
from models.outbox import OutboxMessage
from models.people import CoordinatorAppointment
from models.plan import Participant, Plan
from models.vocabulary import ConsentStatus, Level, LifeArea, ParticipantStatus, PlanStatus, Scope
from security.actor import Actor
from security.policy import Forbidden
from security.session import GuardedSession
from services.ending import tell_of_the_end
from services.leaving import leave
from services.pausing import pause
from services.withdrawal import AlreadyWithdrawn, withdraw_person
from tests.test_giving_access import family, signed  # noqa: F401

MARTE, JONAS = "marte@example.no", "jonas"


@contextmanager
def acting(desk, login):
    """A guarded session as one who is not in the town from the start."""
    with desk.system() as system:
        account = system.scalars(select(Account).where(Account.login_name == login)).one()
        hat = system.scalars(select(Membership).where(Membership.account_id == account.id)).one()
        actor = Actor(
            account_id=account.id, person_id=hat.person_id, municipality_id=hat.municipality_id,
            name=login, roles=frozenset(hat.roles), municipality="Fjordvik",
        )  # fmt: skip
    with GuardedSession(desk.engine) as session:
        session.act_as(actor)
        yield session


class Two:
    """Marte and Jonas decide; what is done to the teacher."""

    def __init__(self, signed, desk):  # noqa: F811
        self.signed, self.desk = signed, desk
        self.teacher = signed.person("Teacher").id

    def post(self, login, what, **data):
        address = self.signed.url(f"consent/person/{self.teacher}/{what}")
        return self.signed.guardian(login).post(address, data=data)

    def levels(self):
        return {g.scope: g.level for g in self.signed.grants() if g.person_id == self.teacher}

    def status(self):
        with self.desk.system() as session:
            part = select(Participant.status).where(
                Participant.plan_id == self.signed.plan, Participant.person_id == self.teacher
            )
            return session.scalars(part).one()

    def reads(self, page="message/list/"):
        return self.signed.browser("teacher").get(self.signed.url(page)).status_code

    def told(self):
        with self.desk.system() as session:
            mine = select(OutboxMessage.kind).where(
                OutboxMessage.person_id == self.teacher, OutboxMessage.plan_id == self.signed.plan
            )
            return list(session.scalars(mine.order_by(OutboxMessage.id)))

    def everybody_signs(self):
        self.signed.send()
        for login in (MARTE, JONAS):
            assert self.signed.sign(login).status_code == 303


@pytest.fixture
def two(signed, desk):  # noqa: F811
    return Two(signed, desk)


# Less


def test_one_who_decides_makes_it_less_at_once(two):
    assert two.reads() == 200
    reply = two.post(MARTE, "less", **{"level-messages": "none", "level-meetings": "read"})
    assert reply.status_code == 303
    after = two.levels()
    assert Scope.MESSAGES not in after and after[Scope.MEETINGS] is Level.READ
    assert after[Scope.CALENDAR] is Level.CONTRIBUTE
    with two.desk.session("teacher") as session:
        assert session.access(two.signed.plan).level(Scope.MESSAGES) is None
    assert two.told()[-1] == "narrowed" and two.status() is ParticipantStatus.ACTIVE


def test_less_keeps_what_was_open_as_far_back(two):
    before = {g.scope: (g.since, g.ends_at) for g in two.signed.grants()}
    two.post(MARTE, "less", **{"level-meetings": "read"})
    mine = [g for g in two.signed.grants() if g.person_id == two.teacher]
    assert {g.scope: (g.since, g.ends_at) for g in mine}[Scope.MEETINGS] == before[Scope.MEETINGS]


def test_nothing_is_ever_made_more_that_way(two):
    before = two.levels()
    reply = two.post(MARTE, "less", **{"level-presentation": "write", "level-meetings": "write"})
    assert reply.status_code == 303 and two.levels() == before


def test_less_of_everything_is_a_withdrawal(two):
    nothing = {f"level-{scope}": "none" for scope in two.levels()}
    two.post(MARTE, "less", **nothing)
    assert two.levels() == {} and two.status() is ParticipantStatus.WITHDRAWN
    assert two.post(MARTE, "less", **nothing).status_code == 409


def test_what_one_took_back_does_not_come_again_with_the_next_consent(two):
    """Both said yes to it a year ago; nobody is asked, and it stays shut."""
    two.post(MARTE, "less", **{"level-messages": "none", "level-meetings": "read"})
    two.signed.propose("Nurse", "nurse")
    two.everybody_signs()
    after = two.levels()
    assert Scope.MESSAGES not in after and after[Scope.MEETINGS] is Level.READ


def test_a_signature_that_waits_does_not_bring_it_back(two, desk):
    two.signed.propose("Nurse", "nurse")
    two.signed.send()
    assert two.signed.sign(JONAS).status_code == 303
    two.post(MARTE, "less", **{"level-meetings": "read"})
    with desk.system() as session:
        waiting = select(Consent).where(
            Consent.plan_id == two.signed.plan, Consent.status == ConsentStatus.SENT
        )
        assert not session.scalars(waiting).all()


def test_life_areas_can_be_taken_away(two, desk):
    from services.conversion import convert

    with desk.session("newcomer") as session:
        convert(session, session.get_one(Plan, two.signed.plan))
        session.commit()
    for login in (MARTE, JONAS):
        assert two.signed.sign(login).status_code == 303
    two.post(MARTE, "less", areas="yes", area=["health", "leisure"])
    areas = {g.scope: g.life_areas for g in two.signed.grants() if g.person_id == two.teacher}
    assert areas[Scope.GOALS] == areas[Scope.BACKGROUND] == {LifeArea.HEALTH, LifeArea.LEISURE}
    assert areas[Scope.MEETINGS] == frozenset(LifeArea)
    two.post(JONAS, "less", areas="yes", area=["health", "economy"])
    areas = {g.scope: g.life_areas for g in two.signed.grants() if g.person_id == two.teacher}
    assert areas[Scope.GOALS] == {LifeArea.HEALTH}  # never more than there was


# A pause


def test_a_pause_shuts_out_at_once_and_opens_as_it_was(two, desk):
    before = {(g.person_id, g.scope): (g.level, g.since, g.ends_at) for g in two.signed.grants()}
    assert two.post(MARTE, "pause").status_code == 303
    assert two.levels() == {} and two.reads() == 404 and two.status() is ParticipantStatus.PAUSED
    assert two.told()[-1] == "paused"
    assert two.post(MARTE, "resume").status_code == 303
    after = {(g.person_id, g.scope): (g.level, g.since, g.ends_at) for g in two.signed.grants()}
    assert after == before and two.reads() == 200 and two.status() is ParticipantStatus.ACTIVE


def test_what_one_parent_has_paused_the_other_does_not_open(two):
    two.post(MARTE, "pause")
    assert two.post(JONAS, "resume").status_code == 409
    assert two.levels() == {}
    page = two.signed.guardian(JONAS).get(two.signed.url(f"consent/person/{two.teacher}/")).text
    assert "Somebody else who decides has paused it" in page and "resume" not in page


def test_whoever_is_paused_can_be_withdrawn_and_does_not_come_back(two):
    two.post(MARTE, "pause")
    out = two.signed.guardian(JONAS).post(two.signed.url(f"consent/withdraw/{two.teacher}"))
    assert out.status_code == 303 and two.status() is ParticipantStatus.WITHDRAWN
    assert two.post(MARTE, "resume").status_code == 409
    assert two.levels() == {}


def test_a_pause_outlives_the_next_consent(two):
    two.post(MARTE, "pause")
    two.signed.propose("Nurse", "nurse")
    two.everybody_signs()
    assert two.levels() == {} and two.status() is ParticipantStatus.PAUSED
    assert "access" not in two.told()[-1:]
    assert two.post(MARTE, "resume").status_code == 303
    assert two.levels() and two.reads() == 200


def test_what_was_taken_away_before_the_pause_stays_away(two):
    two.post(JONAS, "less", **{"level-messages": "none"})
    two.post(MARTE, "pause")
    two.post(MARTE, "resume")
    assert Scope.MESSAGES not in two.levels() and two.levels()


def test_the_whole_consent_withdrawn_ends_the_pause_and_opens_nothing(two, desk):
    two.post(MARTE, "pause")
    two.signed.guardian(JONAS).post(two.signed.url("consent/withdraw"))
    assert two.post(MARTE, "resume").status_code == 409
    with desk.system() as session:
        one = session.scalars(select(Pause).where(Pause.plan_id == two.signed.plan)).one()
        assert one.ended_at and one.ended_by_id != one.paused_by_id


@pytest.mark.parametrize("who", ["newcomer", "teacher"])
@pytest.mark.parametrize("what", ["less", "pause", "resume"])
def test_nobody_else_makes_it_less(two, browser, who, what):
    before = two.levels()
    address = two.signed.url(f"consent/person/{two.teacher}/{what}")
    assert browser(who).post(address, data={"level-meetings": "read"}).status_code == 403
    assert two.levels() == before


def test_a_key_that_was_taken_back_is_not_made_by_a_service_either(two, desk, town):
    """The guard, without a page: as Marte, a key of what Jonas has withdrawn."""
    with desk.system() as session:
        key = session.scalars(
            select(Grant).where(
                Grant.plan_id == two.signed.plan, Grant.person_id == two.teacher,
                Grant.scope == Scope.MESSAGES,
            )
        ).one()  # fmt: skip
        copied = {
            name: getattr(key, name)
            for name in (
                "plan_id", "consent_id", "person_id", "scope", "level", "life_areas", "since",
                "ends_at",
            )
        }  # fmt: skip
    two.signed.guardian(JONAS).post(two.signed.url(f"consent/withdraw/{two.teacher}"))
    with acting(desk, MARTE) as session, pytest.raises(Forbidden):
        session.add(Grant(**copied, starts_at=utcnow()))
        session.flush()


# Going


def test_a_participant_leaves_and_those_who_decide_are_told(two, desk):
    page = two.signed.browser("teacher").get(two.signed.url("team/")).text
    assert "What you may do here" in page and "Leave the plan" in page
    reply = two.signed.browser("teacher").post(two.signed.url("leave/"))
    assert reply.status_code == 303 and two.levels() == {} and two.reads() == 404
    assert two.status() is ParticipantStatus.LEFT
    with desk.system() as session:
        told = select(OutboxMessage.person_id).where(OutboxMessage.kind == "team")
        people = set(session.scalars(told))
    assert {two.signed.person("Marte Vik").id, two.signed.person("Jonas Vik").id} <= people
    assert two.teacher not in people


def test_nobody_leaves_for_somebody_else(two, desk):
    gunn = two.signed.person("Gunn").id
    with desk.session("teacher") as session, pytest.raises(AlreadyWithdrawn):
        withdraw_person(session, session.get_one(Plan, two.signed.plan), gunn)
    with desk.session("teacher") as session, pytest.raises(Forbidden):
        pause(session, session.get_one(Plan, two.signed.plan), two.teacher)
    with desk.session("teacher") as session:
        assert not session.scalars(select(Grant).where(Grant.person_id == gunn)).all()
        mine = session.scalars(select(Grant)).all()
        assert {key.person_id for key in mine} == {two.teacher}


def test_the_owners_side_and_the_coordinator_do_not_leave(two):
    for client in (two.signed.guardian(MARTE), two.signed.browser("newcomer")):
        assert client.post(two.signed.url("leave/")).status_code in (403, 409)


def test_leaving_is_ones_own_and_nothing_more(two, desk):
    with desk.session("teacher") as session:
        leave(session, session.get_one(Plan, two.signed.plan))
        session.commit()
    with desk.session("teacher") as session:
        assert session.get(Plan, two.signed.plan) is None


# Running out


def kinds(desk, plan_id):
    with desk.system() as session:
        wanted = select(OutboxMessage.kind, OutboxMessage.deadline).where(
            OutboxMessage.plan_id == plan_id,
            OutboxMessage.kind.in_(("consent_ends", "withdrawn")),
        )
        return [tuple(row) for row in session.execute(wanted)]


def test_those_who_decide_and_the_coordinator_are_told_thirty_and_seven_days_before(
    signed,  # noqa: F811
    desk,
):
    with desk.system() as session:
        until = session.scalars(
            select(Consent.until).where(
                Consent.plan_id == signed.plan, Consent.status == ConsentStatus.SIGNED
            )
        ).one()
    for days, so_far in ((31, 0), (30, 3), (29, 3), (8, 3), (7, 6), (1, 6)):
        with CLOCK.stopped_at(until - timedelta(days=days)):
            tell_of_the_end(desk.engine)
            tell_of_the_end(desk.engine)  # twice tells once
        told = kinds(desk, signed.plan)
        assert len(told) == so_far, (days, told)
    assert {deadline for _, deadline in told} == {last_day(until)}


def test_a_consent_that_has_run_out_says_so_and_those_in_it_are_told(two, desk):
    with desk.system() as session:
        until = session.scalars(
            select(Consent.until).where(
                Consent.plan_id == two.signed.plan, Consent.status == ConsentStatus.SIGNED
            )
        ).one()
    with CLOCK.stopped_at(until - timedelta(seconds=1)):
        tell_of_the_end(desk.engine)
        assert two.status() is ParticipantStatus.ACTIVE
    with CLOCK.stopped_at(until):
        tell_of_the_end(desk.engine)
        tell_of_the_end(desk.engine)
    assert two.status() is ParticipantStatus.EXPIRED
    assert two.told().count("withdrawn") == 1
    with desk.system() as session:
        ended = select(Consent.status).where(Consent.plan_id == two.signed.plan)
        assert list(session.scalars(ended)) == [ConsentStatus.EXPIRED]


def test_nobody_is_told_of_a_closed_plan_or_of_somebody_who_has_died(signed, desk):  # noqa: F811
    with desk.system() as session:
        until = session.scalars(
            select(Consent.until).where(
                Consent.plan_id == signed.plan, Consent.status == ConsentStatus.SIGNED
            )
        ).one()
        session.get_one(Plan, signed.plan).status = PlanStatus.CLOSED
        session.commit()
    with CLOCK.stopped_at(until - timedelta(days=6)):
        tell_of_the_end(desk.engine)
    assert kinds(desk, signed.plan) == []


def test_a_coordinator_goes_with_the_appointment(signed, desk, town):  # noqa: F811
    signed.propose("Newcomer", "newcomer", "coordinator")
    signed.send()
    for login in (MARTE, JONAS):
        assert signed.sign(login).status_code == 303
    leads = town.people["newcomer"]
    assert leads in {key.person_id for key in signed.grants()}
    others = {key.person_id for key in signed.grants()} - {leads}
    tell_of_the_end(desk.engine)
    assert leads in {key.person_id for key in signed.grants()}
    with desk.system() as session:
        mine = CoordinatorAppointment.coordinator_id == leads
        for one in session.scalars(select(CoordinatorAppointment).where(mine)):
            one.starts_on = one.ends_on = today() - timedelta(days=1)
        session.commit()
    tell_of_the_end(desk.engine)
    assert {key.person_id for key in signed.grants()} == others
