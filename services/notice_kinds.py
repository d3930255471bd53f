"""Kinds of notices (varselslag): what each says, what it is about, and what one chooses by.

Nothing of what has happened: the words are the same for everybody they are sent to.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.elements import PlanElement, elements
from models.elements.activity import Activity
from models.elements.evaluation import Evaluation
from models.elements.meeting import Meeting
from models.elements.minutes import Minutes
from models.i18n import N_
from models.vocabulary import Scope, Topic

DIGEST = "digest"
"""One letter a day about all that has come; a notice of its own, that nobody looks at."""
INVITATION = "invitation"
"""A letter to somebody who cannot sign in yet (services.invitations)."""
SIGN_IN_CODE = "sign_in_code"
"""The code somebody waits for who is signing in (services.second_factor)."""
SIGN_IN_CHANGED = "sign_in_changed"
"""A password or an app has been changed: whoever did not do it hears of it."""
PAPER, PAPER_NOT_USED = "paper", "paper_not_used"
"""Of a consent on paper: to its signer, and to who registered it."""
CONSENT_HERE = "consent_here"
"""To a signer who sits beside the coordinator: by SMS, whatever else they have chosen."""
REMINDER = "reminder"
"""Of an agreed task, asked for by somebody who reads it (services.reminding)."""
MOVED, CANCELLED = "meeting_moved", "meeting_cancelled"
"""To those called: when and where is another, or it does not take place."""
OWNER_FIRST = "minutes_first"
"""To the owner's side: the minutes are theirs to read before the others do."""
ABOUT_A_MEETING = ("meeting", MOVED, CANCELLED)
TIMES = "meeting_times"
"""To those a meeting is planned with: which times suit them."""
CODE, TIME = "{code}", "{time}"
LETTERS = {
    DIGEST: N_("The digest of a day."),
    INVITATION: N_(
        "You are invited to Medspel. Open the address below to choose how you sign in. "
        "It can be used once, until {deadline}."
    ),
    SIGN_IN_CODE: N_(
        "Here is your code for Medspel. It is {code}, and counts until {time}. "
        "If you did not ask for it, somebody knows your password."
    ),
    SIGN_IN_CHANGED: N_(
        "The way you sign in to Medspel was changed. If it was not you, call the municipality "
        "at once."
    ),
}
"""What is only a letter, and no notice to look at: what it says (a msgid)."""


@dataclass(frozen=True, slots=True)
class Kind:
    topic: Topic
    text: str


