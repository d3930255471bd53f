"""Who must not read a row (skjerming): all who act for the owner, or one of them, with a reason."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from models.elements import PlanElement, element
from security.facts import facts
from security.policy import Action, Forbidden, hides, permits
from services.hiding import KeptFrom, keep_from, those_who_act
from views.choices import OneField
from views.fields import storable, stripped
from views.forms import Form
from views.realm import PlanPage, needs, see_other

NOBODY, EVERYBODY = "nobody", "everybody"


class HidingForm(Form):
    whom = OneField(lazy_gettext("Who must not read it?"), validators=[DataRequired()])
    reason = TextAreaField(
        lazy_gettext("Why?"),
        description=lazy_gettext("Not shown to those it is kept from."),
        validators=[DataRequired(), Length(max=2000), storable],
        filters=[stripped],
    )

    def choice(self) -> KeptFrom:
        said = str(self.whom.data)
        if said in (NOBODY, EVERYBODY):
            return KeptFrom(said == EVERYBODY)
        return KeptFrom(person_id=int(said))


class Hiding(PlanPage):
    """For the coordinator, and for the author of the row."""

    route_base = "/plan/<int:plan_id>/kept"

    @expose("/<kind>/<int:pk>", methods=["GET", "POST"])
    @needs("write")
    def page(self, kind: str, pk: int) -> str | Response | tuple[str, int]:
        row = _row(kind, pk)
        form = _form(row)
        if form.validate_on_submit():
            keep_from(g.session, g.plan, row, form.choice(), form.reason.data or "")
            flash(gettext("Saved."), "success")
            return see_other(_show(row))
        page = self.render_template(
            "form_page.html",
            title=gettext("Who must not read this?"),
            lead=_lead(row),
            form=form,
            back=_show(row),
        )
        g.session.let_go()
        return str(page), 422 if form.errors else 200


def hiding_address(row: PlanElement) -> str:
    """Where a row is kept from somebody; empty for those who may not."""
    if row.locked_at is not None or not g.access.is_open or not _may(row):
        return ""
    return url_for("Hiding.page", kind=row.element.key, pk=row.id)


def _may(row: PlanElement) -> bool:
    at_hand = facts(row)
    return hides(g.access, at_hand) and permits(g.access, Action.CHANGE, at_hand)


def _row(kind: str, pk: int) -> PlanElement:
    try:
        cls: Any = element(kind)
    except KeyError:
        abort(404)
    if g.plan.type not in cls.element.types:
        abort(404)
    wanted = select(cls).where(cls.id == pk, cls.plan_id == g.plan.id, cls.removed_at.is_(None))
    row: PlanElement = g.session.scalars(wanted).unique().first() or abort(404)
    if row.locked_at is not None or not _may(row):
        raise Forbidden("a row is kept from somebody by its author or the coordinator")
    return row


def _form(row: PlanElement) -> HidingForm:
    now, people = KeptFrom.of(row), those_who_act(g.session, g.plan, row)
    chosen = EVERYBODY if now.everybody else str(now.person_id or NOBODY)
    form = HidingForm(data={"whom": chosen, "reason": row.hidden_because})
    form.whom.choices = [
        (NOBODY, gettext("Nobody: all who act for the owner read it")),
        (EVERYBODY, gettext("All who act for the owner")),
        *((str(one.id), gettext("Only %(name)s", name=one.name)) for one in people),
    ]
    return form


def _lead(row: PlanElement) -> str:
    said = gettext(
        "What hangs below it is kept from the same people. The owner reads it, and so do those "
        "who take part. A message that is sent cannot be kept back."
    )
    marked = row.hidden_from_guardians or row.shielded_from_id is not None
    if marked and not row.hidden_because:
        more = gettext("It is kept back because it hangs below something that is.")
        return f"{more} {said}"
    return str(said)


def _show(row: PlanElement) -> str:
    if row.element.room:
        return url_for(row.element.room, pk=row.id)
    view = f"{type(row).__name__}View"
    return url_for(f"{view}.show", pk=row.id) if "show" in row.element.pages else _above(row)


def _above(row: PlanElement) -> str:
    """The page of the row it hangs below: some are shown there and nowhere else."""
    for relation in row.relations.values():
        key = getattr(row, relation.key)
        if relation.marks and key is not None and relation.target.element.room:
            return url_for(relation.target.element.room, pk=key)
    return url_for("Overview.page")
