"""The municipality's registers (kontorregister), generated: one short declaration each."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, g, request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, DateField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from models import contact, identity_number
from models.account import Membership
from models.clock import utcnow
from models.consent import ConsentText
from models.feedback import CoordinatorFeedback
from models.i18n import N_
from models.municipality import (
    Department,
    EvaluationQuestion,
    LifeAreaName,
    Municipality,
    PlanTypeName,
    ServiceType,
)
from models.people import CoordinatorAppointment, Person, Representation
from models.plan import PlanRegister
from models.types import blind_index
from models.vocabulary import PlanType, Role
from services.accounts import NameTaken, admit
from services.appointments import follow
from views.fields import RowField, WordsSetField, rows_of_the_register, storable, stripped
from views.forms import Form, register_form
from views.office.person_field import PersonField
from views.office.registration import hand_over
from views.realm import Realm
from views.safe import GeneratedView, SafeRows

_WORDS = {"nn": N_("Nynorsk"), "nb": N_("Bokmål"), "en": N_("English")}


class RegisterRows(SafeRows):
    """Rows of one's own municipality; `eager` are the relations a list shows."""

    def __init__(self, obj: Any, *eager: Any) -> None:
        super().__init__(obj)
        self.eager = eager

    def narrow(self, statement: Any) -> Any:
        return statement.options(*(joinedload(relation) for relation in self.eager))


class RegisterView(GeneratedView):
    """A register of the office. The menu shows it to roles that may list it."""

    realm = Realm.REGISTER
    types: frozenset[PlanType] = frozenset()
    include_route_methods = {"list", "show", "add", "edit"}
    menu_label: Any = ""
    search_columns: list[str] = []

    def new(self, form: FlaskForm) -> Any:
        return self.datamodel.obj(municipality_id=g.actor.municipality_id)

    def _add(self) -> dict[str, Any] | None:
        return self._or_taken(super()._add, "add", self.add_form)

    def _edit(self, pk: str) -> dict[str, Any] | None:
        return self._or_taken(lambda: super(RegisterView, self)._edit(pk), "edit", self.edit_form)

    def _or_taken(self, act: Any, name: str, form_class: Any) -> dict[str, Any] | None:
        """What is in the register already is said beside the form, and nothing is lost."""
        try:
            answer: dict[str, Any] | None = act()
            return answer
        except IntegrityError:
            g.session.rollback()
            form = form_class()
            form.validate()
            first = form.shown_fields()[0]
            first.errors = [gettext("This is in the register already.")]
            return self._form(name, form)


def declare(
    name: str,
    cls: Any,
    label: str,
    fields: dict[str, str],
    *,
    shown: tuple[str, ...] = (),
    labels: dict[str, str] | None = None,
    eager: tuple[Any, ...] = (),
    pages: tuple[str, ...] = ("list", "show", "add", "edit"),
    permission: str = "",
    base: type[RegisterView] = RegisterView,
    order: tuple[str, str] = ("id", "asc"),
    **special: Any,
) -> type[RegisterView]:
    """A register's view: its class, its words, the fields of its form and of its list."""
    words = {**fields, **(labels or {})}
    columns = list(shown or fields)
    form = register_form(cls, fields, **special)
    return type(
        f"{name}View",
        (base,),
        {
            "datamodel": RegisterRows(cls, *eager),
            "route_base": f"/register/{name.lower()}",
            "class_permission_name": permission or name,
            "menu_label": lazy_gettext(label),
            "list_title": lazy_gettext(label),
            "show_title": lazy_gettext(label),
            "add_title": lazy_gettext(label),
            "edit_title": lazy_gettext(label),
            "include_route_methods": set(pages),
            "label_columns": {key: lazy_gettext(text) for key, text in words.items()},
            "list_columns": columns,
            "show_columns": columns,
            "order_columns": [c for c in columns if c in cls.__mapper__.columns],
            "base_order": order,
            "add_form": form,
            "edit_form": form,
        },
    )


# People


