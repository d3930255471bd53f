"""The people of a plan (deltakarar), and proposing somebody new."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from models.clock import utcnow
from models.consent import Consent, Grant
from models.contact import NotAnEmail
from models.municipality import ServiceType
from models.outside import OutsideLine
from models.plan import Participant
from models.vocabulary import GONE, Package
from security.policy import Forbidden
from services.accounts import NameTaken
from services.consent import live_grants, team_with_people, waiting_consent
from services.outside import Ways, open_now, outside_lines
from services.proposal import Proposal, propose, propose_again, send
from views.choices import RowField, WordsField, rows_of_the_register
from views.fields import storable, stripped
from views.forms import OnceForm
from views.office.registration import hand_over, handed_over
from views.once import once
from views.plan.card import by_level
from views.realm import PlanPage, needs, see_other


class ProposeForm(OnceForm):
    name = StringField(
        lazy_gettext("Name"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    login_name = StringField(
        lazy_gettext("E-mail or user name"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    package = WordsField(lazy_gettext("Takes part as"), Package, validators=[InputRequired()])
    role = StringField(
        lazy_gettext("Role"),
        description=lazy_gettext("For example class teacher or grandmother."),
        validators=[DataRequired(), Length(max=100), storable],
        filters=[stripped],
    )
    organisation = StringField(
        lazy_gettext("Workplace"),
        validators=[Optional(), Length(max=100), storable],
        filters=[stripped],
    )
    service_type_id = RowField(
        lazy_gettext("Kind of service"),
        rows_of_the_register(ServiceType),
        validators=[Optional()],
    )
    why = StringField(
        lazy_gettext("Why this person should take part"),
        description=lazy_gettext("Those who sign read this."),
        validators=[Optional(), Length(max=300), storable],
        filters=[stripped],
    )


class Team(PlanPage):
    route_base = "/plan/<int:plan_id>/team"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        keys = [] if g.access.owners_side else own_keys()
        waiting = waiting_consent(g.session, g.plan.id)
        return str(
            self.render_template(
                "plan/team.html",
                title=gettext("Participants"),
                team=team_with_people(g.session, g.plan.id),
                own=by_level((key.level, key.scope) for key in keys),
                until=min((key.ends_at for key in keys), default=None),
                gone=GONE,
                waiting=waiting,
                outside=_without_a_sign_in(waiting),
            )
        )

    @expose("/add", methods=["GET", "POST"])
    @needs("write")
    def add(self) -> str | Response | tuple[str, int]:
        _coordinators_only()
        form = ProposeForm()
        if form.validate_on_submit():
            done = self._propose(form)
            if done is not None:
                return done
        g.session.let_go()
        page = self.render_template(
            "form_page.html",
            title=gettext("Propose a participant"),
            lead=gettext("Nobody sees anything before those who decide have said yes."),
            form=form,
            button=gettext("Propose"),
            more=gettext("Propose, and one more"),
            back=url_for("Team.page"),
        )
        return str(page), 422 if form.errors else 200

    def _propose(self, form: ProposeForm) -> Response | None:
        asked = Proposal(
            uid=str(form.uid.data),
            name=form.name.data or "",
            login_name=form.login_name.data or "",
            role=form.role.data or "",
            organisation=form.organisation.data,
            package=form.package.data,
            why=form.why.data,
            service_type_id=form.service_type_id.data,
        )
        try:
            proposed = once(Participant, form.uid.data, partial(propose, g.session, g.plan, asked))
        except NotAnEmail:
            form.login_name.errors = [gettext("This is not an e-mail address.")]
            return None
        except NameTaken:
            form.login_name.errors = [gettext("This name is used by somebody else already.")]
            return None
        if proposed is None:
            return handed_over()
        flash(gettext("Proposed. Ask for signatures when the list is complete."), "success")
        onwards = "Team.add" if request.form.get("more") else "Team.page"
        return hand_over(proposed, url_for(onwards))

    @expose("/<int:person_id>/again", methods=["POST"])
    @needs("write")
    def again(self, person_id: int) -> Response:
        _coordinators_only()
        propose_again(g.session, g.plan, person_id)
        return see_other(url_for("Team.page"))

    @expose("/send", methods=["POST"])
    @needs("write")
    def send(self) -> Response:
        _coordinators_only()
        send(g.session, g.plan)
        flash(gettext("Those who decide are asked to sign."), "success")
        return see_other(url_for("ConsentPage.page"))


def own_keys() -> Sequence[Grant]:
    """What the reader was let into, and has not run out."""
    mine = live_grants(g.session, g.plan.id, g.actor.person_id)
    return [key for key in mine if key.ends_at > utcnow()]


def _without_a_sign_in(waiting: Consent | None) -> list[tuple[OutsideLine, Ways, bool]]:
    """(line, what it is about, whether it is open) of those proposed and those let do something,
    for those around the plan."""
    if not (g.access.owners_side or g.access.coordinator):
        return []
    now = open_now(g.session, g.plan.id)
    known = {one.line.first_uid for one in now}
    asked = outside_lines(g.session, waiting) if waiting is not None else ()
    return [(one.line, one.ways, True) for one in now] + [
        (line, line.ways, False) for line in asked if line.first_uid not in known
    ]


def _coordinators_only() -> None:
    if not g.access.coordinator or not g.access.is_open:
        raise Forbidden("only the coordinator proposes")
