"""Asking for guidance (be om rettleiing): a coordinator asks the coordinating unit, on one page."""

from __future__ import annotations

from flask import g, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import get_locale, gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from models.language import Language
from services.request_drafts import NoSuchDraft
from services.requests import ask_for_guidance, receipt
from views.engine import engine
from views.fields import storable, stripped
from views.forms import OnceForm
from views.realm import HandMade, Realm, needs, see_other


class GuidanceForm(OnceForm):
    words = TextAreaField(
        lazy_gettext("What do you wonder about?"),
        description=lazy_gettext("Write no names, and nothing that shows who the family is."),
        validators=[DataRequired(), Length(max=5000), storable],
        filters=[stripped],
    )


class Guidance(HandMade):
    realm = Realm.ACCOUNT
    route_base = "/account/guidance"
    class_permission_name = "Guidance"

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        form = GuidanceForm()
        if form.validate_on_submit():
            uid, words = str(form.uid.data), str(form.words.data)
            g.session.rollback()  # it is stored by the system, in a transaction of its own
            language = Language(str(get_locale()))
            ask_for_guidance(engine(), uid, words, g.actor.person_id, language)
            login["guidance"] = uid
            return see_other(url_for("Guidance.sent"))
        page = self.render_template(
            "form_page.html",
            title=gettext("Ask for guidance"),
            lead=gettext("The coordinating unit answers you. Nobody else reads what you write."),
            form=form,
            button=gettext("Send"),
            back=url_for("OwnTraining.page"),
        )
        return str(page), 422 if form.errors else 200

    @expose("/sent")
    @needs("write")
    def sent(self) -> str | Response:
        try:
            kept = receipt(engine(), login.get("guidance", ""))
        except NoSuchDraft:
            return see_other(url_for("Guidance.form"))
        title = gettext("Your question is sent")
        return str(self.render_template("guidance_sent.html", title=title, receipt=kept))
