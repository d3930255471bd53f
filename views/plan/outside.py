"""Those without a sign-in (utan innlogging): proposing what they may do, and taking it back."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from models.outside import OutsideLine
from models.vocabulary import Exchange
from security.policy import Forbidden
from services.outside import open_now
from services.outside_proposal import OutsideProposal, coming_meetings, drop, propose_outside
from services.withdrawal import withdraw_outside
from views.choices import BoxesField, RowField
from views.fields import storable, stripped
from views.forms import OnceForm
from views.once import once
from views.realm import PlanPage, needs, see_other
from views.words import shown


def _meetings() -> list[tuple[int, str]]:
    return [
        (one.id, f"{shown(one.starts_at)}: {one.purpose}")
        for one in coming_meetings(g.session, g.plan.id)
    ]


class OutsideForm(OnceForm):
    name = StringField(
        lazy_gettext("Service or person"),
        description=lazy_gettext("For example the family doctor, or the respite home."),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    organisation = StringField(
        lazy_gettext("Workplace"),
        validators=[Optional(), Length(max=100), storable],
        filters=[stripped],
    )
    ways = BoxesField(lazy_gettext("What we ask to do"), validators=[DataRequired()])
    about = StringField(
        lazy_gettext("Which information"),
        description=lazy_gettext("For example how sleep goes. Those who sign read this."),
        validators=[Length(max=300), storable],
        filters=[stripped],
    )
    meeting_id = RowField(
        lazy_gettext("Guest at one meeting only"), _meetings, validators=[Optional()]
    )

    def validate_ways(self, field: Any) -> None:
        if self.meeting_id.data and Exchange.ATTEND not in (field.data or ()):
            raise ValidationError(gettext("A guest comes to the meeting. Tick that too."))

    def validate_about(self, field: Any) -> None:
        if {Exchange.FETCH, Exchange.SHARE} & set(self.ways.data or ()) and not field.data:
            raise ValidationError(gettext("Say which information it is about."))


class Outside(PlanPage):
    route_base = "/plan/<int:plan_id>/outside"

    @expose("/add", methods=["GET", "POST"])
    @needs("write")
    def add(self) -> str | Response | tuple[str, int]:
        _coordinators_only()
        form = OutsideForm()
        form.ways.choices = [(way.value, shown(way)) for way in Exchange]
        if form.validate_on_submit():
            asked = OutsideProposal(
                uid=str(form.uid.data), name=form.name.data or "",
                organisation=form.organisation.data, about=form.about.data,
                ways=frozenset(Exchange(way) for way in form.ways.data or ()),
                meeting_id=form.meeting_id.data,
            )  # fmt: skip
            once(OutsideLine, form.uid.data, partial(propose_outside, g.session, g.plan, asked))
            flash(gettext("Proposed. Ask for signatures when the list is complete."), "success")
            return see_other(url_for("Team.page"))
        g.session.let_go()
        page = self.render_template(
            "form_page.html",
            title=gettext("Propose somebody without a sign-in"),
            lead=gettext("Nothing is exchanged before those who decide have said yes."),
            form=form,
            button=gettext("Propose"),
            back=url_for("Team.page"),
        )
        return str(page), 422 if form.errors else 200

    @expose("/<int:pk>/drop", methods=["POST"])
    @needs("write")
    def drop(self, pk: int) -> Response:
        _coordinators_only()
        drop(g.session, g.plan, pk)
        flash(gettext("Taken out of the proposal. Ask for signatures when it is ready."), "success")
        return see_other(url_for("Team.page"))

    @expose("/<int:pk>/withdraw", methods=["GET", "POST"])
    @needs("write")
    def withdraw(self, pk: int) -> str | Response:
        if not g.access.withdraws:
            raise Forbidden("only those who decide withdraw")
        back = url_for("ConsentPage.page")
        if request.method == "POST":
            name = withdraw_outside(g.session, g.plan, pk)
            flash(gettext("Taken back: %(name)s.", name=name), "success")
            return see_other(back)
        grants = {one.id: one for one in open_now(g.session, g.plan.id)}
        grant = grants.get(pk) or abort(404)
        text = gettext(
            "From now on the coordinator neither gets information from %(name)s nor gives any, "
            "and %(name)s does not come to meetings. The coordinator is told. It costs nothing.",
            name=grant.line.name,
        )
        title = gettext("Take back")
        return str(self.render_template("confirm.html", title=title, text=text, back_url=back))


def _coordinators_only() -> None:
    if not g.access.coordinator or not g.access.is_open:
        raise Forbidden("only the coordinator proposes")
