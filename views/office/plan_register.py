"""The plan register (planregister): what the office may know of every plan, page by key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import abort, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from models.clock import today
from models.i18n import N_
from models.people import Person
from models.plan import PlanRegister
from models.vocabulary import PlanStatus, Role
from services import office_lists
from views.office.own_department import own_department
from views.office.person_field import has_name
from views.office.search import Searched, sought
from views.office.shown_only import ShownOnly
from views.office.taking_out import as_file, each
from views.paging import Order
from views.realm import HandMade, Realm, needs

A_PAGE = 25
COLUMNS = {
    "person": N_("Person"), "type": N_("Kind of plan"), "status": N_("Status"),
    "coordinator": N_("Coordinator"), "opened_on": N_("Opened"),
    "consent_until": N_("Consent until"), "next_evaluation": N_("Next evaluation"),
}  # fmt: skip
"""What the list shows, in its order."""
SHOWN_ONLY = ShownOnly(
    office_lists.plans,
    {
        "overdue": N_("Overdue evaluations"),
        "run-out": N_("Consents that have run out"),
        "evaluation-soon": N_("Evaluations due within thirty days"),
        "runs-out": N_("Consents that run out within thirty days"),
        "no-meeting": N_("No meeting in six months"),
        "active": N_("Active"),
        "draft": N_("Not signed yet"),
    },
    ("overdue", "run-out", "no-meeting"),
    N_("All plans"),
)


class PlanRegisterView(Searched, HandMade):
    """Newest first; older ones by "opened before", never by counting pages."""

    realm = Realm.REGISTER
    route_base = "/register/plans"
    class_permission_name = "PlanRegister"

    @expose("/file")
    @needs("export")
    def file(self) -> Response:
        order = Order(PlanRegister, "opened_on", falling=True)
        return as_file(_wanted(), order, _heads(), each(_cells))

    @expose("/")
    @needs("list")
    def list(self) -> str:
        r, only, wanted = PlanRegister, SHOWN_ONLY.key, _wanted()
        before = request.args.get("before", "")
        if before:
            wanted = wanted.where(tuple_(r.opened_on, r.id) < _cursor(before))
        newest = wanted.order_by(r.opened_on.desc(), r.id.desc()).limit(A_PAGE + 1)
        rows = g.session.scalars(newest).all()
        older = ""
        if len(rows) > A_PAGE:
            last = rows[A_PAGE - 1]
            older = url_for(
                "PlanRegisterView.list",
                before=f"{last.opened_on}_{last.id}",
                show=only or None,
            )
        return str(
            self.render_template(
                "office/plan_register.html",
                title=gettext("Plan register"),
                rows=rows[:A_PAGE],
                heads=_heads(),
                older=older,
                only=only,
                lists=SHOWN_ONLY,
                is_late=_is_late,
                has_run_out=_has_run_out,
                sought=sought(),
                file=url_for("PlanRegisterView.file", show=only or None)
                if g.may("can_export")
                else "",
            )
        )


def _wanted() -> Any:
    """The plans one may see, with those late in one way only, or of somebody looked for."""
    r = PlanRegister
    wanted = select(r).options(
        joinedload(r.person), joinedload(r.coordinator), joinedload(r.department)
    )
    if not g.actor.roles & {Role.COORDINATING_UNIT, Role.ADMINISTRATOR}:
        wanted = wanted.where(r.department_id.in_(own_department()))
    wanted = SHOWN_ONLY.narrow(wanted)
    if sought():
        wanted = wanted.where(r.person_id.in_(select(Person.id).where(has_name(sought()))))
    return wanted


def _heads() -> Sequence[str]:
    return [gettext(text) for text in COLUMNS.values()]


def _cells(entry: PlanRegister) -> Iterable[Any]:
    return (getattr(entry, column) for column in COLUMNS)


def _is_late(entry: PlanRegister) -> bool:
    """Only a plan that runs can be late."""
    due = entry.next_evaluation
    return entry.status is PlanStatus.ACTIVE and due is not None and due < today()


def _has_run_out(entry: PlanRegister) -> bool:
    """Nobody but the owner's side reads the plan before a new consent is signed."""
    until = entry.consent_until
    return entry.status is PlanStatus.ACTIVE and until is not None and until < today()


def _cursor(text: str) -> tuple[date, int]:
    day, _, key = text.partition("_")
    try:
        return date.fromisoformat(day), int(key[:18])
    except ValueError:
        abort(400)
