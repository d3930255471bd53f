"""What a coordinator can take on (kapasitet), and when somebody is away: one short form."""

from __future__ import annotations

from typing import Any

from flask import flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from models.coordinator import CoordinatorProfile
from models.people import Person
from models.vocabulary import Role
from services.load import profile
from views.fields import DayField, NotBefore, NumberField, storable
from views.forms import RowForm
from views.office.own_department import own_department
from views.office.person_field import PersonField
from views.office.tongues_field import TonguesField
from views.realm import HandMade, Realm, needs, not_there, see_other
from views.stale_edit import is_fresh, version_of
from views.words import shown


class ProfileForm(RowForm):
    capacity_hours = NumberField(
        lazy_gettext("Hours a week for coordinating"),
        description=lazy_gettext("For all families together."),
        validators=[Optional(), NumberRange(1, 60)],
    )
    languages = TonguesField(
        lazy_gettext("Other languages"),
        id="spoken",  # the choice of language at the foot has its name
        description=lazy_gettext("With commas between: Arabic, Polish"),
        validators=[Optional(), storable],
    )
    absent_from = DayField(lazy_gettext("Away from"), validators=[Optional()])
    absent_until = DayField(
        lazy_gettext("Away until"), validators=[Optional(), NotBefore("absent_from")]
    )
    substitute_id = PersonField(
        lazy_gettext("Whom to ask meanwhile"),
        description=lazy_gettext("This opens no plan. Only the family can let somebody in."),
        validators=[Optional(), Length(max=300), storable],
    )
    person_id = 0

    @property
    def says_something(self) -> bool:
        return any(field.data for field in self.shown_fields())

    def validate_absent_until(self, field: DayField) -> None:
        if field.data and not self.absent_from.data:
            raise ValidationError(gettext("Write from which day too."))

    def validate_substitute_id(self, field: PersonField) -> None:
        if field.person_id == self.person_id:
            raise ValidationError(gettext("Choose somebody else."))


class ProfilePage(HandMade):
    """The unit's; a leader's are those of the own department."""

    realm = Realm.REGISTER
    route_base = "/register/coordinators"
    class_permission_name = "CoordinatorProfile"

    @expose("/<int:pk>/capacity", methods=["GET", "POST"])
    @needs("edit")
    def page(self, pk: int) -> str | Response | tuple[str, int]:
        who = _coordinator(pk)
        there = profile(g.session, pk)
        form = ProfileForm(obj=there)
        form.person_id = pk
        if not form.is_submitted() and there is not None:
            form.version.data = version_of(there)
        if form.validate_on_submit() and is_fresh(form, there):
            if there is not None or form.says_something:
                with g.session.no_autoflush:
                    form.populate_obj(there or _new(form, who))
                g.session.flush()
            flash(gettext("Saved."), "success")
            return see_other(url_for("Coordinators.list"))
        page = self.render_template(
            "form_page.html",
            title=gettext("What %(name)s can take on", name=who),
            form=form,
            back=url_for("Coordinators.list"),
        )
        g.session.rollback()
        return str(page), 422 if form.errors else 200


def _new(form: ProfileForm, who: Person) -> CoordinatorProfile:
    row = CoordinatorProfile(
        uid=form.uid.data, municipality_id=who.municipality_id, person_id=who.id
    )
    g.session.add(row)
    return row


def _coordinator(pk: int) -> Person:
    """Held while something is written, so that two who write first do not both make a row."""
    wanted = select(Person).where(Person.id == pk, Person.merged_into_id.is_(None))
    if Role.COORDINATING_UNIT not in g.actor.roles:
        wanted = wanted.where(Person.department_id.in_(own_department()))
    if request.method == "POST":
        wanted = wanted.with_for_update(key_share=True)
    row: Person = g.session.scalars(wanted).first() or not_there()
    return row


def absence(row: CoordinatorProfile | None, day: Any) -> str:
    """Away from when, until when, and whom to ask; empty when it is over."""
    if row is None or not row.is_away(day):
        return ""
    said = _days(row, day)
    if row.substitute is None:
        return said
    return str(gettext("%(away)s. Ask %(name)s meanwhile", away=said, name=row.substitute))


def _days(row: CoordinatorProfile, day: Any) -> str:
    first, last = shown(row.absent_from), shown(row.absent_until)
    if row.absent_from is not None and row.absent_from > day:
        if not last:
            return str(gettext("Away from %(day)s", day=first))
        return str(gettext("Away from %(first)s until %(last)s", first=first, last=last))
    return str(gettext("Away until %(day)s", day=last) if last else gettext("Away"))
