"""Departments that are asked for a coordinator (utpeikingar): the register, and what one does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import IntegerField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from models.case_words import NEEDS_A_COORDINATOR
from models.i18n import N_
from models.keys import key
from models.municipality import Department
from models.nomination import Asked, Nomination
from models.people import CoordinatorAppointment
from models.request import Request
from models.vocabulary import Role
from security.appointing import is_left_to
from security.coordinating import Unfit
from services import office_lists
from services.naming import (
    REFUSED,
    EitherOr,
    IsTheCoordinator,
    NobodyLeads,
    Themselves,
    answer,
    appoint,
    ask,
    nomination,
)
from views.choices import RowField, rows_of_the_register
from views.fields import storable, stripped
from views.forms import RowForm
from views.office.appointments import UNFIT, warn, warn_of_absence
from views.office.case_page import CasePage
from views.office.person_field import PersonField
from views.office.register import RegisterView, RowsWithDays, declare
from views.office.shown_only import ShownOnly
from views.realm import HandMade, Realm, needs, not_there, see_other

WAITING = ShownOnly(
    office_lists.nominations,
    {
        "late": N_("Should have been answered"),
        "waits": N_("Not answered yet"),
        "named": N_("Can be appointed"),
    },
)


class AskForm(RowForm):
    department_id = RowField(
        lazy_gettext("Department"), rows_of_the_register(Department), validators=[DataRequired()]
    )
    note = TextAreaField(
        lazy_gettext("What the leader needs to know"),
        description=lazy_gettext("The leader reads this and the name, and not the request."),
        validators=[Optional(), Length(max=1000), storable],
        filters=[stripped],
    )


class Nominating(CasePage):
    """The unit asks one department; each time is a new question."""

    form_class, kind = AskForm, Nomination
    lead = N_("The leader of the department names somebody, or says why not. You appoint.")
    saved = N_("The department is asked.")
    wrong = {
        NobodyLeads: (
            "department_id",
            N_("Nobody leads this department here. Choose another, or give its leader access."),
        )
    }

    @expose("/<pk>/coordinator", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str) -> str | Response | tuple[str, int]:
        return self.page(pk)

    def title(self, asked: Request) -> str:
        return str(gettext("A coordinator for %(reference)s", reference=asked.reference))

    def row(self, asked: Request) -> None:
        """There is a yes, and somebody it is for."""
        if not needs_a_coordinator(asked) or asked.person_id is None:
            not_there()

    def new(self, asked: Request, at: dict[str, Any]) -> Nomination:
        return Nomination(**at, person_id=asked.person_id, asked_by_id=g.actor.person_id)

    def store(self, asked: Request, row: Nomination) -> None:
        ask(g.session, asked, row)


def needs_a_coordinator(asked: Request) -> bool:
    return asked.decision is not None and asked.decision.outcome in NEEDS_A_COORDINATOR


def ways_for(asked: Request) -> Iterator[tuple[str, str]]:
    """To ask for a coordinator, and to those asked already."""
    if not needs_a_coordinator(asked):
        return
    if asked.person_id is None:
        words = gettext("Say who it is, to ask for a coordinator")
        yield words, url_for("RequestView.edit", pk=asked.id)
        return
    yield gettext("Ask for a coordinator"), url_for("Nominating.form", pk=asked.id)
    asked_for = select(Nomination.id, Department.name).join(Nomination.department)
    mine = asked_for.where(Nomination.request_id == asked.id).order_by(Nomination.id)
    for pk, department in g.session.execute(mine):
        words = gettext("Asked: %(department)s", department=department)
        yield words, url_for("NominationView.show", pk=pk)


class AnswerForm(RowForm):
    nominee_id = PersonField(
        lazy_gettext("Who becomes the coordinator"),
        validators=[Optional(), Length(max=300), storable],
    )
    agreed_hours = IntegerField(
        lazy_gettext("Agreed hours a week"), validators=[Optional(), NumberRange(1, 40)]
    )
    declined = TextAreaField(
        lazy_gettext("If you can name nobody: why not"),
        validators=[Optional(), Length(max=1000), storable],
        filters=[stripped],
    )


_WRONG: dict[type[ValueError], tuple[str, str]] = {
    EitherOr: ("nominee_id", N_("Name somebody, or say why not. Not both.")),
    **{fault: ("nominee_id", UNFIT[why]) for why, fault in REFUSED.items()},
}


class Naming(HandMade):
    """What a leader answers, and that the unit appoints whoever is named."""

    realm = Realm.REGISTER
    route_base = "/register/nomination"
    class_permission_name = "Nomination"

    @expose("/<pk>/answer", methods=["GET", "POST"])
    @needs("edit")
    def form(self, pk: str) -> str | Response | tuple[str, int]:
        row, shown = self._row(pk), url_for("NominationView.show", pk=pk)
        if row.so_far is not Asked.WAITS:
            flash(gettext("It is answered already."), "info")
            return see_other(shown)
        form, title = AnswerForm(obj=row), gettext("A coordinator for %(name)s", name=row.person)
        lead = " ".join(filter(None, (row.note, left_to(row))))
        if form.validate_on_submit() and self._store(form, row):
            self._say(row)
            return see_other(shown)
        g.session.rollback()  # nothing is rendered inside a writing transaction
        page = self.render_template("form_page.html", title=title, lead=lead, form=form, back=shown)
        return str(page), 422 if form.errors else 200

    @expose("/<pk>/appoint", methods=["GET", "POST"])
    @needs("edit")
    def appoint(self, pk: str) -> str | Response:
        row, shown = self._row(pk), url_for("NominationView.show", pk=pk)
        if row.nominee is None or Role.COORDINATING_UNIT not in g.actor.roles:
            not_there()
        if request.method == "GET":
            heading = gettext(
                "Appoint %(who)s as coordinator for %(name)s?", who=row.nominee, name=row.person
            )
            said = {"title": gettext("Appoint"), "heading": heading, "colour": ""}
            answers = {"yes": gettext("Yes, appoint"), "no": gettext("Cancel")}
            page = self.render_template("confirm.html", **said, **answers, back_url=shown)
            return str(page)
        try:
            made = appoint(g.session, row)
            flash(gettext("The coordinator is appointed."), "success")
            warn(made)
        except IsTheCoordinator:
            pass  # the second click on the same button
        except Themselves:
            flash(gettext(UNFIT[Unfit.THEMSELVES]), "danger")
        return see_other(shown)

    def _say(self, row: Nomination) -> None:
        if row.so_far is Asked.APPOINTED:
            flash(
                gettext("The coordinator is appointed, and the coordinating unit is told."),
                "success",
            )
            warn(g.session.get_one(CoordinatorAppointment, row.appointment_id))
            return
        flash(gettext("The coordinating unit is told."), "success")
        warn_of_absence([row.nominee_id] if row.nominee_id else [])

    def _row(self, pk: str) -> Nomination:
        held = request.method == "POST"
        return nomination(g.session, key(pk) or 0, held) or not_there()

    def _store(self, form: AnswerForm, row: Nomination) -> bool:
        with g.session.no_autoflush:
            form.populate_obj(row)
            try:
                answer(g.session, row)
            except tuple(_WRONG) as fault:
                field, words = _WRONG[type(fault)]
                form[field].errors = [gettext(words)]
        return not form.errors


def left_to(row: Nomination) -> str:
    """Said before one answers: whoever is named is the coordinator at once."""
    if not is_left_to(g.session, g.actor, row.person_id, row.department_id):
        return ""
    words = gettext("Appointing is left to your department: whom you name is appointed at once.")
    return str(words)


class NominationRegister(RegisterView):
    """Leaders answer; the unit appoints whoever is named."""

    def title_of(self, row: Any) -> str:
        return str(row.person.name)

    def ways(self, row: Nomination) -> list[tuple[str, str]]:
        unit = Role.COORDINATING_UNIT in g.actor.roles
        ways = []
        if row.so_far is Asked.WAITS:
            ways.append((gettext("Answer"), url_for("Naming.form", pk=row.id)))
        if unit and row.so_far is Asked.NAMED:
            words = gettext("Appoint %(who)s", who=row.nominee)
            ways.append((words, url_for("Naming.appoint", pk=row.id)))
        if unit:
            ways.append((gettext("The request"), url_for("RequestView.show", pk=row.request_id)))
        return ways


def register() -> type[RegisterView]:
    n = Nomination
    return declare(
        "Nomination", n, N_("Coordinators asked for"), {}, base=NominationRegister,
        rows=RowsWithDays, eager=(n.person, n.department, n.nominee),
        shown=("person", "department", "so_far", "due", "nominee"),
        more=("agreed_hours", "note", "declined"),
        labels={
            "person": N_("Person"), "department": N_("Department"), "so_far": N_("Status"),
            "due": N_("Deadline"), "nominee": N_("Who becomes the coordinator"),
            "agreed_hours": N_("Agreed hours a week"),
            "note": N_("What the leader needs to know"), "declined": N_("Why not"),
        },
        order=("id", "desc"), pages=("list", "show"), shown_only=WAITING,
    )  # fmt: skip
