"""The register of accounts (brukarkontoar): employees and their hats in the municipality."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from models.account import Membership
from models.i18n import N_
from models.people import Person, Representation
from models.plan import PlanRegister
from models.vocabulary import Role
from services.accounts import NameTaken, admit
from views.choices import WordsSetField
from views.fields import storable, stripped
from views.forms import Form
from views.office.person_field import PersonField
from views.office.register import RegisterView, declare
from views.office.registration import hand_over


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

    def can(self, verb: str, row: Any = None) -> bool:
        """One's own hat is changed by somebody else."""
        own = verb == "edit" and row is not None and row.person_id == g.actor.person_id
        return not own and super().can(verb, row)

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


def register() -> type[RegisterView]:
    view = declare(
        "Account", Membership, N_("Accounts"), {"roles": N_("Roles"), "active": N_("Active")},
        base=AccountRegister, named=Membership.person_id,
        eager=(Membership.person, Membership.account),
        shown=("person", "account", "roles", "active"),
        labels={"person": N_("Person"), "account": N_("Signs in as")},
        pages=("list", "show", "add", "edit"),
    )  # fmt: skip
    view.add_form = NewAccountForm
    return view
