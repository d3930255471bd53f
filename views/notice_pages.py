"""Which page a notice is about (varselside): the way there, and what is seen when one is there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, has_request_context, request, url_for
from flask import session as login

from models.database import WRITING
from models.keys import key
from models.outbox import OutboxMessage
from security.session import GuardedSession
from services.notice_kinds import ABOUT_A_MEETING
from services.notices import see


@dataclass(frozen=True, slots=True)
class About:
    """An endpoint, and whether its address names the row. `also`: another page where one has
    seen what the notice is about."""

    endpoint: str
    names_row: bool = False
    also: str = ""


_PAGES = {
    "consent": About("ConsentPage.page", also="ConsentPage.sign"),
    "consent_here": About("ConsentPage.sign", also="ConsentPage.page"),
    "consent_signed": About("ConsentPage.page"),
    "paper": About("ConsentPage.page"),
    "paper_not_used": About("ConsentPage.page"),
    "consent_ended": About("ConsentPage.page"),
    "consent_ends": About("ConsentPage.page"),
    "outside_ended": About("ConsentPage.page"),
    "narrowed": About("Overview.page"),
    "signers": About("ConsentPage.page"),
    "birthday": About("ConsentPage.page"),
    "representative": About("Overview.page"),
    "access": About("Overview.page"),
    "team": About("Team.page"),
    "request": About("RequestView.show", names_row=True),
    "nomination": About("NominationView.show", names_row=True),
    "nomination_answered": About("NominationView.show", names_row=True),
    "deadline": About("Deadlines.list"),
    "duty_due": About("DutyView.show", names_row=True),
    "first_meeting_due": About("Deadlines.list"),
    "coordinating": About("Registration.page"),
    "coordinating_ends": About("Registration.page"),
    "evaluation_due": About("EvaluationView.list"),
    "meeting_due": About("MeetingView.list"),
    "request_unread": About("AccountView.list"),
    "tasks": About("ActivityView.list"),
    "reminder": About("ActivityView.show", names_row=True),
    "message": About("Threads.thread", names_row=True),
    **dict.fromkeys(ABOUT_A_MEETING, About("MeetingRoom.page", names_row=True)),
    "meeting_times": About("MeetingTimes.page", names_row=True),
    "minutes": About("MeetingRoom.page", names_row=True),
    "minutes_first": About("MeetingRoom.page", names_row=True),
    "evaluation": About("EvaluationRoom.page", names_row=True),
}


def has_news() -> bool:
    """Whether something has come that the reader has not looked at."""
    return has_request_context() and getattr(login, "has_news", False)


def address(notice: OutboxMessage) -> str:
    """Where to read of it; empty when there is no such page."""
    about = _PAGES.get(notice.kind)
    if about is None:
        return ""
    row = notice.row_id if about.names_row else None
    return url_for(about.endpoint, plan_id=notice.plan_id, pk=row)


def looked_at(session: GuardedSession) -> None:
    """Who is on the page a notice is about has seen the notice. A transaction of its own."""
    kinds = [k for k, about in _PAGES.items() if request.endpoint in (about.endpoint, about.also)]
    if not kinds:
        return
    pk = key(str((request.view_args or {}).get("pk")))
    rows = g.get("looked_at") or {pk}
    WRITING.set(True)
    see(session, g.plan_id, kinds, rows if _PAGES[kinds[0]].names_row else None)
    session.commit()