KINDS: dict[str, Kind] = {
    "consent": Kind(
        Topic.CONSENT, N_("You are asked to sign a consent. Sign in to Medspel to read it.")
    ),
    CONSENT_HERE: Kind(
        Topic.CONSENT, N_("The consent is ready for you. Sign in to Medspel to read and answer it.")
    ),
    "consent_signed": Kind(
        Topic.CONSENT, N_("A consent is signed by everybody. Sign in to Medspel to see it.")
    ),
    "consent_ends": Kind(
        Topic.CONSENT, N_("A consent lasts until {deadline}. Sign in to Medspel to renew it.")
    ),
    PAPER: Kind(
        Topic.CONSENT,
        N_("A consent on paper is registered in your name. Sign in to Medspel to see it."),
    ),
    PAPER_NOT_USED: Kind(
        Topic.CONSENT,
        N_("A consent on paper was not confirmed. Sign in to Medspel to see it."),
    ),
    "consent_ended": Kind(Topic.CONSENT, N_("A consent that waited for signatures is taken back.")),
    "outside_ended": Kind(
        Topic.CONSENT,
        N_("Somebody without a sign-in has less to do with a plan. Sign in to Medspel to see it."),
    ),
    "request": Kind(
        Topic.ACCESS,
        N_("A request has come to the coordinating unit. Sign in to Medspel."),
    ),
    "request_unread": Kind(
        Topic.ACCESS,
        N_(
            "A request to the coordinating unit waits, and nobody there may read it. Sign in to "
            "Medspel and give somebody the role."
        ),
    ),
    "deadline": Kind(
        Topic.ACCESS,
        N_(
            "The coordinating unit must do something by {deadline}. Sign in to Medspel to see what."
        ),
    ),
    "duty_due": Kind(
        Topic.ACCESS,
        N_("The municipality must do something by {deadline}. Sign in to Medspel to see what."),
    ),
    "deadline_passed": Kind(
        Topic.ACCESS,
        N_("Something should have been done by {deadline}, and is not. Ask the coordinating unit."),
    ),
    "nomination": Kind(
        Topic.ACCESS,
        N_("You are asked to name a coordinator by {deadline}. Sign in to Medspel to answer."),
    ),
    "nomination_answered": Kind(
        Topic.ACCESS,
        N_("A department has answered about a coordinator. Sign in to Medspel to see it."),
    ),
    "coordinating": Kind(
        Topic.ACCESS,
        N_("You coordinate for somebody new from {deadline}. Sign in to Medspel to see whom."),
    ),
    "coordinating_ends": Kind(
        Topic.ACCESS,
        N_("Another coordinator takes over from you. Your last day is {deadline}."),
    ),
    "first_meeting_due": Kind(
        Topic.MEETING,
        N_("You are a new coordinator. The first meeting should be held by {deadline}."),
    ),
    "evaluation_due": Kind(
        Topic.EVALUATION,
        N_("A plan should be evaluated by {deadline}. Sign in to Medspel to call to it."),
    ),
    "meeting_due": Kind(
        Topic.MEETING,
        N_("A team has not met for long. It should meet by {deadline}. Sign in to Medspel."),
    ),
    "representative": Kind(
        Topic.ACCESS, N_("Somebody is registered as acting for you or your child.")
    ),
    "signers": Kind(
        Topic.ACCESS,
        N_("Something is changed about who must sign. Sign in to Medspel to see it."),
    ),
    "birthday": Kind(
        Topic.CONSENT,
        N_("It will soon be another who decides in a plan. Sign in to Medspel to read about it."),
    ),
    "access": Kind(
        Topic.ACCESS, N_("You have been given access to a plan. Sign in to Medspel to see it.")
    ),
    "team": Kind(
        Topic.ACCESS,
        N_("Something is changed about who takes part in a plan. Sign in to Medspel to see it."),
    ),
    "narrowed": Kind(
        Topic.ACCESS, N_("You see less of a plan than before. Sign in to Medspel to see it.")
    ),
    "paused": Kind(Topic.ACCESS, N_("Your access to a plan is paused.")),
    "withdrawn": Kind(Topic.ACCESS, N_("Your access to a plan has ended.")),
    "message": Kind(Topic.MESSAGE, N_("You have a new message. Sign in to Medspel to read it.")),
    "meeting": Kind(
        Topic.MEETING,
        N_("You are called to a meeting. Answer in Medspel by {deadline}."),
    ),
    MOVED: Kind(
        Topic.MEETING,
        N_("A meeting has a new time or place. Sign in to Medspel to see it and answer."),
    ),
    CANCELLED: Kind(
        Topic.MEETING,
        N_("A meeting you are called to is cancelled. Sign in to Medspel to see it."),
    ),
    TIMES: Kind(
        Topic.MEETING, N_("You are asked when a meeting can be. Sign in to Medspel to answer.")
    ),
    "minutes": Kind(
        Topic.MINUTES, N_("The minutes of a meeting are ready. Sign in to Medspel to read them.")
    ),
    OWNER_FIRST: Kind(
        Topic.MINUTES,
        N_("You read the minutes of a meeting first. The others get them in a day. Sign in."),
    ),
    "tasks": Kind(
        Topic.TASKS,
        N_("You have taken over agreed tasks in a plan. Sign in to Medspel to see them."),
    ),
    REMINDER: Kind(
        Topic.TASKS,
        N_("A friendly reminder of an agreed task in a plan. Sign in to Medspel to see it."),
    ),
    "evaluation": Kind(
        Topic.EVALUATION, N_("An evaluation is open for your answers. Sign in to Medspel.")
    ),
}

# A message is finished when it is sent: it is kept from nobody it was sent to.
ROWS: dict[str, tuple[type[PlanElement], str]] = {
    **dict.fromkeys((*ABOUT_A_MEETING, TIMES), (Meeting, "id")),
    "minutes": (Minutes, "meeting_id"),
    OWNER_FIRST: (Minutes, "meeting_id"),
    "evaluation": (Evaluation, "id"),
    REMINDER: (Activity, "id"),
}

TOPICS: dict[Topic, str] = {
    Topic.MEETING: N_("Meetings"),
    Topic.MINUTES: N_("Minutes"),
    Topic.CONSENT: N_("Consent"),
    Topic.MESSAGE: N_("Messages"),
    Topic.EVALUATION: N_("Evaluation"),
    Topic.ACCESS: N_("Access to plans"),
    Topic.TASKS: N_("Agreed tasks"),
}


def text_of(kind: str) -> str:
    """What a notice of this kind says (a msgid)."""
    return LETTERS.get(kind) or KINDS[kind].text


def part_of(kind: str) -> Scope | None:
    """The part of the plan a notice is about, when it is about an element; without that
    part nobody is told."""
    found = about(kind)
    if found is not None:
        return found[0].element.scope
    return next((cls.element.scope for cls in elements() if cls.element.key == kind), None)


def about(kind: str) -> tuple[type[PlanElement], str] | None:
    """What a notice of this kind is about, when it is a row of the plan: its class, and the
    column that `row_id` is in."""
    return ROWS.get(kind)
