"""Stored values in people's words (ord): closed vocabularies, dates, yes and no."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any

from flask_babel import format_date, gettext

from models import clock
from models.clock import OSLO, today
from models.i18n import N_
from models.language import Language, Tongue
from models.plan import Participant
from models.vocabulary import (
    ActivityStatus,
    Attendance,
    Audience,
    Capacity,
    Channel,
    Circle,
    ConsentStatus,
    Continuation,
    ExceptionReason,
    Face,
    Fault,
    GoalResult,
    Heard,
    Level,
    LifeArea,
    Mandate,
    Package,
    ParticipantStatus,
    PlanStatus,
    PlanType,
    Role,
    Scope,
    Theme,
    Verification,
)
from services.notices import TOPICS, text_of

_SAID: tuple[tuple[Enum, str], ...] = (
    (Scope.PRESENTATION, N_("Presentation")),
    (Scope.BACKGROUND, N_("How it is now")),
    (Scope.GOALS, N_("Goals and agreed tasks")),
    (Scope.MESSAGES, N_("Messages")),
    (Scope.MEETINGS, N_("Meetings and minutes")),
    (Scope.CALENDAR, N_("Calendar")),
    (Scope.DOCUMENTS, N_("Documents")),
    (Scope.EVALUATION, N_("Evaluation")),
    (Scope.CONTACTS, N_("Around me")),
    (Level.READ, N_("Read")),
    (Level.CONTRIBUTE, N_("Read, and write their own")),
    (Level.WRITE, N_("Read and write everything")),
    (LifeArea.HOUSING, N_("Housing")),
    (LifeArea.ECONOMY, N_("Money")),
    (LifeArea.WORK_SCHOOL, N_("Work, school, activity")),
    (LifeArea.COMMUNITY, N_("Community, network")),
    (LifeArea.LEISURE, N_("Leisure")),
    (LifeArea.HEALTH, N_("Health")),
    (PlanType.SIMPLE_COLLABORATION, N_("Enkelt samspill")),
    (PlanType.INDIVIDUAL_PLAN, N_("Individual plan")),
    (PlanType.RELAY_LOG, N_("Relay log")),
    (PlanType.MEETING_LOG, N_("Digital meeting log")),
    (PlanStatus.DRAFT, N_("Being prepared")),
    (PlanStatus.ACTIVE, N_("Active")),
    (PlanStatus.CLOSED, N_("Closed")),
    (PlanStatus.ARCHIVED, N_("Archived")),
    (ParticipantStatus.PROPOSED, N_("Proposed")),
    (ParticipantStatus.CONSENTED, N_("Agreed to")),
    (ParticipantStatus.INVITED, N_("Invited")),
    (ParticipantStatus.ACTIVE, N_("Taking part")),
    (ParticipantStatus.EXPIRED, N_("Access has run out")),
    (ParticipantStatus.WITHDRAWN, N_("Withdrawn")),
    (ParticipantStatus.DECLINED, N_("Said no to")),
    (ParticipantStatus.PAUSED, N_("Paused")),
    (ParticipantStatus.LEFT, N_("Has left")),
    (Package.COORDINATOR, N_("Coordinator")),
    (Package.SUBSTITUTE, N_("Substitute coordinator")),
    (Package.PROFESSIONAL, N_("Professional")),
    (Package.RELATIVE, N_("Family or friend")),
    (ConsentStatus.DRAFT, N_("Being prepared")),
    (ConsentStatus.SENT, N_("Waiting for signatures")),
    (ConsentStatus.SIGNED, N_("Signed")),
    (ConsentStatus.SUPERSEDED, N_("Replaced by a newer one")),
    (ConsentStatus.WITHDRAWN, N_("Withdrawn")),
    (ConsentStatus.EXPIRED, N_("Has run out")),
    (Capacity.OWNER, N_("Owner of the plan")),
    (Capacity.PARENTAL_RESPONSIBILITY, N_("Parent with parental responsibility")),
    (Capacity.CHILD_WELFARE, N_("Child welfare service")),
    (Capacity.GUARDIAN, N_("Legal guardian")),
    (Capacity.POWER_OF_ATTORNEY, N_("Power of attorney")),
    (Capacity.NEXT_OF_KIN, N_("Next of kin")),
    (Capacity.PARENT_INFORMED, N_("Parent, for information")),
    (Heard.TALKED, N_("Yes, we talked about it")),
    (Heard.OTHER_WAY, N_("Yes, with pictures, signs or play")),
    (Heard.WROTE, N_("Yes, the child has written it")),
    (Capacity.FOSTER_PARENT, N_("Foster parent")),
    (Capacity.MINOR_REPRESENTATIVE, N_("Representative of an unaccompanied minor")),
    (Capacity.FUTURE_POWER_OF_ATTORNEY, N_("Future power of attorney")),
    (Mandate.PERSONAL, N_("Personal matters")),
    (Mandate.MONEY, N_("Money only")),
    (Mandate.BOTH, N_("Personal matters and money")),
    (ExceptionReason.ONLY_HOLDER, N_("Alone with parental responsibility in practice")),
    (ExceptionReason.DAILY_CARE, N_("A decision of daily care")),
    (ExceptionReason.NECESSARY_HELP, N_("Help that the child needs")),
    (ExceptionReason.CARE_TAKEN_OVER, N_("The child welfare service has taken over the care")),
    (ExceptionReason.DANGER, N_("Danger to the child")),
    (ExceptionReason.OTHER, N_("Another reason")),
    (Verification.POPULATION_REGISTER, N_("Looked up in the population register")),
    (Verification.DOCUMENT, N_("Saw a document")),
    (Verification.KNOWN, N_("Known to us")),
    (Role.OWNER, N_("Owner of the plan")),
    (Role.REPRESENTATIVE, N_("Acts for the owner")),
    (Role.COORDINATOR, N_("Coordinator")),
    (Role.PARTICIPANT, N_("Participant")),
    (Role.COORDINATING_UNIT, N_("Coordinating unit")),
    (Role.LEADER, N_("Head of department")),
    (Role.ADMINISTRATOR, N_("System administrator")),
    (ActivityStatus.NEW, N_("New")),
    (ActivityStatus.ONGOING, N_("Under way")),
    (ActivityStatus.DONE, N_("Done")),
    (ActivityStatus.ENDED, N_("Ended before it was done")),
    (Attendance.UNANSWERED, N_("Not answered")),
    (Attendance.COMING, N_("Coming")),
    (Attendance.NOT_COMING, N_("Not coming")),
    (Face.VERY_BAD, N_("Very bad")),
    (Face.BAD, N_("Bad")),
    (Face.SO_SO, N_("So-so")),
    (Face.GOOD, N_("Good")),
    (Face.VERY_GOOD, N_("Very good")),
    (GoalResult.REACHED, N_("Reached")),
    (GoalResult.PARTLY, N_("Partly reached")),
    (GoalResult.NOT_REACHED, N_("Not reached")),
    (GoalResult.NOT_RELEVANT, N_("No longer relevant")),
    (Continuation.GO_ON, N_("The plan goes on")),
    (Continuation.LESSER, N_("Less will do")),
    (Continuation.MORE, N_("More is needed")),
    (Continuation.END, N_("The plan can end")),
    (Audience.OWNER, N_("The owner's side")),
    (Audience.PARTICIPANT, N_("Each participant")),
    (Audience.TEAM, N_("The team together")),
    (Circle.CHOSEN, N_("Those I choose")),
    (Circle.COORDINATOR_ONLY, N_("The coordinator only")),
    (Circle.OWNERS_SIDE, N_("The owner's side")),
    (Channel.MAIL, N_("E-mail")),
    (Channel.SMS, N_("SMS")),
    (Channel.LETTER, N_("Sent by post")),
    (Channel.CALL, N_("Called")),
    *TOPICS.items(),
    (Fault.NOT_FOR_THEM, N_("No longer for this person")),
    (Fault.NO_ADDRESS, N_("We have no e-mail address and no mobile number")),
    (Fault.REFUSED, N_("The address does not take letters")),
    (Fault.UNREACHABLE, N_("Nobody answered at the other end")),
    (Theme.AUTO, N_("As my device")),
    (Theme.LIGHT, N_("Light")),
    (Theme.DARK, N_("Dark")),
    (Theme.CONTRAST, N_("High contrast")),
)
WORDS = {(type(member), member.value): text for member, text in _SAID}
"""By class and value: members of two vocabularies with one value are equal strings."""


def shown(value: Any) -> str:
    """A value as a reader meets it: words, Norwegian dates, nothing for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(gettext("Yes") if value else gettext("No"))
    if isinstance(value, Language | Tongue):
        return value.own_name
    if isinstance(value, Enum):
        return str(gettext(WORDS[type(value), value.value]))
    if isinstance(value, frozenset | set | list | tuple):
        return ", ".join(sorted(shown(one) for one in value))
    if isinstance(value, datetime):
        local = value.astimezone(OSLO)
        return f"{format_date(local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return str(format_date(value))
    return str(value)