def _person_fields() -> dict[str, Any]:
    text: dict[str, Any] = {"filters": [stripped]}
    rules = [Optional(), Length(max=200), storable]
    return {
        "identity_number": StringField(
            lazy_gettext("Identity number"),
            description=lazy_gettext("Stored encrypted. Left empty, it stays as it is."),
            validators=rules,
            **text,
        ),
        "email": StringField(lazy_gettext("E-mail"), validators=rules, **text),
        "phone": StringField(lazy_gettext("Telephone"), validators=rules, **text),
        "department_id": RowField(
            lazy_gettext("Department"),
            rows_of_the_register(Department, Department.name),
            validators=[Optional()],
        ),
    }


def _tidy(form: Any) -> bool:
    """Bring addresses and numbers into one form; a wrong one is said at its field."""
    for name, parse, words in (
        ("email", contact.email, N_("This is not an e-mail address.")),
        ("phone", contact.phone, N_("This is not a telephone number.")),
        ("identity_number", _number, N_("This is not an identity number we can store.")),
    ):
        field = form[name]
        if not field.data:
            continue
        try:
            field.data = parse(field.data)
        except ValueError:
            field.errors = [gettext(words)]
            return False
    return True


def _number(text: str) -> str:
    return identity_number.parse(text, synthetic=bool(current_app.config["SYNTHETIC_PEOPLE"]))


class _PersonForm(Form):
    """Mixed into the person's form: tidy after validation, indexes when stored. What is
    hidden is never sent to the page, and stays as it is when its field is left empty."""

    def __init__(self, *args: Any, obj: Person | None = None, **kw: Any) -> None:
        super().__init__(*args, obj=obj, **kw)
        self.person_id = obj.id if obj is not None else None
        for name in _hidden(obj) if obj is not None else ():
            if name not in request.form:
                self[name].data = None

    def validate(self, extra_validators: Any = None) -> bool:
        fits = bool(super().validate(extra_validators)) and _tidy(self)
        return fits and self._is_new_address() and self._is_not_oneself()

    def _is_not_oneself(self) -> bool:
        """By e-mail and number people are found: somebody else changes one's own."""
        if self.person_id != g.actor.person_id:
            return True
        me = g.session.get_one(Person, self.person_id)
        for name in ("email", "identity_number"):
            if self[name].data and self[name].data != getattr(me, name):
                self[name].errors = [gettext("Ask somebody else to change this for you.")]
                return False
        return True

    def _is_new_address(self) -> bool:
        field = self["email"]
        if not field.data:
            return True
        index = blind_index("person.email", field.data)
        same = select(Person.id).where(Person.email_index == index)
        if set(g.session.scalars(same)) <= {self.person_id}:
            return True
        field.errors = [gettext("Somebody else has this e-mail address already.")]
        return False

    def populate_obj(self, obj: Person) -> None:
        before = {name: getattr(obj, name) for name in _hidden(obj)}
        super().populate_obj(obj)
        for name, value in before.items():
            setattr(obj, name, getattr(obj, name) or value)
        obj.shielded = bool(obj.shielded)
        for name in ("email", "phone", "identity_number"):
            value, column = getattr(obj, name), name.replace("identity_number", "identity")
            index = blind_index(f"person.{name}", value) if value else None
            setattr(obj, f"{column}_index", index)


def _hidden(person: Person) -> tuple[str, ...]:
    """Columns that are not shown: the number to nobody, place and telephone when shielded."""
    return ("identity_number", *(("place", "phone") if person.shielded else ()))


def _persons() -> type[RegisterView]:
    fields = {
        "name": N_("Name"),
        "birth_date": N_("Birth date"),
        "identity_number": N_("Identity number"),
        "organisation": N_("Workplace"),
        "department_id": N_("Department"),
        "email": N_("E-mail"),
        "phone": N_("Telephone"),
        "place": N_("Address"),
        "shielded": N_("Shielded: hide place, telephone and picture everywhere"),
        "died_on": N_("Died"),
    }
    view = declare(
        "Person", Person, N_("Persons"), fields, eager=(Person.department,),
        shown=("name", "birth_date", "department", "organisation", "shown_phone", "shown_place"),
        labels={
            "department": N_("Department"), "shown_phone": N_("Telephone"),
            "shown_place": N_("Address"),
        },
        order=("name", "asc"), **_person_fields(),
    )  # fmt: skip
    view.add_form = view.edit_form = type("PersonForm", (_PersonForm, view.add_form), {})
    return view


