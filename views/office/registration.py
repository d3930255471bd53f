"""My persons, and registering a plan for one of them (koordinatoren sitt kontor)."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, g, redirect, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response
from wtforms import Form as PlainForm
from wtforms import FormField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from models.account import Membership
from models.clock import today
from models.contact import NotAnEmail
from models.people import Person
from models.plan import Plan
from models.representation_rules import HAS_MANDATE, RULES
from models.vocabulary import Capacity, Mandate, PlanType, Verification
from security.ages import days_of
from security.audit import Noted
from services.accounts import NameTaken
from services.invitations import Ticket
from services.plans import (
    Guardian,
    persons_of,
    register_plan,
    suggest_short_name,
)
from views.choices import WordsField
from views.fields import LinesField, storable, stripped
from views.forms import OnceForm
from views.once import once
from views.realm import HandMade, Realm, needs, see_other

MOST_GUARDIANS = 4
_TEXT = [Length(max=200), storable]


class GuardianForm(PlainForm):
    """One who acts for the owner. All fields empty: nobody."""

    name = StringField(lazy_gettext("Name"), validators=[Optional(), *_TEXT], filters=[stripped])
    login_name = StringField(
        lazy_gettext("E-mail or user name"), validators=[Optional(), *_TEXT], filters=[stripped]
    )
    capacity = WordsField(
        lazy_gettext("Acts for the owner as"), Capacity, only=RULES, validators=[Optional()]
    )
    verified_how = WordsField(
        lazy_gettext("How this was checked"), Verification, validators=[Optional()]
    )
    mandate = WordsField(
        lazy_gettext("What the mandate is for"),
        Mandate,
        description=lazy_gettext("For a legal guardian and a power of attorney."),
        validators=[Optional()],
    )
    document = StringField(
        lazy_gettext("Where the document lies"),
        description=lazy_gettext(
            "For all but parents and next of kin. Such a person gets access when the coordinating "
            "unit has confirmed."
        ),
        validators=[Optional(), *_TEXT],
        filters=[stripped],
    )

    def needed(self) -> list[Any]:
        """The fields somebody of this kind must have."""
        kind = self.capacity.data if self.capacity.data in RULES else None
        always: list[Any] = [self.name, self.login_name, self.capacity, self.verified_how]
        mandate = [self.mandate] if kind in HAS_MANDATE else []
        document = [self.document] if kind is not None and RULES[kind].document else []
        return [*always, *mandate, *document]

    def is_empty(self) -> bool:
        return not (self.name.data or self.login_name.data)


class RegisterForm(OnceForm):
    type = WordsField(
        lazy_gettext("Kind of plan"), PlanType, blank=False, validators=[InputRequired()]
    )
    short_name = StringField(
        lazy_gettext("Short name"),
        description=lazy_gettext("Shown in lists instead of the name."),
        validators=[DataRequired(), Length(max=20), storable],
        filters=[stripped],
    )
    owner_login = StringField(
        lazy_gettext("The owner's e-mail or user name"),
        description=lazy_gettext("Only when the owner is to sign in."),
        validators=[Optional(), *_TEXT],
        filters=[stripped],
    )
    guardians = LinesField(
        FormField(GuardianForm),
        lazy_gettext("Guardians"),
        min_entries=2,
        max_entries=MOST_GUARDIANS,
    )

    def validate_guardians(self, field: Any) -> None:
        for one in field.entries:
            if one.form.is_empty():
                continue
            for part in one.form.needed():
                if not part.data:
                    part.errors = [gettext("Fill in this one too.")]
                    raise ValidationError(gettext("Something is missing about a guardian."))

    def people(self) -> list[Guardian]:
        return [
            Guardian(
                f.name.data or "",
                f.login_name.data or "",
                f.capacity.data,
                f.verified_how.data,
                f.mandate.data if f.capacity.data in HAS_MANDATE else None,
                f.document.data,
            )
            for f in (entry.form for entry in self.guardians.entries)
            if not f.is_empty()
        ]


class Registration(HandMade):
    """What a coordinator does before there is a plan."""

    realm = Realm.REGISTER
    route_base = "/my-persons"
    class_permission_name = "Registration"

    @expose("/")
    @needs("read")
    def page(self) -> str | Response:
        """`new`: a plan is to be registered, and there is only one to do it for."""
        people = persons_of(g.session)
        wanted = select(Plan).where(Plan.person_id.in_([p.id for p in people]))
        plans = g.session.scalars(wanted.order_by(Plan.id)).all()
        if plans:
            g.session.note(Noted(0, "list", "plan", "own plans", rows={p.id for p in plans}))
        rows = [
            {
                "name": person.name,
                "plans": [plan for plan in plans if plan.person_id == person.id],
                "url": url_for("Registration.register", person_id=person.id),
            }
            for person in people
        ]
        without = [str(row["url"]) for row in rows if not row["plans"]]
        if request.args.get("new") and len(without) == 1:
            return redirect(without[0])
        title = gettext("My persons")
        return str(self.render_template("office/persons.html", title=title, rows=rows))

    @expose("/<int:person_id>/register", methods=["GET", "POST"])
    @needs("write")
    def register(self, person_id: int) -> str | Response | tuple[str, int]:
        found = {p.id: p for p in persons_of(g.session)}
        person = found.get(person_id) or abort(404)
        form = RegisterForm(type=PlanType.SIMPLE_COLLABORATION)
        if not form.is_submitted():
            form.short_name.data = suggest_short_name(g.session, person.name)
        elif form.validate() and _somebody_decides(form, person):
            done = self._register(form, person)
            if done is not None:
                return done
        g.session.rollback()
        title = gettext("Register a plan")
        page = self.render_template(
            "office/register.html", title=title, form=form, person_name=person.name
        )
        return str(page), 422 if form.errors else 200

    def _register(self, form: RegisterForm, person: Person) -> Response | None:
        register = partial(
            register_plan, g.session, person, form.type.data, form.short_name.data or "",
            form.people(), str(form.uid.data), form.owner_login.data,
        )  # fmt: skip
        try:
            done = once(Plan, form.uid.data, register)
        except NotAnEmail:
            form.guardians.errors = [gettext("One of the e-mail addresses is not an address.")]
        except NameTaken as taken:
            form.guardians.errors = [
                gettext("“%(name)s” is used by somebody else already.", name=str(taken))
            ]
        except IntegrityError as error:
            if "short_name" not in str(error.orig):
                raise
            form.short_name.errors = [gettext("This short name is taken. Choose another.")]
        else:
            if done is None:
                return handed_over()
            plan, tickets = done
            _say_who_waits(form.people())
            return hand_over(tickets, url_for("Team.page", plan_id=plan.id))
        return None

    @expose("/codes")
    @needs("read")
    def codes(self) -> str | Response:
        """Start codes, shown once: they are gone when one leaves the page."""
        tickets, onwards = login.pop("codes", []), login.get("onwards", "/")
        if not tickets:
            return see_other(onwards)
        title = gettext("Start codes")
        return str(
            self.render_template("office/codes.html", title=title, tickets=tickets, url=onwards)
        )


def _somebody_decides(form: RegisterForm, person: Person) -> bool:
    """Under consent age somebody with the right capacity has to be there from the start."""
    rules = [RULES[guardian.capacity] for guardian in form.people()]
    child = person.birth_date is not None and today() < days_of(g.session, person)[0]
    if child and not any(rule.decides_for_a_child for rule in rules):
        form.guardians.errors = [gettext("Register at least one who decides for the child.")]
        return False
    acts = any(rule.decides_for_a_grown_up for rule in rules)
    if not (child or acts or form.owner_login.data or _has_a_way_in(person)):
        words = gettext("The owner decides, and must be able to sign in. Fill in this one.")
        form.owner_login.errors = [words]
        return False
    return True


def _say_who_waits(people: list[Guardian]) -> None:
    names = [one.name for one in people if RULES[one.capacity].second_person]
    if names:
        words = gettext(
            "%(names)s: gives access when the coordinating unit has confirmed.",
            names=", ".join(names),
        )
        flash(words, "info")


def _has_a_way_in(person: Person) -> bool:
    hat = select(Membership.id).where(Membership.person_id == person.id)
    return g.session.scalars(hat).first() is not None


def hand_over(tickets: list[Ticket], onwards: str) -> Response:
    """To the page that shows start codes once, if there are any, and then onwards; never in
    an address."""
    login["onwards"] = onwards
    by_letter = [one.name for one in tickets if not one.code]
    if by_letter:
        flash(gettext("Invited by e-mail: %(names)s.", names=", ".join(by_letter)), "success")
    login["codes"] = [(one.name, one.login_name, one.code) for one in tickets if one.code]
    return handed_over() if login["codes"] else see_other(onwards)


def handed_over() -> Response:
    """Where `hand_over` went: to the codes if nobody has seen them, else onwards."""
    return see_other(url_for("Registration.codes"))
