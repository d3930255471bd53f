"""Names for one's plans that nobody else sees (kallenamn)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length, Optional, ValidationError

from models.own_plan import LONGEST_NICKNAME
from security.audit import Noted
from services.own_plans import Named, give_names, looks_like_a_number, own_names
from views.fields import storable, stripped
from views.forms import Form
from views.realm import AccountPage, needs, see_other


def _no_number(_form: Any, field: Any) -> None:
    if field.data and looks_like_a_number(field.data):
        raise ValidationError(
            gettext("That looks like an identity number. Write something only you understand.")
        )


class Nicknames(AccountPage):
    route_base = "/nicknames"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        plans = own_names(g.session)
        if plans:
            g.session.note(Noted(0, "list", "plan", "own plans", rows={p.plan_id for p in plans}))
        form = _form(plans)
        if plans and form.validate_on_submit():
            give_names(g.session, {p.plan_id: form[_name(p)].data for p in plans})
            flash(gettext("Your names are stored. Only you see them."), "success")
            return see_other(url_for("Start.page"))
        lead = gettext(
            "A word that helps you remember which plan it is. Do not write a name or an identity "
            "number. Nobody else sees it, whoever they are. Empty the field, and it is gone."
        )
        page = self.render_template(
            "form_page.html",
            title=gettext("Names only you see"),
            lead=lead if plans else gettext("When somebody lets you into a plan, it stands here."),
            form=form,
            back=url_for("Start.page"),
        )
        return str(page), 422 if form.errors else 200


def _name(plan: Named) -> str:
    return f"plan_{plan.plan_id}"


def _form(plans: Sequence[Named]) -> Any:
    """A field for each plan one may see now: what is sent for any other is not read."""
    rules = [Optional(), Length(max=LONGEST_NICKNAME), storable, _no_number]
    fields = {
        _name(plan): StringField(plan.short_name, validators=rules, filters=[stripped])
        for plan in plans
    }
    now = {_name(plan): plan.nickname for plan in plans}
    return type("NicknamesForm", (Form,), fields)(**now)