class AppointmentRows(RegisterRows):
    """All of them for the coordinating unit; a leader's are those of the department."""

    def narrow(self, statement: Any) -> Any:
        narrowed = super().narrow(statement)
        if Role.COORDINATING_UNIT in g.actor.roles:
            return narrowed
        mine = select(Person.department_id).where(Person.id == g.actor.person_id)
        condition = CoordinatorAppointment.department_id.in_(mine.scalar_subquery())
        return narrowed.where(condition)


class AppointmentRegister(RegisterView):
    """Who is appointed coordinator for whom; the plan register follows."""

    def _store_once(self, item: CoordinatorAppointment) -> None:
        super()._store_once(item)
        follow(g.session, item)


def _later(form: Any, field: Any) -> None:
    if field.data and form.starts_on.data and field.data < form.starts_on.data:
        raise ValidationError(gettext("The end is before the start."))


def _appointments() -> type[RegisterView]:
    fields = {
        "person_id": N_("Person"),
        "coordinator_id": N_("Coordinator"),
        "department_id": N_("Department"),
        "agreed_hours": N_("Agreed hours a week"),
        "starts_on": N_("From"),
        "ends_on": N_("Until"),
    }
    a = CoordinatorAppointment
    must = [DataRequired(), Length(max=300), storable]
    view = declare(
        "Appointment", a, N_("Appointments"), fields, base=AppointmentRegister,
        eager=(a.person, a.coordinator, a.department),
        shown=("person", "coordinator", "department", "agreed_hours", "starts_on", "ends_on"),
        labels={
            "person": N_("Person"), "coordinator": N_("Coordinator"),
            "department": N_("Department"),
        },
        person_id=PersonField(lazy_gettext("Person"), validators=must),
        coordinator_id=PersonField(lazy_gettext("Coordinator"), validators=must),
        department_id=RowField(
            lazy_gettext("Department"), rows_of_the_register(Department, Department.name),
            validators=[Optional()],
        ),
        ends_on=DateField(lazy_gettext("Until"), validators=[Optional(), _later]),
    )  # fmt: skip
    view.datamodel = AppointmentRows(a, a.person, a.coordinator, a.department)
    ending = {"ends_on": N_("Until"), "agreed_hours": N_("Agreed hours a week")}
    view.edit_form = register_form(a, ending)  # persons never change: end it and appoint anew
    return view


class ConfirmForm(Form):
    """The coordinating unit has checked, or the representation is over."""

    confirmed = BooleanField(
        lazy_gettext("I have checked that this person acts for the other"),
        description=lazy_gettext("Until then it opens nothing."),
    )
    ended = BooleanField(lazy_gettext("It is over: end it now"))

    def populate_obj(self, obj: Representation) -> None:
        if self.confirmed.data and obj.verified_at is None:
            obj.verified_at, obj.verified_by_id = utcnow(), g.actor.person_id
        if self.ended.data and obj.ends_at is None:
            obj.ends_at = utcnow()


def _representations() -> type[RegisterView]:
    r = Representation
    view = declare(
        "Representation", r, N_("Who acts for whom"), {},
        shown=("person", "representative", "capacity", "verified_how", "verified_at", "ends_at"),
        labels={
            "person": N_("Person"), "representative": N_("Acts for the person"),
            "capacity": N_("As"), "verified_how": N_("How this was checked"),
            "verified_at": N_("Confirmed"), "ends_at": N_("Until"),
        },
        eager=(r.person, r.representative), pages=("list", "show", "edit"), order=("id", "desc"),
    )  # fmt: skip
    view.edit_form = ConfirmForm
    return view


# Accounts


class AccountRegister(RegisterView):
    """Employees' accounts and hats. People in a plan get their code from the coordinator."""

    def _add(self) -> dict[str, Any] | None:
        form = self.add_form()
        if not form.validate_on_submit():
            return self._form("add", form)
        person = g.session.scalars(select(Person).where(Person.id == form.person_id.person_id))
        person = person.first() or abort(404)
        if _is_in_a_plan(person):
            form.person_id.errors = [
                gettext("Owners and guardians get their start code from the coordinator.")
            ]
            return self._form("add", form)
        try:
            name = form.login_name.data or ""
            ticket = admit(g.session, person, name, *form.roles.data)
        except NameTaken:
            form.login_name.errors = [gettext("This name is used by somebody else already.")]
            return self._form("add", form)
        flash(str(self.add_row_message), "success")
        g.tickets = [ticket] if ticket else []
        return None

    def post_add_redirect(self) -> Any:
        return hand_over(g.tickets, self.get_redirect())


