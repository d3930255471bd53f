"""What the access log says, put together (besøk): one person, one day, one basis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from flask_babel import gettext

from models.audit import AccessEvent
from models.clock import OSLO
from models.elements import elements
from models.i18n import N_
from models.vocabulary import Role
from views.words import in_full, shown

ACTIONS = {
    "read": N_("Looked at"),
    "add": N_("Wrote"),
    "change": N_("Changed"),
    "remind": N_("Reminded somebody of"),
    "denied": N_("Was refused"),
}
KINDS = {
    "plan": N_("The plan"),
    "participant": N_("Participants"),
    "consent": N_("Consent"),
    "consent_line": N_("Consent"),
    "signature": N_("Signature"),
    "signature_answer": N_("Signature"),
    "signature_record": N_("Signature"),
    "signature_proof": N_("Signature"),
    "receipt": N_("Receipt"),
    "receipt_copy": N_("Receipt"),
    "hearing": N_("What the child means"),
    "access_grant": N_("Access"),
    "pause": N_("A pause"),
    "outside_line": N_("Consent"),
    "outside_answer": N_("Signature"),
    "outside_grant": N_("Somebody without a sign-in"),
    "portrait": N_("The picture"),
    "goal_picture": N_("The picture"),
    "paper_consent": N_("Consent on paper"),
    "message_recipient": N_("Receiver of a message"),
    "invitee": N_("Called to a meeting"),
    "meeting_time": N_("When a meeting can be"),
    "time_answer": N_("When a meeting can be"),
    "attended": N_("Who came"),
    "access_event": N_("Who has seen the plan"),
    "see_as": N_("How somebody else sees the plan"),
}
BASES = {
    "owner": N_("Owner of the plan"),
    "representation": N_("Acts for the owner"),
    "appointment": N_("Appointed coordinator"),
    "paper": N_("Signed by hand on paper, registered here"),
    "second_person": N_("Compared a consent on paper"),
    "merging": N_("Two entries of one person made one"),
    "none": N_("No access"),
}


@dataclass(slots=True)
class Visit:
    """What one person did in the plan on one day, on one basis."""

    name: str
    who: str
    basis: str
    starts: datetime
    ends: datetime
    done: dict[str, Counter[str]] = field(default_factory=dict)
    """Action in words -> what it was done to, and how many."""
    denied: bool = False

    @property
    def at(self) -> str:
        first, last = (f"{one.astimezone(OSLO):%H:%M}" for one in (self.starts, self.ends))
        return first if first == last else f"{first}–{last}"

    @property
    def lines(self) -> list[str]:
        return [f"{action}: {_counted(kinds).lower()}" for action, kinds in self.done.items()]


def _counted(kinds: Counter[str]) -> str:
    return ", ".join(f"{kind} ({n})" if n > 1 else kind for kind, n in kinds.items())


def by_day(events: Sequence[AccessEvent]) -> list[tuple[str, list[Visit]]]:
    """Visits by day, the newest first; a refusal is a visit of its own."""
    days: dict[date, dict[object, Visit]] = {}
    written = {cls.__tablename__: cls.element.label for cls in elements()}
    written |= {cls.element.key: cls.element.label for cls in elements()}
    kinds = KINDS | written
    for event in events:
        visits = days.setdefault(event.at.astimezone(OSLO).date(), {})
        denied = event.action == "denied"
        whose = (event.name, event.person_id, event.role, event.organisation)
        visit = visits.setdefault((whose, _basis(event), denied), _visit(event))
        visit.starts, visit.denied = event.at, denied
        action = str(gettext(ACTIONS.get(event.action, event.action)))
        kind = str(gettext(kinds.get(event.kind, N_("A page"))))
        counted = len(event.rows) if event.kind in written else 0  # sixty lines of one consent
        visit.done.setdefault(action, Counter())[kind] += counted
    return [(in_full(day), list(visits.values())) for day, visits in days.items()]


def _visit(event: AccessEvent) -> Visit:
    roles = [shown(Role(word)) for word in event.role.split() if word in set(Role)]
    who = ", ".join(filter(None, [*roles, event.organisation]))
    return Visit(event.name, who, _basis(event), event.at, event.at)


def _basis(event: AccessEvent) -> str:
    base = event.basis.partition(":")[0]
    return str(gettext("Consent") if base == "grant" else gettext(BASES.get(base, base)))