def headline(kind: str) -> str:
    """What a notice of this kind is about: the first sentence of what it says."""
    return str(gettext(text_of(kind))).partition(". ")[0].rstrip(".")


def span(starts: datetime, ends: datetime) -> str:
    """From when to when; the day once, when it is the same."""
    first, last = starts.astimezone(OSLO), ends.astimezone(OSLO)
    same_day = first.date() == last.date()
    return f"{shown(first)}–{last:%H:%M}" if same_day else f"{shown(first)} – {shown(last)}"


def in_full(day: date) -> str:
    """A day as one says it, its year only when it is another: Tuesday 8 December."""
    said = str(format_date(day, "EEEE d. MMMM" if day.year == today().year else "EEEE d. MMMM y"))
    return f"{said[:1].upper()}{said[1:]}"


def in_words(starts: datetime, ends: datetime) -> str:
    """From when to when, as one says it: Tuesday 8 December at 13:00 to 14:00."""
    first, last = starts.astimezone(OSLO), ends.astimezone(OSLO)
    day = in_full(first.date())
    if first.date() != last.date():
        return f"{day} – {in_full(last.date()).lower()}"
    return f"{day} {first:%H:%M}–{last:%H:%M}"


def month(moment: datetime) -> str:
    """The short name of the month."""
    return str(format_date(moment.astimezone(OSLO).date(), "MMM"))


def day(moment: datetime) -> str:
    """The number of the day."""
    return str(moment.astimezone(OSLO).day)


def telephone(number: str) -> str:
    """A Norwegian number in pairs, as people read it aloud; any other as it is."""
    ours = number.removeprefix("+47")
    if len(ours) != 8 or ours == number:
        return number
    return " ".join(ours[n : n + 2] for n in range(0, 8, 2))


def role_of(one: Participant) -> str:
    """What somebody is in the team, in words: the owner, as what they act, or the role given."""
    if one.role in set(Capacity):
        return shown(Capacity(one.role))
    return one.role or shown(one.package or Capacity.OWNER)


def last_day(moment: datetime) -> str:
    """The last whole day before `moment`, as a reader meets it."""
    return shown(clock.last_day(moment))