def _is_in_a_plan(person: Person) -> bool:
    owns = select(PlanRegister.id).where(PlanRegister.person_id == person.id)
    acts = select(Representation.id).where(Representation.representative_id == person.id)
    return bool(g.session.scalars(owns).first() or g.session.scalars(acts).first())


class NewAccountForm(Form):
    person_id = PersonField(
        lazy_gettext("Person"), validators=[DataRequired(), Length(max=300), storable]
    )
    login_name = StringField(
        lazy_gettext("E-mail or user name"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    roles = WordsSetField(lazy_gettext("Roles"), Role, validators=[DataRequired()])


def _accounts() -> type[RegisterView]:
    view = declare(
        "Account", Membership, N_("Accounts"), {"roles": N_("Roles"), "active": N_("Active")},
        base=AccountRegister, eager=(Membership.person, Membership.account),
        shown=("person", "account", "roles", "active"),
        labels={"person": N_("Person"), "account": N_("Signs in as")},
        pages=("list", "show", "add", "edit"),
    )  # fmt: skip
    view.add_form = NewAccountForm
    return view


# Words and texts


class ConsentTextRegister(RegisterView):
    """A new text is a new version; what has been signed stays as it was."""

    def new(self, form: Any) -> ConsentText:
        same = select(ConsentText.version).where(
            ConsentText.plan_type == form.plan_type.data,
            ConsentText.language == form.language.data,
        )
        newest = max(g.session.scalars(same).all(), default=0)
        return ConsentText(municipality_id=g.actor.municipality_id, version=newest + 1)


class OwnMunicipality(RegisterView):
    """The administrator's own municipality, and no other."""


class OwnRows(RegisterRows):
    def narrow(self, statement: Any) -> Any:
        mine = Municipality.id == g.actor.municipality_id
        return statement.where(mine) if hasattr(statement, "where") else statement.filter(mine)


def views() -> list[type[RegisterView]]:
    """Every generated register, in the order of the menu."""
    own = declare(
        "Municipality", Municipality, N_("Municipality"),
        {"name": N_("Name"), "language": N_("Language"), "phone": N_("Telephone")},
        pages=("list", "show", "edit"), base=OwnMunicipality,
    )  # fmt: skip
    own.datamodel = OwnRows(Municipality)
    area = LifeAreaName
    feedback = CoordinatorFeedback
    return [
        _appointments(),
        _persons(),
        _representations(),
        _accounts(),
        own,
        declare("Department", Department, N_("Departments"), {"name": N_("Name")},
                pages=("list", "show", "add", "edit", "delete")),
        declare("ServiceType", ServiceType, N_("Kinds of service"), _WORDS,
                pages=("list", "show", "add", "edit", "delete")),
        declare("LifeAreaName", area, N_("Life areas"), {"area": N_("Life area"), **_WORDS}),
        declare("PlanTypeName", PlanTypeName, N_("Kinds of plan"),
                {"plan_type": N_("Kind of plan"), **_WORDS, "offered": N_("Offered here")}),
        declare("EvaluationQuestion", EvaluationQuestion, N_("Evaluation questions"),
                {"key": N_("Key"), "audience": N_("Who is asked"), **_WORDS,
                 "has_face": N_("With faces"), "to_office_only": N_("Only the office reads it"),
                 "position": N_("Position")}),
        declare("ConsentText", ConsentText, N_("Consent texts"),
                {"plan_type": N_("Kind of plan"), "language": N_("Language"), "body": N_("Text")},
                shown=("plan_type", "language", "version", "body"),
                labels={"version": N_("Version")},
                base=ConsentTextRegister, pages=("list", "show", "add")),
        declare("CoordinatorFeedback", feedback, N_("Feedback on coordinators"), {},
                shown=("coordinator", "given_on", "words"),
                labels={"coordinator": N_("Coordinator"), "given_on": N_("Date"),
                        "words": N_("In their own words")},
                eager=(feedback.coordinator,), pages=("list",)),
    ]  # fmt: skip
