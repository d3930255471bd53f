"""The register of persons (personar): whoever the municipality knows, found by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select
from wtforms import StringField
from wtforms.validators import Length, Optional

from models import contact, identity_number
from models.i18n import N_
from models.municipality import Department
from models.people import Person
from models.types import blind_index
from security.policy import Forbidden
from security.way_in import authorise_way_in
from services.apart import beside
from views.choices import RowField, rows_of_the_register
from views.fields import storable, stripped
from views.forms import Form
from views.office import known_rows
from views.office.register import RegisterRows, RegisterView, declare


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
            rows_of_the_register(Department),
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
    hidden is never sent to the page, and stays as it is when its field is left empty.
    `addresses`: in the rows of a file, who is reached by each, asked once (known_rows)."""

    addresses: Mapping[str, Collection[int]] | None = None

    def __init__(self, *args: Any, obj: Person | None = None, **kw: Any) -> None:
        super().__init__(*args, obj=obj, **kw)
        self.person_id = obj.id if obj is not None else None
        for name in _hidden(obj) if obj is not None else ():
            if name not in request.form:
                self[name].data = None

    def validate(self, extra_validators: Any = None) -> bool:
        fits = bool(super().validate(extra_validators)) and _tidy(self)
        return fits and self._is_new_address() and self._is_not_oneself() and self._lets_nobody_in()

    def kept_back(self, row: Person) -> tuple[str, ...]:
        return _hidden(row)

    def _is_not_oneself(self) -> bool:
        """By these people are found: somebody else changes one's own, or one does it on a
        page that asks for the password."""
        if self.person_id != g.actor.person_id:
            return True
        me = g.session.get_one(Person, self.person_id)
        for name, words in (
            ("name", N_("Ask somebody else to change this for you.")),
            ("email", N_("Change this under “My account”.")),
            ("identity_number", N_("Ask somebody else to change this for you.")),
        ):
            if self[name].data and self[name].data != getattr(me, name):
                self[name].errors = [gettext(words)]
                return False
        return True

    def _lets_nobody_in(self) -> bool:
        """By the number on record one comes in with an electronic ID."""
        field = self["identity_number"]
        row = g.session.get(Person, self.person_id) if self.person_id is not None else None
        if row is None or not field.data or field.data == row.identity_number:
            return True
        try:
            authorise_way_in(g.session, g.actor, row.id)
        except Forbidden:
            words = gettext("This person decides in a plan: a new number could let another in.")
            field.errors = [words]
            return False
        return True

    def _is_new_address(self) -> bool:
        field = self["email"]
        if not field.data:
            return True
        index = blind_index("person.email", field.data)
        if self.reached_by(index) <= {self.person_id}:
            return True
        field.errors = [gettext("Somebody else has this e-mail address already.")]
        return False

    def reached_by(self, index: str) -> set[int]:
        """Whose address it is."""
        if self.addresses is not None:
            return set(self.addresses.get(index, ()))
        who = func.coalesce(Person.merged_into_id, Person.id)  # a closed double is oneself
        return set(g.session.scalars(select(who).where(Person.email_index == index)))

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


class PersonRows(RegisterRows):
    """A double that is closed is shown with the name of the one who is used. Who acts for the
    same person as the reader is a colleague's to look after."""

    def narrow(self, statement: Any) -> Any:
        return super().narrow(statement).where(Person.id.not_in(beside(g.session)))

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        if col != "name" or item.merged_into is None:
            return RegisterRows._get_attr_value(item, col)
        words = gettext("%(name)s (merged with %(other)s)", name=item, other=item.merged_into)
        return str(words)


class PersonRegister(RegisterView):
    """Whoever the municipality knows. A double that is closed is read, and not changed."""

    def can(self, verb: str, row: Any = None) -> bool:
        closed = verb == "edit" and row is not None and row.merged_into_id is not None
        return not closed and super().can(verb, row)

    def ways(self, row: Any) -> list[tuple[str, str]]:
        if row.merged_into is not None:
            words = gettext("See %(name)s", name=row.merged_into)
            return [(words, url_for("PersonView.show", pk=row.merged_into_id))]
        may = g.may("can_add", "Merging") and row.id != g.actor.person_id
        return [(gettext("Same person as …"), url_for("Merging.choose", pk=row.id))] * may


def register() -> type[RegisterView]:
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
        "Person", Person, N_("Persons"), fields, base=PersonRegister, rows=PersonRows,
        eager=(Person.department, Person.merged_into),
        shown=("name", "birth_date", "department", "organisation", "shown_phone", "shown_place"),
        more=("mail_returned_at",),
        labels={
            "mail_returned_at": N_("E-mail came back"),
            "department": N_("Department"), "shown_phone": N_("Telephone"),
            "shown_place": N_("Address"),
        },
        order=("name", "asc"), named=Person.id, taken_out=True, intake=known_rows.persons,
        **_person_fields(),
    )  # fmt: skip
    view.add_form = view.edit_form = type("PersonForm", (_PersonForm, view.add_form), {})
    return view
