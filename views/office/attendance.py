"""Who was at a session (oppmøte): one page with a tick for each, stored all at once."""

from __future__ import annotations

from typing import Any

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms.validators import Length, Optional

from models.clock import today
from models.course import CourseSession
from models.keys import key
from services.courses import Listed, listed, mark, ticked
from views.choices import BoxesField
from views.fields import storable
from views.forms import Form, VersionField
from views.office.person_field import PersonField
from views.realm import HandMade, Realm, needs, not_there, see_other
from views.words import shown


class AttendanceForm(Form):
    """`seen`: who was ticked when the page was opened, so that two who tick at once lose
    nothing."""

    seen = VersionField()
    people = BoxesField(lazy_gettext("Who was there?"), coerce=key)
    person_id = PersonField(
        lazy_gettext("Somebody else"),
        validators=[Optional(), Length(max=300), storable],
        description=lazy_gettext("Write a name to put one more on the list."),
    )
    most: int | None = None

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.people.flags.required = True  # it may be nobody, and is not said to be optional

    @property
    def now(self) -> set[int]:
        """Those ticked, and the one who is added."""
        return {*(self.people.data or ()), *filter(None, [self.person_id.person_id])}

    @property
    def before(self) -> set[int]:
        return set(filter(None, map(key, (self.seen.data or "").split(","))))

    def validate(self, *args: Any, **kw: Any) -> bool:
        right: bool = super().validate(*args, **kw)
        if right and self.most is not None and len(self.now) > self.most:
            said = ngettext("There is room for %(num)s.", "There is room for %(num)s.", self.most)
            self.people.errors = [said]
            return False
        return right


class Attendance(HandMade):
    realm = Realm.REGISTER
    route_base = "/register/attendance"
    class_permission_name = "Attendance"

    @expose("/<int:pk>", methods=["GET", "POST"])
    @needs("edit")
    def page(self, pk: int) -> str | Response | tuple[str, int]:
        at = _session(pk)
        is_coming = at.held_on > today()
        rows = listed(g.session, at)
        there = ticked(at, rows)
        form = AttendanceForm(data={"people": sorted(there), "seen": ",".join(map(str, there))})
        title = gettext("Who is coming?") if is_coming else gettext("Who was there?")
        form.people.label.text = title
        form.people.choices = [(one.person.id, _called(one, is_coming)) for one in rows]
        form.most = at.places if is_coming else None
        if form.validate_on_submit():
            changed = mark(g.session, at, form.now, form.before)
            flash(_said(changed), "success")
            return see_other(url_for("Attendance.page", pk=pk))
        page = self.render_template(
            "form_page.html",
            title=title,
            lead=_about(at),
            form=form,
            back=url_for("CourseSessionView.show", pk=pk),
        )
        g.session.rollback()
        return str(page), 422 if form.errors else 200


def _session(pk: int) -> CourseSession:
    wanted = select(CourseSession).where(CourseSession.id == pk)
    found = g.session.scalars(wanted.options(joinedload(CourseSession.course))).first()
    row: CourseSession = found or not_there()
    return row


def _about(at: CourseSession) -> str:
    """Which session it is, in one line."""
    return " · ".join(filter(None, [at.course.name, shown(at.held_on), at.place]))


def _called(one: Listed, is_coming: bool) -> str:
    """Two of the same name are told apart by where they work; who said they would come is."""
    name = ", ".join(str(said) for said in (one.person, one.person.department) if said)
    was_to_come = one.on_list and not is_coming and not one.was_there
    return gettext("%(name)s (on the list)", name=name) if was_to_come else name


def _said(changed: int) -> str:
    if not changed:
        return str(gettext("Nothing was changed."))
    return str(ngettext("%(num)s change is stored.", "%(num)s changes are stored.", changed))
