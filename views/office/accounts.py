"""The register of accounts (brukarkontoar): employees and their hats in the municipality."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, g, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from models.account import Membership
from models.i18n import N_
from models.keys import key
from models.people import Person
from models.vocabulary import Role
from security.rights import LastAdministrator, giveable
from services import rights
from services.accounts import NameTaken, admit, is_in_a_plan
from services.apart import beside
from services.errors import Conflict
from views.choices import WordsSetField
from views.fields import storable, stripped
from views.forms import Form
from views.office.person_field import PersonField
from views.office.register import RegisterRows, RegisterView, declare
from views.office.registration import hand_over


class AccountRows(RegisterRows):
    """`state`: whether somebody can sign in with it, and has. What those sign in with who act
    for the same person as the reader may be how they are reached."""

    def narrow(self, statement: Any) -> Any:
        return super().narrow(statement).where(self.obj.person_id.not_in(beside(g.session)))

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        return state_of(item) if col == "state" else RegisterRows._get_attr_value(item, col)


def state_of(hat: Membership) -> str:
    """Whether somebody can sign in with it, and has, in words."""
    if not (hat.active and hat.account.active):
        return str(gettext("Shut"))
    if not hat.account.is_in_use:
        return str(gettext("Has not signed in yet"))
    return str(gettext("In use"))


class AccountRegister(RegisterView):
    """Employees' accounts and hats. People in a plan get their code from the coordinator."""

    fixed = ("person", "account")
    inside = ("NotLetIn",)

    def _add(self) -> dict[str, Any] | None:
        form = self.blank()
        if not form.validate_on_submit():
            return self._form("add", form)
        person = g.session.scalars(select(Person).where(Person.id == form.person_id.person_id))
        person = person.first() or abort(404)
        wrong = _why_not(person)
        if wrong:
            form.person_id.errors = [wrong]
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

    def blank(self) -> FlaskForm:
        """From the list of coordinators who cannot sign in, for one of them."""
        who = g.session.get(Person, key(request.args.get("coordinator", "0")))
        if who is None:
            return self.add_form()
        return self.add_form(
            data={"person_id": who.id, "login_name": who.email, "roles": {Role.COORDINATOR}}
        )

    def get_redirect(self) -> str:
        """Back to that list, where the next one stands."""
        return url_for("NotLetIn.list") if "coordinator" in request.args else super().get_redirect()

    def ways_from_the_list(self) -> list[tuple[str, str]]:
        there = (gettext("Coordinators who cannot sign in"), url_for("NotLetIn.list"))
        return [there, *super().ways_from_the_list()]

    def _edit(self, pk: str) -> dict[str, Any] | None:
        try:
            return super()._edit(pk)
        except LastAdministrator:
            g.session.rollback()
            form = self.edit_form(obj=self.row(pk))
            form.validate()
            form.roles.errors = [
                gettext("Somebody must be system administrator. Make another one first.")
            ]
            return self._form("edit", form)

    def can(self, verb: str, row: Any = None) -> bool:
        """One's own hat is changed by somebody else; that of an entry that is closed by nobody."""
        fixed = row is not None and (
            row.person_id == g.actor.person_id or row.person.merged_into_id is not None
        )
        return not (verb == "edit" and fixed) and super().can(verb, row)

    def ways(self, row: Any) -> list[tuple[str, str]]:
        try:
            rights.check(g.session, row)
        except Conflict:
            return []
        may = g.may("can_add", "Rights")
        return [(gettext("Make system administrator"), url_for("Rights.form", pk=row.id))] * may

    def post_add_redirect(self) -> Any:
        return hand_over(g.tickets, self.get_redirect())


def _why_not(person: Person) -> str:
    """Why somebody is not given an account here; empty when they are."""
    if person.id == g.actor.person_id:
        return str(gettext("Ask somebody else to change this for you."))
    if is_in_a_plan(g.session, person.id):
        return str(gettext("Owners and guardians get their start code from the coordinator."))
    shut = select(Membership.id).where(Membership.person_id == person.id, ~Membership.active)
    if g.session.scalars(shut).first() is not None:
        return str(gettext("This person has an account that is shut. Open it on its own page."))
    return ""


class _RolesForm(Form):
    """Offers the roles that the actor may give alone, and those the hat has in force; to an
    owner or a guardian no more than they have."""

    def __init__(self, *args: Any, obj: Membership | None = None, **kw: Any) -> None:
        super().__init__(*args, obj=obj, **kw)
        field: Any = self["roles"]
        field.choices = [one for one in field.choices if one[0] in _offered(obj)]


def _offered(hat: Membership | None) -> frozenset[Role]:
    may = giveable(g.actor.roles)
    if hat is None:
        return may
    has = hat.roles if hat.active else hat.roles - {Role.ADMINISTRATOR}
    return has if is_in_a_plan(g.session, hat.person_id) else has | may


def _roles(*rules: Any) -> WordsSetField:
    return WordsSetField(
        lazy_gettext("Roles"),
        Role,
        description=lazy_gettext("A system administrator is made on the page of the account."),
        validators=[*rules],
    )


class NewAccountForm(_RolesForm):
    person_id = PersonField(
        lazy_gettext("Person"), validators=[DataRequired(), Length(max=300), storable]
    )
    login_name = StringField(
        lazy_gettext("E-mail or user name"),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    roles = _roles(DataRequired())


def register() -> type[RegisterView]:
    view = declare(
        "Account", Membership, N_("Accounts"), {"roles": N_("Roles"), "active": N_("Active")},
        base=AccountRegister, named=Membership.person_id, rows=AccountRows,
        eager=(Membership.person, Membership.account),
        shown=("person", "account", "roles", "state"),
        labels={
            "person": N_("Person"), "account": N_("Signs in as"),
            "state": N_("State of the account"),
        },
        pages=("list", "show", "add", "edit"),
        roles=_roles(),
        active=BooleanField(
            lazy_gettext("Active"),
            description=lazy_gettext(
                "Without the tick nobody signs in here with it, and who is in is out at once."
            ),
        ),
    )  # fmt: skip
    view.edit_form = type("AccountForm", (_RolesForm, view.edit_form), {})
    view.add_form = NewAccountForm
    return view
