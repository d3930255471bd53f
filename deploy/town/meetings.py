"""The meetings of a plan of the demo (møta): one that is called, one that is planned, and three
that are over, with minutes that are remarked on, that the owner has first, and being written."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from sqlalchemy import select

from deploy.town.hall import Town
from models.clock import OSLO, today
from models.elements.meeting import Meeting
from models.elements.minutes import Minutes
from models.plan import Plan
from models.vocabulary import Outcome, Presence, Settled, Suits
from services import agenda, date_polls, meetings, minutes, minutes_giving, sending
from services.messages import reachable

ANSWERS = (
    (Suits.YES, Suits.IF_I_MUST, Suits.YES),
    (Suits.NO, Suits.YES, Suits.YES),
    (Suits.YES, Suits.NO, Suits.YES),
)
"""To the three times that are proposed, of the first who answer."""


def meet(town: Town, plan_id: int, coordinator: str, guardian: str) -> None:
    """A meeting about the school day, called by the coordinator."""
    with town.acting(coordinator) as session:
        plan = session.get_one(Plan, plan_id)
        team = reachable(session, plan)
        at_nine = datetime.combine(today() + timedelta(days=9), time(9), OSLO)
        starts = at_nine.astimezone(UTC)
        meetings.call(
            session, plan, purpose=town.says("Møte om skuledagen"), starts_at=starts,
            ends_at=starts + timedelta(hours=1), place="Møterom 2",
            agenda=town.says("Kva er viktigast no?") + "\n" + town.says("Skyss frå januar"),
            people=[p.person_id for p in team], uid=str(uuid4()),
        )  # fmt: skip
    _before(town, plan_id, coordinator, guardian)
    _over(town, plan_id, coordinator, guardian)


PAST = (
    (31, "Oppstart etter sommaren", "Ho seier at symjing er det beste i veka.",
     "Ella har funne seg til rette på trinnet. Pausane er framleis lange.",
     "Finne ein roleg plass i pausane"),
    (12, "Hjelpemiddel heime og på skulen", "Mor og far ønskjer færre avtalar midt på dagen.",
     "Stolen er bestilt, og kjem i løpet av månaden.", "Ringje hjelpemiddelsentralen"),
    (1, "Turen til leirskulen", "Ella gler seg, og lurer på kven ho skal bu saman med.",
     "Skulen ser på om det er plass til ein vaksen ekstra.", "Spørje om ein ekstra vaksen"),
)  # fmt: skip
"""Days ago; what about; what the owner said; what was said; what was agreed."""


def _over(town: Town, plan_id: int, coordinator: str, guardian: str) -> None:
    """One with a remark; one the owner's side has just got; one being written. In each stands what
    was agreed in the one before."""
    for ago, purpose, account, said, agreed in PAST:
        with town.acting(coordinator) as session:
            plan = session.get_one(Plan, plan_id)
            team = [p.person_id for p in reachable(session, plan)]
            starts = datetime.combine(today() - timedelta(days=ago), time(13), OSLO)
            meeting = meetings.call(
                session, plan, purpose=town.says(purpose), starts_at=starts.astimezone(UTC),
                ends_at=starts.astimezone(UTC) + timedelta(hours=1), place="Møterom 2",
                agenda=town.says("Korleis det går"), people=team, uid=str(uuid4()),
                planned=True,  # nobody is told of what is over
            )  # fmt: skip
            meeting.is_planned = False
            begun = minutes.begin(session, plan, meeting)
            begun.owner_account = town.says(account)
            for one in begun.attended:
                one.presence = one.presence or Presence.CAME
            points = minutes.items(session, begun)
            point = next(one for one in points if one.topic)
            for row in (one for one in points if one.promise and ago > 1):
                row.outcome = Outcome.PARTLY
                row.said = town.says("Ho får bruke grupperommet to dagar i veka")
            point.said, point.agreed = town.says(said), town.says(agreed)
            point.due, point.responsible_id = (
                today() + timedelta(days=20),
                team[max(len(team) - 2, 0)],
            )
            session.flush()
            if ago > 1:
                why = town.says("Familien har alt lese det saman med meg") if ago > 30 else None
                minutes_giving.give(session, plan, begun, why)
            pk = begun.id
        if ago > 30:
            with town.acting(guardian) as session:
                read = session.get_one(Minutes, pk)
                words = town.says("Eg hugsar at vi også snakka om garderoben.")
                minutes_giving.remark(session, read, words, str(uuid4()))


def _before(town: Town, plan_id: int, coordinator: str, guardian: str) -> None:
    """Settled on the telephone, with a point from home; and another that is only planned."""
    with town.acting(coordinator) as session:
        meeting = session.scalars(select(Meeting).where(Meeting.plan_id == plan_id)).unique().one()
        sending.settle(session, meeting, Settled.PHONE, None)
        after = meeting.starts_at + timedelta(days=40)
        plan = session.get_one(Plan, plan_id)
        later = meetings.call(
            session, plan, purpose=town.says("Korleis det går etter jul"), starts_at=after,
            ends_at=after + timedelta(hours=1), place=None, agenda=None, planned=True,
            people=[p.person_id for p in reachable(session, plan)], uid=str(uuid4()),
        )  # fmt: skip
        days = (after + timedelta(days=n) for n in (0, 2, 7))
        date_polls.propose_times(session, plan, later, list(days), str(uuid4()))
        meeting_id, later_id = meeting.id, later.id
    _answer_when(town, plan_id, later_id)
    with town.acting(guardian) as session:
        plan, meeting = session.get_one(Plan, plan_id), session.get_one(Meeting, meeting_id)
        point = town.says("Onsdagane er tunge etter helg")
        agenda.propose(session, plan, meeting, point, str(uuid4()))
        brings = town.says("Ein roleg plass i pausane")
        meetings.prepare(session, meeting, brings, town.says("Har snakka med fysioterapeuten"))


def _answer_when(town: Town, plan_id: int, meeting_id: int) -> None:
    """What the first of those asked have said of the times; the others are silent still."""
    said = iter(ANSWERS)
    for who in town.people:
        with town.acting(who) as session:
            meeting = session.scalars(select(Meeting).where(Meeting.id == meeting_id)).first()
            times = date_polls.times_of(session, meeting) if meeting else ()
            mine = date_polls.mine_of(session, times)
            answers = next(said, None) if mine else None
            if meeting is not None and answers is not None:
                suits = dict(zip(mine, answers, strict=True))
                plan = session.get_one(Plan, plan_id)
                date_polls.answer_times(session, plan, meeting, suits)
