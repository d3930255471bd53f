"""What the office's numbers must be (fasit), by the account of the simulation: plain Python."""

from __future__ import annotations

from datetime import date, timedelta

from models.clock import months_later
from models.vocabulary import PlanType
from tests.simulation.account import YES, Asked, Family
from tests.simulation.plans import Simulation

PLANS, REQUESTS = "/register/plans/?show=", "/register/request/list/?show="
NOMINATIONS = "/register/nomination/list/?show="


def expected(
    lived: Simulation, department: int | None = None, no_party: bool = False
) -> dict[str, int]:
    """Address of a list -> how many stand in it, the last moment of the year.

    department: as its leader sees it. no_party: as somebody sees it whose requests some are.
    """
    asked = [one for one in lived.requests if not (no_party and one.party)]
    found = {PLANS + key: many for key, many in _plans(lived, department).items()}
    found |= {NOMINATIONS + key: n for key, n in _questions(asked, lived.end, department).items()}
    if department is None:
        found |= {REQUESTS + key: many for key, many in _requests(asked, lived.end).items()}
    coordinate = {
        held.coordinator
        for family in lived.families
        for held in family.held
        if held.starts <= lived.end and (held.ends is None or held.ends >= lived.end)
    }
    if department is not None:
        coordinate &= set(lived.coordinators[department])
    return {**found, "/register/coordinators/": len(coordinate)}


def _plans(lived: Simulation, department: int | None) -> dict[str, int]:
    day, month = lived.end, lived.end + timedelta(days=30)
    half_a_year_ago = months_later(day, -6)
    mine = [f for f in lived.families if f.plan and department in (None, f.department)]
    runs = [family for family in mine if family.runs]
    evaluations = [family.evaluate for family in runs if family.evaluate]
    consents = [family.until for family in runs if family.until]
    return {
        "active": len(runs),
        "draft": sum(not family.started and not family.closed for family in mine),
        "overdue": sum(due < day for due in evaluations),
        "evaluation-soon": sum(day <= due <= month for due in evaluations),
        "run-out": sum(until < day for until in consents),
        "runs-out": sum(day <= until <= month for until in consents),
        "no-meeting": sum(max(f.met, default=f.started) < half_a_year_ago for f in runs),
    }


def _questions(asked: list[Asked], day: date, department: int | None) -> dict[str, int]:
    mine = [q for one in asked for q in one.questions if department in (None, q.department)]
    return {
        "late": sum(q.state == "waits" and q.by < day for q in mine),
        "waits": sum(q.state == "waits" and q.by >= day for q in mine),
        "named": sum(q.state == "named" for q in mine),
    }


def _requests(asked: list[Asked], day: date) -> dict[str, int]:
    waits = [one.by for one in asked if one.decided is None]
    return {
        "late": sum(by < day for by in waits),
        "soon": sum(0 <= (by - day).days <= 7 for by in waits),
        "later": sum((by - day).days > 7 for by in waits),
        "complained": sum(one.complaint == "open" for one in asked),
        "sent-on": sum(one.complaint == "sent on" for one in asked),
    }


def days_taken(lived: Simulation) -> dict[str, list[int]]:
    """List -> the days it took each of it."""
    since = months_later(lived.end, -12)
    answered = [
        (one.decided - one.received).days
        for one in lived.requests
        if one.decided and one.decided >= since and one.outcome != "withdrawn"
    ]
    firsts = [
        (min(one.family.met), one.received)
        for one in lived.requests
        if one.outcome in YES and one.family.met
    ]
    met = [(first - came).days for first, came in firsts if first >= max(came, since)]
    return {"answered": sorted(answered), "met": sorted(met)}


def had_on(lived: Simulation, day: date) -> dict[str, tuple[bool, list[int]]]:
    """Who had something on a day: name -> (an individual plan, coordinators)."""
    found = {family.name: _had(family, day) for family in lived.families}
    return {name: had[1:] for name, had in found.items() if had[0] or had[2]}


def _had(family: Family, day: date) -> tuple[bool, bool, list[int]]:
    ran = family.started is not None and family.started <= day
    ran = ran and (family.closed is None or day <= family.closed)
    individual = ran and family.kind is PlanType.INDIVIDUAL_PLAN and family.individual <= day
    held = [h.coordinator for h in family.held if h.starts <= day <= (h.ends or day)]
    return ran, individual, held
