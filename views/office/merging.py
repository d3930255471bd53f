"""Persons who stand twice (dublettar), made one by two: one asks, another answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import flash, g, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms.validators import DataRequired, Length

from models.account import Membership
from models.contact import telephone
from models.i18n import N_
from models.keys import key
from models.merging import PersonMerge
from models.people import Person
from security.doubles import Hindrance
from services import merging
from services.apart import beside
from services.errors import Conflict
from services.merging import Side
from views.fields import storable
from views.forms import Form
from views.office.accounts import state_of
from views.office.person_field import PersonField
from views.realm import HandMade, Realm, needs, not_there, see_other
from views.words import shown

LAST = 10


class SameForm(Form):
    person_id = PersonField(
        lazy_gettext("Same person as"), validators=[DataRequired(), Length(max=300), storable]
    )


class Merging(HandMade):
    """What waits and what was answered; choosing the other one; the two side by side."""

    realm = Realm.REGISTER
    route_base = "/register/merging"
    class_permission_name = "Merging"
    menu_label = lazy_gettext("Persons who stand twice")

    @expose("/")
    @needs("list")
    def list(self) -> str:
        asked = merging.waiting(g.session)
        return str(
            self.render_template(
                "office/merging.html",
                title=gettext("Persons who stand twice"),
                asked=asked,
                mine={one.id for one in asked if merging.may_answer(g.session, one)},
                answered=merging.answered(g.session, LAST),
            )
        )

    @expose("/<pk>/same", methods=["GET", "POST"])
    @needs("add")
    def choose(self, pk: str) -> str | Response | tuple[str, int]:
        """Who the person of the register is one with."""
        person, form = _person(pk), SameForm()
        if form.validate_on_submit() and form.person_id.person_id is not None:
            other = form.person_id.person_id
            if other != person.id:
                double, kept = merging.direction(g.session, person.id, other)
                return see_other(url_for("Merging.form", pk=double, kept=kept))
            form.person_id.errors = [gettext(merging.WORDS[Hindrance.SAME])]
        g.session.rollback()
        page = self.render_template(
            "form_page.html",
            title=gettext("Same person as …"),
            lead=gettext(
                "Look up the other entry of %(name)s. Next you see the two side by side. Nothing "
                "is changed before somebody else has said yes.",
                name=person.name,
            ),
            form=form,
            button=gettext("Show the two"),
            back=url_for("PersonView.show", pk=person.id),
        )
        return str(page), 422 if form.errors else 200

    @expose("/<pk>/into/<kept>", methods=["GET"])
    @needs("add")
    def form(self, pk: str, kept: str) -> str:
        """The two side by side, what would happen, and who can say yes to it."""
        double, other = _person(pk), _person(kept)
        why = _hindrance(double, other)
        names = () if why else merging.names_of_confirmers(g.session, double, other)
        return self._side_by_side(double, other, hindered=why, names=names)

    @expose("/<pk>/into/<kept>", methods=["POST"])
    @needs("add")
    def ask(self, pk: str, kept: str) -> Response:
        merging.ask(g.session, _person(pk), _person(kept))
        flash(gettext("Asked for. It counts when somebody else has said yes."), "success")
        return see_other(url_for("Merging.list"))

    @expose("/<pk>", methods=["GET"])
    @needs("edit")
    def show(self, pk: str) -> str:
        """What one is asked to say yes or no to."""
        asked = _asked(pk)
        may = asked.is_open and merging.may_answer(g.session, asked)
        why = _hindrance(asked.double, asked.kept) if may else ""
        return self._side_by_side(asked.double, asked.kept, asked=asked, may=may, hindered=why)

    @expose("/<pk>/yes", methods=["POST"])
    @needs("edit")
    def yes(self, pk: str) -> Response:
        asked = _asked(pk)
        merging.answer(g.session, asked, True)
        flash(gettext("The two are one now: %(name)s.", name=asked.kept.name), "success")
        return see_other(url_for("PersonView.show", pk=asked.kept_id))

    @expose("/<pk>/no", methods=["POST"])
    @needs("edit")
    def no(self, pk: str) -> Response:
        merging.answer(g.session, _asked(pk), False)
        flash(gettext("Nothing is changed."), "success")
        return see_other(url_for("Merging.list"))

    def _side_by_side(self, double: Person, kept: Person, **more: object) -> str:
        closed, used = merging.sides(g.session, double, kept)
        return str(
            self.render_template(
                "office/same_person.html",
                title=gettext("One and the same person?"),
                double=closed,
                kept=used,
                rows=list(_rows(used, closed)),
                **more,
            )
        )


def _rows(used: Side, closed: Side) -> Iterator[tuple[str, str, str]]:
    """(what it is, of the one who is kept, of the one that is closed); what neither has is
    left out."""
    for label, said in _FACTS.items():
        words = said(used), said(closed)
        if any(words):
            yield gettext(label), *words


_FACTS: dict[str, Callable[[Side], str]] = {
    N_("Name"): lambda side: side.person.name,
    N_("Birth date"): lambda side: shown(side.person.birth_date),
    N_("Identity number"): lambda side: _number(side.person),
    N_("Workplace"): lambda side: shown(side.person.organisation),
    N_("Department"): lambda side: shown(side.person.department),
    N_("E-mail"): lambda side: shown(side.person.email),
    N_("Telephone"): lambda side: telephone(side.person.shown_phone or ""),
    N_("Address"): lambda side: shown(side.person.shown_place),
    N_("Signs in as"): lambda side: _account(side.hat),
    N_("Roles"): lambda side: shown(side.hat.roles) if side.hat else "",
    N_("Takes part in plans"): lambda side: str(side.plans),
    N_("Coordinator for"): lambda side: str(side.leads),
}


def _number(person: Person) -> str:
    """Never the number itself."""
    words = gettext("Registered") if person.identity_index else gettext("Not registered")
    return str(words)


def _account(hat: Membership | None) -> str:
    return f"{hat.account.login_name} ({state_of(hat).lower()})" if hat else ""


def _hindrance(double: Person, kept: Person) -> str:
    """What stands in the way, in words; empty when nothing does."""
    try:
        merging.check(g.session, double, kept)
    except Conflict as why:
        return str(gettext(why.words))
    return ""


def _person(pk: str) -> Person:
    here = (Person.id == key(pk), Person.id.not_in(beside(g.session)))
    wanted = select(Person).where(*here).options(joinedload(Person.department))
    found: Person | None = g.session.scalars(wanted).first()
    return found or not_there()


def _asked(pk: str) -> PersonMerge:
    apart = beside(g.session)
    wanted = select(PersonMerge).where(
        PersonMerge.id == key(pk),
        PersonMerge.double_id.not_in(apart),
        PersonMerge.kept_id.not_in(apart),
    )
    people = (joinedload(PersonMerge.double), joinedload(PersonMerge.kept))
    both = [one.joinedload(Person.department) for one in people]
    whole = wanted.options(*both, joinedload(PersonMerge.asked_by))
    found: PersonMerge | None = g.session.scalars(whole).first()
    return found or not_there()
