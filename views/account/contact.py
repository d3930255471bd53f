"""How one is reached (kontaktopplysningar): one's own e-mail address and mobile number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, g, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from models import contact
from models.contact import telephone
from models.i18n import N_
from models.people import Person
from services.own_contact import AddressTaken, change_contact
from services.sign_in import is_own_password
from views import anew
from views.fields import storable, stripped
from views.forms import Form
from views.realm import AccountPage, needs, see_other


class Reads:
    """It can be read as an address; `words`: what is said when not. One of the two is needed,
    so neither is said to be optional."""

    field_flags = {"required": True}

    def __init__(self, parse: Callable[[str], str], words: str) -> None:
        self.parse, self.words = parse, words

    def __call__(self, _form: Any, field: Any) -> None:
        try:
            if field.data:
                self.parse(field.data)
        except ValueError:
            raise ValidationError(gettext(self.words)) from None


_TEXT = (Length(max=200), storable)


class ContactForm(Form):
    email = StringField(
        lazy_gettext("E-mail"),
        filters=[stripped],
        validators=[*_TEXT, Reads(contact.email, N_("This is not an e-mail address."))],
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )
    phone = StringField(
        lazy_gettext("Mobile number"),
        filters=[stripped],
        validators=[*_TEXT, Reads(contact.phone, N_("This is not a telephone number."))],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    password = PasswordField(
        lazy_gettext("Your password"),
        description=lazy_gettext("So that we know it is you who changes this."),
        validators=[InputRequired(), *_TEXT],
        render_kw={"autocomplete": "current-password"},
    )
    kept_phone: str | None = None
    """A number that is not shown; it stays as it is when its field is left empty."""

    def validate_email(self, field: Any) -> None:
        if not (field.data or self.phone.data or self.kept_phone):
            raise ValidationError(gettext("Write at least one of the two, so that we reach you."))

    def wanted(self) -> tuple[str | None, str | None]:
        """E-mail address and number, each in its one form."""
        email, phone = self.email.data, self.phone.data
        return email and contact.email(email), contact.phone(phone) if phone else self.kept_phone


class OwnContact(AccountPage):
    """The password is asked again: whoever gets the letters is told what happens."""

    route_base = "/account/contact"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        form = _form(g.session.get_one(Person, g.actor.person_id))
        valid = form.validate_on_submit()
        if valid and anew.provider_name() and not anew.is_shown():
            return anew.send_to_show()
        if valid and _change(form):
            login.keep(None)  # type: ignore[attr-defined]
            flash(gettext("This is how we reach you from now on."), "success")
            return see_other(url_for("MyAccount.page"))
        g.session.rollback()
        page = self.render_template(
            "form_page.html",
            title=gettext("How we reach you"),
            lead=_lead(),
            form=form,
            back=url_for("MyAccount.page"),
        )
        return str(page), 422 if form.errors else 200


def _lead() -> str:
    where = gettext("Your notices go here. What you sign in with stays the same.")
    name = anew.provider_name()
    if not name:
        return str(where)
    before = gettext("When you save, you show once more who you are with %(name)s.", name=name)
    after = gettext("You have shown who you are with %(name)s. Save now.", name=name)
    return f"{where} {after if anew.is_shown() else before}"


def _form(me: Person) -> ContactForm:
    shown = me.shown_phone
    now = {"email": me.email, "phone": telephone(shown) if shown else None}
    form = ContactForm(**(anew.kept() or now))
    if anew.provider_name():
        del form.password
    if me.phone and not shown:
        form.kept_phone = me.phone
        form.phone.description = gettext("Stored, but not shown. Left empty, it stays as it is.")
    return form


def _change(form: ContactForm) -> bool:
    """The password first: an address is told to be taken to nobody who only found the page."""
    if form.password and not is_own_password(
        g.session, g.session.get_bind(), form.password.data or ""
    ):
        form.password.errors = [gettext("That is not your password.")]
        return False
    try:
        change_contact(g.session, *form.wanted())
    except AddressTaken:
        form.email.errors = [
            gettext("This e-mail address is in use already. If it is yours, call the municipality.")
        ]
        return False
    return True
